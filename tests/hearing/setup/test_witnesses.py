"""The witnesses of a hearing: named, asked, accepted and shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from hemicycle.hearing.setup import (
    actions,
    checkpointing,
    document_mapping,
    feeding,
    toml_io,
    witnesses,
)
from hemicycle.hearing.setup.models import Hearing, WitnessContact
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.record import clock, keys
from hemicycle.record.log import checkpoints, cosigning, notes
from hemicycle.record.log.cosigning import CosignatureRefused
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.models import Checkpoint, Cosignature, Entry
from hemicycle.record.witness.judging import Witness
from hemicycle.record.witness.listening import WitnessListener, serve
from hemicycle.record.witness.state import opened
from tests.support.altered import altered_bytes
from tests.support.threaded import in_thread

if TYPE_CHECKING:
    from tests.support.lists import World

SLUG = "/h/2021-trafficking"
HAND_IN = f"{SLUG}/log/cosignatures"


@dataclass
class Key:
    """A witness's key that the test controls."""

    name: str = "witness.example"

    def __post_init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()

    @property
    def vkey(self) -> str:
        return str(VerifierKey.of(self.name, self.key.public_key(), notes.COSIGNATURE))

    def cosigned(self, note: SignedNote, at: int | None = None) -> str:
        at = clock.now_ms() // 1000 if at is None else at
        return str(note.with_signatures([notes.cosign(note.text, self.name, self.key, at)]))


def name(world: World, *rows: dict[str, str], asked: int = 0) -> list[str]:
    """Name witnesses of the hearing; return what the change returns."""
    data = document_mapping.to_document(actions.whole(world.hearing.id))
    data = {**data, "witnesses": list(rows), "witnesses_asked": asked}
    return actions.change(hearing=fresh(world), data=data, actor=world.office)


def fresh(world: World) -> Hearing:
    return Hearing.objects.get(pk=world.hearing.pk)


def row(key: Key, url: str = "", label: str = "The Example Times") -> dict[str, str]:
    return {"name": label, "vkey": key.vkey, "url": url}


def checkpoint(world: World) -> Checkpoint:
    made = checkpoints.make(world.hearing.id, checkpointing.origin(world.hearing))
    assert made is not None
    return made


# ── Naming them ───────────────────────────────────────────────────────────────────────────────


def test_witnesses_are_named_in_the_file_and_on_the_record(world: World) -> None:
    key = Key()
    assert set(name(world, row(key), asked=1)) == {"witnesses", "witnesses_asked"}
    entry = Entry.objects.filter(hearing=world.hearing.id).latest("seq")
    assert (entry.kind, entry.fields()["asked"]) == ("witnesses.named", 1)
    assert key.vkey not in entry.body
    data = document_mapping.to_document(actions.whole(world.hearing.id))
    assert toml_io.loads(toml_io.dumps(data)) == data
    assert witnesses.named(fresh(world)) == [
        witnesses.NamedWitness("The Example Times", key.vkey, "")
    ]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"vkey": "hello"}, "This is not the key of a witness"),
        ({"name": ""}, "must not be empty"),
        ({"url": "ftp://witness.example"}, "not a web address"),
        ({"url": "https://10.0.0.1"}, "private network"),
    ],
)
def test_a_witness_that_cannot_be_is_refused(
    world: World, changes: dict[str, str], says: str
) -> None:
    with pytest.raises(InvalidDocument, match=says):
        name(world, {**row(Key()), **changes})


def test_a_log_is_no_witness_and_none_counts_twice(world: World) -> None:
    log_key = str(VerifierKey.of("hearing.example", keys.signing_key().public_key()))
    key = Key()
    for rows, asked, says in (
        ([{**row(key), "vkey": log_key}], 0, "not the key of a witness"),
        ([row(key), row(key, label="Another")], 0, "twice"),
        ([row(key)], 2, "Witnesses required: 2. Witnesses named: 1"),
    ):
        with pytest.raises(InvalidDocument, match=says):
            name(world, *rows, asked=asked)


# ── Handing in ────────────────────────────────────────────────────────────────────────────────


def hand_in(client: Client, text: str | bytes) -> tuple[int, str]:
    answer = client.post(HAND_IN, text, content_type="text/plain")
    return answer.status_code, answer.content.decode()


def test_the_cosignature_of_a_known_witness_is_kept_and_shown(world: World, client: Client) -> None:
    key = Key()
    name(world, row(key), asked=1)
    made = checkpoint(world)
    text = key.cosigned(checkpoints.note_of(made))
    for _again in range(2):
        assert hand_in(client, text) == (200, "Accepted: witness.example.\n")
    kept = Cosignature.objects.get()
    assert (kept.checkpoint, kept.name) == (made, "witness.example")
    shown = SignedNote.parse(client.get(f"{SLUG}/log/checkpoint").content.decode())
    assert notes.check_cosignature(shown, VerifierKey.parse(key.vkey)) == kept.timestamp
    state = witnesses.state(fresh(world))
    assert (state.count, state.is_enough, state.standings[0].size) == (1, True, made.size)
    assert witnesses.state(fresh(world), made.size + 1).count == 0


def test_nothing_else_is_kept(world: World, client: Client) -> None:
    key, unknown = Key(), Key("unknown.example")
    name(world, row(key))
    note = checkpoints.note_of(checkpoint(world))
    now = clock.now_ms() // 1000
    pretended = Key()  # the same name with another key
    good = SignedNote.parse(key.cosigned(note)).signatures[-1]
    broken = notes.NoteSignature(good.name, good.key_id, altered_bytes(good.bytes))
    other = SignedNote(note.text.replace("2021-trafficking", "other"), note.signatures)
    for text, status, says in (
        (unknown.cosigned(note), 403, "No witness of this hearing"),
        (pretended.cosigned(note), 403, "No witness of this hearing"),
        (str(note), 403, "No witness of this hearing"),
        (str(note.with_signatures([broken])), 403, "does not belong"),
        (key.cosigned(note, now - 3600), 422, "3600 seconds slow"),
        (key.cosigned(note, now + 3600), 422, "3600 seconds fast"),
        (key.cosigned(other), 404, "no such checkpoint"),
        ("hello", 400, "not a readable signed note"),
        (b"\xff", 400, "not UTF-8 text"),
        ("x" * 17_000, 413, "16384"),
    ):
        got = hand_in(client, text)
        assert (got[0], says in got[1]) == (status, True), got
    assert client.get(HAND_IN).status_code == 405
    assert not Cosignature.objects.exists()


def test_another_history_that_our_key_signed_is_cried_out(
    world: World, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    key = Key()
    name(world, row(key))
    made = checkpoint(world)
    text = str(CheckpointText(made.origin, made.size, b"x" * 32))
    forged = SignedNote(text, (notes.sign(text, made.origin, keys.signing_key()),))
    assert hand_in(client, key.cosigned(forged))[0] == 409
    assert "another history was signed with this key" in caplog.text


# ── Asking them ───────────────────────────────────────────────────────────────────────────────


@dataclass
class Asked:
    """One of our own witnesses, which listens for requests."""

    url: str
    vkey: str
    said: list[str]


@contextmanager
def listening(folder: Path, log: VerifierKey) -> Iterator[Asked]:
    said: list[str] = []
    here = copy_context()  # the server's threads use the hearing's clock
    with opened(folder, "asked.example") as held:
        witness = Witness(held, [log], lambda: here.run(clock.now_ms) / 1000)
        with in_thread(serve(WitnessListener(witness, said.append), "127.0.0.1", 0)) as server:
            yield Asked(f"http://127.0.0.1:{server.server_address[1]}", str(witness.key), said)


@pytest.fixture
def inside(settings: Any) -> None:
    settings.REACH_PRIVATE_NETWORKS = True
    settings.DEBUG = True


def log_key(world: World) -> VerifierKey:
    return checkpoints.verifier_key(world.hearing.id, checkpointing.origin(world.hearing))


def feed() -> None:
    asyncio.run(feeding.feed_all())


async def send(url: str, body: bytes) -> feeding.WitnessAnswer:
    async with feeding.session() as through:
        return await feeding.post(through, url, body)


def contact() -> tuple[str, int]:
    found = WitnessContact.objects.get()
    return found.problem, found.attempts


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("inside")
def test_each_new_checkpoint_is_handed_out(world: World, tmp_path: Path) -> None:
    with listening(tmp_path / "witness", log_key(world)) as asked:
        name(world, {"name": "Asked", "vkey": asked.vkey, "url": asked.url}, asked=1)
        sizes = []
        for _round in range(3):
            sizes.append(checkpoint(world).size)
            feed()
            world.ngo("River Watch", 0)
        assert asked.said == [f"Cosigned {log_key(world).name} at entry {size}." for size in sizes]
        assert feeding.due() == []
        assert contact() == ("", 0)
        state = witnesses.state(fresh(world))
        assert (state.count, state.standings[0].size) == (1, sizes[-1])
        checkpoint(world)
        (lost,) = feeding.due()  # the witness cosigns, but its answer is lost
        assert asyncio.run(send(asked.url, feeding.body(lost, lost.old))).status == 200
        feed()
        assert contact() == ("", 0)
        assert asked.said[-1].startswith("Cosigned")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("inside")
def test_a_witness_that_forgot_is_named_and_not_asked_again(world: World, tmp_path: Path) -> None:
    own = tmp_path / "witness"
    with listening(own, log_key(world)) as asked:
        name(world, {"name": "Asked", "vkey": asked.vkey, "url": asked.url})
        checkpoint(world)
        feed()
        backup = (own / "state.json").read_text()
        world.ngo("River Watch", 0)
        checkpoint(world)
        feed()
    (own / "state.json").write_text(backup)
    world.ngo("River Watch", 1)
    checkpoint(world)
    with listening(own, log_key(world)) as again:
        WitnessContact.objects.all().delete()
        data = {"name": "Asked", "vkey": again.vkey, "url": again.url}
        name(world, data)
        feed()
        assert contact() == ("forgot", 1)
        assert feeding.due() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("inside")
def test_what_is_wrong_with_a_witness_is_kept(world: World, tmp_path: Path) -> None:
    key = Key()
    checkpoint(world)
    stranger = VerifierKey.of("elsewhere.example", keys.signing_key().public_key())
    with listening(tmp_path / "witness", stranger) as asked:
        for vkey, url, problem in (
            (asked.vkey, asked.url, "log"),
            (key.vkey, "http://127.0.0.1:9", "unreachable"),
        ):
            name(world, {"name": "Asked", "vkey": vkey, "url": url})
            feed()
            assert contact() == (problem, 1)
            assert feeding.due() == []  # the next attempt is later
            WitnessContact.objects.all().delete()


def test_an_address_inside_is_never_asked(world: World, settings: Any) -> None:
    settings.REACH_PRIVATE_NETWORKS = settings.DEBUG = False

    assert asyncio.run(send("http://127.0.0.1:9", b"")).problem == "forbidden"


def test_a_witness_that_signs_with_another_key_is_refused(world: World) -> None:
    key, other = Key(), Key()
    name(world, row(key, "https://witness.example"))
    checkpoint(world)
    (feed,) = feeding.due()
    line = str(notes.cosign(str(checkpoints.text_of(feed.checkpoint)), other.name, other.key, 1))
    for body, problem in (
        (line.encode(), "signature"),
        (b"hello", "refused"),
        (b"\xff", "refused"),
    ):
        answer = feeding.WitnessAnswer(200, body)
        assert feeding.judge(feed, 0, answer) == problem
    hour_ago = clock.now_ms() // 1000 - 3600
    late = str(notes.cosign(str(checkpoints.text_of(feed.checkpoint)), key.name, key.key, hour_ago))
    assert feeding.judge(feed, 0, feeding.WitnessAnswer(200, late.encode())) == "clock"
    for status, content_type, body, result in (
        (409, feeding.SIZE, b"3\n", 3),
        (409, feeding.SIZE, b"0\n", "history"),
        (409, feeding.SIZE, b"99999\n", "history"),
        (409, feeding.SIZE, b"three\n", "refused"),
        (409, "text/plain", b"x", "history"),
        (422, "text/plain", b"x", "history"),
        (403, "text/plain", b"x", "key"),
        (503, "text/plain", b"x", "refused"),
    ):
        assert feeding.judge(feed, 0, feeding.WitnessAnswer(status, body, content_type)) == result
    assert not Cosignature.objects.exists()


def test_a_refusal_names_its_reason(world: World) -> None:
    with pytest.raises(CosignatureRefused) as refused:
        cosigning.take(world.hearing.id, "hello", [])
    assert refused.value.reason == "malformed"
