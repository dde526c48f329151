"""Following a record: read whole before anything is shown, and kept while `web` is away."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any, override

import pytest

from hemicycle.engine.control import record_follower
from hemicycle.engine.control.access import ParticipantAccess
from hemicycle.engine.control.record_follower import ClockSample, HandedRecord, RecordFollower
from hemicycle.engine.control.web_client import WebClient, WebUnavailable
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.bodies import to_body
from hemicycle.procedure.events import EVENTS
from hemicycle.procedure.state import EMPTY
from tests.procedure.meeting import Meeting, segment


class Told(WebClient):
    """A client of `web` whose answers the test sets, and which may be away."""

    def __init__(self) -> None:
        self.meeting = Meeting()
        self.away = False
        self.cut = asyncio.Event()
        self.news = asyncio.Event()
        self.asked: list[int] = []
        self.answers = 0
        self.ahead_ms = 0
        self.holds_up = 0
        self.config: dict[str, Any] = {"places": {"a": {}, "b": {}}, "feed": "/feed", "after": 0}

    def do(self, *commands: c.Command) -> None:
        self.meeting.do(*commands)
        self.news.set()

    @property
    def seq(self) -> int:
        return self.meeting.floor.seq

    @override
    async def configuration(self, hearing: str) -> dict[str, Any]:
        self._check()
        self.answers += 1
        return {"meeting": "m", "seq": self.seq, **self.config}

    @override
    async def time_ms(self) -> int:
        self._check()
        told = round(time.time() * 1000) + self.ahead_ms
        if self.holds_up:
            self.holds_up -= 1
            await asyncio.sleep(0.2)
        return told

    @override
    async def entries(self, address: str, after: int) -> AsyncGenerator[list[tuple[int, str]]]:
        self._check()
        self.asked.append(after)
        self.cut.clear()
        while not self.cut.is_set():
            self.news.clear()
            for seq, at, event in [entry for entry in self.meeting.entries if entry[0] > after]:
                body = {"kind": event.KIND, "version": 1, "at": at, "meeting": "m"}
                yield [(seq, json.dumps({**body, "body": to_body(event)}))]
                after = seq
            yield [(after, json.dumps({"kind": "link.used", "body": {}}))]
            await asyncio.wait(
                [asyncio.ensure_future(event.wait()) for event in (self.news, self.cut)],
                return_when=asyncio.FIRST_COMPLETED,
            )
        raise WebUnavailable("cut")

    def _check(self) -> None:
        if self.away:
            raise WebUnavailable("gone")


type Scene = Callable[[Told, RecordFollower, list[str]], Awaitable[None]]


def play(monkeypatch: pytest.MonkeyPatch, scene: Scene) -> None:
    """Play a scene with short retries; its list receives the speaker's slot at each change."""
    monkeypatch.setattr(record_follower, "RETRY_S", 0.01)

    async def whole() -> None:
        told = Told()
        follows = RecordFollower("h", told)
        changes: list[str] = []

        def changed() -> None:
            holder = follows.floor.holder
            changes.append(holder.slot if holder else "")

        follows.on_change = changed
        async with asyncio.timeout(10):
            try:
                await scene(told, follows, changes)
            finally:
                await follows.stop()

    asyncio.run(whole())


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not look():  # noqa: ASYNC110 - no event exists for these conditions
            await asyncio.sleep(0.005)


def test_what_is_past_is_not_shown_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.do(c.OpenMeeting("m"), segment("a", "b"), c.GiveFloor("a"), c.GiveFloor("b"))
        assert follows.floor == EMPTY
        await follows.start()
        assert follows.floor == told.meeting.floor
        assert set(changes) <= {"b"}
        told.do(c.EndFloor())
        await until(lambda: follows.floor == told.meeting.floor)
        assert changes[-1] == ""

    play(monkeypatch, scene)


def test_what_is_known_stays_known_while_web_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.do(c.OpenMeeting("m"), segment("a", "b"), c.GiveFloor("a"))
        await follows.start()
        before, seen = follows.floor, told.seq
        told.away = True
        told.cut.set()
        told.do(c.GiveFloor("b"))
        await asyncio.sleep(0.05)
        assert follows.floor == before
        told.away = False
        await until(lambda: follows.floor == told.meeting.floor)
        assert told.asked == [0, seen]

    play(monkeypatch, scene)


def test_an_engine_that_starts_before_web_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.away = True
        starting = asyncio.create_task(follows.start())
        await asyncio.sleep(0.05)
        assert not starting.done()
        told.away = False
        await starting
        assert follows.meeting == "m"

    play(monkeypatch, scene)


def test_somebody_new_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.do(c.OpenMeeting("m"), segment("a", "b"), c.GiveFloor("a"))
        await follows.start()
        await until(lambda: told.answers == 2)  # the opened segment causes a second request
        told.do(c.Ready("b"))
        await until(lambda: "b" in follows.floor.ready)
        await asyncio.sleep(0.05)
        assert told.answers == 2
        told.config["places"]["z"] = {}
        told.do(c.ReportMicrophone("z", open=True))
        await until(lambda: "z" in follows.config["places"])

    play(monkeypatch, scene)


def test_an_entry_that_cannot_be_folded_lets_the_record_be_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.do(c.OpenMeeting("m"), segment("a", "b"), c.GiveFloor("a"))
        await follows.start()
        good = follows.floor
        told.meeting.entries.append((told.seq + 1, told.meeting.now, told.meeting.entries[2][2]))
        told.news.set()
        await until(lambda: len(told.asked) > 2)
        assert follows.floor == good
        told.meeting.entries.pop()
        told.do(c.EndFloor())
        await until(lambda: follows.floor == told.meeting.floor)

    play(monkeypatch, scene)


def test_a_listener_that_fails_does_not_end_the_following(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        def fails() -> None:
            raise ArithmeticError("a defect")

        follows.on_change = fails
        told.do(c.OpenMeeting("m"))
        await follows.start()
        told.do(segment("a"))
        await until(lambda: follows.floor == told.meeting.floor)

    play(monkeypatch, scene)


def test_the_time_is_that_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.ahead_ms = 3_600_000
        await follows.start()
        ahead = follows.now_ms() - round(time.time() * 1000)
        assert abs(ahead - 3_600_000) < 1000

    play(monkeypatch, scene)


@pytest.mark.alone
def test_an_answer_that_was_held_up_does_not_set_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.holds_up = 1
        await follows.start()
        assert told.holds_up == 0
        assert abs(follows.now_ms() - time.time() * 1000) < 100

    play(monkeypatch, scene)


@pytest.mark.alone
def test_on_one_machine_the_time_is_the_same_however_slow_web_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.holds_up = 5
        await follows.start()
        assert abs(follows.now_ms() - time.time() * 1000) < 20

    play(monkeypatch, scene)


def test_a_look_is_trusted_less_as_it_ages() -> None:
    quick = ClockSample(at=0, took=0.002, ahead=1)
    soon, late = (ClockSample(at, took=0.020, ahead=2) for at in (100, 500))
    assert quick.doubt(now=500) < soon.doubt(now=500)
    assert quick.doubt(now=500) > late.doubt(now=500)


def test_a_file_that_cannot_be_had_is_an_error_of_files(tmp_path: Path) -> None:
    class Nowhere(Told):
        @override
        async def fetch(self, hearing: str, address: str, to: Path) -> None:
            raise WebUnavailable("gone", 404)

    async def whole() -> None:
        await RecordFollower("h", Nowhere()).fetch("/video", tmp_path / "video")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(whole())


def test_a_role_taken_is_told_and_one_taken_long_ago_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(told: Told, follows: RecordFollower, _changes: list[str]) -> None:
        heard: list[tuple[str, str, bool]] = []
        follows.on_role = lambda person, role, held: heard.append((person, role, held))
        told.do(c.OpenMeeting("m"))
        await follows.start()
        body = {"person": "p", "role": "moderator"}
        taken = json.dumps({"kind": "role.taken", "body": body})
        given = json.dumps({"kind": "role.given", "body": body})
        follows._take([(told.seq, taken)])
        assert heard == []
        follows._take([(told.seq + 1, taken), (told.seq + 2, given)])
        assert heard == [("p", "moderator", False), ("p", "moderator", True)]

    play(monkeypatch, scene)


def test_an_officer_without_the_duty_for_media_loses_the_technicians_access(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(told: Told, follows: RecordFollower, _changes: list[str]) -> None:
        heard: list[tuple[str, str, bool]] = []
        follows.on_role = lambda person, role, held: heard.append((person, role, held))
        told.do(c.OpenMeeting("m"))
        await follows.start()
        taken, given = (
            json.dumps({"kind": "duties.set", "body": {"person": "p", "duties": duties}})
            for duties in (["lists"], ["lists", "media"])
        )
        follows._take([(told.seq, taken)])
        assert heard == []
        follows._take([(told.seq + 1, taken), (told.seq + 2, given)])
        assert heard == [("p", "secretariat", False), ("p", "secretariat", True)]

    play(monkeypatch, scene)


def test_a_renewed_link_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.do(c.OpenMeeting("m"))
        await follows.start()
        body = {"registration": "r", "link": 2, "reason": ""}
        entry = json.dumps({"kind": "registration.link_revoked", "body": body})
        count = len(changes)
        follows._take([(told.seq + 1, entry)])
        assert follows.access == ParticipantAccess(links={"r": 2})
        assert len(changes) == count + 1

    play(monkeypatch, scene)


def test_a_choice_is_unknown_until_the_configuration_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.do(c.OpenMeeting("m"))
        await follows.start()
        assert follows.is_settled("a")
        entry = json.dumps({"kind": "on_air.chosen", "body": {"owner": "r", "slots": ["a"]}})
        told.config["seq"] = told.seq
        seq, count = told.seq + 1, len(changes)
        follows._take([(seq, entry)])
        assert not follows.is_settled("a")
        assert follows.is_settled("b")
        assert len(changes) == count + 1  # reported at once, since the strictest protection applies
        named = {"kind": "registration.public_name", "body": {"registration": "q", "alias": True}}
        follows._take([(seq, json.dumps(named))])
        assert not follows.is_settled("q")
        told.config["seq"] = seq  # nothing else in the configuration changes
        await until(lambda: follows.is_settled("a"))
        await until(lambda: len(changes) > count + 2)

    play(monkeypatch, scene)


def test_a_successor_waits_for_what_the_process_before_had_seen() -> None:
    follows = RecordFollower("h", Told())
    stands = [(follows.lags, follows.is_settled("slot"))]
    follows.resume(HandedRecord(7, {"slot": 5}))
    stands.append((follows.lags, follows.is_settled("slot")))
    assert stands == [(False, True), (True, False)]
    assert follows.handed() == HandedRecord(0, {"slot": 5})


def test_an_entry_of_a_newer_version_is_passed_over_and_never_read_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.do(c.OpenMeeting("m"), segment("a", "b", "d"), c.GiveFloor("a"))
        await follows.start()
        assert changes[-1] == "a"
        monkeypatch.setattr(e.FloorEnded, "VERSION", 2)  # the record has version 1
        told.do(c.EndFloor())
        await until(lambda: follows.is_behind)
        assert follows.floor.holder is None, "nobody is heard who may have lost the floor"
        told.do(c.GiveFloor("b"))
        await until(lambda: changes[-1] == "b")
        monkeypatch.delitem(EVENTS, "floor.extended")
        told.do(c.Extend(30_000))
        await until(lambda: follows.floor.seq == told.seq)
        assert follows.floor.holder is None
        monkeypatch.setattr(e.FloorEnded, "VERSION", 1)  # it can be read again
        told.do(c.EndFloor())
        told.do(c.GiveFloor("d"))
        await until(lambda: changes[-1] == "d")
        assert told.asked == [0], "the record is not read again"

    play(monkeypatch, scene)
    said = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(said) == 1
    assert "upgrade this media machine" in said[0].getMessage()


def test_an_engine_that_starts_behind_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(told: Told, follows: RecordFollower, changes: list[str]) -> None:
        told.do(c.OpenMeeting("m"), segment("a", "b"), c.GiveFloor("a"))
        monkeypatch.delitem(EVENTS, "floor.given")
        await follows.start()
        assert follows.is_behind
        assert (follows.floor.phase, follows.floor.holder) == ("open", None)

    play(monkeypatch, scene)
