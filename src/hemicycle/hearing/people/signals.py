"""Signals of people and sign-in to the apps above: this app knows no hearings and no mail."""

from uuid import UUID

from hemicycle.hearing.people.models import Person
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

message_to_person = Signal[[Person, UUID | None, str, str], None]("message_to_person")
"""Sent with (person, hearing id, subject, body): queue this message for the person.

Sent in the transaction that makes the message true. `mail.outgoing` is its one receiver.
"""

role_taken = Signal[[Writer, Person], None]("role_taken")
"""Sent with (writer, person) when somebody was dismissed from a role, in that transaction."""

hearing_name_asked = Signal[[UUID], str]("hearing_name_asked")
"""Sent with (hearing id): the hearing's name, or "". `hearing.setup` is its one receiver."""


def hearing_name(hearing_id: UUID | None) -> str:
    """The name of a hearing, for the page and the letter by which somebody signs in; or ""."""
    if hearing_id is None:
        return ""
    return next(filter(None, hearing_name_asked.send(hearing_id)), "")
