"""Word documents: headers, body, notes and footers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO
from zipfile import ZipFile

from hemicycle.documents.reading import container
from hemicycle.documents.reading.blocks import Parsed, texts_in
from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.office_xml import (
    Attributes,
    BlockBuilder,
    Budget,
    OpenParagraph,
    attribute,
    parse,
)

_WORD = ("wordprocessingml/2006/main", "wordprocessingml/main")
_HEADING = re.compile(r"^(?:heading|überschrift|titre|título|title)\s*(\d?)", re.IGNORECASE)
_OFF = frozenset({"0", "false", "off", "none"})
_STANDS_FOR = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_STYLES = "word/styles.xml"
_LINKS = "word/_rels/document.xml.rels"
_PROPERTIES = "docProps/core.xml"
_BODY = "word/document.xml"


def read(file: BinaryIO, limits: Limits) -> tuple[list[Parsed], str]:
    """Return the blocks of headers, body, notes and footers, in order, and the declared title."""
    with container.opened(file, limits) as archive:
        names = sorted(archive.namelist())
        known = _Lookup()
        for part in (_STYLES, _LINKS, _PROPERTIES):
            if part in names:
                parse(archive, part, known, limits)
        parts = [
            *(name for name in names if name.startswith("word/header") and name.endswith(".xml")),
            _BODY,
            *(name for name in ("word/footnotes.xml", "word/endnotes.xml") if name in names),
            *(name for name in names if name.startswith("word/footer") and name.endswith(".xml")),
        ]
        budget = Budget(limits.characters)
        read = [(part, _blocks(archive, part, known, budget, limits)) for part in parts]
    return _without_repeated_margins(read), known.title


def _without_repeated_margins(parts: Iterable[tuple[str, list[Parsed]]]) -> list[Parsed]:
    # First, even and other pages have separate header parts; a text that they repeat counts once.
    seen: set[str] = set()
    kept: list[Parsed] = []
    for name, blocks in parts:
        if name.startswith(("word/header", "word/footer")):
            texts = list(texts_in(blocks))
            kept.extend(text for text in texts if text.text not in seen)
            seen.update(text.text for text in texts)
        else:
            kept.extend(blocks)
    return kept


@dataclass(slots=True)
class _Lookup:
    """The names of styles and targets of links by the ids that the body uses; and the title."""

    styles: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    title: str = ""
    style: str = ""
    in_title: bool = False

    def start(self, namespace: str, name: str, attributes: Attributes) -> None:
        if name == "style" and namespace.endswith(_WORD):
            self.style = attribute(attributes, "styleId")
        elif name == "name" and self.style and namespace.endswith(_WORD):
            self.styles.setdefault(self.style, attribute(attributes, "val"))
        elif name == "Relationship":
            self.links[attributes.get("Id", "")] = attributes.get("Target", "")
        self.in_title = name == "title"

    def end(self, namespace: str, name: str) -> None:
        self.in_title = False

    def characters(self, text: str) -> None:
        if self.in_title:
            self.title += text


def _blocks(
    archive: ZipFile, part: str, known: _Lookup, budget: Budget, limits: Limits
) -> list[Parsed]:
    handler = _WordHandler(known, BlockBuilder(budget, aside=part != _BODY))
    parse(archive, part, handler, limits)
    return handler.builder.blocks


@dataclass(slots=True)
class _Run:
    bold: bool = False
    in_text: bool = False


@dataclass(slots=True)
class _Cell:
    span: int = 1
    continues: bool = False


@dataclass(slots=True)
class _WordHandler:
    known: _Lookup
    builder: BlockBuilder
    runs: list[_Run | None] = field(default_factory=list)
    """The open runs; None stands for a paragraph, which may be inside a run (a text box)."""
    cells: list[_Cell] = field(default_factory=list)

    def start(self, namespace: str, name: str, attributes: Attributes) -> None:
        if not namespace.endswith(_WORD):
            return
        if name == "p":
            self.builder.start_paragraph(OpenParagraph())
            self.runs.append(None)
        elif name == "r":
            self.runs.append(_Run())
        elif name == "tr":
            self.builder.start_row()
        elif name == "tc":
            self.cells.append(_Cell())
            self.builder.start_cell()
        elif self.run:
            self._in_run(self.run, name, attributes)
        elif name == "hyperlink" and self.builder.paragraph:
            target = self.known.links.get(attribute(attributes, "id"), "")
            self.builder.paragraph.start_link(target)
        else:
            self._property(name, attributes)

    @property
    def run(self) -> _Run | None:
        """The innermost run; None if a paragraph inside it is open."""
        return self.runs[-1] if self.runs else None

    def _in_run(self, run: _Run, name: str, attributes: Attributes) -> None:
        if name == "t":
            run.in_text = True
        elif name == "b":
            run.bold = attribute(attributes, "val") not in _OFF
        elif name in _STANDS_FOR:
            self.builder.add(_STANDS_FOR[name], bold=run.bold)

    def _property(self, name: str, attributes: Attributes) -> None:
        """Apply a property of a paragraph or a cell."""
        paragraph, value = self.builder.paragraph, attribute(attributes, "val")
        if name == "pStyle" and paragraph:
            _set_kind(paragraph, self.known.styles.get(value, ""))
        elif name == "numPr" and paragraph and paragraph.kind != "heading":
            paragraph.kind, paragraph.marker = "item", paragraph.marker or "•"
        elif name == "gridSpan" and self.cells:
            self.cells[-1].span = int(value) if value.isdecimal() else 1
        elif name == "vMerge" and self.cells:
            self.cells[-1].continues = value != "restart"

    def end(self, namespace: str, name: str) -> None:
        if not namespace.endswith(_WORD):
            return
        if name == "p":
            self.builder.end_paragraph()
            self.runs.pop()
        elif name == "r":
            self.runs.pop()
        elif name == "t" and self.run:
            self.run.in_text = False
        elif name == "tr":
            self.builder.end_row()
        elif name == "tc":
            cell = self.cells.pop()
            self.builder.end_cell(span=cell.span, continues=cell.continues)
        elif name == "hyperlink" and self.builder.paragraph and self.builder.paragraph.links:
            self.builder.paragraph.end_link()

    def characters(self, text: str) -> None:
        if self.run and self.run.in_text:
            self.builder.add(text, bold=self.run.bold)


def _set_kind(paragraph: OpenParagraph, style: str) -> None:
    """Set the kind of a paragraph from the name of its style."""
    heading = _HEADING.match(style)
    if heading:
        paragraph.kind, paragraph.level = "heading", int(heading[1] or 0)
    elif "List" in style:
        paragraph.kind, paragraph.marker = "item", "1." if "Number" in style else "•"
