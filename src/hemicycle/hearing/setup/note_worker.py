"""The guarded process in which a concept note is read (`note_reading`).

It is a separate module because compiling the reader's patterns takes a second of processor time: a
process that only asks for a reading does not need them.
"""

import json
import sys
from dataclasses import asdict
from typing import BinaryIO

from hemicycle.convening import NoteReading, second_reading
from hemicycle.convening.reading import read
from hemicycle.documents.reading import notes, worker
from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import UnreadableDocument


def _answer(file: BinaryIO, limits: Limits, *, markdown: bool = False) -> worker.Answer:
    document = notes.read(file, limits, markdown=markdown)
    return asdict(read(document)), document.text.encode("utf-8", "replace")


def _answer_markdown(file: BinaryIO, limits: Limits) -> worker.Answer:
    return _answer(file, limits, markdown=True)


def _answer_compared(file: BinaryIO, _limits: Limits) -> worker.Answer:
    asked = json.loads(file.read())
    reading = NoteReading(**asked["reading"])
    try:
        found = second_reading.compared(reading, asked["text"], asked["answer"])
    except second_reading.UnreadableAnswer as error:
        raise UnreadableDocument("damaged") from error
    return asdict(found), b""


JOBS: dict[str, worker.Job] = {
    "note": _answer,
    "markdown": _answer_markdown,
    "compared": _answer_compared,
}

if __name__ == "__main__":
    sys.exit(worker.serve(JOBS, sys.argv[1:]))
