"""A receiver of webhooks: a real HTTP server on this machine, which answers as a test wants."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.threaded import in_thread

Behave = Callable[["Handler"], None]


@dataclass
class Got:
    """A message as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        """The decoded content of the message."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """The messages that have arrived, and how to answer the next ones."""

    port: int
    behave: Behave
    got: list[Got] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address at which it listens."""
        return f"http://127.0.0.1:{self.port}/hook"


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.got.append(Got(headers, body))
        self.receiver.behave(self)

    def do_GET(self) -> None:
        self.receiver.got.append(Got({"method": "GET"}, b""))
        self.receiver.behave(self)

    def log_message(self, *_told: object) -> None:
        """Log nothing."""


def status(code: int, text: str = "", **headers: str) -> Behave:
    """Return a behaviour that answers with a status."""

    def behave(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return behave


def raw(data: bytes) -> Behave:
    """Return a behaviour that answers with these bytes and closes the connection."""

    def behave(handler: Handler) -> None:
        handler.wfile.write(data)
        handler.close_connection = True

    return behave


def trickle(seconds: float) -> Behave:
    """Return a behaviour that begins an answer, sends it byte by byte, and never ends it."""

    def behave(handler: Handler) -> None:
        end = time.monotonic() + seconds
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        try:
            while time.monotonic() < end:
                handler.wfile.write(b"H")
                time.sleep(0.05)
        except OSError:
            pass

    return behave


def endless(handler: Handler) -> None:
    """Answer with status 200, and send a body that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    try:
        while True:
            handler.wfile.write(b"x" * 65536)
    except OSError:
        pass


@contextmanager
def listening(behave: Behave | None = None) -> Iterator[Receiver]:
    """Run a receiver that accepts everything, or answers as `behave` says."""
    receiver = Receiver(0, behave or status(204))
    bound = type("Bound", (Handler,), {"receiver": receiver})
    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), bound)) as server:
        receiver.port = server.server_address[1]
        yield receiver
