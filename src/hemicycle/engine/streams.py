"""The streams of the engine: sources that are read, and encoded outputs that many take.

One program clock is used for all: sound is counted at 48 kHz, pictures at 90 kHz, both from the
start of the hearing's outputs. Mixers run in threads on that clock. Their packets reach the event
loop once per tick; `Output`s are used in the event loop only.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import av
import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

SOUND_RATE = 48_000
"""Samples per second, one channel."""

PICTURE_RATE = 90_000
"""Ticks per second of the pictures' clock."""

TICK_MS = 20
"""The mixers' step, and the length of one Opus packet."""

TICK_SAMPLES = SOUND_RATE * TICK_MS // 1000

FLOOR = "floor"
"""The channel that carries the floor as it is spoken; all others are languages (BCP 47)."""

PROGRAM = "program"
"""The output of the program picture."""

USUAL_BIT_RATES = {"sound": 64_000, "picture": 800_000}

type Samples = NDArray[np.float32]
"""20 ms of sound: `TICK_SAMPLES` values, full scale ±1.0."""


class AudioSource(Protocol):
    """One publisher's sound, read by the sound mixer's thread once a tick."""

    def read(self) -> Samples | None:
        """Return the next 20 ms, concealed if packets were lost; None while there is no sound."""


class VideoSource(Protocol):
    """One publisher's picture, read by the picture mixer's thread."""

    def latest(self) -> av.VideoFrame | None:
        """Return the newest whole frame (yuv420p); None before the first, or if it is older
        than 2 s.
        """


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded frame: 20 ms of Opus, or an H.264 access unit (Annex B).

    `pts` and `duration` are in ticks of the frame's clock (48 kHz or 90 kHz), counted from its
    start. `small` is the same picture with fewer bits, a keyframe if this one is; b"" for none.
    """

    data: bytes
    pts: int
    duration: int
    keyframe: bool = True
    small: bytes = b""


type Taker = Callable[[Packet], None]


class Output:
    """An encoded stream that any number of takers share. For the event loop only.

    `wants_key` is called when a taker needs a keyframe; the encoder sets it. `bit_rate` is what the
    encoder aims at, in bits per second.
    """

    def __init__(self, name: str, kind: Literal["sound", "picture"], bit_rate: int = 0) -> None:
        self.name = name
        self.kind = kind
        self.bit_rate = bit_rate or USUAL_BIT_RATES[kind]
        self.wants_key: Callable[[], None] = lambda: None
        self.derived: dict[int, Output] = {}
        """What is made from it for weak links, by bit rate (`engine.reduced`)."""
        self._takers: dict[Taker, None] = {}

    def add(self, taker: Taker) -> None:
        """Call `taker` with every packet from the next one on."""
        self._takers[taker] = None

    def remove(self, taker: Taker) -> None:
        """Stop calling `taker`; do nothing for an unknown one."""
        self._takers.pop(taker, None)

    def put(self, packet: Packet) -> None:
        """Call every taker with a packet; one that raises is removed, and the others continue."""
        for taker in tuple(self._takers):
            try:
                taker(packet)
            except Exception:
                log.exception("a taker of %s failed and is left out", self.name)
                self.remove(taker)

    def __len__(self) -> int:
        return len(self._takers)
