"""The names of the slots of a floor, which knows slots only by their ids."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.readers.queries import ReaderCredit, readings
from hemicycle.before.registration.models import Inscription
from hemicycle.before.registration.queries import under_alias
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.public_identity import PublicIdentity
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.procedure.state import Slot


@dataclass(frozen=True, slots=True)
class DisplayName:
    """The texts that pages show of a slot: for a speaker with an alias, only the alias."""

    name: str
    organization: str
    title: str = ""
    country: str = ""
    is_alias: bool = False
    chairs: bool = False
    """Whether this slot chairs the segment."""
    reading: ReaderCredit | None = None
    """The reader, if another person reads from the slot."""

    @property
    def detail(self) -> str:
        """The text under the name, in one line of the active language."""
        role = _("Chair") if self.chairs else ""
        parts = (role, self.organization, str(self.reading or ""))
        return " · ".join(part for part in parts if part)


def display_names(slots: Iterable[Slot]) -> dict[str, DisplayName]:
    """Return the names of slots by slot id, in three queries.

    A slot whose rows were erased is called "Name erased".
    """
    wanted = {slot.id: slot for slot in slots}
    ids = [UUID(hex=id) for id in wanted]
    found = {**_speakers(ids), **_panel(ids)}
    for slot, reading in readings(ids).items():
        if slot.hex in found:
            found[slot.hex] = replace(found[slot.hex], reading=reading)
    erased = DisplayName(name=_("Name erased"), organization="")
    return {id: found.get(id, erased) for id in wanted}


def names_of_people(hearing: UUID, persons: Iterable[str]) -> dict[str, DisplayName]:
    """Return the names of people of a hearing by person id, in four queries.

    A person with an alias, on a list or on a panel, has only the alias as a name, even after
    someone else has taken their place.
    """
    ids = [UUID(hex=person) for person in persons if person]
    found = {
        row.id.hex: DisplayName(name=row.name, organization="")
        for row in Person.objects.filter(pk__in=ids)
    }
    members = PanelMember.objects.filter(segment__meeting__hearing=hearing, person__in=ids).exclude(
        alias=""
    )
    found |= {row.person_id.hex: _of(row.public) for row in members if row.person_id}
    listed = under_alias(hearing, ids)
    return found | {person.hex: _of(row.public_identity()) for person, row in listed}


def _speakers(ids: list[UUID]) -> dict[str, DisplayName]:
    rows = Inscription.objects.filter(id__in=ids).select_related(
        "speaker", "registration__organization"
    )
    return {row.id.hex: _of(row.registration.public_identity(row.speaker)) for row in rows}


def _of(public: PublicIdentity) -> DisplayName:
    return DisplayName(
        name=public.name,
        organization=public.organization,
        title=public.title,
        country=public.country,
        is_alias=public.is_alias,
    )


def _panel(ids: list[UUID]) -> dict[str, DisplayName]:
    rows = PanelMember.objects.filter(id__in=ids).select_related("person")
    return {
        row.id.hex: DisplayName(
            name=row.public.name,
            organization=row.public.title,
            title=row.public_topic,
            is_alias=row.public.is_alias,
            chairs=row.role == row.CHAIR,
        )
        for row in rows
    }
