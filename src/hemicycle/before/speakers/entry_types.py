"""Entries about the order of the lists of speakers until their panel opens."""

from uuid import UUID

from hemicycle.before.registration.models import Inscription
from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only, nothing_personal
from hemicycle.record.models import Entry
from hemicycle.record.writer import Writer

MOVED = declare(
    "speaker.moved",
    *("inscription", "before", "note"),
    erasure=ids_only("inscription", "before", "note"),
).name
RANKED = declare("speaker.ranked", "inscription", "rank", erasure=ids_only("inscription")).name
RULE_CHANGED = declare(
    "list.rule_changed", "kind", "tracks", "counts", erasure=nothing_personal
).name


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Blank the words said about a person's places; the places stay, so that no list shifts."""
    rows = Inscription.objects.filter(registration__person=person, hearing_id=record.hearing)
    ids = [row.hex for row in rows.values_list("id", flat=True)]
    for slot in ids:
        for entry in Entry.objects.filter(hearing=record.hearing, body__contains=slot):
            if key := entry.fields().get("note"):
                erasure.erase_note(record, key)
    return ids
