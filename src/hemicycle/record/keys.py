"""The key that signs receipts, seals and checkpoints: Ed25519, one per installation.

`HEMICYCLE_RECORD_KEY` says where it is (`key_stores`); it is created on first use. Every function
except `pem_of` raises `KeyUnavailable` if the key cannot be used.
"""

from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from hemicycle.record import signing
from hemicycle.record.key_stores.base import KeyStore
from hemicycle.record.key_stores.places import open_store
from hemicycle.record.signing import Signer


def store() -> KeyStore:
    """Return the store of this installation's key."""
    return open_store(settings.RECORD_KEY or f"file:{settings.KEYS_DIR}/receipts.pem")


def signing_key() -> Signer:
    """Return the present signing key, so that a renewal reaches every process at once."""
    return store().current()


def public_pem() -> str:
    """Return the public half, with which anyone can check a receipt."""
    return pem_of(signing_key().public_key())


def pem_of(key: Ed25519PublicKey) -> str:
    """Return a public key as PEM text."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(encoding, form).decode()


def fingerprint() -> str:
    """Return the fingerprint of the public half, as pages, letters and receipts print it."""
    return _fingerprint(signing.encoded(signing_key().public_key()))


@lru_cache(maxsize=8)
def _fingerprint(key: str) -> str:
    return signing.fingerprint_of(key)
