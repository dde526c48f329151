"""Checkpoints over real records: their validity, their continuation of the last, and their cost."""

import json
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record import keys, receipts, signing, writer
from hemicycle.record.chain import Content
from hemicycle.record.log import checkpoints, merkle, notes, store
from hemicycle.record.log.notes import COSIGNATURE, SignedNote, VerifierKey
from hemicycle.record.models import Checkpoint, Cosignature, Entry, Head, LogTile
from hemicycle.record.signing import InvalidProof
from hemicycle.record.writer import Actor
from tests.support.examples import examples

pytestmark = [pytest.mark.postgresql("transactions"), pytest.mark.django_db]

NAME = "hearing.example/h/water"
OFFICE = Actor("c" * 32, "secretariat")
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS_KEY = VerifierKey.of("witness.example/w1", WITNESS.public_key(), COSIGNATURE)


def _begin() -> UUID:
    hearing = uuid4()
    writer.begin(hearing)
    return hearing


def _append(hearing: UUID, count: int) -> None:
    with writer.writing(hearing, actor=OFFICE) as record:
        for _number in range(count):
            record.append("record.begun", {"format": "x"})


def _made(hearing: UUID) -> Checkpoint:
    made = checkpoints.make(hearing, NAME)
    assert made is not None
    return made


def cosign(checkpoint: Checkpoint, at: int | None = None) -> None:
    """Let a witness sign a checkpoint."""
    at = checkpoint.at // 1000 if at is None else at
    text = str(checkpoints.text_of(checkpoint))
    signature = notes.cosign(text, WITNESS_KEY.name, WITNESS, at)
    Cosignature.objects.create(
        checkpoint=checkpoint,
        name=signature.name,
        key_hash=signature.key_id.hex(),
        timestamp=at,
        line=str(signature),
    )


def _receipt(hearing: UUID, seq: int) -> str:
    entry = Entry.objects.get(hearing=hearing, seq=seq)
    before = Entry.objects.filter(hearing=hearing, seq=seq - 1).first()
    assert before is not None
    found = checkpoints.inclusion(hearing, seq)
    content = Content.of(entry.__dict__)
    if found is None:
        return receipts.spelled(receipts.receipt(content, before.hash, keys.signing_key()))
    note, key = checkpoints.note_of(found.checkpoint), found.checkpoint.key
    return receipts.spelled(receipts.proved_receipt(content, before.hash, note, found.path, key))


def test_a_checkpoint_is_a_note_that_the_log_signed() -> None:
    hearing = _begin()
    _append(hearing, 3)
    note = checkpoints.note_of(_made(hearing))
    read = SignedNote.parse(str(note))
    key = checkpoints.verifier_key(hearing, NAME)
    notes.check(read, VerifierKey.parse(str(key)))
    text = notes.CheckpointText.parse(read.text)
    leaves = store.leaves(hearing, 0, 3)
    assert (text.size, text.root) == (3, merkle.Tree(leaves).root())
    assert text.origin == NAME


def test_nothing_new_makes_no_new_checkpoint() -> None:
    hearing = _begin()
    assert checkpoints.make(hearing, NAME) is None
    _append(hearing, 1)
    assert checkpoints.make(hearing, NAME) == checkpoints.make(hearing, NAME)


def test_a_log_keeps_its_name_when_the_site_moves() -> None:
    hearing = _begin()
    _append(hearing, 1)
    _made(hearing)
    _append(hearing, 1)
    moved = checkpoints.make(hearing, "elsewhere.example/h/water")
    assert moved is not None
    assert moved.origin == NAME
    assert checkpoints.origin_of(hearing, "elsewhere.example/h/water") == NAME


def test_what_was_hashed_once_is_not_hashed_again() -> None:
    hearing = _begin()
    _append(hearing, 1_000)
    _made(hearing)
    assert LogTile.objects.filter(hearing=hearing).count() == 3
    _append(hearing, 10)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        made = _made(hearing)
    asked = [query["sql"] for query in captured if "record_entry" in query["sql"]]
    assert len(asked) <= 2, asked
    assert made.root == merkle.Tree(store.leaves(hearing, 0, 1_010)).root().hex()


@pytest.mark.parametrize("size", [255, 256, 257])
def test_a_history_that_was_changed_is_not_signed(size: int) -> None:
    hearing = _begin()
    _append(hearing, size)
    _made(hearing)
    _rewrite(hearing, size)
    with pytest.raises(checkpoints.HistoryChanged):
        checkpoints.make(hearing, NAME)


def test_a_database_that_was_set_back_is_not_signed() -> None:
    hearing = _begin()
    _append(hearing, 5)
    _made(hearing)
    Head.objects.filter(hearing=hearing).update(seq=4)
    with pytest.raises(checkpoints.HistoryChanged):
        checkpoints.make(hearing, NAME)


def _rewrite(hearing: UUID, size: int) -> None:
    """Write another history of the record, as anyone with access to the database could."""
    head = Head.objects.get(hearing=hearing)
    Head.objects.filter(hearing=hearing).delete()
    Entry.objects.filter(hearing=hearing).delete()
    writer.begin(hearing)
    with writer.writing(hearing, actor=Actor("d" * 32, "secretariat")) as record:
        for _number in range(size + 1):
            record.append("record.begun", {"format": "y"})
    assert Head.objects.get(hearing=hearing).seq == head.seq + 1


@examples(15)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=5), st.data())
def test_each_checkpoint_continues_the_last_and_proves_its_entries(
    steps: list[int], data: st.DataObject
) -> None:
    hearing = _begin()
    made = []
    for step in steps:
        _append(hearing, step)
        made.append(_made(hearing))
    for old, new in pairwise(made):
        path = checkpoints.consistency(hearing, old.size, new.size)
        roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
        merkle.check_consistency(old.size, roots[0], new.size, roots[1], path)
    cosign(data.draw(st.sampled_from(made)))
    seq = data.draw(st.integers(2, made[-1].size)) if made[-1].size > 1 else 0
    if seq:
        checked = receipts.check(_receipt(hearing, seq), {keys.fingerprint()}, [WITNESS_KEY])
        assert checked.proved is not None
        covered = Cosignature.objects.filter(checkpoint__hearing=hearing, checkpoint__size__gte=seq)
        assert len(checked.proved.witnessed) == covered.count()


def test_a_receipt_waits_for_a_checkpoint_and_then_for_a_witness() -> None:
    hearing = _begin()
    _append(hearing, 5)
    trusted = {keys.fingerprint()}
    assert receipts.check(_receipt(hearing, 4), trusted).proved is None
    first = _made(hearing)
    proved = receipts.check(_receipt(hearing, 4), trusted).proved
    assert proved is not None
    assert (proved.checkpoint.size, proved.witnessed, proved.unknown) == (5, (), ())
    _append(hearing, 5)
    cosign(_made(hearing))
    proved = receipts.check(_receipt(hearing, 4), trusted, [WITNESS_KEY]).proved
    assert proved is not None
    assert [witness.name for witness in proved.witnessed] == [WITNESS_KEY.name]
    assert proved.checkpoint.size == 10
    assert receipts.check(_receipt(hearing, 4), trusted).proved is not None
    cosign(first)
    again = receipts.check(_receipt(hearing, 4), trusted).proved
    assert again is not None
    assert (again.checkpoint.size, again.unknown) == (5, (WITNESS_KEY.name,))


def _spoiled(receipt: str, **changes: str) -> str:
    """Return the receipt with changes in its proof."""
    document = json.loads(receipt)
    return receipts.spelled({**document, "proof": document["proof"] | changes})


def test_a_checkpoint_of_another_hearing_is_refused() -> None:
    hearing, other = _begin(), _begin()
    for record in (hearing, other):
        _append(record, 5)
        _made(record)
    receipt = _receipt(hearing, 4)
    found = checkpoints.latest(other)
    assert found is not None
    alien = _spoiled(receipt, checkpoint=str(checkpoints.note_of(found)))
    with pytest.raises(InvalidProof, match="does not lead"):
        receipts.check(alien, {keys.fingerprint()})


def test_a_proof_that_was_cut_off_is_refused() -> None:
    hearing = _begin()
    _append(hearing, 5)
    _made(hearing)
    receipt = _receipt(hearing, 4)
    path = json.loads(receipt)["proof"]["path"]
    for cut in ("", path[:-4], path + "AAAA", "?", path[: len(path) // 2]):
        with pytest.raises(InvalidProof):
            receipts.check(_spoiled(receipt, path=cut), {keys.fingerprint()})


def test_a_checkpoint_that_another_key_signed_is_refused() -> None:
    hearing = _begin()
    _append(hearing, 5)
    _made(hearing)
    text = str(checkpoints.text_of(_made(hearing)))
    stranger = Ed25519PrivateKey.generate()
    note = SignedNote(text, (notes.sign(text, NAME, stranger),))
    key = signing.encoded(stranger.public_key())
    forged = _spoiled(_receipt(hearing, 4), checkpoint=str(note), key=key)
    assert receipts.check(forged, None).proved is not None
    with pytest.raises(InvalidProof, match="signed with another key"):
        receipts.check(forged, {keys.fingerprint()})
    with pytest.raises(InvalidProof, match="not signed by"):
        receipts.check(_spoiled(_receipt(hearing, 4), checkpoint=str(note)), None)


def test_a_witness_whose_clock_is_an_hour_slow_is_refused() -> None:
    hearing = _begin()
    _append(hearing, 5)
    made = _made(hearing)
    cosign(made, made.at // 1000 - 3600)
    with pytest.raises(InvalidProof, match="a clock was wrong"):
        receipts.check(_receipt(hearing, 4), {keys.fingerprint()}, [WITNESS_KEY])


def test_a_cosignature_that_was_changed_is_refused() -> None:
    hearing = _begin()
    _append(hearing, 5)
    made = _made(hearing)
    cosign(made)
    note = checkpoints.note_of(made)
    last = note.signatures[-1]
    flipped = last.bytes[:-1] + bytes([last.bytes[-1] ^ 1])
    changed = notes.NoteSignature(last.name, last.key_id, flipped)
    alien = SignedNote(note.text, (note.signatures[0], changed))
    receipt = _spoiled(_receipt(hearing, 4), checkpoint=str(alien))
    with pytest.raises(InvalidProof, match="does not belong"):
        receipts.check(receipt, {keys.fingerprint()}, [WITNESS_KEY])


def test_a_proved_receipt_has_its_own_fields_alone() -> None:
    hearing = _begin()
    _append(hearing, 5)
    _made(hearing)
    document = json.loads(_receipt(hearing, 4))
    entry = document["entry"]
    spoiled: tuple[dict[str, Any], ...] = (
        {"hash": "0" * 64},
        {"proof": None},
        {"proof": {}},
        {"entry": {**entry, "more": 1}},
        {"entry": {**entry, "seq": "4"}},
        {"entry": {**entry, "seq": 3}},
        {"previous": "0" * 64},
        {"previous": "x"},
    )
    for changes in spoiled:
        with pytest.raises(InvalidProof):
            receipts.check(receipts.spelled({**document, **changes}), {keys.fingerprint()})


def test_a_receipt_never_grows_beyond_its_size() -> None:
    hearing = _begin()
    _append(hearing, 5)
    made = _made(hearing)
    text = str(checkpoints.text_of(made))
    found = checkpoints.inclusion(hearing, 4)
    assert found is not None
    crowd = [notes.cosign(text, f"witness.example/{n:030d}", WITNESS, 1) for n in range(20)]
    note = checkpoints.note_of(made).with_signatures(crowd)
    entry, before = Entry.objects.filter(hearing=hearing, seq__in=(3, 4)).order_by("-seq")
    receipt = receipts.proved_receipt(
        Content.of(entry.__dict__), before.hash, note, found.path, made.key
    )
    spelled = receipts.spelled(receipt)
    assert receipts.MOST_BYTES - 200 < len(spelled.encode()) <= receipts.MOST_BYTES
    proved = receipts.check(spelled, {keys.fingerprint()}).proved
    assert proved is not None
    assert proved.unknown == tuple(line.name for line in crowd[: len(proved.unknown)])
