"""`hemicycle doctor` names what is wrong with the backups, and what a restore left."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hemicycle.site.backup import contents, status
from hemicycle.site.operating.checks import backups
from hemicycle.site.operating.doctor import Diagnosis, Health

NOW = datetime.now(UTC)


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """The site's data folder."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def found_of_backups() -> list[Diagnosis]:
    return list(backups.backups_are_made())


def test_no_backup_yet(data: Path) -> None:
    assert found_of_backups() == [
        Diagnosis(
            "backup",
            Health.WARNING,
            "no backup was made yet",
            "Run: hemicycle backup --to FOLDER --key FILE.pub (docs/backup.md), every night.",
        )
    ]


def test_a_new_backup_is_well_and_an_old_one_is_not(data: Path) -> None:
    status.note(data, status.BACKUP, "s3://backups/x", done_at=NOW)
    (found,) = found_of_backups()
    assert (found.health, found.advice) == (Health.OK, "")
    assert found.found.endswith("at s3://backups/x")
    status.note(data, status.BACKUP, "s3://backups/x", done_at=NOW - timedelta(days=3))
    (found,) = found_of_backups()
    assert found.health is Health.WARNING


@pytest.mark.parametrize("kind", [status.BACKUP, status.STREAM, status.CHECK])
def test_a_failure_is_named_with_the_last_good_one(kind: str, data: Path) -> None:
    fault = "The store at s3://backups/x does not answer. Check it."
    good = NOW - timedelta(days=1)
    status.note(data, kind, "s3://backups/x", done_at=good)
    status.note(data, kind, "s3://backups/x", done_at=None, fault=fault)
    found = found_of_backups()[0]
    assert found.health is Health.FAULT
    assert found.found.endswith(f" failed: {fault}")
    last = f"The last successful attempt was at {good.isoformat(timespec='seconds')}."
    assert found.advice.startswith(last)
    status.note(data, kind, "s3://backups/x", done_at=NOW)
    assert all(finding.health is not Health.FAULT for finding in found_of_backups())


def test_a_copy_that_has_stopped_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status.note(data, status.STREAM, "/copies/stream-1", done_at=NOW)
    (found,) = found_of_backups()
    assert found.health is Health.OK
    monkeypatch.setattr(backups, "COPY_EVERY", timedelta())
    (found,) = found_of_backups()
    assert found.health is Health.FAULT
    assert found.found.startswith("the continuous copy to /copies/stream-1 has stopped, last at")


def test_a_damaged_note_counts_as_none(data: Path) -> None:
    (data / contents.STATUS).write_text('{"backup": 1')
    (found,) = found_of_backups()
    assert found.found == "no backup was made yet"


@pytest.mark.parametrize(("days", "health"), [(14, Health.WARNING), (15, Health.FAULT)])
def test_what_a_restore_left_has_a_date(days: int, health: Health, data: Path) -> None:
    moved = NOW - timedelta(days=days)
    folder = data / f"before-restore-{moved:%Y%m%dT%H%M%SZ}"
    folder.mkdir()
    (data / "before-restore-by-hand").mkdir()
    (found,) = backups.nothing_is_left_aside()
    assert found.health is health
    day = moved.date() + timedelta(days=14)
    assert found.found == f"{folder} has personal data from before a restore"
    assert found.advice.startswith(f"Delete it by {day}")
    assert contents.delete_by("before-restore-20261128T040500Z") == date(2026, 12, 12)
