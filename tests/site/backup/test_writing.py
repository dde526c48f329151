"""A backup appears whole or not at all, and has everything that a site cannot make again."""

import os
import resource
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hemicycle.site.backup import drafts, manifest, reading, writing
from hemicycle.site.backup.contents import SiteFolders
from hemicycle.site.backup.envelope import Encryption, Keys
from hemicycle.site.backup.faults import BackupFault
from tests.site.backup.conftest import RECORDING, files_below

pytestmark = pytest.mark.any_database

ALWAYS = {
    "database/db.sqlite3",
    "data/keys/secret",
    "data/security/2026-11-28.jsonl",
    "data/uploads/empty",
    "data/uploads/mail/2026-11-28/one.eml",
    "data/uploads/statement.docx",
    "data/uploads/Ünïcode – речь.pdf",
}


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, as on a full disk."""
    _, hard = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_it_has_all_but_what_is_made_again(folders: SiteFolders, backup: Path, keys: Keys) -> None:
    found = reading.verify(backup, keys).manifest
    names = {name for name in found.files if not name.startswith("data/keys/")}
    assert names == (ALWAYS - {"data/keys/secret"}) | {"recordings/meeting/program.m4s"}
    assert "data/keys/secret" in found.files
    assert found.files["recordings/meeting/program.m4s"].size == len(RECORDING)
    assert found.version == manifest.our_version()
    assert "people.0001_initial" in found.migrations
    assert "hearing.0001_initial" in found.migrations
    manifest.check_version(found)


def test_recordings_can_be_left_out(
    folders: SiteFolders, tmp_path: Path, seal: Encryption, keys: Keys
) -> None:
    made = writing.make(folders, tmp_path / "small", seal, with_recordings=False)
    found = reading.verify(made.path, keys).manifest
    assert not found.has_recordings
    assert not [name for name in found.files if name.startswith("recordings/")]
    assert {name for name in found.files if "keys" not in name} == ALWAYS - {"data/keys/secret"}


def test_recordings_elsewhere_are_in_it(
    folders: SiteFolders, tmp_path: Path, seal: Encryption, keys: Keys
) -> None:
    elsewhere = tmp_path / "disk/recordings"
    elsewhere.parent.mkdir()
    folders.segments.rename(elsewhere)
    moved = SiteFolders(folders.data, elsewhere, folders.static)
    found = reading.verify(writing.make(moved, tmp_path / "b", seal).path, keys).manifest
    assert "recordings/meeting/program.m4s" in found.files


def test_nobody_else_can_read_it_and_nothing_is_left_beside_it(
    folders: SiteFolders, backup: Path
) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    assert not list(folders.data.glob(".backup-*"))


def test_an_earlier_backup_in_the_data_folder_is_not_backed_up(
    folders: SiteFolders, seal: Encryption, keys: Keys
) -> None:
    inside = folders.data / "backups"
    inside.mkdir()
    (inside / "hemicycle-20260101T000000Z.hemicycle-backup").write_bytes(b"an earlier one")
    (folders.data / "before-restore-20260101T000000Z").mkdir()
    (folders.data / "before-restore-20260101T000000Z/old").write_bytes(b"old")
    found = reading.verify(writing.make(folders, inside, seal).path, keys).manifest
    assert not [name for name in found.files if "backup" in name or "before" in name]


def test_what_a_killed_backup_left_is_cleared(
    folders: SiteFolders, tmp_path: Path, seal: Encryption
) -> None:
    target = tmp_path / "b"
    target.mkdir()
    draft = target / ".hemicycle-20260101T000000Z-aa.hemicycle-backup.part"
    draft.write_bytes(b"half of one")
    held = target / ".hemicycle-20260101T000000Z-bb.hemicycle-backup.part"
    held.write_bytes(b"one that is being written")
    (folders.data / ".backup-x").mkdir()
    descriptor = os.open(held, os.O_RDONLY)
    try:
        assert drafts.is_free(descriptor)
        writing.make(folders, target, seal)
    finally:
        os.close(descriptor)
    assert not draft.exists()
    assert held.exists()
    assert not list(folders.data.glob(".backup-*"))


@pytest.mark.parametrize("sealed", [True, False])
def test_a_full_disk_leaves_nothing_and_says_so(
    sealed: bool, folders: SiteFolders, tmp_path: Path, seal: Encryption, keys: Keys
) -> None:
    (folders.data / "uploads/large").write_bytes(os.urandom(3 * 2**20))
    database = (folders.data / "db.sqlite3").stat().st_size
    target = tmp_path / "b"
    before = files_below(folders.data)
    with full_disk(database + 2**20), pytest.raises(BackupFault, match=r"^The disk is full at .*b"):
        writing.make(folders, target, seal if sealed else Encryption())
    assert list(target.iterdir()) == []
    assert files_below(folders.data) == before
    writing.make(folders, target, seal if sealed else Encryption())


def test_a_disk_too_full_for_the_database(
    folders: SiteFolders, tmp_path: Path, seal: Encryption
) -> None:
    with full_disk(2**19), pytest.raises(BackupFault, match=r"^The disk is full at .*data"):
        writing.make(folders, tmp_path / "b", seal)
    assert list((tmp_path / "b").iterdir()) == []
    assert not list(folders.data.glob(".backup-*"))


def test_a_file_that_goes_meanwhile_is_left_out(
    folders: SiteFolders,
    tmp_path: Path,
    seal: Encryption,
    keys: Keys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = folders.data / "uploads/statement.docx"
    fill = writing._fill

    def erased_first(*arguments: object) -> object:
        gone.unlink()
        return fill(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "_fill", erased_first)
    found = reading.verify(writing.make(folders, tmp_path / "b", seal).path, keys).manifest
    assert "data/uploads/statement.docx" not in found.files


def test_an_unencrypted_one_is_a_tar_file(folders: SiteFolders, tmp_path: Path) -> None:
    made = writing.make(folders, tmp_path / "b", Encryption())
    with tarfile.open(made.path) as tar:
        assert tar.getnames() == [*made.manifest.files, "manifest.json"]
        opened = tar.extractfile("data/uploads/statement.docx")
        assert opened is not None
        assert opened.read() == b"a statement"
