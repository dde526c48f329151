"""Erasing a person while the record still verifies.

Names live in rows and entries hold ids, so erasing is deleting or blanking rows. Each app does so
for its own rows when it receives `person_erased`. Every type of an entry that mentions one of their
ids must say what then becomes of the entry, or nothing is erased at all.

One kind of data that cannot be erased, because its file is locked or its code has a fault, keeps no
other: what failed is noted (`UnfinishedErasure`), shown to the office and tried again every day.
Who was erased is also told to a list outside the database (`erased_list`), so that a backup that is
restored does not bring anybody back.
"""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import models, transaction

from hemicycle import security_log
from hemicycle.record import clock, erased_list, writer
from hemicycle.record.entry_registry import entry_type
from hemicycle.record.models import Entry, Note, UnfinishedErasure
from hemicycle.record.signals import identity_erased, person_erased
from hemicycle.security_log import SecurityEvent

log = logging.getLogger(__name__)

WHOLE = "whole"
"""What `UnfinishedErasure.kinds` says where nothing of a person could be erased."""


def erase(*, hearing: UUID, person: UUID, actor: writer.Actor) -> list[str]:
    """Erase a person from a hearing; returns the ids that now point to nothing.

    What could not be erased is found by `unfinished`; the record says `person.erased` once nothing
    is left. Raises `ErasureUndeclared`, with nothing changed, where an entry type does not say what
    it does.
    """
    with writer.writing(hearing, actor=actor) as record:
        ids, failed = [], []
        for eraser in reversed(list(person_erased)):
            rows = attempt(name_of(eraser), hearing, eraser, person, record)
            if rows is None:
                failed.append(name_of(eraser))
            else:
                ids += rows
        for last in reversed(list(identity_erased)):
            ids += last(person, record, not failed)
        for entry in _mentioning(hearing, [person.hex, *ids]):
            entry_type(entry.kind).erasure(entry.kind, entry.fields())
        note_failures(hearing, person.hex, failed)
        if not failed:
            record.append("person.erased", {"person": person.hex, "rows": len(ids)})
            security_log.note(
                SecurityEvent.ERASED, hearing=hearing, person=person, actor=actor.id, count=len(ids)
            )
        at = record.now
        transaction.on_commit(lambda: erased_list.add(hearing, person, at), robust=True)
    return ids


def attempt[**P, R](
    kind: str, hearing: UUID, eraser: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R | None:
    """Call an eraser in a savepoint of its own; log what it raises and return None then."""
    try:
        with transaction.atomic():
            return eraser(*args, **kwargs)
    except Exception:
        log.exception("the eraser %s failed in hearing %s", kind, hearing)
        return None


def name_of(eraser: Callable[..., Any]) -> str:
    """What an eraser is called in the log, on the office's page and in the table of data."""
    return f"{eraser.__module__}.{eraser.__name__}"


def note_failures(hearing: UUID, person: str, failed: list[str]) -> None:
    """Keep in mind which erasers failed; none means that nothing is left to do."""
    rows = UnfinishedErasure.objects.filter(hearing=hearing, person=person)
    if not failed:
        rows.delete()
        return
    now = clock.now()
    changed = rows.update(kinds=failed, attempts=models.F("attempts") + 1, last_at=now)
    if not changed:
        UnfinishedErasure.objects.create(
            hearing=hearing, person=person, kinds=failed, attempts=1, first_at=now, last_at=now
        )


def unfinished(hearing: UUID) -> models.QuerySet[UnfinishedErasure]:
    """The erasures of a hearing of which something is left to do."""
    return UnfinishedErasure.objects.filter(hearing=hearing).order_by("first_at")


def erase_note(record: writer.Writer, key: str) -> None:
    """Blank the words behind an entry; their key stays in the entry."""
    Note.objects.filter(key=key).update(text="", salt=b"", erased_at=clock.now())


def _mentioning(hearing: UUID, ids: list[str]) -> models.QuerySet[Entry]:
    mentions = models.Q()
    for id in ids:
        mentions |= models.Q(body__contains=id) | models.Q(actor=id)
    return Entry.objects.filter(mentions, hearing=hearing)
