"""The practice room: each person in it hears their own voice a moment later, and nobody else's.

The echo has passed microphone, network, decoder, encoder and network. The delay separates it from
what speakers hear of themselves while they speak.
"""

import asyncio
import time
from collections import deque
from threading import Event, Thread

import numpy as np

from hemicycle.engine.audio.opus import OpusEncoder
from hemicycle.engine.audio.sound_check import SoundCheck
from hemicycle.engine.audio.tap import Tap
from hemicycle.engine.rest import ThreadRest
from hemicycle.engine.streams import TICK_MS, TICK_SAMPLES, AudioSource, Output, Packet, Samples

DELAY_TICKS = 40
"""The delay of the echo, in ticks: 0.8 s."""

TICK_S = TICK_MS / 1000
LATE_S = 0.2


class PracticeEcho:
    """The echo of one person's sound. It is read and encoded in the room's thread.

    `input` is the same sound before the voice is changed. The check measures `input`: a changed
    voice changes the noise too, and the echo of the noise would not be found.
    """

    def __init__(self, sound: AudioSource, input: Tap | None = None) -> None:
        self.output = Output("practice", "sound")
        self.check: SoundCheck | None = None
        self._sound, self._input = sound, input
        self._encoder = OpusEncoder()
        self._waiting: deque[Samples] = deque()

    def next(self, pts: int) -> Packet:
        """Return the packet for `pts`: what came in `DELAY_TICKS` before, silence, or the check's
        noise.
        """
        block = self._sound.read()
        silence = np.zeros(TICK_SAMPLES, np.float32)
        self._waiting.append(silence if block is None else block)
        sent = self._waiting.popleft() if len(self._waiting) > DELAY_TICKS else silence
        came = block if self._input is None else self._input.last
        noise = self.check.take(came) if self.check is not None else None
        return self._encoder.encode(sent if noise is None else noise, pts)


class PracticeRoom:
    """The echoes of one hearing, by seat. Its thread runs while somebody practises.

    Call the methods in the event loop; `start` is the program clock's zero in monotonic seconds.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, start: float) -> None:
        self._loop, self._start = loop, start
        self._echoes: dict[str, PracticeEcho] = {}
        self._over = Event()
        self._rest = ThreadRest()
        self._thread: Thread | None = None

    def enter(self, seat: str, sound: AudioSource, input: Tap | None = None) -> None:
        """Let the person at `seat` hear themselves; a newer sound replaces an older one."""
        echo = PracticeEcho(sound, input)
        if seat in self._echoes:
            echo.output = self._echoes[seat].output
        # The thread reads the dictionary at any moment, so it is replaced whole and never changed
        # in place.
        self._echoes = {**self._echoes, seat: echo}
        if self._thread is None:
            self._over = Event()
            self._thread = Thread(target=self._run, name="practice room", daemon=True)
            self._thread.start()

    def leave(self, seat: str) -> None:
        """End the echo of `seat`."""
        self._echoes = {name: echo for name, echo in self._echoes.items() if name != seat}
        if not self._echoes:
            self.close()

    def output(self, seat: str) -> Output | None:
        """Return the sound sent back to `seat`; None while nobody practises there."""
        echo = self._echoes.get(seat)
        return echo.output if echo else None

    def begin_check(self, seat: str) -> None:
        """Measure the microphone at `seat` from now on, and the echo of a soft noise."""
        if (echo := self._echoes.get(seat)) is not None:
            echo.check = SoundCheck()

    def check_of(self, seat: str) -> SoundCheck | None:
        """Return the check of the microphone at `seat`; None if none has begun."""
        echo = self._echoes.get(seat)
        return echo.check if echo else None

    def close(self) -> None:
        """Stop the thread, and return when it has ended."""
        self._over.set()
        self._rest.end()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def rest(self) -> None:
        """Make the thread rest, if there is one; return when it rests."""
        if self._thread is not None:
            self._rest.begin()

    def go_on(self) -> None:
        """Let the thread continue."""
        self._rest.end()

    def _run(self) -> None:
        over, tick = self._over, int((time.monotonic() - self._start) / TICK_S) + 1
        while not over.wait(max(0.0, self._start + tick * TICK_S - time.monotonic())):
            self._rest.here()
            late = time.monotonic() - (self._start + tick * TICK_S)
            # As in `audio_engine`: after a long delay, ticks are left out and the echo does not lag
            # behind.
            tick += int(late / TICK_S) if late > LATE_S else 0
            self._echo(tick)
            tick += 1

    def _echo(self, tick: int) -> None:
        echoes = self._echoes.values()
        made = [(echo.output, echo.next(tick * TICK_SAMPLES)) for echo in echoes]
        try:
            self._loop.call_soon_threadsafe(_hand_over, made)
        except RuntimeError:  # the loop is closed, so nobody listens any more
            self._over.set()


def _hand_over(made: list[tuple[Output, Packet]]) -> None:
    for output, packet in made:
        output.put(packet)
