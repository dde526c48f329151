"""Edges for tests and benches: `tools/edge`, a real WHIP/WHEP server on Pion, as a process."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hemicycle.engine.edges import tokens
from tools.clients import golang

SOURCE = Path(__file__).parents[2] / "tools/edge"


def program() -> Path:
    """Return the built program. Raises RuntimeError with what to install."""
    built = golang.BUILT / "edge"
    if wrong := golang.missing():
        raise RuntimeError(wrong)
    built.parent.mkdir(parents=True, exist_ok=True)
    if failed := golang.build(SOURCE, built):
        raise RuntimeError(failed)
    return built


def needed() -> pytest.MarkDecorator:
    """Skip a test where Go and Pion are not installed."""
    return pytest.mark.skipif(bool(golang.missing()), reason=golang.missing() or "it is there")


@dataclass
class RunningEdge:
    """An edge's process: `base` is where WHIP and WHEP are, `api` where it is controlled."""

    process: subprocess.Popen[str]
    base: str
    api: str

    @property
    def name(self) -> str:
        """Its name in passes and reports."""
        return self.base

    def kill(self) -> None:
        """Let it vanish without a word (SIGKILL)."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Let it take requests and packets, and do nothing with them (SIGSTOP)."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def running(
    keys: str, *, host: str = "127.0.0.1", listen: str = "127.0.0.1:0", api: str = "127.0.0.1:0"
) -> Iterator[RunningEdge]:
    """An edge that takes the tokens of the public keys at an address; media at a `host`."""
    process = subprocess.Popen(
        [program(), "-jwks", keys, "-listen", listen, "-api", api, "-media", f"{host}:0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "GOMAXPROCS": "2"},
    )
    try:
        assert process.stdout is not None
        base, _, control = process.stdout.readline().strip().partition(" ")
        assert control, "the edge did not start"
        yield RunningEdge(process, base, control)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def keys_of(secret: str) -> Iterator[str]:
    """The public key of a secret's tokens, at an address, as `web` gives it to edges."""
    body = json.dumps(tokens.jwks(secret)).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the output of tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield "http://{}:{}/keys".format(*server.server_address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
