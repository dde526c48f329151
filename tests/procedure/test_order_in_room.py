"""Muting, removing and readmitting participants; and what the media engine reports."""

import pytest

from hemicycle.procedure import Refused, decide
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.clock import used_ms
from hemicycle.procedure.state import Booth, Link, Seat
from tests.procedure.meeting import NINE, Meeting, opened


def code(meeting: Meeting, command: c.Command) -> str:
    with pytest.raises(Refused) as refused:
        decide(meeting.floor, command, meeting.now)
    return refused.value.code


def heard(meeting: Meeting) -> tuple[str | None, set[str]]:
    """Return whose microphone the rules leave open, and who is muted."""
    return meeting.floor.microphone, set(meeting.floor.muted)


def test_a_muted_holder_keeps_the_floor_and_is_not_heard() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("a"))
    assert meeting.after(10).do(c.Mute("a")) == (e.MicrophoneMuted("a"),)
    meeting.after(5)
    assert heard(meeting) == (None, {"a"})
    assert used_ms(meeting.floor, meeting.now) == 15_000
    assert code(meeting, c.Mute("a")) == "muted"
    meeting.do(c.Unmute("a"))
    assert heard(meeting) == ("a", set())
    assert code(meeting, c.Unmute("a")) == "not_muted"


def test_a_mute_ends_with_the_holding_and_comes_back_with_its_undo() -> None:
    meeting = opened("a", "b")
    meeting.do(c.GiveFloor("a"), c.Mute("a"), c.GiveFloor("b"))
    assert heard(meeting) == ("b", set())
    meeting.do(c.Undo())
    assert heard(meeting) == (None, {"a"})
    meeting.do(c.Undo())
    assert heard(meeting) == ("a", set())


def removed() -> Meeting:
    """Return a meeting in which the holder of the floor has been removed."""
    meeting = opened("a", "b")
    meeting.do(
        c.Join("seat", "person-a", "a"),
        c.Join("other", "person-b", "b"),
        c.ReportLink("seat", "person-a", "a", "up"),
        c.GiveFloor("a"),
    )
    meeting.after(20).do(c.RemoveParticipant("person-a", "note"))
    return meeting


def test_who_is_removed_loses_floor_seat_and_link_in_one_press() -> None:
    meeting = removed()
    assert [event for _, _, event in meeting.entries[-4:]] == [
        e.FloorEnded("a", "moderator", 20_000, "participant.removed"),
        e.ParticipantRemoved("person-a", "note"),
        e.ParticipantLeft("seat"),
        e.LinkChanged("seat", "person-a", "a", "down"),
    ]
    floor = meeting.floor
    assert (floor.holder, floor.links, set(floor.removed)) == (None, {}, {"person-a"})
    assert floor.seats == {"other": Seat("person-b", "b")}


def test_who_is_removed_stays_out_until_readmitted() -> None:
    meeting = removed()
    meeting.do(c.Recall("a"))
    assert code(meeting, c.Join("seat", "person-a", "a")) == "barred"
    assert code(meeting, c.GiveFloor("a")) == "removed"
    assert code(meeting, c.RemoveParticipant("person-a")) == "removed"
    assert meeting.do(c.ReportLink("late", "person-a", "a", "up")) == ()
    meeting.do(c.ReadmitParticipant("person-a"), c.Join("seat", "person-a", "a"), c.GiveFloor("a"))
    assert meeting.floor.microphone == "a"


def test_an_undone_removal_gives_the_floor_back_and_the_seat_must_be_taken_again() -> None:
    meeting = removed()
    meeting.after(5).do(c.Undo())
    floor = meeting.floor
    assert (floor.microphone, floor.removed) == ("a", frozenset())
    assert floor.seats == {"other": Seat("person-b", "b")}
    assert used_ms(floor, meeting.now) == 25_000


def test_an_undone_readmission_turns_out_who_has_come_in_by_it() -> None:
    meeting = removed()
    meeting.do(c.ReadmitParticipant("person-a"), c.Join("seat", "person-a", "a"))
    readmitted = meeting.floor.act_seq
    assert meeting.do(c.Undo()) == (e.ParticipantLeft("seat"), e.ActUndone(readmitted))
    assert meeting.floor.removed == {"person-a"}


def test_somebody_of_no_list_is_removed_too() -> None:
    meeting = opened("a")
    meeting.do(c.ReportLink("ear", "listener", "", "up"), c.RemoveParticipant("listener"))
    assert (meeting.floor.links, set(meeting.floor.removed)) == ({}, {"listener"})


def test_a_link_through_its_life() -> None:
    meeting = opened("a")

    def report(state: str, at_ms: int = 0) -> list[str]:
        command = {"command": "report_link", "connection": "x", "person": "p", "slot": "a"}
        told = meeting.do(c.from_json({**command, "state": state, "at_ms": at_ms}))
        return [event.state for event in told if isinstance(event, e.LinkChanged)]

    assert report("lost") == report("down") == []
    assert report("up", NINE - 7) == ["up"]
    assert meeting.floor.links == {"x": Link("p", "a", "up", NINE - 7)}
    assert report("up") == report("recovered") == []
    meeting.after(2)
    assert report("lost") == ["lost"]
    assert meeting.floor.links == {"x": Link("p", "a", "lost", NINE + 2000)}
    assert report("recovered") == ["recovered"]
    assert meeting.floor.links == {"x": Link("p", "a", "up", NINE + 2000)}
    assert report("down") == ["down"]
    assert meeting.floor.links == {}


def test_a_booth_is_told_when_it_changes() -> None:
    meeting = opened("a")
    assert meeting.do(c.ReportBooth("fr", "ida", "fr", live=False)) == ()
    live = c.ReportBooth("fr", "ida", "fr", live=True, at_ms=NINE + 3)
    assert meeting.do(live) == (e.BoothChanged("fr", "ida", "fr", live=True, at_ms=NINE + 3),)
    assert meeting.do(live) == ()
    meeting.do(c.ReportBooth("fr", "jan", "en", live=True), c.ReportSignal("fr", "slow"))
    assert meeting.floor.booths == {"fr": Booth("jan", "en", live=True, since=NINE)}


def test_a_cut_is_on_the_record_with_the_time_measured_in_the_sound() -> None:
    meeting = opened("a")
    meeting.do(c.GiveFloor(), c.ReportMicrophone("a", open=True, at_ms=NINE + 12))
    events = meeting.do(c.ReportMicrophone("a", open=False, at_ms=NINE + 180_020))
    assert events == (e.MicrophoneClosed("a", "engine", at_ms=NINE + 180_020),)
    assert meeting.floor.heard == frozenset()
    assert meeting.do(c.ReportSound("a", -2310, -140)) == (e.SoundMeasured("a", -2310, -140),)
