"""DOCX papers, opened again as a word processor would."""

import dataclasses
import io
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.documents.reading import extract
from hemicycle.documents.writing import (
    Heading,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    SourceNote,
    SourceNotes,
    Table,
    to_docx,
)
from tests.documents.writing import papers
from tests.support.examples import examples


def opened(paper: Paper) -> Any:
    return Document(io.BytesIO(to_docx(paper)))


def lines(paper: Paper) -> list[tuple[str, str]]:
    return [(line.style.name, line.text) for line in opened(paper).paragraphs if line.text]


def test_words_in_real_styles() -> None:
    assert lines(papers.ENGLISH) == [
        ("Title", "President’s summary of the multi-stakeholder hearing"),
        ("Subtitle", "Appraisal of the Global Plan of Action"),
        ("Heading 1", "Introduction"),
        (
            "Normal",
            "The hearing heard thirty-eight speakers in two panels.1, 2 It closed at 5 p.m.",
        ),
        ("Heading 1", "Panel 1"),
        ("Heading 2", "Roles of civil society"),
        ("List Bullet", "A fund for legal aid.2"),
        ("List Bullet", "Shelters first."),
        ("Heading 2", "Shared responsibility"),
        ("List Number", "First act."),
        ("List Number", "Second act."),
        ("List Number", "First again."),
        ("Heading 1", "Sources"),
        ("Source", "1.\tExample Coalition, statement, paragraph 3"),
        ("Source", "2.\tRecord, entry 118"),
    ]


def test_tables() -> None:
    facts, table = opened(papers.ENGLISH).tables
    assert [[cell.text for cell in row.cells] for row in facts.rows] == [
        list(pair) for pair in papers.ENGLISH.facts
    ]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Category", "Inscribed", "Delivered"],
        ["States", "20", "18"],
        ["NGOs", "30", "20"],
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert (facts.style.name, table.style.name) == ("Paper Table", "Paper Table")


def test_page_numbers_properties_and_page() -> None:
    document = opened(papers.ENGLISH)
    section = document.sections[0]
    footer = section.footer.paragraphs[0]
    fields = [text.text.strip() for text in footer._p.iter(qn("w:instrText"))]
    assert (footer.text, fields) == ("Page 1 of 1", ["PAGE", "NUMPAGES"])
    properties = document.core_properties
    assert (properties.title, properties.author, properties.language) == (
        papers.ENGLISH.title,
        "Office of the President",
        "en",
    )
    assert properties.created.date() == papers.ENGLISH.date
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


@pytest.mark.parametrize(
    ("paper", "expected"),
    [
        (papers.ENGLISH, {"val": "en", "eastAsia": "zh", "bidi": "ar"}),
        (Paper(title="موجز", language="ar-EG"), {"val": "en", "eastAsia": "zh", "bidi": "ar-EG"}),
        (Paper(title="摘要", language="zh-CN"), {"val": "en", "eastAsia": "zh-CN", "bidi": "ar"}),
        (Paper(title="Résumé", language="fr"), {"val": "fr", "eastAsia": "zh", "bidi": "ar"}),
    ],
)
def test_the_language_of_each_script(paper: Paper, expected: dict[str, str]) -> None:
    defaults = opened(paper).styles.element.find(qn("w:docDefaults"))
    [language] = defaults.iter(qn("w:lang"))
    assert {name: language.get(qn(f"w:{name}")) for name in expected} == expected


def test_each_mark_leads_to_its_source() -> None:
    body = opened(papers.ENGLISH).element.body
    anchors = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    bookmarks = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
    assert (anchors, bookmarks) == (
        ["source-1", "source-2", "source-2"],
        ["source-1", "source-2"],
    )


def test_a_range_leads_to_its_first_and_last() -> None:
    cited = Paragraph((Run("x", sources=(1, 2, 3)),))
    notes = SourceNotes(tuple(SourceNote(number, "source") for number in (1, 2, 3)))
    document = opened(Paper(title="T", blocks=(cited, notes)))
    anchors = [link.get(qn("w:anchor")) for link in document.element.body.iter(qn("w:hyperlink"))]
    assert (anchors, document.paragraphs[1].text) == (["source-1", "source-3"], "x1–3")


def test_each_numbered_list_begins_at_one() -> None:
    items = [line for line in opened(papers.ENGLISH).paragraphs if line.style.name == "List Number"]
    first, second, third = (item._p.pPr.numPr.numId.val for item in items)
    assert first == second != third


def counted(paper: Paper) -> list[tuple[str, str]]:
    """Return the text of each numbered paragraph, with the id and level of its numbering."""
    styles = {style.style_id: style for style in opened(paper).styles}
    found = []
    for line in opened(paper).paragraphs:
        own = line._p.pPr.numPr if line._p.pPr is not None else None
        style = styles[line.style.style_id].element.pPr
        numbers = own if own is not None else style.numPr if style is not None else None
        if numbers is not None and line.text:
            level = numbers.ilvl.val if numbers.ilvl is not None else 0
            found.append((line.text, f"{numbers.numId.val}.{level}"))
    return found


def test_headings_and_paragraphs_are_counted_by_their_styles() -> None:
    paper = Paper(
        title="T",
        blocks=(
            Heading(1, "One"),
            Heading(2, "One of one"),
            Paragraph((Run("First."),), number=1),
            Paragraph((Run("Second."),), number=2),
            Heading(1, "Annex", numbered=False),
        ),
    )
    assert counted(paper) == [
        ("One", "90.0"),
        ("One of one", "90.1"),
        ("First.", "91.0"),
        ("Second.", "91.0"),
        ("Annex", "0.0"),
    ]


def test_no_row_breaks_and_a_short_table_keeps_together() -> None:
    short = Table(("Name", "Number"), (("A", "1"), ("B", "2")))
    long = Table(("Name", "Number"), tuple((f"N{n}", str(n)) for n in range(30)))
    first, second = opened(Paper(title="T", blocks=(short, long))).tables
    for table, kept in ((first, [True, True, None]), (second, [None] * 31)):
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        together = [
            row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows
        ]
        assert together == kept


def test_a_break_belongs_to_what_follows_it() -> None:
    document = opened(Paper(title="T", blocks=(PageBreak(), Heading(1, "Annex", numbered=False))))
    breaks = [(p.text, p.paragraph_format.page_break_before) for p in document.paragraphs]
    assert breaks == [("T", None), ("Annex", True)]


def test_sources_stand_behind_words_of_the_other_direction() -> None:
    cited = Paragraph((Run("It was said: “نعم”", sources=(1,)),))
    document = opened(Paper(title="T", blocks=(cited, SourceNotes((SourceNote(1, "source"),)))))
    assert document.paragraphs[1].text == "It was said: “نعم”\u200e1"


def test_right_to_left() -> None:
    document = opened(papers.ARABIC)
    written = [line for line in document.paragraphs if line.text]
    turned = [line.text for line in written if line._p.pPr.find(qn("w:bidi")) is None]
    assert turned == ["Quoted in English."]
    assert document.sections[0]._sectPr.find(qn("w:bidi")) is not None
    assert all(table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in document.tables)


@pytest.mark.slow
@examples(60)
@given(st.text(max_size=80), st.sampled_from(["en", "ar", "zh"]))
def test_any_text_anywhere_makes_a_document(text: str, language: str) -> None:
    paper = Paper(
        title=text,
        subtitle=text,
        author=text,
        language=language,
        facts=((text, text),),
        blocks=(
            Heading(1, text),
            Paragraph((Run(text, strong=True), Run(text, emphasis=True))),
            Table((text, text), ((text, text),)),
        ),
    )
    assert len(opened(paper).tables) == 2


def test_a_paper_can_be_read_by_the_reader_of_statements() -> None:
    read = extract(to_docx(papers.CHINESE), name="summary.docx")
    assert read.paragraphs == (
        "主席关于听证会的摘要",
        "日期",
        "2021年7月13日",
        "导言",
        "听证会听取了三十八位发言者的意见。",
        "第 1 页，共 1 页",
    )


def test_a_mark_stands_in_the_header_of_every_page() -> None:
    (section,) = opened(dataclasses.replace(papers.ENGLISH, mark="REHEARSAL")).sections
    assert [line.text for line in section.header.paragraphs] == ["REHEARSAL"]
    assert not section.different_first_page_header_footer
    (plain,) = opened(papers.ENGLISH).sections
    assert "".join(line.text for line in plain.header.paragraphs) == ""


def test_an_arabic_mark_runs_from_right_to_left() -> None:
    (section,) = opened(dataclasses.replace(papers.ARABIC, mark="جلسة تجريبية")).sections
    (line,) = section.header.paragraphs
    assert line._p.pPr.find(qn("w:bidi")) is not None
