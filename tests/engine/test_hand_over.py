"""An engine hands over to a successor: its clients notice no more than a very short gap."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hemicycle.engine import hand_over
from hemicycle.engine.audio.analysis import amplitude, spans, tones
from hemicycle.engine.control.lease_keeper import HandedLeases
from hemicycle.engine.control.lease_promises import HandedPromises
from hemicycle.engine.hand_over import HandOver, HandOverLine, NotTaken
from hemicycle.engine.streams import SOUND_RATE
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import Aired, Ear, on_air, until
from tests.engine.succession import successor_of
from tests.procedure.meeting import segment

pytestmark = [pytest.mark.test_all("upgrades"), pytest.mark.real_time]

CHAIR, ANA, BO, FRENCH = 400, 600, 800, 1000
ALL = (CHAIR, ANA, BO, FRENCH)
LIST = (
    Listed("a", "t", "person-a", languages=("en",)),
    Listed("b", "t", "person-b", languages=("en",)),
)
LONGEST_MS = 100


def opening() -> tuple[c.Command, ...]:
    rules = Rules(time_limit_ms=600_000, warning_ms=1_000, at_limit="cut")
    return c.OpenMeeting("meeting"), segment(*LIST, rules=rules)


async def hears(ear: Ear, *expected: int) -> None:
    """Wait until exactly these tones are heard."""
    wanted = frozenset(expected)
    await until(
        lambda: len(ear.last(0.3)) == 14_400 and tones(ear.last(0.3), ALL) == wanted,
        f"{sorted(wanted)} should be heard",
    )


def longest_silence_ms(ear: Ear, seconds: float, hertz: int) -> float:
    """Return the longest part of the last seconds without a tone, in ms of media time."""
    heard = spans(ear.last(seconds), hertz)
    assert heard, "the tone is not heard at all"
    gaps = [after.begin_ms - before.end_ms for before, after in pairwise(heard)]
    return max(heard[0].begin_ms, seconds * 1000 - heard[-1].end_ms, *gaps, 0.0)


def run(folder: Path, scene: Callable[[Aired], Awaitable[None]], **config: Any) -> None:
    """Play a scene on a new engine."""

    async def play() -> None:
        async with on_air(folder, **config) as engine:
            await scene(engine)

    asyncio.run(play())


@pytest.mark.alone
def test_a_listener_hears_on_through_the_switch(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        ear, booth = Ear(), Ear()
        async with (
            AsyncExitStack() as later,
            engine.publisher("a", ANA, slot="a"),
            engine.publisher("b", BO, slot="b"),
            engine.listener(ear),
            engine.listener(booth, "fr"),
        ):
            happened = (*opening(), c.GiveFloor())
            engine.script.do(*happened)
            await hears(ear, ANA)
            await hears(booth, ANA)
            after = await later.enter_async_context(successor_of(engine, happened))
            await asyncio.sleep(1)
            assert longest_silence_ms(ear, 2, ANA) <= LONGEST_MS
            assert longest_silence_ms(booth, 2, ANA) <= LONGEST_MS
            await after.do(c.GiveFloor())
            await hears(ear, BO)
            await hears(booth, BO)
            late = Ear()
            await later.enter_async_context(engine.listener(late))
            await hears(late, BO)
            await after.do(c.Mute("b"))
            await hears(ear)
            await asyncio.sleep(6)  # each peer confirms several times that it is connected
            assert not engine.facts.of(c.ReportLink)[4:], "nobody was lost"
        reported = [(fact.slot, fact.open) for fact in engine.facts.of(c.ReportMicrophone)]
        assert reported == [("a", True), ("a", False), ("b", True), ("b", False)]

    run(tmp_path, scene, languages=["en", "fr"])


def test_who_is_muted_and_whose_voice_is_changed_stay_so(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        ear = Ear()
        async with (
            AsyncExitStack() as later,
            engine.publisher("a", ANA, slot="a", camera="off", voice="changed"),
            engine.publisher("b", BO, slot="b"),
            engine.listener(ear),
        ):
            happened = (*opening(), c.GiveFloor())
            engine.script.do(*happened)
            await until(lambda: loudness(ear.last(0.3)) > 0.02, "the changed voice is heard")
            begun = len(ear.heard)
            after = await later.enter_async_context(successor_of(engine, happened))
            await asyncio.sleep(1)
            through = np.concatenate(ear.heard[begun:])
            assert loudness(through[-SOUND_RATE // 2 :]) > 0.02, "the changed voice goes on"
            for piece in np.array_split(through, len(through) // 4800):
                assert amplitude(piece, ANA) < 0.5 * loudness(piece) + 0.01, "the voice is changed"
            await after.do(c.GiveFloor(), c.Mute("b"))
            await asyncio.sleep(1)
            assert loudness(ear.last(0.5)) < 0.005

    run(tmp_path, scene)


def loudness(sound: np.ndarray[Any, np.dtype[np.float32]]) -> float:
    """Return the amplitude of a tone of the same power."""
    return float(np.sqrt(2 * np.mean(sound**2))) if len(sound) else 0.0


def test_who_is_muted_is_not_heard_for_a_moment(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        ear = Ear()
        async with (
            AsyncExitStack() as later,
            engine.publisher("a", ANA, slot="a"),
            engine.listener(ear),
        ):
            happened = (*opening(), c.GiveFloor(), c.Mute("a"))
            engine.script.do(*happened[:-1])
            await hears(ear, ANA)
            engine.script.do(happened[-1])
            await hears(ear)
            begun = len(ear.heard)
            # A successor whose copy of the record is behind must not open the microphone again.
            await later.enter_async_context(successor_of(engine, happened))
            await asyncio.sleep(1)
            assert loudness(np.concatenate(ear.heard[begun:])) < 0.005

    run(tmp_path, scene)


@pytest.mark.alone
@pytest.mark.parametrize("last", ["ask", "ahead", "state"])
def test_an_engine_goes_on_if_its_successor_ends(tmp_path: Path, last: str) -> None:
    async def end_early(line: HandOverLine) -> None:
        await line.say("ask", str(hand_over.FORM).encode())
        if last != "ask":
            await line.hear("ahead", 5)
            if last == "state":
                await line.say("ready")
                kind = ""
                while kind != "state":
                    kind, _, sockets = await line.hear_any(5)
                for sock in sockets:
                    sock.close()
        line.close()

    async def scene(engine: Aired) -> None:
        ear = Ear()
        async with engine.publisher("a", ANA, slot="a") as a, engine.listener(ear):
            engine.script.do(*opening(), c.GiveFloor())
            await hears(ear, ANA)
            ours, theirs = socket.socketpair()
            giving = HandOver(engine.parts)
            # In a separate loop, as in a process: during the hand-over, this loop is blocked.
            early = end_early(HandOverLine.checked(theirs))
            ending = asyncio.create_task(asyncio.to_thread(asyncio.run, early))
            with pytest.raises(NotTaken):
                await giving.give(HandOverLine.checked(ours))
            await ending
            assert not giving.given.is_set()
            await asyncio.sleep(1)
            assert longest_silence_ms(ear, 1.2, ANA) <= LONGEST_MS
            assert await engine.control(a.session, do="microphone", on=False) == (200, "")
            await hears(ear)
        assert [fact.state for fact in engine.facts.of(c.ReportLink)] == ["up", "down"]

    run(tmp_path, scene)


def test_a_message_without_data_is_sent_at_once() -> None:
    """The reader may end after the first part: sending a second, empty one would fail."""
    here, there = socket.socketpair()
    received = []

    class Ends:
        """A socket whose other side ends as soon as it has read something."""

        def sendall(self, data: bytes) -> None:
            here.sendall(data)
            received.append(there.recv(100))
            there.close()

    ends: Any = Ends()
    asyncio.run(HandOverLine(ends).say("taken"))
    here.close()
    (head,) = received
    assert hand_over._KINDS[head[0]] == "taken"


def test_the_state_is_plain_data_that_is_read_strictly(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        ear = Ear()
        async with (
            engine.publisher("a", ANA, slot="a", voice="changed"),
            engine.listener(ear),
        ):
            engine.script.do(*opening(), c.GiveFloor())
            await until(lambda: loudness(ear.last(0.3)) > 0.02, "the changed voice is heard")
            live = engine.hearing
            await live.rest()
            promises = HandedPromises(
                {"b": "http://b:8090"}, 9, 5.4, {"f" * 32: 6.5}, {"b": {live.hearing: 8.5}}
            )
            leases = HandedLeases("e" * 32, {live.hearing: 3}, {live.hearing: 7.5}, promises)
            handed = hand_over.HandedEngine((live.handed([]),), {"pass": 1.5}, leases)
            live.go_on()
        text = hand_over.ENGINE.dump_json(handed)
        assert hand_over.ENGINE.validate_json(text) == handed
        session = json.loads(text)["hearings"][0]["sessions"][0]
        assert session["publisher"]["peer"]["keys"]["sends"]
        for spoil in (spoil_a_key, spoil_by_more, spoil_by_less):
            spoilt = json.loads(text)
            spoil(spoilt["hearings"][0])
            with pytest.raises(ValueError, match="hearings"):
                hand_over.ENGINE.validate_json(json.dumps(spoilt))

    def spoil_a_key(hearing: dict[str, Any]) -> None:
        hearing["sessions"][0]["publisher"]["peer"]["keys"]["sends"] = 7

    def spoil_by_more(hearing: dict[str, Any]) -> None:
        hearing["sessions"][0]["more"] = "what no version knows"

    def spoil_by_less(hearing: dict[str, Any]) -> None:
        del hearing["sessions"][0]["voice"]

    run(tmp_path, scene)
