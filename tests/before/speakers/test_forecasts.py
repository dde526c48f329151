"""Forecasts follow the real day: late openings, prolonged panels, and the pace of the morning."""

from datetime import timedelta

from hemicycle.before.speakers import panel_rules
from hemicycle.before.speakers.queries import earlier_habits, listing
from hemicycle.procedure import commands as c
from hemicycle.procedure.forecast import PRIOR
from hemicycle.record import clock
from tests.support.lists import World


def first_expected(world: World, panel: int) -> int:
    """Return the time at which the first speaker of a panel is expected, in ms."""
    expected = listing(panel_rules.panels(world.hearing)[panel]).on_list[0].expected
    assert expected is not None
    return clock.to_ms(expected.expected)


def test_a_panel_that_opens_late_is_forecast_from_now(world: World) -> None:
    world.ngo("River Watch", 0)
    due = first_expected(world, 0)
    late = world.panels[0].starts_at + timedelta(minutes=35)
    world.clock.move_to(clock.to_ms(late))
    assert first_expected(world, 0) >= due + 35 * 60_000


def test_a_prolonged_panel_puts_the_next_one_off(world: World) -> None:
    first, second = world.panels[:2]
    type(second).objects.filter(pk=second.pk).update(meeting=first.meeting)
    world.ngo("River Watch", 1)
    world.open_panel(0)
    due = first_expected(world, 1)
    until = clock.to_ms(second.starts_at) + 20 * 60_000
    world.press(c.Reschedule(until))
    assert first_expected(world, 1) == due + 20 * 60_000


def test_the_mornings_habits_count_in_the_afternoon(world: World) -> None:
    speakers = [world.ngo(name, 0, 1) for name in ("One", "Two", "Three", "Four", "Five")]
    before = first_expected(world, 1), listing_end(world)
    world.open_panel(0)
    for registration in speakers:
        world.clock.advance(5_000)
        world.press(c.GiveFloor(world.inscription(registration, 0).id.hex))
        world.clock.advance(20_000)
        world.press(c.EndFloor())
    world.press(c.CloseSegment())
    world.press(c.CloseMeeting())
    assert earlier_habits(world.hearing.id, world.panels[0].meeting_id) == PRIOR
    habits = earlier_habits(world.hearing.id, world.panels[1].meeting_id)
    assert habits.share.mean < PRIOR.share.mean - 0.3
    assert first_expected(world, 1) <= before[0]
    assert listing_end(world) < before[1] - 3 * 60_000
    world.open_panel(1)
    assert listing_end(world) < before[1] - 3 * 60_000


def listing_end(world: World) -> int:
    """Return the time at which the last speaker of the afternoon is expected, in ms."""
    expected = listing(panel_rules.panels(world.hearing)[1]).on_list[-1].expected
    assert expected is not None
    return clock.to_ms(expected.expected)
