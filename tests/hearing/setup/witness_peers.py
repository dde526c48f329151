"""Runs a third-party witness: `aics-witness`, from PyPI.

Debian's litewitness (litetlog 0.4.3) cannot be used: as built there, it answers 404 to every
checkpoint. With a workaround, it crashes while storing one.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hemicycle.record.log.notes import VerifierKey
from tests.support.ports import free_port

NAME = "peer.example"
START_S = 30.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A running witness: the address at which it accepts checkpoints, and its key."""

    url: str
    vkey: str


@contextmanager
def aics(folder: Path, log: VerifierKey) -> Iterator[Peer]:
    """Run `aics-witness`, a witness in Python, with one log."""
    program = [sys.executable, "-m", "aics_witness"]
    config = ["--config", str(folder / "witness.json")]
    vkey = _run([*program, "init", *config, "--name", NAME])
    _run([*program, "add-log", *config, "--origin", log.name, "--vkey", str(log)])
    port = free_port()
    serve = [*program, "serve", *config, "--listen", f"127.0.0.1:{port}"]
    with _running(serve, port):
        yield Peer(f"http://127.0.0.1:{port}", _vkey(vkey))


def _vkey(printed: str) -> str:
    """Return the verifier key in a program's output."""
    return next(word for word in printed.split() if word.startswith(f"{NAME}+"))


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[None]:
    """Run a command until the end of the block, which begins when the command listens at `port`."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        _wait(process, port)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=15)


def _wait(process: subprocess.Popen[str], port: int) -> None:
    end = time.monotonic() + START_S
    while not _listens(port):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, "the witness does not start"
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
