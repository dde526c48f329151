"""Tokens for edges: bearer tokens that the engine and `web` sign, and that the edge checks.

A token is a JWT (RFC 7519) signed with ES256. Its claim `mediamtx_permissions` lists actions and
paths, in the form that MediaMTX reads. The edge gets the public key from `web` (`jwks`) and no
secret. The private key is derived from the secret that the engine and `web` share, so every machine
has the same key and nobody needs to copy one.
"""

import hashlib
from functools import lru_cache
from typing import Any, Final, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import ECAlgorithm

from hemicycle import shared_clock
from hemicycle.engine.edges import addresses
from hemicycle.engine.edges.addresses import Audience

ISSUER: Final = "hemicycle"
AUDIENCE: Final = "edge"
CLAIM: Final = "mediamtx_permissions"

READS_S = 300
"""How long a token to listen is valid, in seconds. A page gets a new one before it expires; an edge
that checks the expiry closes the connection then.
"""

PUBLISHES_S = 60
"""How long a token of the engine is valid, in seconds: each request has a new one."""

type Action = Literal["publish", "read", "api"]

_ORDER = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
"""The order of the curve P-256 (NIST SP 800-186)."""


def to_publish(secret: str, hearing: str) -> str:
    """Return a token that publishes under a hearing's paths."""
    return _signed(secret, "publish", f"~^{hearing}/", PUBLISHES_S)


def to_read(secret: str, hearing: str, audience: Audience, *, now: float | None = None) -> str:
    """Return a token that reads what a hearing's audience may get, from `now` (s since the epoch)
    on.
    """
    return _signed(secret, "read", f"~^{addresses.below(hearing, audience)}", READS_S, now)


def to_control(secret: str) -> str:
    """Return a token for the edge's control API."""
    return _signed(secret, "api", "", PUBLISHES_S)


def _signed(secret: str, action: Action, path: str, lasts_s: int, now: float | None = None) -> str:
    at = int(shared_clock.now_s() if now is None else now)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": at,
        "exp": at + lasts_s,
        CLAIM: [{"action": action, "path": path}],
    }
    return jwt.encode(claims, _key(secret), algorithm="ES256", headers={"kid": key_id(secret)})


def jwks(secret: str) -> dict[str, Any]:
    """Return the public key as a set (RFC 7517)."""
    return {"keys": [{**_public(secret), "kid": key_id(secret), "use": "sig", "alg": "ES256"}]}


def key_id(secret: str) -> str:
    """Return the key's id: the beginning of its thumbprint (RFC 7638)."""
    public = _public(secret)
    members = ",".join(f'"{name}":"{public[name]}"' for name in ("crv", "kty", "x", "y"))
    return hashlib.sha256(f"{{{members}}}".encode()).hexdigest()[:16]


def _public(secret: str) -> dict[str, Any]:
    return dict(ECAlgorithm.to_jwk(_key(secret).public_key(), as_dict=True))


@lru_cache(maxsize=4)
def _key(secret: str) -> ec.EllipticCurvePrivateKey:
    # 16 bytes more than the order has, so that the remainder is evenly distributed (FIPS 186-5,
    # A.2.1).
    derived = HKDF(SHA256(), length=48, salt=None, info=b"hemicycle media edges")
    number = int.from_bytes(derived.derive(secret.encode()))
    return ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())
