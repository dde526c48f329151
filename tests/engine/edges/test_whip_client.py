"""The WHIP client against servers that misbehave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hemicycle.engine.edges import whip_client
from hemicycle.engine.edges.whip_client import EdgeRefused, WhipAnswer

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OFFER = "v=0\r\n"


def answering(**more: object) -> web.Response:
    headers = {"Location": "/session/1", "Content-Type": "application/sdp"}
    return web.Response(
        status=int(str(more.get("status", 201))),
        body=str(more.get("text", "the answer")).encode(),
        headers={**headers, **more.get("headers", {})},  # type: ignore[dict-item]
    )


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[tuple[TestServer, aiohttp.ClientSession]]:
    made = web.Application()
    made.router.add_route("*", "/{rest:.*}", handler)
    serving = TestServer(made)
    async with serving, aiohttp.ClientSession() as http:
        yield serving, http


def asked(handler: Handler) -> WhipAnswer:
    async def scene() -> WhipAnswer:
        async with server(handler) as (serving, http):
            return await whip_client.publish(http, str(serving.make_url("/a/whip")), OFFER, "key")

    return asyncio.run(scene())


def refused(handler: Handler) -> EdgeRefused:
    with pytest.raises(EdgeRefused) as error:
        asked(handler)
    return error.value


def test_an_accepted_offer() -> None:
    async def handle(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer key"
        assert request.content_type == "application/sdp"
        assert await request.text() == OFFER
        return answering()

    answer = asked(handle)
    assert answer.sdp == "the answer"
    assert answer.session.endswith("/session/1")


@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, "token"), (403, "token"), (404, "path"), (409, "taken"), (503, "full"), (200, "answer")],
)
def test_a_refusal_says_why(status: int, reason: str) -> None:
    async def handle(request: web.Request) -> web.Response:
        return answering(status=status, headers={"Retry-After": "7"})

    error = refused(handle)
    assert (error.reason, error.again_s) == (reason, 7)


def test_nobody_makes_the_engine_wait_for_ever() -> None:
    async def handle(request: web.Request) -> web.Response:
        return answering(status=503, headers={"Retry-After": "99999"})

    assert refused(handle).again_s == whip_client.LONGEST_PAUSE_S


@pytest.mark.parametrize(
    "more",
    [
        {"text": "x" * 70_000},
        {"headers": {"Content-Type": "text/html"}},
    ],
)
def test_an_answer_that_is_none(more: dict[str, object]) -> None:
    async def handle(request: web.Request) -> web.Response:
        return answering(**more)

    assert refused(handle).reason == "answer"


def test_bytes_that_are_no_text() -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=201, body=b"\xff\xfe", content_type="application/sdp")

    assert refused(handle).reason == "answer"


def test_a_slow_edge_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whip_client, "_TIMEOUT", aiohttp.ClientTimeout(total=0.2))

    async def handle(request: web.Request) -> web.Response:
        await asyncio.sleep(2)
        return answering()

    assert refused(handle).reason == "slow"


def test_an_edge_that_is_not_there() -> None:
    async def scene() -> None:
        async with aiohttp.ClientSession() as http:
            await whip_client.publish(http, "http://127.0.0.1:1/a/whip", OFFER, "key")

    with pytest.raises(EdgeRefused) as error:
        asyncio.run(scene())
    assert error.value.reason == "unreachable"


def test_a_redirect_within_the_edge_is_followed_once() -> None:
    async def once(request: web.Request) -> web.Response:
        if request.path == "/a/whip":
            return answering(status=307, headers={"Location": "/b/whip"})
        assert request.headers["Authorization"] == "Bearer key"
        return answering()

    async def again(request: web.Request) -> web.Response:
        return answering(status=307, headers={"Location": f"{request.path}x"})

    assert asked(once).sdp == "the answer"
    assert refused(again).reason == "redirect"


def test_a_redirect_elsewhere_gets_no_token() -> None:
    elsewhere: list[str] = []

    async def other(request: web.Request) -> web.Response:
        elsewhere.append(request.path)
        return answering()

    async def scene(location: Callable[[str], str], status: int) -> EdgeRefused:
        async with server(other) as (there, _):
            to = location(str(there.make_url("/b/whip")))

            async def handle(request: web.Request) -> web.Response:
                return answering(status=status, headers={"Location": to})

            async with server(handle) as (serving, http):
                address = str(serving.make_url("/a/whip"))
                with pytest.raises(EdgeRefused) as error:
                    await whip_client.publish(http, address, OFFER, "key")
                return error.value

    for status in (307, 308):
        for location in (str, lambda url: url.removeprefix("http:"), lambda url: ""):
            assert asyncio.run(scene(location, status)).reason == "redirect"
    assert asyncio.run(scene(str, 302)).reason == "answer"
    assert elsewhere == []


def test_a_session_elsewhere_is_not_deleted() -> None:
    async def handle(request: web.Request) -> web.Response:
        return answering(headers={"Location": "http://elsewhere.example/session/1"})

    assert asked(handle).session == ""


def test_the_end_is_told_with_the_token_and_never_fails() -> None:
    told: list[tuple[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        told.append((request.method, request.headers["Authorization"]))
        return web.Response(status=404)

    async def scene() -> None:
        async with server(handle) as (serving, http):
            await whip_client.withdraw(http, str(serving.make_url("/session/1")), "key")
            await whip_client.withdraw(http, "http://127.0.0.1:1/session/1", "key")

    asyncio.run(scene())
    assert told == [("DELETE", "Bearer key")]
