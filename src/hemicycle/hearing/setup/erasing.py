"""What erasure does to the programme: a moderator or panellist loses their name there."""

from uuid import UUID

from hemicycle.hearing.setup.models import PanelMember
from hemicycle.record import erasure
from hemicycle.record.writer import Writer

NOBODY = "—"


@erasure.register
def erase_panel_member(person: UUID, record: Writer) -> list[str]:
    """Blank the person's seats on panels; the seats stay, since questions hang on them."""
    seats = PanelMember.objects.filter(person_id=person, segment__meeting__hearing=record.hearing)
    ids = [seat.hex for seat in seats.values_list("id", flat=True)]
    seats.update(name=NOBODY, title="", topic="", person=None)
    return ids
