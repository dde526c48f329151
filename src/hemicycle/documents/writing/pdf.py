"""PDF files by typst: tagged for screen readers, and PDF/UA-1 if every character has a glyph."""

import datetime as dt
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typst

from hemicycle.documents.writing import fonts
from hemicycle.documents.writing.paper import (
    Block,
    BulletList,
    CoverLetter,
    Emblem,
    Heading,
    NumberedList,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    SourceNotes,
    Table,
    base,
    is_right_to_left,
    leads,
    legible,
    numbered,
    ranges,
    runs_of,
    turned_back,
)

UA = "PDF/UA-1"
_TEMPLATE = Path(__file__).with_name("paper.typ")
_NO_GLYPH = "□"
# The template's name for each kind of block.
_KINDS: dict[type[Block], str] = {
    Heading: "heading",
    Paragraph: "paragraph",
    BulletList: "bullets",
    NumberedList: "numbers",
    Table: "table",
    SourceNotes: "notes",
    PageBreak: "turn",
}


@dataclass(frozen=True, slots=True)
class Pdf:
    """A PDF file.

    `missing` contains each character that no font can draw, which is shown as an empty square.
    `standard` is "PDF/UA-1". In rare cases it is "": the file is tagged, but has combined
    characters that no single font can draw.
    """

    content: bytes
    missing: str
    standard: str


def to_pdf(paper: Paper) -> Pdf:
    """Return `paper` as a PDF with A4 pages, in its language and direction."""
    glyphs = _Glyphs(fonts.installed().covered, rtl=paper.right_to_left)
    data = json.dumps(_paper(paper, glyphs), ensure_ascii=False)
    missing = "".join(sorted(glyphs.missing))
    try:
        return Pdf(_compiled(data, paper, ["ua-1"]), missing, UA)
    except typst.TypstError:
        return Pdf(_compiled(data, paper, []), missing, "")


def _compiled(data: str, paper: Paper, standards: list[Any]) -> bytes:
    return typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=fonts.installed().typst,
        ignore_system_fonts=True,
        sys_inputs={"paper": data},
        pdf_standards=standards,
        timestamp=_made(paper.date),
    )


def _made(date: dt.date | None) -> dt.datetime:
    # A fixed date, so that the same paper gives the same bytes.
    day = date or dt.date(2000, 1, 1)
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


class _Glyphs:
    """Replaces characters that cannot be drawn, and collects them in `missing`."""

    def __init__(self, covered: frozenset[int], *, rtl: bool) -> None:
        self.covered = covered
        self.rtl = rtl
        self.missing: set[str] = set()

    def drawable(self, text: str) -> str:
        return "".join(self._drawable(c) for c in legible(text))

    def _drawable(self, character: str) -> str:
        if character == "\n" or ord(character) in self.covered:
            return character
        # Joiners and selectors of a missing glyph get no square of their own.
        if unicodedata.category(character) in {"Cf", "Mn", "Me"}:
            return ""
        self.missing.add(character)
        return _NO_GLYPH


def _paper(paper: Paper, glyphs: _Glyphs) -> dict[str, Any]:
    draw = glyphs.drawable
    before, between, after = _around_numbers(paper.page_of)
    return {
        "title": draw(paper.title),
        "subtitle": draw(paper.subtitle),
        "author": draw(paper.author),
        "mark": draw(paper.mark),
        "language": base(paper.language),
        "rtl": is_right_to_left(paper.language),
        # Amiri's letters are smaller than those of the other fonts at the same size.
        "size": 12.5 if base(paper.language) == "ar" else 10.5,
        "fonts": fonts.TEXT_FAMILIES,
        "strong_fonts": fonts.STRONG_FAMILIES,
        "letter": _letter(paper.letter, glyphs),
        "picture": _picture(paper.picture, glyphs),
        "letterhead": [draw(line) for line in paper.letterhead],
        "signature": [draw(line) for line in paper.signature],
        "facts": [[draw(label), draw(value)] for label, value in paper.facts],
        "blocks": [_block(block, number, glyphs) for block, number in numbered(paper.blocks)],
        "page_of": [before, between, after],
    }


def draws(picture: bytes) -> bool:
    """Whether a PNG or JPEG can be drawn."""
    source = b"#image(bytes(json(bytes(sys.inputs.picture))))"
    try:
        typst.compile(source, format="pdf", sys_inputs={"picture": json.dumps([*picture])})
    except typst.TypstError:
        return False
    return True


def _picture(picture: Emblem | None, glyphs: _Glyphs) -> dict[str, Any] | None:
    if picture is None:
        return None
    return {"alt": glyphs.drawable(picture.alt), "content": [*picture.content]}


def _letter(letter: CoverLetter | None, glyphs: _Glyphs) -> dict[str, Any] | None:
    if letter is None:
        return None
    draw = glyphs.drawable
    return {
        "head": draw(letter.head),
        "date": draw(letter.date),
        "paragraphs": [draw(paragraph) for paragraph in letter.paragraphs],
        "signed": draw(letter.signed),
        "to": draw(letter.to),
    }


def _around_numbers(page_of: str) -> tuple[str, str, str]:
    before, _, rest = page_of.partition("{page}")
    between, _, after = rest.partition("{pages}")
    return before, between, after


def _block(block: Block, number: str, glyphs: _Glyphs) -> dict[str, Any]:
    draw = glyphs.drawable
    match block:
        case Heading(level, text):
            data: dict[str, Any] = {"level": level, "number": number, "text": draw(text)}
        case Paragraph(runs, language, through):
            rtl = is_right_to_left(language)
            data = {"runs": _runs(runs, glyphs), "language": base(language), "rtl": rtl}
            data |= {"through": through, "sticky": leads(runs)}
        case BulletList(items) | NumberedList(items):
            data = {"items": [_runs(item, glyphs) for item in items]}
        case Table(header, rows, shares):
            data = {
                "shares": shares,
                "numeric": block.numeric,
                "short": block.is_short,
                "header": [draw(cell) for cell in header],
                "rows": [[_runs(runs_of(cell), glyphs) for cell in row] for row in rows],
            }
        case SourceNotes(notes):
            data = {"items": [[note.number, draw(note.text)] for note in notes]}
        case PageBreak():
            data = {}
    return {"kind": _KINDS[type(block)], **data}


def _runs(runs: Iterable[Run], glyphs: _Glyphs) -> list[dict[str, Any]]:
    return [
        {
            "text": glyphs.drawable(run.text),
            "strong": run.strong,
            "emphasis": run.emphasis,
            "language": base(run.language) if run.language else "",
            "sources": ranges(run.sources),
            "turned_back": turned_back(run.text, rtl=glyphs.rtl) if run.sources else "",
        }
        for run in runs
    ]
