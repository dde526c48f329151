"""A log that a test writes, and which it publishes over HTTP for witnesses, as a hearing does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record.log import merkle, notes
from hemicycle.record.log.notes import CheckpointText, NoteSignature, SignedNote, VerifierKey
from hemicycle.record.signing import Signer
from tests.support.threaded import in_thread

ORIGIN = "hearing.example/h/water"


def leaf(number: int, branch: str = "") -> bytes:
    """Return the leaf of an entry in one branch of a history."""
    return sha256(f"{branch}{number}".encode()).digest()


@dataclass
class WrittenLog:
    """A log whose key the test holds, so that it can write two histories."""

    key: Signer = field(default_factory=Ed25519PrivateKey.generate)
    origin: str = ORIGIN
    leaves: list[bytes] = field(default_factory=list)

    @property
    def vkey(self) -> VerifierKey:
        return VerifierKey.of(self.origin, self.key.public_key())

    def grow(self, count: int, branch: str = "") -> WrittenLog:
        """Add `count` entries, and return the log."""
        self.leaves += [leaf(len(self.leaves) + number, branch) for number in range(count)]
        return self

    def forked(self, after: int) -> WrittenLog:
        """Return another history with the same key, which begins with the first `after` entries."""
        return WrittenLog(self.key, self.origin, self.leaves[:after])

    @property
    def tree(self) -> merkle.Tree:
        return merkle.Tree(self.leaves)

    def checkpoint(self, size: int | None = None) -> str:
        """Return a signed checkpoint of the first `size` entries, by default of all."""
        size = len(self.leaves) if size is None else size
        text = str(CheckpointText(self.origin, size, self.tree.root(size)))
        return str(SignedNote(text, (notes.sign(text, self.origin, self.key),)))

    def tile(self, height: int, number: int, width: int) -> bytes:
        """Return the hashes of a tile."""
        first = number * 256
        places = [(height * 8, first + place) for place in range(width)]
        return b"".join(self.tree.read(places))


@dataclass
class Published:
    """The files that are served of a log; a test replaces `log` by another history."""

    log: WrittenLog
    url: str = ""
    delivered: list[str] = field(default_factory=list)
    shown: list[NoteSignature] = field(default_factory=list)
    answer: tuple[int, str] = (200, "")
    date: str = ""
    cut_tiles: bool = False
    successions: dict[str, Any] | None = None

    def get(self, path: str) -> bytes | None:
        """Return the body of the answer to a request, or None for 404."""
        if path == "/log/checkpoint":
            return str(SignedNote.parse(self.log.checkpoint()).with_signatures(self.shown)).encode()
        if path == "/log/successions.json" and self.successions is not None:
            return json.dumps(self.successions).encode()
        if path.startswith("/log/tile/"):
            return self._tile(path.removeprefix("/log/tile/").split("/"))
        return None

    def _tile(self, parts: Sequence[str]) -> bytes:
        height, *numbers = parts
        width = 256
        if numbers[-2:-1] and numbers[-2].endswith(".p"):
            width = int(numbers.pop())
            numbers[-1] = numbers[-1].removesuffix(".p")
        number = int("".join(part.removeprefix("x") for part in numbers))
        tile = self.log.tile(int(height), number, width)
        return tile[:-7] if self.cut_tiles else tile


@contextmanager
def published(log: WrittenLog) -> Iterator[Published]:
    """Serve the files of this log from a separate port."""
    of = Published(log)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = of.get(self.path)
            self._answer(404 if body is None else 200, body or b"")

        def do_POST(self) -> None:
            of.delivered.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, says = of.answer
            self._answer(status, says.encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response_only(status)
            if of.date:
                self.send_header("Date", of.date)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            pass

    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        of.url = f"http://127.0.0.1:{server.server_address[1]}/log"
        yield of
