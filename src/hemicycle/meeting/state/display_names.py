"""Who stands behind a slot: the names that the floor itself does not know."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from hemicycle.before.speakers.models import Inscription
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.procedure.state import Slot


@dataclass(frozen=True, slots=True)
class Face:
    """What people are shown of a slot: of one who appears under an alias, the alias alone."""

    name: str
    organization: str
    title: str = ""
    country: str = ""


def faces(slots: Iterable[Slot]) -> dict[str, Face]:
    """The faces of slots, by their ids, in two queries; one whose rows were erased has no name."""
    wanted = {slot.id: slot for slot in slots}
    ids = [UUID(hex=id) for id in wanted]
    found = {**_speakers(ids), **_panel(ids)}
    nobody = Face(name=_("Name erased"), organization="")
    return {id: found.get(id, nobody) for id in wanted}


def _speakers(ids: list[UUID]) -> dict[str, Face]:
    rows = Inscription.objects.filter(id__in=ids).select_related(
        "speaker", "registration__organization"
    )
    return {
        row.id.hex: Face(
            name=row.speaker.name,
            organization=row.registration.organization.name,
            title=row.speaker.title,
            country=row.registration.organization.country,
        )
        if not row.registration.alias
        else Face(name=row.registration.alias, organization="")
        for row in rows
    }


def _panel(ids: list[UUID]) -> dict[str, Face]:
    rows = PanelMember.objects.filter(id__in=ids)
    return {
        row.id.hex: Face(name=row.name, organization=row.title, title=row.topic) for row in rows
    }
