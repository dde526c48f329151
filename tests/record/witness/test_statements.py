"""Records that carry checkpoints, compared with what people have kept, and with themselves."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hemicycle.record import seals, signing, verify
from hemicycle.record.chain import canonical
from hemicycle.record.log import carried
from hemicycle.record.log.notes import SignedNote
from tests.record.witness.test_fork import History
from tests.record.witness.witnessing import WrittenLog

ORIGIN = "hearing.example/h/water"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path).grow(6)


def log_of(history: History, origin: str = ORIGIN) -> WrittenLog:
    leaves = [bytes.fromhex(hash) for hash in history.hashes[1:]]
    return WrittenLog(history.key, origin, leaves)


def carried_by(log: WrittenLog, *sizes: int) -> list[dict[str, str]]:
    key = signing.encoded(log.key.public_key())
    return [carried.spelled(SignedNote.parse(log.checkpoint(size)), key) for size in sizes]


def chain(history: History, documents: Any) -> Path:
    """Write the published chain with these checkpoints, and return its file."""
    path = history.chain()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"checkpoints": documents}))
    return path.rename(path.with_name(f"{history.branch}-{len(history.contents)}-chain.json"))


def archive(history: History, documents: Any) -> Path:
    """Write an archive that contains little more than a record, and return its folder."""
    folder = history.folder / f"{history.branch}-archive"
    folder.mkdir()
    rows = [{"seq": content.seq, "digest": content.digest()} for content in history.contents]
    (folder / "record.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / carried.NAME).write_bytes(canonical(carried.document(documents)))
    end = seals.End(history.hearing, len(rows), history.hashes[-1])
    seal = seals.seal_archive(end, "0" * 64, origin="https://x", at=1, signer=history.key)
    (folder / "seal.json").write_bytes(canonical(seal))
    return folder


def packed(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as made:
        for file in folder.iterdir():
            made.write(file, f"archive/{file.name}")
    return path


def status(history: History, *paths: Path, key: str = "") -> int:
    own = key or signing.fingerprint(history.key.public_key())
    return verify.main(["--fork", *map(str, paths), "--key", own])


def test_a_checkpoint_is_compared_with_a_chain_and_an_archive(history: History) -> None:
    """A single line that someone has kept proves the fraud, with what is published now."""
    log = log_of(history)
    (kept := history.folder / "checkpoint").write_text(log.checkpoint(5))
    other = history.forked(3).grow(5)
    key = str(log.vkey)
    for write in (chain, archive):
        mine = write(history, carried_by(log, 2, 6))
        theirs = write(other, carried_by(log_of(other), 2, 8))
        assert status(history, kept, mine, key=key) == 0
        assert status(history, kept, theirs, key=key) == 1
        assert status(history, mine, theirs) == 1
        assert status(history, history.receipt(5), mine) == 0
        assert status(history, history.receipt(5), theirs) == 1
    assert status(history, kept, packed(theirs), key=key) == 1


def test_a_checkpoint_that_a_chain_carries_contradicts_an_older_one(history: History) -> None:
    """The checkpoint of a short chain also covers the entries that follow."""
    log, longer = log_of(history), history.forked(2).grow(6)
    (kept := history.folder / "checkpoint").write_text(log.checkpoint(6))
    short = chain(history.forked(2), carried_by(log_of(longer), 2, 6))
    assert status(history, kept, short, key=str(log.vkey)) == 1


def test_a_record_that_does_not_lead_to_the_checkpoint_it_carries_proves_the_fraud(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    other = history.forked(3).grow(5)
    documents = [*carried_by(log_of(other), 8), *carried_by(log_of(history), 6)]
    for write in (chain, archive):
        forged = write(other, documents)
        assert status(history, forged) == 1
        assert "the first 6 entries in" in capsys.readouterr().out
        assert status(history, forged, history.receipt(2)) == 1
        assert verify.main(["--fork", str(forged)]) == 3
    assert status(history, write(replace(other, branch="c"), documents[:1])) == 0


def test_a_checkpoint_of_another_hearing_accuses_nobody(history: History) -> None:
    """One key signs for several hearings, and nothing seals the checkpoints beside a chain."""
    elsewhere = History(history.folder, history.key, "1" * 32, "elsewhere").grow(6)
    alien = carried_by(log_of(elsewhere, "hearing.example/h/other"), 5)
    mixed = [*carried_by(log_of(history), 6)]
    assert status(history, chain(history, alien)) == 2
    (kept := history.folder / "checkpoint").write_text(log_of(history).checkpoint(5))
    key = str(log_of(history).vkey)
    assert status(history, kept, chain(history, alien), key=key) == 2
    assert status(history, kept, chain(history, "nonsense"), key=key) == 2
    assert status(history, kept, chain(history, mixed), key=key) == 0


def test_what_is_no_archive_proves_nothing(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = archive(history, [])
    receipt = history.receipt(2)
    (folder / "record.jsonl").write_text('{"seq": 1, "digest": "00"}\n')
    assert status(history, receipt, folder) == 2
    assert "does not lead to its seal" in capsys.readouterr().err
    for text in ('{"seq": 1}\n', '{"digest": "x"}\n', "words\n"):
        (folder / "record.jsonl").write_text(text)
        assert status(history, receipt, folder) == 2
        assert "is not a readable archive" in capsys.readouterr().err
    (folder / "seal.json").unlink()
    assert status(history, receipt, folder) == 2
    (broken := history.folder / "broken.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    assert status(history, receipt, broken) == 2
