"""What is known about a message before anybody acts on it: its sender, and viruses in it."""
