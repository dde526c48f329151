"""Keys are renewed on the record: the old one signs the new one."""

import json
import os
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record import keys, receipts, renewal, succession, writer
from hemicycle.record.chain import Content, genesis
from hemicycle.record.key_stores.files import FileStore
from hemicycle.record.log import checkpoints
from hemicycle.record.models import Entry, Head
from hemicycle.record.signing import InvalidProof, fingerprint
from hemicycle.record.verify import Report, verify
from hemicycle.record.witness import renewed_key
from tests.record.test_verify import HEARING, chain
from tests.support.killed import KILLED, Steps, is_killed_at

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


def test_the_old_key_signs_the_new_one_on_every_record(hearings: list[UUID], settings: Any) -> None:
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
    left = sorted(file.name for file in settings.KEYS_DIR.iterdir())
    assert left == ["receipts.pem", "renewal.lock"]
    assert (settings.KEYS_DIR / "receipts.pem").stat().st_mode & 0o777 == 0o600


def test_receipts_from_before_still_hold_here(hearings: list[UUID]) -> None:
    entry = Entry.objects.get(hearing=hearings[0])
    content = Content.of(entry.__dict__)
    text = json.dumps(receipts.receipt(content, genesis(content.hearing), keys.signing_key()))
    for _time in range(2):
        renewal.renew()
        assert receipts.check(text, renewal.signers_of(hearings[0])).content == content
    with pytest.raises(InvalidProof):
        receipts.check(text, {keys.fingerprint()})


def renew_until(_steps: Steps, place: Any, name: str, times: int) -> None:
    """Renew the key; end the process after a function has been called so many times."""
    genuine, calls = getattr(place, name), count(1)

    def then_die(*given: Any, **named: Any) -> Any:
        found = genuine(*given, **named)
        if next(calls) == times:
            os._exit(KILLED)
        return found

    with patch.object(place, name, then_die):
        renewal.renew()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("step", "is_named"),
    [
        pytest.param((FileStore, "prepare", 1), False, id="the new key is made"),
        pytest.param((succession, "succeed", 1), False, id="one record is signed"),
        pytest.param((succession, "succeed", 2), False, id="all are signed, not committed"),
        pytest.param((renewal, "_succeed", 1), True, id="all are committed"),
        pytest.param((os, "link", 2), True, id="the old key is kept"),
        pytest.param((Path, "replace", 1), True, id="the new key is in its place"),
        pytest.param((renewal, "_succeed", 2), True, id="late ones are committed"),
        pytest.param((FileStore, "forget_previous", 1), True, id="the old key is destroyed"),
    ],
)
def test_a_renewal_killed_after_any_step_is_finished_at_the_next_start(
    hearings: list[UUID], step: tuple[Any, str, int], is_named: bool
) -> None:
    old = keys.fingerprint()
    assert is_killed_at(0, renew_until, *step)
    late = uuid4()
    if step[1] != "forget_previous":  # convened by a process that had read the old key before
        writer.begin(late)
        body = {"key": old, "source": "form", "meetings": 1, "segments": 1}
        with writer.writing(late, actor=WHO) as record:
            record.append("hearing.convened", body)
    renewal.finish_at_start()
    assert (keys.fingerprint() != old) is is_named
    assert set(renewal._ends().values()) == ({keys.fingerprint()} if is_named else {None, old})
    assert report().holds
    assert keys.store().previous() is None
    before = keys.fingerprint()
    assert renewal.renew() == Head.objects.count()
    assert keys.fingerprint() != before
    assert set(renewal._ends().values()) == {keys.fingerprint()}
    assert report().holds


def test_the_command_says_which_key_succeeded_which(
    hearings: list[UUID], capsys: pytest.CaptureFixture[str]
) -> None:
    old = keys.fingerprint()
    assert renewal.main([]) == 0
    said = capsys.readouterr().out
    assert (old in said, keys.fingerprint() in said, "new key: 2." in said) == (True, True, True)
    second = keys.fingerprint()
    assert renewal.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "hearings": 2,
        "old_key": second,
        "new_key": keys.fingerprint(),
        "old_key_is_at": None,
    }


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


def test_the_log_proves_its_successions_to_witnesses(hearings: list[UUID]) -> None:
    hearing, name = hearings[0], "hearing.example/h/water"
    known = []
    for _time in range(3):
        made = checkpoints.make(hearing, name)
        assert made is not None
        known.append(checkpoints.key_of(made))
        spelled = renewed_key.document(checkpoints.successions(hearing, made))
        note = str(checkpoints.note_of(made))
        if len(known) == 1:
            assert spelled["successions"] == []
        else:
            told = renewed_key.successor(note, json.loads(json.dumps(spelled)), known[:1])
            assert (told.key, told.seq) == (known[-1], len(known))
        renewal.renew()
    assert len({key.id for key in known}) == 3
