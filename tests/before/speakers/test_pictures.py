"""Charts of the lists: floor time of each panel, and when each speaker can expect the floor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import translation

from hemicycle.before.registration.demand import over_subscriptions
from hemicycle.before.speakers import panel_rules, pictures, queries
from hemicycle.before.speakers.pictures import MOST_STEPS, ticks_of_time
from hemicycle.ui import times
from tests.support.markup import compact

if TYPE_CHECKING:
    from tests.support.lists import World

AT = datetime(2021, 7, 13, 10, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "first", "last", "number"),
    [(20, "10:05", "10:30", 6), (60, "10:00", "11:15", 6), (170, "10:00", "13:00", 4)],
)
def test_an_axis_of_time_has_even_steps(minutes: int, first: str, last: str, number: int) -> None:
    found = ticks_of_time(AT, AT + timedelta(minutes=minutes))
    assert (f"{found[0]:%H:%M}", f"{found[-1]:%H:%M}", len(found)) == (first, last, number)


def test_an_axis_of_time_holds_both_ends() -> None:
    for minutes in range(0, 1_500, 7):
        last = AT + timedelta(minutes=minutes)
        found = ticks_of_time(AT, last)
        assert found[0] <= AT, minutes
        assert last <= found[-1], minutes
        assert 2 <= len(found) <= MOST_STEPS + 2, minutes


def test_floor_time_is_asked_for_and_available(world: World) -> None:
    for name in "AB":
        world.ngo(f"Ngo {name}", 0)
    demands = over_subscriptions(list(panel_rules.panels(world.hearing)))
    found = pictures.floor_time(demands)
    assert found is not None
    title, asked, available = found.rows[0]
    assert title == world.panels[0].title
    assert asked == times.in_words(2 * demands[0].limit_ms)
    assert available == times.in_words(demands[0].available_ms)
    assert found.svg.count("<rect") == 2 * len(demands)
    page = world.client().get(reverse("speakers:office", args=(world.hearing.slug,))).text
    assert f'<td class="num">{asked}</td>' in compact(page)
    assert pictures.floor_time([]) is None


def test_ranges_of_speakers_are_shown_until_they_have_spoken(world: World) -> None:
    for name in "ABC":
        world.ngo(f"Ngo {name}", 0)
    listing = queries.listing(world.panels[0])
    found = pictures.forecasts(listing, listing.lines)
    assert found is not None
    assert [row[0] for row in found.rows] == ["1. Ngo A", "2. Ngo B", "3. Ngo C"]
    assert all(row[1] <= row[2] <= row[3] for row in found.rows)
    assert found.svg.count("chart__outlined") == 3
    assert "end of the panel" in found.svg
    with translation.override("ar"):
        mirrored = pictures.forecasts(listing, listing.lines[:1])
    assert mirrored is not None
    assert 'direction="rtl"' in mirrored.svg
    assert pictures.forecasts(listing, []) is None
    url = reverse("speakers:list", args=(world.hearing.slug, world.panels[0].pk))
    assert "Expected times of speakers" in world.client().get(url).text
