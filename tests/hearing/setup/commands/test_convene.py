"""The command `hemicycle convene`, as a dry run."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from hemicycle.convening import FIELDS
from hemicycle.hearing.setup.commands import convene
from hemicycle.site.operating import admin

NOTES = Path(__file__).parents[3] / "convening" / "notes"
KEYS = (*FIELDS, "status", "convenes", "candidates", "missing", "sources")
REHEARSAL = Path(__file__).parents[4] / "hearings" / "rehearsal.toml"
ANNOUNCEMENTS = NOTES.parent / "announcements"
PLAYGROUND = """title
  Hearing on the new playground
    < Hearing on the new playground

convener
  parish council
    < The parish council invites everyone to a hearing about the new playground.

venue
  village hall
    < It will be held in the village hall after Easter; the day will be announced.

missing
  time zone, mandate, meetings, segments, panels, deadlines, categories, \
floor time limit seconds, languages, platform, webcast, hashtag, mailboxes, \
guiding questions, max per organization, list of speakers
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process that has not loaded Django, on a data folder."""
    environment = {**os.environ, "HEMICYCLE_DATA_DIR": str(folder)}
    environment.pop("HEMICYCLE_DATABASE_URL")
    command = [sys.executable, "-m", "hemicycle.site.cli", "convene", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)


def test_json_has_exactly_the_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    status = convene.main([str(NOTES / "ferry.txt"), "--dry-run", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert (status, tuple(printed)) == (0, KEYS)


def test_text_shows_value_passage_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    status = convene.main([str(NOTES / "playground.md"), "--dry-run"])
    assert (status, capsys.readouterr().out) == (0, PLAYGROUND)


def test_the_older_spelling_of_json_still_works(capsys: pytest.CaptureFixture[str]) -> None:
    for asked in (["--format", "json"], ["--json"]):
        assert convene.main([str(NOTES / "ferry.txt"), "--dry-run", *asked]) == 0
        assert tuple(json.loads(capsys.readouterr().out)) == KEYS


def test_what_may_be_no_note_is_read_with_a_banner(capsys: pytest.CaptureFixture[str]) -> None:
    status = convene.main([str(NOTES / "not_notes" / "cake.md"), "--dry-run", "--json"])
    printed = capsys.readouterr()
    assert (status, json.loads(printed.out)["convenes"]) == (0, False)
    assert "It is not certain that cake.md convenes a hearing. Check each field." in printed.err


def test_what_once_forced_a_draft_is_still_taken(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(NOTES / "ferry.txt"), "--dry-run", "--force"]
    assert (convene.main(arguments), capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("zh-cancel.txt", "cancelled", "The note says that the hearing is cancelled"),
        ("ar-tajil.md", "postponed", "The note says that the hearing is postponed"),
        ("ru-perenos.txt", "rescheduled", "The note says that the hearing is rescheduled"),
    ],
)
def test_a_hearing_that_is_not_held_as_set_is_announced_as_such(
    name: str, status: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    convene.main([str(ANNOUNCEMENTS / name), "--dry-run", "--json"])
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (found["status"], bool(found["meetings"])) == (status, status == "rescheduled")
    assert sentence in printed.err


def test_a_hearings_own_file_is_recognized(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(tmp_path, str(REHEARSAL), "--dry-run", "--json")
    assert done.stderr == "hemicycle convene: rehearsal.toml is a hearing's own file.\n"
    found = json.loads(done.stdout)
    assert (found["time_zone"], len(found["meetings"])) == ("America/New_York", 2)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("sluck = 1")
    assert convene.main([str(wrong), "--dry-run", "--json"]) == 2
    assert "Did you mean “slug”?" in capsys.readouterr().err


def test_what_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.docx"
    empty.touch()
    status = convene.main([str(empty), "--dry-run"])
    assert (status, capsys.readouterr().err) == (
        2,
        "hemicycle convene: The file is empty. Send the note again.\n",
    )


def test_a_missing_file_a_folder_and_a_large_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(20_000_001)
    for path in (tmp_path / "none.md", tmp_path, large):
        assert convene.main([str(path), "--dry-run"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"hemicycle convene: There is no file {tmp_path}/none.md. Check the name and the folder.",
        f"hemicycle convene: {tmp_path} is a folder. Give the note itself.",
        (
            "hemicycle convene: The file is larger than 20 MB. Send the concept note "
            "without its annexes or pictures."
        ),
    ]


def test_a_dry_run_loads_no_django() -> None:
    program = (
        "import sys; from hemicycle.hearing.setup.commands import convene;"
        f"convene.main([{str(NOTES / 'ferry.txt')!r}, '--dry-run']);"
        "print([name for name in sys.modules if name.startswith('django')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.any_database
@pytest.mark.django_db
def test_a_database_that_is_not_set_up_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hearing_hearing RENAME TO elsewhere")
    assert convene.main([str(NOTES / "ferry.txt")]) == 1
    sentence = "hemicycle convene: The draft could not be stored (no such table: "
    assert sentence in capsys.readouterr().err


def test_a_pipe_that_nobody_reads_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "hemicycle.site.cli", "convene", str(NOTES / "oceans.txt")]
    done = subprocess.run(
        [*command, "--dry-run"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.usefixtures("migrated_folder")
def test_a_note_is_stored_as_a_draft(tmp_path: Path) -> None:
    stored = re.fullmatch(
        r"Draft stored: /office/convene/[0-9a-f-]{36}/ "
        r"\(`hemicycle admin (?P<command>role ADDRESS --hearing (?P<slug>[a-z0-9-]+) "
        r"--give secretariat)` lets the secretariat in\)\n",
        run(tmp_path, str(NOTES / "sleep.txt")).stderr,
    )
    assert stored
    assert stored["slug"].startswith("multistakeholder-hearing-on-sleep")
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        assert database.execute("SELECT slug FROM hearing_hearing").fetchall() == [
            (stored["slug"],)
        ]
    asked = admin.parser().parse_args(stored["command"].split())
    assert (asked.hearing, asked.give) == (stored["slug"], "secretariat")
