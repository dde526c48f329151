"""The hand-over: a running engine gives its connections to a successor process, in mid-sentence.

The successor starts beside it and asks over a Unix socket that only this user can open. It gets the
sockets and state of every connection, and continues with the next packet (decision 0034):

1. `ahead`: the port's sockets, and which hearings run. The successor follows their records, starts
   their outputs and draws the picture that is shown. Then it is `ready`.
2. `packets`: the packets that wait in delayed public feeds, while everything continues.
3. `state`: the engine rests and sends the rest: sessions, keys, numbers, mixers, booths, and the
   descriptors of connections. The successor builds all of it and says `taken`.
4. `go`: from here on only the successor mixes and sends.
5. `left`: the engine has completed the webcast's files, which the successor continues.

If anything fails before `go`, the engine continues where it rested: packets that came meanwhile
wait in its sockets, and the mixers run the missed ticks. Keys and sound are sent only over this
socket.
"""

import asyncio
import logging
import os
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from hemicycle import private_sockets
from hemicycle.engine.control.lease_keeper import HandedLeases
from hemicycle.engine.control.registry import HearingRegistry
from hemicycle.engine.control.request_gate import RequestGate
from hemicycle.engine.control.sessions import MediaSession, SessionRegistry
from hemicycle.engine.hearing import LiveHearing
from hemicycle.engine.movable_hearing import AheadHearing, HandedHearing
from hemicycle.engine.public_feed import DelayedPacket
from hemicycle.engine.rtc import fan_out
from hemicycle.engine.rtc.listener import ListenerPeer
from hemicycle.engine.rtc.media_port import HandedPort, MediaPort
from hemicycle.engine.rtc.peer_factory import PeerFactory
from hemicycle.engine.rtc.publisher import PublisherPeer

log = logging.getLogger(__name__)

FILE: Final = "media.socket"
FORM: Final = 6
"""The version of the messages; increase it with each change that the previous version cannot read.
"""

READY_WITHIN_S = 50.0
TAKEN_WITHIN_S = 1.0
"""Seconds that a successor has to build what it got; the hearings are silent meanwhile."""
POSSIBLE_WITHIN_S = 40.0
"""The longest time, in seconds, that a hand-over waits until it is possible, for example for the
end of a recorded intervention.
"""
CONNECTED_WITHIN_S = 2.0
LEFT_WITHIN_S = 15.0
SOUND_FIRST_S = 0.1
SWITCH_S = 0.0005
"""The time, in seconds, for which another thread may hold the interpreter while all is silent;
otherwise it is 5 ms.
"""
SENT_WITHIN_S = 0.02
"""The longest time, in seconds, to finish sending frames before the engine rests."""

PACKETS = 200
"""The most packets in one message, so that other tasks can run between two messages."""
LONGEST = 64 << 20
"""The most bytes of a message."""
DESCRIPTORS = 200
"""The most descriptors sent with one byte (Linux permits 253)."""

_head = Struct("!BIH")
type _Kind = Literal["ask", "ahead", "ready", "packets", "state", "taken", "go", "left"]
_KINDS: Final[tuple[_Kind, ...]] = (
    "ask", "ahead", "ready", "packets", "state", "taken", "go", "left",
)  # fmt: skip
_CREDENTIALS = Struct("3i")
_NO_ANSWER: Final = "The other process ended, or did not answer in time."
_PLAIN = ConfigDict(strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class NotTaken(RuntimeError):
    """Raised when nothing was taken over; `str()` is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class AheadEngine:
    """What a successor gets first, with the descriptors of the port: first UDP, then TCP."""

    __pydantic_config__: ClassVar[ConfigDict] = _PLAIN

    form: int
    grouped: Mapping[str, tuple[str, ...]]
    hearings: tuple[AheadHearing, ...]


@dataclass(frozen=True, slots=True)
class AheadPackets:
    """Packets that wait in a hearing's public feed, in their order."""

    __pydantic_config__: ClassVar[ConfigDict] = _PLAIN

    hearing: str
    packets: tuple[DelayedPacket, ...]


@dataclass(frozen=True, slots=True)
class HandedEngine:
    """An engine for its successor: hearings, their leases, and the passes that were used."""

    __pydantic_config__: ClassVar[ConfigDict] = _PLAIN

    hearings: tuple[HandedHearing, ...]
    used: Mapping[str, float]
    leases: HandedLeases


# Made at the start: after an upgrade, a running process must not load anything more from the disk.
AHEAD = TypeAdapter(AheadEngine)
AHEAD_PACKETS = TypeAdapter(AheadPackets)
ENGINE = TypeAdapter(HandedEngine)


class HandOverLine:
    """One end of the connection between both processes; its calls block in threads."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    @classmethod
    def checked(cls, sock: socket.socket) -> "HandOverLine":
        """Return a line to a process of this user; raise `NotTaken` for any other."""
        raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        if _CREDENTIALS.unpack(raw)[1] != os.geteuid():
            sock.close()
            raise NotTaken("A process of another user asked for the connections.")
        sock.setblocking(True)
        return cls(sock)

    async def say(self, kind: _Kind, data: bytes = b"", descriptors: Sequence[int] = ()) -> None:
        """Send a message. Raises OSError."""
        await asyncio.to_thread(self._send, kind, data, descriptors)

    def say_now(self, kind: _Kind, data: bytes = b"", descriptors: Sequence[int] = ()) -> None:
        """Send a message without a thread, because a change of threads would prolong the silence.

        Raises OSError, also if the other process does not read it within a second.
        """
        self._sock.settimeout(TAKEN_WITHIN_S)
        self._send(kind, data, descriptors)

    def hear_now(self, kind: _Kind, within_s: float) -> None:
        """Wait for a message without data, of this kind. Raises `NotTaken`, as `hear` does."""
        self._sock.settimeout(within_s)
        try:
            found, _, _ = self._receive()
        except (OSError, EOFError) as error:
            raise NotTaken(_NO_ANSWER) from error
        if found != kind:
            raise NotTaken(f"The other process said {found} and not {kind}.")

    async def hear(self, kind: _Kind, within_s: float) -> tuple[bytes, list[socket.socket]]:
        """Return the next message, which must be of this kind.

        Raises `NotTaken` for another kind, or if no message comes in time.
        """
        found, data, sockets = await self.hear_any(within_s)
        if found != kind:
            raise NotTaken(f"The other process said {found} and not {kind}.")
        return data, sockets

    async def hear_any(self, within_s: float) -> tuple[_Kind, bytes, list[socket.socket]]:
        """Return the next message: its kind, its data, and the sockets that came with it."""
        self._sock.settimeout(within_s)
        try:
            return await asyncio.to_thread(self._receive)
        except (OSError, EOFError) as error:
            raise NotTaken(_NO_ANSWER) from error

    def close(self) -> None:
        """Close this end."""
        self._sock.close()

    def _send(self, kind: _Kind, data: bytes, descriptors: Sequence[int]) -> None:
        self._sock.sendall(_head.pack(_KINDS.index(kind), len(data), len(descriptors)))
        for at in range(0, len(descriptors), DESCRIPTORS):
            socket.send_fds(self._sock, [b"\0"], descriptors[at : at + DESCRIPTORS])
        if data:  # a reader of a message without data may have ended already
            self._sock.sendall(data)

    def _receive(self) -> tuple[_Kind, bytes, list[socket.socket]]:
        kind, size, count = _head.unpack(self._exactly(_head.size))
        if kind >= len(_KINDS) or size > LONGEST:
            raise NotTaken("The other process said what is no message of a hand-over.")
        sockets: list[socket.socket] = []
        while len(sockets) < count:
            mark, numbers, _flags, _address = socket.recv_fds(self._sock, 1, DESCRIPTORS)
            sockets += [socket.socket(fileno=number) for number in numbers]
            if not mark or not numbers:
                raise EOFError
        return _KINDS[kind], self._exactly(size), sockets

    def _exactly(self, size: int) -> bytes:
        parts, left = [], size
        while left:
            part = self._sock.recv(min(left, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            left -= len(part)
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class EngineParts:
    """The parts of an engine that are handed over, in either process."""

    hearings: HearingRegistry
    sessions: SessionRegistry
    exchange: PeerFactory
    port: MediaPort
    gate: RequestGate


# ── The previous process ──────────────────────────────────────────────────────────────────────
class HandOver:
    """Waits for successors, and hands the engine over to the first one that can take it.

    `given` is set when a successor has it: then end this process, and call `left` when the webcast
    is complete.
    """

    def __init__(self, parts: EngineParts) -> None:
        self.given = asyncio.Event()
        self._parts = parts
        self._line: HandOverLine | None = None

    async def serve(self, path: Path) -> None:
        """Listen at `path` until cancelled."""
        listener = private_sockets.listener(path)
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            while not self.given.is_set():
                sock, _ = await loop.sock_accept(listener)
                try:
                    await self.give(HandOverLine.checked(sock))
                except NotTaken as error:
                    log.warning("This engine goes on, and no successor: %s", error)
        finally:
            listener.close()

    async def give(self, line: HandOverLine) -> None:
        """Hand the engine over by this line. If that fails, continue and raise `NotTaken`."""
        try:
            await self._give(line)
        except OSError as error:
            raise NotTaken("The successor ended.") from error
        finally:
            if not self.given.is_set():
                line.close()

    async def left(self) -> None:
        """Notify the successor that this process has completed the webcast."""
        if self._line is not None:
            try:
                await self._line.say("left")
            except OSError:
                log.warning("The successor has ended since it took over.")
            self._line.close()

    async def _give(self, line: HandOverLine) -> None:
        asked, _ = await line.hear("ask", READY_WITHIN_S)
        if asked != str(FORM).encode():
            raise NotTaken("The successor is of a version that reads another form of hand-over.")
        grouped, udp, tcp = self._parts.port.handed()
        running = tuple(hearing.ahead() for hearing in self._parts.hearings.running())
        ahead = AheadEngine(FORM, grouped, running)
        await line.say("ahead", AHEAD.dump_json(ahead), [*udp, *tcp])
        await line.hear("ready", READY_WITHIN_S)
        await self._until_possible()
        sent = await self._send_packets(line, defaultdict(int))
        await self._parts.gate.close()
        await self._until_connected()
        try:
            with _in_short_turns():
                await self._rest()
                began = time.monotonic()
                await self._send_packets(line, sent)
                count = self._hand(line)
        except BaseException:
            await self._go_on()
            raise
        took_ms = (time.monotonic() - began) * 1000
        self._line = line
        await self._let_go()
        log.warning("%d connections went to a new process within %.0f ms.", count, took_ms)

    async def _until_possible(self) -> None:
        loop = asyncio.get_running_loop()
        over = loop.time() + POSSIBLE_WITHIN_S
        while hindering := [hearing.hinders for hearing in self._hearings() if hearing.hinders]:
            if loop.time() > over:
                raise NotTaken(f"Not now: {hindering[0]}.")
            await asyncio.sleep(0.2)

    async def _until_connected(self) -> None:
        """Wait a moment for new connections, since only complete ones can be moved."""
        loop = asyncio.get_running_loop()
        over = loop.time() + CONNECTED_WITHIN_S
        while loop.time() < over and any(  # noqa: ASYNC110  # it is a property of sessions
            session.state == "connecting" for session in self._parts.sessions.all()
        ):
            await asyncio.sleep(0.02)

    async def _send_packets(self, line: HandOverLine, sent: Mapping[str, int]) -> dict[str, int]:
        """Send the packets that wait in public feeds, without the first `sent` of each hearing.

        Returns how many have come in all, by hearing.
        """
        came: dict[str, int] = {}
        for hearing in self._hearings():
            name = hearing.hearing
            came[name], packets = hearing.public_feed.ahead(sent.get(name, 0))
            for at in range(0, len(packets), PACKETS):
                told = AheadPackets(name, packets[at : at + PACKETS])
                await line.say("packets", AHEAD_PACKETS.dump_json(told))
        return came

    async def _rest(self) -> None:
        await asyncio.gather(*(hearing.rest() for hearing in self._hearings()))
        over = asyncio.get_running_loop().time() + SENT_WITHIN_S
        while fan_out.are_busy() and asyncio.get_running_loop().time() < over:  # noqa: ASYNC110
            await asyncio.sleep(0)  # let the fan-outs send: they work in turns of the loop
        for peer in _peers(self._parts.sessions.all()):
            peer.rest()
        self._parts.exchange.rest()

    def _hand(self, line: HandOverLine) -> int:
        """Send the whole state and wait until the successor has it; return the number of
        connections.
        """
        descriptors: list[int] = []
        hearings = tuple(hearing.handed(descriptors) for hearing in self._hearings())
        leases = self._parts.hearings.leases.handed()
        state = HandedEngine(hearings, dict(self._parts.sessions.used), leases)
        line.say_now("state", ENGINE.dump_json(state), descriptors)
        line.hear_now("taken", TAKEN_WITHIN_S)
        line.say_now("go")
        return sum(
            session.publisher is not None or session.listener is not None
            for hearing in hearings
            for session in hearing.sessions
        )

    async def _go_on(self) -> None:
        for hearing in self._hearings():
            hearing.go_on()
        for peer in _peers(self._parts.sessions.all()):
            peer.go_on()
        await self._parts.exchange.go_on()
        self._parts.gate.open()

    async def _let_go(self) -> None:
        """Close this process's side of everything; people who are connected do not notice."""
        self._parts.hearings.leases.let_go()
        gone = _peers(self._parts.sessions.let_go())
        for peer in gone:
            peer.let_go()
        for hearing in self._hearings():
            hearing.let_go()
        self._parts.gate.move()
        self.given.set()
        await asyncio.gather(*(peer.close("handed over") for peer in gone), return_exceptions=True)

    def _hearings(self) -> tuple[LiveHearing, ...]:
        return self._parts.hearings.running()


def _peers(sessions: Sequence[MediaSession]) -> list[PublisherPeer | ListenerPeer]:
    peers = (session.peer for session in sessions)
    return [peer for peer in peers if isinstance(peer, PublisherPeer | ListenerPeer)]


# ── The successor ─────────────────────────────────────────────────────────────────────────────
class TakeOver:
    """The successor's side: `ask`, then `prepare`, then `take`."""

    def __init__(
        self, line: HandOverLine, ahead: AheadEngine, sockets: list[socket.socket]
    ) -> None:
        count = len(ahead.grouped)
        self.port = HandedPort(ahead.grouped, tuple(sockets[:count]), tuple(sockets[count:]))
        self._line, self._ahead = line, ahead
        self._packets: dict[str, list[DelayedPacket]] = defaultdict(list)

    @classmethod
    async def ask(cls, path: Path) -> "TakeOver":
        """Ask the engine that listens at `path`. Raises `NotTaken`."""
        try:
            sock = await asyncio.to_thread(private_sockets.connected, path)
        except OSError as error:
            raise NotTaken("No running engine hands over.") from error
        return await cls.begin(HandOverLine.checked(sock))

    @classmethod
    async def begin(cls, line: HandOverLine) -> "TakeOver":
        """Ask by this line. Raises `NotTaken`."""
        try:
            await line.say("ask", str(FORM).encode())
        except OSError as error:
            raise NotTaken("The engine before ended.") from error
        data, sockets = await line.hear("ahead", READY_WITHIN_S)
        return cls(line, _read(AHEAD, data), sockets)

    async def take(self, parts: EngineParts) -> None:
        """Take over everything from the previous engine. Raises `NotTaken`."""
        await parts.hearings.prepare(self._ahead.hearings)
        self._say("ready")
        with _in_short_turns():
            await self._take(parts)
            # The missed ticks come first: pictures, plans, reports and requests can wait for that
            # time.
            await asyncio.sleep(SOUND_FIRST_S)
        parts.hearings.take_over()

    async def begin_webcasts(self, parts: EngineParts) -> None:
        """Continue the webcasts when the previous engine has completed its part."""
        try:
            await self._line.hear("left", LEFT_WITHIN_S)
        except NotTaken:
            log.warning("The engine before ended without completing its webcast.")
        self._line.close()
        for ahead in self._ahead.hearings:
            for hearing in parts.hearings.running():
                if hearing.hearing == ahead.hearing:
                    hearing.begin_webcast()

    async def _take(self, parts: EngineParts) -> None:
        state, sockets = await self._state()
        try:
            await self._resume(parts, state, sockets)
        except (ValueError, LookupError, OSError) as error:
            raise NotTaken(f"What the engine before handed over cannot be used: {error}") from error
        self._say("taken")
        # Wait longer than the engine needs to send it: after `go`, only this process sends.
        self._line.hear_now("go", READY_WITHIN_S)
        for hearing in state.hearings:
            parts.hearings.prepared(hearing.hearing).take_over()
        await parts.exchange.go_on()

    async def _state(self) -> tuple[HandedEngine, list[socket.socket]]:
        while True:
            kind, data, sockets = await self._line.hear_any(READY_WITHIN_S + POSSIBLE_WITHIN_S)
            if kind == "state":
                return _read(ENGINE, data), sockets
            if kind != "packets":
                raise NotTaken(f"The engine before said {kind} instead of its state.")
            some = _read(AHEAD_PACKETS, data)
            self._packets[some.hearing] += some.packets

    async def _resume(
        self, parts: EngineParts, state: HandedEngine, sockets: Sequence[socket.socket]
    ) -> None:
        for handed in state.hearings:
            hearing = parts.hearings.prepared(handed.hearing)
            waiting = self._packets[handed.hearing]
            await hearing.resume(handed, waiting, parts.sessions, parts.exchange, sockets)
        parts.sessions.resume((), state.used)
        parts.hearings.leases.resume(state.leases)

    def _say(self, kind: _Kind) -> None:
        try:
            self._line.say_now(kind)
        except OSError as error:
            raise NotTaken("The engine before ended.") from error


@contextmanager
def _in_short_turns() -> Iterator[None]:
    """Let this thread have the interpreter soon again while other threads compute.

    The hand-over is a hundred short steps, and each may have to wait for the interpreter once.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _read[T](shape: TypeAdapter[T], data: bytes) -> T:
    try:
        return shape.validate_json(data)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise NotTaken(f"What the engine before says is not understood ({where}).") from error
