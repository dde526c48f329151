"""The progress of letters to many: how many are sent, the time left, and how to cancel the rest.

All of it is read from the outbox, so a restart of the sender changes nothing. The letters of a
mailing are one batch. Other letters, such as reminders and no-objection lists, are grouped by their
purpose: a batch is the letters that were queued after the first one that still waits, or at most an
hour before it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Max, Min, QuerySet

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import entry_types, holding, mailings, outbox
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.models import Mailing, Message
from hemicycle.mail.outgoing.outbox import UNCLEAR, Sieve
from hemicycle.record import clock, writer

State = Message.State
PACE = timedelta(minutes=1)
"""The time left is estimated from the letters that were sent within this time."""
TOGETHER = timedelta(hours=1)
FAILURES = (State.FAILED, State.BOUNCED, UNCLEAR)
MANY = 2
"""The least number of letters in a batch whose page shows their progress."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The progress of a batch of letters. `left_ms` is the time left, in ms; None while unknown."""

    counts: dict[str, int]
    left_ms: float | None

    @property
    def left(self) -> int:
        """The number of letters that have not been sent yet."""
        return sum(self.counts.get(state, 0) for state in (*Message.WAITING, State.SENDING))

    @property
    def total(self) -> int:
        """The number of letters, without those that were cancelled."""
        return sum(self.counts.values()) - self.counts.get(State.CANCELLED, 0)

    @property
    def done(self) -> int:
        """The number of letters that have been sent, or have failed."""
        return self.total - self.left

    @property
    def failures(self) -> list[tuple[str, int]]:
        """The number of letters that have failed, by state."""
        return [(state, self.counts[state]) for state in FAILURES if state in self.counts]


def sending(hearing: Hearing, sieve: Sieve) -> Sending | None:
    """Return the progress of a mailing, or of a purpose's letters.

    None if there is no batch, if it has fewer than `MANY` letters, or if all of them have been
    sent. Held letters are not counted: those who may stop them see them on their own pages.
    """
    batch = _batch(hearing, sieve)
    if batch is None:
        return None
    found = Sending(outbox.counts_of(batch), None)
    if not found.left or found.total < MANY:
        return None
    return replace(found, left_ms=_left_ms(batch, found.left))


def only_batch(sieve: Sieve) -> Sieve:
    """Return a filter with only those parts that name a batch."""
    return Sieve(purpose="" if sieve.mailing else sieve.purpose, mailing=sieve.mailing)


def _batch(hearing: Hearing, sieve: Sieve) -> QuerySet[Message] | None:
    messages = only_batch(sieve).messages(hearing)
    if sieve.mailing:
        is_held = any(mailing.is_held for mailing in Mailing.objects.filter(pk=sieve.mailing))
        return None if is_held else messages
    if not sieve.purpose:
        return None
    held = holding.held(messages).order_by().values("pk")
    messages = messages.exclude(pk__in=held)
    waiting = messages.filter(state__in=Message.WAITING).order_by()
    first = waiting.aggregate(at=Min("queued_at"))["at"]
    return messages.filter(queued_at__gte=first - TOGETHER) if first else None


def _left_ms(batch: QuerySet[Message], left: int) -> float | None:
    """Return the time for the rest at the last minute's pace; None if fewer than two were sent."""
    since = clock.now() - PACE
    lately = batch.filter(sent_at__gt=since).order_by()
    number = lately.count()
    if number < MANY:
        return None
    if batch.filter(sent_at__lte=since).exists():
        return left * PACE.total_seconds() * 1000 / number
    times = lately.aggregate(first=Min("sent_at"), last=Max("sent_at"))
    taken: timedelta = times["last"] - times["first"]
    return left * taken.total_seconds() * 1000 / (number - 1)


def unsent(hearing: Hearing, sieve: Sieve) -> int:
    """Return the number of letters of a batch that can still be cancelled."""
    batch = _batch(hearing, sieve)
    return batch.filter(state__in=Message.WAITING).count() if batch is not None else 0


def cancel(hearing: Hearing, sieve: Sieve, *, actor: writer.Actor) -> int:
    """Cancel the letters of a batch that have not been sent; return their number.

    Each of them can still be sent from its own page. Raises `OutgoingRefused` if none still waits,
    and `Mailing.DoesNotExist`.
    """
    if sieve.mailing:
        mailing = Mailing.objects.get(pk=sieve.mailing, hearing_id=hearing.pk)
        return mailings.stop(hearing=hearing, mailing=mailing, actor=actor)
    with writer.writing(hearing.pk, actor=actor) as record:
        batch = _batch(hearing, sieve)
        if batch is None or not (number := holding.stop(batch)):
            raise OutgoingRefused(mailings.all_sent())
        record.append(entry_types.REST_CANCELLED, {"purpose": sieve.purpose, "letters": number})
    return number
