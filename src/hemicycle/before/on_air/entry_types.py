"""The entry about a choice of what is seen and heard of somebody."""

from hemicycle.record.entry_registry import declare, ids_only

CHOSEN = declare("on_air.chosen", "owner", "slots", erasure=ids_only("owner", "slots")).name
"""`owner` is the registration or panel member, `slots` their places. What was chosen stands in the
row, where it can be erased. The media engine waits for it from this entry on, and protects the most
meanwhile (`engine/control/record_follower.py`)."""
