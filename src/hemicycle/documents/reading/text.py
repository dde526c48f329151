"""Plain text in any encoding that its writer's machine may have used."""

import codecs
import re
from typing import BinaryIO

from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import UnreadableDocument
from hemicycle.documents.reading.wrapping import paragraphs

_MARKED = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Only the usual encodings of people who write the six languages: with a hundred candidates, several
# would fit a short text.
_CANDIDATES = [
    "cp1252",
    "cp1256",
    "cp1251",
    "gb18030",
    "big5",
    "koi8_r",
    "iso8859_6",
]
_DETECTION_SAMPLE = 200_000
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CONTROLS_PER_THOUSAND = 2
# A line longer than this was not wrapped: its writer's editor shows wrapped lines and stores long
# ones.
_WRAPPED_UP_TO = 110


def read(file: BinaryIO, limits: Limits) -> list[str]:
    """Return the paragraphs of a text file.

    Raises `UnreadableDocument` if it is not text or too long.
    """
    text = decode(file.read())
    if len(text) > limits.characters:
        raise UnreadableDocument("too_long")
    lines = text.splitlines()
    wrapped = all(len(line) <= _WRAPPED_UP_TO for line in lines)
    return paragraphs(lines) if wrapped else lines


def decode(content: bytes) -> str:
    """Return the text in `content`.

    Raises `UnreadableDocument("not_a_document")` if it is not text.
    """
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableDocument("not_a_document") from error
    if len(_CONTROL.findall(text)) * 1000 > len(text) * _CONTROLS_PER_THOUSAND:
        raise UnreadableDocument("not_a_document")
    return text


def _encoding(content: bytes) -> str:
    for mark, encoding in _MARKED.items():
        if content.startswith(mark):
            return encoding
    unmarked = _utf16_without_mark(content)
    if unmarked:
        return unmarked
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _detected(content)
    return "utf-8"


def _utf16_without_mark(content: bytes) -> str | None:
    # Spaces and line ends alone give any UTF-16 text zeros in every other byte.
    sample = content[: _DETECTION_SAMPLE // 100]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 20 < len(sample) or min(even, odd) * 10 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _detected(content: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content[:_DETECTION_SAMPLE], cp_isolation=_CANDIDATES).best()
    if best is None:
        raise UnreadableDocument("not_a_document")
    return best.encoding
