"""The secretariat's pages for registrations: find, read, decide, export."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import (
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.before.registration import (
    aliases,
    bulk_decisions,
    covering,
    decision_letters,
    exports,
    pictures,
    queries,
    review,
    search,
    signals,
    waiting,
)
from hemicycle.before.registration.access import for_officer
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.before.registration.page_forms import AliasForm, DecisionForm
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.jobs import pages
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import check_sees_names, for_roles, sees_names, standing_of
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.forms import SendLaterForm
from hemicycle.ui.languages import language_name

PER_PAGE = 50
MOST_SHOWN = 200
"""The largest number of registrations that the page of a decision about many lists."""
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})
readers = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION, Duty.PROTECTED}, either=True)
"""Officers who look after protected people find them here, too."""
protecting = for_roles(Role.SECRETARIAT, needs={Duty.PROTECTED})
both = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION, Duty.PROTECTED})
"""For tables that contain the real names beside the aliases."""


@require_GET
@readers
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List all registrations: searched, filtered, sorted, in pages of fifty."""
    facts = facts_of(hearing)
    asked = search.read(request.GET, facts)
    found = search.find(hearing, asked, by_real_names=sees_names(request))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page)
    if not sees_names(request):
        covering.cover(page.object_list)
    context = {
        "hearing": hearing,
        "asked": asked,
        "filters": search.filters(asked, facts),
        "page": page,
        "figures": search.figures(hearing),
        "held": decision_letters.held_in(hearing),
        "deciding": bulk_decisions.to_show(hearing),
        "panels": search.panel_figures(facts),
        "picture": pictures.by_day(facts),
        "form": DecisionForm(),
        "decides": Duty.REGISTRATION in standing_of(request).duties,
        "first_track": next((track.key for track in facts.tracks), ""),
        "query": request.GET.urlencode(),
    }
    return render(request, "registration/office/index.html", context)


@require_GET
@readers
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show one registration: the typed data, its history, the possible decisions."""
    return _detail(request, hearing, pk, DecisionForm())


def _detail(
    request: HttpRequest,
    hearing: Hearing,
    pk: UUID,
    form: DecisionForm,
    *,
    status: int = 200,
    alias_form: AliasForm | None = None,
    later: SendLaterForm | None = None,
) -> HttpResponseBase:
    registration = for_officer(request, hearing, pk)
    inscriptions = queries.inscriptions_of(registration)
    co_signers = list(registration.co_signers.all())
    similar = queries.similar_to(registration, inscriptions, co_signers)
    if not sees_names(request):
        covering.cover_co_signers(co_signers)
        covering.cover(similar, as_organization=True)
    cards = filter(None, signals.staff_cards.send(request, registration))
    context = {
        "hearing": hearing,
        "registration": registration,
        "inscriptions": inscriptions,
        "waits": waiting.waits_of(registration),
        "co_signers": co_signers,
        "similar": similar,
        "language": language_name(registration.language),
        "history": queries.history_of(registration),
        "letter": decision_letters.newest(registration),
        "cards": sorted(cards, key=lambda card: card.order),
        "form": form,
        "later": later or SendLaterForm(hearing),
        "public": registration.public_identity(registration.person),
        "alias_form": alias_form or AliasForm(initial={"alias": registration.alias}),
    }
    return render(request, "registration/office/detail.html", context, status=status)


@require_POST
@secretariat
def decide(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Accept or refuse the selected registrations."""
    form, later = DecisionForm(request.POST), SendLaterForm(hearing, request.POST)
    chosen = request.POST.getlist("chosen")
    is_valid = form.is_valid()
    if is_valid:
        _check_chosen(request, hearing, form.cleaned_data["chosen"])
    if is_valid and form.cleaned_data["every"]:
        return _decide_on_all(request, hearing, form.cleaned_data, later)
    if not (is_valid and later.is_valid()):
        if len(chosen) == 1 and "chosen" not in form.errors:
            return _detail(request, hearing, UUID(chosen[0]), form, status=422, later=later)
        if is_valid:
            return _ask_first(request, hearing, form.cleaned_data, later)
        for sentences in form.errors.values():
            messages.error(request, str(sentences[0]))
    elif not form.cleaned_data["chosen"]:
        messages.error(request, _("Select the registrations to decide on."))
    elif len(form.cleaned_data["chosen"]) > 1 and "count" not in request.POST:
        return _ask_first(request, hearing, form.cleaned_data, later)
    else:
        _decide(request, hearing, form.cleaned_data, later.cleaned_data["moment"])
    return HttpResponseRedirect(_next(request, hearing))


def _check_chosen(request: HttpRequest, hearing: Hearing, chosen: list[UUID]) -> None:
    """Raise `PermissionDenied` if an officer decides about somebody whose name they may not see."""
    hidden = hearing.registrations.filter(pk__in=chosen).exclude(alias="")
    if not sees_names(request) and hidden.exists():
        check_sees_names(request, hearing)


def _decide_on_all(
    request: HttpRequest, hearing: Hearing, data: dict[str, Any], later: SendLaterForm
) -> HttpResponseBase:
    """Start a job that decides all registrations of a search, once their number was confirmed."""
    assert isinstance(request.user, Person)
    asked = search.read(QueryDict(data["every"].removeprefix("?")), facts_of(hearing))
    found = search.find(hearing, asked, by_real_names=sees_names(request))
    if not sees_names(request):
        found = found.filter(alias="")
    data = {**data, "chosen": list(found.values_list("pk", flat=True))}
    outcome = Registration.Status(data["outcome"])
    number = len(review.undecided(hearing, data["chosen"], outcome))
    if not number:
        messages.info(request, _decided_before())
        return HttpResponseRedirect(_next(request, hearing))
    is_shown = request.POST.get("count") == str(number)  # the number may have changed since
    if not (is_shown and later.is_valid()):
        return _ask_first(request, hearing, data, later)
    job = bulk_decisions.begin(
        hearing=hearing,
        chosen=data["chosen"],
        outcome=outcome,
        reason=data["reason"],
        note=data["note"],
        by=request.user,
        actor=actor(request, Role.SECRETARIAT),
        at=later.cleaned_data["moment"],
    )
    page = reverse("registration:decided", args=(hearing.slug, job.token))
    return HttpResponseRedirect(page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def decided(request: HttpRequest, hearing: Hearing, token: UUID) -> HttpResponseBase:
    """Show the progress of a decision about many registrations, then those that were refused."""
    job = get_object_or_404(
        Job, token=token, kind=bulk_decisions.KIND, key__startswith=bulk_decisions.key_of(hearing)
    )
    back, title = reverse("registration:office", args=(hearing.slug,)), _("Deciding")
    under_way = pages.progress(
        request, job, layout="office.html", back=back, hearing=hearing, title=title
    )
    if under_way is not None:
        return under_way
    context = {
        "hearing": hearing,
        "job": job,
        "refused": bulk_decisions.refused(job, MOST_SHOWN),
        "number": bulk_decisions.number_refused(job),
        "back": back,
    }
    return render(request, "registration/office/decided.html", context)


def _ask_first(
    request: HttpRequest, hearing: Hearing, data: dict[str, Any], later: SendLaterForm
) -> HttpResponseBase:
    """Show how many registrations would be decided and which letters sent, before deciding."""
    outcome = Registration.Status(data["outcome"])
    try:
        found = review.preview(
            hearing=hearing,
            chosen=data["chosen"],
            outcome=outcome,
            reason=data["reason"],
            note=data["note"],
            all_or_none=not data["every"],
        )
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
        return HttpResponseRedirect(_next(request, hearing))
    context = {
        "hearing": hearing,
        "data": data,
        "outcome": outcome,
        "is_refusal": outcome == Registration.Status.REFUSED,
        "next": _next(request, hearing),
        "preview": found,
        "samples": [(code, language_name(code), *rest) for code, *rest in found.samples],
        "later": later,
    }
    status = 422 if later.errors else 200
    return render(request, "registration/office/decide.html", context, status=status)


def _decide(
    request: HttpRequest, hearing: Hearing, data: dict[str, Any], at: datetime | None
) -> None:
    assert isinstance(request.user, Person)
    try:
        count = review.decide(
            hearing=hearing,
            chosen=data["chosen"],
            outcome=Registration.Status(data["outcome"]),
            reason=data["reason"],
            note=data["note"],
            decided_by=request.user,
            actor=actor(request, Role.SECRETARIAT),
            at=at,
        )
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
        return
    if not count:
        messages.info(request, _decided_before())
        return
    said = ngettext("%(n)s registration decided.", "%(n)s registrations decided.", count)
    messages.success(request, said % {"n": count})


def _decided_before() -> str:
    return _("Nothing was changed or sent: the same decision had already been made.")


def _next(request: HttpRequest, hearing: Hearing) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("registration:office", args=(hearing.slug,))


@require_POST
@secretariat
def link(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Revoke a personal link, and send a new one if requested."""
    registration = for_officer(request, hearing, pk)
    page = HttpResponseRedirect(reverse("registration:detail", args=(hearing.slug, pk)))
    if request.POST.get("number", str(registration.link_number)) != str(registration.link_number):
        said = _("This link has been revoked or replaced already. Nothing was changed or sent.")
        messages.info(request, said)
        return page
    send_new = request.POST.get("send_new") == "yes"
    review.revoke_link(
        registration=registration,
        reason=request.POST.get("reason", "")[:2000].replace("\0", ""),
        send_new=send_new,
        actor=actor(request, Role.SECRETARIAT),
    )
    said = _("The link has been revoked.") + (
        " " + _("The link has been replaced. The new link is in the outbox.") if send_new else ""
    )
    messages.success(request, said)
    return page


@require_POST
@protecting
def alias(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Set, change or remove a participant's alias."""
    registration = get_object_or_404(Registration, hearing=hearing, pk=pk)
    form = AliasForm(request.POST)
    if form.is_valid() and "alias" in request.POST:
        try:
            aliases.set_alias(
                registration=registration,
                actor=actor(request, Role.SECRETARIAT),
                **form.cleaned_data,
            )
        except RegistrationRefused as refused:
            form.add_error("alias", refused.sentence)
        else:
            messages.success(request, _("The public name has been set."))
            return HttpResponseRedirect(reverse("registration:detail", args=(hearing.slug, pk)))
    return _detail(request, hearing, pk, DecisionForm(), status=422, alias_form=form)


@require_POST
@protecting
def co_signer_alias(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Set, change or remove the alias of an organization that joins an intervention."""
    rows = CoSigner.objects.select_related("registration__hearing")
    co_signer = get_object_or_404(rows, registration__hearing=hearing, pk=pk)
    form = AliasForm(request.POST)
    if form.is_valid() and "alias" in request.POST:
        try:
            aliases.set_co_signer_alias(
                co_signer=co_signer, actor=actor(request, Role.SECRETARIAT), **form.cleaned_data
            )
        except RegistrationRefused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, _("The public name has been set."))
    for sentences in form.errors.values():
        messages.error(request, str(sentences[0]))
    return HttpResponseRedirect(
        reverse("registration:detail", args=(hearing.slug, co_signer.registration_id))
    )


@require_http_methods(["GET", "HEAD", "POST"])
@both
def export(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponseBase:
    """Export all rows of the list, of all its pages, as a file."""
    return answer(request, hearing, exports.TABLE, kind)
