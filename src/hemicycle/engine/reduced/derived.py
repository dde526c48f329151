"""An output that is made from another one, or carried by its packets, while somebody takes it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Condition, Thread
from typing import Protocol

from hemicycle.engine.streams import Output, Packet, Taker

log = logging.getLogger(__name__)

LINGERS_S = 10.0
"""Seconds for which an output is still made after its last taker has left: links come and go."""

MOST_WAITING = 25
"""Packets that may wait (a second of picture, half a second of sound) before all are dropped."""


class Reducer(Protocol):
    """Turns packets into smaller ones. For one thread only."""

    def reduced(self, packet: Packet, *, key: bool) -> Iterable[Packet]:
        """Yield the smaller packets of a packet.

        The first picture, and with `key` the next one, is a keyframe.
        """


class DerivedOutput(Output):
    """An output whose packets a `Reducer` makes in a thread. For the event loop only.

    `carried` returns the smaller packet's data if the encoder of the source has made it. That data
    is sent, and the reducer rests.
    """

    def __init__(
        self,
        source: Output,
        bit_rate: int,
        make: Callable[[], Reducer],
        carried: Callable[[Packet], bytes] = lambda packet: b"",
    ) -> None:
        super().__init__(source.name, source.kind, bit_rate)
        self.wants_key = self._wish
        self._source, self._make, self._carried = source, make, carried
        self._passes = False
        """Whether packets carry the smaller ones, since a keyframe: no packets are made then."""
        self._work: _Work | None = None
        self._end: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        """Whether the output takes packets of its source now."""
        return self._work is not None

    def add(self, taker: Taker) -> None:
        """Call `taker` with every packet from the next one on; start the output if it rests."""
        super().add(taker)
        if self._end is not None:
            self._end.cancel()
            self._end = None
        if self._work is None:
            self._passes = False
            self._work = _Work(self._make(), self._put_made)
            self._source.add(self._take)
            self._source.wants_key()

    def remove(self, taker: Taker) -> None:
        """Stop calling `taker`; after the last one, stop making packets `LINGERS_S` later."""
        super().remove(taker)
        if not len(self) and self._work is not None and self._end is None:
            self._end = asyncio.get_running_loop().call_later(LINGERS_S, self._stop)

    def _stop(self) -> None:
        self._end = None
        if self._work is not None:
            self._source.remove(self._take)
            self._work.end()
            self._work = None

    def _take(self, packet: Packet) -> None:
        if self._work is None:
            return
        small = self._carried(packet)
        # Pictures of two encoders are not predicted from each other: change at a keyframe.
        if bool(small) != self._passes:
            if not packet.keyframe:
                self._source.wants_key()
            self._passes = bool(small) and packet.keyframe
            self._work.break_off()
            self._work.wish()
        if not small:
            self._work.take(packet)
        elif self._passes:
            self.put(replace(packet, data=small, small=b""))

    def _put_made(self, packet: Packet) -> None:
        if not self._passes:  # the reducer's last packets may come after the carried ones
            self.put(packet)

    def _wish(self) -> None:
        if self._work is not None and (self._passes or self._work.wish()):
            self._source.wants_key()


class _Work:
    """The thread of an output: packets in, smaller packets out."""

    def __init__(self, reducer: Reducer, put: Taker) -> None:
        self._reducer, self._put = reducer, put
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Packet] = deque()
        self._changed = Condition()
        self._over = self._key = False
        self._whole = False
        """Whether packets can be decoded: a keyframe has come since packets were dropped."""
        self._thread = Thread(target=self._run, name="reduced output", daemon=True)
        self._thread.start()

    def take(self, packet: Packet) -> None:
        """Take a packet of the source; drop all waiting ones if the machine is too slow."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.clear()
                self._whole = False
            self._whole = self._whole or packet.keyframe
            if self._whole:
                self._waiting.append(packet)
                self._changed.notify()

    def break_off(self) -> None:
        """Drop all waiting packets, and continue at the next keyframe."""
        with self._changed:
            self._waiting.clear()
            self._whole = False

    def wish(self) -> bool:
        """Make the next packet a keyframe; return whether the source must send one too."""
        self._key = True
        return not self._whole

    def end(self) -> None:
        """End the thread after its present packet."""
        with self._changed:
            self._over = True
            self._changed.notify()

    def _run(self) -> None:
        while (packet := self._next()) is not None:
            key, self._key = self._key, False
            try:
                made = list(self._reducer.reduced(packet, key=key))
            except Exception:
                log.exception("A packet could not be reduced; the next keyframe begins again")
                self._whole = False
                continue
            if key and not made:
                self._key = True  # that packet gave no picture: make the next one a keyframe
            for one in made:
                self._hand_over(one)

    def _next(self) -> Packet | None:
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._waiting)
            return None if self._over else self._waiting.popleft()

    def _hand_over(self, packet: Packet) -> None:
        try:
            self._loop.call_soon_threadsafe(self._put, packet)
        except RuntimeError:  # the loop is closed, so nobody takes the packet
            self._over = True
