"""The secretariat's pages that merge two registrations of the same person or organization."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.before.registration import covering, merge_letters, merging
from hemicycle.before.registration.access import for_officer
from hemicycle.before.registration.merging import MergePlan
from hemicycle.before.registration.page_forms import MergeForm, ReferenceForm
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import language_name

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})


@require_GET
@secretariat
def choose(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Choose the registration that is merged with this one."""
    registration = for_officer(request, hearing, pk)
    form = ReferenceForm(request.GET if "reference" in request.GET else None)
    if form.is_valid():
        other = merging.by_reference(
            registration, form.cleaned_data["reference"], with_aliases=sees_names(request)
        )
        if other is not None:
            page = reverse("registration:merge-with", args=(hearing.slug, pk, other.pk))
            return HttpResponseRedirect(page)
        form.add_error("reference", _("No active registration of this track has this reference."))
    context = {
        "hearing": hearing,
        "registration": registration,
        "candidates": merging.candidates(registration, with_aliases=sees_names(request)),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "registration/office/merge.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def merge(request: HttpRequest, hearing: Hearing, pk: UUID, other: UUID) -> HttpResponseBase:
    """Show what merging another registration into this one changes, and do it."""
    kept, left = for_officer(request, hearing, pk), for_officer(request, hearing, other)
    form = MergeForm(request.POST if request.method == "POST" else None)
    page = HttpResponseRedirect(reverse("registration:detail", args=(hearing.slug, pk)))
    if left.merged_into_id == kept.pk:
        messages.info(request, _("These registrations have been merged already."))
        return page
    if form.is_valid():
        try:
            merging.merge(
                hearing=hearing,
                kept=pk,
                left=other,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                actor=actor(request, Role.SECRETARIAT),
            )
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The registrations have been merged."))
            return page
    context = {
        "hearing": hearing,
        "registration": kept,
        "other": left,
        "form": form,
        "differ": kept.organization_key != left.organization_key,
    }
    try:
        context |= _planned(request, merging.plan(kept, left))
    except RegistrationRefused as refused:
        context["refused"] = refused.sentence
    status = 422 if form.is_bound else 200
    return render(request, "registration/office/merge_with.html", context, status=status)


def _planned(request: HttpRequest, plan: MergePlan) -> dict[str, object]:
    """Return the context that shows a plan; nothing is saved."""
    if not sees_names(request):
        covering.cover_co_signers(plan.co_signers)
    told = merge_letters.told(plan.kept, plan.left)
    places = [place.stays for place in plan.places]
    return {
        "plan": plan,
        "effects": plan.effects(),
        "letters": [
            (row, text, language_name(text.language))
            for row in told
            for text in (merge_letters.as_sent(row, plan.kept, plan.left, places),)
        ],
        "not_told": [row for row in (plan.kept, plan.left) if row not in told],
    }
