"""Checks of a message before anybody acts on it: its sender's domain, viruses."""
