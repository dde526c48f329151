"""The feed: the record as server-sent events, for screens and for other processes.

A bare ASGI endpoint beside Django (`/feed/<hearing>/<audience>`), since thousands hold it open. An
*audience* is what one kind of listener may see.

- A *view* audience gets the state as it now is: a newer frame replaces an older one that a slow
  reader has not taken yet, so nobody's queue holds more than one.
- The *entries* audience gets every entry in order, from the sequence number it names.

Both resume by `Last-Event-ID` (or `?after=`). A reader that takes nothing for a while is dropped;
its browser comes back and resumes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.core import signing

from hemicycle.record.hub import Hub, Render, Target

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

    `render` runs in a thread, with the database, and returns one JSON text on one line.
    """

    name: str
    render: Render
    open_to_all: bool = False


_audiences: dict[str, Audience] = {}


def declare(audience: Audience) -> Audience:
    """Add an audience; each reader of the record declares its own when its app loads."""
    if audience.name in _audiences:
        raise ValueError(f"the feed's audience {audience.name!r} is declared twice")
    _audiences[audience.name] = audience
    return audience


def audience_named(name: str) -> Audience | None:
    """The declared audience of that name, if there is one."""
    return _audiences.get(name)


def token(hearing: UUID, audience: str) -> str:
    """A signed right to follow one audience of one hearing for a day."""
    return signing.dumps([hearing.hex, audience], salt=_SALT)


def address(hearing: UUID, audience: str) -> str:
    """Where to follow an audience, with a token where it needs one."""
    path = f"/feed/{hearing.hex}/{audience}"
    known = _audiences.get(audience)
    if known is not None and known.open_to_all:
        return path
    return f"{path}?token={token(hearing, audience)}"


def _may_follow(hearing: UUID, audience: str, presented: str) -> bool:
    known = _audiences.get(audience)
    if known is not None and known.open_to_all:
        return True
    try:
        granted = signing.loads(presented, salt=_SALT, max_age=TOKEN_AGE_S)
    except signing.BadSignature:
        return False
    return bool(granted == [hearing.hex, audience])


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
    elif not _may_follow(*target, query.get("token", [""])[0]):
        await _refuse(send, 403, "This feed needs a current token; reload the page to get one.")
    else:
        await _follow(*target, _resume_from(scope, query), receive, send)


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


async def _refuse(send: Send, status: int, sentence: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sentence.encode()})


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


async def _follow(hearing: UUID, audience: str, seq: int, receive: Receive, send: Send) -> None:
    assert hub is not None, "the feed is served only while the server lives"
    me = asyncio.current_task()
    assert me is not None
    known = _audiences.get(audience)
    render = known.render if known else None
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    try:
        async with hub.following(Target(hearing, audience, render), seq, send, me.cancel):
            while (await receive())["type"] != "http.disconnect":
                pass
    except asyncio.CancelledError:
        me.uncancel()  # dropped: the server closes the connection behind us
