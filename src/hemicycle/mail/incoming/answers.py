"""Answers to senders; none to a program, to ourselves, too often, or to a forged address."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from hemicycle.documents.reading.language import guess
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.incoming.checks import authentication
from hemicycle.mail.incoming.handlers import HandlingResult
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.reading import text
from hemicycle.mail.outgoing import frame
from hemicycle.mail.outgoing.actions import queue
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.ui.languages import SOURCE, speaking

MOST_AN_HOUR, MOST_DONE_AN_HOUR = 6, 30
"""The most answers per hour to one address, and the most if an answer reports an action.

Mail from the address is still accepted after that.
"""
_NO_PEOPLE = ("mailer-daemon@", "postmaster@", "noreply@", "no-reply@", "donotreply@")


def may_answer(mail: Mail, most: int = MOST_AN_HOUR) -> bool:
    """Return whether an answer would reach the person who wrote, and cannot start a loop."""
    address = mail.from_address.lower()
    if not address or mail.automatic or authentication.failed(mail.authentic):
        return False
    if "several_senders" in mail.problems:  # the first one named may not have written it
        return False
    if address.startswith(_NO_PEOPLE) or mail.why in {"loop", "duplicate"}:
        return False
    return _answered_lately(address) < most


def _answered_lately(address: str) -> int:
    since = clock.now() - timedelta(hours=1)
    rows = Mail.objects.filter(from_address__iexact=address, received_at__gt=since)
    return rows.exclude(answer=None).count()


def language_of(mail: Mail) -> str:
    """Return the language in which to answer: the sender's, else that of the message.

    An answer goes to the address in the message. So if we do not know who wrote, we may still use
    the language of the person who has that address.
    """
    if mail.person:
        return mail.person.language
    people = Person.objects.filter(email__iexact=mail.from_address).exclude(email="")
    spoken = set(people.values_list("language", flat=True))
    return spoken.pop() if len(spoken) == 1 else guess(text.own(mail.text)) or SOURCE


def give(hearing: Hearing, mail: Mail, outcome: HandlingResult) -> Message | None:
    """Queue the answer in `outcome` to the sender, inside the transaction of the outcome."""
    if not outcome.subject or not may_answer(mail, MOST_DONE_AN_HOUR):
        return None
    return _owe(hearing, mail, outcome.subject, outcome.body, outcome.person)


def waits(hearing: Hearing, mail: Mail) -> Message | None:
    """Tell the sender that a person will read the message, and what they can correct meanwhile."""
    if not may_answer(mail):
        return None
    with speaking(language_of(mail)):
        said = _("We have received your message. A member of the secretariat will read it.")
        body = "\n\n".join(filter(None, (said, _hint(mail.why))))
        return _owe(hearing, mail, _("we have received your message"), body, mail.person)


def refused(hearing: Hearing, mail: Mail, sentence: str) -> Message | None:
    """Tell the sender why the message was not accepted; a person sees it too."""
    if not may_answer(mail):
        return None
    with speaking(language_of(mail)):
        said = _("We have received your message, but could not process it as it is.")
        return _owe(hearing, mail, _("about your message"), f"{said}\n\n{sentence}", mail.person)


def _hint(why: str) -> str:
    return {
        "encrypted": _("It is encrypted and we cannot read it. Please send it unencrypted."),
        "empty": _("It is empty. Did you forget an attachment?"),
        "no_document": _("No document is attached. Please send it as PDF, DOCX, ODT or text."),
        "several_documents": _("Several documents are attached. Please send the statement alone."),
        "virus": _("A virus scanner found something in it, so we have not opened it."),
        "no_statement": _("We have no statement from you yet. Please send it first."),
    }.get(why, "")


def _owe(
    hearing: Hearing, mail: Mail, subject: str, body: str, person: Person | None
) -> Message | None:
    language = person.language if person else language_of(mail)
    with speaking(language):
        greeted = frame.greeted(body, person.name if person else "")
        named = f"{hearing}: {subject}"
    return queue(
        hearing_id=hearing.id,
        purpose=Message.Purpose.RECEIPT,
        subject=named,
        body=greeted,
        person=person,
        address="" if person else mail.from_address,
        language=language,
        answers=mail.message_id,
    )


def is_ours(mail: Mail, own: frozenset[str]) -> bool:
    """Return whether the message claims to come from one of our own addresses."""
    host = (urlsplit(settings.BASE_URL).hostname or "localhost").lower()
    address = mail.from_address.lower()
    return address in own or address.endswith(f"@{host}")
