"""The ladder of a program: what a link may carry of it, from the most to the least.

A rung is a picture (or none) and a sound. Those of one output are shared by all who take it.
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
"""The smallest picture has each second one: 12 a second are enough to see who speaks."""

SLIM_BIT_RATE = 24_000
"""Speech that is understood without effort; a second and a third copy of it still fit."""

HEADERS_BPS = 23_000
"""What the headers of 50 packets of sound take in a second (IP, UDP, SRTP)."""

SHARE_OF_HEADERS = 1.06
"""A picture with its headers, relative to the picture."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A picture's output (None: none), and whether the sound is the slim one."""

    picture: Output | None
    slim: bool
    seen: Seen

    def needs_bps(self, sound: Output | None, copies: int) -> int:
        """Return the bits per second that it takes, with so many copies of each 20 ms of sound."""
        # An output that nobody takes is false.
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
    """Return the rungs of a listener who takes a picture, or sound alone, the best first."""
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
