"""Building archives: the worker does it, each as a job of the queue (`hearing.jobs`).

A page requests an archive (`want`) and never builds one, which reads a whole hearing. The writing
of a zip cannot be resumed: a job whose worker was killed, or has to end, begins again.
"""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from datetime import timedelta
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files.base import File
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.hearing.jobs import kinds, queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.jobs.stored_files import drop, stored_first
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive.models import Archive
from hemicycle.record import clock, writer
from hemicycle.record.models import Head
from hemicycle.record.writer import Actor

KIND = "archives"
REST = timedelta(minutes=5)
"""How long after a failed or cancelled build a visitor's request begins no new one."""
STEP = 10
"""How many files are written between two checks for a cancelled job."""
BUILDER = Actor.system("archives")


# ── Asking ────────────────────────────────────────────────────────────────────────────────────
def want(hearing: Hearing, *, public: bool, insists: bool = False) -> None:
    """Request an archive; makes one query if it is requested already.

    For the time `REST` after a failed or cancelled build, begin again only if the caller `insists`.
    """
    job = newest(hearing, public=public)
    if job is not None and not job.is_finished:
        return
    if job is not None and _rests(job) and not insists:
        return
    _begin(hearing.pk, public=public)


def newest(hearing: Hearing, *, public: bool) -> Job | None:
    """Return the job that builds an archive, or built it last; None if it no longer exists."""
    return queue.newest(KIND, _key(hearing.pk, public=public))


def _begin(hearing: uuid.UUID, *, public: bool) -> None:
    key = _key(hearing, public=public)
    queue.begin(KIND, key=key, asker=f"hearing:{hearing.hex}", total=1)  # deleted with the hearing


def _key(hearing: uuid.UUID, *, public: bool) -> str:
    return f"{hearing.hex}:{'public' if public else 'whole'}"


def _rests(job: Job) -> bool:
    in_vain = job.state in {Job.State.FAILED, Job.State.STOPPED}
    return in_vain and job.finished_at is not None and clock.now() - job.finished_at < REST


# ── Building ──────────────────────────────────────────────────────────────────────────────────
def run(job: Job) -> None:
    """Build the archive, store it, and end the job."""
    from hemicycle.outcome.archive import export  # it imports libraries that few pages need

    hearing_id, which = job.key.split(":")
    hearing, public = Hearing.every.filter(pk=uuid.UUID(hex=hearing_id)).first(), which == "public"
    if hearing is None:
        raise kinds.JobRefused("gone", _("This hearing has been deleted."))
    with writer.writing(hearing.pk, actor=BUILDER):
        pass  # waits until a running erasure has ended; one that begins later restarts this job
    queue.begin_again(job)
    total = export.expected(hearing, public=public) + 1  # the last step is to store it
    queue.advance(job, done=0, total=total, is_kept=False)
    seq = Head.objects.get(hearing=hearing.pk).seq  # the file has at least these
    with TemporaryFile(dir=settings.DATA_DIR) as draft:  # unnamed: a kill leaves no file
        with _aside() as aside:

            def report(count: int) -> None:
                if count % STEP == 0:
                    done = min(count, total - 1)
                    aside(lambda: queue.advance(job, done=done, total=total, is_kept=False))

            count = export.write_zip(hearing, draft, public=public, report=report)
        queue.advance(job, done=total - 1, total=total, is_kept=False)
        name = f"{uuid.uuid4().hex}.zip"
        packed = File(draft, name)
        built = {"built_at": clock.now(), "size": packed.size, "files": count, "seq": seq}
        with stored_first(Archive, name, packed) as stored, transaction.atomic():
            queue.finish(job)  # first: `discard` looks at jobs before files
            before = Archive.objects.filter(hearing=hearing, is_public=public).first()
            Archive.objects.update_or_create(
                hearing=hearing, is_public=public, defaults={**built, "file": stored.take()}
            )
            drop((before and before.file.name) or "")


BUILDING = kinds.JobKind(KIND, run, most_waiting=20)


@contextmanager
def _aside() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Yield a function that does database work outside the transaction that reads the hearing.

    That transaction cannot write (`read_transaction`), so the work is done in another thread with a
    connection of its own. If the caller has a transaction, whose rows another connection would not
    see, the work is done in it.
    """
    if connection.in_atomic_block:
        yield lambda work: work()
        return

    def fresh(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix=KIND) as pool:
        yield lambda work: pool.submit(copy_context().run, fresh, work).result()


# ── Discarding ────────────────────────────────────────────────────────────────────────────────
_held: ContextVar[frozenset[uuid.UUID]] = ContextVar("archives_held", default=frozenset())
"""Hearings whose archives are built later."""


@contextmanager
def held(hearing: uuid.UUID) -> Iterator[None]:
    """Build a hearing's archives only after the block, which erases several people from them.

    A build that began between two erasures would only be discarded. The jobs wait in the queue, so
    the archives are built even if the process is killed in the block.
    """
    token = _held.set(_held.get() | {hearing})
    try:
        yield
    finally:
        _held.reset(token)
        if hearing not in _held.get():
            queue.let_go(_jobs(hearing))


def discard(hearing: uuid.UUID) -> None:
    """Delete a hearing's built archives, which contain data that must be removed.

    Call it inside a transaction. The public archive is built again, and archives that are being
    built begin again. The order matters: a job that ends at this moment is either restarted, or its
    archive is found and deleted.
    """
    queue.restart(_jobs(hearing))
    discarded = list(Archive.objects.filter(hearing=hearing).exclude(file=""))
    for archive in discarded:
        drop(archive.file.name or "")
    Archive.objects.filter(pk__in=[archive.pk for archive in discarded]).update(
        built_at=None, file="", size=0, files=0, seq=0
    )
    if any(archive.is_public for archive in discarded):
        _begin(hearing, public=True)
    if hearing in _held.get():
        queue.put_off(_jobs(hearing))


def _jobs(hearing: uuid.UUID) -> QuerySet[Job]:
    return Job.objects.filter(kind=KIND, key__startswith=f"{hearing.hex}:", finished_at=None)
