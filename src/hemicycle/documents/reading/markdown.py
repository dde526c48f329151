"""Markdown: rendered to HTML by a library, then read as HTML (notes mix the two freely)."""

from markdown_it import MarkdownIt

from hemicycle.convening.document import Document
from hemicycle.documents.reading.html_blocks import read_page


def read_markdown(text: str) -> Document:
    """The blocks of a Markdown text."""
    # An indented paragraph in a letter is a paragraph, not program code.
    parser = MarkdownIt("commonmark", {"html": True}).enable("table").disable("code")
    return read_page(parser.render(text))
