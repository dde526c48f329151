"""Signed notes and checkpoints in the forms of C2SP, and the signatures on them.

A *note* is a text, an empty line, and one line for each signature. A *checkpoint* is a note whose
text says how large a log is and what the root of its tree is::

    hearing.example/h/water
    1234
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — hearing.example/h/water Az3grlgtzPICa5OS8npVmf1Myq/5IZ…

A checkpoint has two kinds of signature: the log's own (type 0x01) and cosignatures of witnesses
(type 0x04), which say when a witness saw that the log had only grown. Sources: C2SP
``signed-note``, ``tlog-checkpoint`` and ``tlog-cosignature``.

Standard library and `cryptography` only, so it works where Hemicycle is not installed as a service.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hemicycle.record.log.merkle import HASH_BYTES
from hemicycle.record.signing import InvalidProof, Signer
from hemicycle.record.speech import noop as _

LOG, COSIGNATURE = 0x01, 0x04
"""Types of signature: of the log's own key, and of a witness."""

MOST_BYTES = 64 * 1024
MOST_SIGNATURES = 100
"""The most signatures that are read, because notes come from outside."""

_SIGNATURE_BYTES = 64
_TIME_BYTES = 8
_DASH = "— "
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_KEY_ID = re.compile("[0-9a-f]{8}")


class InvalidNote(InvalidProof):
    """An invalid note, key or signature; the sentence says why."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key in the form of signed notes: ``name+id+base64(type ‖ key)``.

    `type` is `LOG` or `COSIGNATURE`; `key` is the 32 bytes of an Ed25519 key. `str()` gives the
    form.
    """

    name: str
    type: int
    key: bytes

    @classmethod
    def of(cls, name: str, key: Ed25519PublicKey, type: int = LOG) -> "VerifierKey":
        """Return the key of a log or a witness; raise `InvalidNote` for an invalid name."""
        if not _NAME.fullmatch(name):
            raise InvalidNote(_("“%(name)s” cannot be the name of a key."), name=name)
        return cls(name, type, key.public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a key as it is printed; raises `InvalidNote`."""
        name, _plus, rest = text.strip().partition("+")
        key_id, _plus, encoded = rest.partition("+")
        whole = _decoded(encoded)
        if not (_NAME.fullmatch(name) and _KEY_ID.fullmatch(key_id) and len(whole) == 33):
            raise InvalidNote(_("This is not a readable key of a log or a witness."))
        key = cls(name, whole[0], whole[1:])
        if key.type not in {LOG, COSIGNATURE}:
            raise InvalidNote(_("The key of %(name)s is of a type that is not known."), name=name)
        if key.id.hex() != key_id:
            raise InvalidNote(_("The key of %(name)s is misspelled."), name=name)
        return key

    @property
    def id(self) -> bytes:
        """The four bytes that begin each signature of this key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.key).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.type]) + self.key).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: the name, the key's id, and the bytes. `str()` gives the line."""

    name: str
    key_id: bytes
    bytes: bytes

    @classmethod
    def parse(cls, line: str) -> "NoteSignature":
        """Read a line, with or without its line feed; raise `InvalidNote`."""
        dash, name, encoded = line[:2], *line[2:].removesuffix("\n").partition(" ")[::2]
        whole = _decoded(encoded)
        if dash != _DASH or not _NAME.fullmatch(name) or len(whole) < 5:
            raise InvalidNote(_("The note has a line that is not a signature."))
        return cls(name, whole[:4], whole[4:])

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.bytes).decode()}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text, which ends with a line feed, and the signatures on it.

    `str()` gives the whole note.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, whole: str) -> "SignedNote":
        """Read a note; raise `InvalidNote`. Signatures are not checked yet."""
        text, parted, lines = whole.rpartition("\n\n")
        if not parted or not lines.endswith("\n") or len(whole) > MOST_BYTES:
            raise InvalidNote(_("This is not a readable signed note."))
        if any(ord(letter) < 0x20 and letter != "\n" for letter in whole):
            raise InvalidNote(_("This is not a readable signed note."))
        signatures = lines.removesuffix("\n").split("\n")
        if len(signatures) > MOST_SIGNATURES:
            raise InvalidNote(_("The note has too many signatures."))
        return cls(f"{text}\n", tuple(NoteSignature.parse(line) for line in signatures))

    def with_signatures(self, more: Iterable[NoteSignature]) -> "SignedNote":
        """Return the same text with further signatures, each once."""
        return SignedNote(self.text, tuple(dict.fromkeys((*self.signatures, *more))))

    def __str__(self) -> str:
        return f"{self.text}\n" + "".join(f"{signature}\n" for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """The text of a checkpoint: the log's origin, its number of leaves, and their root.

    `str()` gives the text that is signed.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "CheckpointText":
        """Read the text of a note; raises `InvalidNote`."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not lines[0] or not all(lines[3:]):
            raise InvalidNote(_("This is not a readable checkpoint."))
        origin, size, encoded, *extensions = lines
        root = _decoded(encoded)
        if not _SIZE.fullmatch(size) or len(root) != HASH_BYTES:
            raise InvalidNote(_("This is not a readable checkpoint."))
        return cls(origin, int(size), root, tuple(extensions))

    def __str__(self) -> str:
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode())
        return "".join(f"{line}\n" for line in (*lines, *self.extensions))


def sign(text: str, name: str, signer: Signer) -> NoteSignature:
    """Return the log's signature on a text."""
    key = VerifierKey.of(name, signer.public_key())
    return NoteSignature(name, key.id, signer.sign(text.encode()))


def cosign(text: str, name: str, signer: Signer, at: int) -> NoteSignature:
    """Return a witness's signature on a checkpoint, made `at` seconds since the Unix epoch."""
    key = VerifierKey.of(name, signer.public_key(), COSIGNATURE)
    stamp = at.to_bytes(_TIME_BYTES, "big")
    return NoteSignature(name, key.id, stamp + signer.sign(_cosigned(text, at)))


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def check(note: SignedNote, key: VerifierKey) -> None:
    """Check that a log's key signed a note; raises `InvalidNote`."""
    if key.type != LOG:
        raise InvalidNote(_("The key of %(name)s is not the key of a log."), name=key.name)
    for signature in _signatures_of(note, key):
        _require_signature(key, signature.bytes, note.text.encode())


def check_cosignature(note: SignedNote, key: VerifierKey) -> int:
    """Check that a witness cosigned a checkpoint; return when, in seconds since the Unix epoch.

    Raises `InvalidNote`, also if there is no cosignature by this key.
    """
    if key.type != COSIGNATURE:
        raise InvalidNote(_("The key of %(name)s is not the key of a witness."), name=key.name)
    at = 0
    for signature in _signatures_of(note, key):
        at = cosigned_at(signature)
        _require_signature(key, signature.bytes[_TIME_BYTES:], _cosigned(note.text, at))
    return at


def cosigned_at(signature: NoteSignature) -> int:
    """Return the time that a cosignature states, unchecked; raise `InvalidNote`."""
    if len(signature.bytes) != _TIME_BYTES + _SIGNATURE_BYTES:
        raise InvalidNote(_("The signature of %(name)s cannot be read."), name=signature.name)
    return int.from_bytes(signature.bytes[:_TIME_BYTES], "big")


def _signatures_of(note: SignedNote, key: VerifierKey) -> list[NoteSignature]:
    """Return the signatures by a key; raise `InvalidNote` if there is none."""
    found = [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.id)]
    if not found:
        raise InvalidNote(_("It is not signed by %(name)s."), name=key.name)
    return found


def _require_signature(key: VerifierKey, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise InvalidNote(
            _("The signature of %(name)s does not belong to this text."), name=key.name
        ) from None


def _decoded(text: str) -> bytes:
    """Return the decoded bytes of base64; b"" if the text is not in canonical form."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return decoded if base64.b64encode(decoded).decode() == text else b""
