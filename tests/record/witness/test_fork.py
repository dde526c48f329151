"""Two documents that one key signed for two histories prove the fork, without a third party."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record import receipts, seals, signing, verify
from hemicycle.record.chain import Content, genesis, link
from tests.record.witness.witnessing import WrittenLog

HEARING = "0" * 32


@dataclass
class History:
    """A record whose entries contain only their number and branch."""

    folder: Path
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    hearing: str = HEARING
    branch: str = "a"
    contents: list[Content] = field(default_factory=list)

    def grow(self, count: int) -> History:
        for _each in range(count):
            seq = len(self.contents) + 1
            body = json.dumps({"branch": self.branch})
            self.contents.append(
                Content(self.hearing, seq, "x", 1, seq, "system", "system", "", body)
            )
        return self

    def forked(self, after: int) -> History:
        return History(self.folder, self.key, self.hearing, "b", self.contents[:after])

    @property
    def hashes(self) -> list[str]:
        hashes = [genesis(self.hearing)]
        for content in self.contents:
            hashes.append(link(hashes[-1], content.digest()))
        return hashes

    def receipt(self, seq: int) -> Path:
        return self._file(
            f"receipt-{seq}",
            receipts.receipt(self.contents[seq - 1], self.hashes[seq - 1], self.key),
        )

    def chain(self) -> Path:
        end = seals.End(self.hearing, len(self.contents), self.hashes[-1])
        seal = seals.seal_chain(end, origin="https://hearing.example", at=1, signer=self.key)
        rows = [
            {"seq": content.seq, "digest": content.digest(), "hash": self.hashes[content.seq]}
            for content in self.contents
        ]
        whole = {"format": verify.CHAIN, "hearing": self.hearing, "entries": rows, "seal": seal}
        return self._file("chain", {**whole, "successions": []})

    def _file(self, name: str, document: dict[str, Any]) -> Path:
        path = self.folder / f"{self.branch}-{name}.json"
        path.write_text(json.dumps(document))
        return path


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path).grow(6)


def status(history: History, *paths: Path) -> int:
    key = signing.fingerprint(history.key.public_key())
    return verify.main(["--fork", *map(str, paths), "--key", key])


def test_receipts_and_chains_of_two_branches_prove_the_fraud(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    other = history.forked(3).grow(5)
    for mine, theirs in (
        (history.receipt(5), other.receipt(5)),
        (history.receipt(5), other.receipt(6)),  # which names the hash before it
        (history.receipt(4), other.chain()),
        (history.chain(), other.chain()),
    ):
        for pair in ((mine, theirs), (theirs, mine)):
            assert status(history, *pair) == 1
            assert "is not the same in" in capsys.readouterr().out
    assert verify.main(["--fork", str(history.receipt(5)), str(other.receipt(5))]) == 3


def test_documents_of_one_history_agree(history: History) -> None:
    before = history.chain().rename(history.folder / "before.json")
    history.grow(3)
    for pair in (
        (history.receipt(5), history.receipt(6)),
        (history.receipt(3), history.forked(3).grow(1).receipt(3)),
        (before, history.chain()),
        (history.receipt(9), history.chain()),
    ):
        assert status(history, *pair) == 0


def test_what_does_not_compare_proves_nothing(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    other = history.forked(3).grow(5)
    strange = History(history.folder, branch="strange").grow(6)
    elsewhere = History(history.folder, history.key, "1" * 32, "elsewhere").grow(6)
    broken = other.chain()
    changed = json.loads(broken.read_text())
    changed["entries"].pop()
    (cut := history.folder / "cut.json").write_text(json.dumps(changed))
    (words := history.folder / "words.txt").write_text("hello")
    for pair, says in (
        ((history.receipt(4), other.receipt(8)), "cover different entries"),
        ((history.receipt(4), strange.receipt(4)), "signed with different keys"),
        ((history.receipt(4), elsewhere.receipt(4)), "two different hearings"),
        ((history.receipt(4), cut), "does not lead to its seal"),
        ((history.receipt(4), words), "not a readable signed note"),
        ((history.receipt(4), history.folder / "none"), "No such file"),
        ((history.receipt(4),), "Give two documents"),
        ((history.receipt(4),) * 3, "Give two documents"),
    ):
        assert status(history, *pair) == 2
        assert says in capsys.readouterr().err


def test_two_checkpoints_of_one_size_prove_the_fraud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = WrittenLog().grow(9)
    other = log.forked(4).grow(5, "other")
    (mine := tmp_path / "mine").write_text(log.checkpoint())
    (theirs := tmp_path / "theirs").write_text(other.checkpoint())
    (later := tmp_path / "later").write_text(other.grow(1).checkpoint())
    key = ["--key", str(log.vkey)]
    assert verify.main(["--fork", str(mine), str(theirs), *key]) == 1
    assert verify.main(["--fork", str(mine), str(mine), *key]) == 0
    assert verify.main(["--fork", str(mine), str(later), *key]) == 2
    assert verify.main(["--fork", str(mine), str(theirs)]) == 2
    assert "give the log’s key" in capsys.readouterr().err
