"""The hash chain, as bytes: the part of the record that anyone can recompute.

An entry's *content* is canonical JSON: keys sorted, no spaces, UTF-8, integers only (a float has no
single spelling, so it is refused). Its *digest* is the SHA-256 of those bytes. Its *hash* binds it
to everything before: ``SHA-256(previous hash ‖ digest)``. Because of the two steps, a hearing can
publish its chain as digests and hashes alone: the holder of one entry can prove its place without
seeing any other content. Contents hold random ids, so nobody can guess a content from its digest.

Standard library only: `hemicycle verify` uses it where Hemicycle is not installed as a service.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
FORMAT = "hemicycle-record-1"


class NotCanonical(ValueError):
    """A value for which canonical JSON has no single spelling."""


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of `value`. Raises `NotCanonical` for floats and foreign types."""
    try:
        text = json.dumps(
            value,
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
            check_circular=False,
        )
        encoded = text.encode("utf-8")
    except (TypeError, ValueError) as error:
        raise NotCanonical(str(error)) from error
    _refuse_floats(value)
    return encoded


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise NotCanonical("a record holds whole numbers only")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)


@dataclass(frozen=True, slots=True)
class Content:
    """The content of an entry, without its place in the chain.

    `at` is in milliseconds since the Unix epoch; `body` is canonical JSON text; `meeting` is empty
    if the entry belongs to the hearing as a whole.
    """

    hearing: str
    seq: int
    kind: str
    version: int
    at: int
    actor: str
    role: str
    meeting: str
    body: str

    def digest(self) -> str:
        """Return the SHA-256 of the content, as 64 hexadecimal digits."""
        head = canonical(
            [
                FORMAT,
                self.hearing,
                self.seq,
                self.kind,
                self.version,
                self.at,
                self.actor,
                self.role,
                self.meeting,
            ]
        )
        return sha256(head + b"\n" + self.body.encode("utf-8")).hexdigest()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Content":
        """Read a content from a database row or an exported line; raise `KeyError` for a missing
        field.
        """
        return cls(
            hearing=str(row["hearing"]).replace("-", ""),
            seq=int(row["seq"]),
            kind=str(row["kind"]),
            version=int(row["version"]),
            at=int(row["at"]),
            actor=str(row["actor"]),
            role=str(row["role"]),
            meeting=str(row["meeting"]),
            body=str(row["body"]),
        )


def genesis(hearing: str) -> str:
    """Return the hash that precedes the first entry of a hearing's record."""
    return sha256(f"{FORMAT}\n{hearing}".encode()).hexdigest()


def link(previous: str, digest: str) -> str:
    """Return the hash of an entry, computed from the previous hash and the entry's digest."""
    return sha256(bytes.fromhex(previous) + bytes.fromhex(digest)).hexdigest()
