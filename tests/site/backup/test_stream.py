"""A continuous copy: each change can be restored, and an incomplete copy is never called whole."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from hemicycle.site.backup import following, restoring, stores, stream
from hemicycle.site.backup.contents import SiteFolders
from hemicycle.site.backup.envelope import Encryption, Keys
from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.backup.following import StreamFolder
from hemicycle.site.backup.manifest import Manifest
from hemicycle.site.backup.stream import Pages, Stream
from tests.site.backup.conftest import files_below
from tests.site.backup.test_writing import full_disk

pytestmark = pytest.mark.any_database


@pytest.fixture
def pages(folders: SiteFolders, tmp_path: Path) -> Iterator[Pages]:
    """The pages of the site's database, which other processes write with a journal beside it."""
    (folders.data / "db.sqlite3-wal").unlink()
    write(folders, "PRAGMA journal_mode=WAL")
    write(folders, "CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT)")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with closing(Pages(folders.data / "db.sqlite3", scratch)) as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> stores.Store:
    """The store for the copy."""
    return stores.at(tmp_path / "copies")


@pytest.fixture
def copy(folders: SiteFolders, store: stores.Store, seal: Encryption, pages: Pages) -> Stream:
    """A stream with its first archive."""
    begun = Stream(folders, store, seal, pages)
    assert begun.send()
    assert not begun.send()
    return begun


@pytest.fixture
def found(copy: Stream, store: stores.Store) -> StreamFolder:
    """The folder of the copy in the store."""
    return StreamFolder(store, copy.name)


@pytest.fixture
def look(found: StreamFolder, keys: Keys, tmp_path: Path) -> Callable[[], Manifest]:
    """A function that reads the whole stream."""
    return lambda: following.follow(found, keys, tmp_path, None)


@pytest.fixture
def rebuild(found: StreamFolder, keys: Keys, tmp_path: Path) -> Callable[[], dict[str, bytes]]:
    """A function that builds the folder `new`, and returns its files."""
    return lambda: rebuilt(found, keys, tmp_path / "new")


@pytest.fixture
def impatient(copy: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that looks for recordings each time, and sends few of them at once."""
    monkeypatch.setattr(stream, "GONE_AFTER_S", 0.0)
    monkeypatch.setattr(stream, "RECORDINGS_EVERY_S", 0.0)
    monkeypatch.setattr(stream, "PIECE_BYTES", 10_000)
    copy._files._pause_s = 0.0


def write(folders: SiteFolders, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folders.data / "db.sqlite3")) as connection:
        connection.execute(statement, values)
        connection.commit()


def words(file: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT * FROM words ORDER BY number").fetchall()


def rebuilt(found: StreamFolder, keys: Keys, folder: Path) -> dict[str, bytes]:
    """Rebuild a folder as it is at the stream's end, and return its files except the database."""
    folder.mkdir()
    restoring._follow(found, folder, keys)
    files = files_below(folder)
    del files["db.sqlite3"]
    return files


def own(folders: SiteFolders) -> dict[str, bytes]:
    """Return all files that a stream of these folders should have, except the database."""
    left_out = ("db.sqlite3", "static/", ".backup-")
    return {
        name: content
        for name, content in files_below(folders.data).items()
        if not name.startswith(left_out)
    }


@pytest.mark.usefixtures("impatient")
def test_every_change_comes_back(
    folders: SiteFolders, copy: Stream, rebuild: Callable[[], dict[str, bytes]], tmp_path: Path
) -> None:
    chance = random.Random(14)
    files = [folders.data / f"uploads/{number}" for number in range(4)]
    files += [folders.segments / f"meeting/{number}.m4s" for number in range(4)]

    def insert() -> None:
        write(folders, "INSERT INTO words (word) VALUES (?)", "w" * chance.randrange(9000))

    def remove() -> None:
        write(folders, "DELETE FROM words WHERE number % 3 = ?", chance.randrange(3))

    def vacuum() -> None:
        write(folders, "VACUUM")

    def checkpoint() -> None:
        write(folders, "PRAGMA wal_checkpoint(TRUNCATE)")

    def make() -> None:
        chance.choice(files).write_bytes(chance.randbytes(chance.randrange(30_000)))

    def grow() -> None:
        with chance.choice(files).open("ab") as opened:
            opened.write(chance.randbytes(chance.randrange(15_000)))

    def overwrite() -> None:
        file = chance.choice(files)
        if file.exists() and (size := file.stat().st_size):
            with file.open("r+b") as opened:
                opened.write(chance.randbytes(size // 2 + 1))

    def delete() -> None:
        chance.choice(files).unlink(missing_ok=True)

    acts = [insert, insert, remove, vacuum, checkpoint, make, grow, grow, overwrite, delete]
    for _ in range(60):
        for act in chance.choices(acts, k=chance.randrange(1, 5)):
            act()
        copy.send()
    while copy.send():
        pass
    assert copy.is_complete
    assert copy.number > 50
    assert rebuild() == own(folders)
    assert words(tmp_path / "new/db.sqlite3") == words(folders.data / "db.sqlite3")


def test_only_what_changed_is_sent(folders: SiteFolders, copy: Stream) -> None:
    (folders.data / "uploads/large").write_bytes(os.urandom(2**20))
    copy.send()
    before = copy.sent_bytes
    with (folders.data / "uploads/large").open("ab") as opened:
        opened.write(b"more")
    write(folders, "INSERT INTO words (word) VALUES ('one')")
    assert copy.send()
    assert copy.sent_bytes - before < 100_000


@pytest.mark.usefixtures("files_alone")
def test_a_site_comes_back(
    folders: SiteFolders, copy: Stream, found: StreamFolder, keys: Keys, tmp_path: Path
) -> None:
    (folders.data / "erased.jsonl").write_text('{"hearing": "x"}\n')
    write(folders, "INSERT INTO words (word) VALUES ('last')")
    copy.send()
    assert following.verify(found, keys, tmp_path).record is not None
    done = restoring.restore(found, tmp_path / "new", keys)
    assert not (tmp_path / "new/RESTORING").exists()
    assert done.manifest.heads == {}
    assert words(tmp_path / "new/db.sqlite3") == [(1, "last")]
    assert (tmp_path / "new/erased.jsonl").read_text() == '{"hearing": "x"}\n'


def archives(store: stores.Store) -> list[Path]:
    return [Path(str(store)) / name for name in store.names()]


def is_refused(look: Callable[[], Manifest]) -> bool:
    try:
        look()
    except BackupFault:
        return True
    return False


def test_a_changed_bit_is_found(
    folders: SiteFolders, copy: Stream, found: StreamFolder, look: Callable[[], Manifest]
) -> None:
    for word in ("one", "two"):
        write(folders, "INSERT INTO words (word) VALUES (?)", word)
        copy.send()
    for file, share in product(archives(found.store)[:3], (0.0, 0.3, 0.8, 1.0)):
        whole = file.read_bytes()
        place = round(share * (len(whole) - 1))
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 8]) + whole[place + 1 :])
        assert is_refused(look), (file, share)
        file.write_bytes(whole)
    look()


def test_a_missing_or_exchanged_archive_is_found(
    folders: SiteFolders, copy: Stream, found: StreamFolder, look: Callable[[], Manifest]
) -> None:
    for word in ("one", "two", "three"):
        write(folders, "INSERT INTO words (word) VALUES (?)", word)
        copy.send()
    _, first, second, third = archives(found.store)
    kept = second.read_bytes()
    second.unlink()
    with pytest.raises(BackupFault, match=r"^The stream lacks its archive 2, before .*00000003"):
        look()
    shutil.copy(first, second)
    with pytest.raises(BackupFault, match="is not the one that the stream had there"):
        look()
    second.write_bytes(kept)
    third.unlink()  # as if the machine was lost before it
    look()


def test_an_earlier_moment_comes_back(
    folders: SiteFolders, copy: Stream, found: StreamFolder, keys: Keys, tmp_path: Path
) -> None:
    for word in ("one", "two"):
        write(folders, "INSERT INTO words (word) VALUES (?)", word)
        copy.send()
    end = following.follow(found, keys, tmp_path, None)
    before = datetime.fromisoformat(end.at) - timedelta(microseconds=1)
    rebuilt(replace(found, until=before), keys, tmp_path / "new")
    assert words(tmp_path / "new/db.sqlite3") == [(1, "one")]


@pytest.mark.parametrize("first", ["db.sqlite3", "keys", "uploads"])
def test_a_folder_that_is_destroyed_does_not_destroy_the_copy(
    first: str, folders: SiteFolders, copy: Stream, rebuild: Callable[[], dict[str, bytes]]
) -> None:
    whole = own(folders)
    if (folders.data / first).is_dir():
        shutil.rmtree(folders.data / first)
    else:
        (folders.data / first).unlink()
    if first == "uploads":
        copy.send()  # a file that is briefly missing is not taken as deleted
    else:
        with pytest.raises(BackupFault, match="What was copied"):
            copy.send()
    shutil.rmtree(folders.data)
    with pytest.raises((BackupFault, OSError)):
        copy.send()
    assert rebuild() == whole


def test_a_full_disk_interrupts_it_and_nothing_is_lost(
    folders: SiteFolders,
    copy: Stream,
    found: StreamFolder,
    rebuild: Callable[[], dict[str, bytes]],
    tmp_path: Path,
) -> None:
    (folders.data / "uploads/large").write_bytes(os.urandom(3 * 2**20))
    write(folders, "INSERT INTO words (word) VALUES ('one')")
    with full_disk(2**20), pytest.raises(OSError, match="File too large"):
        copy.send()
    assert len(archives(found.store)) == 1
    assert copy.send()
    assert rebuild() == own(folders)
    assert words(tmp_path / "new/db.sqlite3") == [(1, "one")]


def test_earlier_streams_go_when_one_is_complete(
    folders: SiteFolders, store: stores.Store, seal: Encryption, tmp_path: Path, pages: Pages
) -> None:
    names = []
    for number in range(4):
        scratch = tmp_path / f"scratch-{number}"
        scratch.mkdir()
        told: list[stream.Progress] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                stream, "_pages_of_site", lambda to: Pages(folders.data / "db.sqlite3", to)
            )
            stream.run(folders, store, seal, scratch, stops=lambda _s: True, tell=told.append)
        assert [now.fault for now in told] == ["", ""]
        names.append(told[-1].to.rpartition("/")[2])
    assert stream.streams(store) == names[-2:]


def test_a_store_that_fails_is_told_and_tried_again(
    folders: SiteFolders, store: stores.Store, seal: Encryption, tmp_path: Path, pages: Pages
) -> None:
    told: list[stream.Progress] = []
    Path(str(store)).write_text("in the way")
    scratch = tmp_path / "more"
    scratch.mkdir()

    def stops(_seconds: float) -> bool:
        if len(told) == 2:
            Path(str(store)).unlink()
        return len(told) == 4

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "_pages_of_site", lambda to: Pages(folders.data / "db.sqlite3", to))
        stream.run(folders, store, seal, scratch, stops=stops, tell=told.append)
    assert [bool(now.fault) for now in told] == [True, True, False, False, False]
    assert told[1].at == told[0].at
    assert told[4].at > told[2].at > told[0].at
