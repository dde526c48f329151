"""Retention: whose time has come is erased by itself, and the round never stops."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from hemicycle.before.registration import housekeeping
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup import document_mapping, retention
from hemicycle.hearing.setup.models import Meeting
from hemicycle.record import clock
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World


def names(world: World) -> set[str]:
    rows = world.hearing.registrations.values_list("person__name", flat=True)
    return set(rows)


def test_people_are_erased_after_their_day_and_not_before(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    day_ms = 86_400_000
    held_until = (ngo.keep_until - world.hearing.meetings.get(ordinal=1).starts_at.date()).days
    world.clock.advance((held_until + 12) * day_ms)
    assert housekeeping.erase_due() == 0
    world.clock.advance(3 * day_ms)
    assert housekeeping.erase_due() == 1
    assert names(world) == {""}
    assert housekeeping.erase_due() == 0
    last = Entry.objects.filter(hearing=world.hearing.id).latest("seq")
    assert (last.kind, last.actor) == ("person.erased", "system:housekeeping")


def waiting() -> int:
    return DBTaskResult.objects.filter(status=TaskResultStatus.READY).count()


def test_one_round_waits_however_often_it_is_ordered(db: None) -> None:
    for _ in range(3):
        housekeeping.schedule(after=timedelta(days=1))
    assert waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_runs_a_round_and_orders_the_next() -> None:
    housekeeping.schedule()
    call_command("db_worker", batch=True, interval=0.1, verbosity=0)
    states = sorted(DBTaskResult.objects.values_list("status", flat=True))
    assert states == [TaskResultStatus.READY, TaskResultStatus.SUCCESSFUL]
    assert waiting() == 1


def postpone(world: World, days: int) -> None:
    """The office moves the whole programme."""
    data = document_mapping.to_document(hearings.whole(world.hearing.id))
    day = data["meetings"][0]["date"] + timedelta(days=days)
    moved = documents.shifted(data, day)
    hearings.change(hearing=world.hearing, data=moved, actor=world.office)


def day_of(registration: Registration) -> date:
    registration.refresh_from_db()
    return registration.keep_until


def go_to(world: World, day: date) -> None:
    """Noon of a day in the last time zone of the world."""
    world.clock.move_to(clock.to_ms(datetime.combine(day, time(12), retention.LAST_ZONE)))


def erased_on(world: World, day: date) -> bool:
    """Whether the day's round finds people to erase who were kept the day before."""
    go_to(world, day - timedelta(days=1))
    assert housekeeping.erase_due() == 0
    go_to(world, day)
    return housekeeping.erase_due() > 0


def test_a_postponed_hearing_keeps_its_people_until_it_has_taken_place(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    before = ngo.keep_until
    postpone(world, 400)
    assert day_of(ngo) == before + timedelta(days=400)
    assert erased_on(world, before + timedelta(days=401))


def test_a_shortened_hearing_lets_its_people_go_after_its_new_end(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    last = world.hearing.meetings.latest("ordinal")
    Meeting.objects.filter(pk=last.pk).update(
        starts_at=last.starts_at + timedelta(days=3), ends_at=last.ends_at + timedelta(days=3)
    )
    long = retention.keep_until_of(world.hearing)
    world.clock.move_to(clock.to_ms(last.ends_at))
    hearings.end(hearing=world.hearing, actor=world.office)
    assert day_of(ngo) == long - timedelta(days=3)
    assert erased_on(world, long - timedelta(days=2))


def test_a_cancelled_hearing_lets_its_people_go_after_its_cancellation(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    cancelled = clock.now().astimezone(world.hearing.zone).date()
    hearings.end(hearing=world.hearing, actor=world.office)
    kept = cancelled + timedelta(days=world.hearing.retention_days)
    assert day_of(ngo) == kept
    assert erased_on(world, kept + timedelta(days=1))


def test_the_end_of_a_hearing_that_is_pressed_late_postpones_nothing(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    before = ngo.keep_until
    world.clock.advance(60 * 86_400_000)
    hearings.end(hearing=world.hearing, actor=world.office)
    assert day_of(ngo) == before


@pytest.mark.parametrize("days", [1, 30, 36_500])
def test_the_setting_moves_the_day_of_those_who_are_registered_already(
    world: World, days: int
) -> None:
    ngo = world.ngo("River Watch", 0)
    ended = ngo.keep_until - timedelta(days=world.hearing.retention_days)
    data = document_mapping.to_document(hearings.whole(world.hearing.id))
    changed = {**data, "retention_days": days}
    hearings.change(hearing=world.hearing, data=changed, actor=world.office)
    assert day_of(ngo) == ended + timedelta(days=days)
    assert erased_on(world, ended + timedelta(days=days + 1))


def test_a_hearing_without_a_programme_is_kept(world: World) -> None:
    world.ngo("River Watch", 0)
    draft = hearings.convene('title = "Not yet"\nslug = "not-yet"')
    assert retention.keep_until_of(draft) == date.max
    assert draft not in set(retention.past_retention())
