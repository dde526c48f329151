"""Daily deletions: people past their retention, expired drafts, finished jobs.

Apps above add their own chores (`signals.daily_chores`), such as reminders.

One task a day, run by the worker. It schedules its own successor, and every worker that starts
makes sure that one is scheduled, so neither a crash nor a second worker breaks the sequence.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from itertools import chain
from uuid import UUID

from django.core.management import call_command
from django.tasks import task
from django.tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from hemicycle.before.registration import drafts, signals
from hemicycle.hearing.jobs import leases, queue
from hemicycle.hearing.people import sessions
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup import retention
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import people_kept, retention_over
from hemicycle.mail.incoming.housekeeping import clear_unclaimed
from hemicycle.record import clock, erased_list, erasure
from hemicycle.record.models import Entry, UnfinishedErasure
from hemicycle.record.writer import Actor, RecordMissing

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
KEEPER = Actor.system("housekeeping")


def due() -> dict[UUID, list[UUID]]:
    """Return whom to erase, by hearing: everybody past their retention, and unfinished erasures."""
    by_hearing: dict[UUID, list[UUID]] = defaultdict(list)
    for hearing in retention.past_retention():
        by_hearing[hearing.pk] = _people_of(hearing)
    for row in UnfinishedErasure.objects.exclude(person="").order_by("first_at"):
        person = UUID(row.person)
        if person not in by_hearing[row.hearing]:
            by_hearing[row.hearing].append(person)
    return {hearing: people for hearing, people in by_hearing.items() if people}


def _people_of(hearing: Hearing) -> list[UUID]:
    """Return the people of a hearing whom its record does not show as erased."""
    known = dict.fromkeys(chain.from_iterable(people_kept.send(hearing)))
    if not known:
        return []
    entries = Entry.objects.filter(hearing=hearing.pk, kind="person.erased")
    gone = {UUID(entry.fields()["person"]) for entry in entries}
    return [person for person in known if person not in gone]


def erase_due() -> int:
    """Erase everyone who is due, hearing by hearing; return how many are completely erased.

    Each is erased in a separate transaction, so that nobody waits long for the record's lock and
    one failed erasure does not stop the others. A failed one is tried again the next day.
    """
    return sum(_erase_all(hearing, people) for hearing, people in due().items())


def _erase_all(hearing: UUID, people: list[UUID]) -> int:
    with ExitStack() as meanwhile:
        for held in signals.erasing_many.send(hearing):
            meanwhile.enter_context(held)
        return sum(_erase(hearing, person) for person in people)


def _erase(hearing: UUID, person: UUID) -> bool:
    """Erase one person; return whether nothing is left to erase."""
    try:
        erasure.erase(hearing=hearing, person=person, actor=KEEPER)
    except RecordMissing:  # the whole hearing is gone
        erasure.note_failures(hearing, person.hex, [])
        return False
    except Exception:
        log.exception("a person of hearing %s could not be erased", hearing)
        erasure.note_failures(hearing, person.hex, [erasure.WHOLE])
        return False
    return not erasure.unfinished(hearing).filter(person=person.hex).exists()


def erase_again() -> int:
    """Erase again the people whom a restored backup brought back; return their number.

    The worker calls it when it starts.
    """
    return erased_list.replay(_erase_again)


def _erase_again(hearing: UUID, person: UUID) -> bool:
    return Person.objects.filter(pk=person).exists() and _erase(hearing, person)


def clear_hearings() -> int:
    """Delete or blank data that belongs to no single person, in hearings past their retention.

    Return the number of rows.
    """
    number = 0
    for hearing in retention.past_retention():
        failed = []
        for eraser in retention_over:
            name = erasure.name_of(eraser)
            done = erasure.attempt(name, hearing.pk, eraser, hearing)
            number += done or 0
            failed += [name] * (done is None)
        erasure.note_failures(hearing.pk, "", failed)
    return number


CHORES: tuple[Callable[[], object], ...] = (
    erase_due,
    clear_hearings,
    erased_list.complete,
    clear_unclaimed,
    drafts.lapse,
    sessions.forget_ended,
    queue.tidy,
)


@task
def keep_house() -> None:
    """Run all daily chores and schedule the next day in any case; no chore stops another."""
    try:
        for chore in (*CHORES, *signals.daily_chores, _prune_results):
            _do(chore)
    finally:
        schedule(after=EVERY)


def _do(chore: Callable[[], object]) -> None:
    try:
        log.info("%s: %s", erasure.name_of(chore), chore())
    except Exception:
        log.exception("the chore %s failed; it is tried again tomorrow", erasure.name_of(chore))


def _prune_results() -> None:
    call_command("prune_db_task_results", verbosity=0)


def schedule(after: timedelta = timedelta(0)) -> None:
    """Schedule the next run, unless one is scheduled already."""
    waiting = DBTaskResult.objects.filter(
        task_path=keep_house.module_path, status=TaskResultStatus.READY
    )
    with leases.in_turn("housekeeping"):  # two workers may start at the same moment
        if not waiting.exists():
            keep_house.using(run_after=clock.now() + after).enqueue()
