"""The cards that training sessions add to pages of the apps below."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import Card
from hemicycle.before.training import queries
from hemicycle.before.training.models import SignUp
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Return a card with the sessions that a participant can join or has joined."""
    offers = queries.offers(registration) if registration.is_live else []
    if not offers:
        return None
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    context = {"offers": offers, "secret": secret, "hearing": registration.hearing}
    return Card(_("Training sessions"), "training/_card.html", context, order=30)


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence about the person's places in sessions, which erasure deletes."""
    own = SignUp.objects.filter(session__hearing=hearing, registration__person=person)
    if number := own.count():
        text = ngettext(
            "%(n)s place in a training session: deleted.",
            "%(n)s places in training sessions: deleted.",
            number,
        )
        yield text % {"n": number}
