"""`hemicycle renew-key`: a new key signs from now on, and the old key says so on every record.

A renewal has four steps: (1) the new key is created, and waits; (2) the old key signs it on the
record of every hearing, in one transaction; (3) the new key replaces the old one, which is kept
beside it; (4) hearings that were convened in the meantime, and name the old key, get their
succession, and the old key is destroyed. A process that is killed between two steps leaves what the
next step needs: `finish_at_start` takes the remaining steps when a process starts, and so does the
next renewal.
"""

import argparse
import fcntl
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import OperationalError, ProgrammingError, transaction
from django.db.models import QuerySet

from hemicycle.record import keys, succession, writer
from hemicycle.record.key_stores.base import KeyStore, KeyUnavailable
from hemicycle.record.key_stores.places import open_store
from hemicycle.record.models import Entry, Head
from hemicycle.record.signing import Signer, encoded, fingerprint, fingerprint_of
from hemicycle.record.writer import Actor

RENEWER = Actor.system("renew-key")
LOCK = "renewal.lock"

log = logging.getLogger(__name__)


def renew(source: KeyStore | None = None, *, actor: Actor = RENEWER) -> int:
    """Make a new key the successor on the records of all hearings; return their number.

    `source` is the store of the old key if the settings already name another store; its key is then
    not destroyed. If a renewal was interrupted, finish it and create no other key. Raises
    `KeyUnavailable`. Documents signed while this runs may have either key.
    """
    with _alone(wait=True):
        target = keys.store()
        if source is None:
            return _finish(target, actor) or _renew_here(target, actor)
        return _renew_from(source, target, actor)


def _renew_here(store: KeyStore, actor: Actor) -> int:
    old, new = store.current(), store.prepare()
    done = _succeed(old, new.public_key(), actor)
    store.promote(fingerprint(new.public_key()))
    return done + _forget_previous(store, actor)


def _renew_from(source: KeyStore, target: KeyStore, actor: Actor) -> int:
    # An interrupted renewal may have prepared or promoted the target's key already: use that one.
    old, new = source.current(), target.waiting() or target.current()
    if not _named(new) and fingerprint(old.public_key()) != fingerprint(new.public_key()):
        new = target.prepare()
    done = _succeed(old, new.public_key(), actor)
    target.promote(fingerprint(new.public_key()))
    done += _forget_previous(target, actor)
    # Hearings convened between the two steps still name the old key.
    return done + _succeed(old, new.public_key(), actor)


def _finish(store: KeyStore, actor: Actor) -> int:
    """Take the remaining steps of an interrupted renewal; return how many records it concerned.

    A waiting key that no record names stays for the next renewal.
    """
    waiting = store.waiting()
    promoted = waiting is not None and _named(waiting)
    if waiting is not None and promoted:
        store.promote(fingerprint(waiting.public_key()))
    if store.previous() is None and not promoted:
        return 0
    late = _forget_previous(store, actor)
    named = f'"{encoded(store.current().public_key())}"'
    return _successions().filter(body__contains=named).count() or late


def _forget_previous(store: KeyStore, actor: Actor) -> int:
    """Sign with the previous key for hearings that still name it, then destroy it."""
    previous, current = store.previous(), store.current().public_key()
    done = 0
    if previous is not None and fingerprint(previous.public_key()) != fingerprint(current):
        done = _succeed(previous, current, actor)
    store.forget_previous()
    return done


def finish_at_start() -> None:
    """Finish an interrupted renewal, and check that the key is the one that the records name.

    Raises `KeyUnavailable` if the key cannot be used. Does nothing if another renewal is running or
    the database has no tables yet.
    """
    store = keys.store()
    try:
        with _alone(wait=False):
            _finish(store, RENEWER)
        others = records_of_other_keys()
    except (BlockingIOError, OperationalError, ProgrammingError):
        return
    if others:
        log.warning(
            "the key at %s is not the one that %d record(s) name: verifiers will refuse its seals. "
            "Bring that key back, or run `hemicycle renew-key --from` with the place where it lies",
            store.place,
            others,
        )


def records_of_other_keys() -> int:
    """Return the number of records whose last key is another one, such as that of another machine.

    Raises `KeyUnavailable`.
    """
    current = fingerprint(keys.store().current().public_key())
    return sum(named not in {None, current} for named in _ends().values())


@contextmanager
def _alone(*, wait: bool) -> Iterator[None]:
    """Allow one renewal at a time on this machine.

    If another one runs, wait for its end, or raise `BlockingIOError` if `wait` is false.
    """
    path = Path(settings.KEYS_DIR) / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


@transaction.atomic
def _succeed(old: Signer, new: Ed25519PublicKey, actor: Actor) -> int:
    """Sign `new` with `old` on all records that name `old` or no key; return their number."""
    known = {None, fingerprint(old.public_key())}
    hearings = [hearing for hearing, end in _ends().items() if end in known]
    for hearing in hearings:
        with writer.writing(hearing, actor=actor) as record:
            signed = succession.succeed(old, new, hearing=hearing.hex, at=record.now)
            record.append(succession.ENTRY, signed)
    return len(hearings)


def _ends() -> dict[UUID, str | None]:
    """Return the fingerprint of the last key that each record names; None if it names none."""
    ends: dict[UUID, str | None] = dict.fromkeys(
        Head.objects.order_by("hearing").values_list("hearing", flat=True)
    )
    kept = Head.objects.values("hearing")
    for entry in Entry.objects.filter(seq=1, hearing__in=kept):
        ends[entry.hearing] = entry.fields().get("key")
    for entry in _successions().filter(hearing__in=kept).order_by("seq"):
        ends[entry.hearing] = fingerprint_of(entry.fields()["new_key"])
    return ends


def _named(key: Signer) -> bool:
    """Return whether a succession on any record names this key, as the old key or the new one."""
    return _successions().filter(body__contains=f'"{encoded(key.public_key())}"').exists()


def successions_of(hearing: UUID, last: int | None = None) -> list[dict[str, Any]]:
    """Return the key successions of a hearing in order, up to entry `last`."""
    found = _successions().filter(hearing=hearing)
    if last is not None:
        found = found.filter(seq__lte=last)
    return [entry.fields() for entry in found.order_by("seq")]


def signers_of(hearing: UUID | None) -> set[str]:
    """Return the fingerprints of the keys that a hearing's record names, and of the current key.

    While the key store is unreachable, only the record's keys are returned. Raises `KeyUnavailable`
    if the record names none.
    """
    named = set()
    if hearing is not None:
        first = Entry.objects.filter(hearing=hearing, seq=1).first()
        key = first.fields().get("key") if first else None
        named |= {key} if isinstance(key, str) else set()
        for succeeded in successions_of(hearing):
            named |= {fingerprint_of(succeeded[which]) for which in ("key", "new_key")}
    try:
        return {keys.fingerprint(), *named}
    except KeyUnavailable:
        if named:
            return named
        raise


def _successions() -> QuerySet[Entry, Entry]:
    return Entry.objects.filter(kind=succession.ENTRY)


def main(argv: list[str] | None = None) -> int:
    """Renew the key that signs receipts and seals, and report what happened to the old one."""
    parser = argparse.ArgumentParser(
        prog="hemicycle renew-key",
        description="Let a new key sign receipts, the record and archives. The old key signs the "
        "new one on the record of every hearing, and is destroyed.",
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PLACE",
        help="where the key has been until now, if HEMICYCLE_RECORD_KEY already names another "
        "place: file:/path, unix:/path or pkcs11:…; the key there is not destroyed",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(argv)
    source = open_store(options.source) if options.source else None
    old = fingerprint((source or keys.store()).current().public_key())
    try:
        count = renew(source)
    except KeyUnavailable as error:
        print(f"Not renewed: {error}", file=sys.stderr)
        return 1
    if options.json:
        done = {"hearings": count, "old_key": old, "new_key": keys.fingerprint()}
        print(json.dumps(done | {"old_key_is_at": source.place if source else None}))
        return 0
    print(f"Hearings whose record has the new key: {count}. The key {old}")
    print(f"was replaced by {keys.fingerprint()}.")
    if source is not None:
        print(f"The old key is still at {source.place}. When every process uses the new")
        print("place, destroy the old key.")
    print("What was signed before stays valid: verifiers follow the succession on the record.")
    return 0
