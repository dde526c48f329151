"""Verify the entries of records, each of which follows from the previous one, and their notes."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType

from hemicycle.record import succession
from hemicycle.record.chain import Content, genesis, link
from hemicycle.record.log.carried import RecordRoots
from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.admissions import Admissions
from hemicycle.record.verify.balances import Balances
from hemicycle.record.verify.joint import Joinings
from hemicycle.record.verify.merging import Merges
from hemicycle.record.verify.report import Broken, Failed, Report, Row, reason

_NO_ROOTS: Mapping[str, RecordRoots] = MappingProxyType({})


def verify(entries: Iterable[Row], heads: Iterable[Row] = (), notes: Iterable[Row] = ()) -> Report:
    """Check chains, their ends and the notes bound to them, in the given order.

    `entries` must be sorted by hearing and seq. `heads` say where each chain must end, so that
    missing entries at the end are noticed. Stops at the first broken entry.
    """
    return verify_lines(entries, heads, notes, {})


def verify_lines(
    entries: Iterable[Row],
    heads: Iterable[Row],
    notes: Iterable[Row],
    lines: dict[str, list[str]],
    roots: Mapping[str, RecordRoots] = _NO_ROOTS,
) -> Report:
    """Check as `verify` does; fill `lines` with the fingerprints of each hearing's keys, in order.

    `roots`, by hearing, are filled too.
    """
    ends: dict[str, tuple[int, str]] = {}
    admissions, joinings, balances = Admissions(), Joinings(), Balances()
    merges = Merges()
    count = kept = 0
    try:
        for row in entries:
            hearing, seq, hash = _step(row, ends)
            admissions.check(row, hearing, seq)
            joinings.check(row, hearing, seq)
            balances.check(row, hearing, seq)
            merges.check(row, hearing, seq)
            ends[hearing] = (seq, hash)
            if seq == 1 or row["kind"] == succession.ENTRY:
                lines[hearing] = _line(row, hearing, seq, lines.get(hearing, []))
            if roots and (own := roots.get(hearing)) is not None:
                own.add(hash, int(row["at"]))
            count += 1
        for head in heads:
            check_end(head, ends)
        balances.check_end()
        for note in notes:
            _check_note(note)
            balances.check_note(note)
            kept += 1
    except Failed as failure:
        return Report(len(ends), count, kept, failure.broken)
    return Report(
        len(ends), count, kept, balanced=balances.recomputed, not_balanced=balances.unread
    )


def _line(row: Row, hearing: str, seq: int, line: list[str]) -> list[str]:
    """Return the keys of a hearing after this entry: the first names one, a succession adds one."""
    try:
        body = json.loads(row["body"])
        if row["kind"] == succession.ENTRY:
            return succession.follow(line, hearing, body if isinstance(body, dict) else {})
    except (ValueError, RecursionError) as error:
        raise Failed(Broken.entry(hearing, seq, reason(error))) from error
    named = body.get("key") if isinstance(body, dict) else None
    return [named] if isinstance(named, str) else []


def _step(row: Row, ends: Mapping[str, tuple[int, str]]) -> tuple[str, int, str]:
    """Check one entry against the end of its chain; return the chain's new end."""
    try:
        content = Content.of(row)
        kept_digest, kept_hash = row["digest"], row["hash"]
        content.hearing.encode()  # half a surrogate cannot be encoded, and a number can be infinite
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        last = next(reversed(list(ends.items())), ("unknown", (0, "")))
        broken = Broken.entry(
            last[0], last[1][0] + 1, _("it cannot be read (%(error)s)") % {"error": error}
        )
        raise Failed(broken) from error
    seq, previous = ends.get(content.hearing, (0, genesis(content.hearing)))
    if content.seq != seq + 1:
        problem = _("it follows entry %(seq)s, so entries are missing, duplicated or out of order")
        raise Failed(Broken.entry(content.hearing, content.seq, problem % {"seq": seq}))
    digest = _digest(content)
    if not digest or digest != kept_digest:
        raise Failed(
            Broken.entry(
                content.hearing,
                content.seq,
                _("its content has been changed since it was written"),
            )
        )
    hash = link(previous, digest)
    if hash != kept_hash:
        raise Failed(
            Broken.entry(
                content.hearing,
                content.seq,
                _("its hash does not follow from the one before"),
            )
        )
    return content.hearing, content.seq, hash


def _digest(content: Content) -> str:
    """Return the digest of a content; "" if it cannot be encoded, for example half a surrogate."""
    try:
        return content.digest()
    except ValueError:
        return ""


def check_end(head: Row, ends: Mapping[str, tuple[int, str]]) -> None:
    hearing = str(head["hearing"]).replace("-", "")
    seq, hash = ends.get(hearing, (0, genesis(hearing)))
    if (seq, hash) != (head["seq"], head["hash"]):
        problem = _("the record should end at entry %(head)s, but entry %(seq)s is the last")
        told = {"head": head["seq"], "seq": seq}
        raise Failed(Broken.entry(hearing, seq + 1, problem % told))


def _check_note(note: Row) -> None:
    try:
        salt = note["salt"] if isinstance(note["salt"], bytes) else bytes.fromhex(note["salt"])
        key, found = str(note["key"]), sha256(salt + note["text"].encode()).hexdigest()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = _("it cannot be read (%(error)s)") % {"error": error}
        raise Failed(Broken(_("a note"), problem)) from error
    if found != key:
        where = _("note %(key)s…") % {"key": key[:12]}
        raise Failed(Broken(where, _("its words have been changed")))
