"""When checkpoints are due: regularly while entries come, and at once around a meeting."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from hemicycle.hearing.setup import checkpointing
from hemicycle.procedure import commands as c
from hemicycle.record import clock, keys, writer
from hemicycle.record.log import merkle, notes, proofs, tiles
from hemicycle.record.models import Checkpoint, Entry, Head

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World


def _sizes(world: World) -> list[int]:
    found = Checkpoint.objects.filter(hearing=world.hearing.id).order_by("size")
    return list(found.values_list("size", flat=True))


def _seq(world: World) -> int:
    return Head.objects.get(hearing=world.hearing.id).seq


def _append(world: World, count: int = 1) -> None:
    with writer.writing(world.hearing.id, actor=world.office) as record:
        for _number in range(count):
            record.append("record.begun", {"format": "x"})


def test_a_checkpoint_comes_every_ten_seconds_while_entries_come(world: World) -> None:
    checkpointing.make_due()
    first = _sizes(world)
    assert first == [_seq(world)]
    _append(world)
    world.clock.advance(9_999)
    assert checkpointing.make_due() == []
    world.clock.advance(1)
    checkpointing.make_due()
    assert _sizes(world) == [*first, _seq(world)]
    world.clock.advance(60_000)
    assert checkpointing.make_due() == []


def test_a_checkpoint_comes_at_once_when_a_meeting_is_opened_and_closed(world: World) -> None:
    checkpointing.make_due()
    world.press(c.OpenMeeting(world.panels[0].meeting_id.hex))
    assert [made.size for made in checkpointing.make_due()] == [_seq(world)]
    _append(world)
    assert checkpointing.make_due() == []
    world.press(c.CloseMeeting())
    assert [made.size for made in checkpointing.make_due()] == [_seq(world)]


def test_a_clock_that_was_an_hour_fast_holds_up_no_checkpoint(world: World) -> None:
    with clock.using(lambda: world.clock() + 3_600_000):
        checkpointing.make_due()
    _append(world)
    assert [made.size for made in checkpointing.make_due()] == [_seq(world)]


def test_a_changed_history_is_told_to_whoever_runs_the_server(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    checkpointing.make_due()
    Head.objects.filter(hearing=world.hearing.id).delete()
    Entry.objects.filter(hearing=world.hearing.id).delete()
    writer.begin(world.hearing.id)
    _append(world, 500)
    world.clock.advance(20_000)
    with caplog.at_level(logging.CRITICAL):
        assert checkpointing.make_due() == []
    assert "no checkpoint is signed" in caplog.text


def test_whoever_follows_the_addresses_checks_the_whole_record(
    world: World, client: Client
) -> None:
    base = f"/h/{world.hearing.slug}/log"
    assert client.get(f"{base}/checkpoint").status_code == 404
    checkpointing.make_due()
    old = _checkpoint(client, base)
    _append(world, 600)
    world.clock.advance(10_000)
    checkpointing.make_due()
    new = _checkpoint(client, base)
    leaves = [leaf for number in range(3) for leaf in _entries(client, base, number, new.size)]
    assert [leaf.hex() for leaf in leaves] == list(
        Entry.objects.filter(hearing=world.hearing.id)
        .order_by("seq")
        .values_list("hash", flat=True)
    )
    assert merkle.Tree(leaves).root() == new.root
    read = tiles.reader(lambda level, number: _tile(client, base, level, number, new.size))
    merkle.check_consistency(
        old.size, old.root, new.size, new.root, merkle.consistency(read, old.size, new.size)
    )
    told = client.get(f"{base}/consistency/{old.size}-{new.size}.json").json()
    assert told["path"] == proofs.spelled(merkle.consistency(read, old.size, new.size))


def _checkpoint(client: Client, base: str) -> notes.CheckpointText:
    answer = client.get(f"{base}/checkpoint")
    assert answer["Cache-Control"] == "no-cache"
    note = notes.SignedNote.parse(answer.content.decode())
    key = notes.VerifierKey.parse(client.get(f"{base}/key").content.decode())
    notes.check(note, key)
    assert key.name == settings.BASE_URL.partition("://")[2].rstrip("/") + base.removesuffix("/log")
    return notes.CheckpointText.parse(note.text)


def _fetch(client: Client, base: str, path: tiles.TilePath) -> bytes:
    answer = client.get(f"{base}/tile/{path}")
    assert answer.status_code == 200, path
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    return answer.content


def _entries(client: Client, base: str, number: int, size: int) -> list[bytes]:
    width = tiles.width_at(0, number, size)
    return tiles.unbundle(_fetch(client, base, tiles.TilePath(None, number, width)), width)


def _tile(client: Client, base: str, level: int, number: int, size: int) -> list[bytes]:
    width = tiles.width_at(level, number, size)
    return tiles.split(_fetch(client, base, tiles.TilePath(level, number, width)), width)


@pytest.mark.any_database
def test_what_is_not_there_is_not_found(world: World, client: Client) -> None:
    base = f"/h/{world.hearing.slug}/log"
    checkpointing.make_due()
    size = _sizes(world)[0]
    for path in (
        "tile/0/000",
        f"tile/0/000.p/{size + 1}",
        "tile/1/000",
        "tile/0/x999/x999/x999/999",
        "tile/9/000",
        "tile/../checkpoint",
        f"inclusion/{size + 1}.json",
        "inclusion/0.json",
        f"inclusion/{10**30}.json",
        f"consistency/0-{size}.json",
        f"consistency/{size}-{size + 1}.json",
        f"consistency/{size}-1.json",
    ):
        assert client.get(f"{base}/{path}").status_code == 404, path
    assert client.get(f"{base}/tile/0/000.p/{size}").status_code == 200


def test_the_proof_of_an_entry_is_the_one_that_receipts_carry(world: World, client: Client) -> None:
    checkpointing.make_due()
    told = client.get(f"/h/{world.hearing.slug}/log/inclusion/2.json").json()
    entry = Entry.objects.get(hearing=world.hearing.id, seq=2)
    proved = proofs.check(told["proof"], seq=2, hash=told["hash"], at=entry.at)
    assert told["hash"] == entry.hash
    assert proved.signer == keys.fingerprint()


@pytest.mark.any_database
def test_the_page_of_an_entry_leads_to_its_proof_and_shows_nothing_of_it(
    world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0)
    url = f"/h/{world.hearing.slug}/log/entry/{row.arrival}/"
    assert "There is none yet." in client.get(url).content.decode()
    (made,) = checkpointing.make_due()
    page = client.get(url).content.decode()
    entry = Entry.objects.get(hearing=world.hearing.id, seq=row.arrival)
    assert entry.hash in page
    assert f'/log/inclusion/{row.arrival}.json"' in page
    assert f"{made.size} entries, signed" in page
    assert entry.kind not in page
    assert row.id.hex not in page
    assert client.get(f"/h/{world.hearing.slug}/log/entry/{10**30}/").status_code == 404
