"""Entries about mail that came in, and what erasing a person does to it."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from hemicycle.hearing.people.models import Person
from hemicycle.mail.incoming.models import Mail
from hemicycle.record import erasure
from hemicycle.record.entry_registry import declare, ids_only
from hemicycle.record.writer import Writer

RECEIVED = declare(
    "mail.received",
    *("mail", "purpose", "received", "state", "why", "registration", "confidence"),
    erasure=ids_only("mail", "registration"),
).name
DECIDED = declare(
    "mail.decided",
    *("mail", "purpose", "state", "why", "registration", "note"),
    erasure=ids_only("mail", "registration", "note"),
).name


@erasure.register
def erase(person: UUID, record: Writer) -> list[str]:
    """Delete what a person sent: the file, the words, the names; that it came stays true."""
    email = Person.objects.filter(pk=person).values_list("email", flat=True).first()
    theirs = Q(person_id=person)
    if email:
        theirs |= Q(from_address__iexact=email) | Q(sender__iexact=email)
    ids: list[str] = []
    for mail in Mail.objects.filter(theirs, hearing_id=record.hearing):
        ids.append(mail.id.hex)
        if mail.note:
            erasure.erase_note(record, mail.note)
        blank(mail)
    return ids


def blank(mail: Mail) -> None:
    """Take out of a row all that its sender wrote, and delete its file once that is certain."""
    from hemicycle.mail.incoming.receiving.store import forget

    shared = Mail.objects.filter(file=mail.file).exclude(pk=mail.pk).exists()
    if mail.file and not shared:
        transaction.on_commit(partial(forget, mail.file))
    for field in ("file", "sender", "peer", "helo", "message_id", "from_name", "from_address"):
        setattr(mail, field, "")
    mail.subject = mail.text = mail.content_key = ""
    mail.recipients, mail.attachments, mail.candidates, mail.draft = [], [], [], {}
    if mail.state in {Mail.State.STORED, Mail.State.WAITING}:
        mail.state, mail.why = Mail.State.ASIDE, "by_person"
    mail.save()
