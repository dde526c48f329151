"""Erasing a person while the record still verifies.

Names live in rows and entries hold ids, so erasing is deleting or blanking rows. Each app does so
for its own rows when it receives `person_erased`. Every type of an entry that mentions one of their
ids must say what then becomes of the entry, or nothing is erased at all.
"""

from uuid import UUID

from django.db import models

from hemicycle import security_log
from hemicycle.record import clock, writer
from hemicycle.record.entry_registry import entry_type
from hemicycle.record.models import Entry, Note
from hemicycle.record.signals import person_erased
from hemicycle.security_log import SecurityEvent


def erase(*, hearing: UUID, person: UUID, actor: writer.Actor) -> list[str]:
    """Erase a person from a hearing; returns the ids that now point to nothing.

    Raises `ErasureUndeclared`, with nothing changed, where an entry type does not say what it does.
    """
    with writer.writing(hearing, actor=actor) as record:
        ids = [row for eraser in reversed(list(person_erased)) for row in eraser(person, record)]
        for entry in _mentioning(hearing, [person.hex, *ids]):
            entry_type(entry.kind).erasure(entry.kind, entry.fields())
        record.append("person.erased", {"person": person.hex, "rows": len(ids)})
        security_log.note(
            SecurityEvent.ERASED, hearing=hearing, person=person, actor=actor.id, count=len(ids)
        )
    return ids


def erase_note(record: writer.Writer, key: str) -> None:
    """Blank the words behind an entry; their key stays in the entry."""
    Note.objects.filter(key=key).update(text="", salt=b"", erased_at=clock.now())


def _mentioning(hearing: UUID, ids: list[str]) -> models.QuerySet[Entry]:
    mentions = models.Q()
    for id in ids:
        mentions |= models.Q(body__contains=id) | models.Q(actor=id)
    return Entry.objects.filter(mentions, hearing=hearing)
