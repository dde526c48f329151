"""The parent's side of reading a statement: open the file, start a worker, read its answer."""

import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hemicycle.documents.reading import guarded
from hemicycle.documents.reading.limits import STATEMENT, Limits
from hemicycle.documents.reading.refusals import KINDS, UnreadableDocument

_WORKER = "hemicycle.documents.reading.worker"


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of one file.

    `paragraphs` are in reading order, and `text` joins them with blank lines. `words` is the number
    of words by `words.count`. `pages` is set for PDF only. `language_guess` is one of ar, zh, en,
    fr, ru, es, or None if the language is not clear.
    """

    media_type: str
    paragraphs: tuple[str, ...]
    words: int
    pages: int | None
    language_guess: str | None

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


def extract(source: Path | str | bytes, *, name: str, limits: Limits | None = None) -> Extracted:
    """Read the text of one file in a separate process.

    `source` is the file's bytes or the path of a regular file (a link is not followed). `name` is
    the sender's file name, used in sentences only: the content decides the format. Raises
    `UnreadableDocument` for every file without text.
    """
    limits = limits or STATEMENT
    try:
        with _opened(source) as file:
            message, _ = guarded.ask(_WORKER, "statement", file, limits)
        return _extracted(message)
    except UnreadableDocument as error:
        error.values = {"name": _label(name), **_values(error, limits)}
        raise


def _opened(source: Path | str | bytes) -> IO[bytes]:
    if isinstance(source, bytes):
        return guarded.spooled(source)
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise UnreadableDocument("not_a_document") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableDocument("not_a_document")
    return os.fdopen(descriptor, "rb")


def _extracted(message: dict[str, Any]) -> Extracted:
    try:
        return Extracted(**{**message, "paragraphs": tuple(message["paragraphs"])})
    except (TypeError, KeyError) as error:
        raise UnreadableDocument("damaged") from error


def _values(error: UnreadableDocument, limits: Limits) -> dict[str, str]:
    """Return the values for the sentence of this code, without the name of the file."""
    if error.code == "kind_not_accepted":
        return {"kind": KINDS[error.kind]}
    shown = {
        "too_large": f"{limits.file_size / 2**20:.3g}",
        "too_long": f"{limits.characters:,}",
        "timeout": f"{limits.seconds:g}",
    }
    return {"limit": shown[error.code]} if error.code in shown else {}


def _label(name: str) -> str:
    """Return the sender's file name for a sentence: the last part, on one line, shortened."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs"}).strip()
    return shown if 0 < len(shown) <= 80 else (shown[:79] + "…" if shown else "file")
