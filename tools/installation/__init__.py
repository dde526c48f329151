"""A machine of its own on which the handbook's commands are run: `python -m tools.installation`."""
