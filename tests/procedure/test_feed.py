"""The public feed: stopped at once and only once, and resumed only by those who saw the stop."""

from dataclasses import replace

import pytest

from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.refusals import Stale
from hemicycle.procedure.snapshot import from_json, to_json
from hemicycle.procedure.state import FeedStop
from tests.procedure.meeting import Meeting, segment


def opened() -> Meeting:
    meeting = Meeting()
    meeting.do(c.OpenMeeting("meeting"), segment("a", "b"))
    return meeting


def test_pressed_twice_is_one_stop() -> None:
    meeting = opened()
    assert meeting.do(c.StopFeed(note="note")) == (e.FeedStopped(note="note"),)
    assert meeting.do(c.StopFeed("technician")) == ()
    assert meeting.floor.feed_stopped
    assert len(meeting.floor.feed_stops) == 1


def test_a_stop_and_a_resumption_leave_the_act_that_consoles_saw() -> None:
    meeting = opened()
    seen = meeting.floor.act_seq
    meeting.do(c.StopFeed())
    meeting.do(c.ResumeFeed(meeting.floor.feed_seq))
    assert meeting.floor.act_seq == seen
    assert not meeting.floor.feed_stopped


def test_no_undo_puts_the_feed_back_on_the_air() -> None:
    meeting = opened()
    meeting.do(c.GiveFloor())
    meeting.do(c.StopFeed())
    meeting.do(c.Undo())
    assert meeting.floor.feed_stopped
    assert meeting.floor.holder is None


def test_who_saw_an_older_stop_does_not_lift_a_newer_one() -> None:
    meeting = opened()
    meeting.do(c.StopFeed())
    first = meeting.floor.feed_seq
    meeting.do(c.ResumeFeed(first))
    assert meeting.do(c.ResumeFeed(first)) == ()
    meeting.do(c.StopFeed())
    with pytest.raises(Stale):
        meeting.do(c.ResumeFeed(first))
    assert meeting.floor.feed_stopped


def test_when_it_was_stopped_and_resumed() -> None:
    meeting = opened()
    began = meeting.now
    meeting.do(c.StopFeed())
    meeting.after(20).do(c.ResumeFeed(meeting.floor.feed_seq))
    meeting.after(5).do(c.StopFeed())
    assert meeting.floor.feed_stops == (
        FeedStop(began, began + 20_000),
        FeedStop(began + 25_000),
    )
    read = from_json(to_json(meeting.floor))
    assert replace(read, marks=()) == replace(meeting.floor, marks=())


def test_a_delayed_feed_is_stopped_after_the_meeting_too() -> None:
    meeting = opened()
    meeting.do(c.CloseSegment())
    meeting.do(c.CloseMeeting())
    assert meeting.do(c.StopFeed()) == (e.FeedStopped(),)
