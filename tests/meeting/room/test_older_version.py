"""An older process reads a meeting with entries that only a newer version can read.

The tests write the entries, and then change the version of their kind that this process knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.test import Client

from hemicycle.hearing.jobs import kinds, queue, workers
from hemicycle.hearing.jobs.models import Job
from hemicycle.meeting.room import engine, seats, ticker
from hemicycle.meeting.room.models import Screen
from hemicycle.meeting.room.screens import SILENT_AFTER
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.record import clock, floor
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from hemicycle.hearing.people.models import Person
    from tests.support.lists import World

SLUG = "/h/2021-trafficking"
SENTENCE = "A newer version of Hemicycle has written part of this hearing’s record"


@pytest.fixture
def speaking(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A meeting whose speaker has more time, by an entry of another version."""
    world.ngo("Open Doors", 0)
    world.ngo("River Watch", len(world.panels) - 1)
    world.open_panel()
    world.press(c.GiveFloor())
    world.press(c.Extend(60_000))
    floor.forget()
    monkeypatch.setattr(e.FloorExtended, "VERSION", 2)
    yield world
    monkeypatch.undo()
    floor.forget()


def text_of(page: str, person: Person | None, world: World) -> str:
    answer = (world.client(person) if person else Client()).get(f"{SLUG}/{page}")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    return answer.content.decode()


def test_a_page_says_that_a_newer_server_can_show_it(speaking: World) -> None:
    text = text_of("live/", None, speaking)
    assert SENTENCE in text
    assert "another server may answer" in text
    assert "If you run the meeting" not in text


def test_the_moderator_reads_what_to_do(speaking: World) -> None:
    text = text_of("console/", speaking.moderator, speaking)
    assert SENTENCE in text
    assert "If you run the meeting" in text
    assert "If you operate the site" in text


def test_a_page_that_needs_no_floor_is_shown(speaking: World) -> None:
    assert Client().get(f"{SLUG}/chain/").status_code == 200
    assert Client().get("/").status_code == 200


def test_the_clocks_of_other_meetings_go_on(speaking: World) -> None:
    first, other = speaking.panels[0].meeting_id, speaking.panels[-1].meeting_id
    speaking.open_panel(len(speaking.panels) - 1)
    speaking.press(c.GiveFloor(), len(speaking.panels) - 1)
    assert first != other
    assert ticker.wake_times().keys() == {other}
    ticker.tick(speaking.hearing.id, first)
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(e.FloorExtended, "VERSION", 1)
        assert ticker.wake_times().keys() == {first, other}


def test_silent_seats_are_left_to_a_newer_process(speaking: World) -> None:
    entries = Entry.objects.count()
    Screen.objects.create(
        id=uuid4(),
        hearing_id=speaking.hearing.id,
        kind="seat",
        reported_at=clock.now() - SILENT_AFTER - timedelta(seconds=1),
        offset_ms=0,
        uncertainty_ms=0,
        seq=0,
    )
    seats.sweep()
    assert (Entry.objects.count(), Screen.objects.count()) == (entries, 1)


def test_the_engine_is_told_to_go_on_until_the_meeting_has_closed(speaking: World) -> None:
    meeting = speaking.panels[0].meeting
    assert speaking.hearing.id in engine.on_air()
    assert engine._wants_audio(meeting)
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(e.FloorExtended, "VERSION", 1)
        for command in (c.EndFloor(), c.CloseSegment(), c.CloseMeeting()):
            speaking.press(command)
    floor.forget()
    assert engine._wants_audio(meeting), "the last words are still to come"
    speaking.clock.advance(engine.AFTER_MS)
    assert not engine._wants_audio(meeting)


def test_a_job_that_needs_the_floor_waits_for_a_newer_worker(
    speaking: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fold(job: Job) -> None:
        floor_of(speaking.panels[0].meeting_id)

    monkeypatch.setitem(kinds.known(), "fold", kinds.JobKind("fold", fold, 5))
    job = queue.begin("fold", key="k", asker="a", total=1)
    for _ in range(workers.MOST_ATTEMPTS + 2):
        assert workers.run_next()
        job.refresh_from_db()
        assert (job.state, job.finished_at) == (Job.State.WAITING, None)
        assert not workers.run_next(), "it is not tried again at once"
        queue.let_go(Job.objects.all())
    monkeypatch.setattr(e.FloorExtended, "VERSION", 1)
    assert workers.run_next()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
