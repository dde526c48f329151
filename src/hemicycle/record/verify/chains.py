"""Published chains, and receipts that are to be found in one."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hemicycle.record import receipts, seals, signing, succession
from hemicycle.record.chain import genesis, link
from hemicycle.record.log.notes import VerifierKey
from hemicycle.record.signing import InvalidProof
from hemicycle.record.verify.entries import check_end
from hemicycle.record.verify.report import (
    Broken,
    Failed,
    Report,
    Row,
    Unreadable,
    is_trusted,
    reason,
    sealed,
    text_of,
)

CHAIN = "hemicycle-chain-1"


def verify_chain(path: Path, key: str = "") -> Report:
    """Verify a published chain: its links, its seal, its signer.

    Raises `Unreadable` for a file that is none.
    """
    return read_chain(path, key)[0]


def read_chain(path: Path, key: str) -> tuple[Report, list[Row], list[str]]:
    """As `verify_chain`; returns the links of the chain and the line of its keys too."""
    try:
        document = signing.parse(text_of(path))
        if document.get("format") != CHAIN:
            raise Unreadable(f"{path.name} is no published chain.")
        spelled = json.dumps(document["seal"])
        rows, successions = list(document["entries"]), list(document["successions"])
        hearing = str(document["hearing"])
    except (InvalidProof, KeyError, TypeError) as error:
        raise Unreadable(f"{path.name} is no published chain that can be read.") from error
    line: list[str] = []
    hash, count, seal = genesis(hearing), 0, None
    try:
        seal = sealed("the seal", seals.check_chain_seal, spelled)
        for row in rows:
            hash = _linked(hearing, count + 1, row, hash)
            count += 1
        check_end(asdict(seal.end), {seal.end.hearing: (count, hash)})
        for number, document in enumerate(successions, start=1):
            line = _followed(line, hearing, document, f"succession {number}")
        report = Report(1, count, 0, seal=seal, is_trusted=is_trusted(seal, line, key))
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
        problem = "its hash does not follow from the one before"
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
    """Check a receipt against a published chain, which must hold itself."""
    report, rows, line = read_chain(path, key)
    if report.broken:
        raise InvalidProof("The published chain does not hold: %(why)s.", why=report.broken)
    checked = receipts.check(text, line, witnesses)
    if report.seal is None or checked.content.hearing != report.seal.end.hearing:
        raise InvalidProof("The receipt is of another hearing than the published chain.")
    receipts.check_place(checked, rows)
    return checked
