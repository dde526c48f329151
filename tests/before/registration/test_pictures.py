"""Charts of registrations over time, by day or by longer periods, with the deadlines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hemicycle.before.registration import pictures
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.pictures import MOST_COLUMNS, Period, periods
from hemicycle.before.registration.registration_rules import facts_of
from tests.support.markup import compact

if TYPE_CHECKING:
    from tests.support.lists import World

FIRST = date(2021, 5, 1)


def test_each_day_up_to_the_deadline_is_a_period() -> None:
    arrivals = {FIRST: 2, FIRST + timedelta(days=2): 1}
    assert periods(arrivals, FIRST + timedelta(days=3)) == [
        Period(FIRST + timedelta(days=at), 1, number) for at, number in enumerate((2, 0, 1, 0))
    ]
    assert periods(arrivals, date.min)[-1] == Period(FIRST + timedelta(days=2), 1, 1)
    assert periods({}, FIRST) == []


def test_a_long_time_is_counted_in_longer_periods() -> None:
    arrivals = {FIRST + timedelta(days=day): 1 for day in range(100)}
    weeks = periods(arrivals, FIRST)
    assert {period.days for period in weeks} == {7}
    assert sum(period.number for period in weeks) == 100
    assert len(weeks) <= MOST_COLUMNS
    years = periods({FIRST: 1, FIRST + timedelta(days=800): 1}, FIRST)
    assert ({period.days for period in years}, len(years) <= MOST_COLUMNS) == ({28}, True)


def arrive(name: str, world: World, at: datetime) -> None:
    row = world.ngo(name, 0)
    Registration.objects.filter(pk=row.pk).update(arrived_at=at)


def test_the_office_sees_days_of_the_hearings_zone_as_picture_and_table(world: World) -> None:
    assert pictures.by_day(facts_of(world.hearing)) is None
    zone = ZoneInfo(world.hearing.time_zone)
    closes = facts_of(world.hearing).closes_at("stakeholders").astimezone(zone)
    day = (closes - timedelta(days=3)).replace(hour=23, minute=30)
    assert day.astimezone(UTC).date() > day.date()  # in UTC, it is already the next day
    arrive("Ngo A", world, day)
    arrive("Ngo B", world, day)
    arrive("Ngo C", world, day + timedelta(days=1))
    found = pictures.by_day(facts_of(world.hearing))
    assert found is not None
    assert [number for _day, number in found.rows] == ["2", "1"]
    assert found.rows[0][0] == f"{day.day} {day:%b}"
    assert found.svg.count("<rect") == 2
    assert found.svg.count("chart__mark") >= 1
    page = compact(world.client().get(f"/office/{world.hearing.slug}/registrations/").text)
    assert "Registrations over time" in page
    assert f'<th scope="row">{found.rows[0][0]}</th><td class="num">2</td>' in page
