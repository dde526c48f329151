"""A continuous backup: an archive of everything, and then a small one for each second's changes.

A stream is a folder `stream-…` of numbered archives in a store, each in the same envelope as a
backup. The first has the database and all files. Each later one has the changed pages of the
database, the changed files, and the pieces by which files have grown. Recordings are sent in
pieces, so that they do not delay the database. Each archive ends with its list (`Changes`), which
has the hash of the list before, so that a missing or exchanged archive is detected. A missing end
cannot be detected: a stream ends where the machine was lost.

SQLite's pages are read in one transaction and compared with a copy of the pages already sent, in a
private folder; writers do not wait. PostgreSQL copies its own changes (docs/backup.md); a stream
then has only the files.
"""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import numpy as np

from hemicycle.site.backup import contents, database, envelope, manifest, writing
from hemicycle.site.backup.contents import SiteFolders, SourceFile
from hemicycle.site.backup.envelope import Encryption
from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.backup.stores import Store

PREFIX: Final = "stream-"
SUFFIX: Final = ".hemicycle-changes"
FORMAT: Final = 1
PAGES: Final = "database/pages"
EVERY_S = 1.0
"""The seconds from one archive to the next, at least."""
SHARE = 0.2
"""The maximum share of the time that the search for changes takes."""
RECORDINGS_EVERY_S = 5.0
PIECE_BYTES = 64 * 2**20
"""The number of bytes of recordings in one archive."""
GONE_AFTER_S = 60.0
"""How long a file must be missing until the stream lists it as gone: if a data folder is being
destroyed, the copy keeps its files."""
MOST_ARCHIVES = 20_000
MOST_AGE_S = 7 * 86_400.0
"""The age at which a new stream begins: an old one still contains erased people."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a file in an archive: the bytes from `begin`, after which the file has `size`."""

    begin: int
    size: int
    sha256: str
    """The SHA-256 of the piece."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The list at the end of an archive of a stream.

    `previous` is the SHA-256 of the list before; `page_size` is 0 if the archive has no pages, and
    `database_size` is in bytes. The other fields are as in a backup's manifest.
    """

    number: int
    previous: str
    version: str
    at: str
    database: Literal["sqlite", "postgresql"]
    migrations: tuple[str, ...]
    heads: dict[str, tuple[int, str]]
    folder: str
    files: dict[str, Piece] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    page_size: int = 0
    database_size: int = 0
    format: int = FORMAT

    def to_json(self) -> bytes:
        """Return the list as the archive contains it."""
        return json.dumps(asdict(self)).encode()


def parse(raw: bytes) -> Changes:
    """Read a list; raise `BackupFault` if it is damaged or of a later format."""
    try:
        found: dict[str, Any] = json.loads(raw)
        if found["format"] > FORMAT:
            raise BackupFault(
                f"The stream is from Hemicycle {found['version']}, which writes a newer format. "
                "Install that version first."
            )
        names = [*found["files"], *found["gone"]]
        files = {
            name: Piece(int(row["begin"]), int(row["size"]), str(row["sha256"]))
            for name, row in found["files"].items()
        }
        heads = {hearing: (int(seq), str(hash)) for hearing, (seq, hash) in found["heads"].items()}
        for name in names:
            manifest.checked(name)
        return Changes(
            **{
                **found,
                "files": files,
                "heads": heads,
                "gone": tuple(found["gone"]),
                "migrations": tuple(found["migrations"]),
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupFault("A list of changes in the stream is damaged.") from error


def name_of(stream: str, number: int) -> str:
    """Return the name of one archive of a stream."""
    return f"{stream}/{number:08}{SUFFIX}"


def streams(store: Store) -> list[str]:
    """Return the names of the streams in a store, the newest last."""
    found = {name.partition("/")[0] for name in store.names(PREFIX) if name.endswith(SUFFIX)}
    return sorted(found)


# ── The database ──────────────────────────────────────────────────────────────────────────────
class Pages:
    """The pages of a SQLite database that differ from those already sent."""

    def __init__(self, file: Path, scratch: Path) -> None:
        """Open the database; `scratch` is a private folder for a copy of the pages already sent."""
        if not file.exists():
            raise BackupFault(f"There is no database at {file}: there is nothing to back up yet.")
        self._file, self._inode = file, file.stat().st_ino
        self._source = sqlite3.connect(file, timeout=60, isolation_level=None)
        self._sent = scratch / "sent.sqlite3"
        self._pages = scratch / "pages"
        self._version = -1
        self.migrations: tuple[str, ...] = ()
        self.heads: dict[str, tuple[int, str]] = {}
        self.page_size = self.size = 0

    def close(self) -> None:
        """Close the database."""
        self._source.close()

    def check(self) -> None:
        """Raise `BackupFault` if the file is gone or is no longer the database that was opened."""
        if not self._file.exists() or self._file.stat().st_ino != self._inode:
            raise BackupFault(
                f"The database {self._file} is gone, or was replaced. What was copied of it stays; "
                "start the copy again when the data folder is whole."
            )

    def changed(self) -> Path | None:
        """Return a file with the changed pages, or None. Call `sent` after it has been sent."""
        (version,) = self._source.execute("PRAGMA data_version").fetchone()
        if version == self._version and self._sent.exists():
            return None
        raw = self._read()
        now = np.frombuffer(raw, np.uint64).reshape(-1, self.page_size // 8)
        before = self._before()
        shared = min(len(now), len(before))
        differ = np.nonzero((now[:shared] != before[:shared]).any(axis=1))[0]
        numbers = [*differ.tolist(), *range(shared, len(now))]
        self._version = version
        if not numbers and len(now) == len(before):
            return None
        with self._pages.open("wb") as opened:
            for number in numbers:
                opened.write(int(number).to_bytes(8, "big"))
                opened.write(now[number].tobytes())
        return self._pages

    def sent(self) -> None:
        """Note that the pages of the last `changed` were sent."""
        self._sent.touch(mode=0o600)
        patch(self._sent, self._pages, self.page_size, self.size)

    def again(self) -> None:
        """Make the next `changed` compare again, since its last result could not be sent."""
        self._version = -1

    def _read(self) -> bytes:
        """Read all pages, and the ends of the records, in one transaction."""
        execute = self._source.execute
        execute("BEGIN")
        try:
            self.migrations, self.heads = database.known_in(execute)
            (self.page_size,) = execute("PRAGMA page_size").fetchone()
            raw = self._source.serialize()
        finally:
            execute("COMMIT")
        self.size = len(raw)
        return raw

    def _before(self) -> Any:
        if not self._sent.exists() or self._sent.stat().st_size % self.page_size:
            return np.empty((0, self.page_size // 8), np.uint64)
        if not self._sent.stat().st_size:
            return np.empty((0, self.page_size // 8), np.uint64)
        return np.memmap(self._sent, np.uint64, "r").reshape(-1, self.page_size // 8)


def patch(file: Path, pages: Path, page_size: int, size: int) -> None:
    """Write pages into a database file, and set its size to `size` bytes."""
    with file.open("r+b") as target, pages.open("rb") as source:
        while number := source.read(8):
            page = source.read(page_size)
            if len(page) != page_size:
                raise BackupFault("The stream has pages of a database that are cut off.")
            target.seek(int.from_bytes(number, "big") * page_size)
            target.write(page)
        target.truncate(size)


# ── The files ─────────────────────────────────────────────────────────────────────────────────
@dataclass(slots=True)
class _Known:
    """What has been sent of a file, and the file's state when it was read."""

    seen: tuple[int, int, int]
    sent: int
    digest: Any


@dataclass(frozen=True, slots=True)
class _Unsent:
    """A piece of a file to send, and the state to store after it has been sent."""

    source: SourceFile
    begin: int
    size: int
    after: _Known


class Files:
    """The files of a site that differ from those already sent."""

    def __init__(self, folders: SiteFolders) -> None:
        self._folders = folders
        self._known: dict[str, _Known] = {}
        self._missing: dict[str, float] = {}
        self._recordings: list[SourceFile] = []
        self._looked_at = -RECORDINGS_EVERY_S
        self._pause_s = RECORDINGS_EVERY_S
        self.is_complete = False
        """Whether everything that was found was due in the last list."""

    def due(self) -> tuple[list[_Unsent], list[str]]:
        """Return the pieces to send, and the names of files that are gone."""
        found = list(contents.sources(self._folders, with_recordings=False))
        if (begun := time.monotonic()) - self._looked_at >= self._pause_s:
            self._recordings = list(contents.recordings(self._folders))
            self._looked_at = time.monotonic()
            self._pause_s = max(RECORDINGS_EVERY_S, (self._looked_at - begun) / SHARE)
        left = PIECE_BYTES
        pieces = [piece for source in found for piece in self._due(source, None)]
        self.is_complete = True
        for source in self._recordings:
            for piece in self._due(source, left):
                pieces.append(piece)
                left -= piece.size - piece.begin
                self.is_complete &= piece.after.sent == piece.after.seen[0]
            if left <= 0:
                self.is_complete = False
                break
        names = {source.name for source in found} | {source.name for source in self._recordings}
        return pieces, self._gone(names)

    def _gone(self, names: set[str]) -> list[str]:
        now = time.monotonic()
        missing = self._known.keys() - names
        self._missing = {name: self._missing.get(name, now) for name in missing}
        return sorted(name for name, since in self._missing.items() if now - since >= GONE_AFTER_S)

    def sent(self, pieces: list[_Unsent], gone: list[str]) -> None:
        """Note that these pieces, and the names of the files that are gone, were sent."""
        for piece in pieces:
            self._known[piece.source.name] = piece.after
        for name in gone:
            self._known.pop(name, None)

    def _due(self, source: SourceFile, most: int | None) -> Iterator[_Unsent]:
        try:
            told = source.path.stat()
        except FileNotFoundError:
            return
        seen = (told.st_size, told.st_mtime_ns, told.st_ino)
        known = self._known.get(source.name)
        if known and known.seen == seen and known.sent == told.st_size:
            return
        try:
            with source.path.open("rb") as opened:
                begin, digest = self._begin(known, seen, opened)
                size = told.st_size if most is None else min(told.st_size, begin + most)
                _advance(digest, opened, size - begin)
        except FileNotFoundError:
            return
        yield _Unsent(source, begin, size, _Known(seen, size, digest))

    @staticmethod
    def _begin(known: _Known | None, seen: tuple[int, int, int], opened: BinaryIO) -> Any:
        """Return where the piece begins, and the digest of all bytes before it."""
        if known and known.seen[2] == seen[2] and known.sent <= seen[0]:
            if known.seen == seen:
                opened.seek(known.sent)
                return known.sent, known.digest.copy()
            digest = hashlib.sha256()
            _advance(digest, opened, known.sent)
            if digest.digest() == known.digest.digest():
                return known.sent, digest
            opened.seek(0)
        return 0, hashlib.sha256()


def _advance(digest: Any, opened: BinaryIO, size: int) -> None:
    while size > 0 and (data := opened.read(min(2**20, size))):
        digest.update(data)
        size -= len(data)


# ── Sending ───────────────────────────────────────────────────────────────────────────────────
class Stream:
    """One stream: the number of its next archive, and what it has sent."""

    def __init__(
        self, folders: SiteFolders, store: Store, seal: Encryption, pages: Pages | None
    ) -> None:
        self._folders, self._store, self._seal, self._pages = folders, store, seal, pages
        self._files = Files(folders)
        self._previous = ""
        self.name = f"{PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
        self.number = 0
        self.begun = time.monotonic()
        self.sent_bytes = 0

    @property
    def is_complete(self) -> bool:
        """Whether everything that the last look found has been sent."""
        return self.number > 0 and self._files.is_complete

    @property
    def is_old(self) -> bool:
        """Whether a new stream should follow."""
        return self.number >= MOST_ARCHIVES or time.monotonic() - self.begun > MOST_AGE_S

    def send(self) -> bool:
        """Send changes, if any; return whether there were any. Raises `BackupFault`, `OSError`."""
        at = datetime.now(UTC)
        pages = self._pages.changed() if self._pages else None
        self._check_folder()
        due, gone = self._files.due()
        if pages is None and not due and not gone and self.number:
            return False
        try:
            raw = self._write(at, pages, due, gone)
        except BaseException:
            if self._pages:
                self._pages.again()
            raise
        if pages and self._pages:
            self._pages.sent()
        self._files.sent(due, gone)
        self._previous = hashlib.sha256(raw).hexdigest()
        self.number += 1
        return True

    def _check_folder(self) -> None:
        """Raise `BackupFault` if the folder is not the site's: all files would seem gone."""
        if self._pages:
            self._pages.check()
        if not (keys := self._folders.data / "keys").is_dir():
            raise BackupFault(f"{keys} is missing. What was copied stays; restore the data folder.")

    def _write(
        self, at: datetime, pages: Path | None, due: list[_Unsent], gone: list[str]
    ) -> bytes:
        name = name_of(self.name, self.number)
        with self._store.writing(name) as sink, envelope.sealed(sink, self._seal) as archive:
            if pages:
                with pages.open("rb") as opened:
                    size = os.fstat(opened.fileno()).st_size
                    stored = writing.add(archive, SourceFile(PAGES, pages), opened, 0, size)
                    files = {PAGES: Piece(0, stored.size, stored.sha256)}
            else:
                files = {}
            files |= self._written(archive, due)
            raw = self._list(at, files, gone, has_pages=pages is not None).to_json()
            writing.end(archive, raw)
        self.sent_bytes += sink.size
        return raw

    @staticmethod
    def _written(archive: BinaryIO, due: list[_Unsent]) -> dict[str, Piece]:
        files = {}
        for piece in due:
            try:
                opened = piece.source.path.open("rb")
            except FileNotFoundError:
                continue  # the next look finds that the file is gone
            with opened:
                stored = writing.add(archive, piece.source, opened, piece.begin, piece.size)
                files[piece.source.name] = Piece(piece.begin, piece.size, stored.sha256)
        return files

    def _list(
        self, at: datetime, files: dict[str, Piece], gone: list[str], *, has_pages: bool
    ) -> Changes:
        pages = self._pages
        return Changes(
            number=self.number,
            previous=self._previous,
            version=manifest.our_version(),
            at=at.isoformat(),
            database="sqlite" if pages else "postgresql",
            migrations=pages.migrations if pages else (),
            heads=pages.heads if pages else {},
            folder=str(self._folders.data),
            files=files,
            gone=tuple(gone),
            page_size=pages.page_size if pages and has_pages else 0,
            database_size=pages.size if pages and has_pages else 0,
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """The last result of the loop: the state of the copy, or the error."""

    to: str
    at: datetime
    """When the site was read for what the copy has now."""
    fault: str = ""


def run(
    folders: SiteFolders,
    store: Store,
    seal: Encryption,
    scratch: Path,
    *,
    stops: Callable[[float], bool],
    tell: Callable[[Progress], None],
) -> None:
    """Copy continuously until `stops(seconds)`, which waits for at most that time, returns True.

    If the store is unreachable or the disk is full, this reports it to `tell` and tries again.
    """
    ended, at = False, datetime.now(UTC)
    with closing(pages) if (pages := _pages_of_site(scratch)) else nullcontext():
        while True:
            stream, is_alone = Stream(folders, store, seal, pages), False
            while not stream.is_old:
                begun, looked_at = time.monotonic(), datetime.now(UTC)
                try:
                    stream.send()
                    at = looked_at
                    tell(Progress(f"{store}/{stream.name}", at))
                    if stream.is_complete and not is_alone:
                        _drop_old(store, stream.name)
                        is_alone = True
                except (BackupFault, OSError) as error:
                    tell(Progress(f"{store}/{stream.name}", at, str(error)))
                    if ended:
                        raise
                if ended:
                    return
                took_s = time.monotonic() - begun
                ended = stops(max(EVERY_S - took_s, took_s / SHARE - took_s))
            (scratch / "sent.sqlite3").unlink(missing_ok=True)


def _pages_of_site(scratch: Path) -> Pages | None:
    from django.db import connection

    if connection.vendor != "sqlite":
        return None
    return Pages(Path(connection.settings_dict["NAME"]), scratch)


def _drop_old(store: Store, current: str) -> None:
    """Delete all streams except the current one and the one before it."""
    older = [name for name in streams(store) if name < current][:-1]
    for stream in older:
        for name in store.names(f"{stream}/"):
            store.delete(name)
