"""SRT by libsrt, for pushing a transport stream: PyAV's own libraries do not include it.

The library is the system's (Debian: `libsrt1.5-gnutls`), found when it is first needed. Only what a
sender needs is here, with the constants of libsrt 1.4 and 1.5 (`srt.h`).
"""

import ctypes
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from hemicycle.engine.egress.reaching import MayReach, resolved

LIBRARIES = (
    "libsrt-gnutls.so.1.5",
    "libsrt-openssl.so.1.5",
    "libsrt.so.1.5",
    "libsrt-gnutls.so.1.4",
    "libsrt.so.1.4",
)
MISSING = (
    "This machine has no libsrt, which pushing by SRT needs. Install it (on Debian: "
    "apt-get install libsrt1.5-gnutls), or push by RTMP."
)
PAYLOAD = 7 * 188
"""The bytes of one datagram: whole packets of the transport stream, as live SRT requires."""
TIMEOUT_MS = 5_000
ACCEPT_EVERY_S = 0.1

_SNDSYN, _RCVSYN, _SNDTIMEO, _REUSEADDR, _LATENCY = 1, 2, 13, 15, 23
_PASSPHRASE, _CONNTIMEO, _STREAMID = 26, 36, 46
_NONE = -1


class SrtError(OSError):
    """An error reported by libsrt."""


class NoLibrary(SrtError):
    """Raised when there is no libsrt on this machine."""


@dataclass(frozen=True, slots=True)
class SrtAddress:
    """`srt://host:port?mode=caller&streamid=…&passphrase=…&latency=120`; latency in ms."""

    host: str
    port: int
    listens: bool = False
    stream_id: str = ""
    passphrase: str = ""
    latency_ms: int = 120


def read(url: str) -> SrtAddress:
    """Return the address in a URL; raise ValueError for an invalid one."""
    parts = urlsplit(url)
    try:
        port = parts.port or 0
    except ValueError:
        port = 0
    if not port:
        raise ValueError("An SRT address names a port, as in srt://encoder.example.org:9000.")
    given = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    mode, latency = given.get("mode", "caller"), given.get("latency", "120")
    if mode not in {"caller", "listener"}:
        raise ValueError("An SRT address has mode=caller or mode=listener.")
    if mode == "caller" and not parts.hostname:
        raise ValueError("An SRT address names a host, unless it has mode=listener.")
    if not latency.isdecimal() or int(latency) > 10_000:
        raise ValueError("The latency of an SRT address is a number of milliseconds up to 10000.")
    secret = given.get("passphrase", "")
    if secret and not 10 <= len(secret.encode()) <= 79:
        raise ValueError("The passphrase of an SRT address has 10 to 79 characters.")
    host = unquote(parts.hostname or "")
    return SrtAddress(
        host, port, mode == "listener", given.get("streamid", ""), secret, int(latency)
    )


class SrtSender:
    """A connection that sends a transport stream; a file that libavformat can write to."""

    def __init__(
        self, address: SrtAddress, stopped: Callable[[], bool], may_reach: MayReach
    ) -> None:
        """Connect, or wait for a call until `stopped`. Raises `SrtError`, or `Inside`."""
        self._held = b""
        self._latency_s = address.latency_ms / 1000
        self._socket = _listen(address, stopped) if address.listens else _call(address, may_reach)

    def write(self, data: bytes) -> int:
        """Send whole datagrams; keep the rest for the next time. Raises `SrtError`."""
        self._held += bytes(data)
        while len(self._held) >= PAYLOAD:
            piece, self._held = self._held[:PAYLOAD], self._held[PAYLOAD:]
            if _library().srt_send(self._socket, piece, len(piece)) < 0:
                raise _error()
        return len(data)

    def close(self) -> None:
        """Send the remaining data, wait until it has arrived, and end the connection."""
        if self._held:
            _library().srt_send(self._socket, self._held, len(self._held))
        time.sleep(self._latency_s)
        _library().srt_close(self._socket)


@cache
def _library() -> ctypes.CDLL:
    for name in LIBRARIES:
        try:
            found = ctypes.CDLL(name)
        except OSError:
            continue
        found.srt_getlasterror_str.restype = ctypes.c_char_p
        found.srt_startup()
        return found
    raise NoLibrary(MISSING)


def _error() -> SrtError:
    return SrtError(_library().srt_getlasterror_str().decode(errors="replace"))


def _made(address: SrtAddress) -> int:
    made: int = _library().srt_create_socket()
    if made == _NONE:
        raise _error()
    for option, number in ((_LATENCY, address.latency_ms), (_SNDTIMEO, TIMEOUT_MS)):
        _set(made, option, struct.pack("i", number))
    _set(made, _CONNTIMEO, struct.pack("i", TIMEOUT_MS))
    if address.passphrase:
        _set(made, _PASSPHRASE, address.passphrase.encode())
    if address.stream_id and not address.listens:
        _set(made, _STREAMID, address.stream_id.encode())
    return made


def _set(made: int, option: int, value: bytes) -> None:
    if _library().srt_setsockflag(made, option, value, len(value)) < 0:
        raise _error()


def _call(address: SrtAddress, may_reach: MayReach) -> int:
    family, number = resolved(address.host, address.port, socket.SOCK_DGRAM, may_reach)
    made = _made(address)
    try:
        where = _packed(family, number, address.port)
        if _library().srt_connect(made, where, len(where)) < 0:
            raise _error()
    except OSError:
        _library().srt_close(made)
        raise
    return made


def _listen(address: SrtAddress, stopped: Callable[[], bool]) -> int:
    made = _made(address)
    try:
        where = _sockaddr(address)
        for option in (_RCVSYN, _SNDSYN):  # so that waiting can be interrupted
            _set(made, option, b"\0\0\0\0")
        for step in (_library().srt_bind(made, where, len(where)), _library().srt_listen(made, 1)):
            if step < 0:
                raise _error()
        return _accept(made, stopped)
    finally:
        _library().srt_close(made)


def _accept(made: int, stopped: Callable[[], bool]) -> int:
    while not stopped():
        found: int = _library().srt_accept(made, None, None)
        if found != _NONE:
            _set(found, _SNDSYN, struct.pack("i", 1))
            return found
        time.sleep(ACCEPT_EVERY_S)
    raise SrtError("nobody called")


def _sockaddr(address: SrtAddress) -> bytes:
    """Return the address to listen at, as a C structure (`sockaddr_in`, `sockaddr_in6`)."""
    host = address.host or "0.0.0.0"  # noqa: S104 - an empty host means all interfaces
    family, *_, where = socket.getaddrinfo(host, address.port, type=socket.SOCK_DGRAM)[0]
    return _packed(family, str(where[0]), address.port)


def _packed(family: int, number: str, port: int) -> bytes:
    packed = socket.inet_pton(family, number)
    if family == socket.AF_INET6:
        return struct.pack("=H", family) + struct.pack(">HI16sI", port, 0, packed, 0)
    return struct.pack("=H", family) + struct.pack(">H4s8x", port, packed)
