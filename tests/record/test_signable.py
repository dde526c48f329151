"""The signing process signs only documents of Hemicycle's formats, in their canonical form."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record import receipts, seals, signable, succession
from hemicycle.record.chain import Content, canonical
from hemicycle.record.signing import encoded, fingerprint
from tests.record.test_verify import HEARING, chain

KEY, NEW = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"k", b"n"))
OWN, NEXT = encoded(KEY.public_key()), fingerprint(NEW.public_key())
ROWS = chain(2)
END = seals.End(HEARING, 2, ROWS[-1]["hash"])
NAMED: dict[str, Any] = {"origin": "https://hearing.example", "at": 50, "signer": KEY}
CHECKPOINT = f"hearing.example/h/water\n12\n{base64.b64encode(b'r' * 32).decode()}\n"

DOCUMENTS = {
    receipts.RECEIPT: receipts.receipt(Content.of(ROWS[1]), ROWS[0]["hash"], KEY),
    seals.CHAIN: seals.seal_chain(END, **NAMED),
    seals.ARCHIVE: seals.seal_archive(END, "cd" * 32, **NAMED),
    succession.SUCCESSION: succession.succeed(KEY, NEW.public_key(), hearing=HEARING, at=5),
}


def unsigned(form: str, **changes: Any) -> dict[str, Any]:
    """Return a document as it is before signing, with changes."""
    document = {**DOCUMENTS[form], **changes}
    del document["signature"]
    return document


@pytest.mark.parametrize("form", DOCUMENTS)
def test_every_document_that_is_signed_here_may_be_signed(form: str) -> None:
    assert signable.check(canonical(unsigned(form)), OWN, {NEXT}) == form


@pytest.mark.parametrize("text", [CHECKPOINT, f"{CHECKPOINT}an extension\n"])
def test_the_text_of_a_checkpoint_may_be_signed(text: str) -> None:
    assert signable.check(text.encode(), OWN, ()) == signable.CHECKPOINT


@pytest.mark.parametrize("form", DOCUMENTS)
@pytest.mark.parametrize(
    "change",
    [
        lambda document: {**document, "remark": "x"},
        lambda document: {name: document[name] for name in sorted(document)[:-1]},
        lambda document: {**document, "format": "hemicycle-letter-1"},
        lambda document: {**document, "key": encoded(NEW.public_key())},
        lambda document: dict.fromkeys(document) | {"format": document["format"], "key": OWN},
        lambda document: {
            **{name: [{}] for name in document},
            "format": document["format"],
            "key": OWN,
        },
        lambda document: {**document, "format": ["hemicycle-receipt-1"]},
    ],
)
def test_a_document_that_says_more_less_or_something_else_is_not_signed(
    form: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    with pytest.raises(signable.NotSignable):
        signable.check(canonical(change(unsigned(form))), OWN, {NEXT})


@pytest.mark.parametrize(
    ("form", "changes"),
    [
        (receipts.RECEIPT, {"hash": "00" * 32}),
        (receipts.RECEIPT, {"previous": "zz"}),
        (receipts.RECEIPT, {"entry": {"hearing": HEARING}}),
        (seals.ARCHIVE, {"manifest": "short"}),
        (seals.CHAIN, {"manifest": "cd" * 32}),
        (seals.CHAIN, {"hearing": "water"}),
        (succession.SUCCESSION, {"new_key": encoded(Ed25519PrivateKey.generate().public_key())}),
        (succession.SUCCESSION, {"new_key": "AAAA"}),
        (succession.SUCCESSION, {"at": -1}),
    ],
)
def test_a_document_whose_fields_do_not_fit_is_not_signed(
    form: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(signable.NotSignable):
        signable.check(canonical(unsigned(form, **changes)), OWN, {NEXT})


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"raw bytes",
        bytes(range(256)),
        b"\x00" * 32,
        b"{",
        b"{}",
        b"[]",
        b'{"format":"hemicycle-receipt-1"}',
        json.dumps(unsigned(seals.CHAIN)).encode(),  # spelled with blanks
        canonical(unsigned(seals.CHAIN)) + b" ",
        b"x" * (signable.MOST_BYTES + 1),
        CHECKPOINT.removesuffix("\n").encode(),
        CHECKPOINT.replace("\n12\n", "\n012\n").encode(),
        CHECKPOINT.replace("\n12\n", "\n-1\n").encode(),
        CHECKPOINT.replace("=", "").encode(),
        f"\n{CHECKPOINT}".encode(),
        f"{CHECKPOINT}\n".encode(),
        f"{CHECKPOINT}\x00\n".encode(),
        f"{{{CHECKPOINT}".encode(),
    ],
)
def test_raw_bytes_are_never_signed(message: bytes) -> None:
    with pytest.raises(signable.NotSignable, match=r"^It "):
        signable.check(message, OWN, {NEXT})
