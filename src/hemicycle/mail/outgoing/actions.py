"""Queue, retry, cancel and settle messages.

A message is queued inside the transaction of the act behind it, so both are committed together.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup import rehearsed
from hemicycle.hearing.setup.models import REHEARSAL
from hemicycle.mail.outgoing import frame, holding, signals
from hemicycle.mail.outgoing.delivery import claims
from hemicycle.mail.outgoing.models import Attempt, Enclosure, Message
from hemicycle.record import clock, writer
from hemicycle.record.compiled import insert
from hemicycle.ui.languages import speaking

State = Message.State


class OutgoingRefused(Exception):
    """Outgoing mail refuses an act; `sentence` says why, for the secretariat."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def queue(
    *,
    hearing_id: UUID | None,
    purpose: Message.Purpose,
    subject: str,
    body: str,
    person: Person | None = None,
    address: str = "",
    language: str = "",
    once: str = "",
    answers: str = "",
    reference: str = "",
    enclosures: Iterable[Enclosure] = (),
    is_rehearsed: bool | None = None,
    held: bool = False,
    at: datetime | None = None,
) -> Message | None:
    """Queue a message for a person (or only an address); return None if there is no address.

    A message with a `once` is queued only once: a second call with the same value returns None.
    `answers` is the Message-ID, without its angle brackets, of the mail that the message answers;
    `reference` is the secretariat's number (`letterheads`). `is_rehearsed` is the hearing's own
    flag; without it, one query reads it. A message that is `held` can be stopped for some minutes,
    or until the time `at` that the secretariat chose (`holding`).
    """
    to = address or (person.email if person else "")
    if not to or (once and Message.objects.filter(once=once).exists()):
        return None
    now = clock.now()
    language = language or (person.language if person else "en")
    if is_rehearsed is None:
        is_rehearsed = rehearsed.is_rehearsed(hearing_id)
    if is_rehearsed:
        subject, body = marked(subject, body, language)
    message = Message(
        hearing_id=hearing_id,
        person=person,
        address=to,
        purpose=purpose,
        language=language,
        subject=" ".join(subject.split())[:400],
        body=body,
        queued_at=now,
        due_at=holding.until(now, at) if held else now,
        scheduled_at=at if held else None,
        once=once or None,
        answers=answers[:400],
        reference=reference,
    )
    insert(message)
    if enclosures := list(enclosures):
        message.enclosures.add(*enclosures)
    return message


def marked(subject: str, body: str, language: str) -> tuple[str, str]:
    """Return subject and text of a rehearsed hearing's letter, each marked as a rehearsal."""
    with speaking(language):
        mark = str(REHEARSAL)
        return f"{mark}: {subject}"[:400], f"{mark}. {rehearsed.explanation()}\n\n{body}"


def send_link(person: Person, hearing_id: UUID | None, subject: str, body: str) -> None:
    """Queue the letter with a person's sign-in link."""
    with speaking_to(person):
        body = frame.greeted(body, person.name)
    queue(
        hearing_id=hearing_id,
        purpose=Message.Purpose.SIGN_IN,
        subject=subject,
        body=body,
        person=person,
    )


def bounced(message_id_hex: str, status: str, diagnostic: str) -> bool:
    """Store what a delivery report (RFC 3464) says about the message with that id.

    `status` is the report's code, such as "5.1.1". A code that begins with 2 means delivered, with
    4 that the server still tries. Returns whether there is such a message.
    """
    try:
        message = Message.objects.filter(pk=UUID(hex=message_id_hex)).first()
    except ValueError:
        return False
    if message is None:
        return False
    words = f"{status} {diagnostic}".strip()
    with transaction.atomic():
        if status.startswith("4"):
            claims.note(message.pk, Attempt.Outcome.DEFERRED, words)
        elif status.startswith("2"):
            _settle(message, State.SENT, words)
            claims.note(message.pk, Attempt.Outcome.SENT, words)
        else:
            left = Message.objects.filter(pk=message.pk, state__in=(State.SENT, State.SENDING))
            left.update(state=State.BOUNCED, answer=words[:600], claim="")
            claims.note(message.pk, Attempt.Outcome.BOUNCED, words)
    return True


def retry(*, message: Message, actor: writer.Actor) -> None:
    """Send a delayed, refused, returned or cancelled message as soon as possible.

    Raises `OutgoingRefused` for one that has been sent, or if a receiver of `sending_again`
    objects.
    """
    stuck = (*Message.WAITING, State.FAILED, State.BOUNCED, State.CANCELLED)
    with _about(message, actor, "message.retried"):
        if why := next(filter(None, signals.sending_again.send(message)), ""):
            raise OutgoingRefused(why)
        rows = Message.objects.filter(pk=message.pk, state__in=stuck)
        if not rows.update(state=State.QUEUED, **holding.as_new()):
            raise OutgoingRefused(_("This message has already been sent, or is being sent now."))


def cancel(*, message: Message, actor: writer.Actor) -> None:
    """Cancel a message that still waits. Raises `OutgoingRefused` for any other."""
    with _about(message, actor, "message.cancelled"):
        rows = Message.objects.filter(pk=message.pk, state__in=Message.WAITING)
        if not rows.update(state=State.CANCELLED, claim=""):
            raise OutgoingRefused(
                _("This message is no longer waiting, so it cannot be cancelled.")
            )


def settle(*, message: Message, arrived: bool, actor: writer.Actor) -> None:
    """Save whether the mail server received an unclear message; if not, send it again.

    Raises `OutgoingRefused` if the message is not unclear.
    """
    message.refresh_from_db()
    if not message.is_unclear:
        raise OutgoingRefused(_("The state of this message is no longer unclear."))
    with _about(message, actor, "message.settled"):
        if not _settle(message, State.SENT if arrived else State.QUEUED, message.answer):
            raise OutgoingRefused(_("The state of this message is no longer unclear."))
        said = _("it had arrived") if arrived else _("it had not arrived")
        claims.note(message.pk, Attempt.Outcome.SETTLED, said)


def _settle(message: Message, state: Message.State, words: str) -> int:
    now = clock.now()
    sent_at = now if state == State.SENT else None
    return Message.objects.filter(pk=message.pk, state=State.SENDING).update(
        state=state, sent_at=sent_at, due_at=now, claim="", answer=words[:600]
    )


@contextmanager
def _about(message: Message, actor: writer.Actor, kind: str) -> Iterator[None]:
    """Open a transaction of the message's hearing, if any, with an entry at its end."""
    if message.hearing_id is None:
        with transaction.atomic():
            yield
        return
    with writer.writing(message.hearing_id, actor=actor) as record:
        yield
        record.append(kind, {"message": message.pk.hex})
