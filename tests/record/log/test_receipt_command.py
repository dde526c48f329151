"""`hemicycle verify --receipt` with proofs: offline, with witnesses, and with today's log."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.hearing.setup import checkpointing
from hemicycle.record import keys, portable, receipts, signing, verify
from hemicycle.record.chain import Content
from hemicycle.record.log import merkle, notes
from hemicycle.record.log.notes import COSIGNATURE, CheckpointText, SignedNote, VerifierKey
from hemicycle.record.models import Checkpoint, Entry
from tests.record.log.test_checkpoints import WITNESS_KEY, cosign
from tests.record.test_verify import chain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.lists import World
    from tests.support.site import Site

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
STRANGER = VerifierKey.of("other.example", KEY.public_key(), COSIGNATURE)
TRUSTED = ("--key", signing.fingerprint(KEY.public_key()))
ORIGIN = "hearing.example/h/water"


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    """A cosigned receipt for entry 3 of 5."""
    rows = chain(5)
    tree = merkle.Tree(bytes.fromhex(row["hash"]) for row in rows)
    text = str(CheckpointText(ORIGIN, 5, tree.root()))
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    signatures = (
        notes.sign(text, ORIGIN, KEY),
        notes.cosign(text, WITNESS_KEY.name, witness, 1_700_000_000),
    )
    made = receipts.proved_receipt(
        Content.of(rows[2]),
        rows[1]["hash"],
        SignedNote(text, signatures),
        tree.inclusion(2),
        signing.encoded(KEY.public_key()),
    )
    (path := tmp_path / "receipt.json").write_text(receipts.spelled(made))
    return path


def test_a_receipt_says_who_witnessed_it(receipt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(["--receipt", str(receipt), *TRUSTED]) == 0
    said = capsys.readouterr().out
    assert f"It is in the checkpoint of 5 entries of {ORIGIN}." in said
    assert f"The cosignature of {WITNESS_KEY.name} was not checked, because no key was" in said
    assert verify.main(["--receipt", str(receipt), *TRUSTED, "--witness", str(WITNESS_KEY)]) == 0
    said = capsys.readouterr().out
    assert f"Cosigned by {WITNESS_KEY.name}, 2023-11-14 22:13:20 UTC." in said
    assert "was not checked" not in said
    assert verify.main(["--receipt", str(receipt)]) == 3
    assert verify.main(["--receipt", str(receipt), "--key", "0" * 64]) == 1


def test_a_witness_that_was_asked_for_and_is_unknown_to_the_receipt_is_named(
    receipt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main(["--receipt", str(receipt), *TRUSTED, "--witness", str(STRANGER)]) == 1
    assert "other.example has not cosigned" in capsys.readouterr().err
    assert verify.main(["--receipt", str(receipt), *TRUSTED, "--witness", "x"]) == 1


def test_a_receipt_as_data(receipt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--witness", str(WITNESS_KEY)]
    assert verify.main(["--receipt", str(receipt), *TRUSTED, *options, "--json"]) == 0
    printed = capsys.readouterr().out
    assert verify.main(["--receipt", str(receipt), *TRUSTED, *options, "--format", "json"]) == 0
    assert capsys.readouterr().out == printed
    told = json.loads(printed)["checkpoint"]
    assert (told["origin"], told["size"], told["unknown"]) == (ORIGIN, 5, [])
    assert told["witnessed"] == [{"name": WITNESS_KEY.name, "at": 1_700_000_000}]


def test_the_one_file_checks_a_receipt_without_hemicycle(receipt: Path, tmp_path: Path) -> None:
    (file := tmp_path / "verify.pyz").write_bytes(portable.packed())
    command = [sys.executable, "-P", str(file), "--receipt", str(receipt), *TRUSTED]
    blind = (
        "import sys, runpy\n"
        "sys.path = [path for path in sys.path if '/src' not in path]\n"
        "sys.argv = sys.argv[1:]\n"
        "sys.path.insert(0, sys.argv[0])\n"
        "import hemicycle.record\n"
        "assert '.pyz' in hemicycle.record.__file__, hemicycle.record.__file__\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", blind, *command[2:]], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "It is in the checkpoint of 5 entries" in done.stdout


@pytest.mark.django_db(transaction=True)
def test_a_receipt_is_compared_with_the_log_of_today(
    world: World, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = world.ngo("River Watch", 0)
    checkpointing.make_due()
    entry = Entry.objects.get(hearing=row.hearing_id, seq=row.arrival)
    from hemicycle.before.registration import queries

    (path := tmp_path / "receipt.json").write_text(receipts.spelled(queries.signed_receipt(entry)))
    world.ngo("Forest Watch", 0)
    world.clock.advance(10_000)
    (made,) = checkpointing.make_due()
    cosign(made)
    log = f"{site.url}/h/{world.hearing.slug}/log"
    options = ["--receipt", str(path), "--key", keys.fingerprint(), "--log"]
    assert verify.main([*options, log]) == 0
    told = f"The log now has {made.size} entries and still begins with the same ones."
    assert told in capsys.readouterr().out
    assert verify.main([*options, "ftp://x/log"]) == 2
    assert verify.main([*options, f"{site.url}/h/nowhere/log"]) == 2
    _forge(path)
    assert verify.main([*options[:2], "--log", log]) == 1
    assert "has been changed" in capsys.readouterr().err


def _forge(path: Path) -> None:
    """Replace the receipt by one of another history of the log, signed with the genuine key."""
    document = json.loads(path.read_text())
    content = Content.of(document["entry"])
    tree = merkle.Tree([b"\1" * 32] * (content.seq - 1))
    before = "00" * 32
    from hemicycle.record.chain import link

    tree.add(bytes.fromhex(link(before, content.digest())))
    first = Checkpoint.objects.order_by("size").first()
    assert first is not None
    text = str(CheckpointText(first.origin, tree.size, tree.root()))
    note = SignedNote(text, (notes.sign(text, first.origin, keys.signing_key()),))
    made = receipts.proved_receipt(
        content, before, note, tree.inclusion(content.seq - 1), first.key
    )
    path.write_text(receipts.spelled(made))
