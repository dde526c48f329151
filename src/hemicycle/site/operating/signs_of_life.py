"""Signs of life of processes: rows that every web process can read.

A row in the database is visible from all machines, needs no port, and remains when the process has
ended.
"""

import logging
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version

from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Max

from hemicycle import shared_clock, versions
from hemicycle.record import clock, unreadable
from hemicycle.site.operating.models import SignOfLife

log = logging.getLogger(__name__)

_is_silent = threading.Event()

VERSION = version("hemicycle")[:32]
EVERY_S = 10.0
STOP_S = 2.0
"""Seconds for the thread to end: an unreachable database must not delay a process that ends."""
SILENT_AFTER = timedelta(minutes=1)
"""Without a sign for this long, a process is not running or hangs."""
SERVES_WITHIN = timedelta(seconds=25)
"""Visitors are sent to machines that have given a sign within this time: one may be missing."""
FORGOTTEN_AFTER = timedelta(days=7)
"""Processes without a sign for this long are no longer listed."""


def start(name: SignOfLife.Name) -> Callable[[], None]:
    """Give signs in a thread of this process; return a function that ends the thread."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(name, stop), daemon=True, name="signs-of-life")
    thread.start()

    def finish() -> None:
        stop.set()
        thread.join(STOP_S)

    return finish


def fall_silent() -> None:
    """Stop giving signs: this process leaves, and its successor gives them for this machine."""
    _is_silent.set()


def _run(name: SignOfLife.Name, stop: threading.Event) -> None:
    while not _is_silent.is_set():
        close_old_connections()
        try:
            give(name)
        except DatabaseError as error:
            log.warning("no sign of life could be stored: %s", error)
        if stop.wait(EVERY_S):
            break
    connection.close()


def give(name: SignOfLife.Name) -> None:
    """Store a sign of this process, and delete those older than `FORGOTTEN_AFTER`."""
    now = clock.now()
    SignOfLife.objects.update_or_create(
        name=name,
        machine=socket.gethostname()[:255],
        defaults={
            "at": now,
            "version": VERSION,
            "clock_ahead_ms": shared_clock.ahead_ms(),
            "is_behind": unreadable.has_met(),
        },
    )
    SignOfLife.objects.filter(at__lt=now - FORGOTTEN_AFTER).delete()


def ages() -> dict[str, timedelta]:
    """Return how long ago a process of each name without pages last gave a sign, on any machine.

    Names that never gave one are missing. Of several workers, the latest sign counts.
    """
    now = clock.now()
    told = SignOfLife.objects.exclude(name=SignOfLife.Name.WEB).values("name")
    return {
        row["name"]: max(now - row["last"], timedelta()) for row in told.annotate(last=Max("at"))
    }


def has_newer_web() -> bool:
    """Whether a machine with a newer version of Hemicycle serves pages."""
    alive = SignOfLife.objects.filter(name=SignOfLife.Name.WEB, at__gte=clock.now() - SERVES_WITHIN)
    found = alive.values_list("version", flat=True)
    return any(versions.is_newer(other, VERSION) for other in found)
