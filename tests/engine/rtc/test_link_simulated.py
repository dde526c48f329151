"""The rung that a listener on a poor link gets, second by second, on a simulated clock.

Packets of all rungs, retransmissions and measurements pass the same link as in
`bench/engine/poor_link.py`, but without waiting, and identically in each run.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

import pytest

from hemicycle.engine.reduced import rungs
from hemicycle.engine.rtc.link_estimate import LinkEstimate, LossCount, Train
from hemicycle.engine.streams import Output
from tests.engine.rtc.narrow_link import POOR, WIDE, Direction, LinkShape

SOUND, PICTURE = 1, 2
PACKET = 1200
BEHIND = 2
KEYFRAME_EVERY = 50
KEYFRAME = 5
"""The size of a keyframe, as a multiple of the size of another picture."""

PACE = 1.3
LONGEST_TRAIN_S = 0.06


@dataclass
class Source:
    """The packets of a source that were sent and that its listener received."""

    sent: int = 0
    highest: int = 0
    got: set[int] = field(default_factory=set)
    per_second: int = 0
    last: int = 0


class Simulation:
    """Both ends of a listener's connection and the link between them; `run` moves the clock."""

    def __init__(self, shape: LinkShape) -> None:
        self.now = 1000.0
        self.link = Direction(shape)
        self.estimate = LinkEstimate(4, self.now)
        self.ladder = rungs.ladder(Output("program", "picture"))
        self.sound = Output("floor", "sound")
        self.rungs: list[int] = []
        self.trains_s: list[float] = []
        """How long each train of a measurement takes on the narrow stretch."""
        self._sources = {SOUND: Source(), PICTURE: Source()}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._pace_free = 0.0
        self._measures = False
        self._asked: set[int] = set()
        self._frames = count()
        self._after(0, self._tick)
        self._after(0.01, self._frame)
        self._after(1, self._second)

    def reshape(self, shape: LinkShape) -> None:
        """Change the link."""
        self.link.shape = shape

    def run(self, seconds: int) -> list[int]:
        """Return the rung at the end of each of the next seconds."""
        for _ in range(seconds):
            until = self.now + 1
            while self._events and self._events[0][0] <= until:
                self.now, _, act = heapq.heappop(self._events)
                act()
            self.now = until
            self.rungs.append(self.estimate.rung)
        return self.rungs[-seconds:]

    @property
    def needs(self) -> list[int]:
        copies = 3 if self.estimate.lossy(self.now) else 1
        return [rung.needs_bps(self.sound, copies) for rung in self.ladder]

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._order), act))

    def _send(self, size: int, arrived: Callable[[], None]) -> None:
        at = self.link.arrives_at(self.now, size)
        if at is not None:
            self._after(at - self.now, arrived)

    # The engine's end.

    def _tick(self) -> None:
        copies = 3 if self.estimate.lossy(self.now) else 1
        slim = self.ladder[self.estimate.rung].slim
        bits = (rungs.SLIM_BIT_RATE if slim else self.sound.bit_rate) * copies
        self._packet(SOUND, round(bits / 8 / 50) + 28)
        self._after(0.02, self._tick)

    def _frame(self) -> None:
        number, rung = next(self._frames), self.ladder[self.estimate.rung]
        small = self.estimate.rung == 2
        if rung.picture is not None and (not small or number % 2 == 0):
            share = (KEYFRAME if number % KEYFRAME_EVERY == 0 else 1) / (1 + KEYFRAME / 50)
            size = rung.picture.bit_rate / 8 / 25 * (2 if small else 1) * share
            for _ in range(int(size // PACKET)):
                self._spread(PACKET)
            self._spread(max(60, int(size % PACKET)))
        self._after(0.04, self._frame)

    def _spread(self, size: int) -> None:
        output = self.ladder[self.estimate.rung].picture
        if self.estimate.rung == 0 or output is None:
            self._packet(PICTURE, size)
            return
        begins = max(self.now, self._pace_free)
        self._pace_free = begins + 8 * size / (PACE * output.bit_rate)
        self._after(begins - self.now, lambda: self._packet(PICTURE, size))

    def _packet(self, source: int, size: int) -> None:
        of = self._sources[source]
        of.sent += 1
        number = of.sent
        self._send(size, lambda: self._arrived(source, number))

    def _second(self) -> None:
        for of in self._sources.values():
            of.per_second, of.last = of.sent - of.last, of.sent
        self._asked.clear()
        for source in self._sources:
            self._send(60, partial(self._report, source, self.now))
        self.estimate.settled(self.now)
        trains = self.estimate.trains(self.now, self.needs)
        if trains and not self._measures:
            self._measures = True
            self._trip(lambda before_s: self._train(trains, before_s))
        self._after(1, self._second)

    def _trip(self, then: Callable[[float], None]) -> None:
        left = self.now

        def back() -> None:
            self._after(self.link.shape.delay_s, lambda: then(self.now - left))

        at = self.link.arrives_at(self.now, 100)
        if at is None:
            self._measures = False
        else:
            self._after(at - self.now, back)

    def _train(self, trains: Sequence[Train], before_s: float) -> None:
        packets, before = max(1, trains[0].bits // (8 * PACKET)), self.link.waits_s(self.now)
        for _ in range(packets):
            self._send(PACKET, lambda: None)
        self.trains_s.append(self.link.waits_s(self.now) - before)
        sent = replace(trains[0], bits=packets * 8 * PACKET)
        self._trip(lambda behind_s: self._measured(sent, before_s, behind_s, trains[1:]))

    def _measured(
        self, sent: Train, before_s: float, behind_s: float, others: Sequence[Train]
    ) -> None:
        fits = self.estimate.rung and self.estimate.measured(
            sent, before_s, behind_s, self.now, self.needs
        )
        if fits and others:
            self._train(others, before_s)
            return
        if fits:
            self.estimate.up(self.now)
        self._measures = False

    # The listener's end.

    def _arrived(self, source: int, number: int) -> None:
        of = self._sources[source]
        lost = list(range(of.highest + 1, number))
        of.highest = max(of.highest, number)
        of.got.add(number)
        if lost and source == PICTURE:
            self._after(self.link.shape.delay_s, lambda: self._again(lost))

    def _again(self, lost: list[int]) -> None:
        new = [number for number in lost if number not in self._asked]
        self._asked.update(new)
        pictures = self._sources[PICTURE]
        per_second = max(pictures.per_second, pictures.sent - pictures.last)
        self.estimate.asked_again(len(new), per_second, self.now, self.needs)
        for _ in new[:5]:
            self._send(PACKET, lambda: None)

    def _report(self, source: int, left: float) -> None:
        def came() -> None:
            of = self._sources[source]
            counted = LossCount(self.now, of.highest, of.highest - len(of.got))
            self.estimate.reported(source, counted, self.needs)
            self.estimate.trip(self.now - left, self.now, self.needs)

        self._after(self.link.shape.delay_s, came)


def test_on_the_poor_link_the_small_picture_stays() -> None:
    listener = Simulation(POOR)
    seen = listener.run(120)
    assert seen[2] >= 2
    assert set(seen[2:]) == {2}


@pytest.mark.parametrize("kbps", [256, 400, 600])
def test_a_measurement_hardly_delays_the_sound(kbps: int) -> None:
    """Redundant sound bridges a hole of 100 ms only if the packets after it arrive in time."""
    listener = Simulation(replace(POOR, kbps=kbps))
    listener.run(120)
    assert len(listener.trains_s) > 10
    assert max(listener.trains_s) <= LONGEST_TRAIN_S


@pytest.mark.parametrize("seconds", [31, 44, 57, 60])
def test_the_whole_picture_is_back_within_ten_seconds(seconds: int) -> None:
    listener = Simulation(POOR)
    listener.run(seconds)
    listener.reshape(WIDE)
    assert listener.run(10)[-1] == 0


def test_from_speech_alone_too() -> None:
    listener = Simulation(LinkShape(140, delay_s=0.1))
    assert listener.run(61)[-1] == 3
    listener.reshape(WIDE)
    assert listener.run(10)[-1] == 0


def test_a_wide_link_with_holes_keeps_the_whole_picture() -> None:
    holes = LinkShape(20_000, delay_s=0.15, hole_s=0.1, hole_every_s=3.3)
    assert set(Simulation(holes).run(120)) == {0}


def test_a_link_for_speech_alone_gets_speech_alone() -> None:
    seen = Simulation(LinkShape(140, delay_s=0.1)).run(60)
    assert seen[10:].count(3) > 40
