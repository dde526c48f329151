"""The parent's side: start a worker, watch the clock, take its answer or end it."""

import json
import os
import signal
import stat
import tempfile
import unicodedata
from pathlib import Path
from typing import IO, Any

from hemicycle.documents.reading import guarded
from hemicycle.documents.reading.errors import KINDS, SENTENCES, Unreadable
from hemicycle.documents.reading.model import Extracted, Limits

_WORKER = "hemicycle.documents.reading.worker"
# JSON may write a character as twelve bytes ("\ud83d\ude00"), plus its envelope.
_BYTES_PER_CHARACTER = 12
_ENVELOPE = 65_536


def extract(source: Path | str | bytes, *, name: str, limits: Limits | None = None) -> Extracted:
    """Read the text of one file in a process of its own.

    `source` is the file's bytes or the path of a regular file (a link is not followed);
    `name` is what its sender called it, used in sentences only: what the file is, its
    content decides. Raises `Unreadable` for every file that gives no text.
    """
    limits = limits or Limits()
    label = _label(name)
    with _opened(source, label) as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise _unreadable("empty", label, limits)
        if size > limits.file_size:
            raise _unreadable("too_large", label, limits)
        status, answer = _run(file, limits)
    return _understand(status, answer, label, limits)


def _opened(source: Path | str | bytes, label: str) -> IO[bytes]:
    if isinstance(source, bytes):
        return _spooled(source)
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise Unreadable("not_a_document", {"name": label}) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable("not_a_document", {"name": label})
    return os.fdopen(descriptor, "rb")


def _spooled(content: bytes) -> IO[bytes]:
    # An unnamed file rather than a pipe: the worker can seek, the parent need not feed it.
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(content)
    file.seek(0)
    return file


def _run(file: IO[bytes], limits: Limits) -> tuple[int | None, bytes]:
    """The worker's exit status and output; a status of None when time ran out."""
    ceiling = limits.characters * _BYTES_PER_CHARACTER + _ENVELOPE
    return guarded.run(_WORKER, _arguments(limits), file, seconds=limits.seconds, ceiling=ceiling)


def _arguments(limits: Limits) -> list[str]:
    return [f"{field}={getattr(limits, field)}" for field in limits.__slots__]


def _understand(status: int | None, answer: bytes, label: str, limits: Limits) -> Extracted:
    if status is None or status == -signal.SIGXCPU:
        raise _unreadable("timeout", label, limits)
    if status in guarded.OUT_OF_MEMORY:
        raise _unreadable("memory", label, limits)
    try:
        message = json.loads(answer)
        if status == 0 and "code" not in message:
            return _extracted(message)
        raise _unreadable(str(message["code"]), label, limits, str(message.get("kind", "")))
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable("damaged", label, limits) from error


def _extracted(message: dict[str, Any]) -> Extracted:
    return Extracted(
        media_type=message["media_type"],
        paragraphs=tuple(message["paragraphs"]),
        words=message["words"],
        pages=message["pages"],
        language_guess=message["language_guess"],
    )


def _unreadable(code: str, label: str, limits: Limits, kind: str = "") -> Unreadable:
    code = code if code in SENTENCES else "damaged"
    values = {"name": label}
    if code == "kind_not_accepted":
        values["kind"] = KINDS[kind]
    elif code in _LIMIT_SHOWN:
        values["limit"] = _LIMIT_SHOWN[code](limits)
    return Unreadable(code, values)


_LIMIT_SHOWN = {
    "too_large": lambda limits: f"{limits.file_size / 2**20:.3g}",
    "too_long": lambda limits: f"{limits.characters:,}",
    "timeout": lambda limits: f"{limits.seconds:g}",
}


def _label(name: str) -> str:
    """The sender's file name, fit to stand in a sentence: last part, one line, not long."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs"}).strip()
    return shown if 0 < len(shown) <= 80 else (shown[:79] + "…" if shown else "file")
