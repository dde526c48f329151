"""OpenDocument texts: headings, paragraphs, lists and tables in the order they stand."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from hemicycle.convening.document import Block, Document, Unreadable, flatten
from hemicycle.documents.reading.loading.lines import blocks_of_lines

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_LINK = "{http://www.w3.org/1999/xlink}href"
# Notes and comments stand inside the paragraph they belong to and are none of its text.
_ASIDE = frozenset((f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}tracked-changes"))


def load(data: bytes) -> Document:
    """The blocks of an ODT. Raises Unreadable when it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            root = etree.fromstring(archive.read("content.xml"), _parser())
        body = root.find(f"{_OFFICE}body/{_OFFICE}text")
        styled = body is not None and next(body.iter(f"{_TEXT}h"), None) is not None
        walk = _Walk(_bold_styles(root), styled)
        return Document(tuple(walk.blocks_in(body)) if body is not None else ())
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, RecursionError, OSError) as error:
        raise Unreadable(
            f"The OpenDocument file is damaged ({type(error).__name__}). "
            "Save it anew and send that."
        ) from error


def _parser() -> etree.XMLParser:
    """A parser that fetches nothing and expands nothing."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _bold_styles(root: etree._Element) -> frozenset[str]:
    """The names of the styles that set their text in bold."""
    return frozenset(
        style.get(f"{_STYLE}name", "")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}text-properties")
        if properties.get(f"{_FO}font-weight") == "bold"
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    bold: frozenset[str]
    styled: bool
    """Whether the text marks its headings; where it does none are inferred."""

    def blocks_in(self, parent: etree._Element) -> Iterator[Block]:
        for node in parent:
            if node.tag == f"{_TEXT}h":
                yield from self._heading(node)
            elif node.tag == f"{_TEXT}p":
                yield from self._paragraph(node)
            elif node.tag == f"{_TEXT}list":
                yield from self._items(node)
            elif node.tag == f"{_TABLE}table":
                yield from self._rows(node)
            elif node.tag not in _ASIDE and len(node):
                yield from self.blocks_in(node)

    def _heading(self, node: etree._Element) -> Iterator[Block]:
        text = _lines(node)
        if text:
            yield Block("heading", text, level=int(node.get(f"{_TEXT}outline-level") or 1))

    def _paragraph(self, node: etree._Element) -> Iterator[Block]:
        text = _lines(node)
        strong = bool(text) and self._strong(node)
        for block in blocks_of_lines(text, marked_up=self.styled) if text else ():
            yield Block(
                block.kind, block.text, block.level, block.cells, block.marker, strong=strong
            )

    def _strong(self, node: etree._Element) -> bool:
        """Whether the paragraph's style is bold, or every piece of it is."""
        if node.get(f"{_TEXT}style-name") in self.bold:
            return True
        loose = [node.text, *(child.tail for child in node)]
        spans = [child for child in node if _all_text(child).strip()]
        return not any(part and part.strip() for part in loose) and all(
            child.get(f"{_TEXT}style-name") in self.bold for child in spans
        )

    def _items(self, node: etree._Element) -> Iterator[Block]:
        for item in node.iter(f"{_TEXT}p", f"{_TEXT}h"):
            text = _lines(item)
            if text:
                yield Block("item", text, marker="•")

    def _rows(self, table: etree._Element) -> Iterator[Block]:
        for row in table.iter(f"{_TABLE}table-row"):
            cells = tuple(_cell(cell) for cell in row if cell.tag == f"{_TABLE}table-cell")
            if len(cells) == 1:
                yield from self.blocks_in(row[0])
            elif any(cells):
                yield Block("row", "\n".join(filter(None, cells)), cells=cells)


def _cell(cell: etree._Element) -> str:
    return "\n".join(filter(None, (_lines(part) for part in cell.iter(f"{_TEXT}p"))))


def _lines(node: etree._Element) -> str:
    """The text of a paragraph; its own line ends are kept."""
    return "\n".join(filter(None, map(flatten, _all_text(node).split("\n"))))


def _all_text(node: etree._Element) -> str:
    return "".join(_pieces(node))


def _pieces(node: etree._Element) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag == f"{_TEXT}tab":
            yield "\t"
        elif child.tag == f"{_TEXT}s":
            yield " "
        elif child.tag not in _ASIDE:
            yield from _pieces(child)
            yield from _address(child)
        yield child.tail or ""


def _address(link: etree._Element) -> Iterator[str]:
    """The address under a mail link that does not show it."""
    target = link.get(_LINK) or ""
    if target.startswith("mailto:") and "@" not in _all_text(link):
        yield f" ({target[7:].split('?')[0]})"
