"""PDF: the text layer, page by page, without running heads and page numbers."""

import io
import logging
import re
from collections import Counter

from pypdf import PdfReader
from pypdf.errors import PdfReadError

from hemicycle.hearings.reader.document import Document, Unreadable, flatten
from hemicycle.hearings.reader.loading.lines import blocks_of_lines

MAX_PAGES = 80
"""More pages than any note has; a book is refused rather than read for minutes."""

_PAGE_NUMBER = re.compile(r"^\W*(?:page\s+)?\d{1,3}(?:\s*(?:/|of|sur|de)\s*\d{1,3})?\W*$", re.IGNORECASE)
_HYPHEN = re.compile(r"(\w)\u00ad?-\n\s*(?=[a-zà-ÿ])")


def load(data: bytes) -> Document:
    """The blocks of a PDF. Raises Unreadable when it is locked, damaged or holds only pictures."""
    # pypdf logs every small flaw of a file; the person at the terminal can do nothing about them.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("The PDF is locked with a password. Send a copy without one.")
        pages = _pages(reader)
        title = flatten(str((reader.metadata.title if reader.metadata else "") or ""))
    except Unreadable:
        raise
    # A hostile or broken file can raise nearly anything out of pypdf: RecursionError, KeyError ...
    except Exception as error:
        raise Unreadable(_damaged(error)) from error
    return Document(tuple(blocks_of_lines(_HYPHEN.sub(r"\1", "\n\n".join(pages)))), title)


def _damaged(error: Exception) -> str:
    name = "" if isinstance(error, PdfReadError) else f" ({type(error).__name__})"
    return f"The PDF is damaged and cannot be read{name}. Make it anew and send that."


def _pages(reader: PdfReader) -> list[str]:
    if len(reader.pages) > MAX_PAGES:
        raise Unreadable(
            f"The PDF has {len(reader.pages)} pages; a note has fewer than {MAX_PAGES}. "
            "Send only the note."
        )
    texts = [page.extract_text(extraction_mode="layout") for page in reader.pages]
    if sum(map(len, texts)) < 20:
        raise Unreadable(
            "The PDF has no text in it, only pictures of pages. "
            "Send the document it was scanned from, or run text recognition first."
        )
    return _without_running_heads([text.splitlines() for text in texts])


def _without_running_heads(pages: list[list[str]]) -> list[str]:
    """Pages without their numbers and without first and last lines that stand on most of them."""
    edges = Counter(edge for lines in pages for edge in _edges(lines))
    often = {edge for edge, count in edges.items() if count >= 2 and count * 2 > len(pages)}
    return [
        "\n".join(line for line in lines if flatten(line) not in often and not _PAGE_NUMBER.match(line))
        for lines in pages
    ]


def _edges(lines: list[str]) -> set[str]:
    full = [flatten(line) for line in lines if line.strip()]
    return {*full[:1], *full[-1:]}
