"""The ladder of a program: the pictures and sounds that a link may get, from the best to the least.

A rung is a picture (or none) and a sound. All listeners of an output share its reduced outputs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from hemicycle.engine.reduced.derived import DerivedOutput, Reducer
from hemicycle.engine.reduced.picture import SmallerPicture
from hemicycle.engine.reduced.sound import SlimSound
from hemicycle.engine.streams import Output, Packet
from hemicycle.engine.video.bit_rates import REDUCED_BIT_RATE, REDUCED_HEIGHT

type Seen = Literal["whole", "small", "none"]

SMALL_HEIGHT, SMALL_BIT_RATE = 180, 85_000
SMALL_EVERY = 2
"""The smallest size has every second picture: 12 a second are enough to see who speaks."""

SLIM_BIT_RATE = 24_000
"""Bits per second for speech that is understood without effort; two more copies of it still fit."""

HEADERS_BPS = 23_000
"""The bits per second of the headers (IP, UDP, SRTP) of 50 packets of sound."""

SHARE_OF_HEADERS = 1.06
"""The bit rate of a picture with its headers, relative to the picture alone."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A picture's output (None: none), and whether the sound is the slim one."""

    picture: Output | None
    slim: bool
    seen: Seen

    def needs_bps(self, sound: Output | None, copies: int) -> int:
        """Return the bits per second of the rung, with each 20 ms of sound sent `copies` times."""
        # Compare with None: an output that nobody takes is false.
        picture = 0 if self.picture is None else self.picture.bit_rate * SHARE_OF_HEADERS
        heard = 0 if sound is None else SLIM_BIT_RATE if self.slim else sound.bit_rate
        return round(picture) + heard * copies + HEADERS_BPS


type _How = tuple[int, Callable[[], Reducer]]


def _carried(packet: Packet) -> bytes:
    return packet.small


_MIDDLE: _How = (REDUCED_BIT_RATE, partial(SmallerPicture, REDUCED_HEIGHT, REDUCED_BIT_RATE, 1))
_SMALL: _How = (SMALL_BIT_RATE, partial(SmallerPicture, SMALL_HEIGHT, SMALL_BIT_RATE, SMALL_EVERY))
_SLIM: _How = (SLIM_BIT_RATE, partial(SlimSound, SLIM_BIT_RATE))


def ladder(picture: Output | None) -> tuple[Rung, ...]:
    """Return the rungs for a listener to a picture and sound, or to sound alone, the best first."""
    if picture is None:
        return (Rung(None, slim=False, seen="none"), Rung(None, slim=True, seen="none"))
    rungs = [Rung(picture, slim=False, seen="whole")]
    if picture.bit_rate > REDUCED_BIT_RATE:
        rungs.append(Rung(_shared(picture, _MIDDLE), slim=False, seen="small"))
    if picture.bit_rate > SMALL_BIT_RATE:
        rungs.append(Rung(_shared(picture, _SMALL), slim=True, seen="small"))
    return (*rungs, Rung(None, slim=True, seen="none"))


def slim(sound: Output) -> Output:
    """Return the slim sound of a channel."""
    return _shared(sound, _SLIM)


def _shared(source: Output, how: _How) -> Output:
    bit_rate, make = how
    if bit_rate not in source.derived:
        carried = (_carried,) if bit_rate == REDUCED_BIT_RATE else ()
        source.derived[bit_rate] = DerivedOutput(source, bit_rate, make, *carried)
    return source.derived[bit_rate]
