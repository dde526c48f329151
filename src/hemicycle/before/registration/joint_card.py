"""The proposals to speak jointly, on a participant's own page."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hemicycle.before.registration import joint, joint_letters
from hemicycle.before.registration.models import JoinProposal, Registration
from hemicycle.before.registration.signals import Card


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """The proposals to a participant that wait for answers, and those that were agreed."""
    found = joint.of_registration(registration)
    if not found:
        return None
    assert request.resolver_match is not None
    rows = []
    for proposal in found:
        is_first = proposal.first.registration_id == registration.id
        place = proposal.first if is_first else proposal.second
        is_open = proposal.state == JoinProposal.State.OPEN
        tell = joint_letters.would_change if is_open else joint_letters.has_changed
        has_agreed = proposal.answer_of(place.id) == JoinProposal.Answer.AGREED
        rows.append((proposal, place, tell(proposal, place), is_open, has_agreed))
    context = {"rows": rows, "secret": request.resolver_match.kwargs["secret"]}
    return Card(_("Speaking jointly"), "registration/_joint_card.html", context, order=10)
