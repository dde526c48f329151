"""Places in a category and for an organization: this module counts them.

Places on a panel's list are counted in `panel_room`.

Everything here runs while the hearing's lock is held, so that two registrations can never take the
last place.
"""

from collections import Counter
from uuid import UUID

from hemicycle.before.registration import inscriptions, refusals, signals
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.setup.models import Category
from hemicycle.record.writer import Writer


def withdraw_places(
    record: Writer, registration: Registration, segments: tuple[UUID, ...]
) -> list[Inscription]:
    """Withdraw the places on the lists of `segments`, on all lists if it is empty."""
    held = inscriptions.on_lists(registration)
    withdrawn = [row for row in held if row.segment_id in segments or not segments]
    inscriptions.withdraw_all(record, registration, withdrawn)
    unproved = registration.inscriptions.filter(state=Inscription.State.UNPROVED)
    if segments:
        unproved = unproved.filter(segment__in=segments)
    if registration.status != Registration.Status.REFUSED:  # a refusal may be reversed
        unproved.update(state=inscriptions.cause_of(registration))
    ids = tuple(row.segment_id for row in withdrawn)
    signals.registration_withdrawn.send(record, registration, ids)
    return withdrawn


class Taken:
    """The taken places of a hearing, by category and by organization; read in one query."""

    def __init__(self, hearing: UUID) -> None:
        placed = Registration.objects.filter(Registration.placed(), hearing=hearing)
        self.by_category: Counter[UUID] = Counter()
        self.by_organization: Counter[str] = Counter()
        for registration in placed.only("category_id", "kind", "organization_key"):
            self.take(registration)

    def take(self, registration: Registration) -> None:
        """Count a registration that now takes a place."""
        self.by_category[registration.category_id] += 1
        if not registration.is_mission:
            self.by_organization[registration.organization_key] += 1

    def has_room(self, registration: Registration) -> bool:
        """Whether the category and the organization of a registration have a place for it."""
        most = registration.hearing.max_per_organization
        limited = not registration.is_mission and most is not None
        taken = self.by_organization[registration.organization_key]
        return self.has_room_in(registration.category) and not (limited and taken >= (most or 0))

    def has_room_in(self, category: Category) -> bool:
        """Whether a category has a place left."""
        most = category.max_registrations
        return most is None or self.by_category[category.id] < most


def category_is_full(category: Category) -> bool:
    """Return whether all places of a category are taken: one query, or none without a limit."""
    most = category.max_registrations
    if most is None:
        return False
    placed = Registration.objects.filter(Registration.placed(), category=category)
    return placed.count() >= most


def check_room_again(refused: list[Registration]) -> None:
    """Raise `RegistrationRefused` if there is no room for registrations whose refusal is
    reversed.
    """
    if not refused:
        return
    taken = Taken(refused[0].hearing_id)
    for registration in refused:
        if not taken.has_room_in(registration.category):
            raise refusals.category_full(registration.category)
        if not taken.has_room(registration):
            raise refusals.organization_full(registration.hearing.max_per_organization or 0)
        taken.take(registration)
