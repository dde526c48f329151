"""A second process that serves listeners, so that a hearing can use more than one core.

Only the peers are in that process: sessions, passes and everything else stay in the engine. Offers
and controls are sent to the relay, states and figures come back, and each packet of an output is
sent once for all its listeners. When a relay dies, its listeners get the state "lost" and connect
again; by then the engine has started another relay.
"""

import asyncio
import contextlib
import itertools
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any

from hemicycle.engine.reduced.rungs import Seen
from hemicycle.engine.rtc.errors import BadOffer, Full, NoCodec
from hemicycle.engine.rtc.media_port import Address, MediaPort
from hemicycle.engine.rtc.peer import OnPeerState, PeerState
from hemicycle.engine.rtc.pipe import RelayPipe, TcpFrame
from hemicycle.engine.rtc.tcp_frames import FramedConnection
from hemicycle.engine.streams import Output, Packet

log = logging.getLogger(__name__)

ANSWER_S = 10.0
AGAIN_S = 1.0
"""Seconds after which a relay that died is started again."""

type ListenerFigures = tuple[float, float, float, int, Seen]
"""Loss (0 to 1), jitter (s), round trip (s), packets sent, and what is seen of the picture."""

_REFUSALS: dict[str, type[BadOffer | NoCodec | Full]] = {
    refusal.code: refusal for refusal in (BadOffer, NoCodec, Full)
}


class RemoteListener:
    """A listener in a relay, with the methods that sessions use."""

    def __init__(self, relay: "Relay", number: int, on_state: OnPeerState) -> None:
        self.state: PeerState = "connecting"
        self.loss = self.jitter_s = self.rtt_s = 0.0
        self.packets = 0
        self.seen: Seen = "whole"
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.number = number
        self.takes: dict[str, int] = {}
        """The numbers of the outputs that it takes, by kind: "sound" and "picture"."""
        self._relay = relay
        self._on_state = on_state

    def hear(self, output: Output) -> None:
        """Switch to another channel's sound, from the next packet on."""
        self.takes["sound"] = self._relay.feed(output)
        self._relay.say("hear", number=self.number, sound=self.takes["sound"])
        self._relay.drop_unheard()

    async def close(self, reason: str) -> None:
        """End the listener."""
        if self.state != "closed":
            self._relay.say("close", number=self.number, reason=reason)
            self.changed("closed", reason)

    def changed(self, state: PeerState, reason: str) -> None:
        """Apply a new state that the relay reports."""
        if self.state not in (state, "closed"):
            self.state = state
            self._on_state(state, reason)
            if state == "closed":
                self._relay.forget(self)

    def measured(self, figures: ListenerFigures) -> None:
        """Store the listener's figures that the relay reports."""
        self.loss, self.jitter_s, self.rtt_s, self.packets, self.seen = figures


class Relay:
    """A relay process, from the engine's side.

    It shares the engine's port. The names of its peers begin with the letter `owner`: the engine
    receives their first requests and their TCP connections, and hands both on.
    """

    def __init__(self, port: MediaPort, owner: str) -> None:
        self.packets_before = 0
        self._port, self._owner = port, owner
        self._connections: dict[int, FramedConnection] = {}
        self._numbers = itertools.count(1)
        self._listeners: dict[int, RemoteListener] = {}
        self._outputs: dict[Output, int] = {}
        self._takers: dict[int, tuple[Output, Callable[[Packet], None]]] = {}
        self._pipe: RelayPipe | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def up(self) -> bool:
        """Whether the relay accepts listeners."""
        return self._pipe is not None

    @property
    def packets(self) -> int:
        """How many packets were sent to listeners."""
        return self.packets_before + sum(listener.packets for listener in self._listeners.values())

    async def start(self) -> None:
        """Start the process, and start another one whenever it ends."""
        await self._begin()
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the process; return when it is gone."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await self._end()

    async def listener(
        self, offer: str, on_state: OnPeerState, sound: Output, picture: Output | None
    ) -> tuple[RemoteListener, str]:
        """Return a peer in the relay for an offer, and the answer.

        Raises as `PeerFactory.listener` does.
        """
        listener = RemoteListener(self, next(self._numbers), on_state)
        self._listeners[listener.number] = listener
        listener.takes["sound"] = self.feed(sound)
        if picture is not None:
            listener.takes["picture"] = self.feed(picture)
        self.say("offer", number=listener.number, sdp=offer, takes=listener.takes)
        try:
            async with asyncio.timeout(ANSWER_S):
                return listener, await listener.answer
        # Also when cancelled: a browser that went away must not leave a peer in the relay.
        except BaseException as error:
            await listener.close("refused")
            if isinstance(error, TimeoutError):
                raise Full("The engine is busy. Try again in a minute.") from error
            raise

    def say(self, what: str, **more: Any) -> None:
        """Send a message to the process; do nothing while there is none."""
        if self._pipe is not None:
            self._pipe.say(what, **more)

    def feed(self, output: Output) -> int:
        """Return the number of an output for the relay, and start sending its packets."""
        number = self._outputs.get(output)
        if number is None:
            number = self._outputs[output] = next(self._numbers) & 0xFFFF
            self.say(
                "output",
                number=number,
                name=output.name,
                kind=output.kind,
                bit_rate=output.bit_rate,
            )
        if number not in self._takers:
            self._takers[number] = (output, lambda packet: self._carry(number, packet))
            output.add(self._takers[number][1])
        return number

    def forget(self, listener: RemoteListener) -> None:
        """Forget a closed listener."""
        if self._listeners.pop(listener.number, None) is not None:
            self.packets_before += listener.packets
            self.drop_unheard()

    # -- what the engine's port receives for the relay

    def pass_on(self, index: int, data: bytes, address: Address) -> None:
        """Hand on a first request of a peer."""
        if self._pipe is not None:
            self._pipe.pass_on(index, data, address)

    def take_connection(self, connection: FramedConnection, index: int, data: bytes) -> bool:
        """Carry a peer's TCP connection from its first datagram on; return False if not up."""
        pipe = self._pipe
        if pipe is None:
            return False
        number = next(self._numbers)
        self._connections[number] = connection
        connection.known()
        self.say("connect", number=number, index=index, address=connection.address)
        connection.on_frame = lambda frame: pipe.frame(number, frame)
        connection.on_end = lambda: self._disconnected(number)
        pipe.frame(number, data)
        return True

    def _disconnected(self, number: int) -> None:
        if self._connections.pop(number, None) is not None and self._pipe is not None:
            self._pipe.frame(number, b"")

    def _frame_came(self, frame: TcpFrame) -> None:
        connection = self._connections.get(frame.connection)
        if connection is None:
            return
        if not frame.data:
            connection.abort()
            return
        with contextlib.suppress(OSError):  # the link is behind: the frame is lost
            connection.send(frame.data)

    def drop_unheard(self) -> None:
        """Stop sending outputs that no listener of the relay takes."""
        taken = {
            number for listener in self._listeners.values() for number in listener.takes.values()
        }
        for number in self._takers.keys() - taken:
            output, taker = self._takers.pop(number)
            output.remove(taker)

    def _carry(self, number: int, packet: Packet) -> None:
        if self._pipe is None:
            return
        # A relay that does not read is replaced. Waiting would grow memory, and dropping packets
        # would leave its listeners with broken pictures.
        if self._pipe.stuck and self._process is not None:
            self._process.kill()
        else:
            self._pipe.send(number, packet)

    # -- the process

    async def _begin(self) -> None:
        ours, theirs = socket.socketpair()
        port = self._port
        sockets = [sock.fileno() for sock in port.sockets]
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hemicycle.engine.rtc.relay_process",
                str(theirs.fileno()), self._owner, str(port.number), str(port.tcp),
                ",".join(map(str, sockets)), *port.addresses,
                pass_fds=[theirs.fileno(), *sockets], stdin=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        self._pipe = RelayPipe(*await asyncio.open_connection(sock=ours))
        port.forwards[self._owner] = self.pass_on
        port.tcp_forwards[self._owner] = self.take_connection

    async def _keep(self) -> None:
        while True:
            await self._listen()
            log.warning("A relay ended; its %d listeners connect again.", len(self._listeners))
            await self._end()
            await asyncio.sleep(AGAIN_S)
            await self._begin()

    async def _listen(self) -> None:
        assert self._pipe is not None
        async for said in self._pipe.listen():
            if isinstance(said, dict):
                self._hear(**said)
            elif isinstance(said, TcpFrame):
                self._frame_came(said)

    async def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            await self._process.wait()
        for connection in tuple(self._connections.values()):
            connection.abort()
        self._connections.clear()
        # The next process numbers its outputs from the start and does not know the old ones.
        for output, taker in self._takers.values():
            output.remove(taker)
        self._takers.clear()
        self._outputs.clear()
        for listener in tuple(self._listeners.values()):
            if not listener.answer.done():
                listener.answer.set_exception(Full("The engine is busy. Try again in a minute."))
            listener.changed("closed", "lost")

    # -- messages of the relay

    def _hear(self, what: str, **more: Any) -> None:
        getattr(self, f"_hear_{what}")(**more)

    def _hear_answer(self, number: int, sdp: str) -> None:
        if (listener := self._listeners.get(number)) and not listener.answer.done():
            listener.answer.set_result(sdp)

    def _hear_refused(self, number: int, code: str, detail: str) -> None:
        if (listener := self._listeners.get(number)) and not listener.answer.done():
            listener.answer.set_exception(_REFUSALS[code](detail))

    def _hear_state(self, number: int, state: PeerState, reason: str) -> None:
        if listener := self._listeners.get(number):
            listener.changed(state, reason)

    def _hear_figures(self, figures: dict[str, ListenerFigures]) -> None:
        for number, told in figures.items():
            if listener := self._listeners.get(int(number)):
                listener.measured(told)

    def _hear_key(self, number: int) -> None:
        if number in self._takers:
            self._takers[number][0].wants_key()
