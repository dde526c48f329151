"""Mail that arrives without a listener: stored by the same code, then processed."""

from __future__ import annotations

from email.message import EmailMessage

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person
from hemicycle.mail.incoming import addresses, processing
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.receiving import store


def stored(
    message: EmailMessage | bytes,
    *to: str,
    sender: str = "ana@relief.example.org",
    source: Mail.Source = Mail.Source.LMTP,
) -> list[Mail]:
    """Store a message as a listener does; return its rows, which are not processed."""
    raw = message if isinstance(message, bytes) else bytes(message)
    named = to or (str(message["To"]),) if isinstance(message, EmailMessage) else to
    known = addresses.read()
    found = [one for address in named for one in known.get(addresses.split(address)[0], ())]
    envelope = store.Envelope(source, sender, named, addresses.chosen(found))
    return Mail.objects.bulk_create(store.rows(raw, store.write(raw), envelope))


def arrived(message: EmailMessage | bytes, *to: str, **more: object) -> Mail:
    """Store a message and process it; return the first of its rows."""
    rows = stored(message, *to, **more)  # type: ignore[arg-type]
    for row in rows:
        processing.process(row.pk)
    return Mail.objects.select_related("answer").get(pk=rows[0].pk)


def known_as(registration: Registration, address: str) -> Registration:
    """Give the registration's person an address; return the registration."""
    Person.objects.filter(pk=registration.person_id).update(email=address)
    registration.person.email = address
    return registration
