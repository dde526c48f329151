"""A note read in the guarded process, and the sentence for each refusal."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hemicycle.convening.reading import read
from hemicycle.documents.reading import SENTENCES as CODES
from hemicycle.documents.reading import UnreadableDocument, guarded
from hemicycle.documents.reading.limits import NOTE, Limits
from hemicycle.hearing.setup.note_reading import SENTENCES, read_note, sentence_of
from tests.convening.loading import load
from tests.documents.reading import files
from tests.documents.reading.test_isolation import slow_pdf
from tests.support.bombs import zip_bomb

NOTES = Path(__file__).parents[2] / "convening" / "notes"


@pytest.mark.confined
def test_the_guarded_process_finds_what_is_found_here() -> None:
    with (NOTES / "courts.html").open("rb") as file:
        assert read_note(file, name="courts.html") == read(load(NOTES / "courts.html"))


@pytest.mark.real_time
@pytest.mark.confined
@pytest.mark.parametrize(
    "content",
    [
        b"13 July 2021, 10:00 - 11:00 Panel 1: x\n" * 5_000,
        slow_pdf(),
    ],
    ids=["endless passages", "endless drawing"],
)
def test_a_note_that_takes_for_ever_is_ended_on_time(content: bytes) -> None:
    started = time.monotonic()
    limits = replace(NOTE, seconds=0.7, memory=4 * 2**30)
    with guarded.spooled(content) as file, pytest.raises(UnreadableDocument) as refused:
        read_note(file, name="note", limits=limits)
    assert refused.value.code == "timeout"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("content", "limits", "code"),
    [
        (b"", NOTE, "empty"),
        (bytes(2_000), replace(NOTE, file_size=1_000), "too_large"),
        (b"On rivers it sits.\n" * 14_000, NOTE, "too_long"),
        (files.docx_with(b"<!DOCTYPE x><x/>"), NOTE, "bomb"),
        (b"<html>" + b"<div>" * 3_000, NOTE, "bomb"),
        (b"%PDF-1.7\nhearing", NOTE, "damaged"),
        (zip_bomb("word/document.xml", 120_000_000), NOTE, "bomb"),
    ],
)
def test_hostile_notes_are_refused(content: bytes, limits: Limits, code: str) -> None:
    with guarded.spooled(content) as file, pytest.raises(UnreadableDocument) as refused:
        read_note(file, name="note", limits=limits)
    assert refused.value.code == code


@pytest.mark.confined
def test_a_note_that_takes_too_much_memory_is_refused() -> None:
    roomy = replace(NOTE, memory=64 * 2**20, characters=20_000_000)
    test_hostile_notes_are_refused((b"w" * 99 + b"\n") * 150_000, roomy, "memory")


def test_the_process_of_a_note_has_no_environment_and_no_django() -> None:
    program = (
        "import sys, hemicycle.hearing.setup.note_worker;"
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
