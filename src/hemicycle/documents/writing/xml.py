"""Elements of WordprocessingML that python-docx does not cover."""

import re
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_RTL_LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LTR_LETTER = re.compile("[A-Za-z\u00c0-\u058f\u2e80-\ud7ff]")


def child(parent: Any, tag: str, **attributes: str) -> Any:
    """Append an element `tag` with attributes of the `w:` namespace."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    parent.append(made)
    return made


def field(line: Paragraph, instruction: str) -> None:
    """Add a field that Word computes, such as PAGE; until then, it shows 1."""
    for kind in ("begin", "instruction", "separate", "shown", "end"):
        run = line.add_run()
        if kind == "shown":
            run.text = "1"
        elif kind == "instruction":
            child(run._r, "w:instrText").text = f" {instruction} "
        else:
            child(run._r, "w:fldChar", fldCharType=kind)


def linked(line: Paragraph, bookmark: str, text: str) -> None:
    """Add raised text that links to a bookmark of the same document."""
    link = child(line._p, "w:hyperlink", anchor=bookmark)
    run = line.add_run(text)
    run.font.superscript = True
    link.append(run._r)


def bookmarked(line: Paragraph, name: str, number: int) -> None:
    """Put a bookmark around the content of `line`; `number` must be unique in the document."""
    start = OxmlElement("w:bookmarkStart")
    start.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    line._p.r_lst[0].addprevious(start)
    child(line._p, "w:bookmarkEnd", id=str(number))


def right_to_left(line: Paragraph) -> None:
    """Set a paragraph from right to left; runs of Latin text in it keep their own direction."""
    properties = line._p.get_or_add_pPr()
    bidi: Any = OxmlElement("w:bidi")
    properties.insert_element_before(
        bidi,
        "w:adjustRightInd",
        "w:snapToGrid",
        "w:spacing",
        "w:ind",
        "w:contextualSpacing",
        "w:mirrorIndents",
        "w:jc",
        "w:textDirection",
        "w:outlineLvl",
        "w:rPr",
        "w:sectPr",
    )
    for text in line._p.iter(qn("w:r")):
        run: Any = text
        written = "".join(piece.text or "" for piece in text.iter(qn("w:t")))
        if _RTL_LETTER.search(written) or not _LTR_LETTER.search(written):
            child(run.get_or_add_rPr(), "w:rtl")
