"""Approvals by focal points: one question, with its own link, for each registration.

A link is valid for two weeks, opens one question and takes one answer. Asking again makes a new
link and revokes the previous one; a decision of the secretariat revokes it too.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db.models import Q
from django.utils.translation import gettext as _

from hemicycle.before.accreditation import entry_types, letters
from hemicycle.before.accreditation.evidence import unfit
from hemicycle.before.accreditation.models import Approval, FocalPoint
from hemicycle.before.registration import links, review
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor, Writer

State = Approval.State
Status = Registration.Status
HOLDS = timedelta(days=14)
ACCEPTING = Actor.system("accreditation")
RELATED = ("hearing", "person", "organization", "category")


def focal_point_of(registration: Registration) -> FocalPoint | None:
    """Return who approves a registration: the organization's own focal point, or the category's."""
    own = Q(organization_key=registration.organization_key) & ~Q(organization_key="")
    points = FocalPoint.objects.filter(
        own | Q(category=registration.category_id),
        hearing=registration.hearing_id,
        dismissed_at=None,
    )
    found = sorted(
        points.select_related("person", "category"), key=lambda point: bool(point.category_id)
    )
    return found[0] if found else None


def on_confirmed(record: Writer, registration: Registration) -> None:
    """Ask the focal point about a registration that has been confirmed."""
    ask_if_due(record, registration)


def on_admitted(record: Writer, registration: Registration) -> None:
    """Ask the focal point about a registration that has moved up from the waiting list."""
    ask_if_due(record, registration)


def on_released(record: Writer, registration: Registration) -> None:
    """Ask the focal point about an imported registration once letters about it may be sent."""
    ask_if_due(record, registration)


def ask_if_due(record: Writer, registration: Registration) -> Approval | None:
    """Ask the focal point if an approval is required and no question is open or answered."""
    if not registration.category.focal_point or registration.status != Status.SUBMITTED:
        return None
    if not registration.is_confirmed or registration.is_unwritten:
        return None
    case = registration.approvals.exclude(state=State.REVOKED)
    if any(not approval.has_lapsed for approval in case):
        return None
    point = focal_point_of(registration)
    return _ask(record, registration, point) if point else None


def ask_all(record: Writer, hearing: Hearing) -> int:
    """Ask about all registrations of the hearing that are due; return how many were asked about."""
    rows = Registration.objects.filter(
        hearing=hearing,
        status=Status.SUBMITTED,
        confirmed_at__isnull=False,
        category__focal_point=True,
    )
    found = rows.select_related(*RELATED).order_by("arrival")
    return sum(ask_if_due(record, registration) is not None for registration in found)


def ask_again(*, registration: Registration, actor: Actor) -> Approval:
    """Ask again with a new link, even if the previous question was answered.

    Raises `RegistrationRefused` if there is no focal point, or if the registration has been
    decided.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        registration.refresh_from_db(fields=["status"])
        if registration.status != Status.SUBMITTED:
            raise unfit(
                _("This registration is not waiting for a decision, so no one has been asked.")
            )
        point = focal_point_of(registration)
        if point is None:
            sentence = _(
                "There is no focal point for this category or organization. Name one first."
            )
            raise unfit(sentence)
        for approval in registration.approvals.filter(state=State.ASKED):
            take_back(record, approval)
        return _ask(record, registration, point)


def _ask(record: Writer, registration: Registration, point: FocalPoint) -> Approval:
    for lapsed in registration.approvals.filter(state=State.ASKED):
        take_back(record, lapsed)
    ident = uuid4()
    asked_at = clock.from_ms(record.now)
    approval = Approval.objects.create(
        id=ident,
        registration=registration,
        focal_point=point,
        link_hash=hash_secret(links.derive(ident, 1)),
        asked_at=asked_at,
        expires_at=asked_at + HOLDS,
    )
    body = {**_told(approval), "focal_point": point.id.hex, "expires": _ms(approval)}
    record.append(entry_types.APPROVAL_ASKED, body)
    letters.ask(approval)
    return approval


def _ms(approval: Approval) -> int:
    return clock.to_ms(approval.expires_at)


def _told(approval: Approval) -> dict[str, object]:
    return {"registration": approval.registration_id.hex, "approval": approval.id.hex}


def take_back(record: Writer, approval: Approval) -> None:
    """Revoke a link."""
    approval.state = State.REVOKED
    approval.save(update_fields=["state"])
    record.append(entry_types.APPROVAL_REVOKED, _told(approval))


def revoke(*, hearing: Hearing, pk: UUID, actor: Actor) -> bool:
    """Revoke a link that has not been answered; return False if there is no such link."""
    with writer.writing(hearing.id, actor=actor) as record:
        asked = Approval.objects.filter(registration__hearing=hearing, state=State.ASKED)
        approval = asked.filter(pk=pk).first()
        if approval is not None:
            take_back(record, approval)
    return approval is not None


def on_decided(record: Writer, registration: Registration) -> None:
    """Revoke the open links of a registration that has been decided."""
    if registration.category.focal_point:
        for approval in registration.approvals.filter(state=State.ASKED):
            take_back(record, approval)


def answer(*, approval: Approval, state: Approval.State, reason: str) -> Approval:
    """Approve or decline a registration, once; the actor is the focal point.

    Approval accepts a registration if its category has no further step. Raises
    `RegistrationRefused` for a link that was answered, revoked or has expired, and for declining
    without a reason.
    """
    person = approval.focal_point.person
    actor = Actor(id=person.id.hex, role="focal-point")
    if state == State.DECLINED and not reason.strip():
        raise unfit(_("Give a reason. The secretariat will read it and decide."), "reason")
    with writer.writing(approval.registration.hearing_id, actor=actor) as record:
        approval.refresh_from_db(fields=["state", "expires_at"])
        if not approval.is_open:
            raise unfit(
                _("This link is no longer valid. It has been used or revoked, or it has expired.")
            )
        approval.state, approval.answered_at = state, clock.from_ms(record.now)
        approval.reason = record.note(reason)
        approval.save(update_fields=["state", "answered_at", "reason"])
        body = {**_told(approval), "answer": state.value, "reason": approval.reason}
        record.append(entry_types.APPROVAL_ANSWERED, body)
        letters.answered(approval)
        category = approval.registration.category
        if state == State.APPROVED and not (category.needs_review or category.no_objection):
            _accept(approval.registration)
    return approval


def _accept(registration: Registration) -> None:
    review.decide(
        hearing=registration.hearing,
        chosen=[registration.id],
        outcome=Status.ACCEPTED,
        reason=_("Approved by the focal point."),
        decided_by=None,
        actor=ACCEPTING,
    )
