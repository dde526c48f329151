"""One module for each group of fields; each takes the note and returns findings with passages."""
