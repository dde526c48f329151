"""A hearing on the air: who is heard on which channel, as the floor and the booths change."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from hemicycle.engine import settings
from hemicycle.engine.audio.analysis import spans, tones
from hemicycle.engine.hls import metadata
from hemicycle.engine.synthetic.client import SyntheticPublisher
from hemicycle.engine.synthetic.voices import Tone
from hemicycle.procedure import Listed, Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import HEARING, MEETING, SMALL_PICTURE, Aired, Ear, on_air, until
from tests.procedure.meeting import segment

pytestmark = pytest.mark.usefixtures("virtual_time")

CHAIR, ANA, BO, FRENCH, PARTNER, ARABIC = 400, 600, 800, 1000, 1200, 1400
ALL = (CHAIR, ANA, BO, FRENCH, PARTNER, ARABIC)
LIST = (
    Listed("a", "t", "person-a", languages=("en",)),
    Listed("b", "t", "person-b", languages=("en",)),
)
LANGUAGES = ["en", "fr", "ar"]
AWAY_S = 1.0
"""Seconds for which somebody whom the engine has disconnected must stay away."""


def opening() -> tuple[c.Command, ...]:
    pass_ = Rules(time_limit_ms=60_000, warning_ms=1_000, at_limit="cut")
    return c.OpenMeeting("meeting"), segment(*LIST, rules=pass_)


async def hears(ear: Ear, *expected: int) -> None:
    """Wait until exactly these tones are heard."""
    wanted = frozenset(expected)
    await until(
        lambda: len(ear.last(0.3)) == 14_400 and tones(ear.last(0.3), ALL) == wanted,
        f"{sorted(wanted)} should be heard",
    )


async def turned_away(late: SyntheticPublisher, is_gone: Callable[[], bool]) -> None:
    """Connect with a pass that is no longer valid, and wait until the engine ends the session."""
    coming = asyncio.create_task(late.start())
    try:
        await until(lambda: bool(late.session) or coming.done(), "the engine does not answer")
        await until(is_gone, "who came too late is still here", 1)
        await asyncio.sleep(AWAY_S)
        assert is_gone()
        assert late.state != "connected"
    finally:
        coming.cancel()  # refused, or cut off while it connects
        await asyncio.gather(coming, return_exceptions=True)
        await late.close()


def run(folder: Path, scene: Callable[[Aired], Awaitable[None]]) -> None:
    """Play a scene on a new engine."""

    async def play() -> None:
        async with on_air(folder, languages=LANGUAGES, environ=SMALL_PICTURE) as engine:
            await scene(engine)

    asyncio.run(play())


def test_only_who_has_the_floor_is_heard(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        ear = Ear()
        async with (
            engine.publisher("a", ANA, slot="a"),
            engine.publisher("b", BO, slot="b"),
            engine.publisher("chair", CHAIR, "moderator"),
            engine.listener(ear),
        ):
            await hears(ear)
            engine.script.do(*opening())
            await hears(ear, CHAIR)
            engine.script.do(c.GiveFloor())
            await hears(ear, CHAIR, ANA)
            engine.script.do(c.GiveFloor())
            await hears(ear, CHAIR, BO)
            engine.script.do(c.Mute("b"))
            await hears(ear, CHAIR)
            engine.script.do(c.Suspend())
            await hears(ear)
        reported = [(fact.slot, fact.open) for fact in engine.facts.of(c.ReportMicrophone)]
        assert reported == [("a", True), ("a", False), ("b", True), ("b", False)]

    run(tmp_path, scene)


def test_who_is_added_to_the_open_list_is_heard_when_called(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        ear = Ear()
        late = Listed("late", "t", "person-late", languages=("en",))
        async with (
            engine.publisher("a", ANA, slot="a"),
            engine.publisher("late", BO, slot="late"),
            engine.listener(ear),
        ):
            engine.script.do(*opening(), c.GiveFloor())
            await hears(ear, ANA)
            engine.script.do(c.AddSlot(late))
            engine.script.do(c.GiveFloor("late"))
            await hears(ear, BO)
            engine.script.do(c.EndFloor())
            await hears(ear)

    run(tmp_path, scene)


def test_the_microphone_closes_at_the_limit_without_a_word_from_the_record(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        ear = Ear()
        async with engine.publisher("a", ANA, slot="a"), engine.listener(ear):
            engine.script.do(c.OpenMeeting("meeting"))
            rules = Rules(time_limit_ms=2_000, warning_ms=0, at_limit="cut", grace_ms=500)
            engine.script.do(segment(*LIST, rules=rules), c.GiveFloor())
            pass_ = engine.script.floor.at
            await hears(ear, ANA)
            await hears(ear)
            opened, closed = engine.facts.of(c.ReportMicrophone)
            assert (opened.open, closed.open) == (True, False)
            assert abs(closed.at_ms - (pass_ + 2_500)) < 100
            heard = spans(ear.last(10), ANA)
            assert heard[-1].end_ms - heard[0].begin_ms < 2_700
            engine.script.do(c.Tick(), c.Extend(20_000))
            await hears(ear, ANA)

    run(tmp_path, scene)


def test_the_microphone_of_who_leaves_in_mid_sentence_is_told_as_closed(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        def reported() -> list[tuple[str, bool]]:
            return [(fact.slot, fact.open) for fact in engine.facts.of(c.ReportMicrophone)]

        ear = Ear()
        async with engine.listener(ear):
            async with engine.publisher("a", ANA, slot="a"):
                engine.script.do(*opening(), c.GiveFloor())
                await hears(ear, ANA)
            await hears(ear)
        await until(lambda: reported() == [("a", True), ("a", False)], "it should be told")

    run(tmp_path, scene)


def test_what_a_killed_engine_left_open_is_told_as_closed(tmp_path: Path) -> None:
    async def play() -> None:
        before = (*opening(), c.GiveFloor(), c.ReportMicrophone("a", open=True))
        async with on_air(tmp_path, before=before) as engine:
            (closed,) = engine.facts.of(c.ReportMicrophone)
            assert (closed.slot, closed.open) == ("a", False)

    asyncio.run(play())


def test_languages_relay_and_what_happens_when_the_pivot_drops(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        french, booth = Ear(), Ear()
        async with (
            engine.publisher("a", ANA, slot="a"),
            engine.publisher("i1", FRENCH, "interpreter", booth="fr") as interpreter,
            engine.publisher("i3", ARABIC, "interpreter", booth="ar") as arabic,
            engine.listener(french, "fr"),
            engine.listener(booth, role="interpreter", seat="i3", booth="ar"),
        ):
            engine.script.do(*opening(), c.GiveFloor())
            await hears(french, ANA)
            assert await engine.control(interpreter.session, do="microphone", on=True) == (200, "")
            await hears(french, FRENCH)
            await hears(booth, ANA)
            await engine.control(arabic.session, do="incoming", **{"from": "fr"})
            await hears(booth, FRENCH)
            await engine.control(interpreter.session, do="cough", on=True)
            await hears(french)
            await engine.control(interpreter.session, do="cough", on=False)
            await hears(french, FRENCH)
            await engine.control(interpreter.session, do="microphone", on=False)
            await hears(booth, ANA)
            await hears(french, ANA)

    run(tmp_path, scene)


def test_a_handover_goes_from_one_live_voice_to_the_next(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        ear = Ear()
        async with (
            engine.publisher("i1", FRENCH, "interpreter", booth="fr") as first,
            engine.publisher("i2", PARTNER, "interpreter", booth="fr") as second,
            engine.listener(ear, "fr"),
        ):
            engine.script.do(*opening())
            await engine.control(first.session, do="microphone", on=True)
            await hears(ear, FRENCH)
            refusal = await engine.control(second.session, do="microphone", on=True)
            assert refusal == (409, "microphone_taken")
            await engine.control(first.session, do="offer")
            await engine.control(second.session, do="accept")
            await hears(ear, PARTNER)
            told = [(fact.person, fact.live) for fact in engine.facts.of(c.ReportBooth)]
            assert told == [("person-i1", True), ("person-i2", True)]

    run(tmp_path, scene)


def test_who_is_removed_is_told_and_loses_their_seat(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        async with engine.publisher("a", ANA, slot="a") as speaker:
            engine.script.do(*opening(), c.GiveFloor())
            engine.script.do(c.RemoveParticipant("person-a", "note"))
            await until(lambda: not engine.hearing.roster.sessions, "the session should end")
            refusal = await engine.control(speaker.session, do="microphone", on=True)
            assert refusal == (404, "ended")

    run(tmp_path, scene)


def test_who_is_dismissed_is_cut_off_and_comes_in_again_once_reappointed(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        async with engine.publisher("a", ANA, role="moderator"):
            engine.script.on_role("person-a", "technician", False)
            await asyncio.sleep(0.3)
            assert len(engine.hearing.roster.sessions) == 1  # a role that the person never had
            engine.script.on_role("person-a", "moderator", False)
            await until(lambda: not engine.hearing.roster.sessions, "the session should end", 1)
        late = SyntheticPublisher(
            f"{engine.base}/media/whip/{HEARING}",
            engine.token("publish", "moderator", "a"),
            None,
            Tone(ANA),
        )
        await turned_away(late, lambda: not engine.hearing.roster.sessions)
        engine.script.on_role("person-a", "moderator", True)
        async with engine.publisher("a", ANA, role="moderator"):
            await asyncio.sleep(0.3)
            assert len(engine.hearing.roster.sessions) == 1

    run(tmp_path, scene)


def test_what_a_session_has_opened_ends_with_it(tmp_path: Path) -> None:
    async def scene(engine: Aired) -> None:
        def present() -> set[str]:
            return {session.pass_.seat for session in engine.hearing.roster.sessions.values()}

        async with (
            engine.publisher("a", ANA, role="moderator", sign_in="s-a"),
            engine.publisher("b", BO, role="moderator", sign_in="s-b"),
            engine.publisher("c", CHAIR, slot="c"),
        ):
            await asyncio.sleep(1)
            assert present() == {"a", "b", "c"}
            engine.script.signed_out.add("s-a")
            await until(lambda: present() == {"b", "c"}, "one session should end", 1)

    run(tmp_path, scene)


def test_a_renewed_link_cuts_off_who_came_by_the_old_one(tmp_path: Path) -> None:
    by_old = {"registration": "r-a", "link": "1"}

    async def scene(engine: Aired) -> None:
        def speaker(seat: str, registration: str, link: str = "") -> SyntheticPublisher:
            return engine.publisher(seat, ANA, slot=seat, registration=registration, link=link)

        def present() -> set[str]:
            return {session.pass_.seat for session in engine.hearing.roster.sessions.values()}

        async def ends(*kept: str) -> None:
            await until(lambda: present() == set(kept), f"only {kept} should stay", 1)

        ear = Ear()
        async with speaker("b", registration="r-b", link="1"), engine.listener(ear):
            engine.script.do(*opening(), c.GiveFloor())
            others = present()
            async with speaker("a", **by_old):
                await hears(ear, ANA)
                engine.script.append("registration.link_revoked", registration="r-a", link=2)
                await ends(*others)  # the session that has the microphone too
                await hears(ear)
            await turned_away(speaker("a", **by_old), lambda: present() == {*others})
            async with speaker("a", registration="r-a", link="2"):
                await asyncio.sleep(0.3)
                assert present() == {*others, "a"}
                engine.script.append("registration.decided", registration="r-a", outcome="refused")
                await ends(*others)
            engine.script.append("registration.decided", registration="r-a", outcome="accepted")
            async with speaker("a", registration="r-a"):  # signed in, without a link
                await asyncio.sleep(0.3)
                assert present() == {*others, "a"}
                engine.script.append(
                    "registration.person_replaced", registration="r-a", before="person-a", link=3
                )
                await ends(*others)
            engine.script.append("person.erased", person="person-b")
            await until(lambda: "b" not in present(), "b should be gone", 1)
            await turned_away(
                speaker("b", registration="r-b", link="1"), lambda: "b" not in present()
            )

    run(tmp_path, scene)


def test_the_chapters_are_those_of_the_meeting_that_closes(tmp_path: Path) -> None:
    """At the close, the configuration already has the next meeting's slots."""

    async def play() -> None:
        places = {"a": {"name": "Ana Silva"}, "b": {"name": "Bo Li"}}
        names: dict[str, Any] = {"languages": LANGUAGES, "places": places}
        async with on_air(tmp_path, environ=SMALL_PICTURE, **names) as engine:
            engine.script.do(c.OpenMeeting(MEETING), opening()[1], c.GiveFloor())
            await asyncio.sleep(3)
            engine.script.do(c.GiveFloor())
            engine.script.config = {**engine.script.config, "meeting": "next", "places": {}}
            engine.script.do(c.CloseSegment(), c.CloseMeeting())
            folder = settings.read({"HEMICYCLE_DATA_DIR": str(tmp_path)}).segments
            here = folder / HEARING / MEETING
            await until(lambda: metadata.read_file(here).ended, "the webcast is whole", 30)
            told = [chapter.title for chapter in metadata.read_file(here).chapters]
            assert told == ["Ana Silva", "Bo Li"]

    asyncio.run(play())


@pytest.mark.parametrize("channel", ["de", "program"])
def test_a_channel_that_is_not_there_is_refused(tmp_path: Path, channel: str) -> None:
    async def scene(engine: Aired) -> None:
        async with engine.listener(Ear()) as listener:
            answer = await engine.control(listener.session, do="listen", channel=channel)
            assert answer == (409, "no_channel")

    run(tmp_path, scene)
