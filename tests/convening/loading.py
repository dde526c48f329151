"""Notes read in the test's own process, which is quicker than a guarded one for each."""

from pathlib import Path

from hemicycle.convening import Document
from hemicycle.documents.reading import notes
from hemicycle.documents.reading.limits import NOTE
from hemicycle.hearing.setup.note_reading import MARKDOWN_NAMES


def load(path: Path) -> Document:
    """The document in a file, as the guarded process reads it."""
    with path.open("rb") as file:
        return notes.read(file, NOTE, markdown=path.name.endswith(MARKDOWN_NAMES))
