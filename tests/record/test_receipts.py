"""Receipts: what is signed holds, what is changed does not, and nobody else is shown."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record.chain import Content
from hemicycle.record.receipts import InvalidReceipt, check, check_place, check_seal, receipt, seal
from tests.record.test_verify import HEARING, chain

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PEM = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
ROWS = chain(5)
TEXT = json.dumps(receipt(Content.of(ROWS[2]), ROWS[1]["hash"], KEY))


def test_a_receipt_proves_its_entry_and_place() -> None:
    checked = check(TEXT, PEM)
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
        with pytest.raises(InvalidReceipt):
            check(changed, PEM)


@given(st.text() | st.from_regex(r'\{"format": ?"hemicycle-receipt-1".*\}', fullmatch=True))
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidReceipt, match=r"\.$"):
        check(text, PEM)


def test_another_installations_receipt_is_refused() -> None:
    other = json.dumps(
        receipt(
            Content.of(ROWS[2]), ROWS[1]["hash"], Ed25519PrivateKey.from_private_bytes(b"o" * 32)
        )
    )
    with pytest.raises(InvalidReceipt, match="signature"):
        check(other, PEM)


def test_a_rewritten_chain_contradicts_the_receipt() -> None:
    with pytest.raises(InvalidReceipt, match="Entry 3"):
        check_place(check(TEXT, PEM), [{**ROWS[2], "hash": "0" * 64}])
    with pytest.raises(InvalidReceipt, match="no entry 3"):
        check_place(check(TEXT, PEM), ROWS[:2])


def test_a_seal_is_checked_like_a_receipt() -> None:
    text = json.dumps(seal(HEARING, 5, ROWS[4]["hash"], 50, KEY))
    assert check_seal(text, PEM)["seq"] == 5
    with pytest.raises(InvalidReceipt):
        check_seal(text.replace('"seq": 5', '"seq": 4'), PEM)
    with pytest.raises(InvalidReceipt):
        check(text, PEM)
