"""The record's key in another process (`hemicycle signer`), used over a Unix socket.

Requests and answers are lines of JSON. A broken connection, for example after the signer restarted,
is reopened once; if that fails too, `KeyUnavailable` is raised with a sentence for people.
"""

import base64
import json
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hemicycle.record import signing
from hemicycle.record.key_stores.base import KeyUnavailable

TIMEOUT_S = 5.0
MOST_BYTES = 128 * 1024
"""The most bytes of a line in either direction: more than the longest message in base64."""


class _Broken(Exception):
    """The connection is broken; nothing more can be sent on it."""


@dataclass(frozen=True, slots=True)
class RemoteSigner:
    """One key of the other process."""

    store: "ProcessStore"
    key: Ed25519PublicKey

    def public_key(self) -> Ed25519PublicKey:
        """Return the public half of the key."""
        return self.key

    def sign(self, data: bytes, /) -> bytes:
        """Sign a document of our own formats; raise `KeyUnavailable` for anything else."""
        message = base64.b64encode(data).decode()
        signer = signing.fingerprint(self.key)
        answer = self.store.ask({"do": "sign", "key": signer, "message": message})
        try:
            signature = base64.b64decode(answer["signature"], validate=True)
            self.key.verify(signature, data)
        except Exception as error:
            raise KeyUnavailable(f"{self.store.who} gave no signature that holds.") from error
        return signature


@dataclass(frozen=True, slots=True)
class ProcessStore:
    """The signing process that listens at `socket_path`."""

    socket_path: Path

    @property
    def place(self) -> str:
        """The socket's address, as the setting spells it."""
        return f"unix:{self.socket_path}"

    @property
    def who(self) -> str:
        """The name of the process for the beginning of a sentence."""
        return f"The signing process at {self.socket_path}"

    def current(self) -> RemoteSigner:
        """Return the current key; the last one seen by this process if the signer is unreachable.

        So pages that show a fingerprint, and registrations, continue to work; signing waits.
        """
        try:
            key = self._keys().get("current")
        except KeyUnavailable:
            key = _last_known.get(self.socket_path)
            if key is None:
                raise
        if key is None:
            raise KeyUnavailable(f"{self.who} has no key.")
        _last_known[self.socket_path] = key
        return RemoteSigner(self, key)

    def waiting(self) -> RemoteSigner | None:
        """Return the key that a renewal has prepared, or None."""
        return self._named("waiting")

    def previous(self) -> RemoteSigner | None:
        """Return the key before the current one, or None."""
        return self._named("previous")

    def prepare(self) -> RemoteSigner:
        """Return the waiting key; the signer creates one if there is none."""
        self.ask({"do": "prepare"})
        found = self.waiting()
        if found is None:
            raise KeyUnavailable(f"{self.who} made no key.")
        return found

    def promote(self, fingerprint: str) -> None:
        """Make the waiting key the current one."""
        self.ask({"do": "promote", "key": fingerprint})

    def forget_previous(self) -> None:
        """Destroy the key before the current one."""
        self.ask({"do": "forget"})

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request on this thread's connection; raise `KeyUnavailable`."""
        line = json.dumps(request).encode() + b"\n"
        for attempt in (1, 2):
            try:
                answer = _connection(self.socket_path).ask(line)
                break
            except (OSError, _Broken) as error:
                _close(self.socket_path)
                if attempt == 2 or isinstance(error, TimeoutError):
                    raise KeyUnavailable(
                        f"{self.who} does not answer. Start it with: hemicycle signer"
                    ) from error
        if "error" in answer:
            raise KeyUnavailable(f"{self.who} refused: {answer['error']}")
        return answer

    def _named(self, name: str) -> RemoteSigner | None:
        key = self._keys().get(name)
        return RemoteSigner(self, key) if key else None

    def _keys(self) -> dict[str, Ed25519PublicKey]:
        answer = self.ask({"do": "keys"})
        try:
            return {name: signing.decoded(text) for name, text in answer["keys"].items() if text}
        except (signing.InvalidProof, KeyError, AttributeError) as error:
            raise KeyUnavailable(f"{self.who} gave no key that can be read.") from error


class _SignerConnection:
    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(TIMEOUT_S)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._file = self._socket.makefile("rb")

    def ask(self, line: bytes) -> dict[str, Any]:
        self._socket.sendall(line)
        answer = self._file.readline(MOST_BYTES)
        if not answer.endswith(b"\n"):
            raise _Broken
        try:
            found = json.loads(answer)
        except ValueError as error:
            raise _Broken from error
        if not isinstance(found, dict):
            raise _Broken
        return found

    def close(self) -> None:
        self._file.close()
        self._socket.close()


_own = threading.local()
_last_known: dict[Path, Ed25519PublicKey] = {}


def _connection(path: Path) -> _SignerConnection:
    open_ones: dict[Path, _SignerConnection] = _own.__dict__.setdefault("connections", {})
    if path not in open_ones:
        open_ones[path] = _SignerConnection(path)
    return open_ones[path]


def _close(path: Path) -> None:
    connection = _own.__dict__.get("connections", {}).pop(path, None)
    if connection is not None:
        connection.close()
