"""Decisions of a person about a message: assign it, accept it, set it aside."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.hearing.jobs.stored_files import StoreAway
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming import answers, entry_types, handlers
from hemicycle.mail.incoming.handlers import Case, MailRefused
from hemicycle.mail.incoming.models import Mail, Purpose
from hemicycle.mail.incoming.reading.parsed import ParsedMail
from hemicycle.mail.incoming.reading.read import read
from hemicycle.mail.incoming.signals import Candidate
from hemicycle.record import clock, writer

State = Mail.State
LONGEST_REASON = 500


def parsed_mail(mail: Mail) -> ParsedMail:
    """Parse the message again; return an empty one if its file is gone. Raises `StoreAway`."""
    try:
        raw = mail.raw()
    except StoreAway:
        raise
    except OSError:
        return ParsedMail(problems=("unreadable",))
    return read(raw, None if mail.source == Mail.Source.IMAP else mail.sender)


def take(
    *,
    hearing: Hearing,
    mail: Mail,
    purpose: Purpose,
    form: Any,
    by: Person,
    actor: writer.Actor,
) -> Mail:
    """Accept a message for the purpose that a person chose. `MailRefused` changes nothing."""
    handler = handlers.handlers()[purpose]
    if handler.needs_registration and mail.registration_id is None:
        raise MailRefused(_("Choose first whose message this is."))
    case = Case(hearing, mail, parsed_mail(mail), mail.registration_id)
    prepared = handler.decide(case, form, actor)
    with writer.writing(hearing.id, actor=actor) as record:
        _check_waits(mail)
        outcome = prepared(record)
        mail.state, mail.why, mail.purpose = State.DONE, "by_person", purpose
        if outcome.registration is not None:
            mail.registration_id = outcome.registration
        if outcome.person is not None:
            mail.person = outcome.person
        mail.answer = answers.give(hearing, mail, outcome) or mail.answer
        _decided(record, mail, by)
    return mail


def assign(
    *, hearing: Hearing, mail: Mail, candidate: Candidate, by: Person, actor: writer.Actor
) -> Mail:
    """Assign a message to a registration; the message remains waiting."""
    with writer.writing(hearing.id, actor=actor) as record:
        _check_waits(mail)
        mail.registration_id, mail.person_id = candidate.registration, candidate.person
        mail.confidence = 100
        kept = [
            candidate
            for candidate in mail.candidates
            if candidate["registration"] != mail.registration_id.hex
        ]
        own = {"registration": mail.registration_id.hex, "confidence": 100, "reasons": ["chosen"]}
        mail.candidates = [own, *kept]
        _decided(record, mail, by)
    return mail


def put_aside(
    *, hearing: Hearing, mail: Mail, reason: str, by: Person, actor: writer.Actor
) -> Mail:
    """Set a message aside and store the reason. Raises `MailRefused` without a reason."""
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise MailRefused(_("Give the reason for not acting on it."))
    with writer.writing(hearing.id, actor=actor) as record:
        _check_waits(mail)
        mail.state, mail.why, mail.note = State.ASIDE, "by_person", record.note(reason)
        _decided(record, mail, by)
    return mail


def reopen(*, hearing: Hearing, mail: Mail, by: Person, actor: writer.Actor) -> Mail:
    """Reopen a message that was set aside."""
    with writer.writing(hearing.id, actor=actor) as record:
        mail.refresh_from_db()
        if mail.state != State.ASIDE or not mail.file:
            raise MailRefused(_("Only messages that were set aside can be reopened."))
        mail.state, mail.why = State.WAITING, "reopened"
        _decided(record, mail, by)
    return mail


def _check_waits(mail: Mail) -> None:
    """Check under the lock that the message still waits: somebody else may have decided."""
    mail.refresh_from_db()
    if mail.state != State.WAITING:
        raise MailRefused(_("Someone else has already decided about this message."))


def _decided(record: writer.Writer, mail: Mail, by: Person) -> None:
    mail.decided_at, mail.decided_by = clock.from_ms(record.now), by
    mail.save()
    registration: UUID | None = mail.registration_id
    body = {
        "mail": mail.id.hex,
        "purpose": str(mail.purpose),
        "state": str(mail.state),
        "why": mail.why,
        "registration": registration.hex if registration else "",
        "note": mail.note,
    }
    record.append(entry_types.DECIDED, body)
