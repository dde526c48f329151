"""Files of every format, and files that are none."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from hemicycle.convening import Block, Unreadable
from hemicycle.documents.reading.loading import load
from tests.convening import samples


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
REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty.txt": (write(b" \n"), "The file is empty."),
    "photo.docx": (write(b"\xff\xd8\xff\xe0" + b"0" * 99), "This is a picture."),
    "old.doc": (write(b"\xd0\xcf\x11\xe0" + b"0" * 99), "This is an old Word file"),
    "notes.rtf": (write(b"{\\rtf1 hearing}"), "This is a rich-text file."),
    "program.bin": (write(b"\x7fELF\x00\x00\x01"), "This is no text, PDF"),
    "book.txt": (write(b"hearing " * 300_000), "The text is larger than 2 MB"),
    "novel.txt": (
        write(b"On rivers it sits.\n" * 14_000),
        "The text is longer than 250,000 letters",
    ),
    "huge.txt": (write(b"0" * 20_000_001), "huge.txt is larger than 20 MB."),
    "bomb.docx": (
        write(samples.zipped(word__document_xml=b"0", bomb=b"\0" * 61_000_000)),
        "The file unpacks to far more",
    ),
    "cut.docx": (write(samples.zipped(a=b"hearing")[:60]), "The file is damaged"),
    "hollow.docx": (write(samples.zipped(**{"word__document.xml": b"<x/>"})), "The Word document"),
    "sheet.ods": (write(samples.zipped(**{"content.xml": b"<x/>"})), "This is a packed folder"),
    "cut.odt": (
        write(samples.zipped(mimetype=ODT, **{"content.xml": b"<x>"})),
        "The OpenDocument file is damaged (XMLSyntaxError).",
    ),
    "endless.html": (write(b"<html>" + b"<div>" * 3_000), "The page has far more mark-up"),
    "shreds.txt": (write(b"hearing\n\n" * 10_001), "The text has more than 10,000 paragraphs"),
    "fat.docx": (
        write(samples.zipped(**{"word/document.xml": b"0" * 6_000_001})),
        "The file unpacks to far more",
    ),
    "all.zip": (write(samples.zipped(letter=b"hearing")), "This is a packed folder"),
    "cut.pdf": (write(b"%PDF-1.7\nhearing"), "The PDF is damaged"),
    "scan.pdf": (samples.picture_pdf, "The PDF has no text in it"),
    "locked.pdf": (locked, "The PDF is locked with a password."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    make, sentence = REFUSED[name]
    with pytest.raises(Unreadable) as refusal:
        load(make(tmp_path / name))
    assert str(refusal.value)[: len(sentence)] == sentence


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    sentences = []
    for path in (tmp_path / "none.md", tmp_path):
        with pytest.raises(Unreadable) as refusal:
            load(path)
        sentences.append(str(refusal.value))
    assert sentences == [
        f"There is no file {tmp_path}/none.md. Check the name and the folder.",
        f"{tmp_path} is a folder. Give the note itself.",
    ]


def blocks_of(tmp_path: Path, name: str, text: str) -> list[Block]:
    path = tmp_path / name
    path.write_text(text)
    return list(load(path).blocks)


def test_plain_text_that_was_wrapped_is_one_paragraph(tmp_path: Path) -> None:
    text = (
        "PUBLIC HEARING\n\nThe Board will hold a hearing on the river, and on all that swims in it,"
        " on\n23 April 2026 from\n9:30 to noon in Room 4.\n\n- one\n  and a half\n- two\n"
    )
    assert blocks_of(tmp_path, "a.txt", text) == [
        Block("heading", "PUBLIC HEARING"),
        Block(
            "paragraph",
            "The Board will hold a hearing on the river, and on all that swims in it, on "
            "23 April 2026 from 9:30 to noon in Room 4.",
        ),
        Block("item", "one and a half", marker="-"),
        Block("item", "two", marker="-"),
    ]


def test_markdown_with_loose_rows_and_bold_lines(tmp_path: Path) -> None:
    text = (
        "## Programme\n\n**Morning**\n\n"
        "10:00 – 10:25 <b>Opening</b>\n10:25 – 12:00 Panel 1: Rivers\n"
    )
    assert blocks_of(tmp_path, "a.md", text) == [
        Block("heading", "Programme", level=2),
        Block("paragraph", "Morning", strong=True),
        Block("row", "10:00 – 10:25 Opening"),
        Block("row", "10:25 – 12:00 Panel 1: Rivers"),
    ]


def test_a_web_page_without_its_frame(tmp_path: Path) -> None:
    page = (
        "<html><body><nav>Home</nav><div class='cookie-banner'>Cookies</div><main><h1>Hearing</h1>"
        "<p>Write to <a href='mailto:clerk@hearing.example'>the clerk</a>.</p><ol><li>One</li></ol>"
        "<table><tr><th>Where</th><td>Town Hall</td></tr></table></main><footer>2020</footer>"
        "</body></html>"
    )
    assert blocks_of(tmp_path, "page", page) == [
        Block("heading", "Hearing", level=1),
        Block("paragraph", "Write to the clerk (clerk@hearing.example)."),
        Block("item", "One", marker="1."),
        Block("row", "Where\nTown Hall", cells=("Where", "Town Hall")),
    ]


def test_the_format_is_told_from_the_content(tmp_path: Path) -> None:
    misnamed = samples.word(tmp_path / "note.docx").rename(tmp_path / "note.txt")
    assert load(misnamed).blocks[0] == Block("paragraph", "SEED AUTHORITY")
