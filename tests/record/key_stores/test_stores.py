"""One suite for every place of the key: a file, a process and a token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from hemicycle.record import keys, renewal, seals, writer
from hemicycle.record.key_stores.addresses import check_place
from hemicycle.record.key_stores.base import KeyStore, KeyUnavailable
from hemicycle.record.key_stores.places import open_store
from hemicycle.record.models import Entry, Head
from hemicycle.record.signing import fingerprint
from hemicycle.record.verify import verify
from tests.record.test_signable import END
from tests.support.signer import (
    PIN,
    SignerProcess,
    needs_root,
    needs_softhsm,
    signing_process,
    token,
)

if TYPE_CHECKING:
    from hemicycle.record.signing import Signer

WHO = writer.Actor("a" * 32, "secretariat")
KINDS = [
    "file",
    pytest.param("process", marks=needs_root),
    pytest.param("token", marks=needs_softhsm),
]


class Places:
    """Creates places for a key, one of each kind."""

    def __init__(self, stack: ExitStack, folder: Path, settings: Any) -> None:
        self.settings = settings
        self._stack = stack
        self._folder = folder
        self.signer: SignerProcess | None = None

    def make(self, kind: str) -> str:
        if kind == "file":
            return f"file:{self._folder}/kept/key.pem"
        if kind == "token":
            return self._stack.enter_context(token(self._folder))
        self.signer = self._stack.enter_context(signing_process())
        self.signer.start()
        return self.signer.place


@pytest.fixture
def places(tmp_path: Path, settings: Any) -> Iterator[Places]:
    with ExitStack() as stack:
        yield Places(stack, tmp_path, settings)


@pytest.fixture
def hearing(db: None, tmp_path: Path, settings: Any) -> UUID:
    settings.KEYS_DIR = tmp_path / "keys"
    hearing = uuid4()
    writer.begin(hearing)
    with writer.writing(hearing, actor=WHO) as record:
        record.append("record.begun", {"format": "hemicycle-record-1"})
    return hearing


def print_of(key: Signer | None) -> str:
    return fingerprint(key.public_key()) if key else ""


def seals_well(key: Signer) -> bool:
    """Return whether seals that the key signs are valid."""
    seal = seals.seal_chain(END, origin="https://hearing.example", at=50, signer=key)
    return seals.check_chain_seal(json.dumps(seal)).signer == print_of(key)


def record_holds() -> bool:
    return verify(Entry.objects.order_by("hearing", "seq").values(), Head.objects.values()).holds


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_made_once_waits_succeeds_and_goes(kind: str, places: Places) -> None:
    store: KeyStore = open_store(places.make(kind))
    first = print_of(store.current())
    assert seals_well(store.current())
    assert (print_of(store.current()), store.waiting(), store.previous()) == (first, None, None)
    second = print_of(store.prepare())
    assert print_of(store.prepare()) == print_of(store.waiting()) == second != first
    with pytest.raises(KeyUnavailable):
        store.promote("0" * 64)
    for _time in range(2):
        store.promote(second)
        assert (print_of(store.current()), print_of(store.previous())) == (second, first)
    assert store.waiting() is None
    for _time in range(2):
        store.forget_previous()
        assert (print_of(store.current()), store.previous()) == (second, None)
    assert seals_well(store.current())


@pytest.mark.parametrize("to", KINDS)
@pytest.mark.parametrize("by", KINDS)
def test_keys_are_renewed_in_each_place_and_from_one_to_another(
    by: str, to: str, hearing: UUID, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = places.settings
    first = settings.RECORD_KEY = places.make(by)
    old = keys.fingerprint()
    if by == to:
        assert renewal.main([]) == 0
    else:
        settings.RECORD_KEY = places.make(to)
        if by == "process":  # it accepts no successor elsewhere unless its operator names it
            assert renewal.main(["--from", first]) == 1
            assert "start `hemicycle signer` with --successor" in capsys.readouterr().err
            assert places.signer is not None
            places.signer.stop()
            places.signer.start("--successor", print_of(keys.store().waiting()))
        assert renewal.main(["--from", first]) == 0
        assert f"The old key is still at {open_store(first).place}" in capsys.readouterr().out
        assert print_of(open_store(first).current()) == old
    new = keys.fingerprint()
    assert new != old
    assert renewal.signers_of(hearing) == {old, new}
    assert seals_well(keys.signing_key())
    assert record_holds()
    if by != to:  # already done: nothing is signed twice
        assert renewal.main(["--from", first]) == 0
        assert (keys.fingerprint(), len(renewal.successions_of(hearing))) == (new, 1)


def test_a_key_that_no_record_names_is_told_at_the_start(
    hearing: UUID, places: Places, caplog: pytest.LogCaptureFixture
) -> None:
    renewal.renew()
    renewal.finish_at_start()
    assert not caplog.messages
    places.settings.RECORD_KEY = places.make("file")
    renewal.finish_at_start()
    [message] = caplog.messages
    assert "is not the one that 1 record(s) name" in message


# ── Files ─────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    store, file = open_store(f"file:{tmp_path}/key.pem"), tmp_path / "key.pem"
    store.current()
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(KeyUnavailable, match=rf"mode 0{mode:o}.*chmod 600"):
            store.current()
    file.chmod(0o400)
    assert seals_well(store.current())


X25519 = (
    b"-----BEGIN PRIVATE KEY-----\n"
    b"MC4CAQAwBQYDK2VuBCIEIKgTsRKxJE7Fqq4/TKr7zzK0GSbVBBeYfcQe0PQoW6tX\n"
    b"-----END PRIVATE KEY-----\n"
)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no private key"),
        (b"Excellency,", "holds no private key"),
        (X25519, "of another type than Ed25519"),
    ],
)
def test_a_file_without_a_key_of_ours_is_refused(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    (tmp_path / "key.pem").chmod(0o600)
    with pytest.raises(KeyUnavailable, match=problem):
        open_store(f"file:{tmp_path}/key.pem").current()


@pytest.mark.parametrize(
    "place",
    [
        "key.pem",
        "file:key.pem",
        "unix:",
        "https://hearing.example/key",
        "pkcs11:",
        "pkcs11:token=record",
        "pkcs11:token=record?module-path=lib.so&pin-source=/pin",
        "pkcs11:token=record;pin-value=1234?module-path=/lib.so&pin-source=/pin",
        "pkcs11:token=record?module-path=/lib.so&pin-value=1234",
    ],
)
def test_an_address_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check_place(place)
    with pytest.raises(KeyUnavailable):
        open_store(place)


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────


@needs_softhsm
def test_a_token_that_cannot_be_used_is_named_in_one_sentence(tmp_path: Path) -> None:
    with token(tmp_path) as place:
        pin = tmp_path / "pin"
        for written, mode, problem in (
            (PIN, 0o644, "Other users can read the PIN"),
            ("0000", 0o600, "The PIN is not that of the token 'record'"),
        ):
            pin.write_text(written)
            pin.chmod(mode)
            with pytest.raises(KeyUnavailable, match=problem):
                open_store(place).current()
        pin.unlink()
        with pytest.raises(KeyUnavailable, match="cannot be read"):
            open_store(place).current()
        with pytest.raises(KeyUnavailable, match="There is no such token: the token 'other'"):
            open_store(place.replace("token=record", "token=other")).current()
        with pytest.raises(KeyUnavailable, match="cannot be used"):
            open_store(place.replace("libsofthsm2", "nothing")).current()


@needs_softhsm
def test_the_key_of_a_token_never_leaves_it(tmp_path: Path) -> None:
    from pkcs11 import Attribute, ObjectClass

    from hemicycle.record.key_stores import token as module

    with token(tmp_path) as place:
        open_store(place).current()
        [session] = module._sessions.values()
        [private] = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        assert (private[Attribute.EXTRACTABLE], private[Attribute.SENSITIVE]) == (False, True)


@needs_softhsm
def test_a_promotion_on_a_token_that_was_cut_off_loses_no_key(tmp_path: Path) -> None:
    from pkcs11 import Attribute, ObjectClass

    from hemicycle.record.key_stores import token as module

    with token(tmp_path) as place:
        store = open_store(place)
        first, second = print_of(store.current()), print_of(store.prepare())
        [session] = module._sessions.values()
        wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: "hemicycle"}
        [private] = session.get_objects(wanted)
        private[Attribute.LABEL] = "hemicycle.previous"  # the process was killed here
        assert print_of(store.current()) == first
        store.forget_previous()
        assert print_of(store.current()) == first
        store.promote(second)
        assert (print_of(store.current()), print_of(store.previous())) == (second, first)
