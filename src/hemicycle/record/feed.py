"""The feed: the record as server-sent events, for screens and for other processes.

A bare ASGI endpoint beside Django (`/feed/<hearing>/<audience>`), because thousands of clients keep
it open. An *audience* is a kind of listener, with what it may see.

- A *view* audience gets the present state: a newer frame replaces an older one that a slow reader
  has not received yet, so no queue holds more than one frame.
- The *entries* audience gets every entry in order, after the sequence number that the reader names.

An audience that is not open to all needs a token. The token names its holder, and a reader is
dropped as soon as its holder loses access.

Each class of listeners (the public, seats, staff, the engine) has its own connections (`SHARES`).
Readers of both kinds of audience resume by `Last-Event-ID` (or `?after=`). A reader that accepts
no data for a while is dropped; its browser reconnects and resumes.
"""

import asyncio
import resource
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.core import signing

from hemicycle.record.hub import REFUSED_S, CannotShow, Due, Hub, Render, Target, Welcome

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TOKEN_AGE_S = 24 * 3600
ENTRIES = "entries"
_SALT = "hemicycle.record.feed"


@dataclass(frozen=True, slots=True)
class Audience:
    """A kind of listener: what it sees of a hearing, and whether it needs a token.

    `render` runs in a thread with database access, and returns JSON text on one line. `welcome`
    runs there too, and returns those of the given token holders who may follow now. `due` returns
    the seconds until the view changes although the record does not; None if it never does.
    """

    name: str
    render: Render
    open_to_all: bool = False
    welcome: Welcome | None = None
    due: Due | None = None


_audiences: dict[str, Audience] = {}


def declare(audience: Audience) -> Audience:
    """Add an audience. Each app declares its own in `audiences.py` when it loads."""
    if audience.name in _audiences:
        raise ValueError(f"the feed's audience {audience.name!r} is declared twice")
    _audiences[audience.name] = audience
    return audience


def audience_named(name: str) -> Audience | None:
    """Return the declared audience of that name, or None."""
    return _audiences.get(name)


def token(hearing: UUID, audience: str, holder: str = "") -> str:
    """Return a signed token for a holder to follow one audience of one hearing for one day."""
    return signing.dumps([hearing.hex, audience, holder], salt=_SALT)


def address(hearing: UUID, audience: str, holder: str = "") -> str:
    """Return the address of an audience, with a token for `holder` where it needs one.

    The audience decides what `holder` means: its `welcome` reads it.
    """
    path = f"/feed/{hearing.hex}/{audience}"
    known = _audiences.get(audience)
    if known is not None and known.open_to_all:
        return path
    return f"{path}?token={token(hearing, audience, holder)}"


def _holder(hearing: UUID, audience: str, presented: str) -> str | None:
    """Return the holder of the presented token, "" if none is needed; None if access is refused."""
    known = _audiences.get(audience)
    if known is not None and known.open_to_all:
        return ""
    try:
        granted = signing.loads(presented, salt=_SALT, max_age=TOKEN_AGE_S)
    except signing.BadSignature:
        return None
    if not isinstance(granted, list) or granted[:2] != [hearing.hex, audience]:
        return None
    return str(granted[2]) if len(granted) == 3 else None


class FeedFull(Exception):
    """All connections of a class of listeners are in use."""


SHARES = {"public": 0.5, "others": 0.12, ENTRIES: 0.02}
"""The share of this process's open files that each class of listeners may use.

The feed is open to the public, so it must not use up the connections of seats and consoles; more
than a fifth is left for pages, downloads and the database.
"""

_following: Counter[str] = Counter()


def most(listeners: str) -> int:
    """Return how many connections a class of listeners may have in this process."""
    files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, int(files * SHARES.get(listeners, SHARES["others"])))


@contextmanager
def _place(audience: str) -> Iterator[None]:
    """Occupy one of the connections of the audience's class. Raises `FeedFull`."""
    known = _audiences.get(audience)
    listeners = "public" if known is not None and known.open_to_all else audience
    if _following[listeners] >= most(listeners):
        raise FeedFull
    _following[listeners] += 1
    try:
        yield
    finally:
        _following[listeners] -= 1


hub: Hub | None = None


async def startup() -> None:
    """Start this process's hub, in the event loop that serves."""
    global hub  # noqa: PLW0603 - one for each process
    hub = Hub()
    hub.start()


async def shutdown() -> None:
    """Stop this process's hub."""
    global hub  # noqa: PLW0603
    if hub is not None:
        await hub.stop()
        hub = None


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI endpoint for `/feed/<hearing>/<audience>`."""
    target = _target(scope["path"])
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if target is None or scope["method"] != "GET":
        await _refuse(send, 404, "There is no such feed.")
    else:
        await _admit(
            *target, query.get("token", [""])[0], _resume_from(scope, query), receive, send
        )


async def _admit(  # noqa: PLR0917 - what one request is
    hearing: UUID, audience: str, presented: str, seq: int, receive: Receive, send: Send
) -> None:
    holder = _holder(hearing, audience, presented)
    if holder is None or not await _is_welcome(hearing, audience, holder):
        await _refuse(send, 403, "This feed needs a current token; reload the page to get one.")
        return
    listener = _listener(hearing, audience, holder)
    assert hub is not None, "the feed is served only while the server lives"
    if hub.refuses(listener[0]):
        sentence = "A newer version of Hemicycle has written what this feed shows."
        await _refuse(send, 503, sentence, retry_after=int(REFUSED_S))
        return
    try:
        with _place(audience):
            await _follow(listener, seq, receive, send)
    except FeedFull:
        await _refuse(send, 503, "More screens follow this than can be served.", retry_after=5)


def _target(path: str) -> tuple[UUID, str] | None:
    parts = path.strip("/").split("/")
    if len(parts) != 3 or (parts[2] != ENTRIES and parts[2] not in _audiences):
        return None
    try:
        return UUID(hex=parts[1]), parts[2]
    except ValueError:
        return None


def _resume_from(scope: Scope, query: dict[str, list[str]]) -> int:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    named = next((value.decode("latin-1") for key, value in headers if key == b"last-event-id"), "")
    text = named or query.get("after", [""])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


async def _refuse(send: Send, status: int, sentence: str, *, retry_after: int = 0) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if retry_after:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def _listener(hearing: UUID, audience: str, holder: str) -> tuple[Target, str]:
    known = _audiences.get(audience)
    if known is None:
        return Target(hearing, audience, None), holder
    return Target(hearing, audience, known.render, known.welcome, known.due), holder


async def _is_welcome(hearing: UUID, audience: str, holder: str) -> bool:
    assert hub is not None, "the feed is served only while the server lives"
    target, _holder = _listener(hearing, audience, holder)
    return target.welcome is None or holder in await hub.welcome(target, {holder})


async def _follow(listener: tuple[Target, str], seq: int, receive: Receive, send: Send) -> None:
    assert hub is not None, "the feed is served only while the server lives"
    me = asyncio.current_task()
    assert me is not None
    target, holder = listener
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    try:
        async with hub.following(target, seq, send, me.cancel, holder):
            while (await receive())["type"] != "http.disconnect":
                pass
    except CannotShow:  # all readers of this view are dropped; if they reconnect, they are refused
        me.uncancel()
    except asyncio.CancelledError:
        me.uncancel()  # dropped: the server closes the connection after this returns
