"""`hemicycle verify` confirms what is valid, and finds a single changed bit at its place."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record import seals
from hemicycle.record.chain import Content, canonical, genesis, link
from hemicycle.record.log import merkle, notes
from hemicycle.record.log.notes import CheckpointText
from hemicycle.record.signing import Signer, encoded, fingerprint, sign
from hemicycle.record.verify import (
    Broken,
    Report,
    Unreadable,
    archives,
    main,
    verify,
    verify_sqlite,
)

HEARING = "ab" * 16
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def chain(
    length: int,
    hearing: str = HEARING,
    bodies: Mapping[int, tuple[str, Any]] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Return the rows of a chain; `bodies` has the types and bodies of entries that differ."""
    rows, hash = [], genesis(hearing)
    for seq in range(1, length + 1):
        kind, fields = bodies.get(seq, ("slot.skipped", {"n": seq}))
        body = canonical(fields).decode()
        content = Content(hearing, seq, kind, 1, seq * 10, "a" * 32, "moderator", "", body)
        hash = link(hash, content.digest())
        rows.append(
            {
                "hearing": hearing,
                "seq": seq,
                "kind": content.kind,
                "version": 1,
                "at": content.at,
                "actor": content.actor,
                "role": content.role,
                "meeting": "",
                "body": body,
                "digest": content.digest(),
                "hash": hash,
            }
        )
    return rows


def test_a_whole_chain_holds() -> None:
    rows = chain(5)
    assert verify(rows, [rows[-1]]) == Report(hearings=1, entries=5, notes=0)


@given(st.integers(1, 8), st.sampled_from(["seq", "at", "actor", "body", "digest", "hash", "kind"]))
def test_any_change_is_found_at_its_entry(seq: int, field: str) -> None:
    rows = chain(8)
    value = rows[seq - 1][field]
    rows[seq - 1][field] = value + 1 if isinstance(value, int) else "0" + value[1:]
    if rows == chain(8):  # the digit was a 0 already
        rows[seq - 1][field] = "1" + value[1:]
    broken = verify(rows).broken
    assert broken is not None
    assert broken.seq == (seq + 1 if field == "seq" else seq)


@given(st.integers(1, 8))
def test_a_missing_entry_is_found(seq: int) -> None:
    rows = chain(8)
    del rows[seq - 1]
    broken = verify(rows, [chain(8)[-1]]).broken
    assert broken is not None
    assert broken.seq == (8 if seq == 8 else seq + 1)


def test_an_entry_rewritten_with_its_digest_breaks_the_next_link() -> None:
    rows = chain(4)
    changed = {**rows[1], "body": '{"n":7}'}
    changed["digest"] = Content.of(changed).digest()
    rows[1] = changed
    assert verify(rows).broken == Broken.entry(
        HEARING, 2, "its hash does not follow from the one before"
    )


type StoredCheckpoint = tuple[str, int, str, str, str, str]


def stored(
    rows: list[dict[str, Any]], signed: int, *, signer: Signer = KEY, **changes: Any
) -> StoredCheckpoint:
    """Return the row of a checkpoint of the first `signed` entries, changed after it was signed."""
    tree = merkle.Tree(bytes.fromhex(row["hash"]) for row in rows)
    text = CheckpointText("hearing.example/h/x", signed, tree.root(signed))
    line = str(notes.sign(str(text), text.origin, signer))
    own: dict[str, Any] = {"size": signed, "root": text.root.hex(), "origin": text.origin} | changes
    key = encoded(signer.public_key())
    return HEARING, own["size"], own["root"], own["origin"], key, line


def database(
    path: Path, rows: list[dict[str, Any]], checkpoints: Iterable[StoredCheckpoint] = ()
) -> Path:
    columns = list(rows[0])
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE record_entry ({', '.join(columns)})")
        connection.execute("CREATE TABLE record_head (hearing, seq, hash)")
        connection.execute("CREATE TABLE record_note (key, salt, text, erased_at)")
        names = "hearing, size, root, origin, key, signature"
        connection.execute(f"CREATE TABLE record_checkpoint ({names})")
        connection.executemany("INSERT INTO record_checkpoint VALUES (?,?,?,?,?,?)", checkpoints)
        connection.execute("CREATE TABLE record_logtile (hearing, level, number, root, hashes)")
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO record_entry VALUES ({marks})", [tuple(row.values()) for row in rows]
        )
        last = rows[-1]
        connection.execute(
            "INSERT INTO record_head VALUES (?, ?, ?)", (last["hearing"], last["seq"], last["hash"])
        )
    connection.close()
    return path


def test_one_flipped_bit_in_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = database(tmp_path / "db.sqlite3", chain(20))
    assert main([str(path)]) == 3
    data = path.read_bytes()
    path.write_bytes(data.replace(b'{"n":13}', b'{"n":12}'))
    assert main([str(path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["broken"]["seq"] == 13
    assert found["entries"] == 12


def test_the_checkpoints_of_a_database_are_compared_with_its_entries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = chain(20, bodies={1: ("hearing.convened", {"key": fingerprint(KEY.public_key())})})
    genuine = [stored(rows, size) for size in (1, 7, 20)]
    path = database(tmp_path / "db.sqlite3", rows, genuine)
    assert main([str(path)]) == 3
    assert "They lead to 3 checkpoint(s)." in capsys.readouterr().out
    rewritten = chain(20, bodies={1: (rows[0]["kind"], json.loads(rows[0]["body"])), 8: ("x", {})})
    other = Ed25519PrivateKey.generate()
    where = f"hearing {HEARING}, checkpoint of"
    for entries, checkpoint, problem in (
        (rewritten, genuine[1], ""),
        (rewritten, genuine[2], f"{where} 20 entries: the record does not lead to the root"),
        (rows[:19], genuine[2], f"{where} 20 entries: the checkpoint covers 20 entries, "),
        (rows, stored(rows, 7, root="ab" * 32), f"{where} 7 entries: the signature of hearing.ex"),
        (rows, stored(rows, 7, size=8), f"{where} 8 entries: the signature of hearing.example/h/x"),
        (rows, stored(rows, 7, root="ab"), f"{where} 7 entries: this is not a readable checkpoint"),
        (rows, stored(rows, 7, root="x"), f"{where} 7 entries: it cannot be read"),
        (rows, stored(rows, 7, signer=other), f"{where} 7 entries: the checkpoint of 7 entries is"),
    ):
        path.unlink()
        report = verify_sqlite(database(path, entries, [checkpoint]))
        assert str(report.broken or "").startswith(problem), problem
        assert (report.broken is None) is (not problem)


def test_other_files_are_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Excellency,")
    with pytest.raises(Unreadable, match=r"letter\.txt is not a database of Hemicycle"):
        verify_sqlite(tmp_path / "letter.txt")
    assert main([str(tmp_path / "nowhere")]) == 2
    assert main([str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("body", "\ud800", "its content has been changed since it was written"),
        ("kind", "slot.\ud800", "its content has been changed since it was written"),
        ("actor", "\udfff", "its content has been changed since it was written"),
        ("hearing", "\ud800", "it cannot be read"),
        ("seq", float("inf"), "it cannot be read"),
        ("at", float("nan"), "it cannot be read"),
        ("digest", 7, "its content has been changed since it was written"),
        ("hash", "\ud800", "its hash does not follow from the one before"),
    ],
)
def test_what_has_no_bytes_is_named_and_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str, value: Any, problem: str
) -> None:
    rows = chain(3)
    rows[1][field] = value
    broken = verify(rows).broken
    assert broken is not None
    assert broken.problem.startswith(problem)
    assert broken.seq == 2
    folder = archive(tmp_path / "archive", json_lines(rows))
    assert main([str(folder)]) == 1
    assert problem in capsys.readouterr().out


def json_lines(rows: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(row) for row in rows]


def archive(folder: Path, lines: Iterable[str], **seal: Any) -> Path:
    """Write an archive of a record alone, sealed with the tests' key; return its folder."""
    folder.mkdir()
    content = "".join(f"{line}\n" for line in lines).encode()
    (folder / "record.jsonl").write_bytes(content)
    files = {"record.jsonl": sha256(content).hexdigest()} | seal.pop("files", {})
    manifest = canonical({"format": "hemicycle-archive-1", "files": files})
    (folder / "manifest.json").write_bytes(manifest)
    end = chain(3)[-1]
    payload = {
        "format": seals.ARCHIVE,
        "origin": "https://hearing.example",
        **{name: end[name] for name in ("hearing", "seq", "hash", "at")},
        "manifest": sha256(manifest).hexdigest(),
    }
    (folder / "seal.json").write_bytes(canonical(sign(payload | seal, KEY)))
    return folder


def test_a_strangers_archive_cannot_stop_the_command_or_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = json_lines(chain(3))
    far = archive(tmp_path / "far", whole, at=10**30)
    assert main([str(far)]) == 3
    assert "s after 1970" in capsys.readouterr().out
    steering = archive(tmp_path / "steering", whole, origin="\x1b[2J\nVerified: \u202e")
    assert main([str(steering)]) == 3
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\nVerified" not in said
    assert "\\x1b[2J\\nVerified: \\u202e" in said
    for name in ("\0", "a\0b", "x" * 5000, "", "..", "/etc/hostname", "a/" * 2000 + "b"):
        folder = archive(tmp_path / "names", whole, files={name: "0" * 64})
        assert main([str(folder)]) == 1
        assert "Broken: file " in capsys.readouterr().out
        shutil.rmtree(folder)


def test_a_strangers_zip_cannot_stop_the_command(tmp_path: Path) -> None:
    folder = archive(tmp_path / "archive", json_lines(chain(3)))
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        path = tmp_path / f"{method}.zip"
        with zipfile.ZipFile(path, "w", method) as packed:
            for file in folder.iterdir():
                packed.write(file, f"archive/{file.name}")
        genuine = path.read_bytes()
        assert main([str(path)]) == 3
        random = Random(method)
        for _ in range(60):
            changed = bytearray(genuine)
            changed[random.randrange(len(changed))] ^= random.randrange(1, 256)
            path.write_bytes(changed)
            assert main([str(path)]) in {1, 2, 3}


def test_a_zip_that_would_fill_the_disk_is_not_unpacked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = archive(tmp_path / "archive", json_lines(chain(3)))
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in folder.iterdir():
            packed.write(file, f"archive/{file.name}")
        packed.writestr("archive/zeros", bytes(3_000_000))
    assert path.stat().st_size < 10_000
    assert main([str(path)]) == 1, "it was unpacked, and a file was found that was added"
    for name, most in (("MOST_UNPACKED", 3_000_000), ("MOST_FILES", 3)):
        with monkeypatch.context() as patch:
            patch.setattr(archives, name, most)
            patch.setattr(zipfile.ZipFile, "extractall", lambda *_: pytest.fail("unpacked"))
            assert main([str(path)]) == 2
            assert "bomb.zip would unpack to 3,0" in capsys.readouterr().err


def test_a_line_or_a_document_without_end_is_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_TEXT", 2_000)
    long = archive(tmp_path / "long", [*json_lines(chain(3)), "x" * 5_000])
    assert main([str(long)]) == 1
    assert "record.jsonl, line 4: it cannot be read" in capsys.readouterr().out
    (long / "manifest.json").write_text(" " * 2_001)
    assert main([str(long)]) == 2
    assert "The file manifest.json is larger than can be read here." in capsys.readouterr().err
