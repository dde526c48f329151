"""Accreditation cases: which step towards a decision is next, and how it is described.

The steps of a category come in this order, each only where the category turns it on: evidence, the
focal point's approval, the no-objection list, the secretariat's review. `cases` reads them for
any number of registrations in a fixed number of queries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from hemicycle.before.accreditation.models import (
    Approval,
    Edition,
    EditionLine,
    Evidence,
    Objection,
)
from hemicycle.before.registration import refusals
from hemicycle.before.registration.models import Registration
from hemicycle.ui.times import when

Status = Registration.Status
APPROVAL_STEPS = {
    "asked": "approval",
    "lapsed": "approval-lapsed",
    "declined": "approval-declined",
}
NEXT = {
    "waiting-list": gettext_lazy("on the waiting list"),
    "evidence": gettext_lazy("evidence is missing"),
    "approval-unasked": gettext_lazy("focal point to be asked"),
    "approval": gettext_lazy("with the focal point"),
    "approval-lapsed": gettext_lazy("focal point did not answer"),
    "approval-declined": gettext_lazy("focal point did not approve"),
    "to-be-listed": gettext_lazy("for the next no-objection list"),
    "listed": gettext_lazy("on a no-objection list"),
    "objected": gettext_lazy("objection to be settled"),
    "no-objection": gettext_lazy("no objection was made"),
    "review": gettext_lazy("to be decided"),
}
"""The next steps of undecided registrations: the queue's filters, in the order of the work."""
PASSED = frozenset({"review", "no-objection"})


@dataclass(slots=True)
class AccreditationCase:
    """A registration with its evidence, approvals, list entry and objections."""

    registration: Registration
    evidence: list[Evidence] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    line: EditionLine | None = None
    objections: list[Objection] = field(default_factory=list)

    @property
    def approval(self) -> Approval | None:
        """The valid approval: the latest one that was not revoked."""
        counted = [
            approval for approval in self.approvals if approval.state != Approval.State.REVOKED
        ]
        return counted[-1] if counted else None

    @property
    def has_evidence(self) -> bool:
        """Whether any evidence of eligibility was given."""
        return bool(self.evidence or self.registration.eligibility.strip())

    @property
    def is_contested(self) -> bool:
        """Whether there is an objection that was not set aside."""
        return any(objection.state != Objection.State.SET_ASIDE for objection in self.objections)

    @property
    def step(self) -> str:
        """The next step of an undecided registration: a key of `NEXT`."""
        category = self.registration.category
        if self.registration.status == Status.WAITING:
            return "waiting-list"
        if category.evidence and not self.has_evidence:
            return "evidence"
        if category.focal_point and (open_step := self._approval_step()):
            return open_step
        if category.no_objection:
            return self._listing_step()
        return "review"

    def _approval_step(self) -> str:
        if self.approval is None:
            return "approval-unasked"
        return APPROVAL_STEPS.get(self.approval.shown, "")

    def _listing_step(self) -> str:
        if self.line is None:
            return "to-be-listed"
        if any(objection.state == Objection.State.OPEN for objection in self.objections):
            return "objected"
        if self.is_contested:
            return "review"
        return "no-objection" if self.line.edition.is_over else "listed"

    @property
    def next(self) -> str:
        """The next step in words; the status if it has been decided."""
        registration = self.registration
        if registration.status in {Status.SUBMITTED, Status.WAITING}:
            return str(NEXT[self.step])
        return str(registration.get_status_display())


def cases(registrations: Sequence[Registration]) -> list[AccreditationCase]:
    """Load the cases of registrations, in the order given: five queries for any number."""
    by_id = {registration.id: AccreditationCase(registration) for registration in registrations}
    for piece in Evidence.objects.filter(registration__in=by_id):
        by_id[piece.registration_id].evidence.append(piece)
    people = "focal_point__person"
    for approval in Approval.objects.filter(registration__in=by_id).select_related(people):
        by_id[approval.registration_id].approvals.append(approval)
    lines = EditionLine.objects.filter(
        registration__in=by_id, edition__in=Edition.objects.filter(Edition.STANDING)
    )
    for line in lines.select_related("edition").order_by("edition__number"):
        case = by_id[line.registration_id]
        # The list before the missions counts until its correction is circulated.
        if case.line is None or line.edition.circulated_at or not case.line.edition.circulated_at:
            case.line = line
    objections = Objection.objects.filter(line__registration__in=by_id)
    for objection in objections.select_related("line", "mission", "entered_by", "settled_by"):
        by_id[objection.line.registration_id].objections.append(objection)
    return list(by_id.values())


def case_of(registration: Registration) -> AccreditationCase:
    """Load the case of one registration."""
    return cases([registration])[0]


def has_steps(registration: Registration) -> bool:
    """Whether its category has any step besides the secretariat's review."""
    category = registration.category
    return bool(category.evidence or category.focal_point or category.no_objection)


def check_accepted(registrations: list[Registration], reason: str) -> None:
    """Raise `RegistrationRefused` if a step is open and no reason for skipping it is given."""
    if reason.strip():
        return
    stepped = [registration for registration in registrations if has_steps(registration)]
    count = sum(case.step not in PASSED for case in cases(stepped)) if stepped else 0
    if count:
        sentence = ngettext(
            "%(n)s of the selected registrations has not completed all steps. Deselect it, or "
            "give a reason for accepting it anyway.",
            "%(n)s of the selected registrations have not completed all steps. Deselect them, "
            "or give a reason for accepting them anyway.",
            count,
        )
        raise refusals.RegistrationRefused(refusals.Reason.STEPS_OPEN, sentence % {"n": count})


# ── For the applicant ─────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class StepView:
    """A step as the applicant sees it: name, state (of `ui.states`), label, sentence."""

    title: str
    state: str
    label: str
    says: str


def step_views(case: AccreditationCase) -> list[StepView]:
    """Describe the steps of a case for its applicant."""
    registration, category = case.registration, case.registration.category
    lines: list[Iterable[StepView]] = [
        [_evidence_line(case)] if category.evidence else [],
        [_approval_line(case)] if category.focal_point else [],
        [_listing_line(case)] if category.no_objection else [],
        [_decision_line(registration)],
    ]
    return [line for group in lines for line in group]


def _evidence_line(case: AccreditationCase) -> StepView:
    values = {"what": case.registration.category.evidence}
    if case.has_evidence:
        said = _("We have your evidence. You can add to it until the decision.")
        return StepView(_("Evidence"), "done", pgettext("evidence", "received"), said)
    said = _("The hearing requires: %(what)s. Add it below.") % values
    return StepView(_("Evidence"), "missing", _("missing"), said)


def _approval_line(case: AccreditationCase) -> StepView:
    title, approval = _("Approval by the focal point"), case.approval
    if approval is not None and approval.state == Approval.State.APPROVED:
        said = _("The focal point has approved your registration.")
        return StepView(title, "done", _("approved"), said)
    if approval is not None and approval.state == Approval.State.DECLINED:
        said = _(
            "The focal point has not approved your registration. The secretariat will "
            "read the reason and decide."
        )
        return StepView(title, "declined", _("not approved"), said)
    if approval is not None and approval.is_open:
        said = _("The focal point has been asked. You do not need to do anything.")
        return StepView(title, "asked", _("asked"), said)
    return StepView(title, "upcoming", _("to come"), _("The focal point will be asked."))


def _listing_line(case: AccreditationCase) -> StepView:
    title, line = _("No-objection list"), case.line
    if line is None:
        said = _(
            "Your organization will be put on a list that Member States see before you are "
            "accepted."
        )
        return StepView(title, "upcoming", _("to come"), said)
    edition = line.edition
    values = {
        "number": edition.number,
        "until": when(edition.deadline, case.registration.hearing),
    }
    if case.is_contested:
        said = _(
            "A Member State has raised a point about list %(number)s. The secretariat will settle "
            "it and write to you."
        )
        return StepView(title, "at_risk", _("being looked into"), said % values)
    if not edition.is_over:
        said = _(
            "Your organization is on list %(number)s. Member States can respond until %(until)s."
        )
        return StepView(title, "now", _("under way"), said % values)
    said = _("No Member State has objected to your organization on list %(number)s.") % values
    return StepView(title, "done", _("passed"), said)


def _decision_line(registration: Registration) -> StepView:
    said = {
        Status.SUBMITTED: _(
            "When all steps are complete, the secretariat will decide and write to you."
        ),
        Status.WAITING: _("All places are taken: you are on the waiting list."),
        Status.ACCEPTED: _("You are accepted."),
        Status.REFUSED: _(
            "Your registration has not been accepted. Our letter to you gives the reason."
        ),
        Status.WITHDRAWN: _("You have withdrawn your registration."),
    }
    status = Status(registration.status)
    label = _("to come") if status == Status.SUBMITTED else str(status.label)
    state = "upcoming" if status == Status.SUBMITTED else status.value
    return StepView(_("Decision"), state, label, said[status])
