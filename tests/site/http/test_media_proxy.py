"""The proxy to the media engine: streams both ways, ends when a visitor leaves, explains errors."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp
import pytest
import uvicorn
from aiohttp import web
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings
from yarl import URL

from hemicycle.logs import RequestIds
from hemicycle.meeting.media_machines import routes
from hemicycle.meeting.media_machines.routes import MediaRoute
from hemicycle.site.asgi import Bare, Root
from hemicycle.site.http import media_proxy
from hemicycle.site.http.request_ids import WithRequestIds
from tests.support.ports import free_port

DOORS = ("whip", "whep", "attend")
"""The addresses at which the engine takes offers."""


@pytest.fixture(autouse=True)
def _one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be one media machine, so that the database is not asked."""

    def found(hearing: str) -> MediaRoute:
        return MediaRoute(django_settings.MEDIA_ENGINE.url, is_one_of_many=False)

    monkeypatch.setattr(routes, "known", found)
    monkeypatch.setattr(routes, "is_due", lambda: False)


@dataclass
class Engine:
    """Replaces the engine: returns the request, and notes disconnected clients."""

    asked: list[web.Request] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def echo(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        headers = {"Location": "/media/session/x", "X-Own": "1", "Keep-Alive": "timeout=9"}
        body = await request.read()
        return web.Response(status=201, body=request.method.encode() + b" " + body, headers=headers)

    async def events(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        try:
            await answer.write(b"event: you\ndata: {}\n\n")
            await asyncio.sleep(30)
        finally:
            self.gone.set()
        return answer

    async def lines(self, request: web.Request) -> web.Response:
        async for block in request.content.iter_any():
            self.taken.append(block)
        return web.json_response({})

    async def broken(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "100"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return answer


async def nothing(scope: object, receive: object, send: object) -> None:
    raise AssertionError("only /media/ is asked for here")


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[Engine, str]]:
    """An engine, and a site that passes requests on to it: (engine, the site's address)."""
    engine = Engine()
    app = web.Application()
    app.add_routes(
        [
            web.route("*", "/media/{what:echo|whip|whep|attend}/{tail:.*}", engine.echo),
            web.get("/media/events", engine.events),
            web.post("/media/captions/x", engine.lines),
            web.get("/media/broken", engine.broken),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    behind = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, behind).start()
    engine.url = f"http://127.0.0.1:{behind.getsockname()[1]}"
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, url=engine.url)
    bare = Bare(media_proxy.app, media_proxy.startup, media_proxy.shutdown)
    root = WithRequestIds(Root(nothing, {"/media/": bare}), RequestIds([]))
    front = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(root, log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[front]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield engine, f"http://127.0.0.1:{front.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        await runner.cleanup()


type Scene = Callable[[Engine, str, aiohttp.ClientSession], Awaitable[None]]


def play(settings: Settings, scene: Scene) -> None:
    async def whole() -> None:
        async with served(settings) as (engine, site), aiohttp.ClientSession() as client:
            async with asyncio.timeout(20):
                await scene(engine, site, client)

    asyncio.run(whole())


def test_a_request_and_its_answer_pass_as_they_are(settings: Settings) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        headers = {
            "Authorization": "Bearer x",
            "Cookie": "sessionid=secret",
            "X-Forwarded-For": "192.0.2.9",
            "X-Request-Id": "of-the-visitor",
        }
        address = URL(f"{site}/media/echo/a%20b?channel=fr&x=%2F", encoded=True)
        async with client.post(address, data=b"v=0", headers=headers) as answer:
            assert (answer.status, await answer.read()) == (201, b"POST v=0")
            assert answer.headers["Location"] == "/media/session/x"
            assert answer.headers["X-Own"] == "1"
            assert "Keep-Alive" not in answer.headers
            assert len(answer.headers.getall("Date")) == 1
            (request_id,) = answer.headers.getall("X-Request-Id")
        asked = engine.asked[-1]
        assert asked.raw_path == "/media/echo/a%20b?channel=fr&x=%2F"
        assert asked.headers["Authorization"] == "Bearer x"
        assert "Cookie" not in asked.headers
        assert asked.headers.getall("X-Forwarded-For") == ["192.0.2.9"]
        assert asked.headers.getall("X-Request-Id") == [request_id] != ["of-the-visitor"]
        assert asked.headers["Host"] == engine.url.removeprefix("http://")

    play(settings, scene)


def test_every_method_passes(settings: Settings) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        for method in ("GET", "DELETE", "PATCH", "OPTIONS", "HEAD"):
            async with client.request(method, f"{site}/media/echo/") as answer:
                said = b"" if method == "HEAD" else method.encode() + b" "
                assert (answer.status, await answer.read()) == (201, said), method

    play(settings, scene)


def test_events_come_as_they_are_told_and_a_visitor_who_leaves_is_gone(
    settings: Settings,
) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        async with client.get(f"{site}/media/events") as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
            assert await answer.content.readuntil(b"\n\n") == b"event: you\ndata: {}\n\n"
            assert not engine.gone.is_set()
            answer.close()
        await engine.gone.wait()

    play(settings, scene)


def test_lines_go_out_as_they_are_written(settings: Settings) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        read = asyncio.Event()

        async def written() -> AsyncIterator[bytes]:
            yield b"one\n"
            while not engine.taken:  # noqa: ASYNC110 - what is waited for is far away
                await asyncio.sleep(0.01)
            read.set()
            yield b"two\n"

        async with client.post(f"{site}/media/captions/x", data=written()) as answer:
            assert answer.status == 200
        assert read.is_set()
        assert b"".join(engine.taken) == b"one\ntwo\n"

    play(settings, scene)


def test_captions_may_go_on_and_other_bodies_may_not(settings: Settings) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        async def long() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b"x" * 2**16

        async with client.post(f"{site}/media/captions/x", data=long()) as answer:
            assert answer.status == 200
        assert sum(map(len, engine.taken)) == 20 * 2**16
        for body in (long(), b"x" * (2**20 + 1)):
            async with client.post(f"{site}/media/echo/", data=body) as answer:
                assert answer.status == 413
                refusal = await answer.json()
                assert (refusal["code"], refusal["values"]) == ("too_long", {"most_kb": 1024})

    play(settings, scene)


def test_a_long_offer_is_not_kept(settings: Settings) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        async def long() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b"x" * 2**15

        for door in DOORS:
            for body in (long(), b"x" * (2**16 + 1)):
                async with client.post(f"{site}/media/{door}/{'a' * 32}", data=body) as answer:
                    assert answer.status == 413, door
                    assert (await answer.json())["values"] == {"most_kb": 64}

    play(settings, scene)


def test_without_an_engine_there_is_a_code(settings: Settings) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        nowhere = f"http://127.0.0.1:{free_port()}"
        settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, url=nowhere)
        async with client.post(f"{site}/media/echo/", data=b"v=0") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
            refusal = await answer.json()
            assert (refusal["code"], refusal["values"]) == ("unreachable", {})

    play(settings, scene)


def test_an_answer_that_breaks_off_is_not_told_as_whole(settings: Settings) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        async with client.get(f"{site}/media/broken") as answer:
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()

    play(settings, scene)


def test_a_request_goes_to_the_machine_that_has_the_hearing_now(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            dead = f"http://127.0.0.1:{nobody.getsockname()[1]}"
            asked: list[str] = []
            machines = {"a" * 32: [dead, engine.url], "b" * 32: [dead, dead], "c" * 32: [""]}

            def known(hearing: str) -> MediaRoute:
                asked.append(hearing)
                told = machines[hearing]
                return MediaRoute(told.pop(0) if len(told) > 1 else told[0], is_one_of_many=True)

            monkeypatch.setattr(routes, "known", known)
            moved = f"{site}/media/echo/{'a' * 32}/x"
            async with client.post(moved, data=b"v=0") as answer:
                assert (answer.status, await answer.read()) == (201, b"POST v=0")
            assert asked == ["a" * 32] * 2, "the table is read again when a machine is gone"
            for lost in ("b" * 32, "c" * 32):
                async with client.post(f"{site}/media/session/{lost}", data=b"v=0") as answer:
                    assert answer.status == 503
                    assert (await answer.json())["code"] == "unreachable"

    play(settings, scene)


class Leases:
    """Replaces the table of machines with one hearing and its address."""

    HEARING = "a" * 32

    def __init__(self, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
        self.url = url
        monkeypatch.setattr(routes, "known", self.known)
        monkeypatch.setattr(routes, "renew", lambda: None)

    def known(self, hearing: str) -> MediaRoute:
        assert hearing == self.HEARING
        return MediaRoute(self.url, is_one_of_many=True)


def test_an_offer_waits_for_the_machine_that_takes_the_hearing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            leases = Leases(monkeypatch, f"http://127.0.0.1:{nobody.getsockname()[1]}")

            async def offer(door: str) -> tuple[int, bytes]:
                offered = client.post(f"{site}/media/{door}/{leases.HEARING}", data=b"v=0")
                async with offered as answer:
                    return answer.status, await answer.read()

            offering = [asyncio.create_task(offer(door)) for door in DOORS]
            await asyncio.sleep(0.3)
            leases.url = ""
            await asyncio.sleep(0.3)
            assert not any(task.done() for task in offering)
            leases.url = engine.url
            assert await asyncio.gather(*offering) == [(201, b"POST v=0")] * len(DOORS)
            assert len(engine.asked) == len(DOORS)

    play(settings, scene)


def test_an_offer_follows_the_hearing_from_a_machine_that_is_silent(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        came = asyncio.Event()

        async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            came.set()

        silent = await asyncio.start_server(swallow, "127.0.0.1", 0)
        leases = Leases(monkeypatch, f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}")

        async def move() -> None:
            await came.wait()
            leases.url = engine.url

        moving = asyncio.create_task(move())
        offered = client.post(f"{site}/media/whep/{leases.HEARING}", data=b"v=0")
        async with offered as answer:
            assert (answer.status, await answer.read()) == (201, b"POST v=0")
        await moving
        silent.close()

    play(settings, scene)


def test_an_offer_is_refused_when_no_machine_takes_the_hearing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        leases = Leases(monkeypatch, "")
        offered = client.post(f"{site}/media/whep/{leases.HEARING}", data=b"v=0")
        async with offered as answer:
            assert answer.status == 503
            assert (await answer.json())["code"] == "unreachable"

    monkeypatch.setattr(media_proxy, "SUCCESSOR_S", 0.4)
    play(settings, scene)


def test_a_press_does_not_wait_while_the_table_is_read_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, read = threading.Event(), threading.Event(), []

    def reads() -> None:
        read.append("")
        begun.set()
        may_end.wait(20)

    async def scene(engine: Engine, site: str, client: aiohttp.ClientSession) -> None:
        try:
            for _ in range(3):
                async with client.post(f"{site}/media/echo/x", data=b"v=0") as answer:
                    assert answer.status == 201
            assert await asyncio.to_thread(begun.wait, 20)
        finally:
            may_end.set()

    monkeypatch.setattr(routes, "is_due", lambda: True)
    monkeypatch.setattr(routes, "renew", reads)
    play(settings, scene)
    assert read == [""], "one reading at a time"
