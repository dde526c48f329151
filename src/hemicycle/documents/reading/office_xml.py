"""Common parts of DOCX and ODT: XML streamed from an archive, and the blocks built from it.

Expat receives the XML in pieces, so memory use does not grow with the file. Documents of these
formats contain no document type declaration, the only place where entities can be declared, so such
a declaration ends the reading. Names of elements are matched without the version in their
namespace, since strict and transitional OOXML differ only there.
"""

import xml.parsers.expat
from dataclasses import dataclass, field
from typing import Protocol
from xml.parsers.expat import ParserCreate
from zipfile import ZipFile

from hemicycle.documents.reading import container
from hemicycle.documents.reading.blocks import Kind, Parsed, ParsedCell, ParsedRow, ParsedText
from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.refusals import UnreadableDocument

_DEPTH = 300
# The namespace of titles and descriptions of pictures.
_ALTERNATIVES = "svg-compatible:1.0"
_SKIPPED = frozenset({"Fallback", "annotation", "tracked-changes", "moveFrom", "note-citation"})

Attributes = dict[str, str]


class XmlHandler(Protocol):
    """Receives the elements of a part; their names are passed separately from their namespaces."""

    def start(self, namespace: str, name: str, attributes: Attributes) -> None: ...
    def end(self, namespace: str, name: str) -> None: ...
    def characters(self, text: str) -> None: ...


def parse(archive: ZipFile, part: str, handler: XmlHandler, limits: Limits) -> None:
    """Stream one part to `handler`, without elements that no reader sees.

    Raises `UnreadableDocument`.
    """
    filtered = _Filter(handler)
    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = filtered.start
    parser.EndElementHandler = filtered.end
    parser.CharacterDataHandler = filtered.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for chunk in container.chunks(archive, part, limits):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except xml.parsers.expat.ExpatError as error:
        raise UnreadableDocument("damaged") from error


def _refuse_doctype(*_: object) -> None:
    raise UnreadableDocument("bomb")


def attribute(attributes: Attributes, name: str) -> str:
    """Return the value of an attribute by its name without a namespace; "" if it is missing."""
    if name in attributes:
        return attributes[name]
    return next((value for key, value in attributes.items() if key.endswith(f" {name}")), "")


@dataclass(slots=True)
class _Filter:
    """Limits the depth, and skips elements whose text must not be read."""

    handler: XmlHandler
    depth: int = 0
    skipping_from: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if self.depth > _DEPTH:
            raise UnreadableDocument("bomb")
        if self.skipping_from:
            return
        namespace, _, local = name.rpartition(" ")
        if local in _SKIPPED or namespace.endswith(_ALTERNATIVES):
            self.skipping_from = self.depth
        else:
            self.handler.start(namespace, local, attributes)

    def end(self, name: str) -> None:
        if not self.skipping_from:
            namespace, _, local = name.rpartition(" ")
            self.handler.end(namespace, local)
        elif self.skipping_from == self.depth:
            self.skipping_from = 0
        self.depth -= 1

    def characters(self, text: str) -> None:
        if not self.skipping_from:
            self.handler.characters(text)


class Budget:
    """How many more characters may be read from a file."""

    def __init__(self, characters: int) -> None:
        self.left = characters

    def spend(self, text: str) -> None:
        self.left -= len(text)
        if self.left < 0:
            raise UnreadableDocument("too_long")


@dataclass(slots=True)
class OpenParagraph:
    """A paragraph that has not ended yet."""

    kind: Kind = "paragraph"
    level: int = 0
    marker: str = ""
    text: list[str] = field(default_factory=list)
    length: int = 0
    plain_letters: int = 0
    bold_letters: int = 0
    addresses: list[tuple[int, str]] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)

    def add(self, text: str, *, bold: bool) -> None:
        self.text.append(text)
        self.length += len(text)
        letters = len(text.strip())
        self.bold_letters += letters if bold else 0
        self.plain_letters += 0 if bold else letters

    def start_link(self, target: str) -> None:
        self.links.append((self.length, target))

    def end_link(self) -> None:
        begin, target = self.links.pop()
        if target.startswith("mailto:") and "@" not in "".join(self.text)[begin:]:
            self.addresses.append((self.length, target[7:].split("?")[0]))

    def closed(self, *, aside: bool) -> ParsedText:
        strong = self.bold_letters > 0 and self.plain_letters == 0
        return ParsedText(
            "".join(self.text),
            self.kind,
            self.level,
            self.marker,
            strong=strong,
            aside=aside,
            addresses=tuple(self.addresses),
        )


@dataclass(slots=True)
class BlockBuilder:
    """Builds paragraphs and cells. A text box or a note precedes the paragraph that contains it."""

    budget: Budget
    aside: bool = False
    paragraphs: list[OpenParagraph] = field(default_factory=list)
    containers: list[list[Parsed]] = field(default_factory=lambda: [[]])
    rows: list[list[ParsedCell]] = field(default_factory=list)

    @property
    def blocks(self) -> list[Parsed]:
        return self.containers[0]

    @property
    def paragraph(self) -> OpenParagraph | None:
        """The innermost open paragraph; None if none is open."""
        return self.paragraphs[-1] if self.paragraphs else None

    def start_paragraph(self, paragraph: OpenParagraph) -> None:
        self.paragraphs.append(paragraph)

    def end_paragraph(self) -> None:
        self.containers[-1].append(self.paragraphs.pop().closed(aside=self.aside))

    def add(self, text: str, *, bold: bool = False) -> None:
        self.budget.spend(text)
        if self.paragraphs:
            self.paragraphs[-1].add(text, bold=bold)

    def start_row(self) -> None:
        self.rows.append([])

    def end_row(self) -> None:
        self.containers[-1].append(ParsedRow(tuple(self.rows.pop())))

    def start_cell(self) -> None:
        self.containers.append([])

    def end_cell(self, *, span: int = 1, continues: bool = False) -> None:
        cell = ParsedCell(tuple(self.containers.pop()), span, continues)
        if self.rows:
            self.rows[-1].append(cell)
        else:
            self.containers[-1].extend(cell.blocks)
