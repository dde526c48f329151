"""The secretariat's pages that enter a registration for somebody, edit one, or withdraw one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hemicycle.before.registration import changes, co_signer_rows, editing, joining
from hemicycle.before.registration.access import for_officer
from hemicycle.before.registration.actions import OfficeEntry, enter
from hemicycle.before.registration.links import new_key
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.office_forms import EditForm, entry_form_for
from hemicycle.before.registration.page_forms import WithdrawForm
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import Facts, facts_of
from hemicycle.before.registration.views.entry import as_initial
from hemicycle.before.registration.views.own_changes import co_signers_form
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role, TrackKind
from hemicycle.hearing.setup.access import check_sees_names, for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.ui.words import original

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})
FIELDS = {
    TrackKind.STAKEHOLDERS: "registration/_stakeholder_fields.html",
    TrackKind.MISSIONS: "registration/_mission_fields.html",
}


@require_http_methods(["GET", "POST"])
@secretariat
def add(request: HttpRequest, hearing: Hearing, track: str) -> HttpResponseBase:
    """Enter a registration that was received by telephone, by letter or at the desk."""
    facts = facts_of(hearing)
    found = hearing.track(track)
    if found is None or not facts.categories_of(track):
        raise Http404
    form_class = entry_form_for(found.kind)
    if request.method != "POST":
        empty = form_class(facts, track=track, initial={"form_key": new_key()})
        return _entry_page(request, facts, empty)
    if (typed := co_signer_rows.changed(request.POST)) is not None:
        form = form_class(facts, track=track, initial=as_initial(found, typed))
        return _entry_page(request, facts, form)
    form = form_class(facts, request.POST, track=track)
    if form.is_valid():
        by = OfficeEntry(
            actor(request, Role.SECRETARIAT),
            Registration.Way(form.cleaned_data["way"]),
            form.cleaned_data["late_reason"],
        )
        try:
            done = enter(facts=facts, cleaned=form.cleaned(), entry=by)
        except RegistrationRefused as refused:
            field = refused.field if refused.field in form.fields else None
            form.add_error(field, refused.sentence)
        else:
            if done.repeated:
                said = _(
                    "This form had been sent before, and nothing was entered twice. To change the "
                    "registration, press “Edit”."
                )
                messages.info(request, said)
            else:
                messages.success(request, _("The registration has been entered."))
            return _to(request, done.registration)
    return _entry_page(request, facts, form, status=422)


def _entry_page(
    request: HttpRequest, facts: Facts, form: Any, *, status: int = 200
) -> HttpResponseBase:
    track = form.of_track
    context = {
        "hearing": facts.hearing,
        "facts": facts,
        "form": form,
        "fields": FIELDS[track.kind],
        "track": track,
        "tracks": facts.tracks,
        "closes_at": facts.closes_at(track.key),
        "is_late": facts.is_past(track.key, clock.now()),
    }
    return render(request, "registration/office/add.html", context, status=status)


def _to(request: HttpRequest, registration: Registration) -> HttpResponseRedirect:
    """Redirect to the registration, or to the list if its alias hides it from this officer."""
    slug = registration.hearing.slug
    if registration.alias and not sees_names(request):
        return HttpResponseRedirect(reverse("registration:office", args=(slug,)))
    return HttpResponseRedirect(reverse("registration:detail", args=(slug, registration.pk)))


@require_http_methods(["GET", "POST"])
@secretariat
def edit(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Correct a registration's details and panels, also after the deadline."""
    registration, facts = for_officer(request, hearing, pk), facts_of(hearing)
    if not registration.is_live:
        messages.error(request, _("This registration is no longer active: you cannot edit it."))
        return _to(request, registration)
    if request.method != "POST":
        form = EditForm(facts, registration, initial=_values(registration))
        return _edit_page(request, facts, registration, form)
    form = EditForm(facts, registration, request.POST)
    if form.is_valid():
        data = {
            name: value
            for name, value in form.cleaned_data.items()
            if name not in {"reason", "tell"}
        }
        try:
            changed = editing.edit(
                registration=registration,
                facts=facts,
                data=data,
                reason=form.cleaned_data["reason"],
                tell=form.cleaned_data["tell"],
                actor=actor(request, Role.SECRETARIAT),
            )
        except RegistrationRefused as refused:
            field = refused.field if refused.field in form.fields else None
            form.add_error(field, refused.sentence)
        else:
            said = _("The registration has been corrected.")
            messages.success(request, said if changed else _("Nothing was changed."))
            return _to(request, registration)
    return _edit_page(request, facts, registration, form, status=422)


def _names(registration: Registration) -> dict[str, str]:
    """Return the organization's name, and its second name if it has one."""
    body = registration.organization
    none: tuple[str, dict[str, str]] = ("", {})
    language, other = next(iter(body.translations.items()), none)
    return {
        "organization": original(body.name),
        "organization_language": body.original_language,
        "other_name": other.get("name", ""),
        "other_name_language": language,
    }


def _values(registration: Registration) -> dict[str, Any]:
    return {
        **{name: getattr(registration.person, name) for name in editing.OF_PERSON},
        **{name: getattr(registration, name) for name in editing.OWN},
        "category": str(registration.category_id),
        **_names(registration),
        "country": registration.organization.country,
        "segments": [str(panel) for panel in editing.panels_of(registration)],
    }


def _edit_page(
    request: HttpRequest,
    facts: Facts,
    registration: Registration,
    form: EditForm,
    *,
    status: int = 200,
) -> HttpResponseBase:
    context = {
        "hearing": facts.hearing,
        "registration": registration,
        "form": form,
        "closes_at": facts.closes_at(registration.track),
        "is_late": facts.is_past(registration.track, clock.now()),
    }
    return render(request, "registration/office/edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@secretariat
def withdraw(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Withdraw a whole registration for somebody who asked for it."""
    registration = for_officer(request, hearing, pk)
    whole = [("whole", _("The whole registration"))]
    form = WithdrawForm(whole, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            changes.withdraw(
                registration=registration,
                reason=form.cleaned_data["reason"],
                actor=actor(request, Role.SECRETARIAT),
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The withdrawal has been recorded."))
            return _to(request, registration)
    context = {"hearing": hearing, "registration": registration, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "registration/office/withdraw.html", context, status=status)


@require_http_methods(["GET", "POST"])
@secretariat
def co_signers(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Name the organizations that are asked to join an intervention."""
    registration = for_officer(request, hearing, pk)
    if registration.co_signers.exclude(alias="").exists():
        check_sees_names(request, hearing)
    form = co_signers_form(registration, request, shows_all=True)
    if form.is_valid():
        try:
            joining.set_co_signers(
                registration=registration,
                named=form.named(),
                actor=actor(request, Role.SECRETARIAT),
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The co-signers have been changed."))
            return _to(request, registration)
    context = {"hearing": hearing, "registration": registration, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "registration/office/co_signers.html", context, status=status)
