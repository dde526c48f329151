"""A witness that answers requests: C2SP tlog-witness, status by status."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemicycle.record import verify
from hemicycle.record.log import notes
from hemicycle.record.log.notes import NoteSignature, SignedNote
from hemicycle.record.witness.judging import Witness
from hemicycle.record.witness.listening import SIZE, AddAnswer, WitnessListener, serve
from hemicycle.record.witness.state import WitnessFolder, opened
from tests.record.witness.witnessing import ORIGIN, WrittenLog
from tests.support.threaded import in_thread


@pytest.fixture
def log() -> WrittenLog:
    return WrittenLog().grow(5)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[WitnessFolder]:
    with opened(tmp_path / "witness", "witness.example") as folder:
        yield folder


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def listener(folder: WitnessFolder, log: WrittenLog, said: list[str]) -> WitnessListener:
    return WitnessListener(Witness(folder, [log.vkey]), said.append)


def request(log: WrittenLog, old: int, *, proof: list[bytes] | None = None) -> bytes:
    if proof is None:
        proof = log.tree.consistency(old) if old <= len(log.leaves) else []
    lines = [f"old {old}", *(base64.b64encode(hash).decode() for hash in proof)]
    return ("\n".join(lines) + "\n\n" + log.checkpoint()).encode()


def test_what_continues_is_cosigned(
    listener: WitnessListener, log: WrittenLog, folder: WitnessFolder, said: list[str]
) -> None:
    old = 0
    for size in (5, 8, 8, 300):
        log.grow(size - len(log.leaves))
        answer = listener.add_checkpoint(request(log, old))
        assert (answer.status, answer.body.count("\n")) == (200, 1)
        note = SignedNote.parse(log.checkpoint()).with_signatures(
            [NoteSignature.parse(answer.body)]
        )
        assert notes.check_cosignature(note, Witness(folder, [log.vkey]).key)
        old = size
    assert said[-1] == f"Cosigned {ORIGIN} at entry 300."


def test_another_old_size_is_told_the_right_one(listener: WitnessListener, log: WrittenLog) -> None:
    assert listener.add_checkpoint(request(log, 3)) == AddAnswer(409, "0\n", SIZE)
    listener.add_checkpoint(request(log, 0))
    log.grow(3)
    for old in (0, 4, 6):
        assert listener.add_checkpoint(request(log, old)) == AddAnswer(409, "5\n", SIZE)
    earlier = (b"old 0\n\n" + log.checkpoint(3).encode(), b"old 3\n\n" + log.checkpoint(3).encode())
    for body in earlier:
        assert listener.add_checkpoint(body) == AddAnswer(409, "5\n", SIZE)


def test_unknown_logs_and_keys_are_refused(listener: WitnessListener, log: WrittenLog) -> None:
    other = WrittenLog(log.key, "hearing.example/h/other").grow(5)
    assert listener.add_checkpoint(request(other, 0)).status == 404
    assert listener.add_checkpoint(request(WrittenLog().grow(5), 0)).status == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 0\n\n",
        b"old 00\n\n%s",
        b"old -1\n\n%s",
        b"old 0\nhello\n\n%s",
        b"old 0\n" + base64.b64encode(b"x" * 31) + b"\n\n%s",
        b"old 0\n" + b"\n".join([base64.b64encode(b"x" * 32)] * 64) + b"\n\n%s",
        b"old 9\n\n%s",
        b"\xff\n\n%s",
        b"old 0\n\nhello\n",
    ],
)
def test_what_cannot_be_read_is_refused(
    listener: WitnessListener, log: WrittenLog, body: bytes
) -> None:
    answer = listener.add_checkpoint(body.replace(b"%s", log.checkpoint().encode()))
    assert answer.status == 400


def test_a_proof_that_shows_nothing_is_refused_and_accuses_nobody(
    listener: WitnessListener, log: WrittenLog
) -> None:
    assert listener.add_checkpoint(request(log, 0, proof=[b"x" * 32])).status == 422
    listener.add_checkpoint(request(log, 0))
    log.grow(4)
    good = log.tree.consistency(5)
    for proof in ([], good[1:], [b"x" * 32, *good[1:]], [*good, good[0]]):
        assert listener.add_checkpoint(request(log, 5, proof=proof)).status == 422
    assert listener.add_checkpoint(request(log, 5)).status == 200


def test_its_keeper_reads_their_language_and_hearings_get_english(
    folder: WitnessFolder, log: WrittenLog, said: list[str]
) -> None:
    listener = WitnessListener(Witness(folder, [log.vkey]), said.append, "fr")
    listener.add_checkpoint(request(log, 0))
    assert said == [f"{ORIGIN} a été cosigné à l’entrée 5."]
    answer = listener.add_checkpoint(request(log.grow(4), 5, proof=[]))
    told = "It is not proved that the log continues what was cosigned at entry 5: "
    assert (answer.status, answer.body) == (422, f"{told}the proof is too short.\n")
    assert said[-1].startswith("Non cosigné (proof)\xa0: Rien ne montre")
    assert "proof is" not in said[-1]


@pytest.mark.parametrize("branch_size", [5, 12])
def test_a_changed_history_is_refused_and_proved(
    listener: WitnessListener,
    log: WrittenLog,
    folder: WitnessFolder,
    said: list[str],
    branch_size: int,
) -> None:
    listener.add_checkpoint(request(log, 0))
    other = log.forked(3).grow(branch_size - 3, "other")
    assert listener.add_checkpoint(request(other, 5)).status == 409
    assert "THE HISTORY OF hearing.example/h/water WAS CHANGED" in said[-1]
    (evidence,) = folder.path.glob("evidence-*.json")
    assert verify.main(["--fork", str(evidence)]) == 3
    assert listener.add_checkpoint(request(log.grow(1), 5)).status == 503


def test_a_fork_at_a_power_of_two_is_refused(listener: WitnessListener, log: WrittenLog) -> None:
    listener.add_checkpoint(request(log.grow(3), 0))
    other = log.forked(3).grow(9, "other")
    assert listener.add_checkpoint(request(other, 8)).status == 422


def test_a_witness_answers_over_http(listener: WitnessListener, log: WrittenLog) -> None:
    with in_thread(serve(listener, "127.0.0.1", 0)) as server:
        place = f"http://127.0.0.1:{server.server_address[1]}"

        def post(path: str, body: bytes) -> tuple[int, str, str]:
            try:
                answer = urllib.request.urlopen(f"{place}{path}", body, timeout=10)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()

        status, _type, body = post("/add-checkpoint", request(log, 0))
        assert (status, body.startswith("— witness.example ")) == (200, True)
        assert post("/add-checkpoint", request(log, 0)) == (409, SIZE, "5\n")
        assert post("/else", request(log, 0))[0] == 404
        assert post("/add-checkpoint", b"x" * 140_000)[0] == 413
