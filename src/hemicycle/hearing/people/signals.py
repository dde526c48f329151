"""Signals about people and sign-in to higher apps: this app does not import hearings or mail."""

from uuid import UUID

from hemicycle.hearing.people.models import Person
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

message_to_person = Signal[[Person, UUID | None, str, str], None]("message_to_person")
"""Sent with (person, hearing id, subject, body): queue this message for the person.

It is sent in the transaction of the change that the message reports. `mail.outgoing` is the only
receiver.
"""

role_taken = Signal[[Writer, Person], None]("role_taken")
"""Sent with (writer, person) when a person was dismissed from a role, in that transaction."""

hearing_name_asked = Signal[[UUID], str]("hearing_name_asked")
"""Sent with (hearing id): the hearing's name, or "". `hearing.setup` is the only receiver."""


def hearing_name(hearing_id: UUID | None) -> str:
    """Return the name of a hearing, for the page and the letter of a sign-in; or ""."""
    if hearing_id is None:
        return ""
    return next(filter(None, hearing_name_asked.send(hearing_id)), "")
