"""Receipts: genuine ones are valid, changed ones are not, and they show nobody else."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record.chain import Content
from hemicycle.record.receipts import check, check_place, receipt
from hemicycle.record.signing import InvalidProof, fingerprint
from tests.record.test_verify import chain

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
TRUSTED = {fingerprint(KEY.public_key())}
ROWS = chain(5)
TEXT = json.dumps(receipt(Content.of(ROWS[2]), ROWS[1]["hash"], KEY))


def test_a_receipt_proves_its_entry_and_place() -> None:
    checked = check(TEXT, TRUSTED)
    assert (checked.content.seq, checked.body, checked.hash) == (3, {"n": 3}, ROWS[2]["hash"])
    check_place(checked, ROWS)


def test_a_receipt_shows_no_other_entry() -> None:
    assert not any(row["body"] in TEXT for row in ROWS if row["seq"] != 3)


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="ascii", categories=("L", "N", "P")))
def test_a_changed_character_is_noticed(at: int, character: str) -> None:
    changed = TEXT[:at] + character + TEXT[at + 1 :]
    try:
        same = json.loads(changed) == json.loads(TEXT)
    except ValueError:
        same = False
    if not same:
        with pytest.raises(InvalidProof):
            check(changed, TRUSTED)


@given(st.text() | st.from_regex(r'\{"format": ?"hemicycle-receipt-1".*\}', fullmatch=True))
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidProof, match=r"\.$"):
        check(text, TRUSTED)


def test_another_installations_receipt_is_refused() -> None:
    other = json.dumps(
        receipt(
            Content.of(ROWS[2]), ROWS[1]["hash"], Ed25519PrivateKey.from_private_bytes(b"o" * 32)
        )
    )
    with pytest.raises(InvalidProof, match="signed with another key"):
        check(other, TRUSTED)


def test_a_rewritten_chain_contradicts_the_receipt() -> None:
    with pytest.raises(InvalidProof, match="Entry 3"):
        check_place(check(TEXT, TRUSTED), [{**ROWS[2], "hash": "0" * 64}])
    with pytest.raises(InvalidProof, match="no entry 3"):
        check_place(check(TEXT, TRUSTED), ROWS[:2])


def test_without_a_key_a_receipt_is_consistent_and_says_who_signed_it() -> None:
    assert {check(TEXT, None).signer} == TRUSTED


def test_a_field_that_stands_there_twice_is_refused() -> None:
    twice = TEXT[:-1] + ', "hash": ' + json.dumps(ROWS[2]["hash"]) + "}"
    assert json.loads(twice) == json.loads(TEXT)
    with pytest.raises(InvalidProof):
        check(twice, TRUSTED)
