"""`hemicycle rehearse` as people use it: at once, kept, live, and refused."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import migrated

pytestmark = pytest.mark.slow

SIGNER_UNKNOWN = 3
"""The status that `verify` returns for a consistent file without a seal, such as a database."""
PROGRAM = Path(sys.executable).parent / "hemicycle"


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


def test_at_once_it_prints_one_object_and_touches_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "rehearse", "--registrations", "15", "--json")
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    assert figures["registered"] + sum(figures["refused"].values()) == 15
    assert figures["verification"]["holds"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("django_db_setup")
def test_what_is_kept_verifies_and_one_changed_bit_is_found(tmp_path: Path) -> None:
    kept = migrated.furnish(tmp_path / "kept")
    done = run(tmp_path, "rehearse", "--registrations", "12", "--keep", str(kept))
    assert done.returncode == 0, done.stderr
    assert "delivered" in done.stdout
    database = kept / "db.sqlite3"
    assert run(tmp_path, "verify", str(database)).returncode == SIGNER_UNKNOWN
    with sqlite3.connect(database) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE record_entry SET at = at + 1 WHERE seq = 57")
    broken = run(tmp_path, "verify", str(database))
    assert broken.returncode == 1
    assert "entry 57" in broken.stdout


@pytest.mark.usefixtures("django_db_setup")
def test_so_many_statements_are_handed_in_some_days_ago(tmp_path: Path) -> None:
    kept = migrated.furnish(tmp_path / "kept")
    asked = ("--statements", "9", "--ago", "7", "--keep", str(kept), "--json")
    done = run(tmp_path, "rehearse", "--registrations", "14", *asked)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["statements"] == 9
    with sqlite3.connect(kept / "db.sqlite3") as connection:
        last = connection.execute("SELECT max(date(ends_at)) FROM hearing_meeting").fetchone()[0]
    assert 6 <= (datetime.now(UTC).date() - date.fromisoformat(last)).days <= 8
    fresh = str(migrated.furnish(tmp_path / "few"))
    few = run(tmp_path, "rehearse", "--registrations", "3", "--statements", "50", "--keep", fresh)
    assert few.returncode == 2
    assert "of 50 statements came" in few.stderr


@pytest.mark.usefixtures("django_db_setup")
def test_in_a_database_that_is_named_each_rehearsal_is_another_hearing(tmp_path: Path) -> None:
    migrated.put(tmp_path / "there.sqlite3")
    named = ("--database", f"sqlite:///{tmp_path}/there.sqlite3", "--format", "json")
    slugs = []
    for _ in range(2):
        done = run(tmp_path, "rehearse", "--registrations", "4", *named)
        assert done.returncode == 0, done.stderr
        slugs.append(json.loads(done.stdout)["hearing"])
    assert slugs == ["2021-rehearsal", "2021-rehearsal-2"]
    there = str(tmp_path / "there.sqlite3")
    assert run(tmp_path, "verify", there).returncode == SIGNER_UNKNOWN


@pytest.mark.usefixtures("migrated_folder")
def test_live_it_goes_on_until_ctrl_c_and_leaves_a_record_that_holds(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [PROGRAM, "rehearse", "--registrations", "15", "--speed", "60", "--json"],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        deadline = time.monotonic() + 120
        while _given(tmp_path) < 2 and time.monotonic() < deadline:
            time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, (tmp_path / "said").read_text()
    assert "/h/rehearsal/hall/" in (tmp_path / "said").read_text()
    figures = json.loads(out)
    assert figures["verification"]["holds"]
    assert _given(tmp_path) >= 2
    assert run(tmp_path, "verify").returncode == 0


def _given(folder: Path) -> int:
    """Return how often the floor was given, as another process sees it."""
    try:
        with sqlite3.connect(f"file:{folder}/db.sqlite3?mode=ro", uri=True) as connection:
            rows = connection.execute(
                "SELECT count(*) FROM record_entry WHERE kind = 'floor.given'"
            )
            return int(rows.fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_a_file_that_is_no_hearing_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('title = "A title"\nspeed = 3\n')
    done = run(tmp_path, "rehearse", "--hearing", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert "speed" in done.stderr
    none, kept = str(tmp_path / "none.toml"), tmp_path / "kept"
    missing = run(tmp_path, "rehearse", "--hearing", none, "--keep", str(kept))
    assert missing.returncode == 2
    assert "none.toml" in missing.stderr
    assert not (kept / "db.sqlite3").exists()  # only a hearing that can be played gets one


def test_numbers_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    for wrong in (("--speed", "fast"), ("--speed", "0"), ("--registrations", "-3")):
        done = run(tmp_path, "rehearse", *wrong)
        assert done.returncode == 2
        assert "give" in done.stderr
