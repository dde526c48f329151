"""Read a concept note in a guarded process: extract its text, and find the hearing's facts in it.

Both are done there because the file, and so the passages that the reader's patterns search, come
from outside. A language model's answer is compared with the reading there too. `note_worker` is the
module of that process.
"""

import json
from dataclasses import asdict
from typing import IO

from hemicycle.convening import NoteReading
from hemicycle.documents.reading import guarded
from hemicycle.documents.reading.limits import NOTE, Limits
from hemicycle.documents.reading.refusals import KINDS, UnreadableDocument, gettext_noop

_WORKER = "hemicycle.hearing.setup.note_worker"
MARKDOWN_NAMES = (".md", ".markdown")
_BYTES_PER_LETTER = 4
SENTENCES: dict[str, str] = {
    "too_large": gettext_noop(
        "The file is larger than %(limit)s MB. Send the concept note without its annexes or "
        "pictures."
    ),
    "too_long": gettext_noop(
        "The text is longer than %(letters)s characters. Send only the concept note."
    ),
    "not_a_document": gettext_noop(
        "This is not a text file, PDF, web page or Word document. Send the note in one of "
        "these formats."
    ),
    "kind_not_accepted": gettext_noop(
        "This is %(kind)s, which cannot be read here. "
        "Send the note as DOCX, ODT, PDF, web page or text."
    ),
    "encrypted": gettext_noop("The file is locked with a password. Send a copy without one."),
    "no_text": gettext_noop(
        "The file has only pictures and no text. Send the original document, or run text "
        "recognition first."
    ),
    "bomb": gettext_noop(
        "The file is far larger or more deeply nested than a document should be, so we did not "
        "open it. Save the note again and send the new file."
    ),
    "timeout": gettext_noop("Reading the file took too long. Save it as text and try again."),
    "memory": gettext_noop("Reading the file took too much memory. Save it as text and try again."),
    "damaged": gettext_noop(
        "The file is damaged and cannot be read. Save it again and send the new file."
    ),
    "empty": gettext_noop("The file is empty. Send the note again."),
}
"""The message to the sender of a note for each code of a refusal."""


def read_note(file: IO[bytes], *, name: str, limits: Limits = NOTE) -> NoteReading:
    """Return the reading of the note in `file`.

    `name` is used only to recognize Markdown. Raises `UnreadableDocument`.
    """
    return read_with_text(file, name=name, limits=limits)[0]


def read_with_text(file: IO[bytes], *, name: str, limits: Limits = NOTE) -> tuple[NoteReading, str]:
    """Return the reading of a note, and the text that was read. Raises `UnreadableDocument`."""
    job = "markdown" if name.lower().endswith(MARKDOWN_NAMES) else "note"
    most = limits.characters * _BYTES_PER_LETTER
    message, text = guarded.ask(_WORKER, job, file, limits, most_bytes=most)
    return NoteReading(**message), text.decode("utf-8", "replace")


def compared(reading: NoteReading, text: str, answer: str) -> NoteReading:
    """Return a reading completed from a model's answer.

    Raises `UnreadableDocument`, with `damaged` for an answer that is not the requested JSON.
    """
    asked = {"reading": asdict(reading), "text": text, "answer": answer}
    with guarded.spooled(json.dumps(asked).encode()) as file:
        message, _ = guarded.ask(_WORKER, "compared", file, NOTE)
    return NoteReading(**message)


def sentence_of(error: UnreadableDocument) -> tuple[str, dict[str, str]]:
    """Return the sentence for a refusal (to be translated), and its values."""
    values = {"limit": f"{NOTE.file_size // 1_000_000}", "letters": f"{NOTE.characters:,}"}
    if error.kind:
        values["kind"] = KINDS[error.kind]
    return SENTENCES[error.code], values
