"""Which changes are noticed when an attacker with the database and the key rewrites a hearing.

Two histories of one hearing are written with its genuine key, each in a transaction that is rolled
back, as on a copied database. SECURITY.md explains the results.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.test import Client

from hemicycle.before.registration import queries
from hemicycle.hearing.setup import checkpointing
from hemicycle.record import clock, keys, receipts, verify
from hemicycle.record.log import checkpoints
from hemicycle.record.log.remote import RemoteLog
from hemicycle.record.models import Entry
from hemicycle.record.witness import following
from hemicycle.record.witness.judging import ForkFound, Witness
from hemicycle.record.witness.listening import WitnessListener
from hemicycle.record.witness.state import opened
from tests.record.witness.witnessing import Published, WrittenLog, published

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World


@dataclass
class Branch:
    """A history: its log with the genuine key, and the files of it that people keep."""

    log: WrittenLog
    receipt: Path
    chain: Path
    checkpoint: Path


@pytest.fixture
def write(world: World, client: Client, tmp_path: Path) -> Callable[..., Branch]:
    """Write a history in which `name` registers first, and roll it back."""

    def write(name: str, more: int = 0) -> Branch:
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        with transaction.atomic():
            branch = _branch(world, client, folder, world.ngo(name, 0), more)
            transaction.set_rollback(True)
        return branch

    return write


def _branch(world: World, client: Client, folder: Path, row: Registration, more: int) -> Branch:
    for number in range(more):
        world.ngo(f"{row.organization.name} {number}", 0)
    made = checkpoints.make(world.hearing.id, checkpointing.origin(world.hearing))
    assert made is not None
    entries = Entry.objects.filter(hearing=world.hearing.id).order_by("seq")
    leaves = [bytes.fromhex(hash) for hash in entries.values_list("hash", flat=True)]
    log = WrittenLog(keys.signing_key(), made.origin, leaves)
    (chain := folder / "chain.json").write_bytes(
        client.get(f"/h/{world.hearing.slug}/chain.json").content
    )
    (checkpoint := folder / "checkpoint").write_text(str(checkpoints.note_of(made)))
    assert log.checkpoint() == checkpoint.read_text()
    entry = Entry.objects.get(hearing=world.hearing.id, seq=row.arrival)
    (receipt := folder / "receipt.json").write_text(receipts.spelled(queries.signed_receipt(entry)))
    return Branch(log, receipt, chain, checkpoint)


@pytest.fixture
def served() -> Iterator[Published]:
    with published(WrittenLog()) as of:
        yield of


def look(folder: Path, served: Published, branch: Branch) -> following.LogLook:
    served.log = branch.log
    with opened(folder) as held:
        witness = Witness(held, [branch.log.vkey], lambda: clock.now_ms() / 1000)
        return following.look(witness, RemoteLog(served.url), branch.log.origin)


def proved(*files: Path) -> int:
    return verify.main(["--fork", *map(str, files), "--key", keys.fingerprint()])


def test_every_witness_refuses_a_fork_at_the_next_checkpoint(
    write: Callable[..., Branch], served: Published, tmp_path: Path
) -> None:
    one, other = write("River Watch"), write("Somebody Else", more=2)
    assert look(tmp_path / "follows", served, one).is_new
    with pytest.raises(ForkFound) as found:
        look(tmp_path / "follows", served, other)
    assert proved(found.value.evidence) == 1
    with opened(tmp_path / "is-asked") as held:
        witness = Witness(held, [one.log.vkey], lambda: clock.now_ms() / 1000)
        asked = WitnessListener(witness, lambda said: None)
        size = len(one.log.leaves)
        first = f"old 0\n\n{one.checkpoint.read_text()}".encode()
        assert asked.add_checkpoint(first).status == 200
        proof = other.log.tree.consistency(size)
        lines = "\n".join([f"old {size}", *(base64.b64encode(hash).decode() for hash in proof)])
        forked = f"{lines}\n\n{other.checkpoint.read_text()}".encode()
        assert asked.add_checkpoint(forked).status in {409, 422}


def test_receipts_of_the_two_branches_prove_the_fraud_offline(
    write: Callable[..., Branch],
) -> None:
    one, other = write("River Watch"), write("Somebody Else")
    assert proved(one.receipt, other.receipt) == 1
    assert proved(one.receipt, other.chain) == 1
    assert proved(one.chain, other.chain) == 1
    assert proved(one.receipt, one.chain) == 0
    key = str(one.log.vkey)
    both = ["--fork", str(one.checkpoint), str(other.checkpoint)]
    assert verify.main([*both, "--key", key]) == 1
    assert verify.main(["--fork", str(one.checkpoint), str(other.receipt), "--key", key]) == 1


def test_what_no_witness_had_seen_is_rewritten_unseen_by_witnesses(
    world: World, write: Callable[..., Branch], served: Published, tmp_path: Path
) -> None:
    """Only a receipt shows that entries after the last cosigned checkpoint have changed."""
    world.ngo("Seen By All", 0)
    with transaction.atomic():
        made = checkpoints.make(world.hearing.id, checkpointing.origin(world.hearing))
        assert made is not None
        transaction.set_rollback(True)
    one, other = write("River Watch"), write("Somebody Else")
    before = one.log.forked(made.size)
    served.log = before
    folder = tmp_path / "follows"
    look(folder, served, Branch(before, one.receipt, one.chain, one.checkpoint))
    assert look(folder, served, other).is_new  # it continues what the witness saw
    assert proved(one.receipt, other.chain) == 1


def test_a_witness_that_comes_late_vouches_for_nothing_before(
    write: Callable[..., Branch], served: Published, tmp_path: Path
) -> None:
    one, other = write("River Watch"), write("Somebody Else")
    assert look(tmp_path / "comes-late", served, other).is_new
    assert proved(one.receipt, other.receipt) == 1
    with pytest.raises(ForkFound):
        look(tmp_path / "comes-late", served, one)
