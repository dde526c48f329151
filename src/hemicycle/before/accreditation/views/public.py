"""Pages behind links: a focal point's question, and a mission's no-objection list."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.before.accreditation import approvals, editions, files, letters, objections, paper
from hemicycle.before.accreditation.cards import notes
from hemicycle.before.accreditation.forms import AnswerForm, ObjectionForm
from hemicycle.before.accreditation.models import Approval, Edition, EditionCopy, Objection
from hemicycle.before.registration import links
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.record import clock


def _approval(secret: str) -> Approval | None:
    """Return the question that a link opens; None for a revoked one."""
    related = (
        *("focal_point__person", "focal_point__category"),
        *(f"registration__{name}" for name in ("hearing", "person", "organization", "category")),
    )
    rows = Approval.objects.filter(link_hash=hash_secret(secret))
    return rows.exclude(state=Approval.State.REVOKED).select_related(*related).first()


def _stale(request: HttpRequest) -> HttpResponseBase:
    return render(request, "accreditation/stale.html", status=410)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sized
def approve(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Show to a focal point who asks to take part, and record the answer."""
    approval = _approval(secret)
    if approval is None:
        return _stale(request)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        state = Approval.State(form.cleaned_data["answer"])
        try:
            approvals.answer(approval=approval, state=state, reason=form.cleaned_data["reason"])
        except RegistrationRefused as refused:
            form.add_error(refused.field or None, refused.sentence)
            status = 422 if refused.field else 409
        else:
            return HttpResponseRedirect(request.path)
    return _question(request, approval, form, secret, status)


def _question(
    request: HttpRequest, approval: Approval, form: AnswerForm, secret: str, status: int
) -> HttpResponseBase:
    registration = approval.registration
    context = {
        "hearing": registration.hearing,
        "approval": approval,
        "registration": registration,
        "country": registration.hearing.place_name(registration.organization.country),
        "panels": [row.segment for row in registration.inscriptions.select_related("segment")],
        "evidence": list(registration.evidence.all()),
        "others": _others(approval),
        "form": form,
        "secret": secret,
    }
    return render(request, "accreditation/approve.html", context, status=status)


def _others(approval: Approval) -> list[tuple[str, str]]:
    """Return this focal point's other questions, each with its own link."""
    asked = approval.focal_point.approvals.filter(state=Approval.State.ASKED)
    rows = asked.exclude(pk=approval.pk).select_related("registration__organization")
    return [
        (
            other.registration.organization.name,
            reverse("accreditation:approve", args=(links.derive(other.id, 1),)),
        )
        for other in rows
        if other.is_open
    ]


@require_GET
@never_cache
def evidence(request: HttpRequest, secret: str, pk: UUID) -> HttpResponseBase:
    """Return a file given as evidence, while the question is open."""
    approval = _approval(secret)
    if approval is None or not approval.is_open:
        return _stale(request)
    return files.piece(approval.registration.evidence.filter(pk=pk).first())


def _opened(secret: str) -> tuple[Edition, EditionCopy | None] | None:
    """Return what a link opens: a mission's copy of a list, or a list for reading only."""
    hashed = hash_secret(secret)
    related = ("edition__hearing", "edition__replaces", "mission")
    copies = EditionCopy.objects.select_related(*related)
    if copy := copies.filter(link_hash=hashed).first():
        return copy.edition, copy
    rows = Edition.objects.filter(link_hash=hashed).exclude(circulated_at=None)
    edition = rows.select_related("hearing", "replaces").first()
    return (edition, None) if edition else None


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sized
def circulated(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Show a no-objection list to a mission, and take an objection."""
    received_at = clock.now()
    opened = _opened(secret)
    if opened is None:
        return _stale(request)
    edition, copy = opened
    form = _object_form(request, edition, copy)
    if form and form.is_valid() and copy and _object(request, copy, form, received_at):
        return HttpResponseRedirect(request.path)
    status = 422 if form and form.is_bound else 200
    return render(
        request, "accreditation/circulated.html", _list(opened, form, secret), status=status
    )


def _object_form(
    request: HttpRequest, edition: Edition, copy: EditionCopy | None
) -> ObjectionForm | None:
    """Return the objection form; None without a copy, or for a closed list if nothing was sent."""
    sent = request.POST if request.method == "POST" else None
    takes_none = edition.is_over or edition.closed_at or not edition.is_standing
    if copy is None or (sent is None and takes_none):
        return None
    waiting = edition.lines.filter(registration__status="submitted")
    free = waiting.exclude(objections__mission=copy.mission)
    return ObjectionForm(free, sent, initial={"line": request.GET.get("line", "")[:36]})


def _object(
    request: HttpRequest, copy: EditionCopy, form: ObjectionForm, received_at: datetime
) -> bool:
    data = form.cleaned_data
    try:
        objections.make(
            copy=copy, line=data["line"], reason=data["reason"], received_at=received_at
        )
    except RegistrationRefused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return False
    messages.success(request, _("We have received your objection. The secretariat will settle it."))
    return True


def _list(
    opened: tuple[Edition, EditionCopy | None], form: ObjectionForm | None, secret: str
) -> dict[str, object]:
    edition, copy = opened
    rows = Objection.objects.filter(line__edition=edition).select_related("line")
    made = list(rows.filter(mission=copy.mission).order_by("line__ordinal")) if copy else []
    objected = {objection.line_id for objection in made}
    words = notes(objection.reason for objection in made)
    return {
        "hearing": edition.hearing,
        "edition": edition,
        "copy": copy,
        "form": form,
        "lines": [
            (
                line,
                edition.hearing.place_name(line.country) if line.country else "",
                line.pk in objected,
            )
            for line in edition.lines.select_related("registration")
        ],
        "changes": paper.change_groups(edition),
        "successor": _successor(edition, copy),
        "made": [(objection, words.get(objection.reason, "")) for objection in made],
        "secret": secret,
        "kinds": ("pdf", "docx", "csv"),
    }


def _successor(edition: Edition, copy: EditionCopy | None) -> tuple[Edition, str] | None:
    """Return the list that replaced this one, and its address for the same reader."""
    newer = editions.correction_of(edition) if edition.replaced_at else None
    if newer is None:
        return None
    if copy is None:
        return newer, letters.reading_url(newer)
    own = newer.copies.filter(address=copy.address).exclude(address="").first()
    return newer, letters.copy_url(own) if own else letters.reading_url(newer)


@require_GET
@never_cache
def file(request: HttpRequest, secret: str, kind: str) -> HttpResponseBase:
    """Return the list as CSV, DOCX or PDF."""
    opened = _opened(secret)
    return files.edition(opened[0], kind) if opened else _stale(request)
