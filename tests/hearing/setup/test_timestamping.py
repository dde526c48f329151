"""Time stamps of checkpoints: requested from a real authority, retried, and checked offline."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, transaction

from hemicycle.before.registration import queries
from hemicycle.hearing.setup import checkpointing, timestamping
from hemicycle.hearing.setup.timestamping import EVERY_MS, Pause
from hemicycle.record import clock, keys, portable, receipts, verify, writer
from hemicycle.record.log import checkpoints
from hemicycle.record.models import Checkpoint, Entry, TimeStamp
from tests.support.timestamp_authority import Authority, needs_openssl, served

if TYPE_CHECKING:
    from django.test import Client

    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = needs_openssl


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


@dataclass
class Scene:
    """A hearing with a registration and a checkpoint, at the authority's real time."""

    world: World
    row: Registration
    authority: Authority
    settings: Any
    now: clock.Virtual

    def grow(self) -> None:
        """Add an entry to the record and make a checkpoint that covers it."""
        with writer.writing(self.world.hearing.id, actor=self.world.office) as record:
            record.append("record.begun", {"format": "x"})
        self.now.advance(checkpoints.EVERY_MS)
        assert checkpointing.make_due()

    def stamp(self) -> list[TimeStamp]:
        """Get the stamps that are due from the trusted authority."""
        with served(self.authority.answer) as self.settings.TIMESTAMP_URL:
            return timestamping.stamp_due(Pause())


@pytest.fixture
def scene(world: World, settings: Any, authority: Authority) -> Iterator[Scene]:
    settings.REACH_PRIVATE_NETWORKS = True
    settings.TIMESTAMP_CERTIFICATE = authority.certificate
    row = world.ngo("River Watch", 0)
    now = clock.Virtual(clock.wall())
    with clock.using(now):
        checkpointing.make_due()
        yield Scene(world, row, authority, settings, now)


def test_the_newest_checkpoint_is_stamped_once_a_minute_at_most(scene: Scene) -> None:
    [first] = scene.stamp()
    newest = Checkpoint.objects.get(hearing=scene.world.hearing.id)
    assert (first.size, first.root) == (newest.size, newest.root)
    assert first.authority == "CN=Time Authority One"
    assert scene.stamp() == []
    scene.grow()
    assert scene.stamp() == []
    scene.now.advance(EVERY_MS)
    [second] = scene.stamp()
    assert second.size > first.size


@pytest.mark.parametrize(
    "case", ["refuses", "garbage", "endless", "another", "late", "status", "away", "inside"]
)
def test_what_does_not_hold_is_not_kept_and_stops_no_checkpoint(
    scene: Scene, caplog: pytest.LogCaptureFixture, case: str, tmp_path: Path
) -> None:
    def answer(question: bytes) -> bytes:
        if case == "refuses":
            return b"\x30\x05\x30\x03\x02\x01\x02"
        if case == "another":
            return Authority(tmp_path / "other", name="Two").answer(question)
        if case == "late":
            return scene.authority.answer_with(question, hours=1)
        return b"x" * (70_000 if case == "endless" else 10)

    scene.settings.REACH_PRIVATE_NETWORKS = case != "inside"
    pause = Pause()
    with served(answer, 500 if case == "status" else 200) as address:
        url = scene.settings.TIMESTAMP_URL = "http://127.0.0.1:9/" if case == "away" else address
        for _time in range(2):  # the second attempt is skipped
            assert timestamping.stamp_due(pause) == []
            assert [text[:30] for text in caplog.messages] == [f"no time stamp from {url}"[:30]]
        scene.grow()  # checkpoints continue
    assert not TimeStamp.objects.exists()
    scene.settings.REACH_PRIVATE_NETWORKS = True
    assert len(scene.stamp()) == 1


def test_the_pause_grows_to_an_hour() -> None:
    pause, waits = Pause(), []
    for _time in range(9):
        pause.failed(1000)
        waits.append((pause.until - 1000) // 60_000)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_receipt_and_its_time_proof_are_checked_offline(
    scene: Scene, client: Client, tmp_path: Path
) -> None:
    seq = scene.row.inscriptions.get().seq
    hearing = scene.world.hearing
    address = f"/h/{hearing.slug}/log/timestamp/{seq}.json"
    assert client.get(address).status_code == 404
    scene.stamp()
    proof = client.get(address).content.decode()
    text = receipts.spelled(queries.signed_receipt(Entry.objects.get(hearing=hearing.id, seq=seq)))
    for page in (
        client.post("/receipts/", {"text": text}),
        client.get(f"/h/{hearing.slug}/chain/"),
    ):
        assert "by CN=Time Authority One" in page.content.decode()
    (tmp_path / "receipt.json").write_text(text)
    (tmp_path / "time.json").write_text(proof)
    (tmp_path / "moved.json").write_text(json.dumps({**json.loads(proof), "entry": seq - 1}))
    other = Authority(tmp_path / "other", name="Two")
    key = ["--key", keys.fingerprint(), "--receipt", str(tmp_path / "receipt.json")]
    tsa = ["--tsa", str(scene.authority.certificate)]
    for time_proof, trusted, status in (
        ("time.json", tsa, 0),
        ("time.json", ["--tsa", str(other.certificate)], 1),
        ("time.json", ["--tsa", str(tmp_path / "receipt.json")], 2),
        ("time.json", [], 2),
        ("moved.json", tsa, 1),
        ("receipt.json", tsa, 1),
    ):
        given = [*key, "--timestamp", str(tmp_path / time_proof), *trusted]
        assert verify.main(given) == status, (time_proof, trusted)
    program = tmp_path / "verify.pyz"
    program.write_bytes(portable.packed())
    command = [sys.executable, str(program), *key, "--timestamp", str(tmp_path / "time.json"), *tsa]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert "UTC, according to CN=Time Authority One." in done.stdout


def test_the_database_keeps_time_stamps(scene: Scene) -> None:
    scene.stamp()
    with pytest.raises(DatabaseError), transaction.atomic():
        TimeStamp.objects.update(at=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        TimeStamp.objects.all().delete()
    assert TimeStamp.objects.get().at > 0
