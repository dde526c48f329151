"""Markdown: a library renders it as HTML, which is then read (notes mix both freely)."""

from markdown_it import MarkdownIt

from hemicycle.convening.document import Document
from hemicycle.documents.reading.html_blocks import read_page


def read_markdown(text: str) -> Document:
    """Return the blocks of a Markdown text."""
    # An indented paragraph in a letter is a paragraph, not a block of code.
    parser = MarkdownIt("commonmark", {"html": True}).enable("table").disable("code")
    return read_page(parser.render(text))
