"""Who may see and work the pages of those who run a meeting."""

from hemicycle.hearing.people.models import Role

PRESSING = (Role.MODERATOR, Role.SECRETARIAT)
"""Who presses the keys of the console."""

WATCHING = (*PRESSING, Role.TECHNICIAN, Role.INTERPRETER)
"""Who sees the console and the hall with picture and sound."""

TENDING = (Role.TECHNICIAN, Role.SECRETARIAT)
"""Who sees the technician's page."""
