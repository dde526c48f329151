"""Distribution lists: the secretariat's, and those of apps (`signals.distribution_lists`)."""

from collections.abc import Iterable
from itertools import chain
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import signals
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.models import Mailing, Recipient, Recipients
from hemicycle.mail.outgoing.signals import Addressee, RecipientSource
from hemicycle.record import clock, writer
from hemicycle.ui import territories

OWN = "own:"


def own_lists(hearing: Hearing) -> QuerySet[Recipients]:
    """Return the secretariat's lists, annotated with their size and the number of addresses."""
    reachable = Count("lines", filter=~Q(lines__address=""))
    return Recipients.objects.filter(hearing_id=hearing.id).annotate(
        size=Count("lines"), reachable=reachable
    )


def sources(hearing: Hearing) -> list[RecipientSource]:
    """Return every list to which a letter may go."""
    own = [_source(recipients) for recipients in Recipients.objects.filter(hearing_id=hearing.id)]
    return [*own, *chain.from_iterable(signals.distribution_lists.send(hearing))]


def source(hearing: Hearing, key: str) -> RecipientSource | None:
    """Return the list with that key."""
    return next((source for source in sources(hearing) if source.key == key), None)


def name_of(mailing: Mailing, among: Iterable[RecipientSource]) -> str:
    """Return the name of a letter's list `among` the present lists, in the reader's language.

    If it is no longer one of them, return the name that was stored.
    """
    names = (source.name for source in among if source.key == mailing.source)
    return next(names, stored_name(mailing))


def stored_name(mailing: Mailing) -> str:
    """Return the stored name; one of Hemicycle's own, for no list, is translated from English."""
    has_own = mailing.source or not mailing.source_name
    return mailing.source_name if has_own else _(mailing.source_name)


def lines_of(hearing: Hearing) -> list[Recipient]:
    """Return all lines of the hearing's own lists that have an address, in a stable order."""
    lines = Recipient.objects.filter(recipients__hearing_id=hearing.id)
    return list(lines.exclude(address="").order_by("recipients__made_at", "pk"))


def of_missions(hearing: Hearing) -> list[Recipient]:
    """Return the missions on the hearing's own lists that have an address."""
    lines = Recipient.objects.filter(recipients__hearing_id=hearing.id)
    return list(lines.exclude(country="").exclude(address="").order_by("country", "address"))


def _source(recipients: Recipients) -> RecipientSource:
    return RecipientSource(
        f"{OWN}{recipients.pk.hex}",
        recipients.name,
        lambda: [addressee(line) for line in recipients.lines.all()],
    )


def addressee(line: Recipient) -> Addressee:
    """Return the addressee of a line."""
    return Addressee(line.address, line.name, organization_of(line), line.language or "en", of=line)


def organization_of(line: Recipient) -> str:
    """Return the organization of a line; for a mission, its State in the line's language."""
    if line.organization or not line.country:
        return line.organization
    return territories.name(line.country, line.language or "en")


def make(*, hearing: Hearing, name: str, of_missions: bool, actor: writer.Actor) -> Recipients:
    """Make a list: empty, or with a line for each mission, without addresses."""
    with writer.writing(hearing.id, actor=actor) as record:
        made = Recipients.objects.create(hearing_id=hearing.id, name=name, made_at=clock.now())
        if of_missions:
            codes = (*territories.MEMBERS, *territories.OBSERVERS)
            Recipient.objects.bulk_create(Recipient(recipients=made, country=c) for c in codes)
        tell(record, made)
    return made


def drop(*, recipients: Recipients, actor: writer.Actor) -> None:
    """Delete a list; letters that were sent to it keep its name."""
    with writer.writing(recipients.hearing_id, actor=actor) as record:
        record.append("recipients.changed", {"list": recipients.pk.hex, "lines": 0})
        recipients.delete()


def put(*, recipients: Recipients, line: Recipient, actor: writer.Actor) -> None:
    """Save a line, new or changed."""
    line.recipients, line.address_key = recipients, line.address.casefold()
    with writer.writing(recipients.hearing_id, actor=actor) as record:
        try:
            with transaction.atomic():
                line.save()
        except IntegrityError:
            raise OutgoingRefused(_("This address is already on the list.")) from None
        tell(record, recipients)


def strike(*, recipients: Recipients, lines: list[UUID], actor: writer.Actor) -> int:
    """Remove lines from a list; return their number."""
    with writer.writing(recipients.hearing_id, actor=actor) as record:
        struck, _rows = recipients.lines.filter(pk__in=lines).delete()
        if struck:
            tell(record, recipients)
    return struck


def tell(record: writer.Writer, recipients: Recipients) -> None:
    """Append the entry of a change: the list, and its present length."""
    lines = recipients.lines.count()
    record.append("recipients.changed", {"list": recipients.pk.hex, "lines": lines})


def is_address(text: str) -> bool:
    """Return whether a text is an address that mail servers accept."""
    if not text.rpartition("@")[0].isascii() or len(text) > 254:
        return False
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
