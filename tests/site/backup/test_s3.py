"""Backups in a real store with the S3 protocol: whole or absent, also while the store is away."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hemicycle.site.backup import commands, contents, reading, restoring, stores, writing
from hemicycle.site.backup.contents import SiteFolders
from hemicycle.site.backup.envelope import Encryption, Keys
from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.backup.stores import BackupFile
from tests.support.s3_server import S3Server

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.slow,
    pytest.mark.test_all("deployment"),
]
BUCKET = "s3://backups/parliament"


@pytest.fixture
def server(s3_server: S3Server) -> S3Server:
    """A running store."""
    return s3_server


@pytest.fixture(autouse=True)
def given(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings that name the store, which is empty before and after the test."""
    for name, value in server.settings.items():
        monkeypatch.setenv(name, value)
    yield
    store = stores.at(BUCKET)
    for name in store.names():
        store.delete(name)


@pytest.fixture
def large(folders: SiteFolders, monkeypatch: pytest.MonkeyPatch) -> SiteFolders:
    """Folders whose backup is sent in several parts."""
    monkeypatch.setattr(stores, "PART_BYTES", 5 * 2**20)
    (folders.data / "uploads/large").write_bytes(os.urandom(24 * 2**20))
    return folders


def test_it_comes_back(large: SiteFolders, tmp_path: Path, seal: Encryption, keys: Keys) -> None:
    made = writing.make(large, BUCKET, seal)
    assert stores.at(BUCKET).names() == [made.file.name]
    assert reading.verify(made.file, keys).manifest == made.manifest
    restoring.restore(made.file, tmp_path / "new", keys)
    for name in ("uploads/large", "segments/meeting/program.m4s"):
        assert (tmp_path / "new" / name).read_bytes() == (large.data / name).read_bytes()


def test_the_commands_take_the_newest(
    folders: SiteFolders,
    tmp_path: Path,
    settings: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.DATA_DIR = folders.data
    monkeypatch.setattr(contents, "own_folders", lambda: folders)
    with stores.at(BUCKET).writing(f"hemicycle-20260101T000000Z{contents.SUFFIX}") as sink:
        sink.write(b"an earlier one")
    assert commands.backup(["--to", BUCKET, "--unencrypted", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["file"].startswith(f"{BUCKET}/hemicycle-2")
    for place in (made["file"], BUCKET, f"{BUCKET}/"):
        assert commands.verify_backup([place, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["at"] == made["at"]
    assert commands.restore([BUCKET, "--into", str(tmp_path / "new")]) == 0
    assert commands.verify_backup(["s3://backups/nothing"]) == 1
    assert "There is no backup at s3://backups/nothing." in capsys.readouterr().err


def test_a_store_that_is_away_for_a_while(
    large: SiteFolders, server: S3Server, seal: Encryption, keys: Keys, tmp_path: Path
) -> None:
    def away() -> None:
        server.go_away()
        time.sleep(6)
        server.come_back()

    for act in (
        lambda: writing.make(large, BUCKET, seal),
        lambda: reading.verify(BackupFile(stores.at(BUCKET), stores.at(BUCKET).names()[0]), keys),
    ):
        pause = threading.Thread(target=away)
        begun = time.monotonic()
        with pytest.MonkeyPatch.context() as patch:
            _slow_after(patch, 10 * 2**20, pause.start)
            act()
        pause.join()
        assert time.monotonic() - begun > 6


def _slow_after(patch: pytest.MonkeyPatch, size: int, act: Any) -> None:
    """Call `act` when about `size` bytes have been transferred, and wait until it has begun."""
    state = {"left": size}

    def passed(count: int) -> None:
        before = state["left"]
        state["left"] -= count
        if before > 0 >= state["left"]:
            act()
            time.sleep(1)

    write, read = stores.Sink.write, stores._Reader.read

    def counted_write(self: stores.Sink, data: bytes) -> int:
        passed(len(data))
        return write(self, data)

    def counted_read(self: stores._Reader, size: int = -1) -> bytes:
        passed(max(size, 0))
        return read(self, size)

    patch.setattr(stores.Sink, "write", counted_write)
    patch.setattr(stores._Reader, "read", counted_read)


def test_a_store_that_stays_away(
    large: SiteFolders,
    server: S3Server,
    seal: Encryption,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stores, "AWAY_S", 2.0)
    try:
        with pytest.MonkeyPatch.context() as patch:
            _slow_after(patch, 10 * 2**20, server.go_away)
            with pytest.raises(BackupFault, match=r"does not answer\. Check it, .* No backup was"):
                writing.make(large, BUCKET, seal)
        with pytest.raises(BackupFault, match=r"^The store at s3://backups/parliament does not"):
            writing.make(large, BUCKET, seal)
    finally:
        server.come_back()
    assert stores.at(BUCKET).names() == []
    assert not list(large.data.glob(".backup-*"))
    writing.make(large, BUCKET, seal)


def test_one_that_fails_half_way_is_not_there(
    large: SiteFolders, seal: Encryption, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object) -> None:
        raise OSError(5, "a disk that fails")

    monkeypatch.setattr(writing, "end", fails)
    with pytest.raises(BackupFault, match="a disk that fails"):
        writing.make(large, BUCKET, seal)
    assert stores.at(BUCKET).names() == []


def test_a_changed_bit_is_found(large: SiteFolders, seal: Encryption, keys: Keys) -> None:
    made = writing.make(large, BUCKET, seal)
    with made.file.open() as opened:
        content = bytearray(opened.read())
    content[len(content) // 2] ^= 4
    with made.file.store.writing(made.file.name) as sink:
        sink.write(bytes(content))
    with pytest.raises(BackupFault, match=r"^The backup is damaged or cut off, in or after"):
        reading.verify(made.file, keys)


@pytest.mark.parametrize(
    ("given_value", "sentence"),
    [
        (
            ("SECRET", "wrong"),
            r"^The store at s3://backups/parliament refuses us\. Check HEMI",
        ),
        (("SECRET", ""), r"^Set HEMICYCLE_BACKUP_S3_KEY and HEMICYCLE_BACKUP_S3_SECRET, or"),
        (("ENDPOINT", "s3.example.org"), r"_ENDPOINT must begin with https:// or http://"),
    ],
)
def test_wrong_settings_are_one_sentence(
    given_value: tuple[str, str], sentence: str, folders: SiteFolders, seal: Encryption
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"HEMICYCLE_BACKUP_S3_{given_value[0]}", given_value[1])
        with pytest.raises(BackupFault, match=sentence):
            writing.make(folders, BUCKET, seal)


@pytest.mark.parametrize("address", ["s3://", "s3:///x", "s3://key@bucket/x", "s3://bucket/x?y"])
def test_what_is_no_address_is_said(address: str) -> None:
    with pytest.raises(BackupFault, match="is not an address like s3://bucket/prefix"):
        stores.at(address)


def test_without_the_library() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "obstore.store", None)
        with pytest.raises(BackupFault, match=r"pip install 'hemicycle\[s3\]'"):
            stores.at(BUCKET)
