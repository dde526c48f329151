"""OpenDocument texts: headers and footers (from the page styles), then the body."""

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
from hemicycle.documents.reading.refusals import UnreadableDocument

_MANIFEST = "META-INF/manifest.xml"
_LOCKED = b"encryption-data"
_SPACES = 100
_TEXT = "opendocument:xmlns:text:1.0"
_TABLE = "opendocument:xmlns:table:1.0"
_STYLE = "opendocument:xmlns:style:1.0"


def read(file: BinaryIO, limits: Limits) -> list[Parsed]:
    """Return the blocks of headers and footers, each text once, then those of the body."""
    with container.opened(file, limits) as archive:
        names = set(archive.namelist())
        if _MANIFEST in names and _LOCKED in container.part(archive, _MANIFEST, limits):
            raise UnreadableDocument("encrypted")
        budget = Budget(limits.characters)
        margins = _blocks(archive, "styles.xml", budget, limits) if "styles.xml" in names else []
        once = {text.text: text for text in texts_in(margins)}
        return [*once.values(), *_blocks(archive, "content.xml", budget, limits)]


def _blocks(archive: ZipFile, part: str, budget: Budget, limits: Limits) -> list[Parsed]:
    margins = part == "styles.xml"
    handler = _OdtHandler(BlockBuilder(budget, aside=margins), only_margins=margins)
    parse(archive, part, handler, limits)
    return handler.builder.blocks


@dataclass(slots=True)
class _OdtHandler:
    builder: BlockBuilder
    only_margins: bool
    """Whether to read only headers and footers."""
    bold_styles: set[str] = field(default_factory=set)
    style: str = ""
    bold: list[bool] = field(default_factory=list)
    """For each open paragraph and span, whether it is bold."""
    in_margin: int = 0
    lists: int = 0

    def start(self, namespace: str, name: str, attributes: Attributes) -> None:
        if namespace.endswith(_STYLE):
            self._start_style(name, attributes)
        elif self.only_margins and not self.in_margin:
            return
        elif namespace.endswith(_TEXT):
            self._start_text(name, attributes)
        elif namespace.endswith(_TABLE) and name == "table-row":
            self.builder.start_row()
        elif namespace.endswith(_TABLE) and name == "table-cell":
            self.builder.start_cell()

    def _start_style(self, name: str, attributes: Attributes) -> None:
        if name == "style":
            self.style = attribute(attributes, "name")
        elif name == "text-properties" and attribute(attributes, "font-weight") == "bold":
            self.bold_styles.add(self.style)
        elif name in {"header", "footer"}:
            self.in_margin += 1

    def _start_text(self, name: str, attributes: Attributes) -> None:
        if name in {"p", "h"}:
            self.builder.start_paragraph(self._paragraph(name, attributes))
            self.bold.append(attribute(attributes, "style-name") in self.bold_styles)
        elif name == "list":
            self.lists += 1
        elif name == "note":
            self.builder.aside = True
        elif name == "span":
            above = bool(self.bold) and self.bold[-1]
            self.bold.append(above or attribute(attributes, "style-name") in self.bold_styles)
        elif name == "a" and self.builder.paragraph:
            self.builder.paragraph.start_link(attribute(attributes, "href"))
        elif name == "line-break":
            self._add("\n")
        elif name == "tab":
            self._add("\t")
        elif name == "s":
            count = attribute(attributes, "c")
            self._add(" " * min(int(count) if count.isdecimal() else 1, _SPACES))

    def _paragraph(self, name: str, attributes: Attributes) -> OpenParagraph:
        if self.lists:
            return OpenParagraph("item", marker="•")
        if name == "h":
            level = attribute(attributes, "outline-level")
            return OpenParagraph("heading", level=int(level) if level.isdecimal() else 1)
        return OpenParagraph()

    def end(self, namespace: str, name: str) -> None:
        if namespace.endswith(_STYLE):
            self.in_margin -= 1 if name in {"header", "footer"} else 0
        elif self.only_margins and not self.in_margin:
            return
        elif namespace.endswith(_TEXT):
            self._end_text(name)
        elif namespace.endswith(_TABLE) and name == "table-row":
            self.builder.end_row()
        elif namespace.endswith(_TABLE) and name == "table-cell":
            self.builder.end_cell()

    def _end_text(self, name: str) -> None:
        if name in {"p", "h"}:
            self.bold.pop()
            self.builder.end_paragraph()
        elif name == "span":
            self.bold.pop()
        elif name == "list":
            self.lists -= 1
        elif name == "note":
            self.builder.aside = self.only_margins
        elif name == "a" and self.builder.paragraph and self.builder.paragraph.links:
            self.builder.paragraph.end_link()

    def characters(self, text: str) -> None:
        if self.builder.paragraph and (self.in_margin or not self.only_margins):
            self._add(text)

    def _add(self, text: str) -> None:
        if self.builder.paragraph:
            self.builder.add(text, bold=self.bold[-1] if self.bold else False)
