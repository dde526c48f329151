"""Concept notes in every format, and files that are not notes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from hemicycle.convening import NoteBlock
from hemicycle.documents.reading import UnreadableDocument
from tests.convening import samples
from tests.convening.loading import load
from tests.documents.reading import files


def locked(path: Path) -> Path:
    writer = PdfWriter(clone_from=PdfReader(samples.pdf(path)))
    writer.encrypt("secret")
    writer.write(path)
    return path


def write(data: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return make


ODT = b"application/vnd.oasis.opendocument.text"
TYPES = {"[Content_Types].xml": b"<Types/>"}
REFUSED: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "blank.txt": (write(b" \n"), "empty", ""),
    "photo.docx": (write(b"\xff\xd8\xff\xe0" + b"0" * 99), "kind_not_accepted", "picture"),
    "phone.txt": (write(b"\0\0\0\x20ftypheic" + b"0" * 99), "kind_not_accepted", "picture"),
    "old.doc": (write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "kind_not_accepted", "doc"),
    "notes.rtf": (write(b"{\\rtf1 hearing}"), "kind_not_accepted", "rtf"),
    "program.bin": (write(b"\x7fELF\x00\x00\x01" * 99), "not_a_document", ""),
    "book.txt": (write(b"hearing " * 300_000), "too_long", ""),
    "novel.txt": (write(b"On rivers it sits.\n" * 14_000), "too_long", ""),
    "bomb.docx": (
        write(samples.zipped(word__document_xml=b"0", bomb=b"\0" * 61_000_000)),
        "bomb",
        "",
    ),
    "cut.docx": (write(samples.zipped(a=b"hearing")[:60]), "damaged", ""),
    "hollow.docx": (
        write(samples.zipped(**TYPES, **{"word/document.xml": b"<x/>"})),
        "no_text",
        "",
    ),
    "broken.docx": (
        write(samples.zipped(**TYPES, **{"word/document.xml": b"<x>"})),
        "damaged",
        "",
    ),
    "sheet.ods": (
        write(samples.zipped(**{"content.xml": b"<x/>"})),
        "kind_not_accepted",
        "archive",
    ),
    "cut.odt": (
        write(samples.zipped(mimetype=ODT, **{"content.xml": b"<x>"})),
        "damaged",
        "",
    ),
    "endless.html": (write(b"<html>" + b"<div>" * 3_000), "bomb", ""),
    "tags.html": (write(b"<html>" + b"<p>x</p>" * 30_000), "bomb", ""),
    "shreds.txt": (write(b"hearing\n\n" * 10_001), "too_long", ""),
    "fat.docx": (
        write(samples.zipped(**TYPES, **{"word/document.xml": b"0" * 6_000_001})),
        "bomb",
        "",
    ),
    "all.zip": (write(samples.zipped(letter=b"hearing")), "kind_not_accepted", "archive"),
    "feed.xml": (write(b"<?xml version='1.0'?><feed/>"), "kind_not_accepted", "xml"),
    "cut.pdf": (write(b"%PDF-1.7\nhearing"), "damaged", ""),
    "scan.pdf": (samples.picture_pdf, "no_text", ""),
    "locked.pdf": (locked, "encrypted", ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused(name: str, tmp_path: Path) -> None:
    make, code, kind = REFUSED[name]
    with pytest.raises(UnreadableDocument) as refusal:
        load(make(tmp_path / name))
    assert (refusal.value.code, refusal.value.kind) == (code, kind)


def test_a_word_document_keeps_merged_cells_links_and_no_margins(tmp_path: Path) -> None:
    body = files.word_body(
        "<w:tbl>"
        "<w:tr><w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr><w:p><w:r><w:t>10 a.m.</w:t></w:r>"
        "</w:p></w:tc><w:tc><w:p><w:r><w:t>Opening</w:t></w:r></w:p></w:tc></w:tr>"
        "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>"
        "<w:tc><w:p><w:r><w:t>Panel 1</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:p><w:hyperlink xmlns:r='r' r:id='a'><w:r><w:t>Write</w:t></w:r></w:hyperlink>"
        "<w:r><w:t> to us.</w:t></w:r></w:p>"
    )
    links = b"<Relationships><Relationship Id='a' Target='mailto:us@a.example?subject=x'/>"
    parts = {
        "word/header1.xml": files.word_body("<w:p><w:r><w:t>Page head</w:t></w:r></w:p>"),
        "word/_rels/document.xml.rels": links + b"</Relationships>",
    }
    path = write(files.docx_with(body, **parts))(tmp_path / "a.docx")
    assert list(load(path).blocks) == [
        NoteBlock("row", "10 a.m.\nOpening", cells=("10 a.m.", "Opening")),
        NoteBlock("row", "10 a.m.\nPanel 1", cells=("10 a.m.", "Panel 1")),
        NoteBlock("paragraph", "Write (us@a.example) to us."),
    ]


def test_a_pdf_in_arabic_is_in_reading_order(tmp_path: Path) -> None:
    path = write(files.pdf(files.ARABIC, "ar"))(tmp_path / "a.pdf")
    assert load(path).text.split() == " ".join(files.ARABIC).split()


def test_a_raised_number_stays_in_its_line(tmp_path: Path) -> None:
    source = "The hearing meets on the 13#super[th] of July.#super[1, 2] It closes at noon."
    text = load(samples.pdf(tmp_path / "a.pdf", source)).text
    assert text == "The hearing meets on the 13th of July.1, 2 It closes at noon."


def test_a_hyphen_at_the_end_of_a_line_goes_unless_the_word_has_it(tmp_path: Path) -> None:
    words = "multi-stakeholder internationally responsible " * 12
    source = "#set page(width: 9cm)\n#set text(hyphenate: true)\n" + words
    assert set(load(samples.pdf(tmp_path / "a.pdf", source)).text.split()) == set(words.split())


def blocks_of(tmp_path: Path, name: str, text: str) -> list[NoteBlock]:
    path = tmp_path / name
    path.write_text(text)
    return list(load(path).blocks)


def test_plain_text_that_was_wrapped_is_one_paragraph(tmp_path: Path) -> None:
    text = (
        "PUBLIC HEARING\n\nThe Board will hold a hearing on the river, and on all that swims in it,"
        " on\n23 April 2026 from\n9:30 to noon in Room 4.\n\n- one\n  and a half\n- two\n"
    )
    assert blocks_of(tmp_path, "a.txt", text) == [
        NoteBlock("heading", "PUBLIC HEARING"),
        NoteBlock(
            "paragraph",
            "The Board will hold a hearing on the river, and on all that swims in it, on "
            "23 April 2026 from 9:30 to noon in Room 4.",
        ),
        NoteBlock("item", "one and a half", marker="-"),
        NoteBlock("item", "two", marker="-"),
    ]


def test_markdown_with_loose_rows_and_bold_lines(tmp_path: Path) -> None:
    text = (
        "## Programme\n\n**Morning**\n\n"
        "10:00 – 10:25 <b>Opening</b>\n10:25 – 12:00 Panel 1: Rivers\n"
    )
    assert blocks_of(tmp_path, "a.md", text) == [
        NoteBlock("heading", "Programme", level=2),
        NoteBlock("paragraph", "Morning", strong=True),
        NoteBlock("row", "10:00 – 10:25 Opening"),
        NoteBlock("row", "10:25 – 12:00 Panel 1: Rivers"),
    ]


def test_a_web_page_without_its_frame(tmp_path: Path) -> None:
    page = (
        "<html><body><nav>Home</nav><div class='cookie-banner'>Cookies</div><main><h1>Hearing</h1>"
        "<p>Write to <a href='mailto:clerk@hearing.example'>the clerk</a>.</p><ol><li>One</li></ol>"
        "<table><tr><th>Where</th><td>Town Hall</td></tr></table></main><footer>2020</footer>"
        "</body></html>"
    )
    assert blocks_of(tmp_path, "page", page) == [
        NoteBlock("heading", "Hearing", level=1),
        NoteBlock("paragraph", "Write to the clerk (clerk@hearing.example)."),
        NoteBlock("item", "One", marker="1."),
        NoteBlock("row", "Where\nTown Hall", cells=("Where", "Town Hall")),
    ]


def test_the_format_is_told_from_the_content(tmp_path: Path) -> None:
    misnamed = samples.word(tmp_path / "note.docx").rename(tmp_path / "note.txt")
    assert load(misnamed).blocks[0] == NoteBlock("paragraph", "SEED AUTHORITY")
