"""Tables of the office as files: short ones at once, long ones made by the worker."""
