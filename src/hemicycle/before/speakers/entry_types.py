"""Entries about the order of the lists of speakers until their panel opens."""

from hemicycle.record.entry_registry import declare, ids_only, nothing_personal

MOVED = declare(
    "speaker.moved",
    *("inscription", "before", "note"),
    erasure=ids_only("inscription", "before", "note"),
).name
RANKED = declare("speaker.ranked", "inscription", "rank", erasure=ids_only("inscription")).name
RULE_CHANGED = declare(
    "list.rule_changed", "kind", "tracks", "counts", erasure=nothing_personal
).name
