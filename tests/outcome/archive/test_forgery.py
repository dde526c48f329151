"""Forged archives: each is refused, with the reason."""

from __future__ import annotations

import base64
import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hemicycle.record import keys, verify
from hemicycle.record.chain import canonical
from hemicycle.record.signing import fingerprint, sign
from tests.outcome.archive.archived import written
from tests.outcome.archive.forgeries import (
    OTHER,
    forge_lists,
    rewrite_manifest,
    rewrite_record,
    sign_again,
)

if TYPE_CHECKING:
    from tests.outcome.archive.archived import Witnessed


pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def folder(witnessed: Witnessed, tmp_path: Path) -> Path:
    """The public's archive."""
    return written(witnessed.archive, tmp_path / "archive")


@pytest.fixture
def key(witnessed: Witnessed, tmp_path: Path) -> Path:
    """The public key, as the site publishes it."""
    (path := tmp_path / "key.pem").write_bytes(witnessed.public_key)
    return path


def test_the_seal_of_the_chain_does_not_seal_an_archive(
    witnessed: Witnessed, folder: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge_lists(folder)
    rewrite_manifest(folder)
    (folder / "seal.json").write_bytes(canonical(json.loads(witnessed.chain)["seal"]))
    for arguments in ([], ["--key", str(key)]):
        assert verify.main([str(folder), *arguments]) == 1
        said = "file seal.json: it is the seal of a chain, not the seal of an archive"
        assert said in capsys.readouterr().out


def test_an_archive_signed_anew_with_a_key_of_its_own_is_refused(
    folder: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge_lists(folder)
    sign_again(folder, manifest=rewrite_manifest(folder))
    for arguments in ([], ["--key", str(key)]):
        assert verify.main([str(folder), *arguments]) == 1
        said = "it is signed with a key other than the one that the record names"
        assert said in capsys.readouterr().out


def test_an_archive_written_anew_as_a_whole_is_refused_by_the_key_from_outside(
    folder: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge_lists(folder)
    end = rewrite_record(folder)
    sign_again(folder, manifest=rewrite_manifest(folder), **end)
    assert verify.main([str(folder)]) == 3
    said = capsys.readouterr().out
    assert said.startswith("Consistent, but the signer is unknown: ")
    assert fingerprint(OTHER.public_key()) in said
    for given in (str(key), keys.fingerprint()):
        assert verify.main([str(folder), "--key", given]) == 1
        said = capsys.readouterr().out
        assert "it is signed with a key other than the one that you gave" in said
        assert keys.fingerprint() in said


def test_the_seal_of_another_hearings_archive_is_refused(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]
    sign_again(folder, hearing="ab" * 16)
    broken = verify.verify_export(folder).broken
    assert broken is not None
    assert str(broken) == (
        f"hearing {'ab' * 16}, entry 1: the record should end at entry {len(rows)}, "
        "but entry 0 is the last"
    )


def test_the_key_is_given_as_a_file_or_as_a_fingerprint(
    folder: Path, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for given in (str(key), keys.fingerprint(), f"SHA256:{keys.fingerprint().upper()}"):
        assert verify.main([str(folder), "--key", given]) == 0
        assert capsys.readouterr().out.startswith("Verified: ")
    (tmp_path / "letter.txt").write_text("Excellency,")
    for given in ("nowhere.pem", keys.fingerprint()[:-1], str(tmp_path / "letter.txt")):
        assert verify.main([str(folder), "--key", given]) == 2
        assert "is neither a fingerprint" in capsys.readouterr().err


def test_a_file_that_is_removed_renamed_or_a_link_is_named(folder: Path) -> None:
    lists, moved, outside = folder / "lists.csv", folder / "list.csv", folder.parent / "lists.csv"
    lists.rename(moved)
    assert str(verify.verify_export(folder).broken) == (
        "file lists.csv: it has been renamed to list.csv"
    )
    moved.rename(outside)
    assert str(verify.verify_export(folder).broken) == "file lists.csv: it is missing"
    lists.symlink_to(outside)
    assert str(verify.verify_export(folder).broken) == "file lists.csv: it is a link, not a file"


@pytest.mark.parametrize("name", ["seal.json", "manifest.json", "record.jsonl"])
def test_a_file_on_which_all_rests_is_missed_by_name(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert verify.main([str(folder)]) == 1
    assert str(verify.verify_export(folder).broken) == f"file {name}: it is missing"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("archive/lists.csv", "it is in the zip twice"),
        ("beside.txt", "it has been added"),
        ("other/index.html", "it has been added"),
        ("archive/../lists.csv", "its name points outside the archive"),
        ("/lists.csv", "its name points outside the archive"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_a_zip_holds_beside_the_archive_is_named(
    folder: Path, tmp_path: Path, name: str, problem: str
) -> None:
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, folder.name))
    assert verify.verify_zip(packed, keys.fingerprint()).is_trusted
    with zipfile.ZipFile(packed, "a") as more:
        more.writestr(name, "other")
    assert str(verify.verify_zip(packed).broken) == f"file {name}: {problem}"


def test_an_archive_is_verified_by_the_key_before_the_last_and_not_signed_by_it(
    witnessed: Witnessed, folder: Path, tmp_path: Path
) -> None:
    old, new = keys.fingerprint(), witnessed.renewed_key
    written(witnessed.renewed, tmp_path / "renewed")
    for archive, key, status in (
        ("renewed", old, 0),
        ("renewed", new, 0),
        ("renewed", "0" * 64, 1),
        ("archive", old, 0),  # sealed before the renewal: nothing in it leads to the new key
        ("archive", new, 1),
    ):
        assert verify.main([str(tmp_path / archive), "--key", key]) == status, (archive, key)
    broken = verify.verify_export(written(witnessed.stolen, tmp_path / "stolen"), old).broken
    assert str(broken) == (
        "the seal: it is signed with a key other than the one that the record names: "
        f"{old}, not {new}"
    )


def test_one_bit_changed_in_any_file_is_found_and_the_file_named(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    assert len(files) > 8
    for file in files:
        genuine = file.read_bytes()
        name = file.relative_to(folder).as_posix()
        for at in {0, len(genuine) // 2, len(genuine) - 1}:
            changed = bytearray(genuine)
            changed[at] ^= 1
            file.write_bytes(changed)
            broken = verify.verify_export(folder, keys.fingerprint()).broken
            assert broken is not None, (name, at)
            if name not in {"record.jsonl", "notes.jsonl", "seal.json", "manifest.json"}:
                assert str(broken) == f"file {name}: it has been changed"
        file.write_bytes(genuine)
    assert verify.verify_export(folder, keys.fingerprint()).is_trusted


def test_any_file_removed_renamed_or_added_is_named_in_a_folder_and_in_a_zip(
    folder: Path, tmp_path: Path
) -> None:
    def packed() -> Path:
        with zipfile.ZipFile(path := tmp_path / "packed.zip", "w") as made:
            for file in folder.rglob("*"):
                made.write(file, file.relative_to(tmp_path))
        return path

    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    for name in names:
        file, away = folder / name, tmp_path / "away"
        if not file.is_file():
            continue
        file.rename(away)
        missing = str(verify.verify_export(folder).broken)
        assert missing == f"file {name}: it is missing"
        assert str(verify.verify_zip(packed()).broken) == missing
        away.rename(folder / "renamed.bin")
        assert str(verify.verify_export(folder).broken).startswith(f"file {name}: it ")
        (folder / "renamed.bin").rename(file)
        shutil.copy(file, file.with_name("added.bin"))
        added = file.with_name("added.bin").relative_to(folder).as_posix()
        assert str(verify.verify_export(folder).broken) == f"file {added}: it has been added"
        assert str(verify.verify_zip(packed()).broken) == f"file {added}: it has been added"
        file.with_name("added.bin").unlink()
    assert verify.verify_zip(packed(), keys.fingerprint()).is_trusted


def test_the_seal_of_another_hearing_by_the_genuine_key_is_refused(folder: Path) -> None:
    seal = json.loads((folder / "seal.json").read_text("utf-8"))
    payload = {name: value for name, value in seal.items() if name not in {"key", "signature"}}
    other = sign(payload | {"hearing": "ab" * 16}, keys.signing_key())
    (folder / "seal.json").write_bytes(canonical(other))
    report = verify.verify_export(folder, keys.fingerprint())
    assert report.broken is not None
    assert report.broken.where == f"hearing {'ab' * 16}, entry 1"
    assert not report.is_trusted


WRONG_KEYS: dict[str, Any] = {
    "RSA": rsa.generate_private_key(65537, 2048),
    "ECDSA": ec.generate_private_key(ec.SECP256R1()),
    "X25519": x25519.X25519PrivateKey.generate(),
    "Ed448": ed448.Ed448PrivateKey.generate(),
}


@pytest.mark.parametrize("kind", WRONG_KEYS)
def test_a_key_of_the_wrong_type_is_refused_from_outside_and_in_the_seal(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    public = WRONG_KEYS[kind].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    assert verify.main([str(folder), "--key", str(tmp_path / "key.pem")]) == 2
    assert "is not of the type that signs receipts" in capsys.readouterr().err
    seal = json.loads((folder / "seal.json").read_text("utf-8"))
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    seal["key"] = base64.b64encode(der).decode()
    (folder / "seal.json").write_bytes(canonical(seal))
    assert verify.main([str(folder), "--key", keys.fingerprint()]) == 1
    assert "the public key is not of the type that signs receipts" in capsys.readouterr().out
