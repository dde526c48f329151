"""What makes a web process unready: one sentence each, without a path or an address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from hemicycle.record import keys
from hemicycle.site.operating import ready_checks
from hemicycle.site.operating.ready_checks import ReadyChecks
from hemicycle.site.processes import start_checks
from hemicycle.site.processes.start_errors import NOT_MIGRATED

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


NEWER = (
    "The database is from a newer version of Hemicycle (record.0002_later). "
    "Install that version again, or restore the backup made before it."
)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR, settings.KEYS_DIR = tmp_path, tmp_path / "keys"
    settings.RECORD_KEY = ""
    settings.KEYS_DIR.mkdir()
    return tmp_path


def test_a_whole_site_is_ready(folder: Path) -> None:
    assert ReadyChecks().found() == []
    assert list(folder.iterdir()) == [folder / "keys"], "a check leaves nothing behind"
    assert list((folder / "keys").iterdir()) == [], "a check makes no key"


def test_a_database_that_does_not_answer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection to 10.0.0.7 refused for user secret")

    monkeypatch.setattr(start_checks, "reach", refuse)
    assert ReadyChecks().found() == [ready_checks.NO_DATABASE]


def test_a_database_that_is_older_or_newer_also_after_it_was_right(folder: Path) -> None:
    checks, recorder = ReadyChecks(), MigrationRecorder(connection)
    assert checks.found() == []
    recorder.record_unapplied("record", "0001_initial")
    assert checks.found() == [" ".join(NOT_MIGRATED)]
    recorder.record_applied("record", "0001_initial")
    assert checks.found() == []
    recorder.record_applied("record", "0002_later")
    assert checks.found() == [NEWER]


def test_migrations_are_read_from_the_disk_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = ReadyChecks()
    assert checks.found() == []

    def fail() -> list[str]:
        raise AssertionError("it reads all migrations again")

    monkeypatch.setattr(start_checks, "newer_migrations", fail)
    assert checks.found() == []


def test_a_key_that_is_damaged_or_open_to_others(folder: Path) -> None:
    keys.signing_key()  # the first record makes it
    assert ReadyChecks().found() == []
    key = folder / "keys" / "receipts.pem"
    key.chmod(0o644)
    assert ReadyChecks().found() == [ready_checks.NO_KEY]
    key.chmod(0o600)
    key.write_text("not a key")
    assert ReadyChecks().found() == [ready_checks.NO_KEY]


def test_a_key_that_is_missing_beside_records(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_checks, "missing_key", lambda: "It is gone.")
    assert ReadyChecks().found() == [ready_checks.NO_KEY]


def test_a_folder_that_is_gone_and_a_database_are_told_together(
    folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = folder / "gone"
    assert ReadyChecks().found() == [ready_checks.NO_FOLDER]
    monkeypatch.setattr(start_checks, "newer_migrations", lambda: ["record.0002_later"])
    assert ReadyChecks().found() == [NEWER, ready_checks.NO_FOLDER]
