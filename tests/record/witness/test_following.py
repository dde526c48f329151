"""A witness that follows a log: what it cosigns, what it refuses and why, and its alarms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from hemicycle.record import signing, verify
from hemicycle.record.log import notes
from hemicycle.record.log.notes import SignedNote, VerifierKey
from hemicycle.record.log.remote import LogUnreachable, RemoteLog
from hemicycle.record.witness import command, following
from hemicycle.record.witness.judging import ForkFound, NotCosigned, Witness
from hemicycle.record.witness.state import StateError, WitnessFolder, opened
from tests.record.test_speech import ENGLISH, NAMES
from tests.record.witness.witnessing import ORIGIN, Published, WrittenLog, published


@pytest.fixture
def log() -> Iterator[Published]:
    with published(WrittenLog().grow(5)) as of:
        yield of


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[WitnessFolder]:
    with opened(tmp_path / "witness", "witness.example") as folder:
        yield folder


@pytest.fixture
def witness(folder: WitnessFolder, log: Published) -> Witness:
    return Witness(folder, [log.log.vkey])


def look(witness: Witness, log: Published) -> following.LogLook:
    return following.look(witness, RemoteLog(log.url), ORIGIN)


def refusal(witness: Witness, log: Published) -> str:
    """Return why a look is refused; check that the last cosigned checkpoint stays."""
    before = witness.seen(ORIGIN)
    with pytest.raises(NotCosigned) as refused:
        look(witness, log)
    assert witness.seen(ORIGIN) == before
    return refused.value.reason


def test_each_new_checkpoint_is_cosigned_and_handed_back(witness: Witness, log: Published) -> None:
    for size in (5, 256, 257, 700):
        log.log.grow(size - len(log.log.leaves))
        assert look(witness, log) == following.LogLook(size, is_new=True)
        delivered = SignedNote.parse(log.delivered[-1])
        notes.check(delivered, log.log.vkey)
        assert notes.check_cosignature(delivered, witness.key) > 1_700_000_000
    assert len(log.delivered) == 4


def test_what_the_hearing_shows_already_is_not_sent_again(witness: Witness, log: Published) -> None:
    look(witness, log)
    look(witness, log)
    assert len(log.delivered) == 2  # the hearing does not show it, so it may have been lost
    log.shown = [SignedNote.parse(log.delivered[-1]).signatures[-1]]
    assert look(witness, log) == following.LogLook(5, is_new=False)
    assert len(log.delivered) == 2


@pytest.mark.parametrize("cosigned", [5, 8, 300, 512])
def test_a_changed_history_is_refused_and_proved(
    witness: Witness, log: Published, cosigned: int, capsys: pytest.CaptureFixture[str]
) -> None:
    log.log.grow(cosigned - 5)
    look(witness, log)
    log.log = log.log.forked(3).grow(800, branch="other")
    with pytest.raises(ForkFound) as changed:
        look(witness, log)
    path = changed.value.evidence
    held = json.loads(path.read_text())
    assert [SignedNote.parse(held[name]).text.split("\n")[1] for name in ("old", "new")] == [
        str(cosigned),
        "803",
    ]
    key = ["--key", signing.fingerprint(log.log.key.public_key())]
    assert verify.main(["--fork", str(path), *key]) == 1
    assert "FRAUD: one key signed two histories" in capsys.readouterr().out
    assert verify.main(["--fork", str(path)]) == 3
    assert verify.main(["--fork", str(path), "--key", "0" * 64]) == 2
    assert len(log.delivered) == 1
    log.log = WrittenLog(log.log.key).grow(900)
    assert refusal(witness, log) == "stopped"  # only a person can let it continue


def test_two_roots_of_one_size_are_proved(witness: Witness, log: Published) -> None:
    look(witness, log)
    log.log = log.log.forked(4).grow(1, branch="other")
    with pytest.raises(ForkFound) as changed:
        look(witness, log)
    assert verify.main(["--fork", str(changed.value.evidence)]) == 3


def test_evidence_that_was_made_up_proves_nothing(witness: Witness, log: Published) -> None:
    look(witness, log)
    log.log = log.log.forked(3).grow(8, branch="other")
    with pytest.raises(ForkFound) as changed:
        look(witness, log)
    path = changed.value.evidence
    held = json.loads(path.read_text())
    honest = WrittenLog().grow(20)
    tree = honest.tree
    for changes in (
        {"other_root": held["proof"][0]},
        {"proof": held["proof"][1:]},
        {"old": held["new"]},
        {"new": honest.checkpoint()},
        {"new_key": str(honest.vkey)},
        {"old_key": str(honest.vkey)},
        {"old_key": 5},
        {"old": "hello"},
    ):
        path.write_text(json.dumps({**held, **changes}))
        assert verify.main(["--fork", str(path)]) == 2, changes
    made_up = {
        **held,
        "old_key": str(honest.vkey),
        "new_key": str(honest.vkey),
        "old": honest.checkpoint(7),
        "new": honest.checkpoint(),
        "other_root": _base64(tree.root(7)),
        "proof": [_base64(hash) for hash in tree.consistency(7)],
    }
    path.write_text(json.dumps(made_up))
    assert verify.main(["--fork", str(path)]) == 2


def _base64(hash: bytes) -> str:
    import base64

    return base64.b64encode(hash).decode()


def test_a_log_that_became_shorter_is_refused(witness: Witness, log: Published) -> None:
    look(witness, log)
    log.log = log.log.forked(4)
    assert refusal(witness, log) == "shorter"


def test_another_log_and_another_key_are_refused(witness: Witness, log: Published) -> None:
    own = log.log
    log.log = WrittenLog(own.key, "hearing.example/h/other").grow(5)
    assert refusal(witness, log) == "unknown-origin"
    log.log = WrittenLog().grow(5)
    assert refusal(witness, log) == "unknown-key"
    log.log = own
    assert look(witness, log).is_new


def test_a_log_that_lies_at_anothers_address_is_refused(
    folder: WitnessFolder, log: Published
) -> None:
    other = WrittenLog(origin="hearing.example/h/other")
    witness = Witness(folder, [log.log.vkey, other.vkey])
    with pytest.raises(NotCosigned) as refused:
        following.look(witness, RemoteLog(log.url), other.origin)
    assert refused.value.reason == "unknown-origin"


def test_a_key_that_was_renewed_signs_the_same_log(folder: WitnessFolder, log: Published) -> None:
    renewed = WrittenLog(leaves=log.log.leaves)
    witness = Witness(folder, [log.log.vkey, renewed.vkey])
    look(witness, log)
    log.log = renewed.grow(3)
    assert look(witness, log) == following.LogLook(8, is_new=True)


def test_a_history_that_was_changed_when_the_key_was_renewed_is_refused(
    folder: WitnessFolder, log: Published
) -> None:
    renewed = WrittenLog(leaves=log.log.leaves)
    first = log.log
    witness = Witness(folder, [first.vkey, renewed.vkey])
    look(witness, log)
    log.log = renewed.grow(3).forked(4).grow(4, "other")
    with pytest.raises(ForkFound) as found:
        look(witness, log)
    evidence = str(found.value.evidence)
    for key in (first.key, renewed.key):  # neither vouches for the other
        by = ["--key", signing.fingerprint(key.public_key())]
        assert verify.main(["--fork", evidence, *by]) == 3
    assert verify.main(["--fork", evidence, "--key", "0" * 64]) == 2


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_is_refused(witness: Witness, log: Published, hours: int) -> None:
    log.date = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    assert refusal(witness, log) == "clock"
    log.date = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    assert look(witness, log).is_new


def test_a_clock_before_the_last_cosignature_is_refused(
    folder: WitnessFolder, log: Published
) -> None:
    now = datetime.now(UTC).timestamp()
    look(Witness(folder, [log.log.vkey], lambda: now), log)
    log.log.grow(1)
    assert refusal(Witness(folder, [log.log.vkey], lambda: now - 3600), log) == "clock"
    late = Witness(folder, [log.log.vkey], lambda: now - 5)
    look(late, log)
    assert notes.check_cosignature(SignedNote.parse(log.delivered[-1]), late.key) == int(now)


def test_a_state_from_an_old_backup_is_refused(tmp_path: Path, log: Published) -> None:
    own = tmp_path / "witness"
    with opened(own) as folder:
        look(Witness(folder, [log.log.vkey]), log)
    backup = (own / "state.json").read_text()
    log.log.grow(3)
    with opened(own) as folder:
        look(Witness(folder, [log.log.vkey]), log)
        log.shown = [SignedNote.parse(log.delivered[-1]).signatures[-1]]
    (own / "state.json").write_text(backup)
    with opened(own) as folder:
        assert refusal(Witness(folder, [log.log.vkey]), log) == "restored"


def test_a_cosignature_in_our_name_that_is_forged_says_nothing(
    witness: Witness, log: Published
) -> None:
    look(witness, log)
    good = SignedNote.parse(log.delivered[-1]).signatures[-1]
    log.log.grow(1)
    log.shown = [good]  # of another checkpoint
    assert look(witness, log).is_new


def test_a_tile_that_is_cut_off_is_named(witness: Witness, log: Published) -> None:
    look(witness, log)
    log.log.grow(3)
    log.cut_tiles = True
    with pytest.raises(LogUnreachable, match="is incomplete"):
        look(witness, log)
    log.cut_tiles = False
    assert look(witness, log).size == 8


def test_tiles_that_do_not_lead_to_the_root_accuse_nobody(witness: Witness, log: Published) -> None:
    look(witness, log)
    log.log.grow(3)
    signed, other = log.log.checkpoint(), log.log.forked(2).grow(6, "other")

    class Mixed(WrittenLog):
        def checkpoint(self, size: int | None = None) -> str:
            return signed

    log.log = Mixed(other.key, other.origin, other.leaves)
    with pytest.raises(LogUnreachable, match="do not lead to the root"):
        look(witness, log)


def test_what_the_hearing_says_to_a_cosignature_is_told(witness: Witness, log: Published) -> None:
    log.answer = (403, "This witness is\x1b[31m not known.")
    assert (
        look(witness, log).delivered == "The hearing answers 403: This witness is [31m not known."
    )


# ── The folder ────────────────────────────────────────────────────────────────────────────────


def test_two_runs_never_share_a_folder(folder: WitnessFolder) -> None:
    with pytest.raises(StateError, match="at work"), opened(folder.path):
        pass


def test_a_folder_keeps_its_name_and_its_key_to_itself(tmp_path: Path) -> None:
    own = tmp_path / "witness"
    with opened(own, "one.example") as folder:
        first = folder.key.public_key()
    assert (own / "witness.key").stat().st_mode & 0o777 == 0o600
    with opened(own) as folder:
        assert (folder.state.name, folder.key.public_key()) == ("one.example", first)
    with pytest.raises(StateError, match=r"is called one\.example"), opened(own, "two.example"):
        pass
    (own / "witness.key").chmod(0o644)
    with pytest.raises(StateError, match="chmod 600"), opened(own):
        pass


@pytest.mark.parametrize("state", [None, "", "[]", '{"name": "a", "logs": {"x": {"size": "1"}}}'])
def test_a_state_that_is_lost_or_broken_is_refused(tmp_path: Path, state: str | None) -> None:
    own = tmp_path / "witness"
    with opened(own):
        pass
    (own / "state.json").unlink()
    if state is not None:
        (own / "state.json").write_text(state)
    with pytest.raises(StateError, match="new folder"), opened(own):
        pass


COMMANDS = re.compile(r"hemicycle witness|add-checkpoint|tlog-witness|unknown-key")
"""What is the same in every language: commands, and codes of refusals."""


# ── The command ───────────────────────────────────────────────────────────────────────────────


def run(log: Published, state: Path, *more: str, key: VerifierKey | None = None) -> int:
    vkey = str(key or log.log.vkey)
    where = ["--follow", log.url, "--key", vkey, "--state", str(state)]
    return command.main([*where, "--once", *more])


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh"])
def test_the_command_speaks_its_readers_language(
    log: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    own = ("--language", language)
    state, open_to_others = tmp_path / "state", tmp_path / "open"
    assert run(log, state, "--name", "witness.example", *own) == 0
    assert run(log, state, *own, key=WrittenLog().vkey) == 1
    assert run(log, state, "--name", "another.example", *own) == 2
    with opened(open_to_others):
        (open_to_others / "witness.key").chmod(0o644)
    assert run(log, open_to_others, *own) == 2
    log.log = log.log.forked(1).grow(9, "other")
    assert run(log, state, *own) == 4
    for refused in (["--help"], ["--listen", "nowhere", "--key", str(log.log.vkey)]):
        with suppress(SystemExit):
            command.main([*own, *refused])
    printed = capsys.readouterr()
    said = (printed.out + printed.err).replace(str(tmp_path), "")
    assert "witness.example+" in said
    assert ENGLISH.findall(COMMANDS.sub("", NAMES.sub("", said))) == []


def test_the_command_tells_what_it_saw_by_its_status(
    log: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    assert run(log, state, "--name", "witness.example") == 0
    said = capsys.readouterr().out
    assert "Cosigned hearing.example/h/water at entry 5." in said
    assert "This witness: witness.example+" in said
    assert run(log, state, key=WrittenLog().vkey) == 1
    assert "Not cosigned (unknown-key)" in capsys.readouterr().err
    log.log = log.log.forked(1).grow(9, "other")
    for _again in range(2):
        assert run(log, state) == 4
        assert "!!!!" in capsys.readouterr().err


def test_the_command_refuses_what_it_cannot_use(
    log: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    cosigner = replace(log.log.vkey, type=notes.COSIGNATURE)
    assert run(log, state, key=cosigner) == 2
    assert command.main(["--follow", "ftp://x", "--key", str(log.log.vkey)]) == 2
    two = ["--follow", log.url, "--follow", log.url, "--key", str(log.log.vkey)]
    assert command.main(two) == 2
    assert command.main(["--follow", log.url, "--key", "hello"]) == 2
    assert not state.exists()
    capsys.readouterr()
    log.url = "http://127.0.0.1:9/log"
    assert run(log, state) == 1
    assert "cannot be read" in capsys.readouterr().err
