"""What waits for the worker and for the mail process, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Min, Q, QuerySet, When
from django_tasks_db.models import DBTaskResult

from hemicycle.hearing.jobs.models import Job
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many wait, and for how long the oldest has."""

    number: int
    oldest: timedelta


def letters() -> QueueState:
    """Letters that are due and not sent. One that was put off waits only from its time on."""
    due = Message.objects.filter(state__in=Message.WAITING).filter(
        Q(due_at__lte=clock.now()) | ~Q(answer="")
    )
    # A letter that the server did not take has a later time, but waits from the beginning.
    since = Case(When(answer="", then=F("due_at")), default=F("queued_at"))
    return _measured(due.order_by(), since)


def incoming() -> QueueState:
    """Letters that came in and have not been read by the mail process."""
    stored = Mail.objects.filter(state=Mail.State.STORED)
    return _measured(stored.order_by(), F("received_at"))


def undecided() -> QueueState:
    """Letters that came in and wait for a person to decide."""
    waiting = Mail.objects.filter(state=Mail.State.WAITING)
    return _measured(waiting.order_by(), F("received_at"))


def jobs() -> QueueState:
    """Long work on files that no worker has begun."""
    return _measured(Job.objects.filter(state=Job.State.WAITING), F("asked_at"))


def tasks() -> QueueState:
    """Other tasks of the worker that are due: reminders, deletions, chores."""
    ready = DBTaskResult.objects.ready().order_by()
    # The library stores the largest time for a task that is due at once.
    since = Case(When(run_after__lte=clock.now(), then=F("run_after")), default=F("enqueued_at"))
    return _measured(ready, since)


def _measured(rows: QuerySet, since: object) -> QueueState:  # type: ignore[type-arg]
    found = rows.aggregate(number=Count("pk"), oldest=Min(since))
    return QueueState(found["number"], _age(found["oldest"]))


def _age(since: datetime | None) -> timedelta:
    return max(clock.now() - since, timedelta()) if since else timedelta()
