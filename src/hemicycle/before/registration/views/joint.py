"""Proposals to speak jointly: the secretariat makes them, and two participants answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hemicycle.before.registration import covering, joint, queries
from hemicycle.before.registration.access import personal
from hemicycle.before.registration.models import Inscription, JoinProposal, Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.similarity import Alike, Likeness
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import listed

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})


@require_GET
@secretariat
def similar(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show requests that could be made jointly, and the state of the proposals."""
    with_aliases, proposals = sees_names(request), joint.proposals(hearing)
    if not with_aliases:  # an alias may have been set since
        covering.cover_places(
            (place for one in proposals for place in (one.first, one.second)), as_organization=True
        )
    context = {
        "hearing": hearing,
        "candidates": [(pair, _why(pair.why)) for pair in joint.candidates(hearing)],
        "proposals": proposals,
        "groups": queries.similar_groups(hearing, with_aliases=with_aliases),
    }
    return render(request, "registration/office/similar.html", context)


def _why(why: Alike) -> list[str]:
    """Return why two requests are alike, one sentence for each reason."""
    said = {
        Likeness.NAMED: _("One names the other as a co-signer."),
        Likeness.SHARED: _("Both name the same co-signer."),
        Likeness.SUBJECT: _("Both write about: %(words)s") % {"words": listed(why.words[:8])},
    }
    return [said[reason] for reason in why.reasons]


@require_POST
@secretariat
def propose(request: HttpRequest, hearing: Hearing, first: UUID, second: UUID) -> HttpResponseBase:
    """Propose to both organizations of a pair to speak jointly."""
    for place in (first, second):
        get_object_or_404(Inscription, hearing_id=hearing.id, pk=place)
    by = actor(request, Role.SECRETARIAT)
    try:
        joint.propose(hearing=hearing, pair=(first, second), actor=by)
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Both organizations have been asked by letter."))
    return HttpResponseRedirect(reverse("registration:similar", args=(hearing.slug,)))


@require_POST
@personal
def answer(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Agree to a proposal, or decline it."""
    proposal = get_object_or_404(JoinProposal, pk=pk, hearing=registration.hearing_id)
    said = request.POST.get("answer", "")
    try:
        if said in {"agree", "decline"}:
            joint.answer(proposal=proposal, registration=registration, agrees=said == "agree")
            messages.success(request, _("Your answer has been saved."))
    except RegistrationRefused as refused:
        messages.error(request, refused.sentence)
    assert request.resolver_match is not None
    secret = request.resolver_match.kwargs["secret"]
    return HttpResponseRedirect(reverse("registration:personal", args=(secret,)))
