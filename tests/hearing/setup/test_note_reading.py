"""A note read in the guarded process, and the sentence for each refusal."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hemicycle.convening import read
from hemicycle.documents.reading import SENTENCES as CODES
from hemicycle.documents.reading import UnreadableDocument
from hemicycle.documents.reading.limits import NOTE
from hemicycle.hearing.setup.note_reading import SENTENCES, read_note, sentence_of
from tests.convening.loading import load

NOTES = Path(__file__).parents[2] / "convening" / "notes"


@pytest.mark.parametrize("name", ["coral.md", "ferry.txt", "courts.html"])
def test_the_guarded_process_finds_what_is_found_here(name: str) -> None:
    with (NOTES / name).open("rb") as file:
        assert read_note(file, name=name) == read(load(NOTES / name))


def test_a_note_that_takes_for_ever_is_ended_on_time(tmp_path: Path) -> None:
    note = tmp_path / "a.txt"
    note.write_text("13 July 2021, 10:00 - 11:00 Panel 1: x\n" * 5_000)
    with note.open("rb") as file, pytest.raises(UnreadableDocument) as refused:
        read_note(file, name=note.name, limits=replace(NOTE, seconds=0.3))
    assert refused.value.code == "timeout"


def test_the_process_of_a_note_has_no_environment_and_no_django() -> None:
    program = (
        "import sys, hemicycle.hearing.setup.note_reading;"
        "print([name for name in sys.modules if name.split('.')[0] == 'django'])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"[]"]


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_has_a_sentence(code: str) -> None:
    kind = "picture" if code == "kind_not_accepted" else ""
    template, values = sentence_of(UnreadableDocument(code, kind))
    assert (template % values).endswith(".")
    assert "%(" not in template % values
    assert set(SENTENCES) == set(CODES)
