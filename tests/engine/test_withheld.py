"""A speaker who withdraws consent to the webcast is removed from it, on a real engine.

Each speaker is a tone. Everything that is published, and the files, are searched for hers.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.hls import metadata
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, SMALL_PICTURE, Aired, Ear, on_air, until
from tests.engine.fetched import HEARD, Public, amplitudes, folder_of, in_public, recorded
from tests.procedure.meeting import segment

pytestmark = pytest.mark.usefixtures("virtual_time")

ANA, SURVIVOR, BO = 600, 1000, 1400
SPEAKERS = {"ana": ANA, "survivor": SURVIVOR, "bo": BO}
REMOVED = "Removed at the request of the speaker"
PLACES = {slot: {"name": f"Name of {slot}", "line": ""} for slot in SPEAKERS}
GONE_S = 5.0
"""Seconds after which data fetched before must no longer be served."""


@contextlib.asynccontextmanager
async def panel(folder: Path, **config: Any) -> AsyncIterator[tuple[Aired, Public, Ear]]:
    """Yield a panel of three speakers, a reader of the public webcast, and an ear in the room."""
    listed = [Listed(id, "t", f"person-{id}", languages=("en",)) for id in SPEAKERS]
    rules = Rules(time_limit_ms=600_000, points_of_order=True)
    opening = c.OpenMeeting(MEETING), segment(*listed, rules=rules)
    room = Ear()
    async with contextlib.AsyncExitStack() as stack:
        engine = await stack.enter_async_context(
            on_air(folder, languages=["en"], places=PLACES, environ=SMALL_PICTURE, **config)
        )
        for slot, hertz in SPEAKERS.items():
            await stack.enter_async_context(engine.publisher(slot, hertz, slot=slot))
        await stack.enter_async_context(engine.listener(room))
        engine.script.do(*opening)
        yield engine, await stack.enter_async_context(in_public(engine, *SPEAKERS.values())), room


async def give(engine: Aired, public: Public, slot: str) -> None:
    """Give the floor, and wait until the public hears that speaker."""
    engine.script.do(c.GiveFloor(slot))
    hertz = SPEAKERS[slot]
    await until(lambda: public.first_heard(hertz) is not None, f"{slot} is heard", 20)


async def close(engine: Aired, folder: Path) -> None:
    """Close the meeting, and wait until its recording is complete."""
    engine.script.do(c.EndFloor(), c.CloseSegment(), c.CloseMeeting())
    await until(lambda: metadata.read_file(folder).ended, "the webcast is whole", 30)


def check_recording(folder: Path) -> None:
    """Assert that only the survivor is missing, and that the gap is named."""
    sound, facts = recorded(folder), metadata.read_file(folder)
    ana, hers, bo = (amplitudes(sound, hertz) for hertz in SPEAKERS.values())
    assert (facts.title, facts.fps) == ("On water", 10)
    assert ana.max() > HEARD
    assert bo.max() > HEARD
    assert hers.max() < HEARD
    # A tone that a lost packet interrupts has a little power at every frequency.
    assert hers[(ana < HEARD) & (bo < HEARD)].max() < 0.002
    assert [gone.title for gone in facts.removed] == [REMOVED]
    assert all(gone.end_ms is not None for gone in facts.removed)
    titles = [chapter.title for chapter in facts.chapters]
    assert titles == ["Name of ana", REMOVED, "Name of bo"]
    written = (folder / metadata.FILE).read_text() + "".join(
        path.read_text() for path in folder.glob("*.m3u8")
    )
    assert "Name of survivor" not in written


@pytest.mark.parametrize("delay_s", [0, 2])
def test_a_turn_that_is_withheld_reaches_the_room_and_no_file(tmp_path: Path, delay_s: int) -> None:
    async def scene() -> None:
        chosen: dict[str, Any] = {"withheld": {"survivor": REMOVED}, "public_delay": {"s": delay_s}}
        async with panel(tmp_path, **chosen) as (engine, public, room):
            await give(engine, public, "ana")
            engine.script.do(c.GiveFloor("survivor"))
            await until(lambda: amplitude(room.last(0.3), SURVIVOR) > 0.02, "the room hears her")
            await asyncio.sleep(1)
            await give(engine, public, "bo")
            assert public.first_heard(SURVIVOR) is None
            await close(engine, folder_of(tmp_path))
        check_recording(folder_of(tmp_path))

    asyncio.run(scene())


def test_consent_taken_back_in_mid_sentence(tmp_path: Path) -> None:
    async def scene() -> None:
        async with panel(tmp_path) as (engine, public, room):
            await give(engine, public, "ana")
            await give(engine, public, "survivor")
            await asyncio.sleep(2)
            heard = [name for name in public.parts if public.hears(name, SURVIVOR)]
            assert heard
            await taken_back(engine, public, heard)
            assert amplitude(room.last(0.3), SURVIVOR) > 0.02
            await give(engine, public, "bo")
            await close(engine, folder_of(tmp_path))
        check_recording(folder_of(tmp_path))

    asyncio.run(scene())


def test_consent_taken_back_during_a_point_of_order(tmp_path: Path) -> None:
    async def scene() -> None:
        async with panel(tmp_path) as (engine, public, room):
            await give(engine, public, "ana")
            engine.script.do(c.RaisePointOfOrder("point", "person-survivor"))
            engine.script.do(c.HearPointOfOrder("point"))
            hertz = SPEAKERS["survivor"]
            await until(lambda: public.first_heard(hertz) is not None, "the point is heard", 20)
            heard = [name for name in public.parts if public.hears(name, SURVIVOR)]
            await taken_back(engine, public, heard)
            assert amplitude(room.last(0.3), SURVIVOR) > 0.02
            engine.script.do(c.RulePointOfOrder("point", "noted"))
            await give(engine, public, "bo")
            await close(engine, folder_of(tmp_path))
        check_recording(folder_of(tmp_path))

    asyncio.run(scene())


async def taken_back(engine: Aired, public: Public, heard: list[str]) -> None:
    """Withdraw the survivor's consent; wait until the webcast goes on without her."""
    engine.script.config = {**engine.script.config, "withheld": {"survivor": REMOVED}}
    engine.script.on_change()
    await gone(engine, heard)
    known = set(public.parts)
    await until(lambda: len(set(public.parts) - known) > 10, "the webcast goes on")
    assert [name for name in set(public.parts) - known if public.hears(name, SURVIVOR)] == []


async def gone(engine: Aired, names: list[str]) -> None:
    """Wait until none of the parts, nor the segments to which they belong, is served any more."""
    segments = {re.sub(r"\.\d+\.m4s$", ".m4s", name) for name in names}
    base = f"{engine.base}/media/hls/{HEARING}/{MEETING}"
    async with aiohttp.ClientSession() as http, asyncio.timeout(GONE_S):
        for name in {*names, *segments}:
            while True:
                async with http.get(f"{base}/{name}") as answer:
                    if answer.status == 404:
                        break
                await asyncio.sleep(0.1)
