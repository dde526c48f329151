"""A language model's second opinion on a note, where somebody asked for it.

Only the note's text leaves the site, and only to the model that the operators named. The answer is
compared with the reading in the guarded process (`note_reading.compared`).
"""

from typing import IO

from hemicycle.convening import NoteReading
from hemicycle.documents.reading import UnreadableDocument
from hemicycle.hearing import language_model
from hemicycle.hearing.language_model import ModelUnavailable
from hemicycle.hearing.setup import note_reading


def read_note(
    file: IO[bytes], *, name: str, with_model: bool
) -> tuple[NoteReading, ModelUnavailable | None]:
    """Return the reading of a note and, with the reader's own result, what kept the model from it.

    Raises `UnreadableDocument` for the note itself.
    """
    reading, text = note_reading.read_with_text(file, name=name)
    if not with_model or not language_model.is_set_up():
        return reading, None
    try:
        return _asked(reading, text), None
    except ModelUnavailable as error:
        return reading, error


def _asked(reading: NoteReading, text: str) -> NoteReading:
    # It compiles the reader's patterns, which takes a second: only where a model is asked.
    from hemicycle.convening import second_reading

    if len(text) > second_reading.LONGEST_NOTE:
        raise ModelUnavailable("too_long")
    answer = language_model.complete(second_reading.messages(text), second_reading.SCHEMA)
    try:
        return note_reading.compared(reading, text, answer)
    except UnreadableDocument as error:
        raise ModelUnavailable("unreadable") from error
