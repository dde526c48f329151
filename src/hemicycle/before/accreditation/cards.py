"""The cards and tasks that accreditation adds to pages of the apps below."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.accreditation import queue, steps, uploads
from hemicycle.before.accreditation.evidence import MOST
from hemicycle.before.accreditation.models import (
    Edition,
    EditionCopy,
    Evidence,
    FocalPoint,
    Objection,
)
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import Card, NextStep
from hemicycle.before.statements import uploads as statement_uploads
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.access import sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import PageLink, Task
from hemicycle.record import clock
from hemicycle.record.models import Note

Status = Registration.Status


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Make the card that shows applicants the steps to a decision."""
    if not steps.has_steps(registration):
        return None
    assert request.resolver_match is not None
    case = steps.case_of(registration)
    secret = request.resolver_match.kwargs["secret"]
    jobs = _jobs(registration, secret)
    context = {
        "lines": steps.step_views(case),
        "evidence": case.evidence,
        "jobs": jobs,
        "takes_evidence": _takes_evidence(registration) and len(case.evidence) < MOST,
        "may_change": _takes_evidence(registration),
        "secret": secret,
        "hearing": registration.hearing,
    }
    lacks = _takes_evidence(registration) and case.step == "evidence" and not jobs
    title, step = _("Steps to a decision"), _step(registration, secret) if lacks else None
    return Card(title, "accreditation/_card.html", context, order=5, step=step)


def _step(registration: Registration, secret: str) -> NextStep:
    said = _("The hearing requires evidence: %(what)s") % {"what": registration.category.evidence}
    return NextStep(
        said, PageLink(_("Add evidence"), reverse("accreditation:evidence", args=(secret,)))
    )


def _jobs(registration: Registration, secret: str) -> list[tuple[Job, str]]:
    """Return the files that the applicant has sent and that are not accepted yet, with links."""
    address = reverse("accreditation:evidence", args=(secret,))
    jobs = statement_uploads.open_jobs(registration, uploads.KIND)
    return [(job, f"{address}?job={job.token}") for job in jobs]


def _takes_evidence(registration: Registration) -> bool:
    undecided = registration.status in {Status.SUBMITTED, Status.WAITING}
    return bool(registration.category.evidence) and undecided


def office(request: HttpRequest, registration: Registration) -> Card | None:
    """Make the card of evidence, approvals and objections for the secretariat."""
    case = steps.case_of(registration)
    is_plain = not (steps.has_steps(registration) or case.evidence or case.line)
    before, after = queue.beside(registration.hearing, registration, sees_names=sees_names(request))
    if is_plain and registration.status != Status.SUBMITTED:
        return None
    keys = [approval.reason for approval in case.approvals]
    keys += [
        key for objection in case.objections for key in (objection.reason, objection.settlement)
    ]
    context = {
        "case": case,
        "registration": registration,
        "hearing": registration.hearing,
        "notes": notes(keys),
        "before": before,
        "after": after,
        "asks": registration.category.focal_point and registration.status == Status.SUBMITTED,
    }
    return Card(_("Accreditation"), "accreditation/office/_card.html", context, order=10)


def notes(keys: Iterable[str]) -> dict[str, str]:
    """Return the texts of notes by key, in one query; without keys, there is no query."""
    wanted = [key for key in keys if key]
    if not wanted:
        return {}
    return dict(Note.objects.filter(key__in=wanted).values_list("key", "text"))


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield tasks: objections to settle, and lists to close after their deadline."""
    settle = Objection.objects.filter(
        line__edition__hearing=hearing, state=Objection.State.OPEN
    ).count()
    where = reverse("accreditation:editions", args=(hearing.slug,))
    if settle:
        text = ngettext("%(n)s objection to settle", "%(n)s objections to settle", settle)
        yield Task(text % {"n": settle}, where)
    over = Edition.objects.filter(
        Edition.STANDING, hearing=hearing, closed_at=None, deadline__lt=clock.now()
    )
    over = over.exclude(circulated_at=None, replaces__isnull=False)  # such a draft never closes
    if count := over.count():
        text = ngettext(
            "%(n)s no-objection list to close",
            "%(n)s no-objection lists to close",
            count,
        )
        yield Task(text % {"n": count}, where)


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence for each kind of data of the person: what erasure deletes or blanks."""
    own = Evidence.objects.filter(registration__hearing=hearing, registration__person=person)
    if number := own.count():
        text = ngettext(
            "%(n)s piece of evidence: deleted.", "%(n)s pieces of evidence: deleted.", number
        )
        yield text % {"n": number}
    if EditionCopy.objects.filter(edition__hearing=hearing, person=person).exists():
        yield _("Links to no-objection lists: revoked. The mission’s objections remain.")
    if takes_part(hearing, person):
        yield _("The role of focal point: removed. The reasons that were given: deleted.")


def takes_part(hearing: Hearing, person: Person) -> bool:
    """Whether the person is a focal point."""
    return FocalPoint.objects.filter(hearing=hearing, person=person).exists()
