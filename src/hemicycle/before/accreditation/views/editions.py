"""The secretariat's pages to create, circulate and close no-objection lists; objections."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.before.accreditation import editions, files, letters, objections
from hemicycle.before.accreditation.cards import notes
from hemicycle.before.accreditation.models import Edition, Objection
from hemicycle.before.accreditation.staff_forms import EnterObjectionForm, FreezeForm
from hemicycle.before.registration.choices import member_states
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})
ANSWERS = {"uphold": Objection.State.UPHELD, "set-aside": Objection.State.SET_ASIDE}


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """All editions, who comes on the next, and the form that makes it."""
    form = FreezeForm(hearing, request.POST if request.method == "POST" else None)
    if form.is_valid() and (made := _freeze(request, hearing, form)):
        return redirect("accreditation:edition", slug=hearing.slug, number=made.number)
    open_ones = Count("lines__objections", filter=Q(lines__objections__state="open"), distinct=True)
    rows = hearing.editions.annotate(count=Count("lines", distinct=True), objected=open_ones)
    context = {
        "hearing": hearing,
        "editions": rows,
        "next": editions.qualifying(hearing),
        "form": form,
        "has_step": hearing.categories.filter(no_objection=True).exists(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accreditation/office/editions.html", context, status=status)


def _freeze(request: HttpRequest, hearing: Hearing, form: FreezeForm) -> Edition | None:
    by = actor(request, Role.SECRETARIAT)
    try:
        made = editions.freeze(hearing=hearing, deadline=form.cleaned_data["moment"], actor=by)
    except RegistrationRefused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return None
    messages.success(request, _("The list has been created. Check it, then circulate it."))
    return made


def _found(hearing: Hearing, number: int) -> Edition:
    return get_object_or_404(
        Edition.objects.select_related("hearing"), hearing=hearing, number=number
    )


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def detail(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """One edition: its lines, the objections, and the form that enters another."""
    edition = _found(hearing, number)
    form = EnterObjectionForm(edition, request.POST if request.method == "POST" else None)
    if form.is_valid() and _enter(request, edition, form):
        return redirect("accreditation:edition", slug=hearing.slug, number=number)
    status = 422 if form.is_bound else 200
    context = _context(hearing, edition, form)
    return render(request, "accreditation/office/edition.html", context, status=status)


def _context(hearing: Hearing, edition: Edition, form: EnterObjectionForm) -> dict[str, Any]:
    related = ("registration__person", "registration__category")
    lines = edition.lines.select_related(*related).prefetch_related("objections__mission")
    shown = list(lines)
    made = [objection for line in shown for objection in line.objections.all()]
    return {
        "hearing": hearing,
        "edition": edition,
        "lines": [(line, hearing.place_name(line.country)) for line in shown],
        "made": made,
        "notes": notes(
            key for objection in made for key in (objection.reason, objection.settlement)
        ),
        "form": form if not edition.closed_at else None,
        "missions": [label for _key, label in member_states() if label != "—"],
        "recipients": 0 if edition.circulated_at else len(editions.recipients(hearing)),
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
def circulate(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Send the list to every mission."""
    edition = _found(hearing, number)
    try:
        count = editions.circulate(edition=edition, actor=actor(request, Role.SECRETARIAT))
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    else:
        said = ngettext(
            "The list goes to %(n)s address.", "The list goes to %(n)s addresses.", count
        )
        messages.success(request, said % {"n": count})
    return redirect("accreditation:edition", slug=hearing.slug, number=number)


@require_POST
@secretariat
def close(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Accept everyone without standing objection."""
    edition = _found(hearing, number)
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
    """The list as CSV, DOCX or PDF."""
    _found(hearing, number)
    if kind not in {"csv", *files.TYPES}:
        raise Http404
    return answer(request, hearing, files.TABLE, kind, number=str(number))
