"""Tables of the office as files: short ones are made in the request, long ones by the worker."""
