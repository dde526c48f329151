"""The card of consents on a participant's page."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hemicycle.before.consent import queries
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import Card


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Show how a participant's name, words, voice and picture are used."""
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    context = {"lines": queries.lines(registration), "secret": secret}
    title = _("What may be done with your words, voice and picture")
    return Card(title, "consent/_card.html", context, order=70)
