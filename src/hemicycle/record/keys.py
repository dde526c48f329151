"""The key that signs receipts and seals: Ed25519, one per installation, made on first use."""

import os
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from hemicycle.record import signing

PRIVATE = "receipts.pem"
NEXT = "receipts.next.pem"
"""A key that is about to succeed (`renewal`)."""


def path(name: str = PRIVATE) -> Path:
    """Where a key lies."""
    return Path(settings.KEYS_DIR) / name


def signing_key() -> Ed25519PrivateKey:
    """This installation's signing key, read from or made in the data folder (mode 0600).

    It is read again after its file was replaced, so that every process signs with a new key.
    """
    return _known()[0]


def _known() -> tuple[Ed25519PrivateKey, str]:
    own = path()
    try:
        state = own.stat()
    except FileNotFoundError:
        _make(own)
        state = own.stat()
    return _read(own, state.st_ino, state.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, inode: int, changed_ns: int) -> tuple[Ed25519PrivateKey, str]:
    """The key and its fingerprint; inode and time tell a file from the one before it."""
    key = read(path)
    return key, signing.fingerprint(key.public_key())


def read(path: Path) -> Ed25519PrivateKey:
    """The private key in a file; raises `TypeError` for one of another kind."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path.name} is not an Ed25519 key")
    return key


def _make(path: Path) -> None:
    """Write a new key; where two processes start at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_suffix(f".{os.getpid()}")
    write_private(own, Ed25519PrivateKey.generate())
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()


def write_private(path: Path, key: Ed25519PrivateKey) -> None:
    """Write a private key into a new file that nobody else may read, and onto the disk."""
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def public_pem() -> str:
    """The public half, for anyone who checks a receipt."""
    return (
        signing_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def fingerprint() -> str:
    """The fingerprint of the public half, as pages, letters and receipts print it."""
    return _known()[1]
