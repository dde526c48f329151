"""What the room adds to other apps' pages."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import Card
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import practice


def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Return the card of the practice room, which says whether the check was passed."""
    if not registration.takes_part or registration.hearing.status == Hearing.Status.ENDED:
        return None
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    check = practice.check_of(registration.hearing_id, registration.person_id)
    context = {"check": check, "secret": secret, "hearing": registration.hearing}
    return Card(_("Your microphone and camera"), "room/_practice_card.html", context, order=35)


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield the stored check of a person, which erasure deletes."""
    if practice.check_of(hearing.id, person.id):
        yield _("The result of their microphone check: deleted.")
