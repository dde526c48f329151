"""A checkpoint of a record of 100,000 entries, cosigned by three witnesses on this machine.

The record grows by 100 entries between checkpoints, as in a busy 10 s. `ms` is the time for one
checkpoint until three cosignatures are stored: it includes the new tiles, the comparison of the
tree with the last checkpoint, the signature, and for each witness the making and the check of the
proof of consistency, and the cosignature. `catch_up_ms` is the time for the first checkpoint, which
hashes the whole record. `receipt_bytes` is the size of the largest of 50 receipts with their proofs
and all three cosignatures. `browser_verify_ms` is the time to verify the record's archive with that
checkpoint in a browser, with the keys of all three witnesses (as in `browser_verify`).
"""

from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

from bench.fixtures import fresh
from bench.record import browser_verify
from bench.record.record_verify import write
from bench.sizes import size

FIGURES = ("ms", "catch_up_ms", "receipt_bytes", "browser_verify_ms", "entries")
ENTRIES = size(100_000, 1_000)
STEP = 100
TIMES = size(30, 2)
LOG = "hearing.example/h/water"


def run() -> dict[str, Any]:
    """Return `ms` (median of 30), `catch_up_ms`, `receipt_bytes` and `browser_verify_ms`."""
    with fresh() as folder:
        hearing = write(ENTRIES - STEP * TIMES)
        begun = perf_counter()
        _checkpoint(hearing)
        first_ms = round((perf_counter() - begun) * 1000)
        taken = []
        for _time in range(TIMES):
            write(STEP, hearing)
            begun = perf_counter()
            _checkpoint(hearing)
            taken.append(perf_counter() - begun)
        size = _largest_receipt(hearing)
        browser = browser_verify.measure(folder, [str(key) for key in _verifier_keys()])
    ms = round(median(taken) * 1000, 1)
    return {
        "ms": ms,
        "catch_up_ms": first_ms,
        "receipt_bytes": size,
        "browser_verify_ms": browser["browser_verify_ms"],
        "entries": ENTRIES,
    }


def _witnesses() -> list[tuple[str, Any]]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    keys = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(3))
    return [(f"witness-{number}.example.org", key) for number, key in enumerate(keys)]


def _verifier_keys() -> list[Any]:
    from hemicycle.record.log.notes import COSIGNATURE, VerifierKey

    return [VerifierKey.of(name, key.public_key(), COSIGNATURE) for name, key in _witnesses()]


def _checkpoint(hearing: UUID) -> None:
    """Make a checkpoint, and let three witnesses check its consistency and cosign it."""
    from hemicycle.record.log import checkpoints, merkle, notes
    from hemicycle.record.models import Cosignature

    before = checkpoints.latest(hearing)
    made = checkpoints.make(hearing, LOG)
    assert made is not None
    text = checkpoints.text_of(made)
    rows = []
    for name, key in _witnesses():
        old, root = (before.size, bytes.fromhex(before.root)) if before else (0, merkle.EMPTY)
        path = checkpoints.consistency(hearing, old, made.size)
        merkle.check_consistency(old, root, text.size, text.root, path)
        notes.check(checkpoints.note_of(made), checkpoints.key_of(made))
        line = notes.cosign(str(text), name, key, made.at // 1000)
        rows.append(
            Cosignature(
                checkpoint=made,
                name=name,
                key_hash=line.key_id.hex(),
                timestamp=made.at // 1000,
                line=str(line),
            )
        )
    Cosignature.objects.bulk_create(rows)


def _largest_receipt(hearing: UUID) -> int:
    from hemicycle.before.registration.queries import signed_receipt
    from hemicycle.record import receipts
    from hemicycle.record.models import Entry

    every = Entry.objects.filter(hearing=hearing, seq__in=range(1, ENTRIES, ENTRIES // 50))
    texts = [receipts.spelled(signed_receipt(entry)) for entry in every]
    for text in texts:
        proved = receipts.check(text, None).proved
        assert proved is not None
        assert len(proved.unknown) == 3
    return max(len(text.encode()) for text in texts)
