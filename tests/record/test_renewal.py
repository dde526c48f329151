"""Keys are renewed on the record: the old one signs the new one."""

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record import keys, receipts, renewal, succession, writer
from hemicycle.record.chain import Content, genesis
from hemicycle.record.models import Entry, Head
from hemicycle.record.signing import InvalidProof, fingerprint
from hemicycle.record.verify import Report, verify
from tests.record.test_verify import HEARING, chain

WHO = writer.Actor("a" * 32, "secretariat")
OLD, NEW, OTHER = (
    Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"k", b"n", b"o")
)


@pytest.fixture
def hearings(db: None, tmp_path: Path, settings: Any) -> list[UUID]:
    """Two hearings, and a key that no other test knows."""
    settings.KEYS_DIR = tmp_path / "keys"
    made = [uuid4(), uuid4()]
    for hearing in made:
        writer.begin(hearing)
        with writer.writing(hearing, actor=WHO) as record:
            record.append("record.begun", {"format": "hemicycle-record-1"})
    return made


def report() -> Report:
    rows = Entry.objects.order_by("hearing", "seq").values()
    return verify(rows, Head.objects.values())


def test_the_old_key_signs_the_new_one_on_every_record(hearings: list[UUID]) -> None:
    old = keys.fingerprint()
    assert renewal.renew() == 2
    new = keys.fingerprint()
    assert new != old
    for hearing in hearings:
        [body] = renewal.successions_of(hearing)
        assert succession.follow([old], hearing.hex, body) == [old, new]
        assert renewal.signers_of(hearing) == {old, new}
        assert renewal.successions_of(hearing, last=1) == []
    assert report() == Report(hearings=2, entries=4, notes=0)
    assert keys.path().stat().st_mode & 0o777 == 0o600
    assert not keys.path(keys.NEXT).exists()


def test_receipts_from_before_still_hold_here(hearings: list[UUID]) -> None:
    entry = Entry.objects.get(hearing=hearings[0])
    content = Content.of(entry.__dict__)
    text = json.dumps(receipts.receipt(content, genesis(content.hearing), keys.signing_key()))
    for _time in range(2):
        renewal.renew()
        assert receipts.check(text, renewal.signers_of(hearings[0])).content == content
    with pytest.raises(InvalidProof):
        receipts.check(text, {keys.fingerprint()})


@pytest.mark.parametrize("committed", [True, False])
def test_a_renewal_that_was_cut_off_is_finished_or_dropped(
    hearings: list[UUID], monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    old = keys.fingerprint()
    where = "os.replace" if committed else "hemicycle.record.succession.succeed"
    with monkeypatch.context() as patch:
        patch.setattr(where, lambda *_args, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            renewal.renew()
    assert keys.fingerprint() == old
    waiting = fingerprint(keys.read(keys.path(keys.NEXT)).public_key())
    assert renewal.renew() == 2
    assert (keys.fingerprint() == waiting) is committed
    assert report() == Report(hearings=2, entries=4, notes=0)


def test_the_command_says_which_key_succeeded_which(
    hearings: list[UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    old = keys.fingerprint()
    assert renewal.main([]) == 0
    said = capsys.readouterr().out
    assert (old in said, keys.fingerprint() in said, "2 hearing(s)" in said) == (True, True, True)


def test_only_the_key_in_force_signs_the_next() -> None:
    old, new, other = (fingerprint(key.public_key()) for key in (OLD, NEW, OTHER))
    first = succession.succeed(OLD, NEW.public_key(), hearing=HEARING, at=10)
    assert succession.follow([], HEARING, first) == [old, new]
    assert succession.follow([old], HEARING, first) == [old, new]
    for line, hearing, document, problem in (
        ([other], HEARING, first, "not in force"),
        ([old, new], HEARING, first, "not in force"),
        ([old], "00" * 16, first, "another hearing"),
        ([old], HEARING, {**first, "at": 11}, "has been changed"),
        ([old], HEARING, {**first, "remark": ""}, "not the succession"),
        ([old], HEARING, {}, "not the succession"),
    ):
        with pytest.raises(InvalidProof, match=problem):
            succession.follow(line, hearing, document)


def test_a_record_on_which_a_stranger_succeeds_is_broken_there() -> None:
    first = succession.succeed(OLD, NEW.public_key(), hearing=HEARING, at=10)
    forged = succession.succeed(OTHER, NEW.public_key(), hearing=HEARING, at=20)
    bodies = {2: ("key.succeeded", first), 4: ("key.succeeded", forged)}
    broken = verify(chain(5, bodies=bodies)).broken
    assert broken is not None
    assert (broken.seq, broken.problem) == (4, "it is signed by a key that was not in force")
    assert verify(chain(5, bodies={2: ("key.succeeded", first)})).holds


def test_a_hearing_that_is_convened_meanwhile_gets_its_succession(
    hearings: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, replace = keys.fingerprint(), os.replace
    body = {"key": old, "source": "form", "meetings": 1, "segments": 1}
    late = uuid4()

    def convene_and_replace(source: Path, target: Path) -> None:
        writer.begin(late)
        with writer.writing(late, actor=WHO) as record:
            record.append("hearing.convened", body)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", convene_and_replace)
        assert renewal.renew() == 3
    assert renewal.signers_of(late) == {old, keys.fingerprint()}
    assert report() == Report(hearings=3, entries=6, notes=0)
