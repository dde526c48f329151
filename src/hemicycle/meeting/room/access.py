"""Who may use the pages of those who run a meeting, and follow its feeds.

A feed stays open after its page was loaded. Its token names the session or the personal link that
opened the page. The feed ends when this access ends: with the role, the place, the hearing or the
session.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from hemicycle.before.readers import places
from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.people import sessions
from hemicycle.hearing.people.access import sessions_in
from hemicycle.hearing.people.models import Appointment, Duty, Role, SignInSession
from hemicycle.hearing.setup.models import SEAT_ROLE, Hearing, PanelMember

PRESSING = (Role.MODERATOR, Role.SECRETARIAT)
"""The roles that may press the keys of the console."""

WATCHING = (*PRESSING, Role.TECHNICIAN, Role.INTERPRETER)
"""The roles that see the console and the hall with picture and sound."""

NEEDS_PRESSING = frozenset({Duty.LISTS})
"""The duties that an officer of the secretariat needs to press the keys."""

TENDING = (Role.TECHNICIAN, Role.SECRETARIAT)
"""The roles that see the technician's page."""

NEEDS_TENDING = frozenset({Duty.MEDIA})
"""The duties that an officer of the secretariat needs to see it."""

STOPPING = (*PRESSING, Role.TECHNICIAN)
"""The roles that may stop and resume the public feed; any officer may, so nobody has to wait."""

_BY_LINK = "link"
_BY_READER = "reader"


def holder_of(request: HttpRequest) -> str:
    """Return the holder of the token of a page that was opened after signing in."""
    return sessions.holder(request)


def holder_by_link(registration: Registration) -> str:
    """Return the token's holder for a page opened by a personal link, valid until it is renewed."""
    return f"{_BY_LINK}:{registration.id.hex}:{registration.link_hash[:32]}"


def holder_by_reader(reader: ProxyReader) -> str:
    """Return the holder of the token of a page that a reader's link opened.

    It is valid until the speaker takes back the seat.
    """
    return f"{_BY_READER}:{reader.id.hex}:{reader.link_hash[:32]}"


def welcome_in_room(hearing: UUID, holders: frozenset[str]) -> frozenset[str]:
    """Return those of `holders`, the followers of the room, who may watch a meeting now."""
    by_id = _sessions(holders)
    return frozenset(by_id[pk] for pk in sessions_in(hearing, by_id, WATCHING))


def welcome_at_seats(hearing: UUID, holders: frozenset[str]) -> frozenset[str]:
    """Return those of `holders`, the followers from seats, who have a seat now.

    Returns none once the hearing has ended.
    """
    if not Hearing.every.filter(pk=hearing, status=Hearing.Status.PUBLISHED).exists():
        return frozenset()
    by_id = _sessions(holders)
    seated = sessions_in(hearing, by_id, Role) & set(_seated(hearing, by_id))
    by_links = _welcome_links(hearing, holders) | _welcome_readers(hearing, holders)
    return frozenset(by_id[pk] for pk in seated) | by_links


def _sessions(holders: frozenset[str]) -> dict[UUID, str]:
    return {UUID(hex=holder): holder for holder in holders if _is_id(holder)}


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(digit in "0123456789abcdef" for digit in text)


def _seated(hearing: UUID, ids: dict[UUID, str]) -> list[UUID]:
    """Return the sessions of people with a seat: on a panel by a role they hold, or on a list."""
    held = Appointment.objects.filter(
        person=OuterRef("person"), hearing_id=hearing, role=OuterRef("comes_as")
    )
    seats = PanelMember.objects.alias(comes_as=SEAT_ROLE)
    on_panels = seats.filter(Exists(held), segment__meeting__hearing=hearing)
    on_lists = Inscription.objects.filter(
        Registration.taking_part("registration__"),
        hearing_id=hearing,
        state=Inscription.State.INSCRIBED,
    )
    people = (
        Q(person__in=on_panels.values("person"))
        | Q(person__in=on_lists.values("speaker"))
        | Q(person__in=on_lists.values("registration__person"))
    )
    rows = SignInSession.objects.filter(people, pk__in=list(ids))
    return list(rows.values_list("pk", flat=True))


def _welcome_links(hearing: UUID, holders: frozenset[str]) -> frozenset[str]:
    trained = PanelMember.objects.filter(
        person=OuterRef("person"), segment__meeting__hearing=hearing
    )
    rows = Registration.objects.filter(
        Q(hearing_id=hearing) | Q(Exists(trained), hearing__training_rooms=hearing),
        Registration.taking_part(),
        pk__in=_named(_BY_LINK, holders),
    )
    good = {holder_by_link(registration) for registration in rows}
    return holders & good


def _welcome_readers(hearing: UUID, holders: frozenset[str]) -> frozenset[str]:
    named = _named(_BY_READER, holders)
    if not named:
        return frozenset()
    rows = ProxyReader.objects.filter(pk__in=named, hearing=hearing).select_related("hearing")
    found = ((reader, places.of_reader(reader)) for reader in rows)
    good = {holder_by_reader(reader) for reader, place in found if place and place.stands}
    return holders & good


def _named(kind: str, holders: frozenset[str]) -> list[UUID]:
    """Return the row ids in those holders whose pages were opened by a link of this kind."""
    return [
        UUID(hex=parts[1])
        for holder in holders
        if (parts := holder.split(":"))[0] == kind and len(parts) == 3 and _is_id(parts[1])
    ]
