"""Entries about the lists of speakers before their panel opens; from then on the floor has its own."""

from hemicycle.record.registry import declare, ids_only, nothing_personal

_place = ("inscription", "registration", "segment", "track", "place")
declare("speaker.inscribed", *_place, erasure=ids_only("inscription", "registration"))
declare("speaker.reinstated", *_place, erasure=ids_only("inscription", "registration"))
declare("speaker.withdrawn", "inscription", "cause", erasure=ids_only("inscription"))
declare("speaker.replaced", "inscription", "person", erasure=ids_only("inscription", "person"))
declare(
    "speaker.moved",
    *("inscription", "before", "note"),
    erasure=ids_only("inscription", "before", "note"),
)
declare("speaker.ranked", "inscription", "rank", erasure=ids_only("inscription"))
declare("speaker.language_changed", "inscription", "language", erasure=ids_only("inscription"))
declare("list.rule_changed", "kind", "tracks", "counts", erasure=nothing_personal)
