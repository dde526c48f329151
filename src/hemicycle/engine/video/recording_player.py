"""Plays a recorded intervention as a source: picture and sound by the program's clock.

A thread decodes half a second ahead of the clock. What is decoded too late is left out, so a slow
decoder loses pictures but never falls behind the clock.
"""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread

import av
import numpy as np

from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples
from hemicycle.engine.video.decoding import (
    LONGEST_S,
    DecodedPiece,
    VideoFile,
    VideoUnplayable,
)

AHEAD_S = 0.5
MOST_AHEAD = 64
"""The most pictures kept: a file whose sound lies far behind its pictures must not fill memory."""

FIRST_WITHIN_S = 5.0
"""A video without a picture within this many seconds is refused."""

HELD_S = 2.0
"""Seconds for which the last picture stays after the end."""

ALIGNED = SOUND_RATE // 10
"""Sound is appended to the sound before it unless more samples than this are missing between."""


class RecordingPlayer:
    """A recording as a `VideoSource` and an `AudioSource` (`engine.streams`).

    Opening it reads the disk and decodes a little: do not call it in the event loop. Raises
    `VideoUnplayable`. Nothing plays before `start`; until then the first picture is shown. A
    recording of sound only has no picture, like a camera that is off.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = VideoFile(path)
        self.duration_s = self._source.duration_s
        self.has_sound = self._source.has_sound
        self.has_picture = self._source.has_picture
        self._clock = clock
        self._started: float | None = None
        self._pictures: deque[tuple[float, av.VideoFrame]] = deque()
        self._sounds: deque[tuple[int, Samples]] = deque()
        self._lock, self._over = Lock(), Event()
        self._decoded = self._heard = 0
        self._last_s = self._shown_s = 0.0
        self._finished = False
        self._pieces = self._source.pieces()
        self._take_first()
        self._thread = Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def start(self, at: float) -> None:
        """Play from the clock's time `at` on; sound begins with the first read after it."""
        self._heard, self._started = 0, at

    @property
    def ended(self) -> bool:
        """Whether the whole recording has been played."""
        return self._finished and self._at_s() >= self._last_s and self._started is not None

    @property
    def buffered_s(self) -> float:
        """How far the recording is decoded, in seconds from its start."""
        sound_s = self._decoded / SOUND_RATE
        if not self.has_picture:
            return sound_s
        return min(self._shown_s, sound_s) if self.has_sound else self._shown_s

    def latest(self) -> av.VideoFrame | None:
        """Return the present picture; None before the first, and 2 s after the end."""
        at_s = self._at_s()
        with self._lock:
            self._pass_by(at_s)
            if not self._pictures or (self._finished and at_s > self._last_s + HELD_S):
                return None
            return self._pictures[0][1]

    def read(self) -> Samples | None:
        """Return the next 20 ms of sound; None before the start, after the end, or without
        sound.
        """
        at = round(self._at_s() * SOUND_RATE)
        if self._started is None or self._clock() < self._started or not self.has_sound:
            return None
        # Reads come once per tick and count the time themselves, unless a tick was missed: the
        # clock read in another thread is never exact to the sample.
        if abs(at - self._heard) > 3 * TICK_SAMPLES:
            self._heard = at
        heard, self._heard = self._heard, self._heard + TICK_SAMPLES
        with self._lock:
            return self._cut(heard)

    def _cut(self, at: int) -> Samples | None:
        while self._sounds and self._sounds[0][0] + len(self._sounds[0][1]) <= at:
            self._sounds.popleft()
        if not self._sounds and self._finished:
            return None
        tick = np.zeros(TICK_SAMPLES, np.float32)
        for start, sound in self._sounds:
            if start >= at + TICK_SAMPLES:
                break
            first, last = max(start, at), min(start + len(sound), at + TICK_SAMPLES)
            tick[first - at : last - at] = sound[first - start : last - start]
        return tick

    def close(self) -> None:
        """Stop decoding and close the file; wait for the thread."""
        self._over.set()
        self._thread.join()

    def _pass_by(self, at_s: float) -> None:
        while len(self._pictures) > 1 and self._pictures[1][0] <= at_s:
            self._pictures.popleft()

    def _at_s(self) -> float:
        return 0.0 if self._started is None else max(0.0, self._clock() - self._started)

    def _run(self) -> None:
        try:
            for piece in self._pieces:
                self._take(piece)
                while self._is_ahead() and not self._over.is_set():
                    self._over.wait(0.01)
                if self._over.is_set() or self._last_s > LONGEST_S:
                    break
        finally:
            self._finished = True
            self._source.close()

    def _take_first(self) -> None:
        for piece in self._pieces:
            self._take(piece)
            if self._pictures or (self._sounds and not self.has_picture):
                return
            if self._last_s > FIRST_WITHIN_S:
                break
        self._source.close()
        raise VideoUnplayable("damaged")

    def _is_ahead(self) -> bool:
        # Half a second ahead in both sound and picture, or as many pictures as may be kept.
        until = self._at_s() + AHEAD_S
        with self._lock:
            full = len(self._pictures) >= MOST_AHEAD
        return full or self.buffered_s > until

    def _take(self, piece: DecodedPiece) -> None:
        with self._lock:
            if piece.picture is not None:
                # Some files give pictures without times: 25 a second is assumed.
                self._shown_s = piece.at_s if piece.at_s >= 0 else self._shown_s + 0.04
                self._pictures.append((self._shown_s, piece.picture))
                self._last_s = max(self._last_s, self._shown_s)
                self._pass_by(self._at_s())
            if piece.sound is not None:
                self._take_sound(piece.at_s, piece.sound)

    def _take_sound(self, at_s: float, sound: Samples) -> None:
        at = round(at_s * SOUND_RATE)
        # Times of sound are rounded in most containers. Following them exactly would leave gaps of
        # a few samples, which are heard as clicks.
        start = at if abs(at - self._decoded) > ALIGNED else self._decoded
        self._sounds.append((start, sound))
        self._decoded = start + len(sound)
        self._last_s = max(self._last_s, self._decoded / SOUND_RATE)
        # A second of past sound is kept, since the mixer's reads may be a little behind.
        old = round(self._at_s() * SOUND_RATE) - SOUND_RATE
        while self._sounds and self._sounds[0][0] + len(self._sounds[0][1]) < old:
            self._sounds.popleft()
