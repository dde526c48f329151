"""One output for many targets: in order, in turns and with limits; few requests for keyframes."""

import asyncio
from collections.abc import Awaitable
from itertools import pairwise

import pytest

from hemicycle.engine.rtc import fan_out as fanning
from hemicycle.engine.rtc.fan_out import MOST_WAITING, FanOutTarget, fan_out_of
from hemicycle.engine.rtc.packetizer import FramePackets
from hemicycle.engine.streams import Output, Packet

pytestmark = pytest.mark.alone


@pytest.fixture(autouse=True)
def in_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a turn long enough for any machine; tests of turns set its length themselves."""
    monkeypatch.setattr(fanning, "TURN_S", 60)


class Ear(FanOutTarget):
    """A target that records its frames, and may be slow."""

    def __init__(self, slow_s: float = 0) -> None:
        self.heard: list[int] = []
        self.skips = 0
        self._slow_s = slow_s

    def put(self, burst: FramePackets) -> None:
        until = asyncio.get_running_loop().time() + self._slow_s
        while asyncio.get_running_loop().time() < until:
            pass
        self.heard.append(burst.pts)

    def skipped(self) -> None:
        self.skips += 1


def packet(pts: int) -> Packet:
    return Packet(b"\0\0\0\1\x65" + bytes(20), pts, 1)


def runs(test: Awaitable[None]) -> None:
    async def run() -> None:
        await test

    asyncio.run(run())


def test_all_hear_everything_from_when_they_came_until_they_go() -> None:
    async def test() -> None:
        output, one, two = Output("program", "picture"), Ear(), Ear()
        fan_out = fan_out_of(output)
        fan_out.add(one)
        output.put(packet(1))
        fan_out.add(two)
        output.put(packet(2))
        fan_out.remove(one)
        output.put(packet(3))
        assert (one.heard, two.heard) == ([1, 2], [2, 3])
        fan_out.remove(two)
        fan_out.remove(two)
        assert (len(output), len(fan_out)) == (0, 0)
        assert fan_out_of(output) is not fan_out

    runs(test())


def test_a_listener_that_cannot_be_sent_to_silences_nobody_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Ear):
        def put(self, burst: FramePackets) -> None:
            raise RuntimeError("its transport is gone")

    async def test() -> None:
        output, broken, ear = Output("program", "picture"), Broken(), Ear()
        fan_out = fan_out_of(output)
        fan_out.add(broken)
        fan_out.add(ear)
        output.put(packet(1))
        output.put(packet(2))
        assert ear.heard == [1, 2]
        assert (len(fan_out), fan_out.busy) == (1, False)
        fan_out.remove(ear)

    runs(test())
    assert "its transport is gone" in caplog.text


def test_others_have_their_turn_while_many_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanning, "TURN_S", 0.0005)

    async def test() -> None:
        output, ears = Output("program", "picture"), [Ear(slow_s=0.001) for _ in range(20)]
        fan_out = fan_out_of(output)
        for ear in ears:
            fan_out.add(ear)
        output.put(packet(1))
        output.put(packet(2))
        assert sum(len(ear.heard) for ear in ears) == 1
        turns = 0
        while any(len(ear.heard) < 2 for ear in ears):
            await asyncio.sleep(0)
            turns += 1
        assert turns >= 20
        assert all(ear.heard == [1, 2] for ear in ears)
        for ear in ears:
            fan_out.remove(ear)

    runs(test())


def test_what_waits_is_bounded_and_who_misses_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanning, "TURN_S", 0)

    async def test() -> None:
        output, ears = Output("program", "picture"), [Ear(), Ear()]
        fan_out = fan_out_of(output)
        for ear in ears:
            fan_out.add(ear)
        for pts in range(MOST_WAITING + 1):
            output.put(packet(pts))
        for _ in range(10):
            await asyncio.sleep(0)
        assert [ear.heard for ear in ears] == [[0, MOST_WAITING]] * 2
        assert [ear.skips for ear in ears] == [1, 1]
        for ear in ears:
            fan_out.remove(ear)

    runs(test())


def test_a_keyframe_is_asked_for_at_once_and_then_at_most_each_half_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanning, "KEY_EVERY_S", 0.2)

    async def test() -> None:
        output, asked = Output("program", "picture"), []
        output.wants_key = lambda: asked.append(asyncio.get_running_loop().time())
        fan_out = fan_out_of(output)
        for _ in range(30):
            fan_out.want_key()
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert 2 <= len(asked) <= 4
        assert min(b - a for a, b in pairwise(asked)) >= 0.19
        fan_out.add(ear := Ear())
        fan_out.remove(ear)

    runs(test())
