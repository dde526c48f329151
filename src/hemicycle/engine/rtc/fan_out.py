"""From one `Output` to its many listeners: each packet is laid out once, and sent to all of them.

A fan-out does not depend on mixing: any process that gets an output's packets can have one. Sending
a keyframe to hundreds of listeners takes tens of milliseconds, so it works in turns of a few
milliseconds and lets the rest of the event loop run between them.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Protocol

from hemicycle.engine.rtc import redundancy
from hemicycle.engine.rtc.packetizer import FramePackets
from hemicycle.engine.streams import Output, Packet

log = logging.getLogger(__name__)

TURN_S = 0.004
"""How long a fan-out sends before the event loop does other work."""

MOST_WAITING = 12
"""Frames that may wait (half a second of picture); above this, all are dropped."""

KEY_EVERY_S = 0.5
"""The shortest time between two requests to an encoder for a keyframe."""


class FanOutTarget(Protocol):
    """One listener's end of a fan-out."""

    def put(self, burst: FramePackets) -> None:
        """Send a frame now, or drop it."""

    def skipped(self) -> None:
        """Note that frames were dropped: a picture cannot be decoded until the next keyframe."""


class FanOut:
    """All the listeners of one output."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._loop = asyncio.get_running_loop()
        self._streams: dict[FanOutTarget, None] = {}
        self._waiting: deque[FramePackets] = deque()
        self._before: deque[Packet] = deque(maxlen=max(redundancy.BEHIND))
        """The last packets of sound, which are sent again with later ones."""
        self._left: Iterator[FanOutTarget] = iter(())
        self._busy = False
        self._asked = -KEY_EVERY_S
        self._asking: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def busy(self) -> bool:
        """Whether frames wait to be sent."""
        return self._busy

    def add(self, stream: FanOutTarget) -> None:
        """Hand `stream` every frame from the next one on."""
        if not self._streams:
            self._output.add(self._take)
        self._streams[stream] = None

    def remove(self, stream: FanOutTarget) -> None:
        """Stop handing `stream` frames."""
        if self._streams.pop(stream, stream) is None and not self._streams:
            self._output.remove(self._take)
            _fan_outs.pop(self._output, None)

    def want_key(self) -> None:
        """Ask the encoder for a keyframe now, or `KEY_EVERY_S` after the last request."""
        # One keyframe serves all listeners, and is many times as large as other frames. So requests
        # that come close together share one.
        if self._asking is None:
            wait = max(0.0, self._asked + KEY_EVERY_S - self._loop.time())
            self._asking = self._loop.call_later(wait, self._ask)

    def _ask(self) -> None:
        self._asking = None
        self._asked = self._loop.time()
        self._output.wants_key()

    def _take(self, packet: Packet) -> None:
        # A machine that cannot keep up must not fall further and further behind the live program.
        if len(self._waiting) >= MOST_WAITING:
            self._drop()
        self._waiting.append(self._laid_out(packet))
        if not self._busy:
            # A copy, because listeners may join or leave between two turns.
            self._left = iter(tuple(self._streams))
            self._go()

    def _laid_out(self, packet: Packet) -> FramePackets:
        if self._output.kind == "picture":
            return FramePackets(packet, "picture")
        laid_out = sound_after(self._before, packet)
        self._before.append(packet)
        return laid_out

    def _drop(self) -> None:
        """Drop all waiting frames except the first, which is being sent."""
        first = self._waiting[0]
        self._waiting.clear()
        self._waiting.append(first)
        for stream in tuple(self._streams):
            stream.skipped()

    def _go(self) -> None:
        now = self._loop.time
        until = now() + TURN_S
        self._busy = True
        while self._waiting:
            burst = self._waiting[0]
            for stream in self._left:
                try:
                    stream.put(burst)
                except Exception:
                    # A listener to whom sending fails must not silence the others.
                    log.exception("a listener cannot be sent to, and gets nothing more")
                    self.remove(stream)
                if now() > until:
                    self._loop.call_soon(self._go)
                    return
            self._waiting.popleft()
            self._left = iter(tuple(self._streams))
        self._busy = False


def sound_after(before: Sequence[Packet], packet: Packet) -> FramePackets:
    """Return a packet of sound with the earlier ones that are sent with it (`redundancy`)."""
    older = [before[-behind] for behind in redundancy.BEHIND if behind <= len(before)]
    return FramePackets(packet, "sound", older)


_fan_outs: dict[Output, FanOut] = {}


def are_busy() -> bool:
    """Whether any fan-out of this process has frames that wait to be sent."""
    return any(fan_out.busy for fan_out in _fan_outs.values())


def fan_out_of(output: Output) -> FanOut:
    """Return the fan-out of an output, created for its first listener. For the event loop only."""
    fan_out = _fan_outs.get(output)
    if fan_out is None:
        fan_out = _fan_outs[output] = FanOut(output)
    return fan_out
