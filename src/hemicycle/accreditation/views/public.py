"""Pages behind links: a focal point's question, and a mission's no-objection list."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.accreditation import approvals, files
from hemicycle.accreditation.forms import AnswerForm
from hemicycle.accreditation.models import Approval, Edition
from hemicycle.parties.secrets import hash_secret
from hemicycle.registration import links
from hemicycle.registration.choices import country_name
from hemicycle.registration.refusals import Refused
from hemicycle.registration.views.guard import sized


def _approval(secret: str) -> Approval | None:
    """The question that a link opens; None for one that was withdrawn."""
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
    """A focal point's page: who asks to take part, and whether that is approved."""
    approval = _approval(secret)
    if approval is None:
        return _stale(request)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        state = Approval.State(form.cleaned_data["answer"])
        try:
            approvals.answer(approval=approval, state=state, reason=form.cleaned_data["reason"])
        except Refused as refused:
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
        "country": country_name(registration.organization.country),
        "panels": [each.segment for each in registration.floor_requests.select_related("segment")],
        "evidence": list(registration.evidence.all()),
        "others": _others(approval),
        "form": form,
        "secret": secret,
    }
    return render(request, "accreditation/approve.html", context, status=status)


def _others(approval: Approval) -> list[tuple[str, str]]:
    """What else this focal point is asked, each behind its own link."""
    asked = approval.focal_point.approvals.filter(state=Approval.State.ASKED)
    rows = asked.exclude(pk=approval.pk).select_related("registration__organization")
    return [
        (
            each.registration.organization.name,
            reverse("accreditation:approve", args=(links.derive(each.id, 1),)),
        )
        for each in rows
        if each.is_open
    ]


@require_GET
@never_cache
def evidence(request: HttpRequest, secret: str, pk: UUID) -> HttpResponseBase:
    """A file given as evidence, while the question is open."""
    approval = _approval(secret)
    if approval is None or not approval.is_open:
        return _stale(request)
    return files.piece(approval.registration.evidence.filter(pk=pk).first())


def _edition(secret: str) -> Edition | None:
    rows = Edition.objects.filter(link_hash=hash_secret(secret)).exclude(circulated_at=None)
    return rows.select_related("hearing").first()


@require_GET
@never_cache
def circulated(request: HttpRequest, secret: str) -> HttpResponseBase:
    """A no-objection list as a mission reads it."""
    edition = _edition(secret)
    if edition is None:
        return _stale(request)
    lines = [
        (line, country_name(line.country) if line.country else "") for line in edition.lines.all()
    ]
    context = {
        "hearing": edition.hearing,
        "edition": edition,
        "lines": lines,
        "secret": secret,
        "kinds": ("pdf", "docx", "csv"),
    }
    return render(request, "accreditation/circulated.html", context)


@require_GET
@never_cache
def file(request: HttpRequest, secret: str, kind: str) -> HttpResponseBase:
    """The list as CSV, DOCX or PDF."""
    edition = _edition(secret)
    return files.edition(edition, kind) if edition else _stale(request)
