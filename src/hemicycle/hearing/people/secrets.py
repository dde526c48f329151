"""Secrets in links: 256 random bits in the address, their SHA-256 in the database."""

import secrets
from hashlib import sha256


def new_secret() -> tuple[str, str]:
    """Return a new secret for a link, and the hash to store."""
    secret = secrets.token_urlsafe(32)
    return secret, hash_secret(secret)


def hash_secret(secret: str) -> str:
    """Return the hash that a presented secret must match, as 64 hexadecimal digits."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
