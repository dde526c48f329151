"""Leases: one process holds each at a time, whatever the clock of its machine shows."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django_tasks_db.models import DBTaskResult

from hemicycle.before.registration import housekeeping
from hemicycle.hearing.jobs.leases import Holder
from hemicycle.hearing.jobs.models import TaskLease

pytestmark = pytest.mark.postgresql("locks")


@pytest.mark.django_db
def test_one_holds_it_until_it_is_released() -> None:
    one, other = Holder("mailbox x"), Holder("mailbox x")
    assert one.hold()
    assert one.hold()  # renewed
    assert not other.hold()
    assert Holder("mailbox y").hold()
    one.release()
    assert other.hold()
    assert not one.hold()


@pytest.mark.django_db
def test_another_takes_it_when_its_end_has_passed() -> None:
    lost, other = Holder("mailbox x"), Holder("mailbox x")
    assert lost.hold()
    TaskLease.objects.update(until=Now() - timedelta(seconds=1))
    assert other.hold()
    assert not lost.hold()
    lost.release()  # does not release the new holder's lease
    assert not lost.hold()


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_start_at_once_schedule_one_day() -> None:
    ready = threading.Barrier(6)

    def start() -> None:
        try:
            ready.wait(10)
            housekeeping.schedule()
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    task = housekeeping.keep_house.module_path
    assert DBTaskResult.objects.filter(task_path=task).count() == 1
