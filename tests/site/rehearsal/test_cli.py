"""`hemicycle rehearse` as people use it: at once, kept, live, and refused."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.record import verify
from hemicycle.site.rehearsal import cli, django_setup
from tests.support import migrated

pytestmark = pytest.mark.slow

PROGRAM = Path(sys.executable).parent / "hemicycle"
SMALL = ("--hearing", str(Path(__file__).with_name("other.toml")), "--registrations", "6")


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEMICYCLE_")}
    return kept | {"HEMICYCLE_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *arguments],
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_what_is_kept_verifies_and_one_changed_bit_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At once, it prints one object, and touches nothing of the installation."""
    here, kept = tmp_path / "here", tmp_path / "kept"
    here.mkdir()
    done = run(here, "rehearse", *SMALL, "--format", "json", "--keep", str(kept))
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    assert figures["registered"] + sum(figures["refused"].values()) == 6
    assert figures["verification"]["holds"]
    assert list(here.iterdir()) == []
    database = str(kept / "db.sqlite3")
    assert verify.main([database]) == verify.UNKNOWN_SIGNER
    with closing(sqlite3.connect(database)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE record_entry SET at = at + 1 WHERE seq = 57")
    assert verify.main([database]) == verify.BROKEN
    assert "entry 57" in capsys.readouterr().out


def test_what_is_not_kept_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEMICYCLE_DATA_DIR", "")
    monkeypatch.setenv("HEMICYCLE_DATABASE_URL", "")
    with django_setup.own_database():
        folder = Path(os.environ["HEMICYCLE_DATA_DIR"])
        assert folder.is_dir()
        assert os.environ["HEMICYCLE_DATABASE_URL"] == f"sqlite:///{folder}/db.sqlite3"
    assert not folder.exists()


@pytest.mark.any_database
@pytest.mark.django_db(transaction=True)
def test_so_many_statements_are_handed_in_some_days_ago(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In a database that is named, each rehearsal is another hearing."""
    address = os.environ["HEMICYCLE_DATABASE_URL"]
    named = (*SMALL, "--database", address)
    assert cli.main([*named, "--statements", "2", "--ago", "7"]) == 0
    lines = capsys.readouterr().out
    assert re.search(r"^delivered +[1-6]$", lines, re.MULTILINE)
    assert re.search(r"^statements +2$", lines, re.MULTILINE)
    last = Meeting.objects.get().ends_at
    assert 6 <= (datetime.now(UTC) - last).days <= 8
    assert cli.main([*named, "--statements", "50"]) == 2
    assert "of 50 statements came" in capsys.readouterr().err
    slugs = Hearing.objects.values_list("slug", flat=True).order_by("slug")
    assert list(slugs) == ["river-park", "river-park-2"]
    assert os.environ["HEMICYCLE_DATABASE_URL"] == address


def test_live_it_goes_on_until_ctrl_c_and_leaves_a_record_that_holds(tmp_path: Path) -> None:
    database = migrated.furnish(tmp_path / "there") / "db.sqlite3"
    live = ("--registrations", "5", "--speed", "60", "--json")
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [PROGRAM, "rehearse", *live, "--database", f"sqlite:///{database}"],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        deadline = time.monotonic() + 120
        while not _given(database) and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, (tmp_path / "said").read_text()
    assert "/h/rehearsal/hall/" in (tmp_path / "said").read_text()
    figures = json.loads(out)
    assert figures["verification"]["holds"]
    assert _given(database)
    assert run(database.parent, "verify").returncode == verify.VERIFIED  # as that site's record


def _given(database: Path) -> int:
    """Return how often the floor was given, as another process sees it."""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            rows = connection.execute(
                "SELECT count(*) FROM record_entry WHERE kind = 'floor.given'"
            )
            return int(rows.fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_a_file_that_is_no_hearing_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, kept = tmp_path / "other.toml", tmp_path / "kept"
    file.write_text('title = "A title"\nspeed = 3\n')
    done = run(tmp_path, "rehearse", "--hearing", str(file), "--keep", str(kept))
    assert (done.returncode, done.stdout) == (2, "")
    assert "speed" in done.stderr
    assert not (kept / "db.sqlite3").exists()  # only a hearing that can be played gets one
    monkeypatch.setenv("HEMICYCLE_DATABASE_URL", "")
    assert cli.main(["--hearing", str(tmp_path / "none.toml"), "--database", "sqlite:///none"]) == 2
    assert "none.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [("--speed", "fast"), ("--speed", "0"), ("--registrations", "-3")]
)
def test_numbers_that_make_no_sense_are_refused(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main([*wrong])
    assert "give" in capsys.readouterr().err
