"""A witness that logs ask: C2SP tlog-witness, ``POST /add-checkpoint`` over HTTP.

Clients are not authenticated: only what a known log's key signed is considered. Put a TLS proxy in
front, or listen on a private network.

Standard library and `cryptography` only.
"""

import base64
import binascii
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hemicycle.record import speech
from hemicycle.record.log.merkle import HASH_BYTES
from hemicycle.record.speech import noop as _
from hemicycle.record.witness.judging import ClaimedCheckpoint, ForkFound, NotCosigned, Witness

MOST_BYTES = 128 * 1024
"""The most bytes of a request; a checkpoint with its proof has a few hundred."""
MOST_PROOF = 63
"""The most lines of a proof (C2SP tlog-witness)."""
TIMEOUT_S = 10.0
MOST_AT_ONCE = 50
_OLD = re.compile(r"old (0|[1-9][0-9]{0,17})")
SIZE = "text/x.tlog.size"
PLAIN = "text/plain; charset=utf-8"

STATUSES = {
    "malformed": 400,
    "unknown-key": 403,
    "unknown-origin": 404,
    "shorter": 409,
    "changed": 409,
    "proof": 422,
    "clock": 503,
    "restored": 503,
    "stopped": 503,
}
"""The HTTP status for each reason to refuse."""


@dataclass(frozen=True, slots=True)
class AddAnswer:
    """The answer to a request."""

    status: int
    body: str
    content_type: str = PLAIN


@dataclass(frozen=True, slots=True)
class AddRequest:
    """A request: the size that the log believes to be cosigned, the proof, and the note."""

    old: int
    proof: tuple[bytes, ...]
    note: str


def parse(body: bytes) -> AddRequest:
    """Read a request; raises `NotCosigned`."""
    try:
        head, parted, note = body.decode("utf-8").partition("\n\n")
        first, *lines = head.split("\n")
        old = _OLD.fullmatch(first)
        proof = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (UnicodeDecodeError, binascii.Error, ValueError) as error:
        said = "The request cannot be read (%(why)s)."
        raise NotCosigned("malformed", said, why=error) from error
    if old is None or not parted:
        raise NotCosigned("malformed", "The request must begin with “old” and a size.")
    if len(proof) > MOST_PROOF or any(len(hash) != HASH_BYTES for hash in proof):
        raise NotCosigned("malformed", "The proof must be at most 63 hashes of 32 bytes.")
    return AddRequest(int(old[1]), proof, note)


COSIGNED = _("Cosigned %(origin)s at entry %(size)s.")
NOT_COSIGNED = _("Not cosigned (%(reason)s): %(why)s")


class WitnessListener:
    """Answers requests to one witness, one after the other."""

    def __init__(
        self, witness: Witness, tell: Callable[[str], None], language: str = speech.SOURCE
    ) -> None:
        """`tell` receives messages in `language`; hearings receive their answers in English."""
        self._witness, self._print, self._language = witness, tell, language
        self._lock = threading.Lock()

    def _tell(self, sentence: str, **values: object) -> None:
        # Requests are answered in separate threads, in which the language is English by default.
        with speech.speaking(self._language):
            self._print(speech.gettext(sentence) % values)

    def add_checkpoint(self, body: bytes) -> AddAnswer:
        """Judge a checkpoint; cosign it or answer why not."""
        try:
            request = parse(body)
            with self._lock:
                claim = self._witness.read(request.note)
                return self._judge(claim, request)
        except ForkFound as changed:
            self._tell("%(changed)s", changed=changed)
            return AddAnswer(409, f"{changed.evidence.name}\n")
        except NotCosigned as refused:
            if refused.reason not in {"malformed", "unknown-origin", "unknown-key"}:
                self._tell(NOT_COSIGNED, reason=refused.reason, why=refused)
            return AddAnswer(STATUSES[refused.reason], f"{refused}\n")

    def _judge(self, claim: ClaimedCheckpoint, request: AddRequest) -> AddAnswer:
        self._witness.check(claim)
        new = claim.checkpoint
        if request.old > new.size:
            raise NotCosigned("malformed", "The old size is larger than the checkpoint's.")
        seen = self._witness.seen(new.origin)
        known = seen.size if seen else 0
        if seen is not None and new.size == known:
            self._witness.compare(claim, seen, ())
        if request.old != known:
            return AddAnswer(409, f"{known}\n", SIZE)
        signature = self._witness.cosign(claim, request.proof)
        self._tell(COSIGNED, origin=new.origin, size=new.size)
        return AddAnswer(200, f"{signature}\n")


def serve(listener: WitnessListener, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server for these requests, not running yet; port 0 takes a free port."""
    slots = threading.BoundedSemaphore(MOST_AT_ONCE)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "hemicycle-witness"
        sys_version = ""
        timeout = TIMEOUT_S

        def do_POST(self) -> None:
            self.close_connection = True  # no client occupies a thread for more than one request
            if not slots.acquire(blocking=False):
                self._send(AddAnswer(503, "Too many ask at the same time.\n"))
                return
            try:
                self._send(self._answer())
            finally:
                slots.release()

        def do_GET(self) -> None:
            self.close_connection = True
            self._send(AddAnswer(404, "This is a witness: POST to add-checkpoint.\n"))

        def _answer(self) -> AddAnswer:
            if self.path.rpartition("/")[2] != "add-checkpoint":
                return AddAnswer(404, "This is a witness: POST to add-checkpoint.\n")
            told = self.headers.get("Content-Length", "")
            if not told.isascii() or not told.isdigit():
                return AddAnswer(411, "Say how long the request is.\n")
            if int(told) > MOST_BYTES:
                return AddAnswer(413, f"A request has at most {MOST_BYTES} bytes.\n")
            return listener.add_checkpoint(self.rfile.read(int(told)))

        def _send(self, answer: AddAnswer) -> None:
            body = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Log nothing: addresses of clients are not kept."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            error = sys.exception()
            if not isinstance(error, (ConnectionError, TimeoutError)):
                print(f"A request failed: {error!r}", file=sys.stderr, flush=True)

    return Server((host, port), Handler)
