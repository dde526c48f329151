"""A separate machine on which the handbook's commands are run: `python -m tools.installation`."""
