"""After random histories with erasures, checkpoints, proofs and receipts still verify."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from hemicycle.before.registration import queries
from hemicycle.hearing.setup import checkpointing
from hemicycle.record import erasure, keys, receipts
from hemicycle.record.log import checkpoints, merkle, notes, store
from hemicycle.record.models import Checkpoint, Entry, Head
from tests.record.log.test_checkpoints import WITNESS_KEY, cosign

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World


@pytest.mark.parametrize("seed", range(4))
def test_erasing_people_changes_nothing_that_was_signed(world: World, seed: int) -> None:
    chance = random.Random(seed)
    living: list[Registration] = []
    kept: list[str] = []
    for number in range(14):
        act = chance.choice(("mission", "ngo", "erase", "checkpoint", "cosign"))
        if act == "mission":
            living.append(world.mission(f"State {number}", 0))
        elif act == "ngo":
            living.append(world.ngo(f"Body {number}", 0, question="Who pays?"))
        elif act == "erase" and living:
            person = living.pop(chance.randrange(len(living))).person_id
            erasure.erase(hearing=world.hearing.id, person=person, actor=world.office)
        elif act == "checkpoint":
            world.clock.advance(10_000)
            checkpointing.make_due()
        else:
            _cosign_last(world)
        kept += [_receipt(world, row) for row in living[-1:]]
    _check(world, kept)


def _cosign_last(world: World) -> None:
    last = checkpoints.latest(world.hearing.id)
    if last is not None and not last.cosignatures.exists():
        cosign(last)


def _receipt(world: World, row: Registration) -> str:
    entry = Entry.objects.get(hearing=world.hearing.id, seq=row.arrival)
    return receipts.spelled(queries.signed_receipt(entry))


def _check(world: World, kept: list[str]) -> None:
    """Check that all that was signed still verifies, whether its people are erased or not."""
    world.clock.advance(10_000)
    checkpointing.make_due()
    hearing = world.hearing.id
    made = list(Checkpoint.objects.filter(hearing=hearing).order_by("size"))
    leaves = store.leaves(hearing, 0, Head.objects.get(hearing=hearing).seq)
    tree = merkle.Tree(leaves)
    for checkpoint in made:
        assert checkpoint.root == tree.root(checkpoint.size).hex()
        notes.check(checkpoints.note_of(checkpoint), checkpoints.key_of(checkpoint))
    for old, new in pairwise(made):
        path = checkpoints.consistency(hearing, old.size, new.size)
        merkle.check_consistency(
            old.size, bytes.fromhex(old.root), new.size, bytes.fromhex(new.root), path
        )
    for text in kept:
        checked = receipts.check(text, {keys.fingerprint()}, [WITNESS_KEY])
        assert checked.hash == leaves[checked.content.seq - 1].hex()
    for checked in (receipts.check(text, None) for text in kept):
        entry = Entry.objects.get(hearing=hearing, seq=checked.content.seq)
        renewed = receipts.spelled(queries.signed_receipt(entry))
        assert receipts.check(renewed, {keys.fingerprint()}).proved is not None
