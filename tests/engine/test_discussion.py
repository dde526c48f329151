"""A discussion on a real engine: several voices at once, no muted one, and none afterwards."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hemicycle.engine.audio.analysis import tones
from hemicycle.engine.voices import SHORTEST_MS
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, SMALL_PICTURE, Aired, Ear, on_air, until
from tests.procedure.meeting import panellist, segment

pytestmark = pytest.mark.usefixtures("virtual_time")

CHAIR, ANA, BO, KEEPER, SPEAKER = 400, 600, 800, 1000, 1200
ALL = (CHAIR, ANA, BO, KEEPER, SPEAKER)
PANEL = (panellist("ana"), panellist("bo"), panellist("keeper"), Listed("speaker", "t", "person-s"))
PLACES = {slot: {"name": f"Name of {slot}", "line": ""} for slot in ("ana", "bo", "keeper")}


async def hears(ear: Ear, *expected: int) -> None:
    """Wait until exactly these tones are heard."""
    wanted = frozenset(expected)
    await until(
        lambda: len(ear.last(0.3)) == 14_400 and tones(ear.last(0.3), ALL) == wanted,
        f"{sorted(wanted)} should be heard",
    )


def run(folder: Path, scene: Callable[[Aired, Ear], Awaitable[None]], **config: Any) -> None:
    async def play() -> None:
        ear = Ear()
        async with (
            on_air(
                folder, languages=["en"], places=PLACES, environ=SMALL_PICTURE, **config
            ) as engine,
            engine.publisher("ana", ANA, "panellist", slot="ana"),
            engine.publisher("bo", BO, "panellist", slot="bo"),
            engine.publisher("keeper", KEEPER, "panellist", slot="keeper"),
            engine.publisher("speaker", SPEAKER, slot="speaker"),
            engine.publisher("chair", CHAIR, "moderator"),
            engine.listener(ear),
        ):
            engine.script.do(c.OpenMeeting("meeting"))
            engine.script.do(segment(*PANEL, rules=Rules(discussion="allowed")))
            await hears(ear, CHAIR)
            await scene(engine, ear)

    asyncio.run(play())


def test_several_are_heard_at_once_until_the_discussion_ends(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear) -> None:
        engine.script.do(c.OpenDiscussion())
        await hears(ear, CHAIR, ANA, BO, KEEPER)
        engine.script.do(c.Mute("bo"))
        await hears(ear, CHAIR, ANA, KEEPER)
        engine.script.do(c.Unmute("bo"))
        await hears(ear, CHAIR, ANA, BO, KEEPER)
        engine.script.do(c.GiveFloor("speaker"))
        await hears(ear, CHAIR, SPEAKER)
        engine.script.do(c.OpenDiscussion())
        await hears(ear, CHAIR, ANA, BO, KEEPER)
        engine.script.do(c.CloseDiscussion())
        await hears(ear, CHAIR)

    run(tmp_path, scene)


def test_who_mutes_themselves_is_not_heard_and_not_said_to_speak(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear) -> None:
        sessions = engine.hearing.roster.sessions
        bo = next(id for id, session in sessions.items() if session.pass_.slot == "bo")
        await engine.hearing.control(sessions[bo], {"do": "microphone", "on": False})
        engine.script.do(c.OpenDiscussion())
        await hears(ear, CHAIR, ANA, KEEPER)
        await until(lambda: len(engine.hearing.speaking) == 3, "three speak")
        spoken = engine.script.now_ms() + 3 * SHORTEST_MS  # a shorter voice is not reported
        await until(lambda: engine.script.now_ms() > spoken, "they go on")
        engine.script.do(c.CloseDiscussion())
        await hears(ear, CHAIR)
        await until(lambda: len(engine.facts.of(c.ReportVoice)) == 2, "two have spoken")
        told = {voice.slot: voice for voice in engine.facts.of(c.ReportVoice)}
        assert told.keys() == {"ana", "keeper"}
        (talk,) = engine.script.floor.discussions
        for voice in told.values():
            assert voice.from_ms < voice.until_ms <= engine.script.now_ms()
            assert voice.until_ms > talk.opened_at
        # The engine reports a voice before its microphone's end, since the record refuses it later.
        told_in_order = [
            ("voice" if isinstance(fact, c.ReportVoice) else "closed", fact.slot)
            for fact in engine.facts.commands
            if isinstance(fact, c.ReportVoice)
            or (isinstance(fact, c.ReportMicrophone) and not fact.open)
        ]
        for slot in told:
            assert told_in_order.index(("voice", slot)) < told_in_order.index(("closed", slot))

    run(tmp_path, scene)


def test_who_keeps_out_of_the_recording_takes_no_part(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear) -> None:
        engine.script.do(c.OpenDiscussion())
        await hears(ear, CHAIR, ANA, BO)
        shown = engine.hearing.roster.sessions
        keeper = next(id for id, one in shown.items() if one.pass_.slot == "keeper")
        assert keeper not in engine.hearing.seen

    run(tmp_path, scene, apart=["keeper"])


def test_nobody_is_opened_whose_choices_are_not_known_yet(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear) -> None:
        engine.script.unsettled.add("ana")
        engine.script.do(c.OpenDiscussion())
        await hears(ear, CHAIR, BO, KEEPER)
        engine.script.unsettled.clear()
        await hears(ear, CHAIR, ANA, BO, KEEPER)

    run(tmp_path, scene)


def test_a_caption_names_who_speaks(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear) -> None:
        engine.script.do(c.OpenDiscussion(), c.Mute("bo"), c.Mute("keeper"))
        await hears(ear, CHAIR, ANA)
        await until(lambda: len(engine.hearing.speaking) == 2, "both speak")
        line = json.dumps({"text": "I agree.", "final": True}).encode()
        token = engine.token("captions", "captioner", "captioner", booth="en")
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
            http.post(f"{engine.base}/media/captions/{HEARING}", data=line) as answer,
        ):
            assert await answer.json() == {"taken": 1, "replaced": 0}
        (written,) = engine.hearing.captions.last["en"].cues
        assert written.text == "Name of ana: I agree."

    run(tmp_path, scene)
