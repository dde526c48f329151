"""The data exchanged with the process that parses a message.

The process receives a line of JSON with the envelope's sender, then the original message. It
returns a line of JSON with the parsed message and the lengths of the attachments, then the
attachments.
"""

import json
from dataclasses import asdict
from typing import Any, BinaryIO

from hemicycle.mail.incoming.reading.parsed import Attachment, Bounce, ParsedMail

WHOLE, UNOPENED, HEAD = "whole", "unopened", "head"
"""How much of a message is parsed: all of it, all but HTML and containers, or only its headers."""


def packed(raw: bytes, sender: str | None) -> bytes:
    """Return the bytes that are sent to the process."""
    return json.dumps({"sender": sender}).encode() + b"\n" + raw


def received(file: BinaryIO) -> tuple[bytes, str | None]:
    """Read the message and the envelope's sender from what `packed` returned."""
    sender: str | None = json.loads(file.readline())["sender"]
    return file.read(), sender


def answer(mail: ParsedMail) -> tuple[dict[str, Any], bytes]:
    """Return the process's answer: the message as data for JSON, and the attachments' bytes."""
    message = asdict(mail)
    files = [fields.pop("data") for fields in message["attachments"]]
    for fields, data in zip(message["attachments"], files, strict=True):
        fields["size"] = len(data)
    return message, b"".join(files)


def understood(message: dict[str, Any], content: bytes) -> ParsedMail:
    """Return the message in an answer; raise `TypeError`, `ValueError` or `KeyError` if invalid."""
    files, place = list[Attachment](), 0
    for fields in message.pop("attachments"):
        size = int(fields.pop("size"))
        files.append(Attachment(**fields, data=content[place : place + size]))
        place += size
    bounces = tuple(Bounce(**fields) for fields in message.pop("bounces"))
    lists = {name: tuple(value) for name, value in message.items() if isinstance(value, list)}
    return ParsedMail(**{**message, **lists}, attachments=tuple(files), bounces=bounces)
