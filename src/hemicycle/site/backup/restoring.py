"""Restores a backup into a folder. An interruption at any point loses nothing.

The folder is marked first (`start_checks.RESTORING`), and no process starts while the mark is
there. The old content of the folder is moved into a folder inside it, never deleted. When all files
are restored and the record verifies, people who were erased after the backup are erased again, and
the mark is removed. If the restore is interrupted, the same command deletes what the first attempt
restored, and starts again.

The newest list of erased people is never replaced: lines of the backup's list are only added to it.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hemicycle import settings_sources as sources
from hemicycle.engine.secret import make_private
from hemicycle.site.backup import contents, database, following, manifest, reading
from hemicycle.site.backup.drafts import sync_folder
from hemicycle.site.backup.envelope import Keys
from hemicycle.site.backup.faults import BackupFault, of_disk
from hemicycle.site.backup.following import StreamFolder
from hemicycle.site.backup.manifest import Manifest
from hemicycle.site.backup.pipes import ByteSink
from hemicycle.site.backup.reading import Source
from hemicycle.site.backup.stream import PAGES, Changes
from hemicycle.site.processes.start_checks import RESTORING

ERASED = "erased.jsonl"
SEGMENTS = "segments"
DUMP = "dump.pgsql"
AGAIN = "Run the same command again: it starts from the beginning."


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored backup; `aside` has the old content of the folder."""

    manifest: Manifest
    folder: Path
    aside: Path | None
    erased: int
    """The number of people who were erased after the backup and therefore erased again."""
    unfinished: int
    """The number of these people with data that could not be erased; the worker tries every day."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """The content of the mark: where the old content goes, and whether it is moved already."""

    aside: str
    is_moved: bool


def restore(
    file: Source | StreamFolder,
    into: Path,
    keys: Keys,
    *,
    replace: bool = False,
    erased: Path | None = None,
) -> Restored:
    """Restore a backup into an empty folder; raise `BackupFault`.

    With `replace` the folder may have content, which is moved aside. `erased` is a list of erased
    people that is newer than the backup's. The backup is read to its end before anything changes.
    """
    into = into.absolute()
    lines = _lines(erased) if erased else []
    found = _looked_through(file, keys)
    manifest.check_version(found)
    _check_database_setting(found, is_stream=isinstance(file, StreamFolder))
    try:
        mark = _begin(into, found, replace=replace)
        with _alone(into) as lock:
            if _read_mark(into) != mark:
                raise BackupFault(f"Another restore into {into} has just ended. Look at it first.")
            _set_aside(into, mark)
            aside = into / mark.aside
            _clear(into, mark)
            _add_erased(into / ERASED, [*_lines(aside / ERASED), *lines])
            if isinstance(file, StreamFolder):
                found = _follow(file, into, keys)
            else:
                _extract(file, into, keys)
            _move_settings(into, found)
            if found.database_file in found.files:
                reading.check_database(found, into / Path(found.database_file).name)
            erased_again, unfinished = _finish_database(into, found, lock)
            (into / DUMP).unlink(missing_ok=True)
            _unmark(into)
    except OSError as error:
        raise of_disk(error, into, "The folder is not whole, and is marked so.") from error
    return Restored(found, into, aside if aside.exists() else None, erased_again, unfinished)


def _looked_through(file: Source | StreamFolder, keys: Keys) -> Manifest:
    """Read a backup to its end to check it, and store nothing."""
    if isinstance(file, StreamFolder):
        with tempfile.TemporaryDirectory(prefix="hemicycle-look-") as folder:
            return following.follow(file, keys, Path(folder), None)
    return reading.read(file, keys, lambda name: nullcontext())


def _check_database_setting(found: Manifest, *, is_stream: bool) -> None:
    """Raise `BackupFault` if the settings name a different kind of database than the backup's."""
    named = sources.given().get("HEMICYCLE_DATABASE_URL")
    is_postgresql = named.startswith(("postgresql:", "postgres:"))
    if found.database == "postgresql" and not is_postgresql and is_stream:
        raise BackupFault(
            "The stream is of a site on PostgreSQL. Restore its database by PostgreSQL's own "
            "tools first, and name it in HEMICYCLE_DATABASE_URL; nothing was changed."
        )
    if found.database == "postgresql" and not is_postgresql:
        raise BackupFault(
            "The backup is of a PostgreSQL database. Create an empty one, and name it in "
            "HEMICYCLE_DATABASE_URL; nothing was changed."
        )
    if found.database == "sqlite" and is_postgresql:
        raise BackupFault(
            "The backup is of a SQLite database, and HEMICYCLE_DATABASE_URL names PostgreSQL. "
            "Leave that out; nothing was changed."
        )


# ── The mark ──────────────────────────────────────────────────────────────────────────────────
def _begin(into: Path, found: Manifest, *, replace: bool) -> _Mark:
    """Check the folder, and mark it; if this raises `BackupFault`, nothing was changed."""
    if into.exists() and not into.is_dir():
        raise BackupFault(f"{into} is a file. Name a folder to restore into.")
    marked = _read_mark(into)
    content = list(into.iterdir()) if into.exists() else []
    if content and marked is None and not replace:
        raise BackupFault(
            f"{into} is not empty. Name an empty folder, or use --replace, which keeps what is "
            "there in a folder inside it."
        )
    free = reading.free_bytes(into) + _size_to_clear(into, marked)
    if free < found.size:
        raise BackupFault(
            f"The backup needs {found.size / 2**20:.0f} MB, and the disk of {into} has "
            f"{free / 2**20:.0f} MB left. Make room, and run it again; nothing was changed."
        )
    if marked:
        return marked
    make_private(into)
    mark = _Mark(f"{contents.ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}", is_moved=False)
    _write_mark(into, mark)
    return mark


def _read_mark(into: Path) -> _Mark | None:
    try:
        return _Mark(**json.loads((into / RESTORING).read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError) as error:
        raise BackupFault(
            f"{into / RESTORING} is damaged. Move what you need out of {into}, and restore into an "
            "empty folder."
        ) from error


def _write_mark(into: Path, mark: _Mark) -> None:
    draft = into / f"{RESTORING}.part"
    with draft.open("w", encoding="utf-8") as opened:
        json.dump({"aside": mark.aside, "is_moved": mark.is_moved}, opened)
        opened.flush()
        os.fsync(opened.fileno())
    draft.rename(into / RESTORING)
    sync_folder(into)


def _unmark(into: Path) -> None:
    sync_folder(into)
    (into / RESTORING).unlink()
    sync_folder(into)


@contextmanager
def _alone(into: Path) -> Iterator[int]:
    """Lock the folder against a second restore; the child inherits the lock and may outlive us."""
    descriptor = os.open(into, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    except BlockingIOError as error:
        raise BackupFault(
            f"Another restore into {into} still runs. Wait until it has ended."
        ) from error
    finally:
        os.close(descriptor)


# ── The old content ───────────────────────────────────────────────────────────────────────────
def _own(into: Path, mark: _Mark) -> Iterator[Path]:
    """Yield the content of the folder except the mark and the folder of the old content."""
    for entry in into.iterdir():
        if entry.name not in {RESTORING, f"{RESTORING}.part", mark.aside}:
            yield entry


def _set_aside(into: Path, mark: _Mark) -> None:
    """Move the old content into a folder inside the folder, so on the same file system."""
    if mark.is_moved:
        return
    if content := list(_own(into, mark)):
        aside = into / mark.aside
        aside.mkdir(mode=0o700, exist_ok=True)
        for entry in content:
            entry.rename(aside / entry.name)
        sync_folder(aside)
    _write_mark(into, _Mark(mark.aside, is_moved=True))


def _clear(into: Path, mark: _Mark) -> None:
    """Delete what an interrupted restore wrote, except the list of erased people."""
    for entry in _own(into, mark):
        if entry.name == ERASED:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _size_to_clear(into: Path, mark: _Mark | None) -> int:
    if mark is None or not mark.is_moved:
        return 0
    return sum(
        file.lstat().st_size
        for entry in _own(into, mark)
        for file in ([entry] if not entry.is_dir() else entry.rglob("*"))
    )


# ── The files ─────────────────────────────────────────────────────────────────────────────────
def _extract(file: Source, into: Path, keys: Keys) -> None:
    listed = into / f"{ERASED}.part"
    reading.read(file, keys, lambda name: _place(into, name, listed))
    if listed.exists():
        _add_erased(into / ERASED, _lines(listed))
        listed.unlink()


def _follow(found: StreamFolder, into: Path, keys: Keys) -> Manifest:
    """Restore the folder to its state at the end of the stream."""
    listed = into / f"{ERASED}.part"

    def apply(folder: Path, changes: Changes) -> None:
        following.apply_pages(folder, changes, into / contents.DATABASE)
        for name, piece in changes.files.items():
            if name != PAGES:
                following.apply_piece(folder / name, piece.begin, _path_of(into, name, listed))
        for name in changes.gone:
            _path_of(into, name, listed).unlink(missing_ok=True)

    scratch = into / f"{contents.SCRATCH}stream"
    scratch.mkdir(mode=0o700)
    told = following.follow(found, keys, scratch, apply)
    scratch.rmdir()
    if listed.exists():
        _add_erased(into / ERASED, _lines(listed))
        listed.unlink()
    if told.database == "sqlite":
        database.close_journal(into / contents.DATABASE)
    os.sync()
    return told


def _path_of(into: Path, name: str, listed: Path) -> Path:
    """Return the path for a file of the archive; raise `BackupFault` for a reserved name."""
    top, _, rest = name.partition("/")
    if name == f"{manifest.DATA}/{ERASED}":
        return listed
    if top == manifest.DATA and rest.partition("/")[0].startswith((RESTORING, contents.ASIDE)):
        raise BackupFault(f"The backup has a file with the name {name!r}, which no backup has.")
    return {
        manifest.DATA: into / rest,
        manifest.RECORDINGS: into / SEGMENTS / rest,
        "database": into / rest,
    }[top]


@contextmanager
def _place(into: Path, name: str, listed: Path) -> Iterator[ByteSink]:
    with reading.create(_path_of(into, name, listed)) as opened:
        yield opened
        opened.flush()
        os.fsync(opened.fileno())


def _move_settings(into: Path, found: Manifest) -> None:
    """Replace the old folder's path by the new one's in the settings file."""
    file = into / sources.NAME
    if not file.exists() or str(into) == found.folder:
        return
    text = file.read_text("utf-8")
    moved = text.replace(f'"{found.folder}/', f'"{into}/')
    if moved != text:
        file.write_text(moved, "utf-8")


def _lines(file: Path) -> list[str]:
    """Return the lines of a list of erased people; an empty list if there is no file."""
    if not file.exists():
        return []
    return file.read_text("utf-8", "replace").splitlines()


def _add_erased(file: Path, lines: list[str]) -> None:
    """Append the lines that the list lacks."""
    known = set(_lines(file))
    more = [line for line in dict.fromkeys(lines) if line.strip() and line not in known]
    if not more:
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write("".join(f"{line}\n" for line in more))
        opened.flush()
        os.fsync(opened.fileno())


# ── The database ──────────────────────────────────────────────────────────────────────────────
def _finish_database(into: Path, found: Manifest, lock: int) -> tuple[int, int]:
    """Update the database and repeat erasures, in a child with the restored folder's settings."""
    given = {**os.environ, sources.DATA_DIR: str(into)}
    if found.database == "sqlite":
        given["HEMICYCLE_DATABASE_URL"] = f"sqlite:///{into / contents.DATABASE}"
    command = [sys.executable, "-m", "hemicycle.site.backup.finishing"]
    if (into / DUMP).exists():
        command += ["--dump", str(into / DUMP)]
    done = subprocess.run(
        command, env=given, capture_output=True, text=True, check=False, pass_fds=(lock,)
    )
    try:
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return int(told["erased"]), int(told["unfinished"])
    except (IndexError, ValueError, KeyError, TypeError) as error:
        sentence = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BackupFault(
            f"All files are back, but the database is not ready: "
            f"{sentence.removeprefix('hemicycle: ')} The folder is marked as not whole. {AGAIN}"
        ) from error
