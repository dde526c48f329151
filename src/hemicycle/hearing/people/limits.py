"""Rate limits for unknown visitors: a number of attempts per period, over all processes.

Attempts are counted in the database, in one statement, so that two processes never count the same
one. A row holds a keyed hash of the caller, and is deleted soon after its period. A process
remembers for a while who has reached the limit: further attempts then cost no write. If many
visitors make few attempts each, a process may count the first few of each visitor itself (`alone`):
then only visitors with more attempts cost a write, and `most` is exceeded by at most `alone` for
each further process.
"""

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from hemicycle import networks, security_log
from hemicycle.hearing.people.models import Tally
from hemicycle.record import clock
from hemicycle.security_log import SecurityEvent

MOST_REGISTRATIONS, REGISTRATIONS_WITHIN_S = 20, 3600
"""The most unconfirmed registrations from one network, and the period in seconds."""
SWEEP_EVERY_S = 600
REMEMBERED_S = 30
"""Seconds for which a process refuses from memory; it notices returned attempts after that time."""
MOST_ALONE = 50_000
"""The most visitors whose first attempts a process remembers."""
_COUNT = """
    INSERT INTO people_tally AS kept (key, used, until_ms) VALUES (%(key)s, %(add)s, %(until)s)
    ON CONFLICT (key) DO UPDATE SET
        used = CASE WHEN kept.until_ms <= %(now)s THEN %(add)s
                    WHEN kept.used + %(add)s > %(most)s THEN %(most)s + 1
                    ELSE kept.used + %(add)s END,
        until_ms = CASE WHEN kept.until_ms <= %(now)s THEN excluded.until_ms
                        ELSE kept.until_ms END
    RETURNING used, until_ms
"""


@dataclass(frozen=True, slots=True)
class Count:
    """The number of attempts in a period, including this one, and the end of the period in ms."""

    used: int
    until_ms: int


def network_of(request: HttpRequest) -> str:
    """Return the network of a request, by the prefixes in the settings; "" if it is unknown.

    Behind a proxy that the server trusts, it is the network of the proxy's visitor.
    """
    return network_at(str(request.META.get("REMOTE_ADDR", "")))


def network_at(address: str) -> str:
    """Return the network of an IP address by the prefixes in the settings; "" if it is invalid."""
    return networks.around(address, settings.LIMIT_PREFIXES)


def is_free(network: str) -> bool:
    """Whether the settings exempt a network from all limits."""
    return bool(network) and _is_within(network, tuple(settings.LIMIT_FREE_NETWORKS))


@lru_cache(maxsize=4096)
def _is_within(network: str, free: tuple[str, ...]) -> bool:
    found = ipaddress.ip_network(network)
    wider = (ipaddress.ip_network(given) for given in free)
    return any(found.version == given.version and found.subnet_of(given) for given in wider)  # type: ignore[arg-type] # of the same version


def count(what: str, caller: str, *, most: int, until_ms: int, alone: int = 0) -> Count:
    """Count an attempt; if it begins a new period, this ends at `until_ms`.

    The first `alone` attempts are counted in this process only. Above `most`, the count stays at
    `most` + 1, because callers need no more.
    """
    key = _key(what, caller)
    now_ms = clock.now_ms()
    spent_until: int = cache.get(f"spent:{key}", 0)
    if now_ms < spent_until:
        return Count(most + 1, spent_until)
    here = _alone.add(key, until_ms, now_ms) if alone else Count(1, until_ms)
    if here.used <= alone:
        return here
    add = here.used if here.used == alone + 1 else 1
    values: dict[str, str | int] = {
        "key": key,
        "add": add,
        "until": until_ms,
        "now": now_ms,
        "most": most,
    }
    with _lightly(), connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        made = Count(*cursor.fetchone())
    if made.used > most:
        _remember(key, what, most, made.until_ms)
    elif made.used <= add and cache.add("limits:swept", True, timeout=SWEEP_EVERY_S):
        Tally.objects.filter(until_ms__lte=now_ms).delete()
    return made


def give_back(what: str, caller: str) -> None:
    """Remove one attempt from the count, because the caller has since proved who they are."""
    key = _key(what, caller)
    cache.delete(f"spent:{key}")
    _alone.take(key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM people_tally WHERE key = %s", [key])
        if cursor.fetchone() is None:
            return  # a visitor with few attempts has no row, and a read takes no lock
    with _lightly(), connection.cursor() as cursor:
        cursor.execute("UPDATE people_tally SET used = used - 1 WHERE key = %s AND used > 0", [key])


def forget() -> None:
    """Forget what this process remembers; the counts in the database stay."""
    cache.clear()
    _alone.clear()


def _key(what: str, caller: str) -> str:
    hashed = salted_hmac("hemicycle.hearing.people.limits", f"{what} {caller}", algorithm="sha256")
    return hashed.hexdigest()[:32]


def _remember(key: str, what: str, most: int, until_ms: int) -> None:
    cache.set(f"spent:{key}", until_ms, timeout=REMEMBERED_S)
    if cache.add(f"logged:{key}:{until_ms}", True, timeout=3600):
        security_log.note(SecurityEvent.LIMITED, what=what, count=most)


class _FirstAttempts:
    """The counts of the most recent visitors in one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, Count] = {}

    def add(self, key: str, until_ms: int, now_ms: int) -> Count:
        with self._lock:
            known = self._counts.pop(key, None)
            if known is None or known.until_ms <= now_ms:
                known = Count(0, until_ms)
            made = self._counts[key] = Count(known.used + 1, known.until_ms)
            if len(self._counts) > MOST_ALONE:
                del self._counts[next(iter(self._counts))]  # the visitor seen longest ago
            return made

    def take(self, key: str) -> None:
        with self._lock:
            known = self._counts.get(key)
            if known is not None and known.used > 0:
                self._counts[key] = Count(known.used - 1, known.until_ms)

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()


_alone = _FirstAttempts()


@contextmanager
def _lightly() -> Iterator[None]:
    """Write without waiting for the disk on SQLite: a count may be lost in a power cut.

    PostgreSQL does not wait either, because the table is not in its write-ahead log.
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
