"""The thread of the audio engine: its packets, its callbacks and its end."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from hemicycle.engine.audio import AudioEngine, Level
from hemicycle.engine.audio.analysis import decoded, spans, tones
from hemicycle.engine.audio.audio_engine import _LimiterReport, _LimiterWatch
from hemicycle.engine.audio.fader import RAMP
from hemicycle.engine.audio.opus import DELAY
from hemicycle.engine.streams import SOUND_RATE, TICK_SAMPLES, Packet, Samples
from tests.engine.audio.studio import Broken, Noise, Tone

pytestmark = pytest.mark.usefixtures("virtual_time")


class Listener:
    """An audio engine that runs from now on, with its output and its callbacks."""

    def __init__(self, *channels: str, automatic_gain: bool = False) -> None:
        self.start = time.monotonic()
        loop = asyncio.get_running_loop()
        self.engine = AudioEngine(channels, loop, self.start, automatic_gain=automatic_gain)
        self.packets: dict[str, list[Packet]] = {name: [] for name in channels}
        self.told: list[tuple[object, ...]] = []
        for name, packets in self.packets.items():
            self.engine.outputs[name].add(packets.append)
        self._last = self.engine.outputs[channels[-1]]
        self.engine.on_changed = lambda *news: self.told.append(news)
        self.engine.on_failed = lambda *news: self.told.append(news)

    async def until(self, seconds: float) -> None:
        """Let the engine run until its program is at `seconds`."""
        there = asyncio.Event()

        def look(packet: Packet) -> None:
            if packet.pts >= seconds * SOUND_RATE:
                there.set()

        self._last.add(look)
        await asyncio.wait_for(there.wait(), 20)
        self._last.remove(look)

    def heard(self, channel: str) -> Samples:
        return decoded(self.packets[channel])


def on_air(what: Callable[[Listener], Awaitable[None]], *channels: str) -> Listener:
    """Run an audio engine with `channels` until `what` has ended; return its listener."""

    async def main() -> Listener:
        listener = Listener(*channels)
        try:
            await what(listener)
        finally:
            listener.engine.shut_down()
        return listener

    return asyncio.run(main())


def test_every_tick_each_channel_has_a_packet_on_the_programs_clock() -> None:
    listener = on_air(lambda given: given.until(0.3), "floor", "fr")
    floor, french = (
        [(packet.pts, packet.duration) for packet in packets]
        for packets in listener.packets.values()
    )
    assert floor == french
    assert floor == [(floor[0][0] + n * TICK_SAMPLES, TICK_SAMPLES) for n in range(len(floor))]


def test_a_microphone_is_cut_at_the_limit_that_was_ordered_ahead() -> None:
    async def speak(given: Listener) -> None:
        given.engine.add("a", Tone(1000))
        given.engine.open("a", given.start + 0.2)
        given.engine.close("a", given.start + 0.7)
        await given.until(0.9)

    listener = on_air(speak, "floor")
    opened, closed = listener.told
    assert opened == ("a", True, pytest.approx(listener.start + 0.2, abs=1e-4))
    assert closed == ("a", False, pytest.approx(listener.start + 0.705, abs=1e-4))
    first_ms = listener.packets["floor"][0].pts / 48
    (span,) = spans(listener.heard("floor"), 1000)
    shift_ms = (DELAY + RAMP / 2) / 48 - first_ms
    assert (span.begin_ms, span.end_ms) == pytest.approx((200 + shift_ms, 700 + shift_ms), abs=2)


def test_what_an_opening_measured_is_there_when_its_end_is_told_and_until_it_leaves() -> None:
    measured: list[object] = []

    async def speak(given: Listener) -> None:
        engine = given.engine
        engine.on_changed = lambda id, on, at: measured.append(engine.measured(id))
        engine.add("a", Tone(997, 0.1))
        engine.open("a")
        await given.until(0.6)
        engine.close("a")
        await given.until(0.7)
        measured.append(engine.measured("a"))
        engine.remove("a")
        await given.until(0.8)
        measured.append(engine.measured("a"))

    on_air(speak, "floor")
    figures = pytest.approx((-23.0, -20.0), abs=0.1)
    assert measured == [None, figures, figures, None]


def test_booths_routes_and_coughs_reach_their_channels() -> None:
    async def interpret(given: Listener) -> None:
        given.engine.add("speaker", Tone(400))
        given.engine.add("french", Tone(800))
        given.engine.add("spanish", Tone(1200))
        given.engine.open("speaker")
        for language, who in (("fr", "french"), ("es", "spanish")):
            given.engine.booth(language, who)
            given.engine.route(language, language)
        given.engine.cough("spanish", True)
        await given.until(0.5)

    listener = on_air(interpret, "floor", "fr", "es")
    last = {name: listener.heard(name)[-9_600:] for name in listener.packets}
    heard = {name: tones(sound, [400, 800, 1200], least=0.01) for name, sound in last.items()}
    assert heard == {"floor": {400}, "fr": {800}, "es": frozenset()}


def test_levels_are_told_while_it_runs() -> None:
    levels: list[dict[str, Level]] = []

    async def speak(given: Listener) -> None:
        given.engine.add("a", Tone(997, 0.1))
        await given.until(0.6)
        levels.append(given.engine.levels())

    on_air(speak, "floor")
    assert levels == [{"a": Level(-23.0, -20.0, 0.0), "channel:floor": Level()}]


def test_a_broken_source_is_told_and_the_desk_goes_on() -> None:
    error = OSError("gone")

    async def speak(given: Listener) -> None:
        given.engine.add("bad", Broken(error, blocks=3))
        given.engine.add("a", Tone(1000))
        given.engine.open("a")
        await given.until(0.3)

    listener = on_air(speak, "floor")
    assert ("bad", error) in listener.told
    assert tones(listener.heard("floor")[-4_800:], [1000]) == {1000}


def test_a_limiter_that_acts_is_told() -> None:
    told: list[tuple[str, float, float]] = []

    async def shout(given: Listener) -> None:
        given.engine.on_limited = lambda *news: told.append(news)
        given.engine.add("a", Noise(-3))
        given.engine.open("a")
        await given.until(1.5)

    listener = on_air(shout, "floor")
    ((channel, db, at),) = told
    assert (channel, db > 5, 0 <= at - listener.start < 0.5) == ("floor", True, True)


def test_a_limiters_work_of_a_second_is_told_once_with_its_begin_and_its_worst() -> None:
    watch = _LimiterWatch("fr")
    reductions = [0.0, 0.1, 3.0, 9.0, 2.0] + [0.0] * 100 + [1.0] + [0.0] * 60
    told = [watch.take(db, n * TICK_SAMPLES) for n, db in enumerate(reductions)]
    assert [(n, silent) for n, silent in enumerate(told) if silent] == [
        (52, _LimiterReport("fr", 9.0, 2 * TICK_SAMPLES)),
        (155, _LimiterReport("fr", 1.0, 105 * TICK_SAMPLES)),
    ]


def test_behind_by_too_much_it_leaves_out_sound_and_says_so() -> None:
    late: list[float] = []

    class Stuck(Tone):
        def __init__(self) -> None:
            super().__init__(1000)
            self._left = 5

        def read(self) -> Samples:
            self._left -= 1
            if self._left == 0:
                time.sleep(0.5)
            return super().read()

    async def wait(given: Listener) -> None:
        given.engine.on_late = late.append
        given.engine.add("stuck", Stuck())
        await given.until(1.0)

    listener = on_air(wait, "floor")
    pts = np.array([packet.pts for packet in listener.packets["floor"]])
    left_out = (np.diff(pts) - TICK_SAMPLES).sum() / SOUND_RATE
    assert sum(late) == pytest.approx(left_out)
    assert max(late) >= 0.4


def test_there_is_no_route_for_a_channel_that_is_not_there() -> None:
    async def wrong(given: Listener) -> None:
        with pytest.raises(KeyError):
            given.engine.route("la", "floor")

    on_air(wrong, "floor")


def test_the_thread_ends_when_the_desk_is_closed_and_nothing_comes_after() -> None:
    before = threading.active_count()

    async def main() -> tuple[int, int]:
        listener = Listener("floor")
        await listener.until(0.1)
        listener.engine.shut_down()
        ended, got = threading.active_count(), len(listener.packets["floor"])
        await asyncio.sleep(0.1)
        return ended, len(listener.packets["floor"]) - got

    assert asyncio.run(main()) == (before, 0)


def test_the_thread_ends_with_its_loop() -> None:
    async def main() -> AudioEngine:
        listener = Listener("floor")
        await listener.until(0.05)
        return listener.engine

    engine = asyncio.run(main())
    engine._thread.join(5)
    assert not engine._thread.is_alive()
