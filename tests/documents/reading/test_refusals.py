"""Files without text: each is refused with its own code, and a sentence that says what to do."""

import os
from pathlib import Path

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.documents.reading import SENTENCES, Limits, UnreadableDocument, extract
from hemicycle.documents.reading.refusals import KINDS
from tests.documents.reading import files
from tests.support.bombs import zip_bomb
from tests.support.examples import examples

ODF_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
)
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


def refusal(content: bytes | Path | str, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        extract(content, name="statement.docx", limits=limits)
    assert refused.value.sentence.startswith("“statement.docx” ")
    return refused.value.code


def nested(depth: int) -> bytes:
    return files.word_body("<w:x>" * depth + "</w:x>" * depth)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"   \n\n \t", "empty"),
        ("😀 — …".encode(), "empty"),
        (files.docx(("",)), "empty"),
        (typst.compile(b"#rect()", format="pdf"), "empty"),
        (files.picture_pdf(), "no_text"),
        (files.locked_pdf("secret"), "encrypted"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (files.pdf()[:700], "damaged"),
        (files.docx()[:-200], "damaged"),
        (files.odt()[: len(files.odt()) // 2], "damaged"),
        (files.docx_with(b"<w:document"), "damaged"),
        (files.docx_with(files.word_body("<w:x>" * 1000)), "bomb"),
        (files.docx_with(nested(1000)), "bomb"),
        (files.docx_with(LAUGHS.encode() + files.word_body("&i;")), "bomb"),
        (files.odt_with(f"{LAUGHS}{ODF_HEAD}<text:p>&i;</text:p>".encode()), "bomb"),
        (files.archive({f"{n}": b"" for n in range(5000)}), "bomb"),
        (b"Ten megabytes of words. " * 450_000, "too_long"),
        (bytes(range(256)) * 40, "not_a_document"),
        (b"\x7fELF" + bytes(4000), "not_a_document"),
    ],
)
def test_each_refusal_has_its_code(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_what_unpacks_to_too_much_is_refused() -> None:
    """The main part of a document or another part may be the one that is too large."""
    assert refusal(zip_bomb("word/document.xml", 120_000_000, kinds=True)) == "bomb"
    assert refusal(files.docx_with(files.word_body("x"), word__media=bytes(30_000_000))) == "bomb"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (OLE + bytes(2000), "doc"),
        (b"{\\rtf1 words}", "rtf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "picture"),
        (b"\0\0\0\x20ftypisom" + bytes(40), "media"),
        (b"ID3\x04" + bytes(40), "media"),
        (b"\x1f\x8b\x08" + bytes(40), "archive"),
        (b" <!DOCTYPE html><p>words</p>", "html"),
        (b"<?xml version='1.0'?><a/>", "xml"),
        (files.archive({"a.txt": b"words"}), "archive"),
        (files.archive({"xl/workbook.xml": b"<a/>"}), "spreadsheet"),
        (files.archive({"ppt/presentation.xml": b"<a/>"}), "presentation"),
        (files.archive({"mimetype": b"application/epub+zip"}), "ebook"),
        (
            files.archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
            "drawing",
        ),
        (
            files.archive(
                {
                    "[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled",
                    "word/document.xml": files.word_body(""),
                }
            ),
            "macros",
        ),
    ],
)
def test_kinds_that_are_not_accepted_are_named(content: bytes, kind: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        extract(content, name="statement")
    assert (refused.value.code, refused.value.values) == (
        "kind_not_accepted",
        {"name": "statement", "kind": KINDS[kind]},
    )


def test_an_odt_with_a_password_is_told_apart() -> None:
    content = files.archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": b"<manifest:encryption-data/>",
            "content.xml": b"\x9c\x01",
        }
    )
    assert refusal(content) == "encrypted"


def test_a_pdf_locked_only_against_changes_is_read() -> None:
    assert extract(files.locked_pdf(""), name="a.pdf").paragraphs == files.ENGLISH


def test_a_part_that_lies_about_its_size_is_damaged() -> None:
    honest = files.docx_with(files.word_body(" " * 50_000))
    size = (len(files.word_body(" " * 50_000))).to_bytes(4, "little")
    assert honest.count(size) == 2
    assert refusal(honest.replace(size, (100).to_bytes(4, "little"))) == "damaged"


def test_too_large() -> None:
    with pytest.raises(UnreadableDocument) as refused:
        extract(bytes(2**20 + 1), name="big.pdf", limits=Limits(file_size=2**20))
    assert refused.value.sentence == (
        "“big.pdf” is larger than 1 MB. Make its pictures smaller or remove them, "
        "or save only the text, and send it again."
    )


def test_links_folders_and_missing_files_are_not_documents(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(files.docx())
    link = tmp_path / "link"
    link.symlink_to(real)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    paths: list[Path | str] = [link, tmp_path, pipe, tmp_path / "none", "/dev/zero", "a\0b"]
    assert [refusal(path) for path in paths] == ["not_a_document"] * len(paths)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\talk.doc", "talk.doc"),
        ("two\nlines\u202efdp.exe", "twolinesfdp.exe"),
        ("", "file"),
        ("é" * 300, "é" * 79 + "…"),
        ("%(kind)s", "%(kind)s"),
    ],
)
def test_names_are_made_fit_for_a_sentence(name: str, shown: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        extract(b"", name=name)
    assert refused.value.values == {"name": shown}
    assert refused.value.sentence == (
        f"“{shown}” has no text in it. Check that it is the right file."
    )


def test_every_sentence_ends_and_says_what_to_do() -> None:
    mending = ("Send", "send", "Check")
    assert [code for code, s in SENTENCES.items() if not s.endswith(".")] == []
    assert [code for code, s in SENTENCES.items() if not any(m in s for m in mending)] == []


def outcome(content: bytes) -> bool:
    """Return whether words were read, or a refusal with the right sentence was raised."""
    try:
        return extract(content, name="file").words > 0
    except UnreadableDocument as refused:
        return refused.sentence == SENTENCES[refused.code] % refused.values


@examples(25)
@given(
    prefix=st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", OLE, b"\xff\xfe", b"\xef\xbb\xbf"]),
    garbage=st.binary(max_size=3000),
)
def test_garbage_is_text_or_refused(prefix: bytes, garbage: bytes) -> None:
    assert outcome(prefix + garbage)


@examples(25)
@given(cut=st.integers(min_value=1), kind=st.sampled_from(["pdf", "docx", "odt"]))
def test_a_file_cut_anywhere_is_read_or_refused(cut: int, kind: str) -> None:
    content = {"pdf": files.pdf, "docx": files.docx, "odt": files.odt}[kind]()
    assert outcome(content[: cut % len(content)])
