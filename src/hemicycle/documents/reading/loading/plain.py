"""Plain text: a letter, an e-mail, a notice."""

from hemicycle.convening.document import Document
from hemicycle.documents.reading.loading.lines import blocks_of_lines
from hemicycle.documents.reading.loading.sniff import decode


def load(data: bytes) -> Document:
    """The blocks of a plain text."""
    return Document(tuple(blocks_of_lines(decode(data))))
