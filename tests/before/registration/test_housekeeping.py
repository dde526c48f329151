"""Retention: whose time has come is erased by itself, and the round never stops."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from hemicycle.before.registration import housekeeping
from hemicycle.record.models import Entry

if TYPE_CHECKING:
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
