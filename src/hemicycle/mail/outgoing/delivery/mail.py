"""A row of the outbox as mail (RFC 5322): plain text and HTML, calendar entry, attachments."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import frame, unsubscribing
from hemicycle.mail.outgoing.models import Enclosure, Message
from hemicycle.ui import times
from hemicycle.ui.languages import speaking

POLICY = SMTP.clone(max_line_length=78, utf8=False)
BOXES = {
    Message.Purpose.MISSING_STATEMENT: "statements",
    Message.Purpose.PUBLICATION: "publication",
    Message.Purpose.FORECAST: "speakers",
    Message.Purpose.FLOOR_LINK: "speakers",
    Message.Purpose.NOT_REACHED: "statements",
}
"""The mailboxes of a hearing for answers; for other purposes it is the first of `USUAL`."""
USUAL = ("information", "speakers", "statements")
KEPT = (
    *("Message-ID", "In-Reply-To", "References", "Content-Language"),
    *("Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence"),
)
"""Headers that are passed to a mail back end beside sender, recipient and subject."""
_ID = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_URL = re.compile(r"https?://[^\s<>\"”»]+[^\s<>\"”».,;:!?)]")


class Unwritable(ValueError):
    """The message cannot be written as mail; `str()` says why."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A message that is ready to be sent: its envelope and its content."""

    envelope_from: str
    to: str
    message: EmailMessage
    html: str = ""
    calendar: Enclosure | None = None
    enclosures: Sequence[Enclosure] = field(default_factory=tuple)

    @property
    def data(self) -> bytes:
        """The bytes as the server receives them, with lines ended by CR LF."""
        data = self.message.as_bytes(policy=POLICY)
        return data if data.endswith(b"\r\n") else data + b"\r\n"

    def for_django(self) -> Any:
        """Return the message in the form that Django's mail back ends take."""
        from django.core.mail import EmailMultiAlternatives

        own = self.message
        kept = {name: str(own[name]) for name in KEPT if own[name]}
        plain = own.get_body(("plain",))
        mail = EmailMultiAlternatives(
            subject=str(own["Subject"]),
            body=plain.get_content() if plain else "",
            from_email=str(own["From"]),
            to=[str(own["To"])],
            reply_to=[str(own["Reply-To"])] if own["Reply-To"] else None,
            headers=kept,
        )
        mail.attach_alternative(self.html, "text/html")
        if self.calendar:
            entry = MIMEPart(policy=POLICY)
            words, kind = _calendar(self.calendar)
            entry.set_content(words, disposition="attachment", filename=self.calendar.name, **kind)
            mail.attach(entry)
        for enclosure in self.enclosures:
            mail.attach(enclosure.name, bytes(enclosure.content), enclosure.media_type)
        return mail


def host() -> str:
    """Return the host in Message-IDs."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def message_id(message: Message) -> str:
    """Return the Message-ID; it is the same for each attempt, so that reports can be matched."""
    return f"<{message.id.hex}@{host()}>"


def envelope_sender(message: Message) -> str:
    """Return the envelope sender: the address for bounces, with the message's id after a plus."""
    box, _at, domain = (settings.MAIL_BOUNCES or settings.MAIL_FROM).rpartition("@")
    return f"{box}+{message.id.hex}@{domain}" if settings.MAIL_BOUNCES else settings.MAIL_FROM


def write(
    message: Message, hearing: Hearing | None, enclosures: Sequence[Enclosure]
) -> OutgoingMail:
    """Write a row as mail. Raises `Unwritable`."""
    try:
        mail = EmailMessage(policy=POLICY)
        to = spelt(message.address)
        _headers(mail, message, hearing, to)
        html = as_html(message, hearing)
        calendar = next((enclosure for enclosure in enclosures if enclosure.method), None)
        others = [enclosure for enclosure in enclosures if enclosure is not calendar]
        _content(mail, plain(message, hearing), html, calendar, others)
        mail["Content-Language"] = message.language  # last: setting contents removes such headers
    except (ValueError, UnicodeError, LookupError) as error:
        raise Unwritable(str(error) or type(error).__name__) from error
    return OutgoingMail(envelope_sender(message), to, mail, html, calendar, others)


def spelt(address: str) -> str:
    """Return an address in ASCII, with its domain as IDNA (RFC 5890)."""
    box, at, domain = address.rpartition("@")
    if not at or not box.isascii():
        raise Unwritable(f"{address} is not an address that mail servers take")
    return f"{box}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def _headers(mail: EmailMessage, message: Message, hearing: Hearing | None, to: str) -> None:
    box, _at, domain = settings.MAIL_FROM.rpartition("@")
    shown = " ".join(str(hearing).split()) if hearing else "Hemicycle"
    name = " ".join(message.person.name.split()) if message.person else ""
    mail["From"] = Address(shown, box, domain)
    mail["To"] = Address(name, *to.rsplit("@", 1))
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = timezone.localtime(message.begins_at)
    mail["Message-ID"] = message_id(message)
    mail["Auto-Submitted"] = "auto-replied" if message.answers else "auto-generated"
    if _ID.fullmatch(message.answers):  # the id was written by a stranger
        mail["In-Reply-To"] = mail["References"] = f"<{message.answers}>"
    if answers := answers_to(message, hearing):
        mail["Reply-To"] = Address("", *spelt(answers).rsplit("@", 1))
    if message.mailing_id:
        mail["List-Unsubscribe"] = f"<{unsubscribing.url(message)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail["Precedence"] = "bulk"


def answers_to(message: Message, hearing: Hearing | None) -> str:
    """Return the hearing's mailbox for answers; "" without one."""
    return mailbox_for(Message.Purpose(message.purpose), hearing)


def mailbox_for(purpose: Message.Purpose, hearing: Hearing | None) -> str:
    """Return the hearing's mailbox for answers to letters of a purpose; "" without one."""
    boxes: dict[str, str] = hearing.mailboxes if hearing else {}
    wanted = (BOXES.get(purpose, ""), *USUAL)
    return next((boxes[name] for name in wanted if boxes.get(name)), "")


def _content(
    mail: EmailMessage,
    text: str,
    html: str,
    calendar: Enclosure | None,
    others: Sequence[Enclosure],
) -> None:
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    if calendar:
        words, kind = _calendar(calendar)
        mail.add_alternative(words, **kind)
    _attach(mail, others)


def _calendar(entry: Enclosure) -> tuple[str, dict[str, Any]]:
    """Return a calendar entry's text, and the headers of its MIME part (RFC 6047)."""
    return bytes(entry.content).decode(), {
        "subtype": "calendar",
        "params": {"method": entry.method, "name": entry.name},
        "cte": "base64",  # a calendar's lines end in CR LF, which other encodings would change
    }


def _attach(mail: EmailMessage, enclosures: Sequence[Enclosure]) -> None:
    for enclosure in enclosures:
        maintype, _slash, subtype = enclosure.media_type.partition("/")
        mail.add_attachment(
            bytes(enclosure.content),
            maintype=maintype,
            subtype=subtype or "octet-stream",
            filename=enclosure.name,
        )


@contextmanager
def _to_reader(message: Message) -> Iterator[None]:
    """Use the language of a letter, and the time zone of its reader."""
    zone = message.person.time_zone if message.person else ""
    with speaking(message.language), times.reading_in(zone):
        yield


def plain(message: Message, hearing: Hearing | None) -> str:
    """Return the text with its ending, and with the unsubscribe link in letters to lists."""
    with _to_reader(message):
        parts = [
            *frame.reference_line(message.reference),
            message.body,
            *frame.ending(message.body, hearing, answers_to(message, hearing)),
        ]
        if hearing:
            parts.append(frame.page_line(hearing))
        if message.mailing_id:
            parts.append(f"-- \n{unsubscribing.words()} {unsubscribing.url(message)}")
        text = frame.together("\n\n".join(parts))
        return frame.opened_in(message.language, text) + "\n"


def _page(hearing: Hearing | None) -> str:
    return reverse("hearing:page", args=(hearing.slug,)) if hearing else ""


def as_html(message: Message, hearing: Hearing | None) -> str:
    """Return the text as HTML, with its language, direction and links."""
    with _to_reader(message):
        framed = frame.framed(message.body, hearing, answers_to(message, hearing))
        framed = "\n\n".join([*frame.reference_line(message.reference), framed])
        framed = frame.together(framed)
    body = frame.opened_in(message.language, framed)
    context = {
        "message": message,
        "hearing": hearing,
        "paragraphs": [_lines(part) for part in re.split(r"\n\s*\n", body) if part.strip()],
        "page": frame.opened_in(message.language, f"{settings.BASE_URL}{_page(hearing)}"),
        "unsubscribe": frame.opened_in(message.language, unsubscribing.url(message))
        if message.mailing_id
        else "",
    }
    with speaking(message.language):
        return render_to_string("outgoing/mail.html", context)


def _lines(paragraph: str) -> list[list[tuple[str, bool]]]:
    """Return a paragraph's lines, each as parts (text, whether it is a link)."""
    return [list(_pieces(line)) for line in paragraph.strip().split("\n")]


def _pieces(line: str) -> list[tuple[str, bool]]:
    pieces, end = [], 0
    for found in _URL.finditer(line):
        pieces += [(line[end : found.start()], False), (found.group(), True)]
        end = found.end()
    return [piece for piece in [*pieces, (line[end:], False)] if piece[0]]
