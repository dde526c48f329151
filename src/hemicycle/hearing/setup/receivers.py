"""What the programme does when others' signals are sent."""

from uuid import UUID

from hemicycle.hearing.jobs import kinds
from hemicycle.hearing.people.signals import hearing_name_asked
from hemicycle.hearing.setup import note_uploads
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.hearing.setup.queries import name_of
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

NOBODY = "—"

hearing_name_asked.connect(name_of)
kinds.register(note_uploads.READING)


@person_erased.connect
def erase_panel_member(person: UUID, record: Writer) -> list[str]:
    """Blank the person's seats on panels; the seats stay, since questions hang on them."""
    seats = PanelMember.objects.filter(person_id=person, segment__meeting__hearing=record.hearing)
    ids = [seat.hex for seat in seats.values_list("id", flat=True)]
    seats.update(name=NOBODY, alias="", title="", topic="", person=None)
    return ids
