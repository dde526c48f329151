"""The entry about a choice of what is seen and heard of a person."""

from hemicycle.record.entry_registry import declare, ids_only

CHOSEN = declare("on_air.chosen", "owner", "slots", erasure=ids_only("owner", "slots")).name
"""`owner` is the registration or panel member, `slots` their slots.

The choice itself is in the row, where it can be erased. The media engine applies the strictest
protection from this entry on, until the configuration has the new choice
(`engine/control/record_follower.py`).
"""
