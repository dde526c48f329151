"""Datagrams over TCP, each after its length (RFC 4571), for networks that block UDP."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Protocol

MOST_WAITING = 96 << 10
"""Bytes that may wait for a slow link: a keyframe. Further datagrams are dropped, as by UDP."""

NAME_S = 5.0
"""Seconds within which a connection must name its peer."""

CANNOT_SEGMENT = "The system cuts no datagrams for TCP."

_NOT_SENT_BYTES = 16 << 10


class DatagramConnection(Protocol):
    """A connection that carries datagrams, with the methods of a socket that packets are sent by.

    `on_frame` gets each datagram; `on_end` is called once, when the other side ends it.
    """

    address: tuple[str, int]
    on_frame: Callable[[bytes], None]
    on_end: Callable[[], None]

    def known(self) -> None:
        """Keep the connection, because its peer is known."""

    def send(self, data: bytes | memoryview) -> None:
        """Send a datagram. Raises OSError."""

    def rest(self) -> None:
        """Stop reading."""

    def go_on(self) -> None:
        """Read again."""

    def abort(self) -> None:
        """End the connection at once."""


class FramedConnection(asyncio.Protocol):
    """A TCP connection of this process, as a `DatagramConnection`.

    A connection of another process rests at first; `inherited` is the incomplete frame that it had
    received.
    """

    def __init__(
        self, on_frame: Callable[[bytes], None], *, inherited: bytes | None = None
    ) -> None:
        self.on_frame = on_frame
        self.on_end: Callable[[], None] = lambda: None
        self.refused = False
        self.address = ("", 0)
        self._transport: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._rests = inherited is not None
        self.incomplete = inherited or b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait up to `NAME_S` for the first datagram."""
        self._transport = transport
        host, port = transport.get_extra_info("peername")[:2]
        self.address = (host, port)
        if self.refused:
            self.abort()
            return
        # Let the system keep little: then this buffer shows how far the link is behind.
        transport.get_extra_info("socket").setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _NOT_SENT_BYTES
        )
        if self._rests:
            self.rest()
        else:
            self._timer = asyncio.get_running_loop().call_later(NAME_S, self.abort)

    def known(self) -> None:
        """Keep the connection, because its peer is known."""
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Cut the stream into its datagrams."""
        data = self.incomplete + data
        at = 0
        while len(data) - at >= 2:
            size = int.from_bytes(data[at : at + 2])
            if len(data) - at - 2 < size:
                break
            frame, at = data[at + 2 : at + 2 + size], at + 2 + size
            if frame:
                self.on_frame(frame)
        self.incomplete = data[at:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end of the connection."""
        self.known()
        self.on_end()

    def send(self, data: bytes | memoryview) -> None:
        """Send a datagram. Raises BlockingIOError if the link is too far behind."""
        if self._transport.get_write_buffer_size() > MOST_WAITING:
            raise BlockingIOError
        self._transport.write(b"".join((len(data).to_bytes(2), data)))

    def sendmsg(self, buffers: list[memoryview], ancillary: object) -> None:
        """Send a datagram, as `send` does."""
        self.send(buffers[0])

    def setsockopt(self, *option: object) -> None:
        """Raise OSError, as a socket does that cannot segment."""
        raise OSError(CANNOT_SEGMENT)

    @property
    def behind(self) -> bool:
        """Whether data is waiting to be sent."""
        return bool(self._transport.get_write_buffer_size())

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        number: int = self._transport.get_extra_info("socket").fileno()
        return number

    def rest(self) -> None:
        """Stop reading."""
        if self._transport.is_reading():
            self._transport.pause_reading()

    def go_on(self) -> None:
        """Read again."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()
