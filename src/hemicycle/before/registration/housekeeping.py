"""What is deleted by itself: people past their retention, lapsed drafts, jobs that have ended.

Apps above add chores of theirs (`signals.daily_chores`), such as reminders.

One task a day, run by the worker. It orders its own successor, and every worker that starts makes
sure that one is waiting, so neither a crash nor a second worker breaks the row.
"""

import logging
from collections import defaultdict
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID

from django.core.management import call_command
from django.db.models import QuerySet
from django.tasks import task
from django.tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from hemicycle.before.registration import drafts, signals
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.jobs import queue
from hemicycle.hearing.setup import retention
from hemicycle.record import clock, erasure
from hemicycle.record.writer import Actor

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
KEEPER = Actor.system("housekeeping")


def due() -> QuerySet[Registration]:
    """Registrations of hearings past their retention, whose people were not erased yet."""
    return Registration.objects.filter(
        hearing__in=[hearing.pk for hearing in retention.past_retention()],
        person__erased_at=None,
    )


def erase_due() -> int:
    """Erase everybody whose time has come, hearing by hearing; returns how many.

    Each is erased in a transaction of their own, so that nobody waits long for the record's lock.
    """
    by_hearing: dict[UUID, list[UUID]] = defaultdict(list)
    for hearing, person in due().values_list("hearing_id", "person_id"):
        by_hearing[hearing].append(person)
    for hearing, people in by_hearing.items():
        with ExitStack() as meanwhile:
            for held in signals.erasing_many.send(hearing):
                meanwhile.enter_context(held)
            for person in people:
                erasure.erase(hearing=hearing, person=person, actor=KEEPER)
    return sum(map(len, by_hearing.values()))


@task
def keep_house() -> None:
    """Delete what is due, and come again tomorrow whatever happens."""
    try:
        erased, lapsed = erase_due(), drafts.lapse()
        queue.tidy()
        signals.daily_chores.send()
        call_command("prune_db_task_results", verbosity=0)
        log.info("%d people erased, %d drafts lapsed", erased, lapsed)
    finally:
        schedule(after=EVERY)


def schedule(after: timedelta = timedelta(0)) -> None:
    """Order the next round, unless one is waiting already."""
    waiting = DBTaskResult.objects.filter(
        task_path=keep_house.module_path, status=TaskResultStatus.READY
    )
    if not waiting.exists():
        keep_house.using(run_after=clock.now() + after).enqueue()
