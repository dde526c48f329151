"""What erasure does to messages: those to the person go, sent or not."""

from uuid import UUID

from hemicycle.correspondence.models import Message
from hemicycle.record import erasure
from hemicycle.record.gate import Writer


@erasure.register
def erase_messages(person: UUID, record: Writer) -> list[str]:
    """Delete the hearing's messages to the person; no entry mentions them."""
    Message.objects.filter(person_id=person, hearing_id=record.hearing).delete()
    return []
