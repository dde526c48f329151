"""How choices follow registrations, what they add to pages, and how they are erased."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hemicycle.before.on_air import choices
from hemicycle.before.on_air.choices import Subject
from hemicycle.before.on_air.models import OnAirChoice
from hemicycle.before.registration.choices import CAMERAS, VOICES
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import (
    Card,
    Merge,
    personal_cards,
    registration_submitted,
    registrations_merged,
    staff_cards,
)
from hemicycle.engine import protection
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer


@registration_submitted.connect
def keep(record: Writer, registration: Registration, cleaned: Cleaned) -> None:
    """Store the choice of a form that has one; an alias suggests what the form leaves open."""
    if cleaned.camera or cleaned.voice:
        suggested = choices.applies(None, registration.alias)
        camera, voice = cleaned.camera or suggested.camera, cleaned.voice or suggested.voice
        wanted = protection.read({"camera": camera, "voice": voice})
        choices.choose(Subject.of_registration(registration), wanted, actor=record.actor)


@registrations_merged.connect
def follow_merge(record: Writer, merge: Merge) -> None:
    """Give the registration that stays the stricter protection of both."""
    choices.unite(record, merge.kept, merge.left)


@personal_cards.connect
def personal(request: HttpRequest, registration: Registration) -> Card | None:
    """Return the card with what applies and a link to the page that changes it."""
    if not registration.is_live:
        return None
    secret = request.resolver_match.kwargs["secret"] if request.resolver_match else ""
    context = {**_shown(registration), "secret": secret}
    return Card(_("On air"), "on_air/_card.html", context, order=12)


@staff_cards.connect
def staff(request: HttpRequest, registration: Registration) -> Card | None:
    """Return the same card for the office."""
    context = {**_shown(registration), "registration": registration}
    return Card(_("On air"), "on_air/_card.html", context, order=12)


def _shown(registration: Registration) -> dict[str, object]:
    now = Subject.of_registration(registration).protection
    return {
        "camera": dict(CAMERAS)[now.camera],
        "voice": dict(VOICES)[now.voice],
    }


@person_erased.connect
def erase_choices(person: UUID, record: Writer) -> list[str]:
    """Delete the person's choices; an alias that remains still protects them."""
    registrations = Registration.objects.filter(person=person, hearing=record.hearing)
    seats = PanelMember.objects.filter(person=person, segment__meeting__hearing=record.hearing)
    owners = Q(owner__in=registrations.values("pk")) | Q(owner__in=seats.values("pk"))
    OnAirChoice.objects.filter(owners).delete()
    return []
