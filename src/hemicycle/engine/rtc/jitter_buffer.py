"""A publisher's sound between network and mixer: in order, without gaps, with little delay.

Packets arrive irregularly; 20 ms leave when the mixer asks. The content of the buffer is its delay,
so it is kept as short as the network allows: `_reserve` is how much (beyond the mixer's next read)
the buffer must hold at the emptiest moment of a second. A late packet raises the reserve, and time
without late packets lowers it slowly. If the buffer holds more or less for a whole second, a few
milliseconds are cut or inserted, which also compensates clocks that drift apart.

Gaps are recognized by RTP time. A gap with later packets behind it is concealed and skipped. If the
buffer is empty, sound is made up and the RTP time stands still until it is known whether the
packets are late (they are played, and the delay has grown) or lost (they are skipped).
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hemicycle.engine.rtc import concealment
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Samples

WINDOW = 50
"""Reads (of 20 ms) over which the emptiest moment is determined: one second."""

RESERVE = SOUND_RATE * 10 // 1000
MOST_RESERVE = SOUND_RATE * 160 // 1000
PEACE_S = 10.0
"""Seconds without a late packet after which the reserve falls by `RESERVE / 2`."""

FAR_TOO_MUCH = SOUND_RATE * 200 // 1000
"""Samples beyond the reserve above which sound is dropped at once: a burst after a network gap."""

GONE = SOUND_RATE // 2
"""Samples without packets (half a second) after which the sound has ended, until packets come."""

ANOTHER_STREAM = SOUND_RATE * 5
"""A jump in RTP time by more than this means that the sender started a new stream."""

WAITING = 150
"""Packets that may wait for a reader (3 s); the oldest are dropped first."""

SILENCE_DBFS = -90.0

MISSED = 8
"""Passed-over packets that are remembered: some more than redundant sound can bring back."""

FOR_A_NEW_DECODER = 2
"""Packets that a new decoder needs until it gives the same sound as the previous one."""


@dataclass(slots=True)
class JitterBufferStats:
    """What happened to the packets, and to the 20 ms pieces made of them."""

    packets: int = 0
    late: int = 0
    concealed: int = 0
    pieces: int = 0
    cut: int = 0
    stretched: int = 0


@dataclass(frozen=True, slots=True)
class HandedSound:
    """The state of a buffer for another process. Times are RTP time in samples, without its wrap.

    `packets` are the waiting packets. `made` is sound that is decoded already, and `past` the sound
    before it (both as 32-bit floats). `decoded` are the last payloads: a new decoder decodes them
    first, since each packet is coded by its difference from the previous one.
    """

    newest: int
    next: int | None
    packets: tuple[tuple[int, bytes], ...]
    made: bytes
    past: bytes
    hidden: int
    owed: int
    reserve: int
    step: int
    decoded: tuple[bytes, ...]


class JitterBuffer:
    """The buffer of one source. Call `put` in the event loop, `read` in the mixer's thread."""

    def __init__(
        self,
        decode: Callable[[bytes], Samples],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tally = JitterBufferStats()
        self.level_dbfs = SILENCE_DBFS
        self._decode = decode
        self._clock = clock
        # The only state that both threads touch. Its methods are atomic, so there is no lock that
        # the event loop could hold while the mixer must deliver.
        self._came: deque[tuple[int, bytes, bool]] = deque(maxlen=WAITING)
        self._newest = 0
        self._packets: dict[int, bytes] = {}
        self._next: int | None = None
        self._step = TICK_SAMPLES
        self._made = np.zeros(0, np.float32)
        self._hide = concealment.Concealer()
        self._owed = 0
        self._missed: deque[int] = deque(maxlen=MISSED)
        """Times of packets that were passed over, for which made-up sound was played."""
        self._reserve = RESERVE
        self._spare: list[int] = []
        self._peace_since = clock()
        self._decoded: deque[bytes] = deque(maxlen=FOR_A_NEW_DECODER)

    # -- hand-over to another process

    def handed(self) -> HandedSound:
        """Return the buffer's state for another process. Call it while the reader rests."""
        self._sort_in()
        return HandedSound(
            self._newest,
            self._next,
            tuple(self._packets.items()),
            self._made.tobytes(),
            self._hide.past.tobytes(),
            self._hide.hidden,
            self._owed,
            self._reserve,
            self._step,
            tuple(self._decoded),
        )

    def resume(self, handed: HandedSound) -> None:
        """Continue from the state of another process. Raises ValueError if it is out of range."""
        if not (0 < handed.step <= ANOTHER_STREAM and RESERVE <= handed.reserve <= MOST_RESERVE):
            raise ValueError("A buffer's figures are out of range.")
        self._newest, self._next = handed.newest, handed.next
        self._packets = dict(handed.packets)
        self._made = np.frombuffer(handed.made, np.float32).copy()
        self._owed, self._reserve, self._step = handed.owed, handed.reserve, handed.step
        for payload in handed.decoded:
            self._decode(payload)
            self._decoded.append(payload)
        self._hide.resume(np.frombuffer(handed.past, np.float32), handed.hidden)

    @property
    def depth_ms(self) -> float:
        """How much sound waits to be read, in milliseconds."""
        return (len(self._packets) * self._step + len(self._made)) * 1000 / SOUND_RATE

    # -- from the network

    def put(self, timestamp: int, payload: bytes, *, again: bool = False) -> None:
        """Add a packet: its 32-bit RTP time and its payload.

        `again` is a copy sent with a later packet: it is used only if the first one is lost.
        """
        self._came.append((timestamp, payload, again))

    # -- to the mixer

    def read(self) -> Samples | None:
        """Return the next 20 ms; None before the first packet, and after half a second without
        one.
        """
        self._sort_in()
        if self._next is None and not self._begin():
            self.level_dbfs = SILENCE_DBFS
            return None
        self._fill(TICK_SAMPLES)
        piece, self._made = self._made[:TICK_SAMPLES], self._made[TICK_SAMPLES:]
        self.tally.pieces += 1
        self._measure(piece)
        self._steer()
        return piece

    def _sort_in(self) -> None:
        while self._came:
            timestamp, payload, again = self._came.popleft()
            at = self._whole_time(timestamp)
            if again and (self._next is None or at < self._next or at in self._packets):
                if at in self._missed:  # a longer reserve would have let the copy come in time
                    self._was_late()
                continue
            self.tally.packets += not again
            if self._next is not None and abs(at - self._next) > ANOTHER_STREAM:
                self._forget()
            # The packet's place has been concealed already. It cannot be played any more, but it
            # shows that the reserve is too short for this network.
            if self._next is not None and at < self._next:
                self.tally.late += 1
                self._was_late()
            elif payload:
                self._packets[at] = payload

    def _whole_time(self, timestamp: int) -> int:
        """Return the RTP time without its wrap at 32 bits."""
        ahead = (timestamp - self._newest) & 0xFFFFFFFF
        self._newest += ahead - (1 << 32) if ahead >= 1 << 31 else ahead
        return self._newest

    def _forget(self) -> None:
        self._packets.clear()
        self._next = None
        self._owed = 0

    def _begin(self) -> bool:
        # Before the first sound, wait until the reserve is there. Otherwise the first jitter would
        # be heard as a gap in the first word.
        if len(self._packets) * self._step < TICK_SAMPLES + self._reserve:
            return False
        enough = math.ceil((TICK_SAMPLES + self._reserve) / self._step)
        order = sorted(self._packets)
        # Of a burst at the start only the newest packets are kept: older ones would add delay.
        for at in order[:-enough]:
            del self._packets[at]
        self._next = order[-enough:][0]
        self._spare.clear()
        return True

    def _fill(self, count: int) -> None:
        while len(self._made) < count:
            self._made = np.concatenate((self._made, self._some_more()))

    def _some_more(self) -> Samples:
        assert self._next is not None
        payload = self._packets.pop(self._next, None)
        if payload is None and self._packets:
            # The packet is lost or late. With later packets behind the gap it is lost, and its time
            # is skipped.
            self._pass_over(min(self._packets) - self._next)
            payload = self._packets.pop(self._next, None)
        if payload is None:
            return self._conceal()
        # The packet came after sound was made up in its place: it was late and not lost, so it is
        # played, and the reserve grows.
        if self._owed:
            self._was_late()
        self._owed = 0
        return self._true(payload)

    def _pass_over(self, hole: int) -> None:
        """Skip a gap with packets behind it; sound already made up in its place counts."""
        assert self._next is not None
        self._missed.append(self._next)
        if self._owed > hole:  # the packets behind the gap were late
            self._was_late()
        self._next += min(hole, self._owed)
        self._owed = 0

    def _conceal(self) -> Samples:
        assert self._next is not None
        if self._packets:
            # The gap may be shorter than a tick: conceal only up to the next packet.
            count = min(TICK_SAMPLES, min(self._packets) - self._next)
            self._next += count
        else:
            count = TICK_SAMPLES
            # Nothing is behind the gap, so nobody knows yet how long it is. RTP time does not move,
            # and `_owed` remembers how much sound was made up meanwhile.
            self._owed += count
        self.tally.concealed += 1
        made = self._hide.more(count)
        if self._owed >= GONE:
            self._forget()
        return made

    def _true(self, payload: bytes) -> Samples:
        assert self._next is not None
        sound = self._decode(payload)
        self._decoded.append(payload)
        # A payload that cannot be decoded counts as lost.
        if not len(sound):
            return self._conceal()
        self._step = len(sound)
        self._next += len(sound)
        return self._hide.keep(sound)

    # -- how much is held

    def _was_late(self) -> None:
        self._reserve = min(self._reserve + RESERVE, MOST_RESERVE)
        self._peace_since = self._clock()

    def _steer(self) -> None:
        if self._next is None:
            return
        spare = len(self._packets) * self._step + len(self._made)
        if spare > self._reserve + FAR_TOO_MUCH:
            self._throw_away(spare)
        self._spare.append(spare)
        if len(self._spare) < WINDOW:
            return
        # The least of a whole second, not the mean: the buffer must last through its emptiest
        # moment.
        least = min(self._spare)
        self._spare.clear()
        # A tolerance of one tick on both sides: otherwise the buffer would cut and stretch in turn.
        if least > self._reserve + TICK_SAMPLES:
            self._alter(concealment.shorter)
            self.tally.cut += 1
        elif least < self._reserve - TICK_SAMPLES:
            self._alter(concealment.longer)
            self.tally.stretched += 1
        self._calm_down()

    def _calm_down(self) -> None:
        if self._clock() - self._peace_since > PEACE_S:
            self._reserve = max(RESERVE, self._reserve - RESERVE // 2)
            self._peace_since = self._clock()

    def _alter(self, how: Callable[[Samples], Samples]) -> None:
        """Cut or stretch the sound that comes next, if enough of it is there."""
        # Decode ahead as much as the search for a seam needs; a gap must not be inside.
        while len(self._made) < 2 * TICK_SAMPLES and self._next in self._packets:
            self._made = np.concatenate((self._made, self._true(self._packets.pop(self._next))))
        if len(self._made) >= concealment.LEAST:
            self._made = how(self._made)

    def _throw_away(self, spare: int) -> None:
        too_many = (spare - self._reserve - TICK_SAMPLES) // self._step
        for at in sorted(self._packets)[:too_many]:
            del self._packets[at]
        if self._packets:
            self._hide.more(1)  # makes the join at the jump cross-fade
            self._next = min(self._packets)

    def _measure(self, piece: Samples) -> None:
        power = float(np.dot(piece, piece)) / len(piece)
        level = 10 * math.log10(power) if power > 1e-9 else SILENCE_DBFS
        # The level rises at once and falls slowly, as on level meters.
        self.level_dbfs = max(level, self.level_dbfs - 1.0)
