"""Objections to lines of a no-objection list: made by missions, settled by a decision.

A mission objects through the link in its letter, or to the secretariat, which enters the objection.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.accreditation import entry_types, letters
from hemicycle.before.accreditation.evidence import unfit
from hemicycle.before.accreditation.models import Edition, EditionCopy, EditionLine, Objection
from hemicycle.before.registration import names, review
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.standing import RegistrationStatus
from hemicycle.hearing.people.models import Organization, Person, Role
from hemicycle.record import clock, writer

State = Objection.State
Status = Registration.Status


def enter(
    *,
    edition: Edition,
    line: UUID,
    mission: str,
    received_at: datetime,
    reason: str,
    entered_by: Person,
    actor: writer.Actor,
) -> Objection:
    """Enter an objection that a mission has made against one line.

    The time of receipt counts. Raises `RegistrationRefused` for an objection that was received
    after the deadline or in the future or is already entered, for a line that has been decided,
    and for a list that no longer counts.
    """
    with writer.writing(edition.hearing_id, actor=actor) as record:
        edition.refresh_from_db()
        _check_standing(edition)
        found = _line(edition, line)
        now = clock.from_ms(record.now)
        if received_at.replace(microsecond=0) > min(edition.deadline, now):
            sentence = _("An objection counts only if it was received by the deadline of the list.")
            raise unfit(sentence, "received")
        organization = mission_of(mission)
        if found.objections.filter(mission=organization).exists():
            raise unfit(_("This mission’s objection has already been entered."), "mission")
        made = Objection(line=found, mission=organization, received_at=received_at)
        made.entered_by = entered_by
        return _keep(record, made, reason)


def make(*, copy: EditionCopy, line: UUID, reason: str, received_at: datetime) -> Objection:
    """Object to one line through a mission's own copy of the list; the actor is the mission.

    `received_at` is when the form was received. Raises `RegistrationRefused` without a reason,
    after the deadline, for a line that was decided or that the mission has already objected to,
    and for a list that no longer counts.
    """
    edition = copy.edition
    if not reason.strip():
        raise unfit(_("Give the reason for the objection."), "reason")
    with writer.writing(edition.hearing_id, actor=actor_of(copy)) as record:
        edition.refresh_from_db()
        _check_standing(edition)
        if edition.closed_at or received_at.replace(microsecond=0) > edition.deadline:
            raise unfit(
                _("The deadline for objections has passed. Please write to the secretariat.")
            )
        found = _line(edition, line)
        if found.objections.filter(mission=copy.mission).exists():
            raise unfit(_("Your mission has already objected to this organization."), "line")
        made = Objection(line=found, mission=copy.mission, received_at=received_at, copy=copy)
        objection = _keep(record, made, reason)
        letters.objected(objection)
    return objection


def actor_of(copy: EditionCopy) -> writer.Actor:
    """Return the actor for a mission's copy: its person if one is known, or else the copy."""
    ident = copy.person_id or copy.id
    return writer.Actor(id=ident.hex, role=Role.MISSION.value)


def _keep(record: writer.Writer, made: Objection, reason: str) -> Objection:
    made.reason = record.note(reason)
    made.entered_at = clock.from_ms(record.now)
    made.save()
    body = {
        **_told(made),
        "mission": made.mission_id.hex,
        "received": clock.to_ms(made.received_at),
        "reason": made.reason,
    }
    record.append(entry_types.OBJECTED, body)
    return made


def _check_standing(edition: Edition) -> None:
    if edition.replaced_at:
        raise unfit(_("A corrected list has replaced this one. Object to that one."))
    if not edition.is_standing:
        raise unfit(_("This list has been withdrawn. No objection is needed."))
    if edition.replaces_id and not edition.circulated_at:
        raise unfit(_("This corrected list has not been circulated. Object to the one before it."))


def _line(edition: Edition, pk: UUID) -> EditionLine:
    line = edition.lines.select_related("registration").filter(pk=pk).first()
    if line is None:
        raise unfit(_("This organization is not on the list."), "line")
    if line.registration.status != Status.SUBMITTED:
        raise unfit(_("This registration has already been decided."), "line")
    return line


def mission_of(name: str, country: str = "") -> Organization:
    """Return the organization of a mission by name; create it if it does not exist."""
    key = names.name_key(name)
    # Never the row of a registration: its id on the record would show who is behind an alias.
    rows = Organization.objects.filter(name_key=key, registrations=None)
    known = rows.order_by("pk").first()
    return known or Organization.objects.create(name=name, name_key=key, country=country)


def _told(objection: Objection) -> dict[str, object]:
    return {
        "objection": objection.id.hex,
        "registration": objection.line.registration_id.hex,
    }


def settle(
    *,
    objection: Objection,
    state: Objection.State,
    reason: str,
    settled_by: Person,
    actor: writer.Actor,
) -> Objection:
    """Uphold an objection, which refuses the registration, or set it aside.

    After setting aside, the line continues as if nobody had objected; if its list is closed
    already, the line is accepted at once. Raises `RegistrationRefused` for an objection that is
    settled.
    """
    line = objection.line
    with writer.writing(line.edition.hearing_id, actor=actor) as record:
        objection.refresh_from_db(fields=["state"])
        if objection.state != State.OPEN:
            raise unfit(_("This objection has already been settled."))
        objection.state, objection.settlement = state, record.note(reason)
        objection.settled_by, objection.settled_at = settled_by, clock.from_ms(record.now)
        objection.save()
        body = {**_told(objection), "answer": state.value, "reason": objection.settlement}
        record.append(entry_types.SETTLED, body)
        if outcome := _outcome(objection):
            review.decide(
                hearing=line.edition.hearing,
                chosen=[line.registration_id],
                outcome=outcome,
                reason=reason,
                decided_by=settled_by,
                actor=actor,
            )
    return objection


def _outcome(objection: Objection) -> RegistrationStatus | None:
    """Return the decision that follows at once from settling, if any."""
    if objection.state == State.UPHELD:
        return Status.REFUSED
    line = objection.line
    others = line.objections.exclude(state=State.SET_ASIDE).exists()
    waits = line.registration.status == Status.SUBMITTED
    return Status.ACCEPTED if line.edition.closed_at and waits and not others else None
