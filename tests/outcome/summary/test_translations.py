"""A translated summary as its readers see it: the page, the papers, the letters, the archive."""

from __future__ import annotations

import io
import re
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from docx import Document
from pypdf import PdfReader

from hemicycle.documents.writing import to_pdf
from hemicycle.hearing.people.models import Organization
from hemicycle.hearing.setup.models import GuidingQuestion, Hearing, Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.outcome.archive import export
from hemicycle.outcome.summary import actions, circulation, translating
from hemicycle.outcome.summary.document import compose, docx_of, draft_of, pdf_of
from hemicycle.outcome.summary.models import Sentence, Summary
from hemicycle.record import verify
from hemicycle.record.models import Entry
from tests.support.jobs import work_off
from tests.support.markup import parsed
from tests.support.translated import WORDS, published_in, translate_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.finished import Finished


def by(finished: Finished) -> dict[str, Any]:
    return {"hearing": finished.world.hearing, "actor": finished.world.office}


def public(finished: Finished, language: str, address: str = "summary/") -> Any:
    from django.test import Client  # Django's settings are loaded later

    where = f"/h/{finished.world.hearing.slug}/{address}"
    return Client().get(where, headers={"accept-language": language})


def article(page: str) -> Any:
    (found,) = parsed(page).iter("article")
    return found


def notices(page: str) -> list[str]:
    """Return the notices that the page shows above its text."""
    found = parsed(page).xpath("//div[contains(@class, 'notice')]")
    return [" ".join(notice.text_content().split()) for notice in found]


# ── Papers ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("language", "day", "english"),
    [
        ("ar", "13 يوليو 2021", "الإنجليزية"),
        ("es", "13 de julio de 2021", "inglés"),
        ("fr", "13 juillet 2021", "anglais"),
        ("ru", "13 июля 2021", "английский"),
        ("zh", "2021年7月13日", "英语"),
    ],
)
def test_a_paper_is_in_its_language_but_for_names(
    finished: Finished, language: str, day: str, english: str
) -> None:
    """Sentences come from translators, dates and languages from CLDR, the rest from catalogues."""
    translate_all(actions.draft(**by(finished)), language)
    composed = compose(Summary.objects.get(), language)
    assert composed.letter is not None
    assert composed.letter.date.startswith(day)
    assert composed.letter.to == f"{WORDS[language]} 0."
    pdf = to_pdf(composed)
    assert (pdf.missing, pdf.standard) == ("", "PDF/UA-1")
    document = Document(io.BytesIO(draft_of(Summary.objects.get(), language, "docx")))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    lines = [line.text for line in document.paragraphs]
    assert any(day in cell for cell in cells)
    assert any(english.casefold() in cell.casefold() for cell in cells)
    for row in Sentence.objects.exclude(section__key="letter"):
        assert not any(row.text in text for text in (*lines, *cells))
    count = Sentence.objects.count()
    told = [text for text in (*lines, *cells) if WORDS[language] in text]
    assert len(told) >= count, "each sentence, and who should act"


def test_a_published_paper_says_what_it_translates_and_stays(finished: Finished) -> None:
    summary = published_in(*by(finished).values(), "fr")
    first = pdf_of(summary, "fr")
    facts = dict(compose(summary, "fr").facts)
    assert any("13 juillet 2021" in value and "anglais" in value for value in facts.values())
    row = Sentence.objects.all()[0]
    row.translations.update(text="Autre chose.")
    assert pdf_of(summary, "fr") == first
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(first)).pages)
    assert WORDS["fr"] in text
    assert docx_of(summary, "fr") != docx_of(summary)


def test_names_titles_and_questions_come_in_the_language_where_they_exist(
    finished: Finished,
) -> None:
    summary = actions.draft(**by(finished))
    translate_all(summary, "fr")
    panel, hearing = finished.world.panels[0], finished.world.hearing
    question = hearing.guiding_questions.all()[0]
    said = {
        Hearing.objects.filter(pk=hearing.pk): {"title": "Audition sur la traite"},
        Segment.objects.filter(pk=panel.pk): {"title": "Première table ronde"},
        GuidingQuestion.objects.filter(pk=question.pk): {"short": "Les acquis", "text": "Quoi ?"},
        Organization.objects.filter(name="Estmere"): {"name": "Estmérie"},
    }
    for rows, texts in said.items():
        assert rows.update(original_language="en", translations={"fr": texts}) == 1
    wanted = [text for texts in said.values() for text in texts.values()]
    for language in ("fr", "en"):
        composed = compose(Summary.objects.get(), language)
        text = str(composed)
        assert [words for words in wanted if (words in text) != (language == "fr")] == []
    actions.publish(**by(finished))
    translating.publish(**by(finished), language="fr")
    shown = public(finished, "fr").text
    assert [words for words in wanted if words not in shown] == []
    original = article(public(finished, "ru").text).text_content()
    assert [words for words in wanted if words in original] == []


@pytest.mark.any_database
def test_what_is_not_translated_is_marked_in_the_papers(finished: Finished) -> None:
    summary = actions.draft(**by(finished))
    left = translate_all(summary, "ar", but=1)  # the last one, a recommendation
    row = summary.sections.get(key="messages").sentences.all()[0]
    row.translations.all().delete()
    left.append(row)
    composed = compose(summary, "ar")
    assert to_pdf(composed).standard == "PDF/UA-1"
    runs = {
        run.text.strip("\u2068\u2069"): run.language or getattr(block, "language", "")
        for block in composed.blocks
        for run in composed_runs(block)
    }
    assert {runs[one.text] for one in left} == {"en"}
    assert [text for text, tag in runs.items() if WORDS["ar"] in text and tag] == []
    document = Document(io.BytesIO(draft_of(summary, "ar", "docx")))
    (line,) = (one for one in document.paragraphs if one.text.startswith(row.text))
    assert 'w:lang w:val="en"' in line._p.xml
    assert line.style is not None
    assert line.style.name == "Numbered Paragraph"


def _is_runs(cell: Any) -> bool:
    return not isinstance(cell, str)


def composed_runs(block: Any) -> list[Any]:
    """Return the runs of a paragraph, and those in a table's cells."""
    cells = [cell for row in getattr(block, "rows", ()) for cell in row]
    return [
        *getattr(block, "runs", ()),
        *chain(*(cell for cell in cells if isinstance(cell, tuple))),
    ]


# ── The public page ───────────────────────────────────────────────────────────────────────────


def test_the_readers_language_chooses_and_others_are_offered(finished: Finished) -> None:
    published_in(*by(finished).values(), "ar", "fr")
    offered = {}
    for language, shown in (("fr", "fr"), ("ar", "ar"), ("ru", "en"), ("en", "en")):
        page = public(finished, language).text
        told = article(page)
        direction = "rtl" if shown == "ar" else "ltr"
        assert (told.get("lang"), told.get("dir")) == (shown, direction)
        expected = WORDS.get(shown, "The meeting of 13 July 2021 was opened")
        assert expected in told.text_content()
        links = parsed(page).xpath("//main//a[@hreflang]")
        offered[language] = [(link.get("href"), link.get("lang")) for link in links]
        english = "английский" in page.casefold()
        assert english == (language == "ru"), "which language the text is in"
        files = f"/h/{finished.world.hearing.slug}/summary"
        suffix = "" if shown == "en" else f".{shown}"
        assert f'href="{files}{suffix}.pdf"' in page
    assert offered["fr"] == [("?lang=en", "en"), ("?lang=ar", "ar")]
    assert offered["ru"] == [("?lang=ar", "ar"), ("?lang=fr", "fr")]
    answer = public(finished, "en", "summary.fr.pdf")
    assert (answer.status_code, answer.content) == (200, pdf_of(Summary.objects.get(), "fr"))
    table = public(finished, "en", "recommendations.fr.csv").content.decode("utf-8-sig")
    assert WORDS["fr"] in table
    assert public(finished, "en", "summary.ru.pdf").status_code == 404


def test_what_is_still_in_the_original_has_its_language(finished: Finished) -> None:
    summary = actions.draft(**by(finished))
    left = translate_all(summary, "ar", but=2)
    actions.publish(**by(finished))
    translating.publish(**by(finished), language="ar", incomplete=True)
    told = article(public(finished, "ar").text)
    marked = told.xpath(".//p[@lang='en'][@dir='ltr']")
    texts = [" ".join(one.text_content().split()) for one in marked]
    assert len(texts) == len(left)
    assert all(row.text in text for row, text in zip(left, texts, strict=True))


def test_a_corrected_original_is_said_on_the_page_of_its_translation(finished: Finished) -> None:
    world = finished.world
    published_in(*by(finished).values(), "fr")
    assert notices(public(finished, "fr").text) == []
    actions.take_back(**by(finished))
    assert public(finished, "fr").status_code == 404
    assert public(finished, "fr", "summary.fr.pdf").status_code == 404
    world.clock.advance(86_400_000)
    actions.publish(**by(finished))
    assert notices(public(finished, "fr").text) == []
    actions.take_back(**by(finished))
    row = Sentence.objects.exclude(section__key="letter")[0]
    actions.edit(**by(finished), sentence=row.pk, text="Corrected.", revision=1)
    actions.publish(**by(finished))
    page = public(finished, "fr").text
    (notice,) = notices(page)
    assert re.search(r"13 juillet 2021.+14 juillet 2021", notice)
    assert "Corrected." not in page
    first, *_later = Entry.objects.filter(kind="summary.published").order_by("seq")
    record = str(compose(Summary.objects.get(), "fr").facts)
    assert first.hash[:16] in record, "where the record stood for what it translates"
    assert "Corrected." in public(finished, "en").text
    office = world.client().get(reverse("summary:office", args=(world.hearing.slug,))).text
    assert "follow an earlier version of the summary: <bdi>French</bdi>" in office
    translating.publish(**by(finished), language="fr", incomplete=True)
    (notice,) = notices(public(finished, "fr").text)
    assert "14 juillet" not in notice, "it only says that a sentence is missing"


# ── Letters ───────────────────────────────────────────────────────────────────────────────────


def speaking(finished: Finished, **languages: str) -> None:
    for name, language in languages.items():
        person = finished.registrations[name.replace("_", " ")].person
        person.language = language
        person.save()


def test_letters_lead_to_the_summary_in_the_readers_language(finished: Finished) -> None:
    speaking(finished, Estmere="fr", Normere="ru", Open_Doors="en")
    summary = published_in(*by(finished).values(), "fr")
    made = circulation.circulate(**by(finished))
    bodies = {row.language: row.body for row in Message.objects.filter(purpose="summary")}
    slug = finished.world.hearing.slug
    french = sha256(pdf_of(summary, "fr")).hexdigest()
    assert f"/h/{slug}/summary.fr.pdf" in bodies["fr"]
    assert french in bodies["fr"]
    assert made.digests == {"fr": french}
    for language in ("ru", "en"):
        assert f"/h/{slug}/summary.pdf" in bodies[language]
        assert made.digest in bodies[language]
    assert "английский" in bodies["ru"], "which language it is in"
    assert "{" not in "".join(bodies.values())
    languages = dict(made.recipients.values_list("name", "language"))
    assert (languages["Estmere"], languages["Normere"], languages["Open Doors"]) == ("fr", "", "")
    where = reverse("summary:circulation-csv", args=(slug,))
    table = finished.world.client().get(where).content.decode("utf-8-sig")
    (row,) = (line for line in table.splitlines() if ",Estmere," in line)
    assert f",fr,{french}," in row


def test_who_was_sent_the_original_gets_a_later_translation(finished: Finished) -> None:
    speaking(finished, Estmere="fr")
    summary = published_in(*by(finished).values())
    circulation.circulate(**by(finished))
    assert circulation.pending(summary) == {}
    translate_all(summary, "fr")
    translating.publish(**by(finished), language="fr")
    assert [to.organization for to in circulation.pending(summary)] == ["Estmere"]
    again = circulation.circulate(**by(finished))
    assert [row.name for row in again.recipients.all()] == ["Estmere"]
    assert circulation.pending(summary) == {}


# ── The archive ───────────────────────────────────────────────────────────────────────────────


def test_the_public_archive_holds_each_language(finished: Finished, tmp_path: Path) -> None:
    published_in(*by(finished).values(), "ar")
    translate_all(Summary.objects.get(), "fr")
    folder, office = tmp_path / "public", tmp_path / "office"
    export.write_folder(finished.world.hearing, folder, public=True)
    assert verify.verify_export(folder).holds
    names = {path.name for path in folder.iterdir()}
    assert {"summary.ar.pdf", "summary.ar.docx", "recommendations.ar.csv"} <= names
    assert not any(".fr." in name for name in names), "it is not published"
    assert (folder / "summary.ar.pdf").read_bytes() == pdf_of(Summary.objects.get(), "ar")
    page = (folder / "index.html").read_text("utf-8")
    links = re.findall(r'(?:href|src)="([^"#]+)"', page)
    assert {link for link in links if not (folder / link).is_file()} == set()
    anchors, ids = re.findall(r'href="#([^"]+)"', page), re.findall(r'id="([^"]+)"', page)
    assert set(anchors) <= set(ids)
    assert len(ids) == len(set(ids))
    arabic = parsed(page.encode()).xpath("string(//div[@dir='rtl'][@lang='ar'])")
    assert WORDS["ar"] in str(arabic)
    export.write_folder(finished.world.hearing, office, public=False)
    assert (office / "summary.fr.pdf").is_file(), "begun"


def test_the_public_archive_is_built_again_with_a_translation(finished: Finished) -> None:
    summary = published_in(*by(finished).values())
    work_off()
    translate_all(summary, "fr")
    translating.publish(**by(finished), language="fr")
    assert work_off() == 1
