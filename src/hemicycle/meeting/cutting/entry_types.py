"""The entries about cuts out of recordings: ids, times and codes."""

from hemicycle.record.entry_registry import declare, ids_only

CUT = declare(
    "recording.cut",
    *("cut", "meeting", "slot", "from_ms", "to_ms", "trail_ms", "reason", "only_text"),
    erasure=ids_only("slot"),
).name
"""A cut was ordered; `to_ms` is 0 while the part has not ended."""

CUT_DONE = declare(
    "recording.cut_done", "cut", "slot", "from_ms", "to_ms", erasure=ids_only("slot")
).name
"""Nothing of the part is left in the recording."""
