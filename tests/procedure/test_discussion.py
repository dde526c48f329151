"""A discussion: the panel's microphones are open together, and only those heard have spoken."""

import pytest

from hemicycle.procedure import Refused, Rules, clock
from hemicycle.procedure import commands as c
from hemicycle.procedure.terms import DiscussionRule
from tests.procedure.meeting import NINE, Meeting, opened, panellist


def panel(rule: DiscussionRule = "allowed", *more: str) -> Meeting:
    rules = Rules(discussion=rule, points_of_order=True)
    return opened(panellist("a"), panellist("b"), panellist("c"), "speaker", *more, rules=rules)


def discussing() -> Meeting:
    meeting = panel()
    meeting.do(c.OpenDiscussion())
    return meeting


def refused(meeting: Meeting, command: c.Command) -> str:
    before = meeting.floor
    with pytest.raises(Refused) as error:
        meeting.do(command)
    assert meeting.floor == before
    return error.value.code


def test_a_discussion_opens_the_microphones_of_the_whole_panel_and_of_nobody_else() -> None:
    meeting = panel()
    meeting.do(c.GiveFloor("a"))
    assert meeting.floor.microphones == {"a"}
    ended, opened_ = meeting.after(60).do(c.OpenDiscussion())
    assert (ended.KIND, opened_.KIND) == ("floor.ended", "discussion.opened")
    assert meeting.floor.holder is None
    assert meeting.floor.microphones == {"a", "b", "c"}
    meeting.do(c.CloseDiscussion())
    assert meeting.floor.microphones == frozenset()


def test_a_segment_may_begin_with_its_discussion() -> None:
    assert panel("at_once").floor.microphones == {"a", "b", "c"}
    assert refused(panel("off"), c.OpenDiscussion()) == "discussion_off"


def test_one_alone_does_not_discuss() -> None:
    meeting = opened(panellist("a"), "b", rules=Rules(discussion="allowed"))
    assert refused(meeting, c.OpenDiscussion()) == "no_panel"


def test_the_moderator_mutes_one_of_those_who_discuss_until_it_ends() -> None:
    meeting = discussing()
    meeting.do(c.Mute("b"))
    assert meeting.floor.microphones == {"a", "c"}
    assert refused(meeting, c.Mute("b")) == "muted"
    assert refused(meeting, c.Unmute("a")) == "not_muted"
    assert refused(meeting, c.Mute("speaker")) == "silent"
    assert refused(meeting, c.Mute("nobody")) == "unknown_slot"
    meeting.do(c.CloseDiscussion(), c.OpenDiscussion())
    assert meeting.floor.microphones == {"a", "b", "c"}


def test_who_withdraws_is_skipped_or_removed_discusses_no_longer() -> None:
    meeting = discussing()
    meeting.do(c.WithdrawSlot("a"))
    assert meeting.floor.microphones == {"b", "c"}
    meeting.do(c.RemoveParticipant("person-b"))
    assert meeting.floor.microphones == {"c"}
    meeting.do(c.Skip("c"))
    assert meeting.floor.microphones == frozenset()


def test_a_suspension_and_a_point_of_order_silence_the_panel_until_they_are_over() -> None:
    meeting = discussing()
    meeting.do(c.Suspend())
    assert meeting.floor.microphones == frozenset()
    meeting.do(c.Resume(), c.RaisePointOfOrder("point", "person"), c.HearPointOfOrder("point"))
    assert meeting.floor.microphones == frozenset()
    assert meeting.floor.point_raiser == "person"
    meeting.do(c.RulePointOfOrder("point", "noted"))
    assert meeting.floor.microphones == {"a", "b", "c"}


def test_giving_the_floor_ends_it_and_an_undo_lets_it_go_on() -> None:
    meeting = discussing()
    meeting.do(c.Mute("b"))
    before = meeting.floor
    meeting.after(5).do(c.GiveFloor("speaker"))
    assert meeting.floor.microphones == {"speaker"}
    (talk,) = meeting.floor.discussions
    assert talk.ended_at == meeting.now
    meeting.do(c.Undo())
    assert meeting.floor.discussions == before.discussions
    assert meeting.floor.microphones == {"a", "c"}


def test_its_clock_is_that_of_the_segment() -> None:
    meeting = discussing()
    shown = clock.shown_clock(meeting.floor)
    assert shown is not None
    assert shown.left_ms(NINE + 7_000_000) == 200_000
    assert shown.phase(NINE + 7_180_000) == "warning"
    assert shown.figures(NINE + 7_212_000) == "+0:12"
    assert clock.wake_at(meeting.floor) is None
    meeting.do(c.Reschedule(NINE + 9_000_000))
    shown = clock.shown_clock(meeting.floor)
    assert shown is not None
    assert shown.left_ms(NINE + 7_000_000) == 2_000_000


def test_only_who_was_heard_has_spoken() -> None:
    meeting = discussing()
    meeting.do(c.ReportMicrophone("a", open=True), c.ReportMicrophone("b", open=True))
    meeting.after(10)
    now = meeting.now
    assert meeting.do(c.ReportVoice("a", now - 4_000, now - 1_000))
    assert meeting.do(c.ReportVoice("a", now - 1_000, now + 60_000)), "cut off at now"
    # Without a microphone or a place, or from before the discussion: nothing to record.
    assert not meeting.do(c.ReportVoice("c", now - 4_000, now))
    assert not meeting.do(c.ReportVoice("nobody", now - 4_000, now))
    assert not meeting.do(c.ReportVoice("b", NINE - 9_000, NINE))
    (talk,) = meeting.floor.discussions
    assert meeting.floor.voiced_ms == {talk.opening: {"a": 4_000, "b": 0}}
    assert meeting.states() == dict.fromkeys(("a", "b", "c", "speaker"), "waiting")
    meeting.do(c.CloseSegment())
    assert meeting.states() == {
        "a": "delivered",
        "b": "not_reached",
        "c": "not_reached",
        "speaker": "not_reached",
    }


def test_what_was_heard_stays_when_the_discussion_is_undone() -> None:
    meeting = discussing()
    meeting.do(c.ReportMicrophone("a", open=True))
    meeting.after(10).do(c.ReportVoice("a", NINE, meeting.now))
    voiced = meeting.floor.voiced_ms
    meeting.do(c.Undo())
    assert meeting.floor.discussions == ()
    assert meeting.floor.voiced_ms == voiced
    meeting.do(c.CloseSegment())
    assert set(meeting.states().values()) == {"not_reached"}
