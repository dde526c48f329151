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
BALANCED = declare(
    "list.balanced",
    *("segment", "attribute", "bound", "shares", "arrival", "current", "fixed"),
    *("names", "groups", "groups_note", "moves", "note"),
    erasure=ids_only("arrival", "groups_note", "note"),
).name
"""A proposal of the balance adviser was accepted; the entries of its moves follow.

`arrival` has the ids in order of arrival. All other people are indexes into it: `current` is the
order before, `fixed` are those who stayed in place, `moves` are pairs of a speaker and the one in
front of whom they were put (None: the end). `groups` has for each of `arrival` an index into
`names`, None for no group. If groups reveal something about a person, both are empty, and the note
`groups_note` holds them.
"""
