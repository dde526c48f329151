"""Mailing lists that follow registrations, and who has the meetings in their calendar."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.hearing.people.models import Person, TrackKind
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.hearing.setup.plan_changes import STATEMENTS
from hemicycle.mail.outgoing.models import LetterAudience
from hemicycle.mail.outgoing.signals import Addressee, PlanListener, RecipientSource

Status = Registration.Status
AUDIENCE_OF = {
    TrackKind.MISSIONS: LetterAudience.MISSIONS,
    TrackKind.STAKEHOLDERS: LetterAudience.ORGANIZATIONS,
}


def sources(hearing: Hearing) -> Iterable[RecipientSource]:
    """Yield the sources of recipients: all registrations, or by track, category and status."""
    live = Q(status__in=Registration.LIVE)
    yield _source(hearing, "all", _("Registered: everyone who takes part"), live)
    for track in hearing.all_tracks:
        name = _("Registered: %(which)s") % {"which": track.label}
        yield _source(hearing, f"track-{track.key}", name, live & Q(track=track.key))
    for category in hearing.categories.all():
        name = _("Registered: %(which)s") % {"which": category.label}
        yield _source(hearing, f"category-{category.key}", name, live & Q(category=category))
    for status in (Status.SUBMITTED, Status.ACCEPTED, Status.REFUSED):
        name = _("Registrations: %(state)s") % {"state": status.label}
        yield _source(hearing, f"status-{status.value}", name, Q(status=status))


def _source(hearing: Hearing, key: str, name: str, which: Q) -> RecipientSource:
    return RecipientSource(f"registered:{key}", name, _lister(hearing, which), registered=True)


def _lister(hearing: Hearing, which: Q) -> Callable[[], list[Addressee]]:
    def addressees() -> list[Addressee]:
        rows = Registration.objects.filter(
            which, hearing=hearing, person__erased_at=None, confirmed_at__isnull=False
        )
        return [
            addressee(registration)
            for registration in rows.select_related("person", "organization")
        ]

    return addressees


def addressee(registration: Registration) -> Addressee:
    """Return a registration as an addressee of letters."""
    person = registration.person
    return Addressee(
        address=person.email,
        name=person.name,
        organization=registration.organization.name,
        language=person.language,
        person=person.pk,
        of=registration,
    )


def audiences(hearing_id: UUID, addresses: Collection[str]) -> dict[str, str]:
    """Return the audience of registered people and co-signers among case-folded addresses."""
    signers = CoSigner.objects.filter(registration__hearing_id=hearing_id)
    asked = signers.annotate(key=Lower("email")).filter(key__in=addresses)
    organizations = asked.values_list("key", flat=True)
    found = dict.fromkeys(organizations, LetterAudience.ORGANIZATIONS.value)
    rows = Registration.objects.filter(hearing_id=hearing_id, person__erased_at=None)
    registered = rows.annotate(key=Lower("person__email")).filter(key__in=addresses)
    for address, kind in registered.order_by("arrival").values_list("key", "kind"):
        found[address] = AUDIENCE_OF[TrackKind(kind)].value
    return found


def audience_of(registration: Registration) -> str:
    """Return the audience of letters about a registration."""
    return AUDIENCE_OF[TrackKind(registration.kind)].value


def attending(hearing: Hearing) -> Iterator[tuple[Person, Meeting]]:
    """Yield the people who take part, with the meetings of their panels.

    A person without a panel is expected at all meetings.
    """
    meetings = list(hearing.meetings.all())
    rows = Registration.objects.filter(
        Registration.taking_part(), hearing=hearing, is_unwritten=False
    )
    for registration in rows.select_related("person").prefetch_related("inscriptions__segment"):
        asked = {
            row.segment.meeting_id for row in registration.inscriptions.all() if row.is_on_list
        }
        for meeting in meetings:
            if meeting.pk in asked or not asked:
                yield registration.person, meeting


def plan_listeners(hearing: Hearing) -> Iterator[PlanListener]:
    """Yield people with an active registration, for their panels or, without any, for all."""
    rows = Registration.objects.filter(
        status__in=Registration.LIVE,
        hearing=hearing,
        person__erased_at=None,
        confirmed_at__isnull=False,
    )
    rows = rows.select_related("person", "organization").prefetch_related("inscriptions__segment")
    for registration in rows.order_by("pk"):
        asked = {row.segment_id.hex for row in registration.inscriptions.all() if row.is_on_list}
        speaks = {STATEMENTS} if asked else set()
        yield PlanListener(
            replace(addressee(registration), of=None),
            frozenset(asked) or None,
            frozenset({registration.track, *speaks}),
        )


def answered(hearing: Hearing) -> Iterable[str]:
    """Return the addresses of all registrations, whatever their status; one query."""
    rows = Registration.objects.filter(hearing=hearing, person__erased_at=None)
    return list(rows.order_by().values_list("person__email", flat=True))


def keeps_public(hearing: Hearing) -> str:
    """Return why a hearing with registrations stays public; "" if it has none."""
    if Registration.objects.filter(hearing=hearing).exists():
        return _("People have registered, so the hearing stays public. You can postpone or end it.")
    return ""
