"""Sort the parts of a message into text and files, within limits of number, size and depth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from hemicycle.mail.incoming.reading import headers, outlook
from hemicycle.mail.incoming.reading import text as words
from hemicycle.mail.incoming.reading.parsed import Attachment

MOST_PARTS = 2_000
MOST_FILES = 50
DEEPEST = 40
LARGEST_FILE = 32 * 2**20
LARGEST_TNEF = 20 * 2**20
_ENCRYPTED = {"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"}
_SIGNATURES = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_PICTURES = ("image/",)


@dataclass(frozen=True, slots=True)
class _Container:
    """An Outlook `winmail.dat` that has not been opened yet; a placeholder for the files in it."""

    data: bytes


@dataclass
class Collected:
    """The parts of a message found so far."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    parts: list[Attachment | _Container] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    problems: set[str] = field(default_factory=set)
    seen: int = 0
    text: str = ""
    """The text: the plain text of the message, or else the text of its HTML."""


def collect(message: Message, *, opens: bool = True) -> Collected:
    """Collect the parts of a message. `problems` names what exceeds a limit and is not read.

    With `opens` false, neither HTML nor a container is opened.
    """
    found = Collected()
    for part, is_inner in _leaves(message, found):
        try:
            _take(found, part, is_inner=is_inner)
        except headers.BROKEN:
            found.problems.add("broken")
    found.text = words.clean("\n\n".join(filter(None, found.plain)))
    _open(found, opens=opens)
    return found


def _open(found: Collected, *, opens: bool) -> None:
    """Read HTML and containers if needed, and put the containers' files in their places."""
    page = "" if found.text else "\n".join(found.html)[: words.MOST_HTML]
    for file in found.parts:
        if isinstance(file, _Container):
            _add_container(found, file, opens=opens)
        else:
            _add(found, file)
    if page.strip():
        shown = _shown(found, page) if opens else ""
        found.text = found.text or shown
        if not opens:
            found.problems.add("broken")


def _shown(found: Collected, page: str) -> str:
    """Return the text of an HTML page; "" and a problem if the parser cannot read it."""
    from hemicycle.documents.reading.html import text_of  # slow to import, and rarely needed

    try:
        return words.clean(text_of(page))
    except Exception:  # noqa: BLE001 - the parser may raise anything for a broken page
        found.problems.add("broken")
        return ""


def _add_container(found: Collected, container: _Container, *, opens: bool) -> None:
    """Add the files of an Outlook `winmail.dat`, or the container if it cannot be opened."""
    opened = outlook.opened(container.data[:LARGEST_TNEF]) if opens else None
    if opened is None:
        found.problems |= {"winmail"} if opens else {"winmail", "broken"}
        _add(found, Attachment("winmail.dat", "application/ms-tnef", container.data, "winmail"))
        return
    found.text = found.text or words.of_bytes(opened.body, "")[0]
    for name, content in opened.files:
        _add(found, Attachment(file_name(name), "application/octet-stream", content))


def _leaves(message: Message, found: Collected) -> Iterator[tuple[Message, bool]]:
    """Yield every part that has no parts of its own, in order, without recursion."""
    waiting: list[tuple[Message, int, bool]] = [(message, 0, False)]
    while waiting:
        part, depth, is_inner = waiting.pop()
        found.seen += 1
        if found.seen > MOST_PARTS:
            found.problems.add("many_parts")
            return
        content = part.get_payload()
        if part.get_content_type() == "multipart/encrypted":
            found.problems.add("encrypted")
        if not (part.is_multipart() and isinstance(content, list)):
            yield part, is_inner
            continue
        if depth >= DEEPEST:
            found.problems.add("deep")
            continue
        inside = is_inner or part.get_content_type() == "message/rfc822"
        inner = [(child, depth + 1, inside) for child in content if isinstance(child, Message)]
        waiting += reversed(inner)


def _take(found: Collected, part: Message, *, is_inner: bool) -> None:
    kind = part.get_content_type()
    if kind in _ENCRYPTED:
        found.problems.add("encrypted")
    if kind in _SIGNATURES or kind in {"message/delivery-status", "text/rfc822-headers"}:
        return
    name = _name(part)
    if kind in {"text/plain", "text/html"} and not name and not _is_attached(part):
        if not is_inner:
            _take_text(found, part, kind)
        return
    if kind.startswith(_PICTURES) and headers.raw(part, "Content-ID") and not _is_attached(part):
        return  # an inline picture, such as a logo in a signature
    data = _payload(part)
    if kind in _TNEF or name.lower() == "winmail.dat":
        found.parts.append(_Container(data))
        return
    found.parts.append(Attachment(name or f"part.{_suffix(kind)}", kind, data, is_inner=is_inner))


def _take_text(found: Collected, part: Message, kind: str) -> None:
    charset = part.get_content_charset("") or ""
    text, as_said = words.of_bytes(_payload(part)[: words.MOST_HTML], charset)
    if not as_said and charset:
        found.problems.add("charset")
    (found.html if kind == "text/html" else found.plain).append(text)


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _add(found: Collected, file: Attachment) -> None:
    if not file.data:
        return
    if len(found.files) >= MOST_FILES:
        found.problems.add("many_files")
        return
    if len(file.data) > LARGEST_FILE:
        file = Attachment(file.name, file.media_type, b"", "too_large", file.is_inner)
    found.files.append(file)


def _is_attached(part: Message) -> bool:
    said = headers.raw(part, "Content-Disposition")
    return bool(said) and said[0].lower().startswith("attachment")


def _name(part: Message) -> str:
    """Return the last part of the file name that the sender gave."""
    try:
        given = part.get_filename() or ""
    except headers.BROKEN:
        given = ""
    return file_name(headers.decoded(str(given)))


def file_name(given: str) -> str:
    """Return a name that is safe in a sentence and on disk."""
    last = re.split(r"[\\/]", headers.shown(given))[-1].strip(" .")
    return last[-200:]


def _suffix(kind: str) -> str:
    known = {"text/plain": "txt", "text/html": "html", "application/pdf": "pdf"}
    return known.get(kind, "bin")
