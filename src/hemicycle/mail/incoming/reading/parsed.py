"""A parsed message, as plain data without code."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message. `problem` is a code of `mail.incoming.reasons` or ""."""

    name: str
    media_type: str
    data: bytes = field(repr=False)
    problem: str = ""
    is_inner: bool = False
    """Whether the file was in a message that was itself attached."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """The result for one recipient of a delivery report (RFC 3464)."""

    message_id: str
    action: str
    status: str
    recipient: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A parsed message. Ids have no angle brackets; addresses are as they were written.

    `automatic` says why the message must not be answered (`bounce`, `reply` or `bulk`), or is "".
    `problems` are codes of irregularities; none of them makes the message unreadable.
    """

    message_id: str = ""
    answers: tuple[str, ...] = ()
    from_name: str = ""
    from_address: str = ""
    reply_to: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    automatic: str = ""
    bounces: tuple[Bounce, ...] = ()
    results: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
