"""Entries about consents: ids and codes."""

from hemicycle.record.entry_registry import declare, ids_only

GIVEN = declare("consent.given", "registration", "use", erasure=ids_only("registration")).name
WITHDRAWN = declare(
    "consent.withdrawn", "registration", "use", erasure=ids_only("registration")
).name

SEAT_GIVEN = declare("consent.seat_given", "slot", "use", erasure=ids_only("slot")).name
SEAT_WITHDRAWN = declare("consent.seat_withdrawn", "slot", "use", erasure=ids_only("slot")).name
"""A panellist or moderator has withdrawn a consent for one seat."""
