"""The published part of a hearing's record: its chain, and what a receipt proves against it.

The chain consists of numbers, digests and hashes. Contents hold random ids, so a digest reveals
nothing; the holder of one entry's receipt finds its hash in the chain and knows that the place is
theirs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.setup import timestamping
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.record import clock, keys, receipts, renewal, seals, signing
from hemicycle.record.key_stores.base import KeyUnavailable
from hemicycle.record.log import checkpoints
from hemicycle.record.models import Checkpoint, Entry, Head, TimeStamp
from hemicycle.record.verify import CHAIN

_BATCH = 2000


def head_of(hearing: Hearing) -> Head:
    """Return the end of a hearing's chain."""
    return Head.objects.get(hearing=hearing.id)


class ChainEntry(TypedDict):
    """One link of the chain."""

    seq: int
    digest: str
    hash: str


def links_between(hearing: Hearing, first: int, last: int) -> list[ChainEntry]:
    """Return the chain's links from entry `first` to entry `last`, both included."""
    found = Entry.objects.filter(hearing=hearing.id, seq__gte=first, seq__lte=last)
    return list(found.order_by("seq").values("seq", "digest", "hash"))


def newest_first(hearing: Hearing) -> QuerySet[Entry, Any]:
    """Query the chain's links (number, digest, hash), the newest first."""
    found = Entry.objects.filter(hearing=hearing.id).order_by("-seq")
    return found.values("seq", "digest", "hash")


def as_json(hearing: Hearing) -> Iterator[str]:
    """Yield the whole chain as JSON text, in pieces; it ends where the record ended at the call."""
    head = head_of(hearing)
    end = seals.End(hearing.id.hex, head.seq, head.hash)
    seal = seals.seal_chain(end, origin=settings.BASE_URL, at=head.at, signer=keys.signing_key())
    known = {
        "format": CHAIN,
        "hearing": hearing.id.hex,
        "seal": seal,
        "successions": renewal.successions_of(hearing.id, head.seq),
        "checkpoints": checkpoints.carried(hearing.id, head.seq),
    }
    yield json.dumps(known, indent=1)[:-2] + ',\n "entries": ['
    for first in range(1, head.seq + 1, _BATCH):
        rows = links_between(hearing, first, min(first + _BATCH - 1, head.seq))
        yield ("," if first > 1 else "") + ",".join("\n  " + json.dumps(row) for row in rows)
    yield "\n ]\n}\n"


@dataclass(frozen=True, slots=True)
class Covered:
    """The checkpoint that covers a receipt's entry: the length of the record, and who cosigned it.

    `is_newer` means that the receipt does not contain this proof yet.
    """

    size: int
    at: datetime
    witnesses: tuple[tuple[str, datetime], ...]
    is_newer: bool


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """Whether a receipt is valid here, and what it proves. `problem` is empty for a valid one.

    `entry` is the entry that it proves, and `covered` is None until a checkpoint covers that entry.
    `stamped` is the earliest time stamp of such a checkpoint.
    """

    problem: str | Promise = ""
    hearing: Hearing | None = None
    seq: int = 0
    at: datetime | None = None
    hash: str = ""
    what: str | Promise = ""
    track: str | Promise = ""
    panel: str = ""
    place: int | None = None
    entry: Entry | None = None
    covered: Covered | None = None
    stamped: TimeStamp | None = None


WHAT = {
    "registration.received": _("A registration was received."),
    "speaker.inscribed": _("A speaker was put on a list of speakers."),
}


def check(text: str) -> ReceiptCheck:
    """Check a receipt's signature, and whether the chain here still contains its entry."""
    try:
        checked = receipts.check(text, None)
        content = checked.content
        ident = _uuid(content.hearing)
        signing.require(checked.signer, _signers(ident))
    except signing.InvalidProof as problem:
        return ReceiptCheck(problem=gettext(problem.sentence) % problem.values)
    hearing = Hearing.objects.filter(pk=ident).first() if ident else None
    if hearing is None:
        return ReceiptCheck(
            problem=_("The signature is valid, but this site does not have the hearing.")
        )
    here = links_between(hearing, content.seq, content.seq)
    try:
        receipts.check_place(checked, here)
        _require_own_log(hearing, checked)
    except signing.InvalidProof as problem:
        return ReceiptCheck(problem=gettext(problem.sentence) % problem.values)
    return ReceiptCheck(
        hearing=hearing,
        seq=content.seq,
        at=clock.from_ms(content.at),
        hash=checked.hash,
        what=WHAT.get(content.kind, content.kind),
        entry=Entry.objects.get(hearing=hearing.id, seq=content.seq),
        covered=_covered(hearing, checked),
        stamped=timestamping.best_for(hearing.id, content.seq),
        **_proved(checked.body),
    )


def _signers(hearing: UUID | None) -> set[str]:
    """Return the fingerprints of keys that may have signed a receipt, even if none can be read."""
    try:
        return renewal.signers_of(hearing)
    except KeyUnavailable:
        return {checkpoints.known_fingerprint()}


def _require_own_log(hearing: Hearing, checked: receipts.Checked) -> None:
    """Raise `InvalidProof` for a checkpoint that does not belong to this hearing's log."""
    if checked.proved is None:
        return
    signed_by = checked.proved.signer
    signing.require(signed_by, _signers(hearing.id))
    said = checked.proved.checkpoint
    known = Checkpoint.objects.filter(
        hearing=hearing.id, origin=said.origin, size=said.size, root=said.root.hex()
    )
    if not known.exists():
        raise signing.InvalidProof(
            gettext_noop(
                "The checkpoint of %(size)d entries does not belong to this hearing’s log."
            ),
            size=said.size,
        )


def _covered(hearing: Hearing, checked: receipts.Checked) -> Covered | None:
    best = checkpoints.best_for(hearing.id, checked.content.seq)
    if best is None:
        return None
    rows = best.cosignatures.order_by("timestamp", "name").values_list("name", "timestamp")
    witnesses = tuple((name, clock.from_ms(at * 1000)) for name, at in rows)
    carried = checked.proved
    is_newer = (
        carried is None
        or carried.checkpoint.size != best.size
        or len(carried.note.signatures) <= len(witnesses)
    )
    return Covered(best.size, clock.from_ms(best.at), witnesses, is_newer)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(hex=text)
    except ValueError:
        return None


def _proved(body: dict[str, Any]) -> dict[str, Any]:
    """Return what an entry's body says about a place: the panel's title, and no names of people."""
    track, segment = body.get("track"), _uuid(str(body.get("segment", "")))
    found = Segment.objects.select_related("meeting__hearing")
    panel = found.filter(pk=segment).first() if segment else None
    return {
        "track": panel.meeting.hearing.track_label(str(track)) if panel and track else "",
        "panel": panel.title if panel else "",
        "place": body.get("place"),
    }
