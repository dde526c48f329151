"""Distinguish mail of programs from mail of people: programs never get an answer (RFC 3834)."""

from email.message import Message

from hemicycle.mail.incoming.reading import headers
from hemicycle.mail.incoming.reading.parsed import Bounce

BOUNCE, REPLY, BULK = "bounce", "reply", "bulk"
_BULK = {"bulk", "list", "junk"}
_DAEMONS = ("mailer-daemon@", "postmaster@")
_MOST_REPORTED = 200


def kind(message: Message, sender: str | None) -> str:
    """Return `bounce`, `reply`, `bulk`, or "" for a person's message.

    `sender` is the envelope's; it is None without an envelope (IMAP).
    """
    return_path = headers.raw(message, "Return-Path")
    empty = sender == "" or (sender is None and return_path[:1] == ["<>"])
    if _is_report(message):
        return BOUNCE
    if empty or (sender or "").lower().startswith(_DAEMONS):
        return BOUNCE if _from_daemon(message) else REPLY
    if _submitted_by_itself(message):
        return REPLY
    if headers.text(message, "Precedence").lower() == "auto_reply":
        return REPLY
    if headers.text(message, "Precedence").lower() in _BULK or headers.raw(message, "List-Id"):
        return BULK
    return ""


def _is_report(message: Message) -> bool:
    if message.get_content_type() != "multipart/report":
        return False
    try:
        said = str(message.get_param("report-type", "") or "").lower()
    except headers.BROKEN:
        said = ""
    return said in {"", "delivery-status"}


def _from_daemon(message: Message) -> bool:
    found = headers.addresses(message, "From")
    return bool(found) and found[0][1].lower().startswith(_DAEMONS)


def _submitted_by_itself(message: Message) -> bool:
    submitted = headers.text(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return submitted not in {"", "no"} or bool(
        headers.raw(message, "X-Autoreply")
        or headers.raw(message, "X-Autorespond")
        or headers.raw(message, "X-Auto-Response-Suppress")
    )


def bounces(message: Message) -> tuple[Bounce, ...]:
    """Return the results of a delivery report, one for each recipient."""
    original, reports = "", list[Message]()
    for part in _walk(message):
        inner = part.get_payload()
        if part.get_content_type() == "message/delivery-status" and isinstance(inner, list):
            reports += [report for report in inner if isinstance(report, Message)]
        elif part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            original = original or _original(part)
    found = [_bounce(report, original) for report in reports if headers.raw(report, "Action")]
    return tuple(found[:_MOST_REPORTED])


def _walk(message: Message) -> list[Message]:
    inner = message.get_payload()
    return (
        [child for child in inner if isinstance(child, Message)] if isinstance(inner, list) else []
    )


def _original(part: Message) -> str:
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], Message):
        return next(iter(headers.ids(inner[0], "Message-ID")), "")
    if isinstance(inner, str):
        from email import message_from_string

        return next(iter(headers.ids(message_from_string(inner[:65_536]), "Message-ID")), "")
    return ""


def _bounce(report: Message, original: str) -> Bounce:
    recipient = headers.text(report, "Final-Recipient") or headers.text(
        report, "Original-Recipient"
    )
    return Bounce(
        message_id=original,
        action=headers.text(report, "Action").lower()[:16],
        status=headers.text(report, "Status").split(" ")[0][:16],
        recipient=recipient.partition(";")[2].strip()[:320],
        diagnostic=headers.text(report, "Diagnostic-Code")[:400],
    )
