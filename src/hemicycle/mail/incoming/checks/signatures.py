"""Check DKIM signatures (RFC 6376) in a separate process, which cannot query the DNS.

`python -m hemicycle.mail.incoming.checks.signatures check ...` reads the message, after a line of
JSON with the known keys by their names in the DNS. It is run twice: first to get the names of the
keys, then with the keys.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import BinaryIO

import dkim

from hemicycle.documents.reading import guarded
from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.worker import Answer, Job, serve

MOST_SIGNATURES = 5
"""The most signatures checked in a message; each costs a DNS query and a hash of the body."""
LIMITS = Limits(memory=2**30)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: the signer's domain, whether it is valid, and the key's name in the DNS.

    `key` is "" if the signature is so broken that no key was requested.
    """

    domain: str
    is_good: bool
    key: str


def check(raw: bytes, keys: Mapping[str, bytes | None]) -> list[Signature]:
    """Check a message's signatures with these keys, in a separate process.

    `keys` are TXT records by their names, None for a missing one. Raises `UnreadableDocument` if
    the process gives no answer.
    """
    known = {name: key and key.decode("latin-1") for name, key in keys.items()}
    with guarded.spooled(json.dumps(known).encode() + b"\n" + raw) as file:
        message, _ = guarded.ask(__name__, "check", file, LIMITS)
    return [Signature(**fields) for fields in message["signatures"][:MOST_SIGNATURES]]


def checked(raw: bytes, keys: Mapping[str, bytes | None]) -> list[Signature]:
    """Check a message's signatures in this process, which `check` has started."""
    try:
        message = dkim.DKIM(raw)
    except Exception:  # noqa: BLE001 - as below
        return []
    names = [name.lower() for name, _value in message.headers]
    number = min(names.count(b"dkim-signature"), MOST_SIGNATURES)
    return [_signature(message, index, keys) for index in range(number)]


def _signature(message: dkim.DKIM, number: int, keys: Mapping[str, bytes | None]) -> Signature:
    asked: list[str] = []

    def key_of(name: bytes, timeout: int = 0) -> bytes | None:
        asked.append(name.decode())
        return keys.get(asked[-1])

    message.domain = None
    try:
        is_good = bool(message.verify(idx=number, dnsfunc=key_of))
    except Exception:  # noqa: BLE001 - strangers' bytes make the library raise many things
        is_good = False
    domain = (message.domain or b"").decode("ascii", "replace")
    return Signature(domain.lower(), is_good, asked[-1] if asked else "")


def _check(file: BinaryIO, _limits: Limits) -> Answer:
    known = json.loads(file.readline())
    keys = {name: key and key.encode("latin-1") for name, key in known.items()}
    return {"signatures": [asdict(one) for one in checked(file.read(), keys)]}, b""


JOBS: dict[str, Job] = {"check": _check}

if __name__ == "__main__":
    sys.exit(serve(JOBS, sys.argv[1:]))
