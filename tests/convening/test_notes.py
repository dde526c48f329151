"""Whole readings of whole notes, compared by equality."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hemicycle.convening import FIELDS
from hemicycle.convening.document import flatten
from hemicycle.convening.reading import read
from hemicycle.documents.reading import UnreadableDocument
from hemicycle.documents.reading.limits import NOTE
from tests.convening import samples
from tests.convening.loading import load

LONGEST_S = 5
"""The most seconds of processor time that reading any text may take."""
NOTES = Path(__file__).parent / "notes"
MADE = {
    "seeds.docx": (samples.word, "seeds.docx.json"),
    "seeds.odt": (samples.opendocument, "seeds.docx.json"),
    "noise.pdf": (samples.pdf, "noise.pdf.json"),
}
WRITTEN = sorted(
    path for path in NOTES.iterdir() if path.is_file() and path.suffix in (".md", ".txt", ".html")
)
REFERENCE = Path(__file__).parents[3] / "shared" / "mission" / "concept-note.md"


def expected(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def without_sources(path: Path) -> dict[str, Any]:
    result = read(load(path)).as_json()
    assert (result.pop("status"), result.pop("convenes")) == (None, True)
    del result["sources"], result["candidates"]
    return result


@pytest.mark.parametrize("note", WRITTEN, ids=lambda path: path.name)
def test_a_written_note(note: Path) -> None:
    assert without_sources(note) == expected(note.with_suffix(".json"))


@pytest.mark.parametrize("name", MADE)
def test_a_made_note(name: str, tmp_path: Path) -> None:
    make, result = MADE[name]
    assert without_sources(make(tmp_path / name)) == expected(NOTES / result)


@pytest.mark.parametrize("note", WRITTEN, ids=lambda path: path.name)
def test_every_value_has_a_passage_and_every_passage_is_in_the_note(note: Path) -> None:
    reading = read(load(note))
    document = load(note)
    text = flatten(f"{document.title} {document.text}")
    unsourced = [
        name for name in FIELDS if name not in reading.missing and name not in reading.sources
    ]
    strange = [
        line
        for passages in reading.sources.values()
        for line in passages.split("\n")
        if flatten(line) not in text
    ]
    assert (unsourced, strange) == ([], [])


def test_sources_of_a_short_note() -> None:
    sentence = (
        "The Harbour Board will hold a public hearing on the winter ferry timetable on Saturday "
        "8 November 2025 from 2 to 5 p.m. at the Seamen's Hall, Port Ellis."
    )
    assert read(load(NOTES / "ferry.txt")).sources == {
        "title": sentence,
        "convener": sentence,
        "venue": sentence,
        "meetings": sentence,
        "floor_time_limit_seconds": (
            "Anyone who uses the ferries may speak for up to three minutes; "
            "there is no need to register."
        ),
    }


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference note lies outside the repository")
def test_the_reference_note() -> None:
    result = without_sources(REFERENCE)
    questions, mailboxes = result.pop("guiding_questions"), result.pop("mailboxes")
    assert (len(questions), all(question.endswith("?") for question in questions)) == (8, True)
    assert [address.partition("@")[0] for address in mailboxes] == ["estatements", "unodc-ny"]
    assert result == expected(Path(__file__).parent / "reference.json")


@pytest.mark.parametrize("name", ["pool.txt", "novel.txt", "cake.md"])
def test_a_text_that_convenes_nothing(name: str) -> None:
    assert read(load(NOTES / "not_notes" / name)).convenes is False


def test_a_sentence_is_no_label_of_what_stands_below(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(
        "The Ferry Board will hold a public hearing on 4 May 2030.\n\n"
        "Organizations register by 20 April 2030.\n\nThe Board met on 9 January 2030.\n"
    )
    deadlines = read(load(tmp_path / "note.txt")).values["deadlines"]
    assert deadlines == [{"track": "stakeholders", "at": "2030-04-20"}]


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["a.b.", "13 July 2021, ", "10:00 - 11:00 Panel 1: x\n"])
def test_no_text_keeps_the_reader_busy(unit: str, tmp_path: Path) -> None:
    note = tmp_path / "endless.txt"
    note.write_text((unit * NOTE.characters)[: NOTE.characters - 1_000])
    began = time.process_time()
    with suppress(UnreadableDocument):
        read(load(note))
    assert time.process_time() - began < LONGEST_S
