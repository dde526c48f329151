"""An authenticator app (RFC 6238), which shares no code with the code under test."""

import base64
import hmac
import struct
import time


def code_of(secret: str, at: float | None = None) -> str:
    """Return the six digits for a base32 secret at a time in seconds (default: now)."""
    key = base64.b32decode(secret.replace(" ", ""), casefold=True)
    step = int((time.time() if at is None else at) // 30)
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    start = digest[-1] & 15
    (number,) = struct.unpack(">I", digest[start : start + 4])
    return f"{(number & 0x7FFFFFFF) % 10**6:06d}"
