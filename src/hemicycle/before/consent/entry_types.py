"""Entries about consents: ids and codes."""

from hemicycle.record.entry_registry import declare, ids_only

GIVEN = declare("consent.given", "registration", "use", erasure=ids_only("registration")).name
WITHDRAWN = declare(
    "consent.withdrawn", "registration", "use", erasure=ids_only("registration")
).name
