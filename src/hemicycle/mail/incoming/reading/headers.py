"""Read the headers of any message, however broken, as text of bounded length; never raises."""

import re
import unicodedata
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

LONGEST = 8_000
"""The most characters of one header that are read."""
MOST_IDS = 60
MOST_ADDRESSES = 200
BROKEN = (
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    MessageError,  # for an encoded word with invalid base64
)
"""Exceptions that the standard library raises for malformed headers and parts."""

_ID = re.compile(r"<([^<>\s\x00-\x1f\x7f]{1,400})>")
_ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\x00-\x1f\x7f]{1,64}@[^@\s<>\"(),:;\\\x00-\x1f\x7f]{1,255}")


def raw(message: Message, name: str) -> list[str]:
    """Return all headers of that name, unfolded, with undecodable bytes replaced."""
    wanted = name.lower()
    found = [str(value) for key, value in message.raw_items() if key.lower() == wanted]
    return [_plain(value) for value in found]


def text(message: Message, name: str) -> str:
    """Return the first header of that name, decoded, on one line; "" if there is none."""
    found = raw(message, name)
    return decoded(found[0]) if found else ""


def _plain(value: str) -> str:
    value = value[:LONGEST]
    whole = value.encode("ascii", "surrogateescape") if _has_surrogates(value) else None
    if whole is not None:
        value = _bytes(whole)
    return " ".join(value.split())


def _has_surrogates(value: str) -> bool:
    return any("\udc80" <= char <= "\udcff" for char in value) and all(
        char < "\x80" or "\udc80" <= char <= "\udcff" for char in value
    )


def _bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def decoded(value: str) -> str:
    """Return a header's text with its encoded words decoded; invalid ones stay unchanged."""
    try:
        parts = [_word(part, charset) for part, charset in decode_header(value)]
    except (*BROKEN, ImportError):
        parts = [value]
    return shown("".join(parts))


def _word(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset or "utf-8")
    except (UnicodeDecodeError, LookupError, ValueError):
        return part.decode("latin-1")


def shown(value: str) -> str:
    """Return text on one line, without characters that cannot be seen or stored."""
    kept = "".join(
        char if char.isprintable() or char == "\u200d" else " "
        for char in unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode())
    )
    return " ".join(kept.split())


def ids(message: Message, name: str) -> tuple[str, ...]:
    """Return the message ids in a header, without brackets; of very many, only the last ones."""
    found = [message_id for value in raw(message, name) for message_id in _ID.findall(value)]
    return tuple(dict.fromkeys(found[-MOST_IDS:]))


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Return the pairs of name and address in headers; invalid addresses are left out."""
    found: list[tuple[str, str]] = []
    for value in (one for name in names for one in raw(message, name)):
        try:
            pairs = getaddresses([value], strict=False)
        except BROKEN:
            pairs = []
        found += [(decoded(name), address.strip()) for name, address in pairs]
        if not any(_ADDRESS.fullmatch(address) for _name, address in found):
            found += [("", address) for address in _ADDRESS.findall(value)]
    return [pair for pair in found if _ADDRESS.fullmatch(pair[1])][:MOST_ADDRESSES]
