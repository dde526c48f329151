"""The command `hemicycle verify`, and its output."""

import argparse
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from hemicycle.record import receipts, seals, signing
from hemicycle.record.log.carried import NOBODY, Judges
from hemicycle.record.log.notes import CheckpointText, VerifierKey
from hemicycle.record.log.proofs import Proved
from hemicycle.record.signing import InvalidProof
from hemicycle.record.verify.archives import verify_export, verify_zip
from hemicycle.record.verify.beside_chain import with_later_checkpoints
from hemicycle.record.verify.chains import receipt_in_chain, verify_chain
from hemicycle.record.verify.databases import own_database, verify_postgresql, verify_sqlite
from hemicycle.record.verify.online import check_online
from hemicycle.record.verify.report import (
    BROKEN,
    UNKNOWN_SIGNER,
    UNREADABLE,
    VERIFIED,
    Report,
    Unreadable,
    reason,
    text_of,
)
from hemicycle.record.verify.stamps import authorities_in, check_stamp
from hemicycle.record.verify.telling import checkpoint_lines, moment, printable


def verify_path(
    where: str, key: str = "", judges: Judges = NOBODY, chain: Path | None = None
) -> Report:
    """Verify an archive (folder or zip), a published chain, or a database.

    `key` is the fingerprint of the key that must have signed it, or of an earlier key in the same
    line; each of `judges` must have signed one of its checkpoints. `chain` is today's published
    chain, with cosignatures made after an archive was sealed. Raises `Unreadable` with a sentence
    for anything else, and for a database with a key or judges.
    """
    path = Path(where)
    is_address = where.startswith(("postgresql://", "postgres://"))
    if chain is not None:
        if is_address or not (path.is_dir() or zipfile.is_zipfile(path)):
            raise Unreadable("A published chain is given beside a receipt or an archive.")
        report = verify_path(where, key, replace(judges, must_sign=False))
        return with_later_checkpoints(report, chain, key, judges)
    if not is_address and path.is_dir():
        return verify_export(path, key, judges)
    if not is_address and path.is_file():
        if zipfile.is_zipfile(path):
            return verify_zip(path, key, judges)
        with path.open("rb") as file:
            if file.read(1) == b"{":
                return verify_chain(path, key, judges)
    elif not is_address:
        raise Unreadable(f"There is nothing at {where}.")
    if key or judges != NOBODY:
        raise Unreadable("A database has no seal that a key could check. Give an archive.")
    return verify_postgresql(where) if is_address else verify_sqlite(path)


def main(argv: list[str] | None = None, *, here: Path | None = None) -> int:
    """Run `hemicycle verify`.

    Returns 0 if everything is valid and the given key signed it, or if it is this installation's
    own database, which needs no signer; 1 if something is broken; 2 if nothing can be checked; 3 if
    everything is consistent and the signer is unknown. `here` is checked if no path is given.
    """
    options = _parser(here).parse_args(argv)
    options.json |= options.format == "json"
    if options.fork:
        from hemicycle.record.witness import fork_command  # which reads chains with the same rules

        return fork_command.run(options.fork, options.key or "")
    try:
        key = _fingerprint(options.key) if options.key else ""
        if options.receipt:
            return _receipt(options, key)
        own = options.where is None and here is None
        where = options.where or str(here or own_database())
        judges = _judges(options)
        report = verify_path(where, key, judges, options.chain)
        return _record(report, judges, as_json=options.json, own=own)
    except InvalidProof as error:
        print(printable(f"Not verified: {error}"), file=sys.stderr)
        return BROKEN
    except (Unreadable, OSError) as error:
        print(printable(f"Not verified: {error}"), file=sys.stderr)
        return UNREADABLE


def _judges(options: argparse.Namespace) -> Judges:
    witnesses = tuple(VerifierKey.parse(spelled) for spelled in options.witness)
    authorities = authorities_in(options.tsa) if options.tsa else ()
    return Judges(witnesses, tuple(authorities))


def _parser(here: Path | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle verify",
        description="Check an archive, a published chain, a receipt or a record, offline.",
        epilog="Returns 0: verified; 1: something does not hold; 2: nothing could be checked; "
        "3: consistent, but the signer is unknown.",
    )
    instead = "the folder of this file" if here else "this installation's database"
    parser.add_argument(
        "where",
        nargs="?",
        help="archive (folder or zip), published chain, SQLite file or postgresql:// address; "
        f"default: {instead}",
    )
    parser.add_argument(
        "--fork",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="whether two signed documents (receipts, checkpoints, published chains, archives) "
        "contradict each other, or what a witness kept as evidence proves",
    )
    parser.add_argument("--receipt", type=Path, help="a receipt to check instead")
    parser.add_argument(
        "--key",
        help="the public key that must have signed it, as a file or by its fingerprint; take it "
        "from a letter, a receipt or the hearing's page, not from what is checked",
    )
    parser.add_argument(
        "--chain",
        type=Path,
        help="the published chain to find the receipt in, or "
        "from which to take what was cosigned after the archive was sealed",
    )
    parser.add_argument(
        "--witness",
        action="append",
        default=[],
        metavar="KEY",
        help="the key of a witness that must have cosigned the receipt's checkpoint, or one of the "
        "archive's or the chain's; take it from the witness",
    )
    parser.add_argument(
        "--log",
        metavar="URL",
        help="the published log to compare the receipt with, such as "
        "https://hearing.example/h/water/log; this alone needs a network",
    )
    parser.add_argument(
        "--timestamp", type=Path, help="the receipt's time proof, from the page that checks it"
    )
    parser.add_argument(
        "--tsa",
        type=Path,
        help="the certificate of the authority that must have stamped a checkpoint of the archive "
        "or the chain, or the time proof, in PEM; take it from the authority",
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="json: the same as --json"
    )
    return parser


def _fingerprint(key: str) -> str:
    """Return the fingerprint of a key given as a fingerprint or as a file; raise `Unreadable`."""
    if (spelled := signing.read_fingerprint(key)) is not None:
        return spelled
    try:
        return signing.fingerprint_of_pem(Path(key).read_bytes())
    except (OSError, ValueError) as error:
        problem = f"{key} is neither a fingerprint (64 hexadecimal digits) nor a public key"
        raise Unreadable(f"{problem} ({reason(error)}).") from error


def _record(report: Report, judges: Judges, *, as_json: bool, own: bool) -> int:
    if as_json:
        print(json.dumps({**asdict(report), "holds": report.holds}))
    else:
        print("\n".join(map(printable, _lines_of(report, judges, own=own))))
    if not report.holds:
        return BROKEN
    return VERIFIED if report.is_trusted or own else UNKNOWN_SIGNER


def _lines_of(report: Report, judges: Judges, *, own: bool) -> Iterator[str]:
    """Yield the lines that the command prints about a report."""
    if report.broken:
        before = f" {report.entries} entries before it hold." if report.broken.seq else ""
        yield f"Broken: {report.broken}.{before}"
        return
    hearings, notes = f"{report.hearings} hearing(s)", f"{report.notes} note(s)"
    said = f"{report.entries} entries of {hearings} and {notes} hold."
    if report.is_trusted:
        yield f"Verified: {said}"
    elif own:
        yield f"Consistent: {said}"
    else:
        yield f"Consistent, but the signer is unknown: {said}"
    if report.balanced:
        yield f"Balanced lists of speakers recomputed: {report.balanced}."
    if report.not_balanced:
        yield f"Balanced lists whose groups are not here: {report.not_balanced}; bounds hold."
    if report.seal is None:
        yield f"They lead to {report.compared} checkpoint(s)."
        if report.tiles:
            yield f"The {report.tiles} stored tile(s) of the log are made of them."
        return
    yield _about(report.seal)
    if not report.is_trusted:
        yield (
            "Compare this key with the one in a letter, on a receipt or on the hearing's page, "
            "and give that one with --key."
        )
    yield from checkpoint_lines(report, judges)
    for name in report.ignored:
        yield f"No part of the archive: {name}"


def _about(seal: seals.Seal) -> str:
    where = f"for hearing {seal.end.hearing} at {seal.origin}"
    return f"Sealed {where}, {moment(seal.at // 1000)}, with the key {seal.signer}."


def _receipt(options: argparse.Namespace, key: str) -> int:
    text = text_of(options.receipt)
    witnesses = [VerifierKey.parse(spelled) for spelled in options.witness]
    if options.chain:
        checked = receipt_in_chain(text, options.chain, key, witnesses)
    else:
        checked = receipts.check(text, {key} if key else None, witnesses)
    _require_witnesses(checked, witnesses)
    newest = check_online(checked, options.log) if options.log else None
    stamp = check_stamp(checked, options.timestamp, options.tsa) if options.timestamp else None
    content = checked.content
    if options.json:
        found: dict[str, object] = {
            "entry": asdict(content),
            "hash": checked.hash,
            "signer": checked.signer,
        }
        found["checkpoint"] = _as_data(checked.proved)
        found["timestamp"] = stamp and {"at": stamp.at.isoformat(), "authority": stamp.authority}
        found["log_size"] = newest.size if newest else None
        print(json.dumps({"holds": True, "is_trusted": bool(key), **found}))
        return VERIFIED if key else UNKNOWN_SIGNER
    said = f"entry {content.seq} ({content.kind}) of hearing {content.hearing}"
    lines = [f"Valid: {said}." if key else f"Consistent, but the signer is unknown: {said}."]
    lines += [f"Signed with the key {checked.signer}.", *_proof_lines(checked.proved, newest)]
    if stamp is not None:
        at = moment(int(stamp.at.timestamp()))
        lines.append(f"On the record by {at}, according to {stamp.authority}.")
    print("\n".join(map(printable, lines)))
    return VERIFIED if key else UNKNOWN_SIGNER


def _require_witnesses(checked: receipts.Checked, witnesses: list[VerifierKey]) -> None:
    """Raise `InvalidProof` if one of the requested witnesses has not cosigned."""
    signed = {witnessed.name for witnessed in checked.proved.witnessed} if checked.proved else set()
    for witness in witnesses:
        if witness.name not in signed:
            raise InvalidProof("%(name)s has not cosigned the receipt.", name=witness.name)


def _as_data(proved: Proved | None) -> dict[str, object] | None:
    if proved is None:
        return None
    said = proved.checkpoint
    return {
        "origin": said.origin,
        "size": said.size,
        "root": said.root.hex(),
        "witnessed": [asdict(witnessed) for witnessed in proved.witnessed],
        "unknown": list(proved.unknown),
    }


def _proof_lines(proved: Proved | None, newest: CheckpointText | None) -> Iterator[str]:
    """Yield the lines that the command prints about a receipt's checkpoint."""
    if proved is None:
        yield "It is older than its checkpoint: renew it on the hearing's page for receipts."
    else:
        said = proved.checkpoint
        yield f"It is in the checkpoint of {said.size} entries of {said.origin}."
        for witnessed in proved.witnessed:
            yield f"Cosigned by {witnessed.name}, {moment(witnessed.at)}."
        if proved.unknown:
            names = ", ".join(proved.unknown)
            yield f"Not checked, since no --witness gave a key: the cosignature of {names}."
    if newest is not None:
        yield f"The log has {newest.size} entries now and still begins so."
