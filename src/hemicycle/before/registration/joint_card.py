"""The proposals to speak jointly, on a participant's own page."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hemicycle.before.registration import joint, joint_letters
from hemicycle.before.registration.models import JoinProposal, Registration
from hemicycle.before.registration.signals import Card, NextStep
from hemicycle.hearing.setup.signals import PageLink


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Return the card with proposals to a participant: those to answer, and those agreed on."""
    found = joint.of_registration(registration)
    if not found:
        return None
    assert request.resolver_match is not None
    rows, step = [], None
    for proposal in found:
        is_first = proposal.first.registration_id == registration.id
        place = proposal.first if is_first else proposal.second
        is_open = proposal.state == JoinProposal.State.OPEN
        tell = joint_letters.would_change if is_open else joint_letters.has_changed
        has_agreed = proposal.answer_of(place.id) == JoinProposal.Answer.AGREED
        rows.append((proposal, place, tell(proposal, place), is_open, has_agreed))
        if is_open and not has_agreed:
            asked = _("The secretariat proposes that you speak jointly with another organization.")
            step = NextStep(asked, PageLink(_("Agree or decline"), "#joint"))
    context = {"rows": rows, "secret": request.resolver_match.kwargs["secret"]}
    title = _("Speaking jointly")
    return Card(title, "registration/_joint_card.html", context, order=10, step=step)
