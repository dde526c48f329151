"""Checks of a message before anybody acts on it: the sender's domain, and viruses."""
