"""Time stamps of checkpoints by the authority that the settings name, requested by the worker.

The newest checkpoint of each hearing is stamped, at most once a minute. Nothing waits for the
authority: while it is unavailable or its answers are invalid, checkpoints continue to be made, and
it is asked again after one minute, two, four and so on, up to an hour.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import aiohttp
from cryptography.x509 import Certificate
from django.conf import settings
from django.db import IntegrityError, close_old_connections, connection
from django.db.models import Max, OuterRef, Subquery

from hemicycle import ssrf_guard
from hemicycle.record import clock
from hemicycle.record.log import checkpoints, timestamps
from hemicycle.record.models import Checkpoint, TimeStamp

log = logging.getLogger(__name__)

NAME = "time stamps"
LOOK_S = 5.0
EVERY_MS = 60_000
"""The shortest time between two time stamps of a hearing, in ms."""
LONGEST_PAUSE_MS = 3_600_000
TIMEOUT = aiohttp.ClientTimeout(total=20, connect=10)


class AuthorityAway(Exception):
    """Raised if the authority gave no answer that can be checked; `str()` gives the reason."""


@dataclass(slots=True)
class Pause:
    """The pause after a failure of the authority, which doubles each time, up to an hour."""

    until: int = 0
    failures: int = 0

    def failed(self, now: int) -> None:
        """Begin a pause, longer than the last one."""
        self.until = now + min(EVERY_MS << self.failures, LONGEST_PAUSE_MS)
        self.failures = min(self.failures + 1, 10)

    def over(self) -> None:
        """End the pause, since the authority has answered."""
        self.until = self.failures = 0


def start() -> Callable[[], None]:
    """Ask for time stamps in a thread of this process, if the settings name an authority.

    Return a function that ends it.
    """
    if not settings.TIMESTAMP_URL:
        return lambda: None
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(stop,), daemon=True, name=NAME)
    thread.start()

    def finish() -> None:
        stop.set()
        thread.join()

    return finish


def _run(stop: threading.Event) -> None:
    pause = Pause()
    while not stop.wait(LOOK_S):
        close_old_connections()
        try:
            stamp_due(pause)
        except Exception:
            log.exception("it could not be looked which checkpoints are to be stamped")
    connection.close()


def stamp_due(pause: Pause) -> list[TimeStamp]:
    """Have due checkpoints stamped; after a failure, stamp none until the pause ends."""
    made: list[TimeStamp] = []
    for checkpoint in due():
        if clock.now_ms() < pause.until:
            break
        try:
            made.append(stamp(checkpoint))
        except (AuthorityAway, timestamps.InvalidTimestamp) as error:
            pause.failed(clock.now_ms())
            log.warning("no time stamp from %s: %s", settings.TIMESTAMP_URL, error)
        except IntegrityError:
            continue  # another worker was faster
        else:
            pause.over()
    return made


def due() -> list[Checkpoint]:
    """Return each hearing's newest checkpoint that needs a time stamp: at most one a minute."""
    newest = Checkpoint.objects.filter(hearing=OuterRef("hearing")).order_by("-size")
    found = Checkpoint.objects.filter(pk=Subquery(newest.values("pk")[:1]))
    stamped = TimeStamp.objects.values("hearing").annotate(size=Max("size"), at=Max("at"))
    last = {row["hearing"]: (row["size"], row["at"]) for row in stamped}
    now = clock.now_ms()
    return [checkpoint for checkpoint in found if _is_due(checkpoint, last, now)]


def _is_due(checkpoint: Checkpoint, last: dict[UUID, tuple[int, int]], now: int) -> bool:
    size, at = last.get(checkpoint.hearing, (0, 0))
    return checkpoint.size > size and not 0 <= now - at < EVERY_MS


def stamp(checkpoint: Checkpoint) -> TimeStamp:
    """Get a time stamp for a checkpoint, check it, and store it.

    Raises `AuthorityAway`, and `InvalidTimestamp` for an invalid answer or a wrong time.
    """
    message = str(checkpoints.text_of(checkpoint)).encode()
    asked = timestamps.question(message)
    token = asyncio.run(_ask(settings.TIMESTAMP_URL, asked.der))
    found = timestamps.check(token, message, trusted(), asked.nonce)
    now = clock.now_ms()
    timestamps.require_clock(found, clock.from_ms(now))
    return TimeStamp.objects.create(
        hearing=checkpoint.hearing,
        size=checkpoint.size,
        root=checkpoint.root,
        at=int(found.at.timestamp() * 1000),
        authority=found.authority[:255],
        token=token,
    )


def trusted() -> list[Certificate]:
    """Return the certificates of the authority, from the file that the settings name."""
    return timestamps.certificates(Path(settings.TIMESTAMP_CERTIFICATE or "").read_bytes())


async def _ask(url: str, question: bytes) -> bytes:
    """Return the authority's answer. Raises `AuthorityAway`."""
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "Hemicycle"}
    try:
        async with (
            aiohttp.ClientSession(
                connector=ssrf_guard.connector(force_close=True),
                timeout=TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as session,
            session.post(url, data=question, headers=headers, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise AuthorityAway(f"it answered with status {response.status}")
            return await _body(response)
    except TimeoutError as error:
        raise AuthorityAway("it did not answer in time") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise AuthorityAway(f"it cannot be reached ({error})") from error


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > timestamps.MOST_BYTES:
            raise AuthorityAway("its answer is longer than any time stamp")
    return bytes(body)


def best_for(hearing: UUID, seq: int) -> TimeStamp | None:
    """Return the earliest time stamp that covers an entry; None if there is none."""
    covering = TimeStamp.objects.filter(hearing=hearing, size__gte=seq)
    return covering.order_by("size").first()


def latest(hearing: UUID) -> TimeStamp | None:
    """Return the newest time stamp of a hearing's record; None if there is none."""
    return TimeStamp.objects.filter(hearing=hearing).order_by("-size").first()
