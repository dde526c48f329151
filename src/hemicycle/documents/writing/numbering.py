"""Numbers that Word counts: headings, paragraphs through the whole paper, separate lists.

They belong to the styles, so a heading or a paragraph that an editor adds is numbered, too.
"""

from typing import Any

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from hemicycle.documents.writing.styles import NUMBERED, style_of

_HEADINGS, _PARAGRAPHS = 90, 91
"""Ids of these numberings, outside those of python-docx's own template."""
_LEVEL = """<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>
<w:pStyle w:val="{style}"/><w:suff w:val="{after}"/><w:lvlText w:val="{text}"/>
<w:lvlJc w:val="left"/><w:pPr>{form}</w:pPr></w:lvl>"""
_TAB = '<w:tabs><w:tab w:val="num" w:pos="{at}"/></w:tabs><w:ind w:left="{at}" w:hanging="{at}"/>'
_AT = round(Mm(11).twips)


def prepare(document: Document) -> None:
    """Define the numberings of headings and numbered paragraphs, and link them to their styles."""
    names = ("Heading 1", "Heading 2", "Heading 3")
    texts = ("%1", "%1.%2", "%1.%2.%3")
    levels = [
        _LEVEL.format(level=level, style=_id(document, name), after="tab", text=text, form=_form())
        for level, (name, text) in enumerate(zip(names, texts, strict=True))
    ]
    _define(document, _HEADINGS, "multilevel", "".join(levels))
    for level, name in enumerate(names):
        _link(document, name, _HEADINGS, level)
    style = _id(document, NUMBERED)
    through = _LEVEL.format(level=0, style=style, after="tab", text="%1.", form=_form())
    _define(document, _PARAGRAPHS, "singleLevel", through)
    _link(document, NUMBERED, _PARAGRAPHS, 0)


def _form() -> str:
    return _TAB.format(at=_AT)


def _id(document: Document, name: str) -> str:
    return str(style_of(document, name).style_id)


def _define(document: Document, id: int, kind: str, levels: str) -> None:
    root = document.part.numbering_part.element
    defined = (
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{id}">'
        f'<w:multiLevelType w:val="{kind}"/>{levels}</w:abstractNum>'
    )
    # All definitions must precede all uses.
    root.num_lst[0].addprevious(parse_xml(defined))
    used = f'<w:num {nsdecls("w")} w:numId="{id}"><w:abstractNumId w:val="{id}"/></w:num>'
    root.append(parse_xml(used))


def _link(document: Document, name: str, id: int, level: int) -> None:
    properties: Any = style_of(document, name).element.get_or_add_pPr()
    numbers = properties.get_or_add_numPr()
    numbers.get_or_add_ilvl().val = level
    numbers.get_or_add_numId().val = id


def without_number(line: Paragraph) -> None:
    """Leave a heading out of the numbering of its style."""
    properties: Any = line._p.get_or_add_pPr()
    properties.get_or_add_numPr().get_or_add_numId().val = 0
    line.paragraph_format.left_indent = line.paragraph_format.first_line_indent = Mm(0)


def restarted(document: Document) -> int:
    """Add a numbering for one numbered list that begins at 1; return its id."""
    root = document.part.numbering_part.element
    by_style = style_of(document, "List Number").element.pPr.numPr.numId.val
    abstract = root.num_having_numId(by_style).abstractNumId.val
    numbering = root.add_num(abstract)
    numbering.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(numbering.numId)


def number(line: Paragraph, numbering: int) -> None:
    """Number `line` by the numbering with that id."""
    paragraph: Any = line._p.get_or_add_pPr()
    properties = paragraph.get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = numbering
