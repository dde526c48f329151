"""`hemicycle signer`: holds the record's key, and signs for Hemicycle's own processes.

It runs as a separate Unix user, so that no other user can read the key, and uses neither the
database nor the network. The kernel reports the user at the other end of the socket (SO_PEERCRED),
which decides who may ask; `record.signable` decides what may be signed.
"""

import argparse
import asyncio
import base64
import json
import logging
import os
import pwd
import signal
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hemicycle.record import signable, signing
from hemicycle.record.key_stores.base import KeyStore, KeyUnavailable
from hemicycle.record.key_stores.places import open_store
from hemicycle.record.key_stores.process import MOST_BYTES

MOST_CONNECTIONS = 256
"""The most open connections; one machine's web processes and workers have fewer threads."""

log = logging.getLogger(__name__)


class _Refused(Exception):
    """A request that is answered with an error sentence."""


class Signing:
    """Answers requests with the keys of a store."""

    def __init__(self, store: KeyStore, successors: frozenset[str] = frozenset()) -> None:
        self._store = store
        self._successors = successors

    def answer(self, line: bytes) -> dict[str, Any]:
        """Return the answer to one line, which may contain anything."""
        try:
            request = json.loads(line)
            return self._act(request if isinstance(request, dict) else {})
        except (ValueError, RecursionError):
            return {"error": "This is no request."}
        except (_Refused, KeyUnavailable) as refusal:
            return {"error": str(refusal)}

    def _act(self, request: Mapping[str, Any]) -> dict[str, Any]:
        acts: dict[object, Callable[[], dict[str, Any]]] = {
            "keys": self._keys,
            "sign": partial(self._sign, request),
            "prepare": self._prepare,
            "promote": partial(self._promote, request),
            "forget": self._forget,
        }
        name = request.get("do")
        if not isinstance(name, str) or name not in acts:
            raise _Refused("This is no request.")
        return acts[name]()

    def _all(self) -> dict[str, signing.Signer | None]:
        store = self._store
        return {
            "current": store.current(),
            "waiting": store.waiting(),
            "previous": store.previous(),
        }

    def _keys(self) -> dict[str, Any]:
        spelled = {
            name: signing.encoded(key.public_key()) if key else None
            for name, key in self._all().items()
        }
        return {"keys": spelled}

    def _sign(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            message = base64.b64decode(request["message"], validate=True)
        except (KeyError, TypeError, ValueError):
            raise _Refused("This is no request.") from None
        keys = self._all()
        del keys["waiting"]  # a waiting key signs nothing before it is in force
        known = {signing.fingerprint(key.public_key()): key for key in keys.values() if key}
        signer = known.get(str(request.get("key")))
        if signer is None:
            raise _Refused("The key that is to sign is not here.")
        own = signing.encoded(signer.public_key())
        try:
            signable.check(message, own, self._successors_of(own))
        except signable.NotSignable as refusal:
            log.warning("nothing signed: %s", refusal)
            raise _Refused(f"this is not signed. {refusal}") from refusal
        return {"signature": base64.b64encode(signer.sign(message)).decode()}

    def _successors_of(self, key: str) -> set[str]:
        """Return the fingerprints of the keys that a key may sign as its successors."""
        spelled = self._keys()["keys"]
        after = {spelled["previous"]: spelled["current"], spelled["current"]: spelled["waiting"]}
        found = after.get(key)
        return {*self._successors, *([signing.fingerprint_of(found)] if found else [])}

    def _prepare(self) -> dict[str, Any]:
        key = signing.fingerprint(self._store.prepare().public_key())
        log.warning("the key %s waits to succeed", key)
        return {}

    def _promote(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._store.promote(str(request.get("key")))
        log.warning("the key %s signs from now on", request.get("key"))
        return {}

    def _forget(self) -> dict[str, Any]:
        self._store.forget_previous()
        log.warning("the key before the one in force is destroyed")
        return {}


def peer_of(connection: socket.socket) -> int:
    """Return the user id of the process at the other end, as the kernel knows it."""
    size = struct.calcsize("3i")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    _pid, uid, _gid = struct.unpack("3i", credentials)
    return int(uid)


class SignerServer:
    """Listens at a socket, and answers the users in `allowed`."""

    def __init__(self, signing: Signing, allowed: frozenset[int]) -> None:
        self._signing = signing
        self._allowed = allowed
        self._open = 0

    async def serve(self, path: Path) -> None:
        """Answer until SIGTERM or SIGINT. Raises `KeyUnavailable` if the path is in use."""
        server = await asyncio.start_unix_server(
            self._converse, sock=_listener(path), limit=MOST_BYTES
        )
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        print(f"Signing at {path}", flush=True)
        await ended.wait()
        server.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open > MOST_CONNECTIONS:
                await _say(writer, {"error": "too many connections."})
            elif (uid := peer_of(writer.get_extra_info("socket"))) not in self._allowed:
                log.warning("user %d is not answered", uid)
                await _say(writer, {"error": f"user {uid} is not among those that may ask."})
            else:
                await self._answer_all(reader, writer)
        except (ConnectionError, TimeoutError):
            pass
        finally:
            self._open -= 1
            writer.close()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # longer than the limit
                await _say(writer, {"error": "This is no request."})
                return
            if not line.endswith(b"\n"):
                return
            await _say(writer, self._signing.answer(line))


async def _say(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
    writer.write(json.dumps(answer).encode() + b"\n")
    async with asyncio.timeout(5):
        await writer.drain()


def _listener(path: Path) -> socket.socket:
    """Return a socket at `path`; replace a socket file that no process listens at."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                if probe.connect_ex(str(path)) == 0:
                    raise KeyUnavailable(f"Another process listens at {path}.")
            path.unlink()
        listener.bind(str(path))
        path.chmod(0o666)  # open to all users: access is decided by SO_PEERCRED
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise KeyUnavailable(f"Cannot listen at {path} ({error.strerror}).") from error
    return listener


def _uid(name: str) -> int:
    try:
        return int(name) if name.isdecimal() else pwd.getpwnam(name).pw_uid
    except KeyError:
        raise argparse.ArgumentTypeError(f"there is no user {name}") from None


def _fingerprint(text: str) -> str:
    found = signing.read_fingerprint(text)
    if found is None:
        raise argparse.ArgumentTypeError("a fingerprint has 64 hexadecimal digits")
    return found


def main(argv: list[str] | None = None) -> int:
    """Run `hemicycle signer` until SIGTERM or SIGINT."""
    options = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    os.umask(0o077)
    allowed = frozenset({os.getuid(), *options.allow})
    try:
        store = open_store(options.key)
        key = signing.fingerprint(store.current().public_key())
        print(f"The key is {key}", flush=True)
        server = SignerServer(Signing(store, frozenset(options.successor)), allowed)
        asyncio.run(server.serve(options.socket))
        options.socket.unlink(missing_ok=True)
    except KeyUnavailable as error:
        print(f"hemicycle: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle signer",
        description="Hold the record's key, and sign receipts, seals and checkpoints for the "
        "processes of other users. Run it as a user of its own.",
    )
    parser.add_argument("--socket", type=Path, required=True, help="where to listen")
    parser.add_argument(
        "--key",
        required=True,
        help="the place of the key: file:/PATH (created if missing), or a pkcs11: address",
    )
    parser.add_argument(
        "--allow",
        type=_uid,
        action="append",
        default=[],
        metavar="USER",
        help="a user, by name or number, whose processes may ask; can be repeated",
    )
    parser.add_argument(
        "--successor",
        type=_fingerprint,
        action="append",
        default=[],
        metavar="FINGERPRINT",
        help="the fingerprint of a key elsewhere that may replace this one during a renewal",
    )
    return parser
