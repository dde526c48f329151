"""Verify published chains, and receipts against one."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from hemicycle.record import receipts, seals, signing, succession
from hemicycle.record.chain import genesis, link
from hemicycle.record.log import carried
from hemicycle.record.log.carried import NOBODY, Judges, RecordRoots
from hemicycle.record.log.notes import VerifierKey
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext as _
from hemicycle.record.speech import noop
from hemicycle.record.verify.entries import check_end
from hemicycle.record.verify.report import (
    Broken,
    Failed,
    Report,
    Row,
    Unreadable,
    is_trusted,
    judged,
    reason,
    sealed,
    text_of,
)

CHAIN = "hemicycle-chain-1"


def verify_chain(path: Path, key: str = "", judges: Judges = NOBODY) -> Report:
    """Verify a published chain: its links, its seal, its signer, and the checkpoints in it.

    Raises `Unreadable` for a file that is no chain.
    """
    return read_chain(path, key, judges)[0]


def read_chain(
    path: Path, key: str, judges: Judges = NOBODY
) -> tuple[Report, list[Row], list[str]]:
    """Verify as `verify_chain`; return the links of the chain and the line of its keys too."""
    try:
        document = signing.parse(text_of(path))
        if document.get("format") != CHAIN:
            raise Unreadable(_("%(name)s is not a published chain.") % {"name": path.name})
        spelled = json.dumps(document["seal"])
        rows, successions = list(document["entries"]), list(document["successions"])
        hearing, carrying = str(document["hearing"]), document.get("checkpoints", [])
    except (InvalidProof, KeyError, TypeError) as error:
        said = _("%(name)s is not a readable published chain.")
        raise Unreadable(said % {"name": path.name}) from error
    line: list[str] = []
    hash, count, seal = genesis(hearing), 0, None
    roots = RecordRoots(carried.sizes_in(carrying))
    try:
        seal = sealed(_("the seal"), seals.check_chain_seal, spelled)
        for row in rows:
            hash = _linked(hearing, count + 1, row, hash)
            roots.add(hash)
            count += 1
        check_end(asdict(seal.end), {seal.end.hearing: (count, hash)})
        for number, document in enumerate(successions, start=1):
            where = _("succession %(number)s") % {"number": number}
            line = _followed(line, hearing, document, where)
        trusted = is_trusted(seal, line, key)
        claims = partial(carried.read, carrying)
        found = judged(_("the checkpoints"), claims, roots, line or [seal.signer], judges)
        report = Report(1, count, 0, seal=seal, is_trusted=trusted, checkpoints=found)
    except Failed as failure:
        report = Report(1, count, 0, failure.broken, seal)
    return report, rows, line or ([seal.signer] if seal else [])


def _linked(hearing: str, seq: int, row: Any, previous: str) -> str:
    try:
        hash = link(previous, row["digest"])
        holds = (row["seq"], row["hash"]) == (seq, hash)
    except (KeyError, TypeError, ValueError):
        holds = False
    if not holds:
        problem = _("its hash does not follow from the one before")
        raise Failed(Broken.entry(hearing, seq, problem))
    return hash


def _followed(line: list[str], hearing: str, document: Any, where: str) -> list[str]:
    try:
        return succession.follow(line, hearing, document if isinstance(document, dict) else {})
    except InvalidProof as error:
        raise Failed(Broken(where, reason(error))) from error


def receipt_in_chain(
    text: str, path: Path, key: str, witnesses: Iterable[VerifierKey] = ()
) -> receipts.Checked:
    """Check a receipt against a published chain, which must be valid itself."""
    report, rows, line = read_chain(path, key)
    if report.broken:
        raise InvalidProof(noop("The published chain is not valid: %(why)s."), why=report.broken)
    checked = receipts.check(text, line, witnesses)
    if report.seal is None or checked.content.hearing != report.seal.end.hearing:
        raise InvalidProof(
            noop("The receipt and the published chain belong to different hearings.")
        )
    receipts.check_place(checked, rows)
    return checked
