"""The worker makes checkpoints of the hearings' records, in addition to its other work.

It makes one every 10 s while entries arrive, and one at each opening and closing of a meeting. More
than one worker may run: if two make the same checkpoint, it is stored once, and after a pause the
next one covers all entries in between.
"""

import logging
import threading
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from hemicycle.hearing.setup.models import Hearing
from hemicycle.procedure.events import MeetingClosed, MeetingOpened
from hemicycle.record import clock
from hemicycle.record.log import checkpoints
from hemicycle.record.models import Checkpoint, Entry, Head

log = logging.getLogger(__name__)

NAME = "checkpoints"
LOOK_S = 1.0
"""Seconds between two checks whether a checkpoint is due."""
AT_ONCE = (MeetingOpened.KIND, MeetingClosed.KIND)
"""Entries after which a checkpoint is made at once, not after 10 s."""


def start() -> Callable[[], None]:
    """Make checkpoints in a thread of this process; return a function that ends it."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(stop,), daemon=True, name=NAME)
    thread.start()

    def finish() -> None:
        stop.set()
        thread.join()

    return finish


def _run(stop: threading.Event) -> None:
    while not stop.wait(LOOK_S):
        close_old_connections()
        try:
            make_due()
        except Exception:
            log.exception("it could not be looked which checkpoints are due")
    connection.close()


def make_due() -> list[Checkpoint]:
    """Make the checkpoints that are due now; a failure does not affect the others."""
    found = [make_now(hearing) for hearing in due()]
    return [checkpoint for checkpoint in found if checkpoint is not None]


def make_now(hearing: Hearing) -> Checkpoint | None:
    """Make a checkpoint of the whole record of a hearing now; None for a draft or on failure."""
    if hearing.status == Hearing.Status.DRAFT:
        return None
    try:
        return checkpoints.make(hearing.id, origin(hearing))
    except checkpoints.HistoryChanged:
        log.critical("no checkpoint is signed of hearing %s", hearing.slug, exc_info=True)
    except Exception:
        log.exception("a checkpoint of hearing %s could not be made", hearing.slug)
    return None


def origin(hearing: Hearing) -> str:
    """Return the name of a hearing's log: the address of its page, without the scheme."""
    path = reverse("hearing:page", args=(hearing.slug,))
    return (settings.BASE_URL.partition("://")[2].rstrip("/") + path).rstrip("/")


def due() -> list[Hearing]:
    """Return the published hearings that need a checkpoint now."""
    last = Checkpoint.objects.filter(hearing=OuterRef("hearing")).order_by("-size")
    grown = Head.objects.annotate(
        size=Coalesce(Subquery(last.values("size")[:1]), Value(0)),
        made=Coalesce(Subquery(last.values("at")[:1]), Value(0)),
    ).filter(seq__gt=F("size"))
    now = clock.now_ms()
    found = [
        hearing
        for hearing, size, made in grown.values_list("hearing", "size", "made")
        if _is_old(made, now) or _has_news(hearing, size)
    ]
    drafts = Hearing.objects.exclude(status=Hearing.Status.DRAFT)
    return list(drafts.filter(pk__in=found)) if found else []


def _is_old(made: int, now: int) -> bool:
    """Whether the last checkpoint is old, or is in the future because the clock was set back."""
    return not 0 <= now - made < checkpoints.EVERY_MS


def _has_news(hearing: UUID, size: int) -> bool:
    """Whether a meeting was opened or closed since a checkpoint; reads at most 10 s of entries."""
    return Entry.objects.filter(hearing=hearing, seq__gt=size, kind__in=AT_ONCE).exists()
