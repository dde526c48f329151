"""Letters on decisions about registrations, which are held before they are sent.

The secretariat can choose when they are sent, stop them, and send them later. Stopping a letter
changes nothing else: the decision stands.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from hemicycle.before.registration import entry_types
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import actions, holding
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.holding import Messages
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import writer
from hemicycle.record.writer import Actor

PROMOTED = "promoted"
"""In the key of a letter about a place from a waiting list, this takes the place of the outcome."""


def key(registration: Registration, says: str) -> str:
    """Return a new `Message.once` with the registration and what the letter says."""
    return f"decision:{registration.id.hex}:{says}:{uuid4().hex}"


def supersede(registration: Registration) -> datetime | None:
    """Stop the letters that are still held, since what they say is no longer true.

    Return the latest time for which one was scheduled; None if none was.
    """
    letters = _about(registration)
    scheduled = holding.held(letters).order_by().aggregate(at=Max("scheduled_at"))["at"]
    holding.stop(letters)
    return cast(datetime | None, scheduled)


@dataclass(frozen=True, slots=True)
class HeldLetters:
    """How many letters on decisions are held, and when the first of them is sent."""

    count: int
    leave_at: datetime | None


def held_in(hearing: Hearing) -> HeldLetters:
    """Count the held letters of a hearing, in two queries."""
    rows = holding.held(_of(hearing)).order_by()
    return HeldLetters(rows.count(), rows.aggregate(first=Min("due_at"))["first"])


@dataclass(frozen=True, slots=True)
class DecisionLetter:
    """The newest letter on a decision about one registration."""

    message: Message
    is_held: bool
    can_be_sent: bool
    """Whether the letter was stopped, and what it says is still true."""


def newest(registration: Registration) -> DecisionLetter | None:
    """Return the newest letter on a decision about a registration, in two queries at most."""
    message = _about(registration).order_by("-queued_at", "-due_at").first()
    if message is None:
        return None
    is_so = _is_so(message, registration)
    is_stopped = message.state == Message.State.CANCELLED
    is_held = holding.held(Message.objects.filter(pk=message.pk)).exists()
    return DecisionLetter(message, is_held, is_stopped and is_so)


def _is_so(message: Message, registration: Registration) -> bool:
    """Whether what a letter says is still true."""
    says = str(message.once).split(":")[2]
    return registration.is_live if says == PROMOTED else says == registration.status


def why_not_again(message: Message) -> str:
    """Return why a decision letter must not be sent again; "" if it may, or for other letters."""
    if not (message.once or "").startswith("decision:"):
        return ""
    pk = UUID(hex=str(message.once).split(":")[1])
    registration = Registration.objects.filter(pk=pk).first()
    if registration is not None and _is_so(message, registration):
        return ""
    return _("Another decision has been made since, so this letter is not sent.")


def stop(*, hearing: Hearing, registration: Registration | None, actor: Actor) -> int:
    """Stop the held letters of a hearing, or of one registration; return how many.

    The decisions stand. Raises `OutgoingRefused` if none is held.
    """
    return _change(hearing, registration, actor, is_stop=True)


def release(*, hearing: Hearing, registration: Registration | None, actor: Actor) -> int:
    """Send the held letters now; return how many. Raises `OutgoingRefused` if none is held."""
    return _change(hearing, registration, actor, is_stop=False)


def send(*, registration: Registration, actor: Actor) -> None:
    """Send the letter that was stopped. Raises `OutgoingRefused` if it is no longer true."""
    with writer.writing(registration.hearing_id, actor=actor) as record:
        registration.refresh_from_db(fields=["status"])
        letter = newest(registration)
        if letter is None or not letter.can_be_sent:
            raise OutgoingRefused(_("There is no stopped letter that could be sent."))
        actions.retry(message=letter.message, actor=actor)
        body = {"registration": registration.id.hex}
        record.append(entry_types.LETTER_RELEASED, body)


def _change(
    hearing: Hearing, registration: Registration | None, actor: Actor, *, is_stop: bool
) -> int:
    with writer.writing(hearing.id, actor=actor) as record:
        rows = holding.held(_about(registration) if registration else _of(hearing))
        found = dict(rows.values_list("pk", "once"))
        chosen = Message.objects.filter(pk__in=found)
        number = holding.stop(chosen) if is_stop else holding.release(chosen)
        if not number:
            raise OutgoingRefused(_("These letters are no longer waiting to be sent."))
        kind = entry_types.LETTER_STOPPED if is_stop else entry_types.LETTER_RELEASED
        for once in sorted(map(str, found.values())):
            record.append(kind, {"registration": once.split(":")[1]})
    return number


def _of(hearing: Hearing) -> Messages:
    return Message.objects.filter(hearing_id=hearing.id, once__startswith="decision:")


def _about(registration: Registration) -> Messages:
    rows = Message.objects.filter(hearing_id=registration.hearing_id)
    return rows.filter(once__startswith=f"decision:{registration.id.hex}:")
