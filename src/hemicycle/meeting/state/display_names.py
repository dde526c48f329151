"""The names behind the slots of a floor, which knows slots by their ids alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.registration.models import Inscription
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.procedure.state import Slot


@dataclass(frozen=True, slots=True)
class DisplayName:
    """What people are shown of a slot: of a speaker with an alias, the alias alone."""

    name: str
    organization: str
    title: str = ""
    country: str = ""


def display_names(slots: Iterable[Slot]) -> dict[str, DisplayName]:
    """Return the names of slots by slot id, in two queries.

    A slot whose rows were erased is called "Name erased".
    """
    wanted = {slot.id: slot for slot in slots}
    ids = [UUID(hex=id) for id in wanted]
    found = {**_speakers(ids), **_panel(ids)}
    erased = DisplayName(name=_("Name erased"), organization="")
    return {id: found.get(id, erased) for id in wanted}


def _speakers(ids: list[UUID]) -> dict[str, DisplayName]:
    rows = Inscription.objects.filter(id__in=ids).select_related(
        "speaker", "registration__organization"
    )
    return {
        row.id.hex: DisplayName(
            name=row.speaker.name,
            organization=row.registration.organization.name,
            title=row.speaker.title,
            country=row.registration.organization.country,
        )
        if not row.registration.alias
        else DisplayName(name=row.registration.alias, organization="")
        for row in rows
    }


def _panel(ids: list[UUID]) -> dict[str, DisplayName]:
    rows = PanelMember.objects.filter(id__in=ids)
    return {
        row.id.hex: DisplayName(name=row.name, organization=row.title, title=row.topic)
        for row in rows
    }
