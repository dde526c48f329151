"""The video engine: composes and encodes the program picture 25 times a second, in its own thread.

Picture n is due at `start + n / fps` on the monotonic clock. A late picture is skipped and does not
delay those after it, so picture and sound stay on one clock.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import get_args

import av

from hemicycle.engine.rest import ThreadRest
from hemicycle.engine.streams import PROGRAM, Output, Packet, VideoSource
from hemicycle.engine.video.artwork import ArtworkCache, digits
from hemicycle.engine.video.bit_rates import REDUCED_BIT_RATE, bit_rate_for
from hemicycle.engine.video.composer import Composer
from hemicycle.engine.video.encoder import H264Encoder, ReducedEncoder
from hemicycle.engine.video.geometry import SMALL, Size
from hemicycle.engine.video.layouts import BLANK, ClockFacePhase, Layout

logger = logging.getLogger(__name__)

KEY_APART_S = 0.5
"""The shortest time between two requested keyframes."""

LATE_S = 0.1
WITHOUT_CLOCK_S = 2.0
"""Seconds without a clock in the picture after one that took longer than `LATE_S` from reading the
clock until it was sent: such a clock disagrees with that of the pages.
"""

PATIENCE_S = 1.0
"""Seconds for which a new layout waits for its artwork before it is shown without it."""


@dataclass(slots=True)
class VideoEngineStats:
    """How well the engine keeps up."""

    pictures: int = 0
    left_out: int = 0
    keyframes: int = 0
    longest_ms: float = 0.0


class VideoEngine:
    """Composes and encodes the program picture until it is shut down.

    Call its methods in the event loop's thread, except `rest` and `shut_down`, which block.
    `start` is the program clock's zero on `time.monotonic`; `wall_ms` returns the time since the
    Unix epoch in ms, from which the clock in the picture counts.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        start: float,
        size: Size = SMALL,
        fps: int = 25,
        *,
        wall_ms: Callable[[], int],
        bit_rate: int | None = None,
        resting: bool = False,
    ) -> None:
        bit_rate = bit_rate or bit_rate_for(size)
        self.output = Output(PROGRAM, "picture", bit_rate)
        self.output.wants_key = self._wish
        self.size, self.fps, self.start = size, fps, start
        self.figures = VideoEngineStats()
        self._loop, self._wall_ms = loop, wall_ms
        self._pictures: dict[str, VideoSource] = {}
        self._wanted = Layout("card", card=BLANK)
        self._shown: Layout | None = None
        self._asked = 0
        self._wished = False
        self._last_key = -fps
        self._read_at = self._clock_again_at = -math.inf
        self._over = Event()
        self._rest = ThreadRest(resting=resting)
        self._studio = ArtworkCache()
        self._studio.prepare(
            digits(phase, size.height) for phase in get_args(ClockFacePhase.__value__)
        )
        self._program = Composer(size, self._studio)
        self._encoder = H264Encoder(size, fps, bit_rate)
        self._reduced: ReducedEncoder | None = None
        self._reduces = False
        self._thread = Thread(target=self._run, name="video engine", daemon=True)
        self._thread.start()

    def add(self, source: str, picture: VideoSource) -> None:
        """Add a source, or replace the source with the same id."""
        # The thread reads the dictionary at any moment, so it is replaced whole and never changed
        # in place.
        self._pictures = {**self._pictures, source: picture}

    def remove(self, source: str) -> None:
        """Remove a source; its card is shown instead."""
        self._pictures = {id: seen for id, seen in self._pictures.items() if id != source}

    def show(self, layout: Layout) -> None:
        """Show a layout from the next picture on, or as soon as its artwork is drawn."""
        self._wanted = layout

    def reduce(self, *, on: bool) -> None:
        """Encode each picture with fewer bits too (`Packet.small`), from a keyframe on.

        A picture that is small enough has no reduced one.
        """
        on = on and self.output.bit_rate > REDUCED_BIT_RATE
        if on and not self._reduces:
            self._wish()
        self._reduces = on

    def shut_down(self) -> None:
        """Stop the engine; return when its thread has ended."""
        self._over.set()
        self._rest.end()
        self._thread.join()
        self._studio.close()

    def rest(self) -> None:
        """Stop making pictures; return after the present one, within the time of a picture."""
        self._rest.begin()

    def go_on(self) -> None:
        """Continue with the picture that is due."""
        self._rest.end()

    def _wish(self) -> None:
        self._wished = True

    def _run(self) -> None:
        number = -1
        while (number := self._next(number)) >= 0:
            self._turn(number)
            self._hand_over(self._encoded(self._composed(), number))

    def _next(self, number: int) -> int:
        """Wait for the picture after `number`, or for the newest that is due; return -1 at the
        end.
        """
        now = time.monotonic()
        # Numbers follow the clock and not the pictures made: after a delay the engine continues
        # with the picture that is due, and those in between are left out.
        due = max(number + 1, int((now - self.start) * self.fps))
        self.figures.left_out += due - number - 1 if number >= 0 else 0
        self._over.wait(max(0.0, self.start + due / self.fps - now))
        self._rest.here()
        return -1 if self._over.is_set() else due

    def _turn(self, number: int) -> None:
        wanted = self._wanted
        if wanted is self._shown:
            self._asked = number
        # Drawing text takes many times as long as a picture may take, so another thread draws it.
        # Until then the old layout stays.
        elif self._program.ready(wanted) or number - self._asked > PATIENCE_S * self.fps:
            self._program.show(wanted)
            self._shown = wanted

    def _composed(self) -> av.VideoFrame:
        began = time.monotonic()
        try:
            self._read_at = began
            now_ms = self._wall_ms() if began >= self._clock_again_at else None
            self._program.compose(self._newest, now_ms)
        except Exception:
            # One source that cannot be read must not end the picture for everybody.
            logger.exception("A program picture could not be composed; the one before stands")
        took = (time.monotonic() - began) * 1000
        self.figures.longest_ms = max(self.figures.longest_ms, took)
        return self._program.frame

    def _newest(self, source: str) -> av.VideoFrame | None:
        picture = self._pictures.get(source)
        return None if picture is None else picture.latest()

    def _encoded(self, frame: av.VideoFrame, number: int) -> Packet:
        # Keyframes are many times as large as other pictures: requests of many viewers share one.
        rested = number - self._last_key >= KEY_APART_S * self.fps
        packet = self._encoder.encode(frame, number, key=self._wished and rested)
        if packet.keyframe:
            # This keyframe also serves requests that come before it is delivered.
            self._last_key, self._wished = number, False
            self.figures.keyframes += 1
        self.figures.pictures += 1
        return self._with_small(packet, frame, number)

    def _with_small(self, packet: Packet, frame: av.VideoFrame, number: int) -> Packet:
        if not self._reduces:
            self._reduced = None
            return packet
        if self._reduced is None:
            self._reduced = ReducedEncoder(self.size, self.fps)
        return replace(packet, small=self._reduced.encode(frame, number, key=packet.keyframe))

    def _put(self, packet: Packet, read_at: float) -> None:
        now = time.monotonic()
        if now - read_at > LATE_S:
            self._clock_again_at = now + WITHOUT_CLOCK_S
        self.output.put(packet)

    def _hand_over(self, packet: Packet) -> None:
        try:
            self._loop.call_soon_threadsafe(self._put, packet, self._read_at)
        except RuntimeError:  # the loop is closed, so nobody takes the packet
            self._over.set()
