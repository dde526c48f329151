"""Seals: one for a chain, one for an archive, and neither is accepted for the other."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record import receipts
from hemicycle.record.chain import Content
from hemicycle.record.seals import (
    End,
    Seal,
    check_archive_seal,
    check_chain_seal,
    seal_archive,
    seal_chain,
)
from hemicycle.record.signing import InvalidProof, fingerprint, read_fingerprint, sign
from tests.record.test_verify import HEARING, chain

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
END = End(HEARING, 5, chain(5)[-1]["hash"])
ORIGIN = "https://hearing.example"
CHAIN = seal_chain(END, origin=ORIGIN, at=50, signer=KEY)
ARCHIVE = seal_archive(END, "cd" * 32, origin=ORIGIN, at=50, signer=KEY)


def test_a_seal_names_the_hearing_its_end_the_origin_and_the_signer() -> None:
    signer = fingerprint(KEY.public_key())
    assert check_chain_seal(json.dumps(CHAIN)) == Seal(ORIGIN, END, 50, "", signer)
    assert check_archive_seal(json.dumps(ARCHIVE)) == Seal(ORIGIN, END, 50, "cd" * 32, signer)


def test_neither_seal_stands_for_the_other_nor_a_receipt_for_one() -> None:
    rows = chain(2)
    receipt = receipts.receipt(Content.of(rows[1]), rows[0]["hash"], KEY)
    with pytest.raises(InvalidProof, match="the seal of a chain, not the seal of an archive"):
        check_archive_seal(json.dumps(CHAIN))
    with pytest.raises(InvalidProof, match="the seal of an archive, not the seal of a chain"):
        check_chain_seal(json.dumps(ARCHIVE))
    with pytest.raises(InvalidProof, match="It is a receipt, not the seal of an archive"):
        check_archive_seal(json.dumps(receipt))
    for seal in (CHAIN, ARCHIVE):
        with pytest.raises(InvalidProof):
            receipts.check(json.dumps(seal), None)


@pytest.mark.parametrize("field", sorted(ARCHIVE))
def test_a_field_that_is_changed_or_missing_is_noticed(field: str) -> None:
    value = ARCHIVE[field]
    changed = {**ARCHIVE, field: value + 1 if isinstance(value, int) else f"0{value[1:]}"}
    less = {name: value for name, value in ARCHIVE.items() if name != field}
    for document in (changed, less):
        with pytest.raises(InvalidProof):
            check_archive_seal(json.dumps(document))


@pytest.mark.parametrize(
    "changes",
    [
        {"manifest": ""},
        {"manifest": None},
        {"manifest": "cd" * 31},
        {"hearing": HEARING.upper()},
        {"seq": True},
        {"seq": -1},
        {"seq": "5"},
        {"origin": ""},
        {"origin": 5},
        {"remark": "one field more"},
    ],
)
def test_a_seal_that_does_not_say_what_it_must_is_refused_though_it_is_signed(
    changes: dict[str, Any],
) -> None:
    payload = {name: ARCHIVE[name] for name in ARCHIVE if name not in {"key", "signature"}}
    signed = sign(payload | changes, KEY)
    with pytest.raises(InvalidProof, match="must say"):
        check_archive_seal(json.dumps(signed))


def test_an_archive_seal_without_a_manifest_is_refused_though_it_is_signed() -> None:
    payload = {name: ARCHIVE[name] for name in CHAIN if name not in {"key", "signature"}}
    with pytest.raises(InvalidProof, match="must say"):
        check_archive_seal(json.dumps(sign(payload, KEY)))


@pytest.mark.parametrize("key", ["", "AAAA", 5, None, base64.b64encode(b"x" * 44).decode()])
def test_a_key_that_is_none_is_refused_with_a_sentence(key: object) -> None:
    with pytest.raises(InvalidProof, match=r"\.$"):
        check_archive_seal(json.dumps({**ARCHIVE, "key": key}))


def test_a_fingerprint_is_read_as_people_copy_it() -> None:
    plain = fingerprint(KEY.public_key())
    grouped = " ".join(plain[at : at + 4] for at in range(0, 64, 4))
    colons = ":".join(plain[at : at + 2].upper() for at in range(0, 64, 2))
    for text in (plain, f"SHA256:{plain}", grouped, colons, f" sha256:{grouped}\n"):
        assert read_fingerprint(text) == plain
    for text in ("", plain[:-1], f"{plain}0", "key.pem", "g" * 64):
        assert read_fingerprint(text) is None
