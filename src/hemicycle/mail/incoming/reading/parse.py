"""Parse the bytes of a message into a `ParsedMail`; no content raises an exception.

Runs in a separate process (`worker`), since the bytes may come from anybody.
"""

from contextlib import suppress
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser

from hemicycle.mail.incoming.reading import automatic, headers, parts
from hemicycle.mail.incoming.reading.parsed import ParsedMail

MOST_HEADERS = 256 * 1024
"""The most bytes of headers; a message with more is not parsed."""


def parse(raw: bytes, sender: str | None = None, *, opens: bool = True) -> ParsedMail:
    """Parse a message; `sender` is the envelope's, None without an envelope.

    With `opens` false, HTML and Outlook's containers stay unread. A message that cannot be parsed
    at all has the problem `unreadable`.
    """
    try:
        return _mail_of(_parsed(raw), sender, opens=opens)
    except (*headers.BROKEN, MemoryError):
        return head_alone(raw, sender)


def head_alone(raw: bytes, sender: str | None) -> ParsedMail:
    """Parse only the headers of a message whose parts cannot be parsed."""
    with suppress(*headers.BROKEN):
        message = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:MOST_HEADERS])
        name, address = (headers.addresses(message, "From") or [("", "")])[0]
        return ParsedMail(
            message_id=next(iter(headers.ids(message, "Message-ID")), ""),
            from_name=name[:400],
            from_address=address[:320],
            subject=headers.text(message, "Subject")[:400],
            automatic=automatic.kind(message, sender),
            results=tuple(headers.raw(message, "Authentication-Results")),
            problems=("unreadable",),
        )
    return ParsedMail(problems=("unreadable",))


def _parsed(raw: bytes) -> Message:
    # compat32 keeps headers as they were written. The modern policy's own header parser raises for
    # some that strangers send; `headers` reads them instead, one at a time.
    end = min(
        (at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0), default=len(raw)
    )
    if end > MOST_HEADERS:
        raise ValueError("too many headers")
    return message_from_bytes(raw, policy=policy.compat32)


def _mail_of(message: Message, sender: str | None, *, opens: bool) -> ParsedMail:
    found = parts.collect(message, opens=opens)
    name, address = (headers.addresses(message, "From") or [("", "")])[0]
    answers = (*headers.ids(message, "In-Reply-To"), *reversed(headers.ids(message, "References")))
    kind = automatic.kind(message, sender)
    problems = set(found.problems)
    if len(headers.addresses(message, "From")) > 1:
        problems.add("several_senders")
    if not found.text and not found.files:
        problems.add("empty")
    if len(message.defects) and message.is_multipart():
        problems.add("broken")
    named = headers.addresses(message, "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    return ParsedMail(
        message_id=next(iter(headers.ids(message, "Message-ID")), ""),
        answers=tuple(dict.fromkeys(answers)),
        from_name=name[:400],
        from_address=address[:320],
        reply_to=next((address for _n, address in headers.addresses(message, "Reply-To")), ""),
        recipients=tuple(dict.fromkeys(address for _n, address in named)),
        subject=headers.text(message, "Subject")[:400],
        text=found.text,
        attachments=tuple(found.files),
        automatic=kind,
        bounces=automatic.bounces(message) if kind == automatic.BOUNCE else (),
        results=tuple(headers.raw(message, "Authentication-Results")),
        problems=tuple(sorted(problems)),
    )
