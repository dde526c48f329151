"""`hemicycle renew-key`: a new key signs from now on, and the old one says so on every record.

The new key waits in a file of its own until the successions are committed, so that a renewal that
was cut off is finished or dropped by the next one: the key is never one that no record names.
"""

import argparse
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.db.models import QuerySet

from hemicycle.record import keys, succession, writer
from hemicycle.record.models import Entry, Head
from hemicycle.record.signing import encoded, fingerprint, fingerprint_of
from hemicycle.record.writer import Actor

RENEWER = Actor.system("renew-key")


def renew(*, actor: Actor = RENEWER) -> int:
    """Let a new key succeed on the records of all hearings; returns how many they are.

    Whatever is signed while this runs may bear either key. A process that has read the old key
    reads the new one as soon as its file is there.
    """
    path, waiting = keys.path(), keys.path(keys.NEXT)
    if waiting.exists():
        new = keys.read(waiting)
        named = _successions().filter(body__contains=f'"{encoded(new.public_key())}"').count()
        if named:
            waiting.replace(path)
            return named
        waiting.unlink()
    old, new = keys.signing_key(), Ed25519PrivateKey.generate()
    keys.write_private(waiting, new)
    hearings = list(Head.objects.order_by("hearing").values_list("hearing", flat=True))
    _succeed(old, new, hearings, actor)
    waiting.replace(path)
    late = _begun_meanwhile(hearings, fingerprint(old.public_key()))
    _succeed(old, new, late, actor)
    return len(hearings) + len(late)


@transaction.atomic
def _succeed(
    old: Ed25519PrivateKey, new: Ed25519PrivateKey, hearings: list[UUID], actor: Actor
) -> None:
    for hearing in hearings:
        with writer.writing(hearing, actor=actor) as record:
            signed = succession.succeed(old, new.public_key(), hearing=hearing.hex, at=record.now)
            record.append(succession.ENTRY, signed)


def _begun_meanwhile(known: list[UUID], old: str) -> list[UUID]:
    """Hearings whose first entry still names the old key, since they were convened just now."""
    first = Entry.objects.filter(seq=1).exclude(hearing__in=known)
    return [entry.hearing for entry in first if entry.fields().get("key") == old]


def successions_of(hearing: UUID, last: int | None = None) -> list[dict[str, Any]]:
    """The successions of the keys of a hearing, in their order, up to entry `last`."""
    found = _successions().filter(hearing=hearing)
    if last is not None:
        found = found.filter(seq__lte=last)
    return [entry.fields() for entry in found.order_by("seq")]


def signers_of(hearing: UUID | None) -> set[str]:
    """The fingerprints of the key in use and, on a hearing's record, of those before it."""
    before = successions_of(hearing) if hearing else []
    return {keys.fingerprint(), *(fingerprint_of(fields["key"]) for fields in before)}


def _successions() -> QuerySet[Entry, Entry]:
    return Entry.objects.filter(kind=succession.ENTRY)


def main(argv: list[str] | None = None) -> int:
    """Renew the key that signs receipts and seals, and say what became of the old one."""
    argparse.ArgumentParser(
        prog="hemicycle renew-key",
        description="Let a new key sign receipts, the record and archives. The old key signs the "
        "new one on the record of every hearing, and is deleted.",
    ).parse_args(argv)
    old = keys.fingerprint()
    count = renew()
    print(f"On the records of {count} hearing(s), the key {old}")
    print(f"is succeeded by {keys.fingerprint()}.")
    print("What was signed before stays valid: verifiers follow the succession on the record.")
    return 0
