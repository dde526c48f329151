"""The clock and the record while a speaker has no line."""

import pytest

from hemicycle.procedure import Rules
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.clock import used_ms
from tests.procedure.meeting import NINE, Meeting, opened

STOP = Rules(without_line="stop")


def linked(*slots: str, rules: Rules | None = None) -> Meeting:
    """Return a panel of a, b and c, where `slots` have taken their seats and have a line."""
    meeting = opened("a", "b", "c", rules=rules)
    meeting.do(c.ReportLink("chair", "chair", "", "up"))
    for slot in slots:
        meeting.do(c.Join(f"seat-{slot}", f"person-{slot}", slot))
        meeting.do(c.ReportLink(f"seat-{slot}", f"person-{slot}", slot, "up"))
    return meeting


def clock(meeting: Meeting) -> tuple[str | None, int]:
    holder = meeting.floor.holder
    assert holder is not None
    return holder.stopped, used_ms(meeting.floor, meeting.now)


def test_the_clock_of_a_speaker_without_a_line_waits_where_the_rules_say_so() -> None:
    meeting = linked("b", rules=STOP)
    meeting.do(c.GiveFloor("a"))
    meeting.after(60)
    assert clock(meeting) == ("not_started", 0)
    meeting.do(c.Continue())
    assert clock(meeting.after(5)) == (None, 5_000)
    meeting.do(c.GiveFloor("b"))
    assert clock(meeting.after(5)) == (None, 5_000)


def test_it_runs_where_the_rules_do_not_say_so_or_the_engine_reports_nothing() -> None:
    meeting = linked("b")
    meeting.do(c.GiveFloor("a"))
    assert clock(meeting.after(5)) == (None, 5_000)
    meeting = opened("a", rules=STOP)
    meeting.do(c.GiveFloor("a"))
    assert clock(meeting.after(5)) == (None, 5_000)


@pytest.mark.parametrize(("waits", "stopped"), [(True, "not_started"), (False, None)])
def test_the_moderator_may_say_for_one_speaker_whether_the_clock_waits(
    waits: bool, stopped: str | None
) -> None:
    meeting = linked(rules=None if waits else STOP)
    meeting.do(c.GiveFloor("a", waits=waits))
    assert clock(meeting.after(0))[0] == stopped


@pytest.mark.parametrize("lost", ["lost", "down"])
def test_an_outage_stops_the_clock_when_the_line_was_lost(lost: str) -> None:
    meeting = linked("a", rules=STOP)
    meeting.do(c.GiveFloor("a"))
    meeting.after(20)
    report = c.ReportLink("seat-a", "person-a", "a", lost, NINE + 18_000)  # type: ignore[arg-type]
    assert meeting.do(report)[1:] == (e.FloorInterrupted("a", "technical", 18_000),)
    assert clock(meeting.after(60)) == ("technical", 18_000)
    assert meeting.floor.microphone == "a"  # a speaker who comes back is heard at once
    meeting.do(c.ReportLink("seat-a", "person-a", "a", "up"), c.Continue())
    assert clock(meeting.after(2)) == (None, 20_000)


def test_the_clock_stops_with_the_last_line_only() -> None:
    meeting = linked("a", rules=STOP)
    meeting.do(c.ReportLink("phone", "person-a", "a", "up"), c.GiveFloor("a"))
    meeting.do(c.ReportLink("seat-a", "person-a", "a", "down"))
    assert clock(meeting.after(5)) == (None, 5_000)
    meeting.do(c.ReportLink("chair", "chair", "", "lost"))
    assert clock(meeting)[0] is None
    meeting.do(c.ReportLink("phone", "person-a", "a", "lost"))
    assert clock(meeting)[0] == "technical"


def test_a_recorded_video_plays_on_while_its_author_is_away() -> None:
    meeting = linked("a", rules=STOP)
    meeting.do(c.GiveFloor("a"), c.ReportMicrophone("a", open=True))
    meeting.do(c.ReportLink("seat-a", "person-a", "a", "down"))
    assert clock(meeting.after(5)) == (None, 5_000)
    meeting.do(c.ReportMicrophone("a", open=False))
    assert clock(meeting)[0] == "technical"


def test_a_muted_speaker_who_is_connected_does_not_stop_the_clock() -> None:
    meeting = linked("a", rules=STOP)
    meeting.do(c.GiveFloor("a"), c.ReportMicrophone("a", open=True), c.Mute("a"))
    meeting.do(c.ReportMicrophone("a", open=False))
    assert clock(meeting.after(5)) == (None, 5_000)


def test_who_was_never_connected_is_not_recorded_as_having_spoken() -> None:
    meeting = linked("b", "c")
    meeting.do(c.GiveFloor("a"))
    meeting.after(30).do(c.GiveFloor())
    assert meeting.states() == {"a": "absent", "b": "speaking", "c": "waiting"}
    assert meeting.floor.history[-1].reason == "absent"
    meeting.do(c.EndFloor())
    assert meeting.states()["b"] == "delivered"
    meeting.do(c.Recall("a"), c.GiveFloor("a"), c.CloseSegment())
    assert meeting.states() == {"a": "absent", "b": "delivered", "c": "not_reached"}


def test_who_was_connected_for_part_of_the_time_has_spoken() -> None:
    meeting = linked("b")
    meeting.do(c.GiveFloor("a"), c.Join("seat-a", "person-a", "a"), c.Leave("seat-a"))
    meeting.do(c.EndFloor())
    assert meeting.states()["a"] == "delivered"
    meeting.do(c.GiveFloor("c"), c.ReportMicrophone("c", open=True))
    meeting.do(c.ReportMicrophone("c", open=False), c.EndFloor())
    assert meeting.states()["c"] == "delivered"
    # An earlier turn of the speaker does not count for this one.
    meeting.do(c.Recall("a"), c.GiveFloor("a"), c.EndFloor())
    assert meeting.states()["a"] == "absent"


def test_a_meeting_without_the_media_engine_takes_the_moderators_word() -> None:
    meeting = opened("a")
    meeting.do(c.GiveFloor("a"), c.EndFloor())
    assert meeting.states()["a"] == "delivered"
