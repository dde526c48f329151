"""Signs of life of processes that have no address: rows that every web process can read.

A row in the database is seen from all machines, needs no port, and stays when the process is gone.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, close_old_connections, connection

from hemicycle.record import clock
from hemicycle.site.operating.models import SignOfLife

log = logging.getLogger(__name__)

EVERY_S = 10.0
SILENT_AFTER = timedelta(minutes=1)
"""Without a sign for this long, a process does not run or hangs."""


def start(name: SignOfLife.Name) -> Callable[[], None]:
    """Give signs in a thread of this process; return a function that ends it."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(name, stop), daemon=True, name="signs-of-life")
    thread.start()

    def finish() -> None:
        stop.set()
        thread.join()

    return finish


def _run(name: SignOfLife.Name, stop: threading.Event) -> None:
    while True:
        close_old_connections()
        try:
            give(name)
        except DatabaseError as error:
            log.warning("no sign of life could be stored: %s", error)
        if stop.wait(EVERY_S):
            break
    connection.close()


def give(name: SignOfLife.Name) -> None:
    """Store that this process works now."""
    SignOfLife.objects.update_or_create(name=name, defaults={"at": clock.now()})


def ages() -> dict[str, timedelta]:
    """Return how long ago each last gave a sign; the names that never did are missing."""
    now = clock.now()
    return {
        name: max(now - at, timedelta())
        for name, at in SignOfLife.objects.values_list("name", "at")
    }
