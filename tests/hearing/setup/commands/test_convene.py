"""The command `hemicycle convene`, as a dry run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hemicycle.convening import FIELDS
from hemicycle.hearing.setup.commands import convene

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


def test_a_hearings_own_file_is_recognized(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hemicycle.hearing.setup.commands.convene"]
    environment = {**os.environ, "HEMICYCLE_DATA_DIR": str(tmp_path)}

    def run(file: Path) -> subprocess.CompletedProcess[str]:
        asked = [*command, str(file), "--dry-run", "--json"]
        return subprocess.run(asked, capture_output=True, text=True, check=False, env=environment)

    done = run(REHEARSAL)
    found = json.loads(done.stdout)
    assert (done.returncode, "rehearsal.toml is a hearing's own file." in done.stderr) == (0, True)
    assert (found["time_zone"], len(found["meetings"])) == ("America/New_York", 2)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("sluck = 1")
    done = run(wrong)
    assert (done.returncode, "Did you mean “slug”?" in done.stderr) == (2, True)


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


def test_a_database_that_is_not_set_up_is_told_in_a_sentence(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "hemicycle.hearing.setup.commands.convene",
        str(NOTES / "ferry.txt"),
    ]
    environment = {**os.environ, "HEMICYCLE_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    sentence = "hemicycle convene: The draft could not be stored (no such table: hearing_hearing)."
    assert (done.returncode, done.stderr[: len(sentence)]) == (1, sentence)


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
    environment = {**os.environ, "HEMICYCLE_DATA_DIR": str(tmp_path)}
    environment.pop("HEMICYCLE_DATABASE_URL", None)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hemicycle.site.cli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)

    run("migrate")
    said = run("convene", str(NOTES / "sleep.txt")).stderr
    stored = re.fullmatch(
        r"Draft stored: /office/convene/[0-9a-f-]{36}/ "
        r"\(`hemicycle admin role ADDRESS --hearing (?P<slug>[a-z0-9-]+) --give secretariat` "
        r"lets the secretariat in\)\n",
        said,
    )
    assert stored
    assert stored["slug"].startswith("multistakeholder-hearing-on-sleep")
    who = ("ana@example.org", "--hearing", stored["slug"], "--give", "secretariat")
    assert "/sign-in/" in run("admin", "role", *who).stdout
