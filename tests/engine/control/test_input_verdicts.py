"""Notifications of a microphone that sounds poor: who gets them, and what they say."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest

from hemicycle.engine.audio.input_verdict import InputFigures, Trouble
from hemicycle.engine.booths import rules
from hemicycle.engine.control import input_verdicts
from hemicycle.engine.control.input_verdicts import HOWLED_S, InputVerdicts
from hemicycle.engine.control.passes import MediaRole, Pass
from hemicycle.engine.control.roster import SessionRoster
from hemicycle.engine.control.sessions import ConnectionStats, MediaSession
from hemicycle.engine.control.status_events import StatusEvents
from hemicycle.engine.control.technician import TechnicianDesk
from hemicycle.engine.plan import ProgramPlan
from hemicycle.engine.streams import Samples

HUM = InputFigures(spoken_s=3.0, hum=30.0, hum_level=-20.0)
CLEAN = InputFigures(spoken_s=3.0)


@dataclass
class Microphone:
    """The parts of a session that a verdict uses; its sound is replaced by its figures."""

    id: str
    role: MediaRole = "speaker"
    figures: InputFigures = HUM
    input: Any = None
    kind: str = "publish"
    state: str = "up"
    listening: str = ""
    seen: str = "none"
    picture_trouble: str = ""
    stats: ConnectionStats = field(default_factory=ConnectionStats)
    told: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.input = self
        self.pass_ = Pass("a" * 32, "publish", self.role, self.id, name=f"Name of {self.id}")

    def recent(self) -> "Microphone":
        """Return the recent sound, here the microphone itself, for `measure`."""
        return self

    def send(self, event: str, data: Any) -> None:
        """Keep the event."""
        self.told[event] = data


@pytest.fixture(autouse=True)
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_verdicts, "measure", lambda microphone: microphone.figures)


class Rounds:
    """Rounds of verdicts, one second apart."""

    def __init__(self) -> None:
        self.now = 0.0
        self.verdicts = InputVerdicts(lambda: self.now)

    async def go(self, count: int, *heard: Microphone) -> dict[str, Trouble]:
        for _ in range(count):
            self.now += 1.0
            self.verdicts.round(cast("list[MediaSession]", heard))
            look = self.verdicts._look
            if look is not None:
                await look
        return dict(self.verdicts.troubles)


def test_each_microphone_is_judged_while_it_is_heard() -> None:
    async def scene() -> None:
        rounds, hums, fine = Rounds(), Microphone("1"), Microphone("2", figures=CLEAN)
        assert await rounds.go(1, hums, fine) == {}
        assert await rounds.go(4, hums, fine) == {"1": "hum"}
        hums.figures = CLEAN
        assert await rounds.go(25, hums, fine) == {}
        hums.figures = HUM
        assert await rounds.go(25, hums, fine) == {"1": "hum"}
        assert await rounds.go(1, fine) == {}

    asyncio.run(scene())


def test_who_howls_is_told_for_a_while() -> None:
    async def scene() -> None:
        rounds, fine = Rounds(), Microphone("2", figures=CLEAN)
        await rounds.go(1, fine)
        rounds.verdicts.howled("2")
        assert await rounds.go(1, fine) == {"2": "echo"}
        assert await rounds.go(int(HOWLED_S), fine) == {}

    asyncio.run(scene())


def test_a_look_that_fails_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(sound: Samples) -> InputFigures:
        raise ValueError(np.zeros(1))

    async def scene() -> None:
        rounds, hums = Rounds(), Microphone("1")
        with monkeypatch.context() as patch:
            patch.setattr(input_verdicts, "measure", fail)
            assert await rounds.go(3, hums) == {}
        assert await rounds.go(3, hums) == {"1": "hum"}

    asyncio.run(scene())


def test_the_speaker_the_booths_and_the_technician_are_told_and_nobody_else() -> None:
    people = {
        "speaker": Microphone("1"),
        "another": Microphone("2"),
        "booth": Microphone("3", "interpreter"),
        "technician": Microphone("4", "technician"),
    }
    roster = SessionRoster()
    for person in people.values():
        roster.sessions[person.id] = cast(MediaSession, person)
    desk = TechnicianDesk(roster, print, print, print)
    events = StatusEvents(roster, desk, 900_000)
    nothing = rules.begin((), 0, {})
    events.send(ProgramPlan(), nothing, {}, [], troubles={"1": "hum"}, now=0)
    told = {name: [one["trouble"] for one in person.told["microphones"]]
            for name, person in people.items()}  # fmt: skip
    assert told == {"speaker": ["hum"], "another": [], "booth": ["hum"], "technician": ["hum"]}
    assert people["booth"].told["microphones"] == [
        {"session": "1", "name": "Name of 1", "trouble": "hum"}
    ]
