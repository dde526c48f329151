"""Edges for tests and benches: `tools/edge`, a real WHIP/WHEP server on Pion, as a process."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hemicycle.engine.edges import tokens
from tests.support.threaded import in_thread
from tools.clients import golang

SOURCE = Path(__file__).parents[2] / "tools/edge"


def program() -> Path:
    """Build the program, and return its path. Raises RuntimeError with the reason if that fails."""
    built = golang.BUILT / "edge"
    if wrong := golang.missing():
        raise RuntimeError(wrong)
    built.parent.mkdir(parents=True, exist_ok=True)
    if failed := golang.build(SOURCE, built):
        raise RuntimeError(failed)
    return built


def needed() -> pytest.MarkDecorator:
    """Return the mark that skips a test where Go or Pion is not installed."""
    return pytest.mark.skipif(bool(golang.missing()), reason=golang.missing() or "it is there")


@dataclass
class RunningEdge:
    """An edge's process: `base` is the address of WHIP and WHEP, `api` that of its controls."""

    process: subprocess.Popen[str]
    base: str
    api: str

    @property
    def name(self) -> str:
        """The name of the edge in passes and reports."""
        return self.base

    def kill(self) -> None:
        """Kill the edge, so that it cannot report its end (SIGKILL)."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Stop the edge: it accepts requests and packets but does not handle them (SIGSTOP)."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the edge continue (SIGCONT)."""
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def running(
    keys: str, *, host: str = "127.0.0.1", listen: str = "127.0.0.1:0", api: str = "127.0.0.1:0"
) -> Iterator[RunningEdge]:
    """Run an edge that accepts the tokens of the public keys at the address `keys`.

    WHIP and WHEP are at `listen`, the controls at `api`, and sound and picture at the address
    `host`.
    """
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
    """Serve the public key of a secret's tokens as `web` does for edges, and yield its address."""
    body = json.dumps(tokens.jwks(secret)).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the output of tests clean."""

    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Keys)) as server:
        yield "http://{}:{}/keys".format(*server.server_address)
