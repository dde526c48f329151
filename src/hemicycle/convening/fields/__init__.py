"""Modules for groups of fields; they take the note and return findings with passages."""
