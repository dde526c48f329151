"""The signing process, run as another Unix user."""

from __future__ import annotations

import base64
import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hemicycle.record import succession
from hemicycle.record.chain import canonical
from hemicycle.record.key_stores import process
from hemicycle.record.key_stores.base import KeyUnavailable
from hemicycle.record.key_stores.places import open_store
from hemicycle.record.signing import encoded
from tests.record.key_stores.test_stores import print_of, seals_well
from tests.record.test_signable import KEY, NEW, ROWS
from tests.support.signer import USER, SignerProcess, needs_root, signing_process


@pytest.fixture
def signer() -> Iterator[SignerProcess]:
    with signing_process() as made:
        yield made


@needs_root
def test_the_key_is_its_users_own(signer: SignerProcess) -> None:
    assert signer.start().startswith("The key is ")
    state = signer.key.stat()
    assert (state.st_uid, state.st_mode & 0o777) == (USER, 0o600)
    assert seals_well(open_store(signer.place).current())
    assert signer.stop() == 0
    assert not signer.socket.exists()


@needs_root
def test_who_is_not_named_gets_no_answer(signer: SignerProcess) -> None:
    signer.start(allow="12345")
    with pytest.raises(KeyUnavailable, match="user 0 is not among those that may ask"):
        open_store(signer.place).current()


@needs_root
@pytest.mark.parametrize("message", [b"raw bytes", b"\x00" * 32, b"{}", b"x" * 70_000])
def test_no_raw_bytes_are_signed(signer: SignerProcess, message: bytes) -> None:
    signer.start()
    key = open_store(signer.place).current()
    with pytest.raises(KeyUnavailable, match="this is not signed"):
        key.sign(message)
    assert seals_well(key)


@needs_root
def test_a_key_that_waits_signs_nothing(signer: SignerProcess) -> None:
    signer.start()
    waiting = open_store(signer.place).prepare()
    with pytest.raises(KeyUnavailable, match="The key that is to sign is not here"):
        seals_well(waiting)


@needs_root
def test_no_strangers_key_succeeds(signer: SignerProcess) -> None:
    signer.start()
    current = open_store(signer.place).current()
    with pytest.raises(KeyUnavailable, match="which is not the next one here"):
        succession.succeed(current, NEW.public_key(), hearing=ROWS[0]["hearing"], at=5)


GARBAGE = [
    b"\n",
    b"garbage\n",
    b"\xff\x00\xfe\n",
    b"[]\n",
    b'{"do": []}\n',
    b'{"do": "sign"}\n',
    b'{"do": "sign", "key": {}, "message": "AAAA"}\n',
    b'{"do": "sign", "key": "x", "message": "\xc3\xa9"}\n',
    b'{"do": "promote", "key": [1]}\n',
    b"[" * 50_000 + b"\n",
    b"x" * (process.MOST_BYTES * 3) + b"\n",
    b"half a line",
]


@needs_root
def test_garbage_gets_a_sentence_or_nothing_and_stops_nobody(signer: SignerProcess) -> None:
    signer.start()
    for sent in GARBAGE:
        answer = b""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(signer.socket))
            try:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.makefile("rb").readline()
            except (ConnectionResetError, BrokenPipeError):
                pass
        assert not answer or "error" in json.loads(answer), sent
    assert seals_well(open_store(signer.place).current())


@needs_root
def test_a_process_killed_midway_is_missed_in_one_sentence_and_met_again(
    signer: SignerProcess,
) -> None:
    signer.start()
    store = open_store(signer.place)
    key = store.current()
    assert seals_well(key)
    with socket.socket(socket.AF_UNIX) as other:
        assert signer.process is not None
        signer.process.send_signal(signal.SIGSTOP)  # it hangs in the middle of a request
        other.connect(str(signer.socket))
        other.sendall(b'{"do": "keys"}\n')
        signer.stop(signal.SIGKILL)
    with pytest.raises(KeyUnavailable) as caught:
        seals_well(key)
    assert str(caught.value) == (
        f"The signing process at {signer.socket} does not answer. Start it with: hemicycle signer"
    )
    assert print_of(store.current()) == print_of(key)  # pages that show it still work
    signer.start()  # it replaces the socket that was left
    assert seals_well(key)
    assert print_of(store.current()) == print_of(key)


@needs_root
def test_a_second_process_does_not_take_the_socket(signer: SignerProcess) -> None:
    signer.start()
    second = SignerProcess(signer.socket.parent)
    second.start()
    assert second.ended() == 1
    assert seals_well(open_store(signer.place).current())


@needs_root
def test_a_key_that_others_can_read_stops_it_at_the_start(signer: SignerProcess) -> None:
    signer.start()
    signer.stop()
    signer.key.chmod(0o644)
    said = signer.start()
    assert said.startswith(f"hemicycle: Other users can read the key {signer.key} (mode 0644)")
    assert said.count("\n") == 1


def test_a_process_that_never_ran_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="does not answer"):
        open_store(f"unix:{tmp_path}/nobody.sock").current()


def test_a_signature_that_does_not_hold_is_refused(tmp_path: Path) -> None:
    class Lying(process.ProcessStore):
        def ask(self, request: dict[str, Any]) -> dict[str, Any]:
            return {"signature": base64.b64encode(b"s" * 64).decode()}

    signer = process.RemoteSigner(Lying(tmp_path), KEY.public_key())
    with pytest.raises(KeyUnavailable, match="no signature that holds"):
        signer.sign(canonical({"key": encoded(KEY.public_key())}))
