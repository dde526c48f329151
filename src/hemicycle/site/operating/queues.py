"""The queues of the worker and the mail process: their lengths, and how long they have waited."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Min, Q, QuerySet, When
from django_tasks_db.models import DBTaskResult

from hemicycle.hearing.jobs.models import Job
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.outgoing.delivery.claims import of_rehearsals
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock


@dataclass(frozen=True, slots=True)
class QueueState:
    """The length of a queue, and how long its oldest item has waited."""

    number: int
    oldest: timedelta


def letters() -> QueueState:
    """Measure the letters that are due and not sent, without those of rehearsals, which are never
    sent.

    A letter that was scheduled for later counts from that time.
    """
    due = Message.objects.filter(state__in=Message.WAITING).filter(
        Q(due_at__lte=clock.now()) | ~Q(answer="")
    )
    # A letter that the server refused is due again later, but has waited since it was queued.
    since = Case(When(answer="", then=F("due_at")), default=F("queued_at"))
    return _measured(due.exclude(of_rehearsals()).order_by(), since)


def incoming() -> QueueState:
    """Measure the incoming letters that the mail process has not read."""
    stored = Mail.objects.filter(state=Mail.State.STORED)
    return _measured(stored.order_by(), F("received_at"))


def undecided() -> QueueState:
    """Measure the incoming letters that wait for a person's decision."""
    waiting = Mail.objects.filter(state=Mail.State.WAITING)
    return _measured(waiting.order_by(), F("received_at"))


def jobs() -> QueueState:
    """Measure the long jobs on files that no worker has begun."""
    return _measured(Job.objects.filter(state=Job.State.WAITING), F("asked_at"))


def tasks() -> QueueState:
    """Measure the other due tasks of the worker: reminders, deletions, chores."""
    ready = DBTaskResult.objects.ready().order_by()
    # For a task that is due immediately, the library stores the latest possible time.
    since = Case(When(run_after__lte=clock.now(), then=F("run_after")), default=F("enqueued_at"))
    return _measured(ready, since)


def _measured(rows: QuerySet, since: object) -> QueueState:  # type: ignore[type-arg]
    found = rows.aggregate(number=Count("pk"), oldest=Min(since))
    return QueueState(found["number"], _age(found["oldest"]))


def _age(since: datetime | None) -> timedelta:
    return max(clock.now() - since, timedelta()) if since else timedelta()
