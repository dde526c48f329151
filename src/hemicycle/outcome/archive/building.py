"""Building archives: requested by a row, built by the worker, one after the other.

A page requests an archive (`want`) and never makes one: building reads a whole hearing. The row is
the request; the job in the queue (`hearing.jobs`) only wakes the worker.
"""

import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.jobs.stored_files import StoredFirst, drop, stored_first
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive.models import Archive
from hemicycle.record import clock
from hemicycle.record.models import Head

log = logging.getLogger(__name__)

KIND = "archives"
REST_AFTER_FAILURE = timedelta(minutes=5)
"""An archive that could not be built, on a full disk for example, is not tried again sooner."""


def want(hearing: Hearing, *, public: bool, insists: bool = False) -> None:
    """Request an archive; costs one query if it is requested already.

    An archive that failed a moment ago is tried again only if the caller `insists`.
    """
    row = Archive.objects.filter(hearing=hearing, is_public=public).first()
    if row is not None and (row.wanted_at or (_rests(row) and not insists)):
        return
    Archive.objects.update_or_create(
        hearing=hearing,
        is_public=public,
        defaults={"wanted_at": clock.now(), "begun_at": None, "failed_at": None},
    )
    schedule()


def _rests(row: Archive) -> bool:
    return row.failed_at is not None and clock.now() - row.failed_at < REST_AFTER_FAILURE


def schedule() -> None:
    """Queue a job to build requested archives, unless one is waiting."""
    if Archive.objects.exclude(wanted_at=None).exists():
        queue.knock(KIND)


def build_wanted() -> int:
    """Build all archives that are wanted; returns how many."""
    count = 0
    while (archive := _claimed()) is not None:
        _build(archive)
        count += 1
    return count


def _do(job: Job) -> None:
    build_wanted()


BUILDING = kinds.JobKind(KIND, _do, most_waiting=1)


def _claimed() -> Archive | None:
    """Return the archive that was requested first.

    One worker at a time builds archives, so a started one was lost with its worker.
    """
    now = clock.now()
    wanted = Archive.objects.exclude(wanted_at=None)
    for row in wanted.select_related("hearing").order_by("wanted_at"):
        if wanted.filter(pk=row.pk, begun_at=row.begun_at).update(begun_at=now):
            row.begun_at = now
            return row
    return None


def _build(archive: Archive) -> None:
    from hemicycle.outcome.archive import export  # it imports libraries that few pages need

    name = f"{uuid.uuid4().hex}.zip"
    try:
        seq = Head.objects.get(hearing=archive.hearing_id).seq  # the file holds that, perhaps more
        with TemporaryFile(dir=settings.DATA_DIR) as draft:  # has no name: a kill leaves nothing
            count = export.write_zip(archive.hearing, draft, public=archive.is_public)
            packed = File(draft, name)
            done = {"built_at": clock.now(), "size": packed.size, "files": count, "seq": seq}
            with stored_first(Archive, name, packed) as stored:
                _finish(archive, done, stored)
    except Exception:
        log.exception("an archive of the hearing %s could not be built", archive.hearing.slug)
        _finish(archive, {"failed_at": clock.now()})


def _finish(archive: Archive, done: dict[str, Any], stored: StoredFirst | None = None) -> None:
    """Replace the old file by the new one, unless it was discarded while it was built."""
    claimed = Archive.objects.filter(pk=archive.pk, begun_at=archive.begun_at)
    if stored:
        done = {**done, "file": stored.name}
    with transaction.atomic():
        if claimed.update(wanted_at=None, begun_at=None, **done) and stored:
            stored.take()
            drop(archive.file.name or "")


_held: ContextVar[Mapping[uuid.UUID, set[int]]] = ContextVar(
    "archives_held", default=MappingProxyType({})
)
"""Hearings whose archives are built later, and which of them."""


@contextmanager
def held(hearing: uuid.UUID) -> Iterator[None]:
    """Discard a hearing's archives once for all that the block takes away, and build them after it.

    A build that began between two erasures would only be thrown away.
    """
    later: set[int] = set()
    token = _held.set({**_held.get(), hearing: later})
    try:
        yield
    finally:
        _held.reset(token)
        if later:
            Archive.objects.filter(pk__in=later).update(wanted_at=clock.now())
            schedule()


def discard(hearing: uuid.UUID) -> None:
    """Delete a hearing's built archives, inside a transaction: they contain data that must be gone.

    The public's is built again, and so is one that is requested or being built.
    """
    rows = Archive.objects.filter(hearing=hearing).exclude(file="", begun_at=None, wanted_at=None)
    discarded = list(rows.select_for_update())  # one that is being finished has its file by then
    if not discarded:
        return
    for archive in discarded:
        drop(archive.file.name or "")
    Archive.objects.filter(pk__in=[archive.pk for archive in discarded]).update(
        wanted_at=None, begun_at=None, built_at=None, file="", size=0, files=0, seq=0
    )
    again = {archive.pk for archive in discarded if archive.is_public or archive.wanted_at}
    if (later := _held.get().get(hearing)) is not None:
        later |= again
    elif again:
        Archive.objects.filter(pk__in=again).update(wanted_at=clock.now())
        schedule()
