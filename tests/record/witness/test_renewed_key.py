"""A witness follows a new key only if the previous key signed it on the record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record import receipts, signing, succession, verify
from hemicycle.record.chain import Content
from hemicycle.record.log.notes import SignedNote
from hemicycle.record.log.remote import LogUnreachable, RemoteLog
from hemicycle.record.witness import command, following, renewed_key
from hemicycle.record.witness.judging import ForkFound, NotCosigned, Witness
from hemicycle.record.witness.state import opened
from tests.record.test_verify import HEARING, chain
from tests.record.witness.witnessing import ORIGIN, Published, WrittenLog, published

OLD, NEW, NEWEST, THIEF = (
    Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(4)
)
type Rows = list[dict[str, Any]]


def handed_over(old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> tuple[str, Any]:
    """Return the type and body of the entry in which a key signs its successor."""
    signed = succession.succeed(old, new.public_key(), hearing=HEARING, at=1)
    return succession.ENTRY, signed


def log_of(rows: Rows, key: Ed25519PrivateKey) -> WrittenLog:
    return WrittenLog(key, ORIGIN, [bytes.fromhex(row["hash"]) for row in rows])


def told(rows: Rows, log: WrittenLog, *numbers: int) -> dict[str, Any]:
    """Return what the hearing publishes about these entries at ``successions.json``."""
    size = len(log.leaves)
    note = SignedNote.parse(log.checkpoint())
    key = signing.encoded(log.key.public_key())
    found = []
    for seq in numbers:
        path = log.tree.inclusion(seq - 1, size)
        content = Content.of(rows[seq - 1])
        found.append(receipts.proved_receipt(content, rows[seq - 2]["hash"], note, path, key))
    return renewed_key.document(found)


@pytest.fixture
def served() -> Iterator[Published]:
    with published(log_of(chain(5), OLD)) as of:
        yield of


def look(folder: Path, served: Published, renewed: list[int]) -> following.LogLook:
    """Look as a witness that was given only the first key, restarted each time."""
    with opened(folder, "witness.example") as held:
        witness = Witness(held, [log_of(chain(5), OLD).vkey])
        return following.look(
            witness, RemoteLog(served.url), ORIGIN, lambda found: renewed.append(found.seq)
        )


def refused(folder: Path, served: Published) -> str:
    renewed: list[int] = []
    with pytest.raises(NotCosigned) as found:
        look(folder, served, renewed)
    assert (found.value.reason, renewed) == ("unknown-key", [])
    assert f"--key '{ORIGIN}+…'" in str(found.value)
    return str(found.value)


def test_the_line_of_keys_on_the_record_is_followed(served: Published, tmp_path: Path) -> None:
    folder, renewed = tmp_path / "w", list[int]()
    assert look(folder, served, renewed).is_new
    rows = chain(9, bodies={7: handed_over(OLD, NEW)})
    served.log = log_of(rows, NEW)
    served.successions = told(rows, served.log, 7)
    assert look(folder, served, renewed) == following.LogLook(9, is_new=True)
    assert renewed == [7]
    longer = chain(12, bodies={7: handed_over(OLD, NEW)})
    served.log = log_of(longer, NEW)
    served.successions = told(longer, served.log, 7)
    assert look(folder, served, renewed).is_new, "after each start it follows again"
    bodies = {7: handed_over(OLD, NEW), 14: handed_over(NEW, NEWEST)}
    longest = chain(20, bodies=bodies)
    served.log = log_of(longest, NEWEST)
    served.successions = told(longest, served.log, 7, 14)
    assert look(tmp_path / "new", served, renewed).is_new, "it was given the first key alone"
    assert look(folder, served, renewed).is_new
    assert renewed == [7, 7, 14, 14]


def test_nothing_but_the_record_makes_a_key_known(served: Published, tmp_path: Path) -> None:
    folder = tmp_path / "w"
    look(folder, served, [])
    rows = chain(9, bodies={7: handed_over(OLD, NEW), 8: handed_over(THIEF, THIEF)})
    for key, says in ((NEW, "answers with status 404"), (THIEF, "answers with status 404")):
        served.log = log_of(rows, key)
        assert says in refused(folder, served)
    served.successions = told(rows, served.log, 7, 8)  # signed by a thief, not by a known key
    assert "does not say that a known key was replaced" in refused(folder, served)
    genuine = told(rows, log_of(rows, NEW), 7)
    served.log = log_of(rows, NEW)
    for changed, says in (
        ({"format": "x"}, "cannot be read"),
        ({"successions": "x"}, "cannot be read"),
        ({"successions": []}, "does not say that a known key"),
        ({"successions": ["x"]}, "not a readable signed document"),
        ({"successions": told(rows, served.log, 3)["successions"]}, "not the succession of a key"),
        ({"successions": told(rows, served.log, 8)["successions"]}, "does not say that a known"),
    ):
        served.successions = genuine | changed
        assert says in refused(folder, served)
    off_record = json.loads(json.dumps(genuine))
    body = json.dumps(handed_over(OLD, THIEF)[1])
    off_record["successions"][0]["entry"]["body"] = body
    served.successions = off_record
    assert "does not lead from the entry to the checkpoint" in refused(folder, served)
    served.successions = told(rows[:8], log_of(rows[:8], NEW), 7)
    with pytest.raises(LogUnreachable, match="grew while we read it"):
        look(folder, served, [])
    served.successions = genuine
    assert look(folder, served, []).is_new


def test_another_history_under_a_renewed_key_is_still_a_fork(
    served: Published, tmp_path: Path
) -> None:
    folder = tmp_path / "w"
    look(folder, served, [])
    rows = chain(9, bodies={2: ("x", {}), 7: handed_over(OLD, NEW)})
    served.log = log_of(rows, NEW)
    served.successions = told(rows, served.log, 7)
    with pytest.raises(ForkFound) as found:
        look(folder, served, [])
    given = ["--fork", str(found.value.evidence), "--key"]
    for key in (OLD, NEW):
        assert verify.main([*given, signing.fingerprint(key.public_key())]) == 3


def test_the_command_says_so(
    served: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--follow", served.url, "--key", str(served.log.vkey), "--state", str(tmp_path / "w")]
    assert command.main([*given, "--once"]) == 0
    rows = chain(9, bodies={7: handed_over(OLD, NEW)})
    served.log = log_of(rows, NEW)
    assert command.main([*given, "--once"]) == 1
    assert f"run this witness again with it too, after the others: --key '{ORIGIN}+…'" in (
        capsys.readouterr().err
    )
    served.successions = told(rows, served.log, 7)
    assert command.main([*given, "--once"]) == 0
    said = capsys.readouterr().out
    assert f"THE KEY OF {ORIGIN} WAS RENEWED: at entry 7 of its record" in said
    assert f"{served.log.vkey}. This witness now accepts the new key." in said
