"""Notes and checkpoints, compared with published examples; and invalid signatures."""

import base64
import contextlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record.log import notes
from hemicycle.record.log.notes import (
    CheckpointText,
    InvalidNote,
    NoteSignature,
    SignedNote,
    VerifierKey,
)

# The example of golang.org/x/mod/sumdb/note, which C2SP's signed-note comes from.
EXAMPLE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
EXAMPLE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
# The example of C2SP's tlog-cosignature.
COSIGNED = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q"
    "1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2o"
    "yin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
ORIGIN = "hearing.example/h/water"


def test_the_published_note_holds_and_is_spelled_as_it_was() -> None:
    key = VerifierKey.parse(EXAMPLE_KEY)
    note = SignedNote.parse(EXAMPLE)
    notes.check(note, key)
    assert (str(key), str(note)) == (EXAMPLE_KEY, EXAMPLE)


def test_the_published_checkpoint_is_read() -> None:
    note = SignedNote.parse(COSIGNED)
    checkpoint = CheckpointText.parse(note.text)
    assert checkpoint == CheckpointText(
        "example.com/behind-the-sofa",
        20852163,
        base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="),
    )
    assert str(checkpoint) == note.text
    assert str(note) == COSIGNED
    assert notes.cosigned_at(note.signatures[1]) == 1679315147


@pytest.fixture(scope="module")
def signer() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def _checkpoint(origin: str = ORIGIN) -> CheckpointText:
    return CheckpointText(origin, 5, b"\x05" * 32)


def test_a_checkpoint_is_signed_and_cosigned(signer: Ed25519PrivateKey) -> None:
    text = str(_checkpoint())
    note = SignedNote(text, (notes.sign(text, ORIGIN, signer),))
    note = note.with_signatures([notes.cosign(text, "witness.example", signer, 1_700_000_000)])
    read = SignedNote.parse(str(note))
    assert read == note
    notes.check(read, VerifierKey.of(ORIGIN, signer.public_key()))
    witness = VerifierKey.of("witness.example", signer.public_key(), notes.COSIGNATURE)
    assert notes.check_cosignature(read, VerifierKey.parse(str(witness))) == 1_700_000_000


def test_what_is_signed_is_the_text_alone(signer: Ed25519PrivateKey) -> None:
    text = str(_checkpoint())
    other = str(_checkpoint("hearing.example/h/soil"))
    key = VerifierKey.of(ORIGIN, signer.public_key())
    moved = SignedNote(other, (notes.sign(text, ORIGIN, signer),))
    with pytest.raises(InvalidNote, match="does not belong"):
        notes.check(moved, key)
    with pytest.raises(InvalidNote, match="not signed by"):
        notes.check(SignedNote(text, (notes.sign(text, "other.example", signer),)), key)


def test_a_cosignature_binds_its_time(signer: Ed25519PrivateKey) -> None:
    text = str(_checkpoint())
    made = notes.cosign(text, "w", signer, 1_700_000_000)
    later = (1_700_003_600).to_bytes(8, "big") + made.bytes[8:]
    note = SignedNote(text, (NoteSignature("w", made.key_id, later),))
    key = VerifierKey.of("w", signer.public_key(), notes.COSIGNATURE)
    with pytest.raises(InvalidNote, match="does not belong"):
        notes.check_cosignature(note, key)


def test_a_key_has_one_use(signer: Ed25519PrivateKey) -> None:
    text = str(_checkpoint())
    log = VerifierKey.of(ORIGIN, signer.public_key())
    witness = VerifierKey.of(ORIGIN, signer.public_key(), notes.COSIGNATURE)
    note = SignedNote(text, (notes.sign(text, ORIGIN, signer),))
    assert log.id != witness.id
    with pytest.raises(InvalidNote, match="not the key of a witness"):
        notes.check_cosignature(note, log)
    with pytest.raises(InvalidNote, match="not the key of a log"):
        notes.check(note, witness)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        EXAMPLE_KEY.replace("c74f20a3", "c74f20a4"),
        EXAMPLE_KEY.replace("PeterNeumann", "Peter Neumann"),
        EXAMPLE_KEY[:-4],
        "w+" + EXAMPLE_KEY.partition("+")[2],
    ],
)
def test_a_misspelled_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n\n",
        EXAMPLE[:-1],
        EXAMPLE.replace("— ", "- "),
        EXAMPLE.replace("you", "y\tou", 1),
        EXAMPLE + "more\n",
        EXAMPLE + EXAMPLE.splitlines()[-1].replace("x08", "x0*") + "\n",
        EXAMPLE + (EXAMPLE.splitlines()[-1] + "\n") * 100,
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        SignedNote.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\n01\n" + "A" * 43 + "=\n",
        "a\n-1\n" + "A" * 43 + "=\n",
        "a\n1\n" + "A" * 43 + "\n",
        "a\n1\n" + "A" * 42 + "B=\n",
        "\n1\n" + "A" * 43 + "=\n",
        "a\n1\n" + "A" * 43 + "=",
        "a\n1\n" + "A" * 43 + "=\n\nb\n",
        "a\n" + "9" * 19 + "\n" + "A" * 43 + "=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidNote):
        CheckpointText.parse(text)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (SignedNote.parse, CheckpointText.parse, VerifierKey.parse, NoteSignature.parse):
        with contextlib.suppress(InvalidNote):
            assert str(read(text)).strip() == text.strip()
