"""What makes a web process unready: one sentence each, without a path or an address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from hemicycle.record import clock, keys, unreadable
from hemicycle.site.operating import ready_checks, signs_of_life
from hemicycle.site.operating.models import SignOfLife
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
    keys.signing_key()  # the first use creates the key
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


@pytest.fixture
def older() -> Iterator[None]:
    """This process has met an entry that it cannot read."""
    unreadable.met(uuid4(), 7, ValueError("floor.given is read in version 1, not 2"))
    yield
    unreadable.forget()


def sign(version: str, machine: str = "web2", **more: Any) -> None:
    SignOfLife.objects.create(
        **{"name": "web", "machine": machine, "version": version, "at": clock.now(), **more}
    )


def test_an_older_process_leaves_visitors_to_a_newer_one(folder: Path, older: None) -> None:
    sign("99.0")
    assert ReadyChecks().found() == [ready_checks.TOO_OLD]
    unreadable.forget()
    assert ReadyChecks().found() == []


@pytest.mark.parametrize(
    "other",
    [
        {"version": signs_of_life.VERSION},
        {"version": "0.0.1"},
        {"version": "99.0", "name": "worker"},
        {"version": "99.0", "at": clock.now() - timedelta(seconds=40)},
    ],
)
def test_an_older_process_serves_on_where_no_newer_one_could(
    folder: Path, older: None, other: dict[str, Any]
) -> None:
    sign(**other)
    assert ReadyChecks().found() == []
    assert ready_checks.UNREADABLE in ready_checks.found_limits()
