"""A restore is complete or marked as incomplete, and loses nothing wherever it is interrupted."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hemicycle.site.backup import manifest, reading, restoring, writing
from hemicycle.site.backup.contents import SiteFolders
from hemicycle.site.backup.envelope import Encryption, Keys
from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.backup.manifest import Manifest
from hemicycle.site.processes import start_checks
from hemicycle.site.processes.start_checks import RESTORING
from tests.site.backup.conftest import files_below
from tests.site.backup.test_writing import full_disk
from tests.site.processes.test_start_errors import said, start

pytestmark = [pytest.mark.any_database, pytest.mark.slow]

ONCE = '{"hearing": "11111111111111111111111111111111", "person": "2", "at": 1}\n'


class PowerCut(BaseException):
    """An exception that no code catches."""


@contextmanager
def cut_after(number: int) -> Iterator[None]:
    """Raise `PowerCut` at the next file after `number` files have been begun."""
    create, begun = reading.create, 0

    def counted(path: Path) -> Any:
        nonlocal begun
        begun += 1
        if begun > number:
            raise PowerCut
        return create(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "create", counted)
        yield


def restored(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, except the database, which changes at each start."""
    return {name: content for name, content in files_below(folder).items() if name != "db.sqlite3"}


def expected(folders: SiteFolders) -> dict[str, bytes]:
    """Return the files in a site's folders, except those that are made again."""
    found = restored(folders.data)
    return {name: content for name, content in found.items() if not name.startswith("static/")}


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """The folder to restore into."""
    return tmp_path / "new/data"


@pytest.fixture
def occupied(into: Path) -> Path:
    """A folder with another site in it."""
    (into / "keys").mkdir(parents=True, mode=0o700)
    into.chmod(0o700)
    (into / "keys/secret").write_text("another")
    (into / "db.sqlite3").write_bytes(b"another")
    (into / "erased.jsonl").write_text(ONCE)
    return into


def test_everything_is_back(folders: SiteFolders, backup: Path, keys: Keys, into: Path) -> None:
    done = restoring.restore(backup, into, keys)
    assert restored(into) == expected(folders)
    assert (done.aside, done.erased, done.unfinished) == (None, 0, 0)
    assert not (into / RESTORING).exists()
    assert into.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in into.rglob("*"))


def test_a_folder_with_content_is_refused_and_not_touched(
    backup: Path, keys: Keys, occupied: Path
) -> None:
    before = files_below(occupied)
    with pytest.raises(BackupFault, match=r"is not empty\. .*--replace"):
        restoring.restore(backup, occupied, keys)
    assert files_below(occupied) == before


@pytest.mark.usefixtures("files_alone")
def test_what_was_replaced_is_kept(
    folders: SiteFolders, backup: Path, keys: Keys, occupied: Path
) -> None:
    before = files_below(occupied)
    done = restoring.restore(backup, occupied, keys, replace=True)
    assert done.aside is not None
    assert files_below(done.aside) == before
    shutil.rmtree(done.aside)
    assert restored(occupied) == expected(folders) | {"erased.jsonl": ONCE.encode()}


@pytest.mark.usefixtures("files_alone")
@pytest.mark.parametrize("files", [0, 1, 6])
def test_an_interrupted_restore_is_marked_and_done_again(
    files: int, backup: Path, keys: Keys, occupied: Path, settings: Any
) -> None:
    content = {name.partition("/")[2] for name in reading.verify(backup, keys).manifest.files}
    before = files_below(occupied)
    with cut_after(files), pytest.raises(PowerCut):
        restoring.restore(backup, occupied, keys, replace=True)
    settings.DATA_DIR = occupied
    assert "is not whole: a restore was interrupted" in (start_checks.being_restored() or "")
    assert "is not whole: a restore was interrupted" in (start_checks.missing_from_folder() or "")
    done = restoring.restore(backup, occupied, keys)
    assert start_checks.being_restored() is None
    assert done.aside is not None
    assert files_below(done.aside) == before
    shutil.rmtree(done.aside)
    found = {name.removeprefix("segments/") for name in files_below(occupied)}
    assert found == content | {"erased.jsonl"}
    assert (occupied / "erased.jsonl").read_text() == ONCE


@pytest.mark.usefixtures("files_alone")
@pytest.mark.parametrize("moves", [0, 2])
def test_one_that_is_interrupted_while_it_moves_loses_nothing(
    moves: int, backup: Path, keys: Keys, occupied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_below(occupied)
    rename, done = Path.rename, 0

    def counted(self: Path, target: Path) -> Path:
        nonlocal done
        if RESTORING not in self.name:
            done += 1
            if done > moves:
                raise PowerCut
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", counted)
    with pytest.raises(PowerCut):
        restoring.restore(backup, occupied, keys, replace=True)
    monkeypatch.setattr(Path, "rename", rename)
    again = restoring.restore(backup, occupied, keys)
    assert again.aside is not None
    assert files_below(again.aside) == before


def test_a_full_disk_is_told_before_anything_changes(
    backup: Path, keys: Keys, occupied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_below(occupied)
    monkeypatch.setattr(reading, "free_bytes", lambda folder: 1000)
    with pytest.raises(BackupFault, match=r"needs 2 MB, and the disk of .* has 0 MB left"):
        restoring.restore(backup, occupied, keys, replace=True)
    assert files_below(occupied) == before


@pytest.mark.usefixtures("files_alone")
def test_a_disk_that_fills_up_meanwhile(
    folders: SiteFolders, tmp_path: Path, seal: Encryption, keys: Keys, occupied: Path
) -> None:
    before = files_below(occupied)
    (folders.data / "uploads/large").write_bytes(os.urandom(3 * 2**20))
    backup = writing.make(folders, tmp_path / "b", seal).path
    with full_disk(5 * 2**19), pytest.raises(BackupFault, match=r"^The disk is full at .*/data"):
        restoring.restore(backup, occupied, keys, replace=True)
    assert (occupied / RESTORING).exists()
    done = restoring.restore(backup, occupied, keys)
    assert done.aside is not None
    assert files_below(done.aside) == before
    assert (occupied / "uploads/large").stat().st_size == 3 * 2**20


def test_a_damaged_backup_changes_nothing(backup: Path, keys: Keys, occupied: Path) -> None:
    before = files_below(occupied)
    content = bytearray(backup.read_bytes())
    content[-5000] ^= 1
    backup.write_bytes(content)
    with pytest.raises(BackupFault, match="damaged"):
        restoring.restore(backup, occupied, keys, replace=True)
    assert files_below(occupied) == before


@pytest.mark.parametrize(
    "newer", [{"version": "9.1.0"}, {"migrations": ("people.0001_initial", "people.0099_x")}]
)
def test_a_backup_of_a_newer_version_is_refused(
    newer: dict[str, Any], folders: SiteFolders, tmp_path: Path, occupied: Path
) -> None:
    listed = Manifest.to_json
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Manifest, "to_json", lambda made: listed(replace(made, **newer)))
        backup = writing.make(folders, tmp_path / "b", Encryption()).path
    before = files_below(occupied)
    with pytest.raises(BackupFault, match=r"from a newer version .*nothing was changed"):
        restoring.restore(backup, occupied, Keys(), replace=True)
    assert files_below(occupied) == before


@pytest.mark.usefixtures("files_alone")
def test_the_settings_file_follows_the_folder(
    folders: SiteFolders, tmp_path: Path, into: Path, keys: Keys, seal: Encryption
) -> None:
    (folders.data / "keys/secret").write_text("s" * 50)
    (folders.data / "hemicycle.toml").write_text(
        f'base_url = "https://hearing.example"\n'
        f'secret_key_file = "{folders.data}/keys/secret"\n'
        f'mail_from = "ana@hearing.example"\n'
    )
    backup = writing.make(folders, tmp_path / "b", seal).path
    folders.data.rename(tmp_path / "gone")
    restoring.restore(backup, into, keys)
    text = (into / "hemicycle.toml").read_text()
    assert f'secret_key_file = "{into}/keys/secret"\nmail_from = "ana@' in text


@pytest.mark.usefixtures("files_alone")
def test_the_lists_of_erased_people_are_joined(
    folders: SiteFolders, tmp_path: Path, seal: Encryption, keys: Keys, occupied: Path
) -> None:
    lines = [ONCE.replace("1", str(number)) for number in range(3)]
    (folders.data / "erased.jsonl").write_text(lines[0])
    backup = writing.make(folders, tmp_path / "b", seal).path
    (occupied / "erased.jsonl").write_text(lines[0] + lines[1])
    newest = tmp_path / "newest.jsonl"
    newest.write_text(lines[0] + lines[2])
    restoring.restore(backup, occupied, keys, replace=True, erased=newest)
    assert (occupied / "erased.jsonl").read_text() == "".join(lines[:3])


@pytest.mark.test_all("deployment")
def test_no_process_starts_in_a_folder_that_is_not_whole(tmp_path: Path) -> None:
    (tmp_path / RESTORING).write_text(json.dumps({"aside": "x", "is_moved": True}))
    sentence = said(
        f"{tmp_path} is not whole: a restore was interrupted, or still runs. Run the same "
        "`hemicycle restore` again; what was there before is kept."
    )
    for command in ("worker", "mail", "up", "web"):
        assert start(tmp_path, command) == sentence
    assert start(tmp_path, "backup", f"--to={tmp_path}/b", "--unencrypted") == sentence
    assert not (tmp_path / "db.sqlite3").exists()


@pytest.mark.usefixtures("files_alone")
def test_a_second_restore_waits_for_the_first(backup: Path, keys: Keys, into: Path) -> None:
    into.mkdir(parents=True)
    with restoring._alone(into), pytest.raises(BackupFault, match="Another restore into"):
        restoring.restore(backup, into, keys)
    restoring.restore(backup, into, keys)
    assert not (into / RESTORING).exists()


def test_a_mark_that_is_damaged_is_told(backup: Path, keys: Keys, occupied: Path) -> None:
    (occupied / RESTORING).write_text("{")
    with pytest.raises(BackupFault, match=r"RESTORING is damaged\. Move what you need"):
        restoring.restore(backup, occupied, keys)


def test_a_backup_of_another_kind_of_database(
    backup: Path, keys: Keys, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEMICYCLE_DATABASE_URL", "postgresql://127.0.0.1:1/x")
    with pytest.raises(BackupFault, match="of a SQLite database, and HEMICYCLE_DATABASE_URL"):
        restoring.restore(backup, into, keys)
    assert not into.exists()


@pytest.mark.parametrize("name", ["data/RESTORING", "data/before-restore-x/y"])
def test_a_name_that_is_ours_alone_is_refused(name: str, into: Path) -> None:
    with (
        pytest.raises(BackupFault, match="which no backup has"),
        restoring._place(into, manifest.checked(name), into / "x"),
    ):
        pass
