"""A brake on what strangers may ask for: so many times in a stretch of time, over all processes.

Attempts are counted in the database, in one statement, so that two processes never count the same
one. A row holds a keyed hash of who asked, and is gone soon after its stretch. Whoever has spent
theirs is remembered by the process itself: going on asking costs no write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from hemicycle.hearing.people.models import Tally
from hemicycle.record import clock

SWEEP_EVERY_S = 600
_COUNT = """
    INSERT INTO people_tally AS kept (key, used, until_ms) VALUES (%s, 1, %s)
    ON CONFLICT (key) DO UPDATE SET
        used = CASE WHEN kept.until_ms <= %s THEN 1 ELSE kept.used + 1 END,
        until_ms = CASE WHEN kept.until_ms <= %s THEN excluded.until_ms ELSE kept.until_ms END
    RETURNING used, until_ms
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many attempts were made in a stretch, this one among them, and when it ends, in ms."""

    used: int
    until_ms: int


def allowed(request: HttpRequest, what: str, *, most: int, seconds: int) -> bool:
    """Whether the caller may do `what` once more; counts the attempt."""
    until_ms = clock.now_ms() + seconds * 1000
    caller = str(request.META.get("REMOTE_ADDR", ""))
    return count(what, caller, most=most, until_ms=until_ms).used <= most


def count(what: str, caller: str, *, most: int, until_ms: int) -> Count:
    """Count an attempt; a stretch that begins with it ends at `until_ms`.

    Beyond `most` the count may stand still: one more is all that anybody needs to know.
    """
    hashed = salted_hmac("hemicycle.hearing.people.limits", f"{what} {caller}", algorithm="sha256")
    key = hashed.hexdigest()[:32]
    now_ms = clock.now_ms()
    spent_until: int = cache.get(f"spent:{key}", 0)
    if now_ms < spent_until:
        return Count(most + 1, spent_until)
    with _lightly(), connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, until_ms, now_ms, now_ms])
        made = Count(*cursor.fetchone())
    if made.used > most:
        cache.set(f"spent:{key}", made.until_ms)
    elif made.used == 1 and cache.add("limits:swept", True, timeout=SWEEP_EVERY_S):
        Tally.objects.filter(until_ms__lte=now_ms).delete()
    return made


@contextmanager
def _lightly() -> Iterator[None]:
    """A count need not outlive a power cut: SQLite does not wait for the disk.

    PostgreSQL does not either, because the table is not in its write-ahead log.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            cursor.execute("PRAGMA synchronous=FULL")
