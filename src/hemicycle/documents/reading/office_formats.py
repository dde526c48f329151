"""Text of DOCX and ODT, streamed from their XML.

Expat is fed a piece at a time, so memory does not grow with the file. No document of
either kind has a document type declaration, and entities live in one: meeting one ends
the reading. Names of elements are matched without their namespace version, since strict
and transitional OOXML differ only there.
"""

import xml.parsers.expat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers.expat import ParserCreate
from zipfile import ZipFile

from hemicycle.documents.reading import container
from hemicycle.documents.reading.errors import Refused
from hemicycle.documents.reading.model import Limits

_DEPTH = 300
_MANIFEST = "META-INF/manifest.xml"
_LOCKED = b"encryption-data"
_SPACES = 100
_WORD = ("wordprocessingml/2006/main", "wordprocessingml/main")
_ODF_TEXT = ("opendocument:xmlns:text:1.0",)
# Titles and descriptions of pictures.
_ALTERNATIVES = "svg-compatible:1.0"
_SKIP_ANYWHERE = frozenset({"Fallback", "annotation", "tracked-changes", "moveFrom"})

Attributes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which elements of a format hold its text."""

    namespaces: tuple[str, ...]
    paragraphs: frozenset[str]
    stands_for: dict[str, Callable[[Attributes], str]]
    # Elements outside which characters are not text; empty when all of a paragraph is.
    runs: frozenset[str] = frozenset()
    # Elements whose content alone is read; empty when all of the part is.
    within: frozenset[str] = frozenset()


def _spaces(attributes: Attributes) -> str:
    asked = next((value for name, value in attributes.items() if name.endswith(" c")), "1")
    return " " * min(int(asked) if asked.isdecimal() else 1, _SPACES)


WORD = Dialect(
    namespaces=_WORD,
    paragraphs=frozenset({"p"}),
    runs=frozenset({"t"}),
    stands_for={
        "tab": lambda _: "\t",
        "br": lambda _: "\n",
        "cr": lambda _: "\n",
        "noBreakHyphen": lambda _: "-",
    },
)
ODF = Dialect(
    namespaces=_ODF_TEXT,
    paragraphs=frozenset({"p", "h"}),
    stands_for={"s": _spaces, "tab": lambda _: "\t", "line-break": lambda _: "\n"},
)
ODF_PAGE = Dialect(
    namespaces=ODF.namespaces,
    paragraphs=ODF.paragraphs,
    stands_for=ODF.stands_for,
    within=frozenset({"header", "footer"}),
)


def read_docx(file: BinaryIO, limits: Limits) -> list[str]:
    """Paragraphs of headers, body, notes and footers, in that order."""
    with container.opened(file, limits) as archive:
        names = sorted(archive.namelist())
        parts = [
            *_distinct(n for n in names if n.startswith("word/header") and n.endswith(".xml")),
            "word/document.xml",
            *(n for n in ("word/footnotes.xml", "word/endnotes.xml") if n in names),
            *_distinct(n for n in names if n.startswith("word/footer") and n.endswith(".xml")),
        ]
        budget = Budget(limits.characters)
        read = [(part, _read(archive, part, WORD, budget, limits)) for part in parts]
    return _without_repeated_margins(read)


def read_odt(file: BinaryIO, limits: Limits) -> list[str]:
    """Paragraphs of headers and footers (from the page styles), then of the body."""
    with container.opened(file, limits) as archive:
        names = set(archive.namelist())
        if _MANIFEST in names and _LOCKED in container.part(archive, _MANIFEST, limits):
            raise Refused("encrypted")
        budget = Budget(limits.characters)
        margins = (
            _read(archive, "styles.xml", ODF_PAGE, budget, limits) if "styles.xml" in names else []
        )
        return [*_distinct(margins), *_read(archive, "content.xml", ODF, budget, limits)]


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _without_repeated_margins(parts: list[tuple[str, list[str]]]) -> list[str]:
    # First, even and other pages each have a header part; the same words count once.
    seen: set[str] = set()
    kept: list[str] = []
    for name, paragraphs in parts:
        margin = name.startswith(("word/header", "word/footer"))
        kept.extend(text for text in paragraphs if not (margin and text in seen))
        if margin:
            seen.update(paragraphs)
    return kept


class Budget:
    """How many characters may still be taken out of a file."""

    def __init__(self, characters: int) -> None:
        self.left = characters

    def spend(self, text: str) -> None:
        self.left -= len(text)
        if self.left < 0:
            raise Refused("too_long")


@dataclass(slots=True)
class _Collector:
    dialect: Dialect
    budget: Budget
    paragraphs: list[str] = field(default_factory=list)
    open: list[list[str]] = field(default_factory=list)
    depth: int = 0
    skipping_from: int = 0
    in_run: int = 0
    inside: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if self.depth > _DEPTH:
            raise Refused("bomb")
        namespace, _, local = name.rpartition(" ")
        if self.skipping_from:
            return
        if local in _SKIP_ANYWHERE or namespace.endswith(_ALTERNATIVES):
            self.skipping_from = self.depth
        elif local in self.dialect.within:
            self.inside += 1
        elif namespace.endswith(self.dialect.namespaces):
            self._start_text(local, attributes)

    def _start_text(self, local: str, attributes: Attributes) -> None:
        if local in self.dialect.paragraphs:
            self.open.append([])
        elif local in self.dialect.runs:
            self.in_run += 1
        elif local in self.dialect.stands_for and self.open:
            self._add(self.dialect.stands_for[local](attributes))

    def end(self, name: str) -> None:
        namespace, _, local = name.rpartition(" ")
        if self.skipping_from:
            if self.skipping_from == self.depth:
                self.skipping_from = 0
        elif local in self.dialect.within:
            self.inside -= 1
        elif namespace.endswith(self.dialect.namespaces):
            self._end_text(local)
        self.depth -= 1

    def _end_text(self, local: str) -> None:
        if local in self.dialect.paragraphs:
            self.paragraphs.append("".join(self.open.pop()))
        elif local in self.dialect.runs:
            self.in_run -= 1

    def characters(self, text: str) -> None:
        if self.open and not self.skipping_from and (self.in_run or not self.dialect.runs):
            self._add(text)

    def _add(self, text: str) -> None:
        if self.dialect.within and not self.inside:
            return
        self.budget.spend(text)
        self.open[-1].append(text)


def _read(
    archive: ZipFile, part: str, dialect: Dialect, budget: Budget, limits: Limits
) -> list[str]:
    collector = _Collector(dialect, budget)
    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for chunk in container.chunks(archive, part, limits):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except xml.parsers.expat.ExpatError as error:
        raise Refused("damaged") from error
    return collector.paragraphs


def _refuse_doctype(*_: object) -> None:
    raise Refused("bomb")
