"""An engine hands over to a successor: nobody who is connected hears or sees more than a blink."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hemicycle.engine.audio.analysis import amplitude, spans, tones
from hemicycle.engine.hand_over import EngineParts, HandOver, HandOverLine, NotTaken, TakeOver
from hemicycle.engine.hearing import LiveHearing
from hemicycle.engine.masking.voice import MaskedVoice
from hemicycle.engine.rtc.media_port import MediaPort
from hemicycle.engine.streams import SOUND_RATE
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import Aired, Ear, OneHearing, on_air, serving, until
from tests.procedure.meeting import segment

pytestmark = pytest.mark.real_time

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
    """The longest stretch of the last seconds in which a tone is not heard, by media time."""
    heard = spans(ear.last(seconds), hertz)
    assert heard, "the tone is not heard at all"
    edges = [0.0, *(edge for span in heard for edge in (span.begin_ms, span.end_ms))]
    edges.append(seconds * 1000)
    return max(end - begin for begin, end in zip(edges[::2], edges[1::2], strict=True))


@asynccontextmanager
async def successor_of(
    engine: Aired, spoil: Callable[[EngineParts], None] = lambda parts: None
) -> AsyncIterator[Aired]:
    """A second engine that has taken everything over from the first."""
    ours, theirs = socket.socketpair()
    giving = HandOver(engine.parts)
    give = asyncio.create_task(giving.give(HandOverLine.checked(ours)))
    taking = await TakeOver.begin(HandOverLine.checked(theirs))
    port = MediaPort(
        engine.settings.port, ["127.0.0.1"], tcp=engine.settings.tcp_port, inherited=taking.port
    )
    hearings = OneHearing(engine.settings, engine.script, engine.facts)

    async def take(parts: EngineParts) -> None:
        spoil(parts)
        await taking.take(parts)

    made = serving(hearings, port, engine.door, engine.settings, take=take)
    async with made as (parts, site):
        await give
        await engine.site.stop()
        for live in engine.parts.hearings.running():
            await live.stop()
        await giving.left()
        await taking.begin_webcasts(parts)
        shared = (engine.script, engine.facts, parts, engine.settings)
        yield Aired(engine.door, site, *shared)


def run(folder: Path, scene: Callable[[Aired], Awaitable[None]], **config: Any) -> None:
    """Play a scene on a new engine."""

    async def play() -> None:
        async with on_air(folder, **config) as engine:
            await scene(engine)

    asyncio.run(play())


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
            engine.script.do(*opening(), c.GiveFloor())
            await hears(ear, ANA)
            await hears(booth, ANA)
            after = await later.enter_async_context(successor_of(engine))
            await asyncio.sleep(2)
            assert longest_silence_ms(ear, 2, ANA) <= LONGEST_MS
            assert longest_silence_ms(booth, 2, ANA) <= LONGEST_MS
            assert len(after.hearing.roster.sessions) == 4
            after.script.do(c.GiveFloor())
            await hears(ear, BO)
            await hears(booth, BO)
            after.script.do(c.Mute("b"))
            await hears(ear)
        reported = [(fact.slot, fact.open) for fact in engine.facts.of(c.ReportMicrophone)]
        assert reported == [("a", True), ("a", False), ("b", True), ("b", False)]

    run(tmp_path, scene, languages=["en", "fr"])
