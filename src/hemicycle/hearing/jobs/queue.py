"""The queue: add jobs, take them and end them.

A claim is a compare-and-swap: the worker that changes the row from the values it read has the job.
The database allows one running job of a kind, so of two workers that take two jobs of a kind at the
same moment, only one succeeds. A worker ends a job by its attempt number, so a worker that has lost
its claim ends nothing.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import PurePath
from statistics import median
from typing import Any

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from hemicycle.hearing.jobs import kinds, stored_files
from hemicycle.hearing.jobs.models import Job
from hemicycle.record import clock

State = Job.State
MOST_OF_ONE = 5
"""The most unfinished jobs of one registration or one person."""
MOST_OF_NETWORK = 60
"""The most unfinished jobs from one network: enough for an office at its deadline, no flood."""
HELD_FOR = timedelta(minutes=1)
PAUSE = timedelta(seconds=30)
"""How long no worker takes a job that was put off or postponed."""
LEFT_AFTER = timedelta(minutes=2)
"""If a job waits for this long, and none was started in that time, no worker runs."""
KEPT_FOR = timedelta(days=2)
"""How long an ended job is shown to its owner."""
LATELY = 20
"""The number of recently ended jobs from which the usual time is computed."""
_GONE: dict[str, Any] = {"file": "", "size": 0, "network": "", "once": None, "held_until": None}
"""Fields that are cleared when a job ends."""


class QueueFull(Exception):
    """Raised if too many jobs wait to take another one. `sentence` says when to ask again.

    `code` says whose jobs are too many: `own`, `network` or `all`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def sentence(self) -> str:
        """The reason, in the language now active."""
        if self.code == "own":
            said = ngettext(
                "%(n)s of your files is still being read. Send this one when we have read it.",
                "%(n)s of your files are still being read. Send this one when we have read them.",
                MOST_OF_ONE,
            )
            return said % {"n": MOST_OF_ONE}
        return _("Many files are being read at the moment. Send this one again in a few minutes.")


class JobGone(Exception):
    """Raised when a worker no longer has a job: cancelled, erased, or given to another worker."""


class JobStopped(Exception):
    """Raised by `advance` in a job that its owner has cancelled. What is done so far is kept."""


class JobInterrupted(Exception):
    """Raised by `advance` when the worker has to end; another worker continues the job."""


# ── Asking ────────────────────────────────────────────────────────────────────────────────────
def ask(
    kind: str,
    *,
    key: str,
    asker: str,
    network: str = "",
    data: dict[str, Any] | None = None,
    file: "File[Any]",
    file_name: str,
) -> Job:
    """Queue a job for a file, which is stored until the job has ended.

    Failed jobs with the same subject and owner are deleted. Raises `QueueFull`, and `OSError` if
    the file cannot be stored. The counts are taken without a lock: two callers at the same moment
    may exceed a limit by one.
    """
    _check_room(kind, asker, network)
    forget(Job.objects.filter(kind=kind, key=key, asker=asker, state=State.FAILED))
    job = Job(
        kind=kind,
        key=key,
        asker=asker,
        network=network,
        data=data or {},
        file_name=PurePath(file_name.replace("\0", "")).name[:255],
        size=file.size,
        language=get_language() or "",
        asked_at=clock.now(),
    )
    with stored_files.stored_first(Job, secrets.token_hex(16), file) as stored:
        job.file = stored.take()
        job.save(force_insert=True)
    return job


def _check_room(kind: str, asker: str, network: str) -> None:
    waiting = unfinished()
    if waiting.filter(asker=asker).count() >= MOST_OF_ONE:
        raise QueueFull("own")
    if network and waiting.filter(network=network).count() >= MOST_OF_NETWORK:
        raise QueueFull("network")
    if waiting.filter(kind=kind).count() >= kinds.known()[kind].most_waiting:
        raise QueueFull("all")


def begin(
    kind: str, *, key: str, asker: str, total: int, data: dict[str, Any] | None = None
) -> Job:
    """Queue long work of the office, in `total` steps, for a subject and an owner.

    While a job of that kind on the same subject is unfinished, that job is returned, so that
    pressing a button twice does not start the work twice. Otherwise the ended jobs of that kind and
    subject are deleted.
    """
    once = f"{kind} {key}"
    if found := Job.objects.filter(once=once).first():
        return found
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                key=key,
                asker=asker,
                total=total,
                data=data or {},
                once=once,
                language=get_language() or "",
                asked_at=clock.now(),
            )
    except IntegrityError:  # another request was first
        return Job.objects.get(once=once)
    forget(Job.objects.filter(kind=kind, key=key).exclude(pk=job.pk))
    return job


def newest(kind: str, key: str) -> Job | None:
    """Return the newest job of a kind on a subject, also if it has ended."""
    return Job.objects.filter(kind=kind, key=key).order_by("-id").first()


def unfinished() -> QuerySet[Job]:
    """Return the jobs that wait or run, in the order in which they were queued."""
    return Job.objects.filter(finished_at=None).order_by("id")


def place_of(job: Job) -> int:
    """Return a waiting job's position among the jobs of its kind; 1 is next."""
    ahead = Job.objects.filter(kind=job.kind, state=State.WAITING, id__lt=job.pk)
    return ahead.count() + 1


def left_ms(job: Job) -> float | None:
    """Return how long a job without steps and those before it will usually take, in ms.

    The usual time is the median of the jobs of its kind that ended last. The result is None if
    there are none, or if this job takes longer than usual.
    """
    ended = Job.objects.filter(kind=job.kind, state=State.DONE).order_by("-finished_at")
    taken = [
        (row.finished_at - row.started_at).total_seconds() * 1000
        for row in ended.only("started_at", "finished_at")[:LATELY]
        if row.finished_at and row.started_at
    ]
    if not taken:
        return None
    usual = median(taken)
    if job.state == State.RUNNING:
        return _rest(job, usual)
    running = Job.objects.filter(kind=job.kind, state=State.RUNNING).first()
    return place_of(job) * usual + ((running and _rest(running, usual)) or 0)


def _rest(job: Job, usual: float) -> float | None:
    if job.started_at is None:
        return None
    rest = usual - (clock.now() - job.started_at).total_seconds() * 1000
    return rest if rest > 0 else None


def is_left(job: Job) -> bool:
    """Whether a job waits and no worker seems to run that could do it."""
    now = clock.now()
    if job.state != State.WAITING or job.asked_at > now - LEFT_AFTER:
        return False
    begun_or_held = Q(started_at__gt=now - LEFT_AFTER) | Q(held_until__gt=now)
    return not Job.objects.filter(begun_or_held).exists()


# ── Doing ─────────────────────────────────────────────────────────────────────────────────────
def claim() -> Job | None:
    """Take the next job and return it; None if there is none to take now.

    This is the oldest among a job of each kind: a running job that its worker has lost, or the
    first waiting job of a kind of which none is running.
    """
    now = clock.now()
    for job in _candidates():
        is_held = job.held_until is not None and job.held_until > now
        if not is_held and _swap(job, now):
            return job
    return None


def _candidates() -> list[Job]:
    """Return one job of each kind: the running one, or else the one that has waited longest."""
    first: dict[str, Job] = {}
    for job in unfinished().filter(kind__in=kinds.known()):
        before = first.setdefault(job.kind, job)
        if job.state == State.RUNNING and before.state != State.RUNNING:
            first[job.kind] = job
    return sorted(first.values(), key=lambda job: job.pk)


def _swap(job: Job, now: datetime) -> bool:
    """Begin an attempt at a job unless it has changed since it was read; return whether it did."""
    as_read = Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts)
    changes = {
        "state": State.RUNNING,
        "attempts": job.attempts + 1,
        "started_at": now,
        "held_until": now + HELD_FOR,
        "done_before": job.done,
    }
    try:
        with transaction.atomic():
            taken = as_read.update(**changes)
    except IntegrityError:  # another worker runs a job of this kind
        return False
    for name, value in changes.items():
        setattr(job, name, value)
    return bool(taken)


def is_taken_away(job: Job) -> bool:
    """Whether a job is no longer this worker's: it was cancelled, erased, or given to another."""
    return not _own(job).exists()


def hold(job: Job) -> None:
    """Extend the hold on a running job by `HELD_FOR`."""
    _own(job).update(held_until=clock.now() + HELD_FOR)


def begin_again(job: Job) -> None:
    """Count the steps of a job from 0: nothing of its earlier attempts is kept."""
    _own(job).update(done=0, done_before=0)
    job.done = job.done_before = 0


def advance(job: Job, *, done: int, total: int, is_kept: bool = True) -> None:
    """Save the progress of a job, and extend the hold on it.

    A later attempt continues from here unless `is_kept` is false. Raises `JobGone` if this worker
    no longer has the job, `JobStopped` if its owner has cancelled it, and `JobInterrupted` if this
    worker has to end. Call it after the step is committed.
    """
    changes: dict[str, Any] = {
        "done": done,
        "total": total,
        "held_until": clock.now() + HELD_FOR,
    }
    if is_kept:
        changes["advanced_in"] = job.attempts
    if not _own(job).update(**changes):
        raise JobGone
    for name, value in changes.items():
        setattr(job, name, value)
    if done >= total:
        return
    if _own(job).filter(stop_asked=True).exists():
        raise JobStopped
    if job.is_ending():
        raise JobInterrupted


def cancel(job: Job) -> None:
    """Cancel a job: at once if it waits or has no steps, else after the current step.

    The file of a job that is cancelled at once is deleted. A worker that runs such a job cannot end
    it any more, and stops reading (`is_taken_away`).
    """
    open_job = Job.objects.filter(pk=job.pk, finished_at=None)
    open_job.update(stop_asked=True)
    with transaction.atomic():
        at_once = open_job.filter(Q(state=State.WAITING) | Q(total=0))
        if at_once.update(**_GONE, state=State.STOPPED, finished_at=clock.now()):
            _drop_on_commit(job)


def stop(job: Job) -> None:
    """End a job that was cancelled. Raises `JobGone` if this worker no longer has it."""
    _end(job, State.STOPPED)


def finish(job: Job, *, sentence: str = "", result: dict[str, Any] | None = None) -> None:
    """End a job that is done. Raises `JobGone` if this worker no longer has it."""
    _end(job, State.DONE, sentence=sentence, result=result or {}, data={})


def finish_with(job: Job, stored: stored_files.StoredFirst, *, name: str, size: int) -> None:
    """End a job that has made a file, which is kept for as long as the job is shown.

    Raises `JobGone` if this worker no longer has the job.
    """
    _end(job, State.DONE, data={}, file=stored.name, file_name=name, size=size)
    stored.take()


def fail(job: Job, refused: kinds.JobRefused) -> None:
    """End a job that was refused. Raises `JobGone` if this worker no longer has it."""
    about = {"code": refused.code[:32], "field": refused.field, "sentence": refused.sentence}
    _end(job, State.FAILED, **about)


def restart(jobs: QuerySet[Job]) -> None:
    """Have the running jobs among these begin again: nothing that was read so far counts.

    The jobs are not at fault, so these attempts do not count.
    """
    running = jobs.filter(state=State.RUNNING)
    running.update(state=State.WAITING, held_until=None, advanced_in=F("attempts"))


def put_off(jobs: QuerySet[Job]) -> None:
    """Keep workers from taking the waiting jobs among these for `PAUSE`, or until `let_go`."""
    jobs.filter(state=State.WAITING).update(held_until=clock.now() + PAUSE)


def let_go(jobs: QuerySet[Job]) -> None:
    """Allow workers again to take jobs that were put off."""
    jobs.filter(state=State.WAITING).update(held_until=None)


def put_back(job: Job) -> None:
    """Return a job to its place in the queue. Raises `JobGone` if this worker no longer has it."""
    if not _own(job).update(state=State.WAITING, held_until=None):
        raise JobGone


def postpone(job: Job) -> None:
    """Return a job to its place because something is unavailable; this attempt does not count.

    Nobody takes it for `PAUSE`, so that jobs of other kinds get their turn. Raises `JobGone` if
    this worker no longer has it.
    """
    until = clock.now() + PAUSE
    if not _own(job).update(state=State.WAITING, held_until=until, advanced_in=job.attempts):
        raise JobGone


def _end(job: Job, state: Job.State, **changes: Any) -> None:
    if not _own(job).update(**_GONE | changes, state=state, finished_at=clock.now()):
        raise JobGone
    _drop_on_commit(job)


def _own(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts)


def _drop_on_commit(job: Job) -> None:
    stored_files.drop(job.file.name or "")


# ── Forgetting ────────────────────────────────────────────────────────────────────────────────
def forget(jobs: Iterable[Job]) -> None:
    """Delete jobs with their files; workers that run them can then change nothing any more."""
    for job in jobs:
        _drop_on_commit(job)
        job.delete()


def tidy() -> int:
    """Delete the jobs that ended more than `KEPT_FOR` ago; return how many."""
    old = list(Job.objects.filter(finished_at__lt=clock.now() - KEPT_FOR))
    forget(old)
    return len(old)
