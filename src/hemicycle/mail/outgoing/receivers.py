"""Receivers of other apps' signals, such as the erasure of a person."""

from collections.abc import Collection
from uuid import UUID, uuid4

from django.db.models import Q

from hemicycle.hearing.exports import tables
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.people.signals import message_to_person
from hemicycle.hearing.setup.beginning import LETTERS, LISTS
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import (
    change_notices,
    hearing_copied,
    office_search,
    overview_tasks,
    retention_over,
)
from hemicycle.mail.outgoing import actions, announcing, calendar_entries, mailings, outbox, wording
from hemicycle.mail.outgoing.models import (
    CalendarEntry,
    Enclosure,
    Import,
    Letterhead,
    Message,
    Recipient,
    Recipients,
    Unsubscribed,
    Wording,
)
from hemicycle.mail.outgoing.signals import sender_chores
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

ACTED_UPON = ("message.retried", "message.cancelled", "message.settled")

message_to_person.connect(actions.send_link)
sender_chores.connect(calendar_entries.bring_up_to_date)
change_notices.connect(wording.notices)
overview_tasks.connect(announcing.tasks)
overview_tasks.connect(mailings.tasks)
office_search.connect(outbox.found)
tables.register(outbox.TABLE)


@person_erased.connect
def erase_messages(person: UUID, record: Writer) -> list[str]:
    """Delete the hearing's messages to the person, with files that only these messages have.

    Return the ids that entries name: only the messages on which the secretariat acted.
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


@hearing_copied.connect
def copy_lists_and_letters(
    record: Writer, source: Hearing, copy: Hearing, parts: Collection[str]
) -> None:
    """Copy the secretariat's lists with the addresses that have unsubscribed, and its own texts."""
    if LISTS in parts:
        _copy_lists(source, copy)
    if LETTERS in parts:
        for text in Wording.objects.filter(hearing_id=source.pk):
            text.pk, text.hearing_id, text.changed_at = uuid4(), copy.pk, clock.now()
            text.save(force_insert=True)
        # The pattern of references is left out: the copy would repeat numbers of the source.
        for letterhead in Letterhead.objects.filter(hearing_id=source.pk):
            letterhead.pk, letterhead.hearing_id = uuid4(), copy.pk
            letterhead.save(force_insert=True)


def _copy_lists(source: Hearing, copy: Hearing) -> None:
    for recipients in Recipients.objects.filter(hearing_id=source.pk):
        lines = list(recipients.lines.all())
        recipients.pk, recipients.hearing_id, recipients.made_at = uuid4(), copy.pk, clock.now()
        recipients.save(force_insert=True)
        for line in lines:
            line.pk, line.recipients = uuid4(), recipients
        Recipient.objects.bulk_create(lines, batch_size=500)
    gone = list(Unsubscribed.objects.filter(hearing_id=source.pk))
    for row in gone:
        row.pk, row.hearing_id = None, copy.pk
    Unsubscribed.objects.bulk_create(gone, batch_size=500)


@retention_over.connect
def clear_letters(hearing: Hearing) -> int:
    """Delete a hearing's lists of recipients, its letters, and its letterheads with signatories."""
    number = 0
    for rows in (
        Message.objects.filter(hearing_id=hearing.pk),
        Enclosure.objects.filter(hearing_id=hearing.pk),
        Recipient.objects.filter(recipients__hearing_id=hearing.pk),
        Import.objects.filter(recipients__hearing_id=hearing.pk),
        Unsubscribed.objects.filter(hearing_id=hearing.pk),
        Letterhead.objects.filter(hearing_id=hearing.pk),
    ):
        number += rows.delete()[0]
    return number


def _to(person: UUID, hearing: UUID) -> Q:
    """Return a filter for messages to the person, or without a person to their address."""
    address = Person.objects.filter(pk=person).values_list("email", flat=True).first()
    if not address:
        return Q(person_id=person)
    key = address.casefold()
    Recipient.objects.filter(recipients__hearing_id=hearing, address_key=key).delete()
    Unsubscribed.objects.filter(hearing_id=hearing, address_key=key).delete()
    return Q(person_id=person) | Q(person=None, address__iexact=address)
