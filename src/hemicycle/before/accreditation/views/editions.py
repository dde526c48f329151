"""The secretariat's pages to create, circulate and close no-objection lists; objections."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.before.accreditation import circulation, editions, files, letters, objections, paper
from hemicycle.before.accreditation.cards import notes
from hemicycle.before.accreditation.models import Edition, Objection
from hemicycle.before.accreditation.staff_forms import (
    CorrectForm,
    EnterObjectionForm,
    FreezeForm,
    LeaveOutForm,
    OfficeReasonForm,
)
from hemicycle.before.accreditation.steps import AccreditationCase
from hemicycle.before.registration import covering
from hemicycle.before.registration.choices import member_states
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import letterheads

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})
ANSWERS = {"uphold": Objection.State.UPHELD, "set-aside": Objection.State.SET_ASIDE}


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show all editions, who qualifies for the next one, and the form that makes it."""
    form = FreezeForm(hearing, request.POST if request.method == "POST" else None)
    if form.is_valid() and (made := _freeze(request, hearing, form)):
        return redirect("accreditation:edition", slug=hearing.slug, number=made.number)
    open_ones = Count("lines__objections", filter=Q(lines__objections__state="open"), distinct=True)
    rows = hearing.editions.annotate(count=Count("lines", distinct=True), objected=open_ones)
    context = {
        "hearing": hearing,
        "editions": rows,
        "next": _qualifying(request, hearing),
        "form": form,
        "has_step": hearing.categories.filter(no_objection=True).exists(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accreditation/office/editions.html", context, status=status)


def _qualifying(request: HttpRequest, hearing: Hearing) -> list[AccreditationCase]:
    found = editions.qualifying(hearing)
    if not sees_names(request):
        covering.cover((case.registration for case in found), as_organization=True)
    return found


def _freeze(request: HttpRequest, hearing: Hearing, form: FreezeForm) -> Edition | None:
    by = actor(request, Role.SECRETARIAT)
    try:
        made = editions.freeze(hearing=hearing, deadline=form.cleaned_data["moment"], actor=by)
    except RegistrationRefused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return None
    messages.success(request, _("The list has been created. Check it, then circulate it."))
    return made


def found(hearing: Hearing, number: int) -> Edition:
    """Return an edition by its number; raise `Http404` if there is none."""
    rows = Edition.objects.select_related("hearing", "replaces")
    return get_object_or_404(rows, hearing=hearing, number=number)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def detail(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Show one edition: its lines, the objections, and the form to enter another objection."""
    edition = found(hearing, number)
    form = EnterObjectionForm(edition, request.POST if request.method == "POST" else None)
    if form.is_valid() and _enter(request, edition, form):
        return redirect("accreditation:edition", slug=hearing.slug, number=number)
    return page(request, edition, form=form)


def page(
    request: HttpRequest,
    edition: Edition,
    *,
    form: EnterObjectionForm | None = None,
    **bound: forms.Form,
) -> HttpResponseBase:
    """Return an edition's page with its forms, of which one may have been sent with errors."""
    entry = form or EnterObjectionForm(edition)
    status = 422 if entry.is_bound or bound else 200
    context = {**_context(edition.hearing, edition, entry), **_forms(request, edition), **bound}
    return render(request, "accreditation/office/edition.html", context, status=status)


def _forms(request: HttpRequest, edition: Edition) -> dict[str, forms.Form]:
    """Return the forms that the edition's state allows."""
    if edition.is_draft:
        chosen = {"line": request.GET.get("line", "")[:36]}
        return {"leave_out": LeaveOutForm(edition, initial=chosen), "discard": OfficeReasonForm()}
    if edition.is_out and editions.correction_of(edition) is None:
        return {"correct": CorrectForm(edition.hearing, initial=_moment(edition))}
    return {}


def _moment(edition: Edition) -> dict[str, object]:
    local = edition.deadline.astimezone(edition.hearing.zone)
    return {"day": local.date(), "time": local.time()}


def _context(hearing: Hearing, edition: Edition, form: EnterObjectionForm) -> dict[str, Any]:
    related = ("registration__person", "registration__category")
    lines = edition.lines.select_related(*related).prefetch_related("objections__mission")
    shown = list(lines)
    made = [objection for line in shown for objection in line.objections.all()]
    left_out = list(edition.left_out.select_related("registration__organization"))
    reasons = notes(row.reason for row in left_out)
    takes_objections = edition.is_out or (edition.is_draft and not edition.replaces)
    return {
        "hearing": hearing,
        "edition": edition,
        "reference": letterheads.reference_of(hearing.id, editions.reference_key(edition)),
        "lines": [(line, hearing.place_name(line.country)) for line in shown],
        "made": made,
        "notes": notes(
            key for objection in made for key in (objection.reason, objection.settlement)
        ),
        "left_out": [(row, reasons.get(row.reason, "")) for row in left_out],
        "changes": paper.change_groups(edition),
        "successor": editions.correction_of(edition),
        "held": circulation.held(edition).count(),
        "held_until": circulation.held_until(edition),
        "letters": circulation.letters_left(edition),
        "form": form if takes_objections else None,
        "missions": [label for _key, label in member_states() if label != "—"],
        "unobjected": len(editions.unobjected(edition)),
        "reading_url": letters.reading_url(edition) if edition.circulated_at else "",
    }


def _enter(request: HttpRequest, edition: Edition, form: EnterObjectionForm) -> bool:
    assert isinstance(request.user, Person)
    data = form.cleaned_data
    try:
        objections.enter(
            edition=edition,
            line=data["line"],
            mission=data["mission"],
            received_at=data["moment"],
            reason=data["reason"],
            entered_by=request.user,
            actor=actor(request, Role.SECRETARIAT),
        )
    except RegistrationRefused as refused:
        field = {"received": "day"}.get(refused.field, refused.field)
        form.add_error(field or None, refused.sentence)
        return False
    messages.success(request, _("The objection has been entered. Now settle it with a decision."))
    return True


@require_POST
@secretariat
def close(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Accept everyone without standing objection."""
    edition = found(hearing, number)
    assert isinstance(request.user, Person)
    by = actor(request, Role.SECRETARIAT)
    try:
        count = editions.close(edition=edition, decided_by=request.user, actor=by)
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    else:
        said = ngettext(
            "%(n)s registration has been accepted.",
            "%(n)s registrations have been accepted.",
            count,
        )
        messages.success(request, said % {"n": count})
    return redirect("accreditation:edition", slug=hearing.slug, number=number)


@require_POST
@secretariat
def settle(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Uphold an objection or set it aside, with the reason."""
    related = ("line__edition__hearing", "line__registration")
    rows = Objection.objects.select_related(*related)
    objection = get_object_or_404(rows, pk=pk, line__edition__hearing=hearing)
    answer = ANSWERS.get(request.POST.get("answer", ""))
    reason = request.POST.get("reason", "")[:2000].replace("\0", "").strip()
    if answer is None or not reason:
        messages.error(request, _("Choose whether to uphold the objection, and give the reason."))
    else:
        _settle(request, objection, answer, reason)
    number = objection.line.edition.number
    return redirect("accreditation:edition", slug=hearing.slug, number=number)


def _settle(
    request: HttpRequest, objection: Objection, answer: Objection.State, reason: str
) -> None:
    assert isinstance(request.user, Person)
    try:
        objections.settle(
            objection=objection,
            state=answer,
            reason=reason,
            settled_by=request.user,
            actor=actor(request, Role.SECRETARIAT),
        )
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("The objection has been settled."))


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def file(request: HttpRequest, hearing: Hearing, number: int, kind: str) -> HttpResponseBase:
    """Return the list as CSV, DOCX or PDF."""
    found(hearing, number)
    if kind not in {"csv", *files.TYPES}:
        raise Http404
    return answer(request, hearing, files.TABLE, kind, number=str(number))
