"""What a technician does at the engine: silence, restart, hold, and write to a seat."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hemicycle.engine.audio.analysis import tones
from hemicycle.engine.control import technician_notices
from hemicycle.engine.refusals import NETWORK_FAULTS
from hemicycle.procedure import Rules
from hemicycle.procedure import commands as c
from tests.engine.aired import SMALL_PICTURE, Aired, Ear, on_air, until
from tests.procedure.meeting import segment, speaker

pytestmark = pytest.mark.usefixtures("virtual_time")

CHAIR, ANA, FRENCH = 400, 600, 1000
ALL = (CHAIR, ANA, FRENCH)


async def hears(ear: Ear, *expected: int) -> None:
    """Wait until exactly these tones are heard."""
    wanted = frozenset(expected)
    await until(
        lambda: len(ear.last(0.3)) == 14_400 and tones(ear.last(0.3), ALL) == wanted,
        f"{sorted(wanted)} should be heard",
    )


def run(folder: Path, scene: Callable[[Aired, Ear, Ear], Awaitable[None]]) -> None:
    """Play a scene: a speaker on the floor, a moderator, a booth, a technician, two listeners."""

    async def play() -> None:
        ear, french = Ear(), Ear()
        async with (
            on_air(folder, languages=["en", "fr"], environ=SMALL_PICTURE) as engine,
            engine.publisher("a", ANA, slot="a"),
            engine.publisher("chair", CHAIR, "moderator"),
            engine.publisher("i", FRENCH, "interpreter", booth="fr") as booth,
            engine.listener(Ear(), role="technician", seat="tec"),
            engine.listener(ear),
            engine.listener(french, "fr"),
        ):
            engine.script.do(c.OpenMeeting("meeting"), segment(speaker("a"), rules=Rules()))
            engine.script.do(c.GiveFloor())
            await engine.control(booth.session, do="microphone", on=True)
            await hears(ear, CHAIR, ANA)
            await hears(french, FRENCH)
            await scene(engine, ear, french)

    asyncio.run(play())


async def order(engine: Aired, by_seat: str, /, **message: object) -> str:
    """Send a message from a seat to the engine; return the code of the refusal, or ""."""
    sessions = engine.hearing.roster.sessions.values()
    by = next(one for one in sessions if one.pass_.seat == by_seat)
    try:
        await engine.hearing.control(by, dict(message))
    except Exception as refused:  # noqa: BLE001 - the code is compared
        return str(getattr(refused, "code", refused))
    return ""


def told(engine: Aired) -> list[str]:
    return [fact.act for fact in engine.facts.of(c.ReportTechnician)]


def notices(engine: Aired, seat: str) -> list[str]:
    """Return the codes of the notices that a seat got about networks."""
    sessions = engine.hearing.roster.sessions.values()
    events = next(one for one in sessions if one.pass_.seat == seat).events.handed().others
    told = [written.partition(b"data: ")[2] for _, written in events if b"event: notice" in written]
    codes = [str(json.loads(data)["code"]) for data in told]
    return [code for code in codes if code in NETWORK_FAULTS]


def test_a_seat_is_silenced_until_the_technician_lets_it_be_heard(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear, french: Ear) -> None:
        assert await order(engine, "tec", do="silence", seat="a", on=True) == ""
        await hears(ear, CHAIR)
        # The silenced person's own key does not undo it.
        await order(engine, "a", do="microphone", on=True)
        assert await order(engine, "tec", do="silence", seat="i", on=True) == ""
        await hears(french)
        await hears(ear, CHAIR)
        await order(engine, "tec", do="silence", seat="a", on=False)
        await order(engine, "tec", do="silence", seat="i", on=False)
        await hears(ear, CHAIR, ANA)
        await hears(french, FRENCH)
        assert told(engine) == ["silenced", "silenced", "unsilenced", "unsilenced"]
        acts = engine.facts.of(c.ReportTechnician)
        assert {fact.person for fact in acts} == {"person-tec"}
        assert acts[0].slot == "a"

    run(tmp_path, scene)


def test_a_card_replaces_the_program_in_every_language(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear, french: Ear) -> None:
        await order(engine, "tec", do="hold", on=True)
        await hears(ear)
        await hears(french)
        assert engine.hearing.seen == frozenset()
        await order(engine, "tec", do="hold", on=False)
        await hears(ear, CHAIR, ANA)
        await hears(french, FRENCH)
        assert told(engine) == ["card_shown", "card_removed"]

    run(tmp_path, scene)


def test_a_line_is_restarted_so_that_its_page_connects_again(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear, french: Ear) -> None:
        sessions = engine.hearing.roster.sessions
        ana = next(id for id, one in sessions.items() if one.pass_.seat == "a")
        await order(engine, "tec", do="restart", session=ana)
        await until(lambda: ana not in sessions, "the session ends")
        await hears(ear, CHAIR)
        async with engine.publisher("a", ANA, slot="a"):
            await hears(ear, CHAIR, ANA)
        assert told(engine) == ["restarted"]

    run(tmp_path, scene)


def test_the_technician_reads_whose_network_is_blocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice comes at most once in a while for one reason, and at once for another."""

    async def scene(engine: Aired, ear: Ear, french: Ear) -> None:
        sessions = engine.hearing.roster.sessions.values()
        ana = next(one for one in sessions if one.pass_.seat == "a")
        for why in ("blocked", "blocked", "relay_refused"):
            engine.hearing.network_failed(ana, why)
        assert notices(engine, "tec") == ["blocked", "relay_refused"]
        assert notices(engine, "chair") == notices(engine, "a") == []
        monkeypatch.setattr(technician_notices, "BLOCKED_AGAIN_MS", 0)
        engine.hearing.network_failed(ana, "blocked")
        assert notices(engine, "tec") == ["blocked", "relay_refused", "blocked"]

    run(tmp_path, scene)


def test_nobody_else_does_what_a_technician_does(tmp_path: Path) -> None:
    async def scene(engine: Aired, ear: Ear, french: Ear) -> None:
        for seat in ("a", "chair", "i"):
            for message in (
                {"do": "silence", "seat": "chair", "on": True},
                {"do": "restart", "session": "x"},
                {"do": "hold", "on": True},
            ):
                assert await order(engine, seat, **message) in {"not_for_booths", "no_booth"}
        for message in (
            {"do": "silence", "seat": "nobody", "on": True},
            {"do": "restart", "session": "nobody"},
        ):
            assert await order(engine, "tec", **message) == "not_here"
        assert told(engine) == []
        assert await order(engine, "a", do="say", to="technician", text="Help") == ""

    run(tmp_path, scene)
