"""A second process that serves listeners, so that a hearing can use more than one core.

Only the peer is in that process: sessions, passes and everything else stay in the engine. Offers
and controls are sent to it, states and figures come back, and each packet of an output is sent once
for all its listeners. When a relay dies, its listeners are told that they were lost and connect
again; by then the engine has started another relay.
"""

import asyncio
import itertools
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any

from hemicycle.engine.rtc.errors import BadOffer, NoCodec, NoPort
from hemicycle.engine.rtc.peer import OnPeerState, PeerState
from hemicycle.engine.rtc.pipe import RelayPipe
from hemicycle.engine.streams import Output, Packet

log = logging.getLogger(__name__)

ANSWER_S = 10.0
AGAIN_S = 1.0
"""A relay that died is started again after this many seconds."""

_REFUSALS: dict[str, type[BadOffer | NoCodec | NoPort]] = {
    refusal.code: refusal for refusal in (BadOffer, NoCodec, NoPort)
}


class RemoteListener:
    """A `Listener` in a relay, with the methods that sessions use."""

    def __init__(self, relay: "Relay", number: int, on_state: OnPeerState) -> None:
        self.state: PeerState = "connecting"
        self.loss = self.jitter_s = self.rtt_s = 0.0
        self.packets = 0
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.number = number
        self.takes: dict[str, int] = {}
        """The outputs it takes, by number: its sound, and its picture."""
        self._relay = relay
        self._on_state = on_state

    def hear(self, output: Output) -> None:
        """Switch to another channel's sound, from the next packet on."""
        self.takes["sound"] = self._relay.feed(output)
        self._relay.say("hear", number=self.number, sound=self.takes["sound"])
        self._relay.drop_unheard()

    async def close(self, reason: str) -> None:
        """End it."""
        if self.state != "closed":
            self._relay.say("close", number=self.number, reason=reason)
            self.changed("closed", reason)

    def changed(self, state: PeerState, reason: str) -> None:
        """Take a new state from the relay."""
        if self.state not in (state, "closed"):
            self.state = state
            self._on_state(state, reason)
            if state == "closed":
                self._relay.forget(self)

    def measured(self, figures: tuple[float, float, float, int]) -> None:
        """Take the figures of the listener from the relay."""
        self.loss, self.jitter_s, self.rtt_s, self.packets = figures


class Relay:
    """One such process, from the engine's side.

    `ports` are its first and last, with `addresses`.
    """

    def __init__(self, ports: tuple[int, int], addresses: tuple[str, ...]) -> None:
        self.packets_before = 0
        self.ports_free = ports[1] - ports[0] + 1
        self._arguments = [str(ports[0]), str(ports[1]), *addresses]
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
        """Whether it accepts listeners."""
        return self._pipe is not None

    @property
    def packets(self) -> int:
        """How many packets were sent to listeners."""
        return self.packets_before + sum(listener.packets for listener in self._listeners.values())

    async def start(self) -> None:
        """Start the process, and keep one running."""
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
                raise NoPort("The engine is busy. Try again in a minute.") from error
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
            self.say("output", number=number, name=output.name, kind=output.kind)
        if number not in self._takers:
            self._takers[number] = (output, lambda packet: self._carry(number, packet))
            output.add(self._takers[number][1])
        return number

    def forget(self, listener: RemoteListener) -> None:
        """Forget a closed listener."""
        if self._listeners.pop(listener.number, None) is not None:
            self.packets_before += listener.packets
            self.drop_unheard()

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
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hemicycle.engine.rtc.relay_process",
                str(theirs.fileno()), *self._arguments,
                pass_fds=[theirs.fileno()], stdin=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        self._pipe = RelayPipe(*await asyncio.open_connection(sock=ours))

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

    async def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            await self._process.wait()
        # The next process numbers its outputs from the start and does not know the old ones.
        for output, taker in self._takers.values():
            output.remove(taker)
        self._takers.clear()
        self._outputs.clear()
        for listener in tuple(self._listeners.values()):
            if not listener.answer.done():
                listener.answer.set_exception(NoPort("The engine is busy. Try again in a minute."))
            listener.changed("closed", "lost")

    # -- what it says

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

    def _hear_figures(self, free: int, figures: dict[str, tuple[float, float, float, int]]) -> None:
        self.ports_free = free
        for number, told in figures.items():
            if listener := self._listeners.get(int(number)):
                listener.measured(told)

    def _hear_key(self, number: int) -> None:
        if number in self._takers:
            self._takers[number][0].wants_key()
