"""The part of the worker that does the jobs of the queue.

It has a few threads, so that a long archive does not delay a statement. It has no more, so the rest
waits in the queue however many files are received. When the worker is asked to end, a long job
stops after its step and continues at once in another worker. The job of a worker that was killed
continues when nobody has held it for a minute. A file from outside is parsed in a separate process
with low priority (`documents.reading.guarded`).
"""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connection
from django.utils.translation import override

from hemicycle.documents.reading import guarded
from hemicycle.hearing.jobs import kinds, queue, stored_files
from hemicycle.hearing.jobs.models import Job
from hemicycle.record.unreadable import UnreadableEntry

log = logging.getLogger(__name__)

NAME = "jobs"
THREADS = 2
POLL_S = 1.0
LAST_JOB_S = 20.0
"""How long the shutdown waits for a running job, in seconds; other jobs start again later."""
HOLD_S = 15.0
MOST_ATTEMPTS = 3
"""The number of attempts without progress after which a job is not tried again.

An attempt is in vain if it ended its worker or failed unexpectedly.
"""
_doing: dict[int, Job] = {}
"""The jobs that this process runs now, and whose hold it renews."""


def start() -> Callable[[], None]:
    """Run jobs in threads of this process; return a function that ends them."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_run, args=(stop,), daemon=True, name=NAME) for _ in range(THREADS)
    ]
    holding = threading.Thread(target=_hold, args=(stop,), daemon=True, name=NAME)
    for thread in (*threads, holding):
        thread.start()

    def finish() -> None:
        stop.set()
        for thread in threads:
            thread.join(LAST_JOB_S / THREADS)
        holding.join()

    return finish


def _run(stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        try:
            did_one = run_next(stop)
        except Exception:
            log.exception("the queue of jobs stopped for a moment")
            did_one = False
        if not did_one:
            stop.wait(POLL_S)
    connection.close()


def _hold(stop: threading.Event) -> None:
    while not stop.wait(HOLD_S):
        close_old_connections()
        try:
            for job in tuple(_doing.values()):
                queue.hold(job)
            stored_files.delete_left()
        except Exception:
            log.exception("jobs could not be held on to")
    connection.close()


def run_next(stop: threading.Event | None = None) -> bool:
    """Run the next job; return False if there is none to run now.

    A long job is put back after its step once `stop` is set.
    """
    job = queue.claim()
    if job is None:
        return False
    if stop is not None:
        job.is_ending = stop.is_set
    _doing[job.pk] = job
    wanted = guarded.is_wanted.set(lambda: not queue.is_taken_away(job))
    try:
        _attempt(job)
    except (queue.JobGone, guarded.NotWanted):
        log.info("job %s (%s) was taken away while it was done", job.pk, job.kind)
    finally:
        guarded.is_wanted.reset(wanted)
        _doing.pop(job.pk, None)
    return True


def _attempt(job: Job) -> None:
    if job.attempts_in_vain > MOST_ATTEMPTS:
        queue.fail(job, kinds.JobRefused("lost", ""))
        return
    try:
        with override(job.language or None):
            kinds.known()[job.kind].run(job)
    except kinds.JobRefused as refused:
        queue.fail(job, refused)
    except queue.JobStopped:
        queue.stop(job)
    except queue.JobInterrupted:
        queue.put_back(job)
    except (queue.JobGone, guarded.NotWanted):
        raise
    except stored_files.StoreAway as away:
        log.warning("job %s (%s) waits for the store of the files: %s", job.pk, job.kind, away)
        queue.postpone(job)
    except UnreadableEntry as error:
        log.warning("job %s (%s) waits for a newer worker: %s", job.pk, job.kind, error)
        queue.postpone(job)
    except Exception:
        log.exception("job %s (%s) failed at attempt %s", job.pk, job.kind, job.attempts)
        if job.attempts_in_vain < MOST_ATTEMPTS:
            queue.put_back(job)
        else:
            queue.fail(job, kinds.JobRefused("lost", ""))
    else:
        _finish_if_open(job)


def _finish_if_open(job: Job) -> None:
    """End a job that its kind has left open."""
    if Job.objects.filter(pk=job.pk, finished_at=None).exists():
        queue.finish(job)
