"""PDF papers, read as a person and a screen reader would."""

import dataclasses
import io
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pypdf import PdfReader

from hemicycle.documents.writing import Heading, Paper, Paragraph, Run, Table, to_pdf
from tests.documents.writing import papers
from tests.support.examples import examples


def read(paper: Paper) -> PdfReader:
    return PdfReader(io.BytesIO(to_pdf(paper).content))


def words(paper: Paper) -> list[str]:
    text = " ".join(page.extract_text() for page in read(paper).pages)
    return text.replace("\u2060", "").split()  # it keeps a source's number beside its word


def root(paper: Paper) -> Any:
    return read(paper).trailer["/Root"]


def structure(node: Any) -> list[str]:
    """Return the roles in the structure tree below a node, in reading order."""
    children = node.get("/K", [])
    children = children if isinstance(children, list) else [children]
    found = [child.get_object() for child in children]
    below = [role for child in found if isinstance(child, dict) for role in structure(child)]
    return [str(node["/S"]).lstrip("/"), *below] if "/S" in node else below


def test_every_word_is_there_with_numbered_headings_and_pages() -> None:
    assert " ".join(words(papers.ENGLISH)) == (
        "President’s summary of the multi- stakeholder hearing "
        "Appraisal of the Global Plan of Action "
        "Date Tuesday, 13 July 2021 "
        "Mandate Resolutions 74/176 and 75/283 "
        "Participants 412 registered, 38 delivered a statement "
        "1 Introduction "
        "The hearing heard thirty-eight speakers in two panels.1, 2 It closed at 5 p.m. "
        "2 Panel 1 2.1 Roles of civil society "
        "• A fund for legal aid.2 • Shelters first. "
        "2.2 Shared responsibility 1. First act. 2. Second act. 1. First again. "
        "Category Inscribed Delivered States 20 18 NGOs 30 20 "
        "Page 1 of 2 "
        "Sources 1. Example Coalition, statement, paragraph 3 2. Record, entry 118 "
        "Page 2 of 2"
    )


def test_a_long_word_does_not_leave_its_narrow_column() -> None:
    table = Table(("Участник", "Продолжительность"), (("Estmere", "2:30"),), shares=(9, 1))
    paper = dataclasses.replace(papers.ENGLISH, language="ru", blocks=(table,))
    said = " ".join(words(paper))
    assert "Продолжительность" not in said
    assert "Продолжительность" in said.replace("- ", "")


def test_an_address_that_is_broken_gets_no_second_hyphen() -> None:
    """Spanish repeats a hyphen at the start of the next line, but an address must not have it."""
    address = "http://localhost:8000/h/2021-trafficking/"
    said = f"Más información sobre la audiencia y su inscripción: {address}"
    text = " ".join(words(Paper(title="T", language="es", blocks=(Paragraph((Run(said),)),))))
    assert "2021-" in text
    assert "-trafficking" not in text.replace("2021-trafficking", "").replace("- ", "")
    assert "- -" not in text


def test_the_symbol_of_a_document_is_not_broken() -> None:
    """The symbol is tested at many positions in its line."""
    said = [f"{'n' * letters} A/RES/64/293" for letters in range(60, 100)]
    paper = Paper(title="T", language="en", blocks=tuple(Paragraph((Run(line),)) for line in said))
    assert words(paper).count("A/RES/64/293") == len(said)


def test_no_hyphen_is_at_the_wrong_end_of_an_arabic_line() -> None:
    """An English quotation has soft hyphens in an English paper, but not in an Arabic one."""
    quoted = (
        "Prosecutors must cooperate internationally, notwithstanding jurisdictional boundaries."
    )
    for language, hyphens in (("en", True), ("ar", False)):
        cell = (Run(quoted, language="en" if language == "ar" else ""),)
        table = Table(("1", "2"), ((cell, "3"),), shares=(1, 6))
        paper = dataclasses.replace(papers.ARABIC, language=language, blocks=(table,))
        assert ("\N{SOFT HYPHEN}" in " ".join(words(paper))) is hyphens


def test_tagged_for_screen_readers() -> None:
    catalogue = root(papers.ENGLISH)
    roles = structure(catalogue["/StructTreeRoot"])
    assert bool(catalogue["/MarkInfo"]["/Marked"])
    assert {"Title", "H1", "H2", "P", "L", "LI", "Table", "TH", "TD", "Link"} <= set(roles)
    assert roles.count("H1") == 3
    assert to_pdf(papers.ENGLISH).standard == "PDF/UA-1"


@pytest.mark.parametrize(
    ("paper", "language"),
    [(papers.ENGLISH, "en"), (papers.ARABIC, "ar"), (papers.CHINESE, "zh")],
)
def test_language_and_title_are_declared(paper: Paper, language: str) -> None:
    document = read(paper)
    assert str(root(paper)["/Lang"]).startswith(language)
    assert document.metadata is not None
    assert document.metadata.title == paper.title
    assert bool(root(paper)["/ViewerPreferences"]["/DisplayDocTitle"])


def test_metadata_and_outline() -> None:
    document = read(papers.ENGLISH)
    assert document.metadata is not None
    assert (document.metadata.author, document.metadata.subject) == (
        "Office of the President",
        "Appraisal of the Global Plan of Action",
    )
    outline: list[Any] = document.outline
    first, second, below, last = outline
    titles = [str(item["/Title"]).replace("\u2003", " ") for item in (first, second, last)]
    assert [" ".join(title.split()) for title in titles] == ["1Introduction", "2Panel 1", "Sources"]
    assert len(below) == 2


def test_pages_are_a4_and_links_lead_to_the_sources() -> None:
    pages: list[Any] = list(read(papers.ENGLISH).pages)
    first, second = pages
    assert [round(side) for side in first.mediabox[2:]] == [595, 842]
    links = [link.get_object() for link in first["/Annots"]]
    assert [link["/Subtype"] for link in links] == ["/Link"] * 3
    assert second.get("/Annots") is None


def test_arabic_and_chinese_are_drawn_by_embedded_fonts() -> None:
    for paper in (papers.ARABIC, papers.CHINESE):
        made = to_pdf(paper)
        assert (made.missing, made.standard) == ("", "PDF/UA-1")
    assert "听证会听取了三十八位发言者的意见。" in words(papers.CHINESE)


def test_what_no_font_draws_is_named_and_marked() -> None:
    made = to_pdf(Paper(title="Thanks 🙏 to ᚠ"))
    assert (made.missing, made.standard) == ("ᚠ🙏", "PDF/UA-1")
    assert words(Paper(title="Thanks 🙏 to ᚠ")) == ["Thanks", "□", "to", "□", *LAST]


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert to_pdf(papers.ENGLISH) == to_pdf(papers.ENGLISH)


LAST = ["Page", "1", "of", "1"]
MARKUP = '#panic() *a* _b_ $x$ @ref <label> = h\n// c /* d */ `e` \\ ~ "q" -- [f] {g} https://a.b'


def test_markup_is_only_words() -> None:
    expected = [*MARKUP.split(), *LAST]
    assert words(Paper(title="T", blocks=(Paragraph((Run(MARKUP),)),))) == ["T", *expected]


@examples(60)
@example("א" + "\u0301" + "中\u0308")
@given(st.text(max_size=60))
def test_any_text_anywhere_makes_a_tagged_pdf(text: str) -> None:
    paper = Paper(
        title=text or "T",
        subtitle=text,
        facts=((text, text),),
        blocks=(
            Heading(1, text),
            Paragraph((Run(text, strong=True), Run(text, emphasis=True))),
            Table((text, text), ((text, text),)),
        ),
    )
    for language in ("en", "ar"):
        assert "/StructTreeRoot" in root(dataclasses.replace(paper, language=language))


ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


@examples(60)
@given(st.lists(ASCII, min_size=1, max_size=5))
def test_printable_ascii_comes_back_letter_for_letter(parts: list[str]) -> None:
    title = " ".join(parts)
    expected = [*title.split(), *LAST]
    assert "".join(words(Paper(title=title))) == "".join(expected)


@pytest.mark.parametrize(
    ("paper", "mark"), [(papers.ENGLISH, "REHEARSAL"), (papers.ARABIC, "جلسة تجريبية")]
)
def test_a_mark_stands_on_every_page(paper: Paper, mark: str) -> None:
    marked = to_pdf(dataclasses.replace(paper, mark=mark))
    assert marked.standard == "PDF/UA-1"
    pages = PdfReader(io.BytesIO(marked.content)).pages
    letters = set(mark) - {" "}
    assert len(pages) >= 1
    for page, plain in zip(pages, read(paper).pages, strict=True):
        head = page.extract_text().removesuffix(plain.extract_text())
        assert letters <= set(unicodedata.normalize("NFKC", page.extract_text()))
        assert len(page.extract_text()) - len(plain.extract_text()) >= len(mark), head
    description = read(dataclasses.replace(paper, mark=mark)).metadata
    assert description is not None
    assert str(description.subject).startswith(mark)
