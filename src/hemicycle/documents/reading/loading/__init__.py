"""Files in, blocks out. The format is told from the content; the name only breaks a tie."""

import textwrap
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from hemicycle.convening.document import Document, Unreadable
from hemicycle.documents.reading.loading.sniff import MAX_BYTES, sniff

MAX_LETTERS = 250_000
"""Longest text read, in letters: about 80 pages."""
LONGEST_BLOCK = 6_000
"""Longest paragraph, in letters; the patterns of the reader are made for paragraphs."""

MAX_BLOCKS = 10_000
"""Paragraphs and rows beyond which a text is no note."""
MOST_CELLS = 12
"""Columns of a table that are read; a programme has four."""

# Minus and figure dash stand for a dash between times; the others are hyphens.
_DASHES = str.maketrans("\u2212\u2012\u2010\u2011", "––--")
# Each format's parser is imported only when a file of that format comes in.
_LOADERS = {
    "docx": "docx",
    "odt": "odt",
    "pdf": "pdf",
    "html": "html",
    "markdown": "markdown",
    "text": "plain",
}


def load(path: Path) -> Document:
    """The document in a file. Raises Unreadable with a sentence for the person who sent it."""
    data = _read(path)
    loader = import_module(
        f"hemicycle.documents.reading.loading.{_LOADERS[sniff(data, path.name)]}"
    )
    document: Document = loader.load(data)
    document = _plain(document)
    if len(document.blocks) > MAX_BLOCKS:
        raise Unreadable(
            f"The text has more than {MAX_BLOCKS:,} paragraphs, which no concept note has. "
            "Send only the note."
        )
    if sum(len(block.text) for block in document.blocks) > MAX_LETTERS:
        raise Unreadable(
            f"The text is longer than {MAX_LETTERS:,} letters, which no concept note is. "
            "Send only the note."
        )
    if not document.text.strip():
        raise Unreadable("The file has no text in it. Send the note as text, not as a picture.")
    return document


def _plain(document: Document) -> Document:
    """The same with one sign for each kind of dash, and without endless paragraphs."""
    blocks = tuple(
        replace(
            block,
            text=part,
            cells=tuple(cell.translate(_DASHES) for cell in block.cells[:MOST_CELLS]),
        )
        for block in document.blocks
        for part in _parts(block.text.translate(_DASHES))
    )
    return Document(blocks, document.title)


def _parts(text: str) -> list[str]:
    """A text in pieces of a length that no paragraph of a note reaches; nearly always one."""
    if len(text) <= LONGEST_BLOCK:
        return [text]
    return textwrap.wrap(text, LONGEST_BLOCK)


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Unreadable(f"{path} is a folder. Give the note itself.")
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(
                f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB. "
                "A concept note is much smaller: send the note without its annexes or pictures."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise Unreadable(f"There is no file {path}. Check the name and the folder.") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from None
