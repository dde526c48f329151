"""A third-party witness accepts our checkpoints and refuses a changed history."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from hemicycle.hearing.setup import actions, checkpointing, document_mapping, feeding, witnesses
from hemicycle.hearing.setup.models import Hearing, WitnessContact
from hemicycle.record.log import checkpoints
from hemicycle.record.models import Checkpoint
from tests.hearing.setup import witness_peers
from tests.support.lists import reference_world

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> Iterator[World]:
    """Yield a hearing on the real clock, which a third-party program uses too."""
    # The virtual clock begins at noon, twelve days before the hearing: here, in the past.
    with reference_world(datetime.now(UTC).date() + timedelta(days=11)) as world:
        world.clock.move_to(round(time.time() * 1000))
        yield world


@pytest.fixture(autouse=True)
def inside(settings: Any) -> None:
    settings.REACH_PRIVATE_NETWORKS = settings.DEBUG = True


def test_a_witness_of_somebody_elses_cosigns_and_refuses(world: World, tmp_path: Path) -> None:
    log = checkpoints.verifier_key(world.hearing.id, checkpointing.origin(world.hearing))
    with witness_peers.aics(tmp_path, log) as running:
        _name(world, running)
        sizes = [_fed(world)]
        world.ngo("River Watch", 0)
        with transaction.atomic():  # in a copy of the database, another history is written
            world.ngo("Somebody Else", 0)
            forged = checkpoints.make(world.hearing.id, checkpointing.origin(world.hearing))
            assert forged is not None
            (feed,) = feeding.due()
            sent = feeding.body(feed, feed.old)
            transaction.set_rollback(True)
        sizes.append(_fed(world))
        state = witnesses.state(Hearing.objects.get(pk=world.hearing.pk))
        assert (state.count, state.standings[0].size) == (1, sizes[-1])
        answer = asyncio.run(_send(running.url, sent))
        assert answer.status in {409, 422}
        feed = feeding.Feed(feed.hearing, feed.witness, forged, sizes[-1])
        assert feeding.judge(feed, sizes[-1], answer) != ""


def _name(world: World, peer: witness_peers.Peer) -> None:
    data = document_mapping.to_document(actions.whole(world.hearing.id))
    row = {"name": "Peer", "vkey": peer.vkey, "url": peer.url}
    hearing = Hearing.objects.get(pk=world.hearing.pk)
    actions.change(hearing=hearing, data={**data, "witnesses": [row]}, actor=world.office)


def _fed(world: World) -> int:
    world.clock.move_to(round(time.time() * 1000))  # the peer may have been slow to start
    made = checkpoints.make(world.hearing.id, checkpointing.origin(world.hearing))
    assert made is not None
    asyncio.run(feeding.feed_all())
    assert WitnessContact.objects.get().problem == ""
    assert Checkpoint.objects.filter(pk=made.pk, cosignatures__isnull=False).exists()
    return made.size


async def _send(url: str, sent: bytes) -> feeding.WitnessAnswer:
    async with feeding.session() as through:
        return await feeding.post(through, url, sent)
