"""Reading notes in the test's own process, which is faster than a sandboxed process for each."""

from pathlib import Path

from hemicycle.convening import Document
from hemicycle.documents.reading import notes
from hemicycle.documents.reading.limits import NOTE
from hemicycle.hearing.setup.note_reading import MARKDOWN_NAMES


def load(path: Path) -> Document:
    """Return the document in a file as the sandboxed process reads it."""
    with path.open("rb") as file:
        return notes.read(file, NOTE, markdown=path.name.endswith(MARKDOWN_NAMES))
