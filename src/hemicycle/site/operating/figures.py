"""Figures of the whole site, which any web process can provide: from its database and its disk.

The worker and the mail process have no address for requests. Their queues and their last signs of
life are in the database, so they are also available after the processes have died, when they
matter most.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from math import inf
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection
from prometheus_client.metrics_core import Metric

from hemicycle import metrics, shared_clock
from hemicycle.hearing.setup import checkpointing
from hemicycle.record import clock
from hemicycle.record.models import Checkpoint
from hemicycle.site.backup import status
from hemicycle.site.operating import queues, signs_of_life
from hemicycle.site.operating.models import SignOfLife

_QUEUES: Final = {
    "letters": queues.letters,
    "incoming": queues.incoming,
    "undecided": queues.undecided,
    "jobs": queues.jobs,
    "tasks": queues.tasks,
}


class SiteFigures:
    """Collects the figures for each request."""

    def __init__(self, *, ready: bool) -> None:
        self._ready = ready

    def collect(self) -> Iterable[Metric]:
        """Yield the figures; those from the database are missing if it does not answer."""
        yield metrics.readiness(ready=self._ready)
        yield from metrics.disks(folders())
        yield from _backups()
        with suppress(DatabaseError):
            yield from list(_of_database())


def exposition(*, ready: bool) -> bytes:
    """Return all figures of this process and the site, and close the database connection."""
    try:
        return metrics.exposition(SiteFigures(ready=ready))
    finally:
        connection.close()


def folders() -> dict[str, str]:
    """Return the growing folders, by their names in figures."""
    return {
        "data": str(settings.DATA_DIR),
        "webcast": str(settings.MEDIA_ENGINE.segments.parent),
    }


def _backups() -> Iterator[Metric]:
    """Yield the age of the newest complete copy of the site, by a backup or continuously."""
    attempts = status.read(settings.DATA_DIR)
    done = [one.done_at for kind in (status.BACKUP, status.STREAM) if (one := attempts.get(kind))]
    if newest := max(done, default=""):
        age_s = max((clock.now() - datetime.fromisoformat(newest)).total_seconds(), 0.0)
        yield metrics.gauge("hemicycle_backup_age_seconds", "Time since the last backup.", age_s)


def _of_database() -> Iterator[Metric]:
    found = {name: read() for name, read in _QUEUES.items()}
    yield metrics.gauges(
        "hemicycle_queue_length",
        "What waits: letters to be sent, incoming mail to be read and to be decided, jobs, tasks.",
        "queue",
        {name: queue.number for name, queue in found.items()},
    )
    yield metrics.gauges(
        "hemicycle_queue_oldest_seconds",
        "For how long the oldest of a queue has waited; 0 for an empty one.",
        "queue",
        {name: queue.oldest.total_seconds() for name, queue in found.items()},
    )
    ages = signs_of_life.ages()
    yield metrics.gauges(
        "hemicycle_process_silent_seconds",
        "Time since the last sign of life of the worker and of the mail process.",
        "process",
        _silent(ages),
    )
    yield from _checkpoints()
    if connection.vendor == "postgresql":
        yield metrics.skews({"database": database_ahead_s()})


def _silent(ages: dict[str, timedelta]) -> dict[str, float]:
    told = {name: age.total_seconds() for name, age in ages.items()}
    return {SignOfLife.Name.WORKER.value: inf, **told}  # every site needs a worker


def _checkpoints() -> Iterator[Metric]:
    newest = Checkpoint.objects.order_by("-at").values_list("at", flat=True).first()
    if newest is not None:
        yield metrics.gauge(
            "hemicycle_checkpoint_age_seconds",
            "Time since the last signed checkpoint of a record.",
            max(clock.now_ms() - newest, 0) / 1000,
        )
    yield metrics.gauge(
        "hemicycle_checkpoints_due",
        "Hearings whose records have grown and need a checkpoint now.",
        len(checkpointing.due()),
    )


def database_ahead_s() -> float:
    """Return by how many seconds PostgreSQL's clock is ahead of this machine's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        (told,) = cursor.fetchone() or (0,)
    return float(told) - shared_clock.own_ms() / 1000
