"""The slots from which a reader may read: of participants on lists, and of panellists."""

from dataclasses import dataclass
from uuid import UUID

from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.people.public_identity import PublicIdentity
from hemicycle.hearing.setup import aliases
from hemicycle.hearing.setup.models import Hearing, PanelMember, Segment
from hemicycle.record.floor import floor_of


@dataclass(frozen=True, slots=True)
class ReadingPlace:
    """A slot, its speaker, and its reader, if one was named."""

    hearing: Hearing
    slot: UUID
    segment: Segment
    person: Person | None
    public: PublicIdentity
    role: Role
    registration: Registration | None
    reader: ProxyReader | None

    @property
    def has_begun(self) -> bool:
        """Whether the floor was ever given to this slot."""
        slot = floor_of(self.segment.meeting_id).slots.get(self.slot.hex)
        return slot is not None and slot.times > 0

    @property
    def has_floor(self) -> bool:
        """Whether someone speaks from this slot now."""
        holder = floor_of(self.segment.meeting_id).holder
        return holder is not None and holder.slot == self.slot.hex

    @property
    def is_over(self) -> bool:
        """Whether the slot's meeting is closed."""
        return floor_of(self.segment.meeting_id).phase == "closed"

    @property
    def stands(self) -> bool:
        """Whether someone may read from this slot: its registration, if any, takes part."""
        return self.registration is None or self.registration.takes_part


def of_registration(registration: Registration) -> list[ReadingPlace]:
    """Return the places of a participant on lists, in the order of the programme."""
    rows = registration.inscriptions.filter(state=Inscription.State.INSCRIBED).select_related(
        "segment__meeting", "speaker", "registration__organization", "registration__hearing"
    )
    found = list(rows.order_by("segment__ordinal"))
    readers = _readers([row.id for row in found])
    return [_of_inscription(row, readers.get(row.id)) for row in found]


def of_member(hearing: Hearing, member: PanelMember) -> list[ReadingPlace]:
    """Return the places of a panellist; a moderator has none, since nobody moderates by reading."""
    seats = [seat.pk for seat in aliases.seats_of(member, hearing.id)]
    rows = PanelMember.objects.filter(pk__in=seats, role=Role.PANELLIST)
    found = list(
        rows.select_related("segment__meeting", "person").order_by("segment__ordinal", "ordinal")
    )
    readers = _readers([row.pk for row in found])
    return [_of_member(hearing, row, readers.get(row.pk)) for row in found]


def of_reader(reader: ProxyReader) -> ReadingPlace | None:
    """Return the place from which a reader reads; None if it no longer exists."""
    rows = Inscription.objects.filter(pk=reader.slot, state=Inscription.State.INSCRIBED)
    row = rows.select_related(
        "segment__meeting", "speaker", "registration__organization", "registration__hearing"
    ).first()
    if row is not None:
        return _of_inscription(row, reader)
    seats = PanelMember.objects.filter(pk=reader.slot, role=Role.PANELLIST)
    seat = seats.select_related("segment__meeting", "person").first()
    return _of_member(reader.hearing, seat, reader) if seat else None


def _readers(slots: list[UUID]) -> dict[UUID, ProxyReader]:
    rows = ProxyReader.objects.filter(slot__in=slots).select_related("person", "hearing")
    return {row.slot: row for row in rows}


def _of_inscription(row: Inscription, reader: ProxyReader | None) -> ReadingPlace:
    registration = row.registration
    public = registration.public_identity(row.speaker)
    return ReadingPlace(
        hearing=registration.hearing,
        slot=row.id,
        segment=row.segment,
        person=row.speaker,
        public=public,
        role=Role.SPEAKER,
        registration=registration,
        reader=reader,
    )


def _of_member(hearing: Hearing, row: PanelMember, reader: ProxyReader | None) -> ReadingPlace:
    return ReadingPlace(
        hearing=hearing,
        slot=row.pk,
        segment=row.segment,
        person=row.person,
        public=row.public,
        role=Role.PANELLIST,
        registration=None,
        reader=reader,
    )
