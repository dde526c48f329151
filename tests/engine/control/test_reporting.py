"""Facts reach the record in order, are sent again until accepted, and are never counted twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, override

import pytest

from hemicycle.engine.control import reporting
from hemicycle.engine.control.reporting import FactReporter
from hemicycle.engine.control.web_client import WebClient, WebUnavailable
from hemicycle.procedure.commands import Ready, ReportMicrophone, to_json


class Record(WebClient):
    """A `web` that receives facts; `faults` are the failures of the next requests."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, dict[str, Any]]] = []
        self.sizes: list[int] = []
        self.faults: list[str] = []

    @override
    async def post_facts(self, hearing: str, facts: dict[str, Any]) -> int:
        await asyncio.sleep(0)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "away":
            raise WebUnavailable("gone")
        if fault == "never":
            raise WebUnavailable("no facts", 400)
        self.sizes.append(len(facts["facts"]))
        last = self.taken[-1][0] if self.taken else 0
        for fact in facts["facts"]:
            if fact["n"] > last:
                self.taken.append((fact["n"], fact["command"]))
        if fault == "unanswered":
            raise WebUnavailable("the answer was lost")
        return self.taken[-1][0]


def opened(*slots: str) -> list[tuple[int, dict[str, Any]]]:
    return [(n, to_json(ReportMicrophone(slot, True))) for n, slot in enumerate(slots, start=1)]


type Scene = Callable[[Record, FactReporter], Awaitable[None]]


def play(monkeypatch: pytest.MonkeyPatch, scene: Scene, meeting: str = "m") -> Record:
    monkeypatch.setattr(reporting, "RETRY_S", 0.01)
    record = Record()

    async def whole() -> None:
        reporter = FactReporter("h", record, lambda: meeting)
        await reporter.start()
        async with asyncio.timeout(10):
            await scene(record, reporter)
            await reporter.stop()

    asyncio.run(whole())
    return record


def test_facts_are_told_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(record: Record, reporter: FactReporter) -> None:
        for slot in "abc":
            reporter.report(ReportMicrophone(slot, True))
            await asyncio.sleep(0.01)

    assert play(monkeypatch, scene).taken == opened("a", "b", "c")


@pytest.mark.parametrize("faults", [["away"], ["unanswered"], ["away", "unanswered", "away"]])
def test_what_was_not_answered_is_told_again_under_its_number(
    monkeypatch: pytest.MonkeyPatch, faults: list[str]
) -> None:
    async def scene(record: Record, reporter: FactReporter) -> None:
        record.faults = faults
        reporter.report(ReportMicrophone("a", True))
        await asyncio.sleep(0.005)
        reporter.report(ReportMicrophone("b", True))

    record = play(monkeypatch, scene)
    assert record.taken == opened("a", "b")
    assert record.faults == []


def test_many_facts_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(record: Record, reporter: FactReporter) -> None:
        record.faults = ["away"]
        for number in range(250):
            reporter.report(Ready(str(number)))

    record = play(monkeypatch, scene)
    assert [n for n, _ in record.taken] == list(range(1, 251))
    assert record.sizes == [100, 100, 50]


def test_what_web_will_never_take_does_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(record: Record, reporter: FactReporter) -> None:
        record.faults = ["never"]
        reporter.report(ReportMicrophone("a", True))
        await asyncio.sleep(0.02)
        reporter.report(ReportMicrophone("b", True))

    assert play(monkeypatch, scene).taken == opened("a", "b")[1:]


def test_too_many_that_wait_give_way_from_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "WAITING", 3)

    async def scene(record: Record, reporter: FactReporter) -> None:
        for number in range(5):
            reporter.report(Ready(str(number)))

    told = play(monkeypatch, scene).taken
    assert told == [(n, to_json(Ready(str(n + 1)))) for n in (1, 2, 3)]


def test_without_a_meeting_there_is_nothing_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(record: Record, reporter: FactReporter) -> None:
        reporter.report(Ready("a"))

    assert play(monkeypatch, scene, meeting="").taken == []


def test_an_engine_that_ends_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "LAST_S", 0.05)

    async def scene(record: Record, reporter: FactReporter) -> None:
        record.faults = ["away"] * 1000
        reporter.report(Ready("a"))

    assert play(monkeypatch, scene).taken == []


def test_another_process_goes_on_with_the_numbers_and_what_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(record: Record, reporter: FactReporter) -> None:
        for slot in "ab":
            reporter.report(ReportMicrophone(slot, True))
        await asyncio.sleep(0.05)
        record.faults = ["unanswered", *["away"] * 100]
        reporter.report(ReportMicrophone("c", True))
        await asyncio.sleep(0.05)
        reporter.report(ReportMicrophone("d", True))
        handed = reporter.handed()
        reporter.let_go()
        reporter.report(ReportMicrophone("never", True))
        record.faults = []
        after = FactReporter("h", record, lambda: "m")
        after.resume(handed)
        await after.start()
        after.report(ReportMicrophone("e", True))
        await after.stop()
        assert after.engine == reporter.engine

    assert play(monkeypatch, scene).taken == opened("a", "b", "c", "d", "e")
