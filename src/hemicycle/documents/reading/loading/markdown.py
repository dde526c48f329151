"""Markdown: rendered to HTML by a library, then read as HTML (notes mix the two freely)."""

from markdown_it import MarkdownIt

from hemicycle.convening.document import Document
from hemicycle.documents.reading.loading.html import load_markup
from hemicycle.documents.reading.loading.sniff import decode


def load(data: bytes) -> Document:
    """The blocks of a Markdown text."""
    # An indented paragraph in a letter is a paragraph, not program code.
    parser = MarkdownIt("commonmark", {"html": True}).enable("table").disable("code")
    return load_markup(parser.render(decode(data)))
