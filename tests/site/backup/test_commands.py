"""The three commands: each prints one sentence or JSON, and returns an exit status."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hemicycle.site.backup import commands, contents, status
from hemicycle.site.backup.contents import SiteFolders
from hemicycle.site.processes.start_checks import RESTORING

pytestmark = pytest.mark.any_database


@pytest.fixture(autouse=True)
def here(folders: SiteFolders, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make these the folders of this site."""
    settings.DATA_DIR = folders.data
    monkeypatch.setattr(contents, "own_folders", lambda: folders)


@pytest.fixture
def pair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A pair of keys made by the command."""
    assert commands.backup(["--make-key", str(tmp_path / "k")]) == 0
    assert "Move" in capsys.readouterr().out
    return tmp_path / "k"


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_backing_up_and_verifying(
    pair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = str(tmp_path / "b")
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    assert commands.backup(["--to", where, "--key", f"{pair}.pub", "--json"]) == 0
    assert os.getpriority(os.PRIO_PROCESS, 0) == usual or os.getuid(), "it comes forward again"
    made = told(capsys)
    assert made["ok"]
    assert made["recordings"]
    assert Path(made["file"]).stat().st_size == made["size"]
    assert commands.verify_backup([made["file"], "--identity", str(pair), "--json"]) == 0
    found = told(capsys)
    assert found["entries"] == 0
    assert {name: found[name] for name in ("at", "files", "bytes", "heads")} == {
        name: made[name] for name in ("at", "files", "bytes", "heads")
    }
    assert commands.verify_backup([made["file"], "--identity", str(pair)]) == 0
    assert capsys.readouterr().out.startswith(f"The backup is whole: {made['files']} files of ")


def test_faults_are_one_sentence(
    pair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x" * 1000)
    assert commands.verify_backup([str(other), "--identity", str(pair)]) == 1
    sentence = "This is not a backup of Hemicycle, or its first bytes are damaged."
    assert capsys.readouterr().err == f"hemicycle: {sentence}\n"
    assert commands.restore([str(other), "--into", str(tmp_path / "new"), "--json"]) == 1
    assert told(capsys) == {"ok": False, "fault": sentence}
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_being_restored_is_not_backed_up(
    folders: SiteFolders, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folders.data / RESTORING).touch()
    assert commands.backup(["--to", str(tmp_path / "b"), "--unencrypted", "--json"]) == 1
    found = told(capsys)
    assert not found["ok"]
    assert found["fault"].startswith(f"{folders.data} is not whole: a restore was interrupted")
    assert not (tmp_path / "b").exists()


def test_a_key_is_never_overwritten(pair: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret, public = pair.read_text(), Path(f"{pair}.pub").read_text()
    assert pair.stat().st_mode & 0o077 == 0
    assert commands.backup(["--make-key", str(pair)]) == 1
    Path(f"{pair}.pub").unlink()
    assert commands.backup(["--make-key", str(pair)]) == 1
    assert f"{pair} exists already" in capsys.readouterr().err
    assert pair.read_text() == secret
    assert public.strip() in secret
    assert not Path(f"{pair}.pub").exists()


@pytest.mark.parametrize("options", [[], ["--unencrypted"], ["--to", "x"]])
def test_nothing_is_left_unencrypted_by_default(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        commands.backup(options)
    assert ended.value.code == 2
    assert not (tmp_path / "x").exists()


def test_a_secret_key_is_not_taken_for_a_public_one(
    pair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.backup(["--to", str(tmp_path / "b"), "--key", str(pair)]) == 1
    assert "has a secret key" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


@pytest.mark.usefixtures("files_alone")
def test_recordings_that_belong_elsewhere_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert commands.backup(["--to", str(tmp_path / "b"), "--unencrypted", "--json"]) == 0
    file = told(capsys)["file"]
    monkeypatch.setenv("HEMICYCLE_MEDIA_SEGMENTS", str(tmp_path / "disk"))
    assert commands.restore([file, "--into", str(tmp_path / "new")]) == 0
    assert (
        f"Move the recordings from {tmp_path}/new/segments to {tmp_path}/disk"
        in capsys.readouterr().out
    )


def test_no_newest_list_where_one_was_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["x", "--into", str(tmp_path / "new"), "--erased", str(tmp_path / "none")]
    assert commands.restore(options) == 1
    assert "There is no list of erased people at" in capsys.readouterr().err


@pytest.mark.usefixtures("files_alone")
def test_what_was_there_has_a_date_to_delete_it(
    folders: SiteFolders, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.backup(["--to", str(tmp_path / "b"), "--unencrypted", "--json"]) == 0
    file = told(capsys)["file"]
    assert commands.restore([file, "--into", str(folders.data), "--replace"]) == 0
    (aside,) = folders.data.glob("before-restore-*")
    day = contents.delete_by(aside.name)
    assert day is not None
    assert day > datetime.now(UTC).date()
    assert (
        f"What was there before is in {aside}. It has personal data, which no erasure reaches: "
        f"delete it by {day}." in capsys.readouterr().out
    )


def test_attempts_are_noted_for_the_doctor(
    folders: SiteFolders, pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = str(tmp_path / "b")
    assert commands.backup(["--to", where, "--key", f"{pair}.pub"]) == 0
    good = status.read(folders.data)[status.BACKUP]
    assert (good.to, good.fault) == (where, "")
    assert commands.backup(["--to", where, "--key", str(tmp_path / "none")]) == 1
    failed = status.read(folders.data)[status.BACKUP]
    assert failed.done_at == good.done_at
    assert failed.fault == f"{tmp_path / 'none'} cannot be read: No such file or directory."

    (file,) = (tmp_path / "b").iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    monkeypatch.setenv("HEMICYCLE_DATA_DIR", str(folders.data))
    assert commands.verify_backup([str(file), "--identity", str(pair)]) == 1
    assert "is damaged or cut off" in status.read(folders.data)[status.CHECK].fault


def test_a_folder_means_the_newest_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = tmp_path / "b"
    assert commands.verify_backup([str(tmp_path)]) == 1
    assert f"There is no backup at {tmp_path}." in capsys.readouterr().err
    assert commands.backup(["--to", str(where), "--unencrypted"]) == 0
    (where / "hemicycle-20200101T000000Z.hemicycle-backup").write_bytes(b"an earlier one")
    assert commands.verify_backup([str(where)]) == 0
    (where / "stream-1").mkdir()
    (where / "stream-1/00000000.hemicycle-changes").touch()
    assert commands.verify_backup([str(where)]) == 1
    assert "has backups and streams. Name one of them" in capsys.readouterr().err
