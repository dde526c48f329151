"""The ASGI root: who answers what, and the server's start and stop."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from hemicycle.record import clock
from hemicycle.site.asgi import Bare, Root, tell_time
from hemicycle.site.http.asgi_types import Application, Message, Receive, Scope, Send


def named(name: str, heard: list[str]) -> Application:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(f"{name} {scope['path']}")

    return answer


def call(application: Application, scope: Scope, incoming: Iterable[str] = ()) -> list[Message]:
    """Return what the application sends when it is called with these incoming messages."""
    waiting = iter(incoming)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": next(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))  # type: ignore[arg-type] # ours are coroutines
    return sent


def test_each_request_goes_to_the_application_at_its_address() -> None:
    heard: list[str] = []
    root = Root(
        named("django", heard),
        {"/feed/": Bare(named("feed", heard)), "/time": Bare(named("time", heard))},
    )
    for path in ("/feed/1/hall", "/time", "/", "/feeding", "/times", "/time/"):
        call(root, {"type": "http", "method": "GET", "path": path})
    answered = ["feed /feed/1/hall", "time /time", "django /", "django /feeding"]
    assert heard == [*answered, "django /times", "django /time/"]


def test_hooks_run_in_order_at_the_start_and_in_reverse_at_the_end() -> None:
    happened: list[str] = []

    def hook(name: str) -> Any:
        async def note() -> None:
            happened.append(name)

        return note

    root = Root(
        named("django", []),
        {"/a": Bare(named("a", []), hook("a starts"), hook("a ends"))},
        alongside=[(hook("b starts"), hook("b ends"))],
    )
    sent = call(root, {"type": "lifespan"}, ["lifespan.startup", "lifespan.shutdown"])
    assert happened == ["a starts", "b starts", "b ends", "a ends"]
    assert [message["type"] for message in sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_time_follows_the_one_clock() -> None:
    with clock.using(lambda: 1_626_184_800_000):
        asked: Scope = {"type": "http", "path": "/time", "scheme": "https", "headers": []}
        sent = call(tell_time, asked)
    assert sent[0]["status"] == 200
    assert (b"x-arrived-by", b"https") in sent[0]["headers"]
    assert sent[1]["body"] == b"1626184800000"


def test_a_hook_that_fails_stops_the_start() -> None:
    async def fail() -> None:
        raise OSError("no such socket")

    root = Root(named("django", []), {"/a": Bare(named("a", []), fail)})
    with pytest.raises(OSError, match="no such socket"):
        call(root, {"type": "lifespan"}, ["lifespan.startup"])
