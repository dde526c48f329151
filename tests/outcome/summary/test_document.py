"""The summary as DOCX and PDF, read by other libraries."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from docx import Document
from pypdf import PdfReader

from hemicycle.documents.writing import to_docx, to_pdf
from hemicycle.documents.writing.paper import SourceNotes
from hemicycle.outcome.summary import actions
from hemicycle.outcome.summary.document import compose
from hemicycle.outcome.summary.models import Section, Sentence

if TYPE_CHECKING:
    from tests.support.finished import Finished

pytestmark = pytest.mark.any_database


def test_docx_holds_title_facts_sentences_annexes_and_sources(finished: Finished) -> None:
    summary = actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    document = Document(io.BytesIO(to_docx(compose(summary))))
    lines = [line.text for line in document.paragraphs]
    begins = lines.index(finished.world.hearing.title)
    assert lines[: begins + 2] == [
        "President of the General Assembly",
        "13 July 2021",
        *(row.text for row in Sentence.objects.filter(section__key=Section.LETTER)[1:]),
        "President of the General Assembly",
        Sentence.objects.filter(section__key=Section.LETTER)[0].text,
        finished.world.hearing.title,
        "Draft summary of the hearing of 13 July 2021",
    ]
    facts = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert facts["Participation"] == (
        "7 registered, 5 interventions from the floor, 7 statements in writing"
    )
    assert facts["Meetings"] == (
        "13 July 2021, 10:00–12:00 (New York time)\n13 July 2021, 15:00–17:00 (New York time)"
    )
    cells = [row.cells[1].text for table in document.tables for row in table.rows]
    for sentence in Sentence.objects.select_related("section"):
        where = cells if sentence.section.is_recommendations else lines
        assert any(line.startswith(sentence.text) for line in where)
    annexes = [line for line in lines if line.startswith("Annex")]
    assert annexes == [
        "Annex I. Recommendations, by guiding question",
        "Annex II. Programme",
        "Annex III. Participation in figures",
        "Annex IV. Those who spoke from the floor",
        "Annex V. Those who were not reached for lack of time",
        "Annex VI. Sources",
    ]
    told = [line.partition("\t")[2] for line in lines]
    assert "Paper Only, sent in writing." in told


def test_annexes_tell_who_spoke_when_and_who_was_not_reached(finished: Finished) -> None:
    summary = actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    document = Document(io.BytesIO(to_docx(compose(summary))))
    tables = [
        [[cell.text for cell in row.cells] for row in table.rows] for table in document.tables
    ]
    *_rest, first, second, not_reached = tables
    assert [row[1] for row in first[1:]] == ["Estmere", "Open Doors", "Normere", "دار الأمان"]
    assert [row[4] for row in (*first[1:], *second[1:])] == ["2:30"] * 5
    category = "Invited civil society organization"
    assert not_reached[1:] == [["Name not published", category, "English"]]


def test_every_source_of_every_sentence_has_its_note(finished: Finished) -> None:
    summary = actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    paper = compose(summary)
    notes = [
        note for block in paper.blocks if isinstance(block, SourceNotes) for note in block.items
    ]
    cited = {
        str(source.get("statement") or source.get("seq"))
        for sentence in Sentence.objects.all()
        for source in sentence.sources
    }
    assert [note.number for note in notes] == list(range(1, len(cited) + 1))


def test_pdf_has_the_same_words_and_its_title(finished: Finished) -> None:
    summary = actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    pdf = to_pdf(compose(summary))
    assert (pdf.missing, pdf.standard) == ("", "PDF/UA-1")
    reader = PdfReader(io.BytesIO(pdf.content))
    assert reader.metadata is not None
    assert reader.metadata.title == finished.world.hearing.title
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "By category: Invited civil society organization, 5; Member State, 2." in text
    assert "Annex V. Those who were not reached for lack of time" in text


def test_removed_and_blanked_sentences_stay_out(finished: Finished) -> None:
    world = finished.world
    summary = actions.draft(hearing=world.hearing, actor=world.office)
    row = Sentence.objects.filter(text__startswith="By language")[0]
    actions.remove(hearing=world.hearing, sentence=row.pk, revision=1, actor=world.office)
    Sentence.objects.filter(text__startswith="By category").update(erased_at=summary.drafted_at)
    lines = [line.text for line in Document(io.BytesIO(to_docx(compose(summary)))).paragraphs]
    assert not any(line.startswith(("By language:", "By category:")) for line in lines)


def test_a_published_summary_is_no_draft(finished: Finished) -> None:
    world = finished.world
    actions.draft(hearing=world.hearing, actor=world.office)
    summary = actions.publish(hearing=world.hearing, actor=world.office)
    assert compose(summary).subtitle == "Summary of the hearing of 13 July 2021"
