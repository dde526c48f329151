"""The data exchanged with the process that parses a message.

To it: a line of JSON with the envelope's sender, then the message as it came. Back: a line of JSON
with the parsed message and the lengths of the attachments, then the attachments.
"""

import json
from dataclasses import asdict
from typing import Any, BinaryIO

from hemicycle.mail.incoming.reading.parsed import Attachment, Bounce, ParsedMail

WHOLE, UNOPENED, HEAD = "whole", "unopened", "head"
"""How much of a message is parsed: all of it, all but HTML and containers, its headers."""


def packed(raw: bytes, sender: str | None) -> bytes:
    """What the process is sent."""
    return json.dumps({"sender": sender}).encode() + b"\n" + raw


def received(file: BinaryIO) -> tuple[bytes, str | None]:
    """The message and the envelope's sender, from what was `packed`."""
    sender: str | None = json.loads(file.readline())["sender"]
    return file.read(), sender


def answer(mail: ParsedMail) -> tuple[dict[str, Any], bytes]:
    """What the process answers: a message for JSON, and the attachments."""
    message = asdict(mail)
    files = [fields.pop("data") for fields in message["attachments"]]
    for fields, data in zip(message["attachments"], files, strict=True):
        fields["size"] = len(data)
    return message, b"".join(files)


def understood(message: dict[str, Any], content: bytes) -> ParsedMail:
    """The message out of an answer; raises `TypeError`, `ValueError` or `KeyError` for others."""
    files, place = list[Attachment](), 0
    for fields in message.pop("attachments"):
        size = int(fields.pop("size"))
        files.append(Attachment(**fields, data=content[place : place + size]))
        place += size
    bounces = tuple(Bounce(**fields) for fields in message.pop("bounces"))
    lists = {name: tuple(value) for name, value in message.items() if isinstance(value, list)}
    return ParsedMail(**{**message, **lists}, attachments=tuple(files), bounces=bounces)
