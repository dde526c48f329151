"""The secretariat's pages to change, circulate, correct, recall and withdraw lists."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.before.accreditation import circulation, editions
from hemicycle.before.accreditation.circulation import CirculationPlan
from hemicycle.before.accreditation.models import Edition
from hemicycle.before.accreditation.staff_forms import (
    CorrectForm,
    LeaveOutForm,
    OfficeReasonForm,
    WithdrawListForm,
)
from hemicycle.before.accreditation.views.editions import found, page, secretariat
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import language_name


def _to(edition: Edition) -> HttpResponseBase:
    return redirect("accreditation:edition", slug=edition.hearing.slug, number=edition.number)


def _done(
    request: HttpRequest, form: OfficeReasonForm | CorrectForm, act: Callable[[], object]
) -> bool:
    """Do the act if the form is valid, and return whether it was done; else the form says why."""
    if not form.is_valid():
        return False
    try:
        act()
    except RegistrationRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return False
    return True


@require_POST
@secretariat
def leave_out(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Leave an organization out of a list that has not been circulated."""
    edition = found(hearing, number)
    form = LeaveOutForm(edition, request.POST)
    by = actor(request, Role.SECRETARIAT)
    if _done(
        request, form, lambda: editions.leave_out(edition=edition, **form.cleaned_data, actor=by)
    ):
        messages.success(request, _("The organization has been left out of this list."))
        return _to(edition)
    return page(request, edition, leave_out=form)


@require_POST
@secretariat
def discard(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Discard a list that has not been circulated."""
    edition = found(hearing, number)
    form = OfficeReasonForm(request.POST)
    by = actor(request, Role.SECRETARIAT)
    if _done(
        request, form, lambda: editions.discard(edition=edition, **form.cleaned_data, actor=by)
    ):
        messages.success(request, _("The list has been discarded. No letters were sent."))
        return _to(edition)
    return page(request, edition, discard=form)


@require_POST
@secretariat
def correct(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Create the list that corrects a circulated one."""
    edition = found(hearing, number)
    form = CorrectForm(hearing, request.POST)
    by = actor(request, Role.SECRETARIAT)
    made: list[Edition] = []

    def make() -> None:
        data = form.cleaned_data
        made.append(
            editions.correct(
                edition=edition, deadline=data["moment"], with_new=data["with_new"], actor=by
            )
        )

    if _done(request, form, make):
        messages.success(
            request, _("The corrected list has been created. Check it, then circulate it.")
        )
        return _to(made[0])
    return page(request, edition, correct=form)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def circulate(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Show who would get a list, in which languages and with which text; then circulate it."""
    edition = found(hearing, number)
    if request.method == "POST":
        try:
            count = circulation.circulate(
                edition=edition, actor=actor(request, Role.SECRETARIAT), count=_count(request)
            )
        except RegistrationRefused as refused:
            messages.error(request, refused.sentence)
        else:
            _say_queued(request, count)
        return _to(edition)
    if not edition.is_draft or edition.is_over:
        return _to(edition)
    return _shown(request, circulation.plan(edition))


def _count(request: HttpRequest) -> int:
    """Return the number of letters that the page showed; -1, which never matches, if invalid."""
    sent = request.POST.get("count", "")
    return int(sent) if sent.isdecimal() and len(sent) < 7 else -1


def _say_queued(request: HttpRequest, count: int) -> None:
    said = ngettext("%(n)s mission gets a letter.", "%(n)s missions get a letter.", count)
    messages.success(request, said % {"n": count})


def _shown(
    request: HttpRequest,
    plan: CirculationPlan,
    form: WithdrawListForm | None = None,
    status: int = 200,
) -> HttpResponseBase:
    context = {
        "hearing": plan.edition.hearing,
        "edition": plan.edition,
        "plan": plan,
        "samples": [
            (code, language_name(code), number, text, mission)
            for code, number, text, mission in plan.samples
        ],
        "missions": [(mission, language_name(mission.language)) for mission in plan.missions],
        "form": form,
    }
    return render(request, "accreditation/office/circulation.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def withdraw(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Show the letters that announce the withdrawal of a list; then withdraw it."""
    edition = found(hearing, number)
    form = WithdrawListForm(request.POST if request.method == "POST" else None)
    if not form.is_bound and not edition.is_out:
        return _to(edition)
    by = actor(request, Role.SECRETARIAT)
    is_sent = request.POST.get("act") == "withdraw"
    if is_sent and _done(
        request,
        form,
        lambda: circulation.withdraw(
            edition=edition, **form.cleaned_data, actor=by, count=_count(request)
        ),
    ):
        _say_queued(request, _count(request))
        return _to(edition)
    reason = form.cleaned_data.get("reason", "") if form.is_bound and form.is_valid() else ""
    plan = circulation.plan_withdrawal(edition, reason or f"⟨{form.fields['reason'].label}⟩")
    return _shown(request, plan, form, status=422 if form.is_bound and form.errors else 200)


@require_POST
@secretariat
def hold(request: HttpRequest, hearing: Hearing, number: int) -> HttpResponseBase:
    """Recall a list before its letters are sent, send them now, or send those cancelled."""
    edition = found(hearing, number)
    by = actor(request, Role.SECRETARIAT)
    act = {"release": circulation.release, "resend": circulation.resend}.get(
        request.POST.get("act", "")
    )
    try:
        if act:
            act(edition=edition, actor=by)
            said = _("The letters are being sent.")
        else:
            circulation.recall(edition=edition, actor=by)
            said = _("The letters have been stopped. The list has returned to its earlier state.")
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, said)
    return _to(edition)
