"""Participants pass the device check by the engine's own measurements."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from hemicycle.engine.audio.practice import PracticeRoom
from hemicycle.engine.audio.sound_check import SILENCE_DB, SoundFigures
from hemicycle.engine.control import device_checks
from hemicycle.engine.control.device_checks import CheckFigures, DeviceChecks
from hemicycle.engine.control.passes import Pass
from hemicycle.engine.control.sessions import ConnectionStats, Direction, MediaSession
from hemicycle.engine.control.web_client import WebUnavailable

PERSON = "b" * 32
FIT = CheckFigures(
    level_db=-20, good_ms=1400, echo_db=-99, loss=0, rtt_ms=30, returns=True, camera=False
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"good_ms": 1199},
        {"loss": 6},
        {"returns": False},
        {"echo_db": None},
        {"echo_db": -12},
    ],
)
def test_one_poor_figure_is_no_pass(wrong: dict[str, Any]) -> None:
    assert FIT.passed
    assert not replace(FIT, **wrong).passed


@dataclass
class Practising:
    """The parts of a session that a device check uses."""

    way: Direction
    id: str
    state: str = "up"
    kind: str = "practice"
    picture: None = None
    stats: ConnectionStats = field(default_factory=ConnectionStats)
    told: list[dict[str, Any]] = field(default_factory=list)
    pass_: Pass = field(
        default_factory=lambda: Pass("a" * 32, "practice", "listener", PERSON, person=PERSON)
    )

    def send(self, event: str, data: dict[str, Any]) -> None:
        """Keep the data of a "check" event."""
        assert event == "check"
        self.told.append(data)


@dataclass
class Room:
    """A practice room with the measurements that a test sets."""

    figures: SoundFigures | None = None

    def begin_check(self, seat: str) -> None:
        """Begin a check with no measurements."""
        assert seat == PERSON
        self.figures = SoundFigures()

    def check_of(self, seat: str) -> "Room | None":
        """Return the measurements of the check, or None before it has begun."""
        return self if self.figures else None


class Web:
    """A client of `web`, which is unavailable for the first `away` requests."""

    def __init__(self, away: int = 0) -> None:
        self.away, self.took = away, list[dict[str, Any]]()

    async def tell(self, data: dict[str, Any]) -> None:
        """Keep the report of a passed check, or raise WebUnavailable."""
        if self.away:
            self.away -= 1
            raise WebUnavailable("away")
        self.took.append(data)


def run(
    web: Web, then: Callable[[DeviceChecks, Room, Practising, Practising], None]
) -> list[dict[str, Any]]:
    """Check the devices of a person while `then` acts; return the events of their page."""

    async def checked() -> list[dict[str, Any]]:
        room, going, coming = Room(), Practising("in", "1"), Practising("out", "2")
        checks = DeviceChecks(cast(PracticeRoom, room), web.tell)
        sessions = cast("list[MediaSession]", [going, coming])
        checks.round(sessions)
        assert going.told == []  # nobody has begun a check yet
        checks.begin(sessions[0])
        then(checks, room, going, coming)
        for _ in range(5):
            checks.round(sessions)
            await asyncio.sleep(0)
        checks.stop()
        return going.told

    return asyncio.run(checked())


def measured(echo_db: float | None = SILENCE_DB) -> SoundFigures:
    return SoundFigures(-20.4, 1400, echo_db)


def test_the_site_is_told_once_of_who_has_passed_and_the_page_that_it_was() -> None:
    def passes(checks: DeviceChecks, room: Room, *sessions: Practising) -> None:
        room.figures = measured()

    web = Web()
    told = run(web, passes)
    assert [(one["passed"], one["noted"]) for one in told] == [(True, False), (True, True)]
    assert len(web.took) == 1
    assert web.took[0].items() >= {"person": PERSON, "level_db": -20, "echo_db": -99}.items()


def test_a_site_that_is_away_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_checks, "AGAIN_S", 0)

    def passes(checks: DeviceChecks, room: Room, *sessions: Practising) -> None:
        room.figures = measured()

    web = Web(away=1)
    assert run(web, passes)[0]["noted"] is False
    assert len(web.took) == 1


def test_without_a_way_back_or_with_an_echo_nobody_passes() -> None:
    def is_cut_off(checks: DeviceChecks, room: Room, _: Practising, coming: Practising) -> None:
        room.figures, coming.state = measured(), "lost"

    def echoes(checks: DeviceChecks, room: Room, *sessions: Practising) -> None:
        room.figures = measured(-9.0)

    web = Web()
    assert [one["returns"] for one in run(web, is_cut_off)] == [False]
    assert [one["echo"] for one in run(web, echoes)] == [True]
    assert web.took == []
