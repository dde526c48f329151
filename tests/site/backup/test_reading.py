"""A backup that was changed, cut off or made by others is refused, and the bad file is named."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from hemicycle.site.backup import envelope, manifest, reading, writing
from hemicycle.site.backup.contents import SiteFolders
from hemicycle.site.backup.envelope import Encryption, Keys
from hemicycle.site.backup.faults import BackupFault
from tests.site.backup.conftest import WORDS

pytestmark = pytest.mark.any_database

SHARES = (0.0, 0.0001, 0.001, 0.2, 0.5, 0.9, 0.97, 0.999, 0.99999, 1.0)
"""Where a bit is changed, from the first byte (0) to the last (1)."""


def with_changed_bit(file: Path, place: int, bit: int = 0) -> Path:
    content = bytearray(file.read_bytes())
    content[place] ^= 1 << bit
    changed = file.with_name("changed")
    changed.write_bytes(content)
    return changed


def is_refused(file: Path, keys: Keys) -> bool:
    try:
        reading.verify(file, keys)
    except BackupFault:
        return True
    return False


@pytest.fixture
def plain(folders: SiteFolders, tmp_path: Path) -> Path:
    """A backup without encryption."""
    return writing.make(folders, tmp_path / "b", Encryption()).path


def test_a_changed_bit_is_found(backup: Path, keys: Keys, plain: Path) -> None:
    for file, bit in ((backup, 0), (plain, 5)):
        for share in SHARES:
            changed = with_changed_bit(file, round(share * (file.stat().st_size - 1)), bit)
            assert is_refused(changed, keys), (file, share)
        reading.verify(file, keys)


@pytest.mark.slow
def test_another_passphrase_or_a_changed_bit_does_not_open_it(
    folders: SiteFolders, tmp_path: Path
) -> None:
    """The passphrase opens a key, and that the rest: each attempt costs a second on purpose."""
    file = writing.make(folders, tmp_path / "b", Encryption(passphrase=WORDS)).path
    keys = Keys(passphrase=WORDS)
    with pytest.raises(BackupFault, match=r"^This passphrase does not open the backup"):
        reading.verify(file, Keys(passphrase=f"{WORDS}?"))
    with pytest.raises(BackupFault, match=r"give its --passphrase"):
        reading.verify(file, Keys())
    for place in (0, file.read_bytes().index(envelope.AGE) + 60):
        assert is_refused(with_changed_bit(file, place), keys), place
    report = reading.verify(file, keys).record
    assert report
    assert report.entries == 0


def test_the_damaged_file_is_named(plain: Path) -> None:
    for name in (
        "data/uploads/statement.docx",
        "database/db.sqlite3",
        "recordings/meeting/program.m4s",
    ):
        header = plain.read_bytes().index(name.encode())
        with pytest.raises(BackupFault, match=f"^The file {name} in the backup is damaged"):
            reading.verify(with_changed_bit(plain, header + 512 + 3), Keys())


def test_the_file_before_the_damage_is_named(backup: Path, keys: Keys) -> None:
    place = backup.stat().st_size // 2
    with pytest.raises(BackupFault, match=r"in or after the file database/db\.sqlite3\.$"):
        reading.verify(with_changed_bit(backup, place), keys)


def test_one_that_was_cut_off_is_refused(backup: Path, keys: Keys, plain: Path) -> None:
    for file, left in product((backup, plain), (0, 10, 300, 100_000, -65_536, -700, -1)):
        cut = file.with_name("cut")
        cut.write_bytes(file.read_bytes()[:left])
        assert is_refused(cut, keys), (file, left)


def test_more_at_the_end_is_refused(backup: Path, keys: Keys) -> None:
    longer = backup.with_name("longer")
    longer.write_bytes(backup.read_bytes() + b"\n")
    with pytest.raises(BackupFault):
        reading.verify(longer, keys)


def test_another_key_does_not_open_it(backup: Path, tmp_path: Path) -> None:
    envelope.make_key(tmp_path / "other")
    other = Keys(identities=envelope.identities_in(tmp_path / "other"))
    with pytest.raises(BackupFault, match=r"^This key does not open the backup"):
        reading.verify(backup, other)
    with pytest.raises(BackupFault, match=r"give the secret one, --identity"):
        reading.verify(backup, Keys())


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"x" * 5000])
def test_another_file_is_no_backup(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(BackupFault, match=r"^This is not a backup of Hemicycle"):
        reading.verify(tmp_path / "other", Keys())


def test_no_file_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupFault, match=r"cannot be read: No such file"):
        reading.verify(tmp_path / "nothing", Keys())


def forged(file: Path, name: str, change: Callable[[manifest.Manifest], manifest.Manifest]) -> Path:
    """Write a backup with one file, as someone else would make it."""
    with file.open("wb") as opened, envelope.sealed(opened, Encryption()) as archive:
        archive.write(writing._header(name, 4, 0) + b"evil" + bytes(508))
        stored = manifest.Stored(4, "0" * 64)
        made = manifest.Manifest(
            "0.1.0", "2026-11-28T00:00:00+00:00", "sqlite", False, (), {}, {name: stored}, "/data"
        )
        writing.end(archive, change(made).to_json())
    return file


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "data/../../evil", "data//evil", "other/evil", "data/./evil", "data/"],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    file = forged(tmp_path / "forged", name, lambda made: made)
    with pytest.raises(BackupFault, match=r"which no backup has"):
        reading.read(file, Keys(), lambda name: nullcontext())


def test_one_of_a_later_format_is_refused(tmp_path: Path) -> None:
    file = forged(tmp_path / "f", "data/x", lambda made: replace(made, format=2, version="3.0"))
    with pytest.raises(BackupFault, match=r"from Hemicycle 3\.0, which writes a newer format"):
        reading.read(file, Keys(), lambda name: nullcontext())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("AGE-SECRET-KEY-1ABC", "has a secret key"),
        ("age1nonsense", "has a line that is no public key"),
        ("ssh-rsa nonsense", "has a line that is no public key"),
        ("# nothing", "has no public key"),
    ],
)
def test_files_that_hold_no_public_key(content: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "k").write_text(content)
    with pytest.raises(BackupFault, match=sentence):
        envelope.recipients_in(tmp_path / "k")


@pytest.mark.parametrize("content", ["", "age1abc", "-----BEGIN nothing", "\0"])
def test_files_that_hold_no_secret_key(content: str, tmp_path: Path) -> None:
    (tmp_path / "k").write_text(content)
    with pytest.raises(BackupFault, match=r"secret key"):
        envelope.identities_in(tmp_path / "k")


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("short\n")
    with pytest.raises(BackupFault, match=r"12 or more characters"):
        envelope.passphrase_in(tmp_path / "p")
    (tmp_path / "p").write_text(f"{WORDS}\nmore\n")
    assert envelope.passphrase_in(tmp_path / "p") == WORDS
