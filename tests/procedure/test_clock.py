"""One clock: the time used and left, the word for its phase, and each signal once."""

import pytest

from hemicycle.procedure import Rules
from hemicycle.procedure import commands as c
from hemicycle.procedure import events as e
from hemicycle.procedure.clock import cut_at, due, left_ms, phase, used_ms, wake_at
from tests.procedure.meeting import NINE, Meeting, opened, speaker

CUT = Rules(at_limit="cut", grace_ms=2_000)


def given(rules: Rules | None = None) -> Meeting:
    meeting = opened("a", "b", rules=rules)
    meeting.do(c.GiveFloor())
    return meeting


@pytest.mark.parametrize(
    ("seconds", "used", "left", "says"),
    [
        (-5, 0, 180, "speaking"),
        (0, 0, 180, "speaking"),
        (149.999, 149.999, 30.001, "speaking"),
        (150, 150, 30, "warning"),
        (179.999, 179.999, 0.001, "warning"),
        (180, 180, 0, "time"),
        (200, 200, 0, "time"),
    ],
)
def test_what_the_clock_shows(seconds: float, used: float, left: float, says: str) -> None:
    floor, now = given().floor, NINE + round(seconds * 1000)
    figures = (used_ms(floor, now), left_ms(floor, now), phase(floor, now))
    assert figures == (round(used * 1000), round(left * 1000), says)


def test_a_free_floor_and_a_halted_clock_have_their_words() -> None:
    meeting = opened("a")
    assert (phase(meeting.floor, NINE), used_ms(meeting.floor, NINE)) == ("free", 0)
    meeting.do(c.GiveFloor())
    meeting.after(1).do(c.Interrupt())
    assert phase(meeting.floor, NINE + 500_000) == "stopped"
    assert wake_at(meeting.floor) is None


def test_a_clock_that_waits_for_the_moderator_is_ready() -> None:
    meeting = opened("a", rules=Rules(clock_starts="on_press"))
    meeting.do(c.GiveFloor())
    assert phase(meeting.floor, NINE + 500_000) == "ready"
    meeting.do(c.Continue())
    assert phase(meeting.floor, NINE) == "speaking"


def test_the_moment_of_the_cut_is_told_until_the_record_has_it() -> None:
    meeting = given(CUT)
    assert cut_at(meeting.floor) == NINE + 182_000
    meeting.after(182).do(c.Tick())
    assert cut_at(meeting.floor) is None
    assert cut_at(given().floor) is None


def test_each_signal_is_given_once_when_it_is_due() -> None:
    meeting = given(CUT)
    told: list[tuple[int, tuple[e.Event, ...]]] = []
    while (at := wake_at(meeting.floor)) is not None:
        meeting.now = at
        told.append((at - NINE, meeting.do(c.Tick())))
        assert meeting.do(c.Tick()) == ()
    assert told == [
        (150_000, (e.FloorWarned("a", 180_000),)),
        (180_000, (e.FloorExpired("a", 180_000),)),
        (182_000, (e.MicrophoneClosed("a", "limit", 180_000),)),
    ]


def test_a_tick_too_early_says_nothing_and_a_late_one_everything() -> None:
    meeting = given(CUT)
    assert meeting.after(149.999).do(c.Tick()) == ()
    assert [type(event) for event in meeting.after(100).do(c.Tick())] == [
        e.FloorWarned,
        e.FloorExpired,
        e.MicrophoneClosed,
    ]


def test_a_clock_that_steps_back_takes_nothing_away() -> None:
    meeting = given()
    meeting.after(100).do(c.Join("seat", "person"))
    assert used_ms(meeting.floor, NINE) == 100_000
    assert meeting.after(-50).do(c.EndFloor()) == (e.FloorEnded("a", "finished", 100_000),)


def test_a_limit_no_longer_than_the_warning_has_none() -> None:
    meeting = given(Rules(time_limit_ms=30_000))
    assert wake_at(meeting.floor) == NINE + 30_000
    assert phase(meeting.floor, NINE + 1_000) == "speaking"


def test_where_the_rule_cuts_the_clock_stops_with_the_microphone() -> None:
    meeting = given(CUT)
    meeting.after(182).do(c.Tick())
    assert (meeting.floor.cut, meeting.floor.microphone) == (True, None)
    assert meeting.after(18).do(c.EndFloor()) == (e.FloorEnded("a", "cut", 182_000),)
    assert meeting.floor.history[-1].ended_at == NINE + 182_000
    meeting.after(5).do(c.GiveFloor(), c.EndFloor())
    assert meeting.floor.history[-1].changeover_ms == 23_000


def test_where_the_rule_signals_the_clock_runs_on() -> None:
    meeting = given()
    meeting.after(200).do(c.Tick())
    assert meeting.floor.microphone == "a"
    assert meeting.do(c.EndFloor()) == (e.FloorEnded("a", "finished", 200_000),)


def test_an_extension_counts_from_the_limit() -> None:
    meeting = given()
    meeting.after(160).do(c.Tick())
    assert meeting.do(c.Extend()) == (e.FloorExtended("a", 30_000, 210_000),)
    assert left_ms(meeting.floor, meeting.now) == 50_000
    # The new limit has a warning of its own.
    assert not meeting.floor.warned
    assert wake_at(meeting.floor) == NINE + 180_000


def test_an_extension_after_the_limit_counts_from_now() -> None:
    meeting = given()
    meeting.after(190).do(c.Tick())
    assert meeting.do(c.Extend(60_000)) == (e.FloorExtended("a", 60_000, 250_000),)
    assert left_ms(meeting.floor, meeting.now) == 60_000


def test_an_extension_after_the_cut_opens_the_microphone_and_does_not_count_the_silence() -> None:
    meeting = given(CUT)
    meeting.after(182).do(c.Tick())
    assert meeting.after(20).do(c.Extend()) == (e.FloorExtended("a", 30_000, 212_000),)
    assert (meeting.floor.microphone, left_ms(meeting.floor, meeting.now)) == ("a", 30_000)
    assert meeting.after(10).do(c.EndFloor()) == (e.FloorEnded("a", "finished", 192_000),)


def test_a_holding_begins_without_signals_whoever_held_before() -> None:
    meeting = given()
    meeting.after(200).do(c.Tick())
    meeting.do(c.EndFloor(), c.Recall("a"), c.GiveFloor("a"))
    assert (meeting.floor.warned, meeting.floor.expired) == (False, False)
    assert due(meeting.floor, meeting.now) == ()


def test_the_clock_is_right_for_a_slot_added_with_its_own_limit() -> None:
    meeting = opened("a")
    meeting.do(c.AddSlot(speaker("b")), c.GiveFloor("b"))
    assert left_ms(meeting.floor, meeting.now) == 180_000
