"""Erasing a person while the record still verifies.

Names live in rows and entries hold ids, so erasing is deleting or blanking rows. Slices register
what they hold about a person; every type of entry that mentions one of their ids must have said
what then becomes of it, or nothing is erased at all.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import models

from hemicycle.record import clock, writer
from hemicycle.record.entry_registry import entry_type
from hemicycle.record.models import Entry, Note

Eraser = Callable[[UUID, writer.Writer], list[str]]
"""Blanks a slice's rows about a person and returns their ids (32 hexadecimal digits each)."""

_erasers: list[Eraser] = []


def register(eraser: Eraser) -> Eraser:
    """Add a slice's eraser; later slices, whose rows point to earlier ones, come first."""
    _erasers.insert(0, eraser)
    return eraser


def erase(*, hearing: UUID, person: UUID, actor: writer.Actor) -> list[str]:
    """Erase a person from a hearing; returns the ids that now point to nothing.

    Raises `ErasureUndeclared`, with nothing changed, where an entry type does not say what it does.
    """
    with writer.writing(hearing, actor=actor) as record:
        ids = [row for eraser in _erasers for row in eraser(person, record)]
        for entry in _mentioning(hearing, [person.hex, *ids]):
            entry_type(entry.kind).erasure(entry.kind, entry.fields())
        record.append("person.erased", {"person": person.hex, "rows": len(ids)})
    return ids


def erase_note(record: writer.Writer, key: str) -> None:
    """Blank the words behind an entry; their key stays in the entry."""
    Note.objects.filter(key=key).update(text="", salt=b"", erased_at=clock.now())


def _mentioning(hearing: UUID, ids: list[str]) -> models.QuerySet[Entry]:
    mentions = models.Q()
    for one in ids:
        mentions |= models.Q(body__contains=one) | models.Q(actor=one)
    return Entry.objects.filter(mentions, hearing=hearing)
