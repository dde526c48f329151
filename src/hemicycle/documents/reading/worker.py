"""The worker: one file on standard input, one JSON object on standard output.

Run as `python -m hemicycle.documents.reading.worker LIMIT=VALUE ...`. The answer is
either the text or `{"code": ..., "kind": ...}`; the exit status is 0 for both.
"""

import json
import sys
from typing import Any, BinaryIO

from hemicycle.documents.reading import formats, language, sandbox, words
from hemicycle.documents.reading.errors import Refused
from hemicycle.documents.reading.model import DOCX, ODT, PDF, TEXT, Limits
from hemicycle.documents.reading.normalise import clean


def main(arguments: list[str]) -> int:
    limits = _limits(arguments)
    sandbox.confine(limits.memory, limits.seconds)
    answer = _answer(sys.stdin.buffer, limits)
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
    return 0


def _limits(arguments: list[str]) -> Limits:
    pairs = dict(argument.split("=", 1) for argument in arguments)
    seconds = float(pairs.pop("seconds"))
    return Limits(seconds=seconds, **{field: int(value) for field, value in pairs.items()})


def _answer(file: BinaryIO, limits: Limits) -> dict[str, Any]:
    try:
        return _read(file, limits)
    except Refused as refusal:
        return {"code": refusal.code, "kind": refusal.kind}
    except MemoryError:
        return {"code": "memory"}
    except Exception:  # noqa: BLE001 - whatever a parser trips over, the file is what is wrong
        return {"code": "damaged"}


def _read(file: BinaryIO, limits: Limits) -> dict[str, Any]:
    media_type = formats.decide(file, limits)
    paragraphs, pages = _paragraphs(media_type, file, limits)
    paragraphs = [text for text in (clean(paragraph) for paragraph in paragraphs) if text]
    counted = sum(words.count(paragraph) for paragraph in paragraphs)
    if not counted:
        raise Refused("empty")
    return {
        "media_type": media_type,
        "paragraphs": paragraphs,
        "words": counted,
        "pages": pages,
        "language_guess": language.guess("\n".join(paragraphs)),
    }


def _paragraphs(media_type: str, file: BinaryIO, limits: Limits) -> tuple[list[str], int | None]:
    # Imported here: each reader brings a library the other kinds need not wait for.
    if media_type == PDF:
        from hemicycle.documents.reading import pdf

        return pdf.read(file, limits)
    if media_type == TEXT:
        from hemicycle.documents.reading import plain

        return plain.read(file, limits), None
    from hemicycle.documents.reading import office_formats

    reader = {DOCX: office_formats.read_docx, ODT: office_formats.read_odt}[media_type]
    return reader(file, limits), None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
