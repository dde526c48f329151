"""Claims on messages by compare-and-swap, and the outcome of each.

Each step is one UPDATE whose WHERE clause says what must still be true; of several senders, only
one succeeds. The steps of a message:

    queued ──claim──▶ queued, claimed ──begin──▶ sending ──end──▶ sent
       ▲                    │ refused: failed        │
       └── deferred ◀───────┴─ not now ──────────────┤
                                                     └─ sender died: unclear, a person settles it
"""

import random
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from hemicycle.hearing.setup import rehearsed
from hemicycle.mail.outgoing.delivery.transport import ServerReply
from hemicycle.mail.outgoing.models import Attempt, Message
from hemicycle.record import clock

State = Message.State
HELD_FOR = timedelta(seconds=60)
"""The time for which a claim is valid; after it, `begin` fails."""
ANSWER_WITHIN = timedelta(minutes=7)
"""A message that has been `sending` for longer than this has lost its sender."""
PAUSES = (60, 300, 900, 3600, 3 * 3600, 6 * 3600)
"""Seconds until the next attempt; the last one repeats."""
GIVE_UP_AFTER = timedelta(days=3)
JITTER = 0.2


class Lost(Exception):
    """The claim is lost, or the message was cancelled or erased: leave it alone."""


def claim(token: str, most: int, held_for: timedelta = HELD_FOR) -> list[Message]:
    """Claim up to `most` messages that are due, personal ones before those to lists.

    Messages of a rehearsed hearing can never be claimed, so they stay in the outbox with every
    transport.
    """
    now = clock.now()
    free = Q(claim="") | Q(claimed_until__lte=now)
    due = Message.objects.filter(free, state__in=Message.WAITING, due_at__lte=now)
    due = due.exclude(of_rehearsals())
    order = (F("mailing").asc(nulls_first=True), "due_at", "pk")
    ids = list(due.order_by(*order).values_list("pk", flat=True)[:most])
    if not ids:
        return []
    due.filter(pk__in=ids).update(claim=token, claimed_until=now + held_for)
    own = Message.objects.filter(pk__in=ids, claim=token, state__in=Message.WAITING)
    return list(own.select_related("person", "mailing").order_by(*order))


def of_rehearsals() -> Q:
    """Return a filter: messages of rehearsed hearings, or to their people without a hearing."""
    invented = Q(hearing_id=None, person__in=rehearsed.invented_people())
    return Q(hearing_id__in=rehearsed.rehearsed_ids()) | invented


def begin(pk: UUID, token: str) -> None:
    """Mark a message as `sending` before its last line is sent. Raises `Lost` for a lost claim."""
    mine = Message.objects.filter(pk=pk, claim=token, state__in=Message.WAITING)
    if not mine.update(state=State.SENDING, claimed_until=clock.now() + ANSWER_WITHIN):
        raise Lost


def end(message: Message, token: str, answer: ServerReply) -> str:
    """Save the server's answer; return the outcome, or "" for a deleted message."""
    if answer.taken:
        return _end(message, token, Attempt.Outcome.SENT, answer, sent_at=clock.now(), claim="")
    tries = message.attempts + 1
    next_at = clock.now() + pause_after(tries)
    too_late = next_at > message.begins_at + GIVE_UP_AFTER
    if answer.for_good or too_late:
        return _end(message, token, Attempt.Outcome.FAILED, answer, attempts=tries, claim="")
    return _end(
        message, token, Attempt.Outcome.DEFERRED, answer, attempts=tries, claim="", due_at=next_at
    )


def _end(
    message: Message, token: str, outcome: Attempt.Outcome, answer: ServerReply, **values: object
) -> str:
    held = Message.objects.filter(
        pk=message.pk, claim=token, state__in=(*Message.WAITING, State.SENDING)
    )
    with transaction.atomic():
        if not held.update(state=State(outcome.value), answer=str(answer)[:600], **values):
            return ""
        note(message.pk, outcome, str(answer))
    return outcome.value


def unanswered(message: Message, token: str, why: str) -> None:
    """Save that the connection broke after the last line: the message is unclear at once."""
    held = Message.objects.filter(pk=message.pk, claim=token, state=State.SENDING)
    with transaction.atomic():
        if held.update(claimed_until=clock.now(), claim="", answer=why[:600]):
            note(message.pk, Attempt.Outcome.UNCLEAR, why)


def release(token: str, *, why: str = "", again_at: datetime | None = None) -> None:
    """Release the claims on messages that were not sent, without counting an attempt."""
    values: dict[str, object] = {"claim": "", "claimed_until": None}
    if why:
        values["answer"] = why[:600]
    if again_at:
        values["due_at"] = again_at
    Message.objects.filter(claim=token, state__in=Message.WAITING).update(**values)


def note(pk: UUID, outcome: Attempt.Outcome, answer: str) -> None:
    """Add a line to a message's history."""
    Attempt.objects.create(message_id=pk, at=clock.now(), outcome=outcome, answer=answer[:600])


def pause_after(tries: int) -> timedelta:
    """Return the pause after this many attempts: longer each time, with jitter."""
    base = PAUSES[min(tries, len(PAUSES)) - 1]
    return timedelta(seconds=base * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret
