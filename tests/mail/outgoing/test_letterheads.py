"""Letterheads, signatures and reference numbers on papers."""

from __future__ import annotations

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from docx import Document
from docx.shared import Mm

from hemicycle.documents.writing import to_docx, to_pdf
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import plan_changes
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import announcing, invitation, letterheads, letters, mailings
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.delivery import mail
from hemicycle.mail.outgoing.letterheads import LetterheadText
from hemicycle.mail.outgoing.models import Letterhead, Reference
from hemicycle.mail.outgoing.receivers import clear_letters
from hemicycle.record.models import Entry
from tests.mail.outgoing.lists import to_list, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.lists import World

THREADS = 4


def numbered(world: World, pattern: str, following: int = 1) -> None:
    letterheads.number_from(
        hearing=world.hearing, pattern=pattern, following=following, actor=world.office
    )


def taken(world: World, of: str) -> str:
    return letterheads.taken(world.hearing, of, "invitation", world.office)


def headed(world: World, language: str, text: LetterheadText) -> None:
    letterheads.change(hearing=world.hearing, language=language, text=text, actor=world.office)


@pytest.mark.any_database
def test_each_thing_keeps_its_number_and_no_other_gets_it(world: World) -> None:
    assert taken(world, "a") == ""
    numbered(world, "ABC/{year}/{number}", 41)
    assert [taken(world, of) for of in "abab"] == [
        *("ABC/2021/41", "ABC/2021/42", "ABC/2021/41", "ABC/2021/42")
    ]
    with pytest.raises(OutgoingRefused):
        numbered(world, "X{number}", 42)
    numbered(world, "X{number}", 43)
    assert taken(world, "c") == "X43"
    numbered(world, "", 44)
    assert taken(world, "d") == ""
    assert Entry.objects.filter(kind="references.stopped").count() == 1
    entries = Entry.objects.filter(kind="reference.taken").order_by("seq")
    assert [entry.fields()["reference"] for entry in entries] == [
        *("ABC/2021/41", "ABC/2021/42", "X43")
    ]


@pytest.mark.any_database
def test_another_pattern_does_not_give_the_same_words_again(world: World) -> None:
    numbered(world, "A1{number}", 2)
    assert taken(world, "a") == "A12"
    numbered(world, "A{number}", 12)
    assert taken(world, "b") == "A13"


def test_a_pattern_has_a_number_once_and_known_fields() -> None:
    good, bad = ("", "{number}", "A/{year}/{number}"), ("A", "{number}{number}", "{number}{day}")
    assert [letterheads.faults_of_pattern(pattern) for pattern in good] == [[], [], []]
    assert [len(letterheads.faults_of_pattern(pattern)) for pattern in bad] == [1, 1, 1]
    assert letterheads.faults_of_pattern("{number} }")


@pytest.fixture
def open_world(transactional_db: None) -> Iterator[World]:
    from tests.support.lists import reference_world

    with reference_world() as world:
        yield world


@pytest.mark.any_database
def test_numbers_that_are_taken_at_once_differ(open_world: World) -> None:
    numbered(open_world, "{number}")

    def take(of: int) -> str:
        try:
            return taken(open_world, f"{of}")
        finally:
            connection.close()

    # Two connections request a number for each thing.
    things = [*range(8), *range(8)]
    with ThreadPoolExecutor(THREADS) as threads:
        jobs = [threads.submit(copy_context().run, take, of) for of in things]
    found = [job.result() for job in jobs]
    assert found[:8] == found[8:]
    assert sorted(map(int, found[:8])) == list(range(1, 9))


HEAD = LetterheadText("Office of the President", "1 Main Street\n\n City ", "A. Signatory", "Chief")


def test_each_letter_to_many_has_its_reference_as_mail(world: World) -> None:
    numbered(world, "ABC/{number}")
    mailing = to_list(world, letters.ANNOUNCEMENT, of_mission="ar")
    preview = f"/office/{world.hearing.slug}/letters/to-lists/{mailing.pk}/"
    assert "ABC/…" in world.client().get(preview).text
    mailings.confirm(hearing=world.hearing, mailing=mailing, count=2, actor=world.office)
    english = mailing.messages.get(language="en")
    written = mail.write(english, world.hearing, []).message
    plain = written.get_body(("plain",))
    html = written.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().startswith("Reference: ABC/1\n\n")
    assert "Reference: ABC/1" in html.get_content()
    arabic = mail.plain(mailing.messages.get(language="ar"), world.hearing)
    assert "\u2068ABC/1\u2069" in arabic.split("\n")[0]
    page = world.client().get(f"/office/{world.hearing.slug}/outbox/{english.pk}/").text
    assert "ABC/1" in page


def test_letters_about_changes_of_plan_have_a_reference(world: World) -> None:
    world.mission("Estmere")
    numbered(world, "ABC/{number}")
    hearings.postpone(hearing=world.hearing, actor=world.office)
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    shown = plan_changes.digest(plan_changes.pending(hearing))
    mailing = announcing.announce(hearing=hearing, shown=shown, actor=world.office)
    assert mailing is not None
    assert set(mailing.messages.values_list("reference", flat=True)) == {"ABC/1"}


def test_an_invitation_on_paper_has_letterhead_signature_and_reference(world: World) -> None:
    headed(world, "", HEAD)
    numbered(world, "ABC/{number}")
    paper = ("letter-pdf", "letter-docx", "note-pdf")
    first = to_list(world, letters.INVITATION, *paper, of_mission="fr")
    without = to_list(world, letters.INVITATION, "note-pdf")
    second = to_list(world, letters.ANNOUNCEMENT, "letter-pdf")
    for mailing in (first, without, second):
        mailings.confirm(hearing=world.hearing, mailing=mailing, count=2, actor=world.office)
    english = first.messages.get(language="en").enclosures.all()
    files = {file.name: bytes(file.content) for file in english}
    document = Document(io.BytesIO(files["letter-en.docx"]))
    cells = [cell.text for table in document.tables for cell in table.columns[1].cells]
    said = "\n".join([*(line.text for line in document.paragraphs), *cells])
    for words in (words_of(files["letter-en.pdf"]), said):
        for part in (HEAD.sender, "1 Main Street", "City", HEAD.signatory, "Chief", "ABC/1"):
            assert part in words, part
    assert "ABC/1" not in words_of(files["concept-note-en.pdf"])
    french = first.messages.get(language="fr").enclosures.get(name="letter-fr.pdf")
    assert "ABC/1" in words_of(bytes(french.content))
    given = Reference.objects.filter(hearing_id=world.hearing.id).order_by("number")
    assert list(given.values_list("text", "letter")) == [
        ("ABC/1", "invitation"),
        ("ABC/2", "invitation"),
        ("ABC/3", "announcement"),
    ]
    page = world.client().get(f"/office/{world.hearing.slug}/letters/to-lists/{first.pk}/")
    assert "ABC/1" in page.content.decode()


def test_each_language_has_its_own_letterhead_or_the_one_for_all(world: World) -> None:
    assert invitation.letter(world.hearing, "fr").title == world.hearing.convener
    headed(world, "", HEAD)
    headed(world, "fr", LetterheadText("Cabinet du Président", "", "", ""))
    french, russian = (invitation.letter(world.hearing, code) for code in ("fr", "ru"))
    assert (french.letterhead, french.signature) == (("Cabinet du Président",), ())
    assert russian.letterhead == ("Office of the President", "1 Main Street", "City")
    assert russian.signature == ("A. Signatory", "Chief")
    arabic = invitation.letter(world.hearing, "ar")
    assert arabic.letterhead[0] == "\u2068Office of the President\u2069"
    headed(world, "fr", LetterheadText("", " ", "", ""))
    assert invitation.letter(world.hearing, "fr").letterhead == russian.letterhead
    assert clear_letters(world.hearing) >= 1
    assert not Letterhead.objects.exists()


def test_the_office_edits_them_on_a_page(world: World) -> None:
    office = world.client()
    url = f"/office/{world.hearing.slug}/letters/letterhead/"
    typed = {"sender": "Bureau", "lines": "Rue 1", "signatory": "", "function": "", "act": "keep"}
    assert office.post(f"{url}?in=fr", typed).status_code == 302
    assert 'value="Bureau"' in office.get(f"{url}?in=fr").content.decode()
    assert 'value="Bureau"' not in office.get(url).content.decode()
    long = office.post(url, {**typed, "lines": "\n".join("abcdefg")})
    assert (long.status_code, "Write at most 6 lines" in long.content.decode()) == (422, True)
    assert office.get(f"{url}?in=xx").status_code == 404
    refused = office.post(url, {"pattern": "ABC", "following": "1", "act": "number"})
    assert (refused.status_code, "must have {number} once" in refused.text) == (422, True)
    office.post(url, {"pattern": "ABC/{number}", "following": "7", "act": "number"})
    taken(world, "mailing:1")
    page = office.get(url).content.decode()
    assert ("ABC/7" in page, 'value="8"' in page) == (True, True)
    early = office.post(url, {"pattern": "ABC/{number}", "following": "7", "act": "number"})
    assert "The number 7 has been reached" in early.content.decode()
    paper = f"/office/{world.hearing.slug}/letters/papers/letter-pdf/en/"
    assert "ABC/…" in words_of(office.get(paper).content)
    assert url in office.get(f"/office/{world.hearing.slug}/letters/").content.decode()


def png(width: int, height: int) -> bytes:
    """Return a PNG picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = (b"\0" + b"\x10\x60\xa0" * width) * height
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def pictured(world: World, language: str, picture: bytes) -> None:
    letterheads.put_picture(
        hearing=world.hearing, language=language, picture=picture, actor=world.office
    )


def picture_in(paper: bytes) -> tuple[int, int]:
    """Return the width and height in pixels of the first picture in a PDF."""
    import pypdfium2
    from pypdfium2 import raw

    document = pypdfium2.PdfDocument(paper)
    (image,) = document[0].get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])
    width, height = image.get_px_size()
    return int(width), int(height)


@pytest.mark.any_database
def test_a_letterhead_has_a_picture_on_paper_that_is_read_out(world: World) -> None:
    headed(world, "", HEAD)
    headed(world, "fr", LetterheadText("Cabinet du Président", "", "", ""))
    pictured(world, "", png(300, 100))
    for language in ("en", "fr"):  # French has a separate text, and the picture for all languages
        paper = invitation.letter(world.hearing, language)
        assert picture_in(to_pdf(paper).content) == (300, 100)
        document = Document(io.BytesIO(to_docx(paper)))
        (shape,) = document.inline_shapes
        assert shape._inline.docPr.get("descr") == paper.letterhead[0]
        assert (shape.width, shape.height) == (Mm(60), Mm(20))
    pictured(world, "fr", png(100, 100))
    assert picture_in(to_pdf(invitation.letter(world.hearing, "fr")).content) == (100, 100)
    pictured(world, "fr", b"")
    assert letterheads.picture_of(world.hearing, "fr") == png(300, 100)
    headed(world, "fr", LetterheadText("", "", "", ""))
    assert letterheads.own(world.hearing, "fr") is None
    headed(world, "", LetterheadText("", "", "", ""))  # the picture stays
    paper = invitation.letter(world.hearing, "fr")
    assert (paper.picture is not None, paper.title) == (True, world.hearing.convener)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


@pytest.mark.parametrize(
    "file",
    [b"words", b"", png(40, 40)[:60], png(3001, 1), SVG, b"GIF89a" + b"\0" * 40, b"\xff\xd8\xff"],
    ids=["words", "empty", "damaged", "too wide", "SVG", "GIF", "begun"],
)
def test_what_is_no_picture_is_refused_with_what_is_allowed(world: World, file: bytes) -> None:
    office, url = world.client(), f"/office/{world.hearing.slug}/letters/letterhead/"
    pictured(world, "", png(9, 9))
    sent = {"act": "picture", "picture": SimpleUploadedFile("emblem.png", file)}
    answer = office.post(url, sent)
    assert answer.status_code == 422
    assert file == b"" or "PNG or JPEG, 250 KB at most" in answer.text
    assert letterheads.picture_of(world.hearing, "en") == png(9, 9)


def test_the_office_puts_and_removes_the_picture(world: World) -> None:
    office, url = world.client(), f"/office/{world.hearing.slug}/letters/letterhead/"
    sent = {"act": "picture", "picture": SimpleUploadedFile("emblem.png", png(20, 10))}
    assert office.post(f"{url}?in=fr", sent).status_code == 302
    page = office.get(f"{url}?in=fr").text
    assert f'src="{url}picture/?in=fr"' in page
    shown = office.get(f"{url}picture/?in=fr")
    assert (shown.content, shown.headers["Content-Type"]) == (png(20, 10), "image/png")
    assert office.get(f"{url}picture/").status_code == 404
    assert office.post(f"{url}?in=fr", {"act": "no-picture"}).status_code == 302
    assert "<img" not in office.get(f"{url}?in=fr").text
    assert not Letterhead.objects.exists()
