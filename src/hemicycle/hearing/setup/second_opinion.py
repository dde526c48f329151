"""A language model's second opinion on a note, if a person asked for it.

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
    """Return the reading of a note, and the error of the model if it failed, else None.

    If the model fails, the reading is the reader's own. Raises `UnreadableDocument` for an
    unreadable note.
    """
    reading, text = note_reading.read_with_text(file, name=name)
    if not with_model or not language_model.is_set_up():
        return reading, None
    try:
        return _asked(reading, text), None
    except ModelUnavailable as error:
        return reading, error


def _asked(reading: NoteReading, text: str) -> NoteReading:
    # This compiles the reader's patterns, which takes a second, so it is imported only with a
    # model.
    from hemicycle.convening import second_reading

    if len(text) > second_reading.LONGEST_NOTE:
        raise ModelUnavailable("too_long")
    answer = language_model.complete(second_reading.messages(text), second_reading.SCHEMA)
    try:
        return note_reading.compared(reading, text, answer)
    except UnreadableDocument as error:
        raise ModelUnavailable("unreadable") from error
