"""The look of a DOCX paper, set in the styles of python-docx's own template."""

from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.run import Run

from hemicycle.documents.writing.paper import base, is_right_to_left
from hemicycle.documents.writing.xml import child

TABLE = "Paper Table"
CELL = "Table Text"
AFTER_TABLE = "After Table"
NUMBERED = "Numbered Paragraph"
# Fonts that every copy of Word has; a font that a reader lacks would be worse than a plain one.
_FONT, _CHINESE_FONT = "Times New Roman", "SimSun"
_INK = RGBColor(0x1B, 0x27, 0x33)
MARK = RGBColor(0x7A, 0x4A, 0x00)
_ACCENT = RGBColor(0x1D, 0x4F, 0x7C)
# Size, space above and space below, in points.
_HEADINGS = {
    "Title": (22, 0, 4),
    "Subtitle": (13, 0, 14),
    "Heading 1": (15, 18, 6),
    "Heading 2": (12.5, 14, 4),
    "Heading 3": (11.5, 12, 4),
}
# Decorations of the template's headings that papers do not use: rules, wide letters, italics.
_NOT_OURS = (("w:pPr", "w:pBdr"), ("w:rPr", "w:spacing"), ("w:rPr", "w:iCs"))
_TABLE_STYLE = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="PaperTable">
  <w:name w:val="{TABLE}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/>
  <w:tblPr><w:tblBorders>
    <w:top w:val="single" w:sz="4" w:color="B9C4CF"/>
    <w:bottom w:val="single" w:sz="4" w:color="B9C4CF"/>
    <w:insideH w:val="single" w:sz="4" w:color="B9C4CF"/>
  </w:tblBorders></w:tblPr>
  <w:tblStylePr w:type="firstRow"><w:tcPr>
    <w:shd w:val="clear" w:color="auto" w:fill="E8EDF2"/>
  </w:tcPr></w:tblStylePr>
</w:style>"""


def prepare(document: Document, language: str) -> None:
    """Set the page, fonts, colours and language of an empty document."""
    _page(document, is_right_to_left(language))
    _defaults(document, language)
    _paragraphs(document)
    document.styles.element.append(parse_xml(_TABLE_STYLE))


def _page(document: Document, rtl: bool) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(26)
    section.top_margin, section.bottom_margin = Mm(24), Mm(26)
    if rtl:
        child(section._sectPr, "w:bidi")


def _defaults(document: Document, language: str) -> None:
    defaults = document.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(qn("w:rPrDefault")).find(qn("w:rPr"))
    _language(properties, language)


def language(run: Run, tag: str, *, rtl: bool) -> None:
    """Mark a run as being in another language; `rtl` is true if its line runs right to left."""
    properties = run._r.get_or_add_rPr()
    if is_right_to_left(tag) and not rtl:
        child(properties, "w:rtl")
    _language(properties, tag)


def _language(properties: Any, tag: str) -> None:
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    rtl, chinese = is_right_to_left(tag), base(tag) == "zh"
    child(
        properties,
        "w:lang",
        val="en" if rtl or chinese else tag,
        eastAsia=tag if chinese else "zh",
        bidi=tag if rtl else "ar",
    )


def without_header(grid: Table) -> None:
    """Make the table's style treat the first row like the others."""
    look: Any = grid._tbl.tblPr.find(qn("w:tblLook"))
    look.set(qn("w:firstRow"), "0")
    look.set(qn("w:val"), "0480")


def _paragraphs(document: Document) -> None:
    normal = style_of(document, "Normal")
    _font(normal, 11, bold=False)
    normal.font.color.rgb = _INK
    normal.paragraph_format.space_after = Pt(8)
    normal.paragraph_format.line_spacing = 1.2
    for name, (size, above, below) in _HEADINGS.items():
        _heading(style_of(document, name), size, above, below)
    footer = style_of(document, "Footer")
    footer.font.size = Pt(9)
    footer.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    cell = document.styles.add_style(CELL, WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = normal
    cell.font.size = Pt(9.5)
    cell.paragraph_format.line_spacing = 1.1
    cell.paragraph_format.space_before = cell.paragraph_format.space_after = Pt(2)
    after = document.styles.add_style(AFTER_TABLE, WD_STYLE_TYPE.PARAGRAPH)
    after.base_style = normal
    after.font.size = Pt(4)
    document.styles.add_style(NUMBERED, WD_STYLE_TYPE.PARAGRAPH).base_style = normal
    _letter(document, normal)
    source = document.styles.add_style("Source", WD_STYLE_TYPE.PARAGRAPH)
    source.base_style = normal
    source.font.size = Pt(9.5)
    source.paragraph_format.left_indent = Mm(9)
    source.paragraph_format.first_line_indent = Mm(-9)
    source.paragraph_format.tab_stops.add_tab_stop(Mm(9))
    source.paragraph_format.space_after = Pt(4)


def _letter(document: Document, normal: ParagraphStyle) -> None:
    """Add the styles of a cover letter: its head, date, signature and addressees."""
    for name, where in (
        ("Letterhead", WD_ALIGN_PARAGRAPH.CENTER),
        ("Letterhead Picture", WD_ALIGN_PARAGRAPH.CENTER),
        ("Letter Date", WD_ALIGN_PARAGRAPH.RIGHT),
        ("Signature", WD_ALIGN_PARAGRAPH.RIGHT),
        ("Letter Addressees", WD_ALIGN_PARAGRAPH.LEFT),
    ):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        style.paragraph_format.alignment = where
    style_of(document, "Letterhead").font.size = Pt(13)
    style_of(document, "Letterhead").font.color.rgb = _ACCENT
    style_of(document, "Letterhead").paragraph_format.space_after = Pt(28)
    style_of(document, "Letter Date").paragraph_format.space_after = Pt(24)
    style_of(document, "Signature").paragraph_format.space_before = Pt(36)
    foot = style_of(document, "Letter Addressees").paragraph_format
    foot.space_before, foot.right_indent = Pt(96), Mm(60)


def _heading(style: ParagraphStyle, size: float, above: float, below: float) -> None:
    _font(style, size, bold=style.name != "Subtitle")
    style.font.italic = False
    style.font.color.rgb = _INK if style.name == "Subtitle" else _ACCENT
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)
    for properties, name in _NOT_OURS:
        for old in style.element.findall(f"{qn(properties)}/{qn(name)}"):
            old.getparent().remove(old)


def _font(style: ParagraphStyle, size: float, *, bold: bool) -> None:
    style.font.name, style.font.size, style.font.bold = _FONT, Pt(size), bold
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    # The template's headings name fonts by theme, which would take precedence over these.
    for attribute in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[attribute]
    for script, font in (("hAnsi", _FONT), ("cs", _FONT), ("eastAsia", _CHINESE_FONT)):
        fonts.set(qn(f"w:{script}"), font)
    _complex_script(properties, size, bold=bold)


def _complex_script(properties: Any, size: float, *, bold: bool) -> None:
    # Arabic text has separate elements for its size and weight.
    for name in ("w:szCs", "w:bCs"):
        for old in properties.findall(qn(name)):
            properties.remove(old)
    properties.find(qn("w:sz")).addnext(child(properties, "w:szCs", val=str(round(size * 2))))
    properties.find(qn("w:b")).addnext(child(properties, "w:bCs", val="1" if bold else "0"))


def style_of(document: Document, name: str) -> ParagraphStyle:
    """Return a paragraph style by its name."""
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle)
    return style
