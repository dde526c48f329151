"""The documents of a hearing in its archive: all of them, or those that are public."""

from collections.abc import Iterator
from dataclasses import dataclass

from hemicycle.before.meeting_documents import queries
from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive import file_names


@dataclass(frozen=True, slots=True)
class ArchivedDocument:
    """A document with its title for readers of the archive, and its file name in the archive."""

    document: MeetingDocument
    title: str
    name: str


def archived(hearing: Hearing, *, public: bool) -> Iterator[ArchivedDocument]:
    """Yield the documents whose files exist, by kind, then in their order."""
    rows = queries.public(hearing) if public else queries.of_hearing(hearing)
    titles = queries.public_titles(hearing, rows) if public else [row.title for row in rows]
    for document, title in zip(rows, titles, strict=True):
        if document.file.storage.exists(str(document.file.name)):
            yield ArchivedDocument(document, title, file_names.of_document(document, title))
