"""Letters that wait for `MAIL_HOLD_MINUTES` before they are sent, so that they can be stopped.

A held letter is one that no sender has taken up and that is due later. One that waits because the
mail server was away has the server's answer, and is not held. Letters to lists (`mailings`) and
letters on decisions are held in this one way, also until a time that the office chose.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock

type Messages = QuerySet[Message]


LATEST = timedelta(days=366)


def until(now: datetime, at: datetime | None = None) -> datetime:
    """Until when letters that are queued now are held; longer if they are scheduled for `at`."""
    return max(filter(None, (now + timedelta(minutes=settings.MAIL_HOLD_MINUTES), at)))


def can_be(at: datetime) -> bool:
    """Whether letters may be scheduled for `at`: it is to come, at most `LATEST` away."""
    return clock.now() < at <= clock.now() + LATEST


def held(messages: Messages) -> Messages:
    """Those of `messages` that are still held."""
    untried = messages.filter(state__in=Message.WAITING, attempts=0, answer="")
    return untried.filter(due_at__gt=clock.now())


def stop(messages: Messages) -> int:
    """Stop those of `messages` that have not been sent; return how many."""
    # A sender that has claimed one finds it cancelled when it begins, and leaves it alone.
    waiting = messages.filter(state__in=Message.WAITING)
    return waiting.update(state=Message.State.CANCELLED, claim="")


def release(messages: Messages) -> int:
    """Send those of `messages` that are held now; return how many."""
    return held(messages).update(due_at=clock.now(), scheduled_at=None)


def resume(messages: Messages) -> int:
    """Queue those of `messages` that were cancelled, as if they were new; return how many."""
    cancelled = messages.filter(state=Message.State.CANCELLED)
    return cancelled.update(state=Message.State.QUEUED, **as_new())


def as_new() -> dict[str, object]:
    """What a message has that is sent again from the beginning."""
    now = clock.now()
    again: dict[str, object] = {"attempts": 0, "claim": "", "answer": ""}
    return again | {"queued_at": now, "due_at": now, "scheduled_at": None}
