"""Objections to lines of a no-objection list: entered by the secretariat, settled by a decision."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.accreditation import kinds
from hemicycle.accreditation.evidence import unfit
from hemicycle.accreditation.models import Edition, Listed, Objection
from hemicycle.parties.models import Organization, Person
from hemicycle.record import clock, gate
from hemicycle.registration import names, review
from hemicycle.registration.models import Registration

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
    actor: gate.Actor,
) -> Objection:
    """Enter an objection that a mission has made against one line.

    What counts is when it was received. Raises `Refused` for one received after the deadline or
    not yet, for one entered already, and once the line was decided.
    """
    with gate.writing(edition.hearing_id, actor=actor) as record:
        listed = _line(edition, line)
        now = clock.from_ms(record.now)
        if received_at.replace(microsecond=0) > min(edition.deadline, now):
            sentence = _("An objection counts if it was received by the deadline of the list.")
            raise unfit(sentence, "received")
        organization = _mission(mission)
        if listed.objections.filter(mission=organization).exists():
            raise unfit(_("This mission’s objection has been entered already."), "mission")
        objection = Objection.objects.create(
            listed=listed,
            mission=organization,
            received_at=received_at,
            reason=record.note(reason),
            entered_by=entered_by,
            entered_at=now,
        )
        body = {
            **_told(objection),
            "mission": organization.id.hex,
            "received": clock.to_ms(received_at),
            "reason": objection.reason,
        }
        record.append(kinds.OBJECTED, body)
    return objection


def _line(edition: Edition, line: UUID) -> Listed:
    listed = edition.lines.select_related("registration").filter(pk=line).first()
    if listed is None:
        raise unfit(_("This list has no such line."), "line")
    if listed.registration.status != Status.SUBMITTED:
        raise unfit(_("This registration has been decided already."), "line")
    return listed


def _mission(name: str) -> Organization:
    """The mission of that name, known already or not."""
    key = names.name_key(name)
    known = Organization.objects.filter(name_key=key).order_by("pk").first()
    return known or Organization.objects.create(name=name, name_key=key)


def _told(objection: Objection) -> dict[str, object]:
    return {
        "objection": objection.id.hex,
        "registration": objection.listed.registration_id.hex,
    }


def settle(
    *,
    objection: Objection,
    state: Objection.State,
    reason: str,
    settled_by: Person,
    actor: gate.Actor,
) -> Objection:
    """Uphold an objection, which refuses the registration, or set it aside.

    Set aside, the line goes on as if nobody had objected; where its list is closed already, nothing
    is left to wait for and it is accepted. Raises `Refused` for one that is settled.
    """
    listed = objection.listed
    with gate.writing(listed.edition.hearing_id, actor=actor) as record:
        objection.refresh_from_db(fields=["state"])
        if objection.state != State.OPEN:
            raise unfit(_("This objection has been settled already."))
        objection.state, objection.settlement = state, record.note(reason)
        objection.settled_by, objection.settled_at = settled_by, clock.from_ms(record.now)
        objection.save()
        body = {**_told(objection), "answer": state.value, "reason": objection.settlement}
        record.append(kinds.SETTLED, body)
        if outcome := _outcome(objection):
            review.decide(
                hearing=listed.edition.hearing,
                chosen=[listed.registration_id],
                outcome=outcome,
                reason=reason,
                decided_by=settled_by,
                actor=actor,
            )
    return objection


def _outcome(objection: Objection) -> Registration.Status | None:
    """What settling decides about the registration at once, if anything."""
    if objection.state == State.UPHELD:
        return Status.REFUSED
    listed = objection.listed
    others = listed.objections.exclude(state=State.SET_ASIDE).exists()
    waits = listed.registration.status == Status.SUBMITTED
    return Status.ACCEPTED if listed.edition.closed_at and waits and not others else None
