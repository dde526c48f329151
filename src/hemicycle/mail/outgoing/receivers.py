"""What outgoing mail does when others' signals are sent, erasing a person among them."""

from uuid import UUID

from django.db.models import Q

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.signals import message_to_person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import retention_over
from hemicycle.mail.outgoing import actions, calendar_entries
from hemicycle.mail.outgoing.models import (
    CalendarEntry,
    Enclosure,
    Import,
    Message,
    Recipient,
    Unsubscribed,
)
from hemicycle.mail.outgoing.signals import sender_chores
from hemicycle.record.models import Entry
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

ACTED_UPON = ("message.retried", "message.cancelled", "message.settled")

message_to_person.connect(actions.send_link)
sender_chores.connect(calendar_entries.bring_up_to_date)


@person_erased.connect
def erase_messages(person: UUID, record: Writer) -> list[str]:
    """Delete the hearing's messages to the person, with files that were theirs alone.

    Entries name only the few messages that the secretariat acted on: those ids are returned.
    """
    rows = Message.objects.filter(_to(person, record.hearing), hearing_id=record.hearing)
    ids = set(rows.values_list("pk", flat=True))
    enclosures = Enclosure.objects.filter(messages__in=ids)
    own = set(enclosures.values_list("pk", flat=True))
    CalendarEntry.objects.filter(person_id=person, hearing_id=record.hearing).delete()
    rows.delete()
    Enclosure.objects.filter(pk__in=own, messages=None).delete()
    acted = Entry.objects.filter(hearing=record.hearing, kind__in=ACTED_UPON)
    named = {entry.fields()["message"] for entry in acted}
    return [pk.hex for pk in ids if pk.hex in named]


@retention_over.connect
def clear_letters(hearing: Hearing) -> int:
    """Delete a hearing's lists of recipients and the letters that were sent to them."""
    number = 0
    for rows in (
        Message.objects.filter(hearing_id=hearing.pk),
        Enclosure.objects.filter(hearing_id=hearing.pk),
        Recipient.objects.filter(recipients__hearing_id=hearing.pk),
        Import.objects.filter(recipients__hearing_id=hearing.pk),
        Unsubscribed.objects.filter(hearing_id=hearing.pk),
    ):
        number += rows.delete()[0]
    return number


def _to(person: UUID, hearing: UUID) -> Q:
    """Return messages to the person, or to their address without a person."""
    address = Person.objects.filter(pk=person).values_list("email", flat=True).first()
    if not address:
        return Q(person_id=person)
    key = address.casefold()
    Recipient.objects.filter(recipients__hearing_id=hearing, address_key=key).delete()
    Unsubscribed.objects.filter(hearing_id=hearing, address_key=key).delete()
    return Q(person_id=person) | Q(person=None, address__iexact=address)
