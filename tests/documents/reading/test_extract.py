"""Files of every supported format, and the text that is extracted from them."""

from pathlib import Path

import pytest
import typst

from hemicycle.documents.reading import Extracted, extract
from hemicycle.documents.reading.limits import DOCX, ODT, PDF, TEXT
from tests.documents.reading import files


def english(media_type: str, pages: int | None = None) -> Extracted:
    return Extracted(media_type, files.ENGLISH, 28, pages, "en")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (files.docx(), english(DOCX)),
        (files.odt(), english(ODT)),
        (files.pdf(), english(PDF, pages=1)),
        ("\n\n".join(files.ENGLISH).encode(), english(TEXT)),
    ],
    ids=["docx", "odt", "pdf", "text"],
)
def test_the_same_statement_from_four_kinds_of_file(content: bytes, expected: Extracted) -> None:
    assert extract(content, name="statement") == expected


@pytest.mark.parametrize(
    "content",
    [files.docx(files.ARABIC), files.odt(files.ARABIC), files.pdf(files.ARABIC, "ar")],
    ids=["docx", "odt", "pdf"],
)
def test_arabic(content: bytes) -> None:
    read = extract(content, name="بيان.docx")
    assert (read.paragraphs, read.language_guess) == (files.ARABIC, "ar")


@pytest.mark.parametrize(
    "content",
    [files.docx(files.CHINESE), files.odt(files.CHINESE), files.pdf(files.CHINESE, "zh")],
    ids=["docx", "odt", "pdf"],
)
def test_chinese(content: bytes) -> None:
    read = extract(content, name="发言")
    assert (read.paragraphs, read.language_guess) == (files.CHINESE, "zh")


@pytest.mark.parametrize(
    ("encoding", "paragraphs", "language"),
    [
        ("utf-16", files.ARABIC, "ar"),
        ("utf-8-sig", files.CHINESE, "zh"),
        ("windows-1256", files.ARABIC, "ar"),
        ("gb18030", files.CHINESE, "zh"),
        ("utf-16-be", files.ARABIC, "ar"),
        ("utf-16-le", files.ENGLISH, "en"),
        ("windows-1251", ("Господин Председатель, торговля людьми — тяжкое преступление.",), "ru"),
        ("windows-1252", ("Señor Presidente, la trata de personas es un crimen que daña.",), "es"),
        ("windows-1252", ("Monsieur le Président, la traite des êtres est un crime.",), "fr"),
    ],
)
def test_text_in_the_encodings_people_have(
    encoding: str, paragraphs: tuple[str, ...], language: str
) -> None:
    read = extract("\r\n\r\n".join(paragraphs).encode(encoding), name="statement.txt")
    assert (read.paragraphs, read.language_guess) == (paragraphs, language)


def test_content_decides_not_the_name() -> None:
    assert extract(files.docx(), name="statement.pdf") == english(DOCX)


def test_page_headers_are_kept() -> None:
    read = extract(files.docx(header="Statement by the Example Coalition"), name="a.docx")
    assert read.paragraphs == ("Statement by the Example Coalition", *files.ENGLISH)


def test_odt_headings_are_kept_in_their_place() -> None:
    assert extract(files.odt(heading="Statement"), name="a.odt").paragraphs == (
        "Statement",
        *files.ENGLISH,
    )


def test_docx_reads_what_the_author_left_standing() -> None:
    body = files.word_body(
        "<w:p><w:r><w:t>We ask</w:t></w:r>"
        "<w:del><w:r><w:delText> kindly</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t> moved away</w:t></w:r></w:moveFrom>"
        "<w:ins><w:r><w:t> for</w:t><w:br/><w:t>co-</w:t><w:noBreakHyphen/>"
        "</w:r></w:ins><w:r><w:instrText>PAGE</w:instrText><w:t>funding.</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>In a table.</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    assert extract(files.docx_with(body), name="a.docx").paragraphs == (
        "We ask for\nco--funding.",
        "In a table.",
    )


def test_wrapped_text_is_put_together_again() -> None:
    wrapped = (
        b"STATEMENT\n"
        b"The first paragraph goes on over the end of its line and is re-\n"
        b"joined here, then stops.\n"
        b"The second begins on a line of its own and has this to ask for:\n"
        b"1. a fund for the survivors of trafficking in every country;\n"
        b"2. a report.\n"
    )
    assert extract(wrapped, name="a.txt").paragraphs == (
        "STATEMENT",
        "The first paragraph goes on over the end of its line and is rejoined here, then stops.",
        "The second begins on a line of its own and has this to ask for:",
        "1. a fund for the survivors of trafficking in every country;",
        "2. a report.",
    )


def test_a_path_is_read_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "statement"
    path.write_bytes(files.docx())
    assert extract(path, name="statement") == english(DOCX)


def test_text_joins_paragraphs_by_blank_lines() -> None:
    assert english(TEXT).text == "\n\n".join(files.ENGLISH)


def test_a_word_divided_at_the_end_of_a_line_is_one_word() -> None:
    words = "Extraordinarily internationally responsible organizations " * 12
    source = "#set page(width: 9cm)\n#set text(hyphenate: true)\n" + words + "\n\nThe end."
    read = extract(typst.compile(source.encode(), format="pdf"), name="a.pdf")
    assert (read.paragraphs, read.words) == ((words.strip(), "The end."), 50)
