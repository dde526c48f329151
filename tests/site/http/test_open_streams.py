"""Streams of any application end between two events, with a hint to come back."""

from __future__ import annotations

import asyncio
import re

import pytest

from hemicycle.site.http.asgi_types import Application, Message, Receive, Scope, Send
from hemicycle.site.http.open_streams import OpenStreams, is_stream

HINT = re.compile(rb"retry: (\d+)\nevent: restart\ndata: \1\n\n")
GET = {"type": "http", "method": "GET", "path": "/feed/0/entries"}


def streaming(*blocks: bytes) -> Application:
    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for block in blocks:
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await asyncio.Event().wait()

    return application


async def refusing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 403, "headers": []})
    await send({"type": "http.response.body", "body": b"no"})


async def nothing() -> Message:
    return {"type": "http.request"}


def ended(application: Application, *, late: bool = False) -> tuple[int, list[bytes], bool]:
    """End a stream; return its status, its blocks, and whether the answer is complete.

    With `late`, the stream begins after all streams were ended.
    """
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        streams = OpenStreams()
        if late:
            await streams.end_all()
        serving = asyncio.create_task(streams.serve(application, GET, nothing, send))
        await asyncio.sleep(0.01)
        await streams.end_all()
        async with asyncio.timeout(5):
            await serving

    asyncio.run(run())
    blocks = [message["body"] for message in sent[1:]]
    return sent[0]["status"], blocks, not sent[-1].get("more_body", False)


def test_an_open_stream_ends_with_the_hint() -> None:
    status, blocks, is_whole = ended(streaming(b"data: 1\n\n"))
    assert (status, blocks[0], is_whole) == (200, b"data: 1\n\n", True)
    assert HINT.fullmatch(blocks[1])


def test_half_an_event_is_not_completed_by_the_hint() -> None:
    assert ended(streaming(b"data: 1\n\n", b"data: {")) == (
        200,
        [b"data: 1\n\n", b"data: {", b""],
        True,
    )


def test_a_stream_that_begins_late_is_told_at_once() -> None:
    status, blocks, is_whole = ended(streaming(b"data: 1\n\n"), late=True)
    assert (status, is_whole) == (200, True)
    assert [HINT.fullmatch(block) is not None for block in blocks] == [True]


def test_a_refusal_is_left_as_it_is() -> None:
    assert ended(refusing) == (403, [b"no"], True)


def test_a_stream_that_is_cancelled_by_others_is_cancelled() -> None:
    async def run() -> None:
        async def send(_message: Message) -> None: ...

        streams = OpenStreams()
        serving = asyncio.create_task(streams.serve(streaming(), GET, nothing, send))
        await asyncio.sleep(0.01)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/feed/0/public", True),
        ("GET", "/media/session/x/events", True),
        ("POST", "/media/session/x/control", False),
        ("DELETE", "/media/session/x", False),
        ("GET", "/", False),
    ],
)
def test_what_is_a_stream(method: str, path: str, expected: bool) -> None:
    assert is_stream({"type": "http", "method": method, "path": path}) is expected
