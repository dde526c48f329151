"""What stops a start is one sentence, with exit status 1 and no traceback."""

import errno
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from hemicycle.site.processes import start_errors
from hemicycle.site.processes.start_errors import CannotStart, sentence_of
from tests.site.test_cli import PROGRAM


def start(folder: Path, *arguments: str, **given: str) -> tuple[int, str]:
    """Run a command on a data folder; return its exit status and what it says."""
    clean = {name: value for name, value in os.environ.items() if "HEMICYCLE" not in name}
    done = subprocess.run(
        [PROGRAM, *(arguments or ("worker",))],
        env={**clean, "HEMICYCLE_DATA_DIR": str(folder), **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stderr


def said(sentence: str) -> tuple[int, str]:
    return 1, f"hemicycle: {sentence}\n"


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_a_wrong_setting(tmp_path: Path) -> None:
    assert start(tmp_path, HEMICYCLE_DEBUG="maybe") == said(
        "HEMICYCLE_DEBUG is 'maybe': it must be 1, true or yes, or 0, false or no."
    )


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_a_database_that_cannot_be_reached(tmp_path: Path) -> None:
    status, told = start(tmp_path, HEMICYCLE_DATABASE_URL="postgresql://127.0.0.1:1/hearing")
    assert (status, told.count("\n")) == (1, 1), told
    assert told.startswith("hemicycle: The database cannot be reached (")
    assert told.endswith("Check HEMICYCLE_DATABASE_URL, and that it runs.\n")


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys/secret").write_text("k" * 50)
    (tmp_path / "db.sqlite3").write_text("not a database at all, but a text" * 40)
    assert start(tmp_path) == said(
        "The database's file is damaged (file is not a database). Restore it from a backup."
    )


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_a_database_of_another_version(tmp_path: Path) -> None:
    assert start(tmp_path) == said("The database is not up to date. Run `hemicycle migrate`.")
    assert start(tmp_path, "migrate") == (0, "")
    with sqlite3.connect(tmp_path / "db.sqlite3") as base:
        base.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('people', '0099_x', '2030')"
        )
    newer = said(
        "The database is from a newer version of Hemicycle (people.0099_x). "
        "Install that version again, or restore the backup made before it. Nothing was changed."
    )
    assert start(tmp_path) == newer
    assert start(tmp_path, "up", "--port=0") == newer


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_a_folder_that_was_restored_in_part(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys/receipts.pem").write_text("a key")
    for command in (("up", "--port=0"), ("worker",), ("migrate",), ("web", "--port=0")):
        assert start(tmp_path, *command) == said(
            f"{tmp_path} has keys but no database: it was restored in part. Restore db.sqlite3 "
            "too; for a new site, use an empty folder."
        )
        assert not (tmp_path / "db.sqlite3").exists()


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_a_database_without_the_folder_of_keys(tmp_path: Path) -> None:
    (tmp_path / "db.sqlite3").write_bytes(b"SQLite format 3\0")
    assert start(tmp_path) == said(
        f"{tmp_path} has a database but no keys/secret: it was restored in part. Restore keys/ "
        "too, or write 50 random characters into that file, and old links stop working."
    )
    assert not (tmp_path / "keys/secret").exists()


@pytest.mark.test_all("deployment")
@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_a_key_that_cannot_be_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys/secret").write_bytes(content)
    status, told = start(tmp_path)
    assert (status, told.count("\n")) == (1, 1)
    assert told.startswith(f"hemicycle: The key {tmp_path}/keys/secret is ")


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_a_folder_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert start(tmp_path / "data") == said(
        f"{tmp_path}/data is in the way: Hemicycle needs a folder there."
    )


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_debug_shows_where_it_happened(tmp_path: Path) -> None:
    _, told = start(tmp_path, HEMICYCLE_DEBUG="1", HEMICYCLE_MAIL_PER_MINUTE="x")
    assert told.startswith("Traceback")


@pytest.mark.parametrize(
    ("error", "beginning"),
    [
        (CannotStart("It is so."), "It is so."),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full."),
        (PermissionError(errno.EACCES, "Permission denied", "/a"), "/a cannot be used: permission"),
        (OSError(errno.EROFS, "Read-only file system", "/a"), "/a is on a disk that cannot"),
        (sqlite3.OperationalError("database or disk is full"), "The disk is full."),
        (sqlite3.OperationalError("no such table: x"), "The database is not up to date."),
        (sqlite3.OperationalError("database is locked"), "Another process has locked"),
        (sqlite3.OperationalError("unable to open database file"), "The database's file cannot"),
        (
            sqlite3.OperationalError("attempt to write a readonly database"),
            "The database cannot be written",
        ),
    ],
)
def test_each_fault_has_a_sentence(error: Exception, beginning: str) -> None:
    assert (sentence_of(error) or "").startswith(beginning)


def test_a_fault_of_the_program_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert sentence_of(ValueError("x")) is None
    assert start_errors.tell(ZeroDivisionError()) is None
    assert capsys.readouterr().err == ""
