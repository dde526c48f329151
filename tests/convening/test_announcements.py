"""Announcements in eight languages, each with the values that a careful clerk would enter."""

import subprocess
import sys
from pathlib import Path

import pytest

from hemicycle.convening.document import flatten
from hemicycle.convening.languages import CODES, PIECES, fold, language, language_of
from hemicycle.convening.reading import read
from tests.convening.loading import load
from tests.convening.scoring import Score, Values, notes_in, score, verdicts_of

HERE = Path(__file__).parent / "announcements"
HELD_BACK = Path(__file__).parent / "held_back"
"""Announcements that were held back until each of their wrong values had been examined."""
UNSEEN = Path(__file__).parent / "unseen"
"""Announcements to which the reader is never tuned: do not examine its errors in them."""
SHARED = Path(__file__).parents[3] / "shared" / "notes"
LEAST, MOST_WRONG = 0.85, 0.02
# Half of these notes are newer than the reader, which must not become worse at them.
LEAST_OF_REAL_BODIES, MOST_WRONG_OF_REAL_BODIES = 0.83, 0.06
OWN = notes_in(HERE)


def total(folder: Path) -> Score:
    scores = [score(read(load(note)).values, expected) for note, expected in notes_in(folder)]
    return sum(scores, Score())


@pytest.mark.parametrize(("note", "expected"), OWN, ids=[note.name for note, _ in OWN])
def test_an_announcement(note: Path, expected: Values) -> None:
    verdicts = dict(verdicts_of(read(load(note)).values, expected))
    assert set(verdicts.values()) == {"right"}, verdicts


@pytest.mark.skipif(not SHARED.exists(), reason="the shared notes lie outside the repository")
def test_the_announcements_of_real_bodies() -> None:
    found = total(SHARED)
    assert found.share >= LEAST_OF_REAL_BODIES
    assert found.wrong_share <= MOST_WRONG_OF_REAL_BODIES


@pytest.mark.parametrize("note", [note for note, _ in OWN], ids=lambda path: path.name)
def test_it_convenes_a_hearing(note: Path) -> None:
    reading = read(load(note))
    assert reading.convenes or reading.status


def test_the_announcements_held_back() -> None:
    found = total(HELD_BACK)
    assert found.share >= LEAST
    assert found.wrong_share <= MOST_WRONG


def test_the_announcements_that_nobody_tunes_on() -> None:
    found = total(UNSEEN)
    assert found.share >= LEAST
    assert found.wrong_share <= MOST_WRONG


NOT_NOTES = {
    "Le marché du samedi aura lieu place Neuve de 8 h à 13 h. Venez nombreux.": "fr",
    "Die Bibliothek bleibt am Montag, dem 4. Mai 2026, wegen Inventur geschlossen.": "de",
    "Магазин закрыт на ремонт с 4 мая 2026 года.": "ru",
    "本店将于2026年5月4日上午10时开业。": "zh",
}


@pytest.mark.parametrize("text", NOT_NOTES)
def test_what_convenes_nothing_states_no_meeting(text: str, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(text)
    document = load(tmp_path / "note.txt")
    assert language_of(document.text).code == NOT_NOTES[text]
    assert read(document).convenes is False


def test_a_heading_is_offered_where_no_title_is_sure(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text(
        "# Wer pflegt daheim?\n\nDer Pflegebeirat veranstaltet am 3. Mai 2027 um 10 Uhr "
        "eine öffentliche Anhörung mit Angehörigen.\n"
    )
    reading = read(load(tmp_path / "note.md"))
    offered = [one["value"] for one in reading.candidates if one["field"] == "title"]
    assert (reading.values["title"], offered) == (None, ["Wer pflegt daheim?"])


@pytest.mark.parametrize("note", [note for note, _ in OWN], ids=lambda path: path.name)
def test_every_passage_is_in_the_note(note: Path) -> None:
    document = load(note)
    reading = read(document)
    text = flatten(f"{document.title} {document.text}")
    said = [line for passages in reading.sources.values() for line in passages.split("\n")]
    said += [candidate["passage"] for candidate in reading.candidates]
    assert [line for line in said if flatten(line) not in text] == []


@pytest.mark.parametrize("code", CODES)
def test_a_table_of_words_has_only_what_the_reader_uses(code: str) -> None:
    names = set(language(code).table)
    assert names <= {*PIECES, "labels", "weekdays", "months", "noon", "numbers", "languages"}


def test_folding_keeps_each_sign_in_its_place() -> None:
    text = "القاعة ١٧،\u00a010：30 – ё"
    assert fold(text) == "القاعة 17، 10:30 – е"


def test_the_names_of_months_are_those_of_cldr() -> None:
    command = [sys.executable, "-m", "tools.cldr_names", "--check"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
