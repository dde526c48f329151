"""Erase a person while the record still verifies.

Names are in rows and entries hold ids, so erasing means deleting or blanking rows. Each app does so
for its own rows when it receives `person_erased`. Every entry type that mentions one of their ids
must declare what happens to the entry; otherwise nothing is erased.

If one kind of data cannot be erased, because its file is locked or its code has a fault, all other
kinds are still erased: the failure is noted (`UnfinishedErasure`), shown to the secretariat, and
tried again every day. Erased people are also added to a list outside the database (`erased_list`),
so that restoring a backup does not bring them back.
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
"""The value in `UnfinishedErasure.kinds` if nothing of a person could be erased."""


def erase(*, hearing: UUID, person: UUID, actor: writer.Actor) -> list[str]:
    """Erase a person from a hearing; return the ids that no longer point to a row.

    `unfinished` lists what could not be erased. The entry `person.erased` is written when nothing
    is left to erase. Raises `ErasureUndeclared`, with nothing changed, if an entry type has no
    declared erasure.
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
    """Call an eraser in its own savepoint; if it raises, log the error and return None."""
    try:
        with transaction.atomic():
            return eraser(*args, **kwargs)
    except Exception:
        log.exception("the eraser %s failed in hearing %s", kind, hearing)
        return None


def name_of(eraser: Callable[..., Any]) -> str:
    """Return the name of an eraser for the log, the secretariat's page and the table of data."""
    return f"{eraser.__module__}.{eraser.__name__}"


def note_failures(hearing: UUID, person: str, failed: list[str]) -> None:
    """Note which erasers failed; an empty list means that the erasure is complete."""
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
    """Return the hearing's erasures that are not complete."""
    return UnfinishedErasure.objects.filter(hearing=hearing).order_by("first_at")


def erase_note(record: writer.Writer, key: str) -> None:
    """Blank the text of a note; its key stays in the entry."""
    Note.objects.filter(key=key).update(text="", salt=b"", erased_at=clock.now())


def _mentioning(hearing: UUID, ids: list[str]) -> models.QuerySet[Entry]:
    mentions = models.Q()
    for id in ids:
        mentions |= models.Q(body__contains=id) | models.Q(actor=id)
    return Entry.objects.filter(mentions, hearing=hearing)
