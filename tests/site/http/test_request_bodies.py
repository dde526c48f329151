"""Bodies of requests: how long, fast and many they may be, and who may send one at all."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from django.conf import settings
from django.core.exceptions import RequestAborted

from hemicycle.before.registration import links
from hemicycle.hearing.people import private_links
from hemicycle.site.http import impatient_protocol, request_bodies
from hemicycle.site.http.impatient_protocol import ImpatientProtocol
from hemicycle.site.http.request_bodies import Bodies, BodyPolicy, BodyRefused
from hemicycle.site.http.threaded_handler import ThreadedHandler

if TYPE_CHECKING:
    from tests.support.lists import World

MB = 2**20


def scope(path: str = "/", *, length: int | None = None) -> dict[str, Any]:
    chunked = {"transfer-encoding": "chunked"}
    named = {"content-length": str(length)} if length is not None else chunked
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(key.encode(), value.encode()) for key, value in named.items()],
    }


async def here[T](scope: object, work: Callable[[], T]) -> T:
    """Do the work here, not in one of the handler's threads."""
    return work()


def sender(
    blocks: int, size: int, pause_s: float = 0.0
) -> tuple[Callable[[], Awaitable[dict[str, Any]]], list[int]]:
    """Return a function that sends a body in blocks, and the list of the blocks that were read."""
    taken: list[int] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause_s)
        taken.append(size)
        return {"type": "http.request", "body": b"x" * size, "more_body": len(taken) < blocks}

    return receive, taken


def read(
    asked: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], **taken: Any
) -> bytes:
    bodies = Bodies(here)
    original = request_bodies._policy
    if taken:
        request_bodies._policy = lambda scope: BodyPolicy(**taken)
    try:
        with asyncio.run(bodies.read(asked, receive)).content as content:
            return content.read()
    finally:
        request_bodies._policy = original


def test_a_body_is_read_as_it_came() -> None:
    receive, _taken = sender(3, 1000)
    assert read(scope(length=3000), receive) == b"x" * 3000


def test_one_that_is_announced_as_too_long_is_refused_after_its_end() -> None:
    """A proxy or browser that is still sending would not read an earlier answer."""
    receive, taken = sender(10, MB)
    with pytest.raises(BodyRefused) as refused:
        read(scope(length=10 * MB), receive, most=MB)
    assert (refused.value.status, len(taken)) == (413, 10)


def test_one_that_has_no_end_is_heard_out_for_a_while() -> None:
    receive, taken = sender(1000, MB)
    with pytest.raises(BodyRefused) as refused:
        read(scope(length=1000 * MB), receive, most=MB)
    assert (refused.value.status, len(taken)) == (413, 300)


def test_one_that_does_not_come_is_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "PAUSED_S", 0.1)
    receive, taken = sender(10, MB, pause_s=60)
    with pytest.raises(BodyRefused) as refused:
        read(scope(length=10 * MB), receive, most=MB)
    assert (refused.value.status, taken) == (413, [])


def test_who_asks_first_is_refused_before_the_body_comes() -> None:
    receive, taken = sender(10, MB)
    asked = scope(length=10 * MB)
    asked["headers"].append((b"expect", b"100-Continue"))
    with pytest.raises(BodyRefused) as refused:
        read(asked, receive, most=MB)
    assert (refused.value.status, taken) == (413, [])


def test_one_that_goes_on_and_on_without_a_length_is_refused_midway() -> None:
    receive, taken = sender(1000, MB)
    with pytest.raises(BodyRefused) as refused:
        read(scope(), receive, most=3 * MB)
    assert (refused.value.status, len(taken)) == (413, 4)


def test_one_to_an_address_that_is_not_open_is_dropped() -> None:
    receive, taken = sender(10, MB)
    assert read(scope(length=10 * MB), receive, most=100 * MB, is_open=False) == b""
    assert len(taken) == 10


def test_one_that_stops_midway_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "SILENT_S", 0.05)
    receive, _taken = sender(10, 100, pause_s=0.2)
    with pytest.raises(BodyRefused) as refused:
        read(scope(length=1000), receive)
    assert refused.value.status == 408


def test_one_that_trickles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "GRACE_S", 0.1)
    receive, taken = sender(1000, 1, pause_s=0.02)
    with pytest.raises(BodyRefused) as refused:
        read(scope(length=1000), receive)
    assert refused.value.status == 408
    assert len(taken) < 100


def test_a_sender_who_hangs_up_is_no_error() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(RequestAborted):
        read(scope(length=10), gone)


def test_only_so_many_large_bodies_come_in_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(request_bodies, "MOST_PER_ADDRESS", 2)
    monkeypatch.setattr(request_bodies, "_policy", lambda scope: BodyPolicy(100 * MB))

    async def statuses() -> list[int]:
        bodies, held = Bodies(here), asyncio.Event()

        async def slow() -> dict[str, Any]:
            await held.wait()
            return {"type": "http.request", "body": b"x"}

        async def send(path: str) -> int:
            try:
                (await bodies.read(scope(path, length=MB), slow)).content.close()
            except BodyRefused as refused:
                return refused.status
            return 200

        sending = [asyncio.create_task(send(path)) for path in ("/a", "/a", "/a", "/b", "/c")]
        await asyncio.sleep(0.01)
        held.set()
        found = [await task for task in sending]
        return [*found, await send("/c")]

    assert asyncio.run(statuses()) == [200, 200, 503, 200, 503, 200]


@pytest.mark.any_database
def test_a_link_that_the_browser_keeps_is_known_by_its_handle(world: World) -> None:
    secret = links.secret_of(world.ngo("Open Doors", 0))
    handle = private_links.handle_of(secret)
    asked = scope(f"/my/{handle}/statement/", length=MB)
    assert not request_bodies._policy(asked).is_open
    cookie = f"{settings.COOKIE_PREFIX}link-{handle.removeprefix('~')}={secret}"
    asked["headers"].append((b"cookie", cookie.encode()))
    assert request_bodies._policy(asked).is_open


@pytest.mark.any_database
def test_each_address_has_its_own_limit(world: World) -> None:
    registration = world.ngo("Open Doors", 0)
    secret = links.secret_of(registration)
    taken = {
        name: request_bodies._policy(scope(path, length=MB))
        for name, path in {
            "statement": f"/my/{secret}/statement/",
            "nobody's statement": f"/my/{'x' * 43}/statement/",
            "office": f"/office/{world.hearing.slug}/file/",
            "registration": f"/h/{world.hearing.slug}/register/",
            "nothing": "/nothing/at/all/",
        }.items()
    }
    usual = int(2.5 * MB) + request_bodies.ENVELOPE
    assert taken == {
        "statement": BodyPolicy(usual + 20 * MB, view_says_so=True, reads_files=True),
        "nobody's statement": BodyPolicy(
            usual + 20 * MB, is_open=False, view_says_so=True, reads_files=True
        ),
        "office": BodyPolicy(usual, is_open=False),
        "registration": BodyPolicy(usual, view_says_so=True),
        "nothing": BodyPolicy(usual, is_open=False),
    }


class Served:
    """The handler behind a real server, in a thread; requests must not need a database."""

    def __init__(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            ThreadedHandler(2), http=ImpatientProtocol, lifespan="off", log_level="error"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([listener],), daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served()
    yield server
    server.stop()


ASKING = b"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.real_time
def test_half_a_request_is_hung_up_on(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impatient_protocol, "ASKED_WITHIN_S", 0.3)
    silent, half = served.connect(), served.connect()
    half.sendall(ASKING)
    for connection in (silent, half):
        with connection, contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    assert len(ImpatientProtocol.waited_for) == 0


@pytest.mark.real_time
def test_a_head_without_end_is_hung_up_on(served: Served) -> None:
    def send() -> None:
        for _ in range(1000):
            connection.sendall(b"X-Long: " + b"x" * 4000 + b"\r\n")
            time.sleep(0.001)

    with served.connect() as connection:
        connection.sendall(ASKING)
        with pytest.raises(OSError, match=r"reset|pipe"):
            send()


@pytest.mark.real_time
def test_many_half_requests_make_way_for_one_that_asks(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impatient_protocol, "MOST_WAITED_FOR", 20)
    crowd = [served.connect() for _ in range(60)]
    for connection in crowd:
        connection.sendall(ASKING)
    with served.connect() as one:
        one.sendall(ASKING + b"Connection: close\r\n\r\n")
        answer = io.BytesIO()
        while block := one.recv(65536):
            answer.write(block)
    head, _, body = answer.getvalue().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert json.loads(body)["openapi"].startswith("3.1")
    assert len(ImpatientProtocol.waited_for) <= 20
    for connection in crowd:
        connection.close()


LARGE = 30 * MB
POSTING = f"POST /api/openapi.json HTTP/1.1\r\nHost: localhost\r\nContent-Length: {LARGE}\r\n\r\n"


def test_who_sends_too_much_gets_the_answer_after_all_of_it(served: Served) -> None:
    """An answer is lost if its connection is closed while sent bytes are unread."""
    with served.connect() as connection:
        connection.sendall(POSTING.encode() + bytes(LARGE))
        answer = b""
        while not answer.endswith(b"\r\n0\r\n\r\n"):  # the end of a body in chunks
            answer += connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 413")
        connection.sendall(ASKING + b"\r\n")  # the connection can be used again
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.real_time
def test_who_goes_on_sending_after_the_answer_is_hung_up_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impatient_protocol, "HEARD_OUT_S", 0.3)

    def go_on() -> None:
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.01)

    with served.connect() as connection:
        connection.sendall(POSTING.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")
        with pytest.raises(OSError, match=r"reset|pipe"):
            go_on()
