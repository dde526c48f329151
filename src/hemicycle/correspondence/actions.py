"""Queueing messages. Call inside the transaction of the act that causes the message."""

from uuid import UUID

from hemicycle.correspondence.models import Message
from hemicycle.parties.models import Person
from hemicycle.record import clock


def queue(
    *,
    hearing_id: UUID | None,
    purpose: Message.Purpose,
    subject: str,
    body: str,
    person: Person | None = None,
    address: str = "",
) -> Message | None:
    """Owe a message to a person (or to an address alone); None where there is no address."""
    to = address or (person.email if person else "")
    if not to:
        return None
    return Message.objects.create(
        hearing_id=hearing_id,
        person=person,
        address=to,
        purpose=purpose,
        language=person.language if person else "en",
        subject=" ".join(subject.split())[:400],
        body=body,
        queued_at=clock.now(),
    )


def send_link(person: Person, hearing_id: UUID | None, subject: str, body: str) -> None:
    """Owe a person the link that signs them in."""
    queue(
        hearing_id=hearing_id,
        purpose=Message.Purpose.SIGN_IN,
        subject=subject,
        body=body,
        person=person,
    )
