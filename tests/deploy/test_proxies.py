"""Hemicycle behind nginx and behind Caddy, with the configurations of `deploy/`."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, override
from uuid import uuid4

import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from hemicycle.record import feed
from hemicycle.record.models import Entry
from tests.deploy.proxies import PROXIES, Behind, Nginx, Proxy
from tests.support import database
from tests.support.ports import free_port
from tests.support.site import COMMAND, Site
from tests.support.threaded import in_thread

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = [pytest.mark.test_all("deployment"), pytest.mark.real_time, pytest.mark.any_database]

STREAM_S = 5.0
"""Much less time than the few events of a feed need to fill a buffer of some kilobytes."""
ON_EVERY_ANSWER = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ON_MEDIA = ON_EVERY_ANSWER | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
}


@dataclass
class Front:
    """A site behind a proxy, as visitors reach it."""

    proxy: Proxy
    behind: Behind
    web: Site
    engine: subprocess.Popen[bytes]
    open: list[http.client.HTTPSConnection] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.proxy.port}"

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> HTTPResponse:
        """Return the answer to a request, with its body still unread."""
        connection = http.client.HTTPSConnection(
            "localhost", self.proxy.port, context=self.proxy.trusting(), timeout=30
        )
        self.open.append(connection)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        return connection.getresponse()

    def announce(self, path: str, length: int) -> HTTPResponse:
        """Announce a body of `length` bytes, send none of it, and return the answer."""
        connection = http.client.HTTPSConnection(
            "localhost", self.proxy.port, context=self.proxy.trusting(), timeout=30
        )
        self.open.append(connection)
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        return connection.getresponse()


class Web(Site):
    """A site that gets more time to start, since it may have to collect the static files first."""

    start_s = 180.0


@contextmanager
def halted(pid: int) -> Iterator[None]:
    """Suspend a process until the end of the block, so that it exists but answers nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class EchoesId(BaseHTTPRequestHandler):
    """A handler that answers with the id of the request."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers.get("X-Request-Id", "none").encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(params=PROXIES, ids=lambda kind: kind.program)
def before_echo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxy]:
    """A proxy in front of a program that answers with the id of each request."""
    kind: type[Proxy] = request.param
    if not kind.is_installed():
        pytest.skip(f"there is no {kind.program} (Debian's package of that name)")
    proxy = kind(tmp_path, free_port())
    (tmp_path / "webcast").mkdir()
    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), EchoesId)) as echo:
        port = echo.server_address[1]
        proxy.start(Behind(port, port, tmp_path / "static", tmp_path / "webcast"))
        try:
            yield proxy
        finally:
            proxy.stop()


def test_the_proxy_gives_each_request_an_id_of_its_own(before_echo: Proxy) -> None:
    found = [asked_as(before_echo, path) for path in ECHOED]
    assert all(re.fullmatch("[0-9a-f-]{32,36}", item) for item in found), found
    assert len(set(found)) == len(ECHOED)


def test_the_proxy_passes_on_no_figures(before_echo: Proxy) -> None:
    found = {path: status_of(before_echo, path) for path in (*FIGURES, "/healthz")}
    assert found == dict.fromkeys(FIGURES, 404) | {"/healthz": 200}


FIGURES = ("/metrics", "/metrics?x", "/%6detrics", "//metrics", "/./metrics")


def status_of(proxy: Proxy, path: str) -> int:
    connection = http.client.HTTPSConnection(
        "localhost", proxy.port, context=proxy.trusting(), timeout=30
    )
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


ECHOED = ("/", "/feed/a", "/media/health", "/media/session/a/1/events", "/media/captions/a")


def asked_as(proxy: Proxy, path: str) -> str:
    connection = http.client.HTTPSConnection(
        "localhost", proxy.port, context=proxy.trusting(), timeout=30
    )
    connection.request("GET", path, headers={"X-Request-Id": "of-the-visitor"})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


@pytest.fixture(params=PROXIES, ids=lambda kind: kind.program)
def front(
    request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path
) -> Iterator[Front]:
    if not request.param.is_installed():
        pytest.skip(f"there is no {request.param.program} (Debian's package of that name)")
    proxy: Proxy = request.param(tmp_path, free_port())
    ports = (free_port(), free_port())
    behind = Behind(*ports, Path(settings.STATIC_ROOT), tmp_path / "webcast")
    behind.segments.mkdir()
    public = {
        "HEMICYCLE_BASE_URL": f"https://localhost:{proxy.port}",
        "HEMICYCLE_SECRET_KEY": settings.SECRET_KEY,  # the test signs tokens of the feed
        "HEMICYCLE_MEDIA_URL": f"http://127.0.0.1:{behind.media}",
        "HEMICYCLE_MEDIA_PORT": str(free_port()),
        "HEMICYCLE_MEDIA_SITE": f"http://127.0.0.1:{behind.web}",
        "HEMICYCLE_MEDIA_SEGMENTS": str(behind.segments),
        "HEMICYCLE_STATIC_DIR": str(behind.static),  # the test adds files to it
    }
    web = Web(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])), more=public)
    web.port = behind.web
    engine = subprocess.Popen([*COMMAND, "media"], env={**os.environ, **public})
    served = Front(proxy, behind, web, engine)
    try:
        web.start()
        proxy.start(behind)
        wait_for_engine(served)
        yield served
    finally:
        for connection in served.open:
            connection.close()
        engine.terminate()  # before the processes that it calls
        engine.wait(20)
        proxy.stop()
        web.stop()
    web.check_log()


def wait_for_engine(served: Front) -> None:
    """Wait until the engine refuses to show its health, which is not public."""
    limit = time.monotonic() + 60
    while served.ask("/media/health").status != 401:
        assert time.monotonic() < limit, "the engine does not answer through the proxy"
        time.sleep(0.2)


def assert_headers(answer: HTTPResponse, wanted: dict[str, str]) -> None:
    """Assert that each header occurs once with its value, and that `Server` names no version."""
    for name, value in wanted.items():
        assert answer.headers.get_all(name) == [value], (name, answer.headers.items())
    assert not any(letter.isdigit() for letter in answer.headers.get("Server", ""))


def test_pages_files_and_streams(front: Front, world: World) -> None:
    page(front)
    plain_http(front)
    static_files(front)
    uploads(front)
    stream(front, world)
    socket(front, world)


def page(front: Front) -> None:
    answer = front.ask("/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="http")
    assert answer.status == 200
    assert_headers(answer, ON_EVERY_ANSWER | {"X-Frame-Options": "DENY"})
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert b"/static/" in answer.read()


def plain_http(front: Front) -> None:
    connection = http.client.HTTPConnection("localhost", front.proxy.plain_port, timeout=30)
    connection.request("GET", "/h/somewhere/?x=1")
    answer = connection.getresponse()
    connection.close()
    assert answer.status in {301, 308}
    to = answer.headers["Location"]
    assert to.startswith("https://localhost")
    assert to.endswith("/h/somewhere/?x=1")


def static_files(front: Front) -> None:
    """Static files come from the disk: `web` is suspended, and does not know the first file."""
    hashed = "proof.0123456789ab.css"
    proofs = [front.behind.static / name for name in (hashed, "proof.css", ".hidden")]
    for proof in proofs:
        proof.write_text("p { margin: 0 }")
    packed = next(front.behind.static.rglob("htmx.min.*.js.gz"))
    script = f"/static/{packed.relative_to(front.behind.static)}".removesuffix(".gz")
    with halted(front.web.pid):
        answer = front.ask(f"/static/{hashed}")
        assert (answer.status, answer.read()) == (200, b"p { margin: 0 }")
        assert answer.headers["Content-Type"].startswith("text/css")
        wanted = {"Cache-Control": "public, max-age=31536000, immutable"}
        assert_headers(answer, ON_EVERY_ANSWER | wanted)
        answer = front.ask("/static/proof.css")
        assert_headers(answer, ON_EVERY_ANSWER | {"Cache-Control": "public, max-age=60"})
        answer = front.ask(script, Accept_Encoding="gzip")
        assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
        assert "javascript" in answer.headers["Content-Type"]
        assert front.ask("/static/.hidden").status == 404
    assert front.ask("/static/../db.sqlite3").status in {400, 404}
    for proof in proofs:
        proof.unlink()


def uploads(front: Front) -> None:
    """A body of 2 MB reaches the page, which refuses it because no form of the site has sent it.

    A body over the limit gets the site's error message, even if the proxy forwards all of it.
    """
    assert front.ask("/", "POST", bytes(2 * 2**20)).status == 403
    answer = front.ask("/", "POST", bytes(50 * 2**20))
    assert (answer.status, answer.read()[:8]) == (413, b"What was")
    if isinstance(front.proxy, Nginx):  # Caddy answers only once it has the whole body
        answer = front.announce("/", 8 * 2**20)
        assert (answer.status, answer.read()[:8]) == (413, b"What was")
        assert front.announce("/", 300 * 2**20).status == 413


def stream(front: Front, world: World) -> None:
    """An event reaches the visitor when it happens, not when a buffer is full."""
    world.ngo("Open Doors", 0)
    answer = front.ask(feed.address(world.hearing.id, feed.ENTRIES))
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/event-stream")
    assert_headers(answer, ON_MEDIA)
    answer.readline()  # the stream has begun, and now waits for what happens
    world.ngo("Late", 0)
    begun = time.monotonic()
    last = f"id: {Entry.objects.order_by('-seq')[0].seq}\n".encode()
    while answer.readline() != last:
        pass
    assert time.monotonic() - begun < STREAM_S


def socket(front: Front, world: World) -> None:
    address = feed.address(world.hearing.id, feed.ENTRIES)
    with connect(
        f"wss://localhost:{front.proxy.port}{address}",
        origin=Origin(front.origin),
        ssl=front.proxy.trusting(),
    ) as opened:
        assert b"retry" in opened.recv(timeout=10)
    with (
        connect(
            f"wss://localhost:{front.proxy.port}/media/session/{world.hearing.id.hex}/{uuid4().hex}/events",
            origin=Origin(front.origin),
            ssl=front.proxy.trusting(),
        ) as refused,
        pytest.raises(ConnectionClosed) as told,
    ):
        refused.recv(timeout=10)
    assert told.value.rcvd is not None
    assert told.value.rcvd.code == 4404  # the refusal of the engine, in the form that `web` uses


def test_media_goes_past_web(front: Front) -> None:
    with halted(front.web.pid):
        answer = front.ask("/media/health", Cookie="secret=1")
        assert answer.status == 401  # as to everybody who is not on the engine's own machine
        assert_headers(answer, ON_MEDIA)
        offer = f"/media/whip/{uuid4().hex}"
        answer = front.ask(offer, "POST", b"v=0", Content_Type="application/sdp")
        assert answer.status in {401, 403, 404}
        assert_headers(answer, ON_MEDIA)
        if isinstance(front.proxy, Nginx):
            assert front.announce(offer, 2 * 2**20).status == 413
        lists_and_parts(front)
    with halted(front.engine.pid):
        segments(front)


def lists_and_parts(front: Front) -> None:
    """The engine answers requests for lists, and for files that are not on the disk."""
    for name in ("main.m3u8", "part-1.m4s", "recording-en.mp4"):
        answer = front.ask(f"/media/hls/{uuid4().hex}/{uuid4().hex}/{name}")
        assert (answer.status, answer.headers["Cache-Control"]) == (404, "public, max-age=1")
        assert_headers(answer, ON_MEDIA | {"Access-Control-Allow-Origin": "*"})


def segments(front: Front) -> None:
    """Segments come from the disk while the engine is suspended."""
    hearing, meeting = uuid4().hex, uuid4().hex
    folder = front.behind.segments / hearing / meeting
    folder.mkdir(parents=True)
    kinds = {"m4s": "video/iso.segment", "mp4": "video/mp4", "vtt": "text/vtt"}
    wanted = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=31536000, s-maxage=60, immutable",
    }
    for suffix, kind in kinds.items():
        (folder / f"video-1.{suffix}").write_bytes(b"0123456789")
        answer = front.ask(f"/media/hls/{hearing}/{meeting}/video-1.{suffix}", Range="bytes=2-4")
        assert (answer.status, answer.read()) == (206, b"234")
        assert answer.headers["Content-Type"].partition(";")[0] == kind
        assert_headers(answer, ON_MEDIA | wanted)
