"""Letters that wait for `MAIL_HOLD_MINUTES` before they are sent, so that they can be stopped.

A held letter is one that no sender has tried to send and that is due later. A letter that waits
because the mail server was unavailable has the server's answer, and is not held. Letters to lists
(`mailings`) and letters on decisions are held in the same way, also until a time that the
secretariat chose.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock

type Messages = QuerySet[Message]


LATEST = timedelta(days=366)


def until(now: datetime, at: datetime | None = None) -> datetime:
    """Return until when letters queued now are held: for some minutes, or until a later `at`."""
    return max(filter(None, (now + timedelta(minutes=settings.MAIL_HOLD_MINUTES), at)))


def can_be(at: datetime) -> bool:
    """Return whether letters may be scheduled for `at`: in the future, at most `LATEST` away."""
    return clock.now() < at <= clock.now() + LATEST


def held(messages: Messages) -> Messages:
    """Return those of `messages` that are still held."""
    untried = messages.filter(state__in=Message.WAITING, attempts=0, answer="")
    return untried.filter(due_at__gt=clock.now())


def stop(messages: Messages) -> int:
    """Cancel those of `messages` that have not been sent; return their number."""
    # A sender that has claimed a message finds it cancelled when it begins, and does not send it.
    waiting = messages.filter(state__in=Message.WAITING)
    return waiting.update(state=Message.State.CANCELLED, claim="")


def release(messages: Messages) -> int:
    """Send now those of `messages` that are held; return their number."""
    return held(messages).update(due_at=clock.now(), scheduled_at=None)


def resume(messages: Messages) -> int:
    """Queue those of `messages` that were cancelled, as new ones; return their number."""
    cancelled = messages.filter(state=Message.State.CANCELLED)
    return cancelled.update(state=Message.State.QUEUED, **as_new())


def as_new() -> dict[str, object]:
    """Return the values of a message that is sent again from the beginning."""
    now = clock.now()
    again: dict[str, object] = {"attempts": 0, "claim": "", "answer": ""}
    return again | {"queued_at": now, "due_at": now, "scheduled_at": None}
