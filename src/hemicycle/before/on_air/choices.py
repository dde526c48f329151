"""Choices of what is seen and heard of a person: who may choose, until when, and the default.

The media engine enforces them (`engine.protection`); they do not depend on any page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.on_air.entry_types import CHOSEN
from hemicycle.before.on_air.models import OnAirChoice
from hemicycle.before.on_air.signals import choice_changed
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.engine.protection import OPEN, Protection
from hemicycle.hearing.setup import aliases
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record import writer
from hemicycle.record.floor import floor_of

SUGGESTED: Final = Protection("card", "changed")
"""What applies to a person with an alias who has chosen nothing."""


class ChoiceRefused(Exception):
    """A choice that cannot be made now; `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Subject:
    """The person whose choice it is: a participant, or a panellist or moderator with all seats.

    `owners` are the ids of the registration or the panel members for which the choice is stored,
    `slots` the ids of the places by meeting.
    """

    hearing: Hearing
    alias: str
    owners: tuple[UUID, ...]
    slots: Mapping[UUID, frozenset[UUID]]

    @classmethod
    def of_registration(cls, registration: Registration) -> "Subject":
        """Return the subject for a participant, with all their inscriptions."""
        rows = registration.inscriptions.values_list("segment__meeting", "id")
        return cls(registration.hearing, registration.alias, (registration.id,), _by_meeting(rows))

    @classmethod
    def of_member(cls, hearing: Hearing, member: PanelMember) -> "Subject":
        """Return the subject for a panellist or moderator, with all their seats."""
        seats = aliases.seats_of(member, hearing.id)
        rows = PanelMember.objects.filter(pk__in=[seat.pk for seat in seats])
        pairs = rows.values_list("segment__meeting", "id")
        owners = tuple(seat.pk for seat in seats)
        return cls(hearing, member.alias, owners, _by_meeting(pairs))

    @classmethod
    def of_slot(cls, hearing: Hearing, slot: UUID) -> "Subject | None":
        """Return the subject who speaks from a slot; None if the hearing has no such slot."""
        places = Inscription.objects.filter(hearing_id=hearing.id, pk=slot)
        place = places.select_related("registration__hearing").first()
        if place is not None:
            return cls.of_registration(place.registration)
        seats = PanelMember.objects.filter(segment__meeting__hearing=hearing, pk=slot)
        member = seats.first()
        return cls.of_member(hearing, member) if member else None

    @property
    def all_slots(self) -> list[str]:
        """The ids of all places, in hexadecimal."""
        return sorted(slot.hex for slots in self.slots.values() for slot in slots)

    @property
    def chosen(self) -> OnAirChoice | None:
        """The stored choice; None if there is none."""
        return OnAirChoice.objects.filter(owner__in=self.owners).first()

    @property
    def protection(self) -> Protection:
        """The protection that applies."""
        return applies(self.chosen, self.alias)

    @property
    def has_begun(self) -> bool:
        """Whether the floor was ever given to one of the places."""
        return any(
            slot.hex in floor.slots and floor.slots[slot.hex].times > 0
            for meeting, slots in self.slots.items()
            for floor in (floor_of(meeting),)
            for slot in slots
        )


def _by_meeting(rows: object) -> dict[UUID, frozenset[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for meeting, slot in rows:  # type: ignore[attr-defined] # a query's rows
        found.setdefault(meeting, set()).add(slot)
    return {meeting: frozenset(slots) for meeting, slots in found.items()}


def applies(chosen: OnAirChoice | None, alias: str) -> Protection:
    """Return what applies to a person: their choice, or else what an alias suggests."""
    if chosen is not None:
        return chosen.protection
    return SUGGESTED if alias else OPEN


def choose(subject: Subject, wanted: Protection, *, actor: writer.Actor) -> Protection:
    """Store a choice; return what applies now.

    Once one of their slots has had the floor, a choice may hide more of the person but not less.
    Raises `ChoiceRefused` with nothing changed.
    """
    with writer.writing(subject.hearing.id, actor=actor) as record:
        chosen = subject.chosen
        before = applies(chosen, subject.alias)
        if wanted.is_looser_than(before) and subject.has_begun:
            raise ChoiceRefused(
                _(
                    "You can now only make your protection stricter, not looser. Nothing was "
                    "changed."
                )
            )
        if chosen is not None and before == wanted:
            return wanted
        for owner in subject.owners:
            OnAirChoice.objects.update_or_create(
                owner=owner,
                defaults={
                    "hearing": subject.hearing,
                    "camera": wanted.camera,
                    "voice": wanted.voice,
                },
            )
        body = {"owner": subject.owners[0].hex, "slots": subject.all_slots}
        record.append(CHOSEN, body)
        for registration in Registration.objects.filter(pk__in=subject.owners):
            choice_changed.send(record, registration)
    return wanted


def protect(subject: Subject, *, actor: writer.Actor) -> Protection:
    """Protect a person at least as `SUGGESTED` does, also while they speak."""
    return choose(subject, subject.protection.with_stricter(SUGGESTED), actor=actor)


def unite(record: writer.Writer, kept: Registration, left: Registration) -> None:
    """Store the stricter choice of two merged registrations for `kept`, the one that stays."""
    subject = Subject.of_registration(kept)
    wanted = subject.protection.with_stricter(Subject.of_registration(left).protection)
    if wanted == OPEN:
        return
    OnAirChoice.objects.update_or_create(
        owner=kept.pk,
        defaults={"hearing": kept.hearing, "camera": wanted.camera, "voice": wanted.voice},
    )
    record.append(CHOSEN, {"owner": kept.pk.hex, "slots": subject.all_slots})
    choice_changed.send(record, kept)


def protected(hearing: UUID) -> dict[str, Protection]:
    """Return, by slot id, what applies to each slot of a hearing with any protection."""
    chosen = {row.owner: row for row in OnAirChoice.objects.filter(hearing=hearing)}
    places = Inscription.objects.filter(hearing_id=hearing)
    seats = PanelMember.objects.filter(segment__meeting__hearing=hearing)
    rows = [
        *places.values_list("id", "registration", "registration__alias"),
        *seats.values_list("id", "id", "alias"),
    ]
    found = {slot.hex: applies(chosen.get(owner), alias) for slot, owner, alias in rows}
    return {slot: protection for slot, protection in found.items() if protection != OPEN}


def of_seat(hearing: UUID, *, slot: str = "", registration: str = "") -> Protection:
    """Return what applies to a connection: the stricter protection of its slot and registration."""
    found = protected(hearing).get(slot, OPEN) if slot else OPEN
    if registration:
        row = Registration.objects.filter(pk=UUID(hex=registration)).first()
        if row is not None:
            chosen = OnAirChoice.objects.filter(owner=row.pk).first()
            found = found.with_stricter(applies(chosen, row.alias))
    return found
