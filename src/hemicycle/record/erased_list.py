"""The list of erased people, in a file outside the database.

Restoring a backup brings back everyone who was erased after the backup was made. When the worker
starts, it erases those of them again who are on this list (`replay`). So an operator who restores a
backup must keep the newest list. The list holds random ids and times, no names.
"""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from hemicycle.record.models import Entry, Head, RemovedPerson

log = logging.getLogger(__name__)

KIND = "person.erased"


def add(hearing: UUID, person: UUID, at: int) -> None:
    """Add a line: hearing, person, and time in ms since the Unix epoch. Raises `OSError`."""
    line = json.dumps({"hearing": hearing.hex, "person": person.hex, "at": at})
    file = Path(settings.ERASED_LIST)
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def add_removed(hearing: UUID, people: Iterable[UUID], at: int) -> None:
    """Add the people who are deleted with a whole hearing, in the transaction that deletes it.

    They are also noted in the database, where the other machines find them (`complete`).
    """
    people = list(people)
    RemovedPerson.objects.bulk_create(
        RemovedPerson(removed_hearing=hearing, person=person, at=at) for person in people
    )
    for person in people:
        transaction.on_commit(partial(add, hearing, person, at), robust=True)


def read() -> Iterator[tuple[UUID, UUID]]:
    """Yield the hearing and the person of each line, without repetition; skip broken lines."""
    file = Path(settings.ERASED_LIST)
    seen = set()
    for line in file.read_text("utf-8", "replace").splitlines() if file.exists() else ():
        try:
            told = json.loads(line)
            pair = UUID(told["hearing"]), UUID(told["person"])
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("a line of %s cannot be read and is passed over", file)
            continue
        if pair not in seen:
            seen.add(pair)
            yield pair


def brought_back() -> list[tuple[UUID, UUID]]:
    """Return the listed (hearing, person) pairs whose erasure is not in this database's record.

    Hearings that this database does not have are left out.
    """
    listed = list(read())
    if not listed:
        return []
    hearings = set(Head.objects.values_list("hearing", flat=True))
    entries = Entry.objects.filter(kind=KIND)
    done = {(entry.hearing, UUID(entry.fields()["person"])) for entry in entries}
    return [pair for pair in listed if pair[0] in hearings and pair not in done]


def replay(erase: Callable[[UUID, UUID], bool]) -> int:
    """Call `erase(hearing, person)` for everyone brought back; return how often it returned True.

    An erasure that fails is logged and does not stop the others.
    """
    number = 0
    for hearing, person in brought_back():
        try:
            number += erase(hearing, person)
        except Exception:
            log.exception("somebody whom a backup brought back could not be erased again")
    return number


def complete() -> None:
    """Add erasures that the list lacks, for example after a full disk.

    This includes erasures by other machines, and people who were deleted with a hearing.
    """
    listed = set(read())
    for entry in Entry.objects.filter(kind=KIND).order_by("id"):
        pair = entry.hearing, UUID(entry.fields()["person"])
        if pair not in listed:
            add(*pair, entry.at)
    for row in RemovedPerson.objects.order_by("id"):
        if (row.removed_hearing, row.person) not in listed:
            add(row.removed_hearing, row.person, row.at)
