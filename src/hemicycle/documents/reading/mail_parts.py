"""The parts of a mail that need a parser of their own: HTML, and Outlook's `winmail.dat` (TNEF).

One process serves a whole message. A message has neither for the most part, and then there is none.

Both ways over the pipe goes a line of JSON with the lengths of what follows it: the HTML and the
containers, then the bodies and files out of the containers.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from hemicycle.documents.reading import guarded
from hemicycle.documents.reading.limits import MAIL, Limits
from hemicycle.documents.reading.refusals import UnreadableDocument

_WORKER = "hemicycle.documents.reading.worker"
MOST_FILES = 50
"""Files that are taken out of one container."""
_LONGEST_NAME = 400
_ENVELOPE = 65_536


@dataclass(frozen=True, slots=True)
class OutlookFiles:
    """What lay in a `winmail.dat`: the message's text, and files by their names."""

    body: bytes
    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class MailParts:
    """The text of the HTML, and what lay in each container: None for one that is broken."""

    text: str = ""
    containers: tuple[OutlookFiles | None, ...] = ()


def open_parts(html: str, containers: Sequence[bytes], limits: Limits = MAIL) -> MailParts:
    """Read the parts of one message in a process of their own; raises `UnreadableDocument`."""
    with guarded.spooled(_packed(html, containers)) as file:
        sizes = sum(map(len, containers)) + _ENVELOPE * len(containers)
        message, content = guarded.ask(_WORKER, "mail", file, limits, most_bytes=sizes)
    return _unpacked(message, content)


def open_here(html: str, containers: Sequence[bytes]) -> MailParts:
    """The same in this process, without its walls and limits: for tools that look for faults."""
    try:
        message, content = answer(io.BytesIO(_packed(html, containers)))
    except Exception as error:
        raise UnreadableDocument("damaged") from error
    return _unpacked(message, content)


def _packed(html: str, containers: Sequence[bytes]) -> bytes:
    page = html.encode("utf-8", "replace")
    head = json.dumps({"html": len(page), "containers": [len(content) for content in containers]})
    return b"".join((head.encode(), b"\n", page, *containers))


def _unpacked(message: dict[str, Any], content: bytes) -> MailParts:
    place = 0

    def take(length: int) -> bytes:
        nonlocal place
        place += length
        return content[place - length : place]

    try:
        containers = tuple(
            held
            and OutlookFiles(
                take(held["body"]), tuple((str(name), take(size)) for name, size in held["files"])
            )
            for held in message["containers"]
        )
        return MailParts(str(message["text"]), containers)
    except (TypeError, ValueError, KeyError) as error:
        raise UnreadableDocument("damaged") from error


def answer(file: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """The worker's side: what `open_parts` asks for, out of what it packed."""
    head = json.loads(file.readline())
    page = file.read(head["html"]).decode()
    opened = [_opened(file.read(length)) for length in head["containers"]]
    message = {"text": _text(page), "containers": [held and held[0] for held in opened]}
    return message, b"".join(part for held in opened if held for part in held[1])


def _text(page: str) -> str:
    if not page:
        return ""
    from hemicycle.documents.reading.html import text_of

    return text_of(page)[: 2 * MAIL.characters]


def _opened(content: bytes) -> tuple[dict[str, Any], list[bytes]] | None:
    from tnefparse import TNEF

    try:
        tnef = TNEF(content)
        body = tnef.body if isinstance(tnef.body, bytes) else b""
        files = [
            (str(file.long_filename())[:_LONGEST_NAME], bytes(file.data or b""))
            for file in tnef.attachments[:MOST_FILES]
        ]
    except Exception:  # noqa: BLE001 - a parser of a private format, fed by strangers
        return None
    sizes = {"body": len(body), "files": [(name, len(data)) for name, data in files]}
    return sizes, [body, *(data for _name, data in files)]
