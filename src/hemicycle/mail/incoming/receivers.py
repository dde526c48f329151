"""Receivers that add incoming mail to the secretariat's pages, and erase a person's mail."""

from uuid import UUID

from django.db.models import Q

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.signals import overview_tasks, personal_holdings, retention_over
from hemicycle.mail.incoming import cards
from hemicycle.mail.incoming.housekeeping import blank, clear_mail
from hemicycle.mail.incoming.models import Mail
from hemicycle.record import erasure
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

overview_tasks.connect(cards.tasks)
personal_holdings.connect(cards.holdings)
retention_over.connect(clear_mail)


@person_erased.connect
def erase_mail(person: UUID, record: Writer) -> list[str]:
    """Delete the mail that a person sent (file, text, names); the rows without them remain."""
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
