"""The command `hemicycle verify`, and its output."""

import argparse
import json
import sys
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

from hemicycle.record import receipts, seals, signing, speech
from hemicycle.record.log.carried import NOBODY, Judges
from hemicycle.record.log.notes import CheckpointText, VerifierKey
from hemicycle.record.log.proofs import Proved
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext as _
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
    Broken,
    Report,
    Unreadable,
    reason,
    text_of,
)
from hemicycle.record.verify.stamps import authorities_in, check_stamp
from hemicycle.record.verify.telling import (
    checkpoint_lines,
    cosigned_by,
    moment,
    on_record_by,
    printable,
    unchecked_cosignatures,
)


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
            raise Unreadable(_("Give a receipt or an archive together with the published chain."))
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
        raise Unreadable(_("There is nothing at %(where)s.") % {"where": where})
    if key or judges != NOBODY:
        raise Unreadable(
            _("A database has no seal that could be checked with a key. Give an archive.")
        )
    return verify_postgresql(where) if is_address else verify_sqlite(path)


def main(argv: list[str] | None = None, *, here: Path | None = None) -> int:
    """Run `hemicycle verify`.

    Returns 0 if everything is valid and the given key signed it, or if it is this installation's
    own database, which needs no signer; 1 if something is broken; 2 if nothing can be checked; 3 if
    everything is consistent and the signer is unknown. `here` is checked if no path is given.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    with speech.speaking(speech.of_arguments(given)):
        options = _parser(here).parse_args(given)
        options.json |= options.format == "json"
        # Programs read the output, so it is in the same language for all users.
        with speech.speaking(speech.SOURCE) if options.json else nullcontext():
            return _run(options, here)


def _run(options: argparse.Namespace, here: Path | None) -> int:
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
        _refuse(error)
        return BROKEN
    except (Unreadable, OSError) as error:
        _refuse(error)
        return UNREADABLE


def _refuse(error: Exception) -> None:
    if isinstance(error, FileNotFoundError):
        error = Unreadable(_("There is nothing at %(where)s.") % {"where": error.filename})
    print(printable(_("Not verified: %(why)s") % {"why": error}), file=sys.stderr)


def _judges(options: argparse.Namespace) -> Judges:
    witnesses = tuple(VerifierKey.parse(spelled) for spelled in options.witness)
    authorities = authorities_in(options.tsa) if options.tsa else ()
    return Judges(witnesses, tuple(authorities))


def _parser(here: Path | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle verify",
        description=_("Check an archive, a published chain, a receipt or a record, offline."),
        epilog=_(
            "Returns 0: verified; 1: something is not valid; 2: nothing could be checked; "
            "3: consistent, but the signer is unknown."
        ),
        add_help=False,
        formatter_class=speech.HelpFormatter,
    )
    add = speech.options_of(parser).add_argument
    if here:
        default = _(
            "archive (folder or zip), published chain, SQLite file or postgresql:// address; "
            "default: the folder of this file"
        )
    else:
        default = _(
            "archive (folder or zip), published chain, SQLite file or postgresql:// address; "
            "default: this installation’s database"
        )
    add("where", nargs="?", help=default)
    add(
        "--fork",
        nargs="+",
        type=Path,
        metavar="FILE",
        help=_(
            "check whether two signed documents (receipts, checkpoints, published chains, "
            "archives) contradict each other, or what the evidence kept by a witness proves"
        ),
    )
    add("--receipt", type=Path, help=_("a receipt to check instead"))
    add(
        "--key",
        help=_(
            "the public key that must have signed it, as a file or by its fingerprint; take it "
            "from a letter, a receipt or the hearing’s page, not from what is checked"
        ),
    )
    add(
        "--chain",
        type=Path,
        help=_(
            "the published chain to find the receipt in, or from which to take what was cosigned "
            "after the archive was sealed"
        ),
    )
    add(
        "--witness",
        action="append",
        default=[],
        metavar="KEY",
        help=_(
            "the key of a witness that must have cosigned the receipt’s checkpoint, or one of the "
            "archive’s or the chain’s; take it from the witness"
        ),
    )
    add(
        "--log",
        metavar="URL",
        help=_(
            "the published log to compare the receipt with, such as "
            "https://hearing.example/h/water/log; this alone needs a network"
        ),
    )
    add(
        "--timestamp",
        type=Path,
        help=_("the receipt’s time proof, from the page that checks it"),
    )
    add(
        "--tsa",
        type=Path,
        help=_(
            "the certificate of the authority that must have stamped a checkpoint of the archive "
            "or the chain, or the time proof, in PEM; take it from the authority"
        ),
    )
    add("--json", action="store_true", help=_("print what was found as JSON, in English"))
    add(
        "--format",
        choices=("text", "json"),
        default="text",
        help=_("json: the same as --json"),
    )
    return parser


def _fingerprint(key: str) -> str:
    """Return the fingerprint of a key given as a fingerprint or as a file; raise `Unreadable`."""
    if (spelled := signing.read_fingerprint(key)) is not None:
        return spelled
    try:
        return signing.fingerprint_of_pem(Path(key).read_bytes())
    except (OSError, ValueError) as error:
        said = _(
            "%(key)s is neither a fingerprint (64 hexadecimal digits) nor a public key (%(why)s)."
        )
        is_missing = isinstance(error, FileNotFoundError)
        why = _("there is no such file") if is_missing else reason(error)
        raise Unreadable(said % {"key": key, "why": why}) from error


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
        yield _broken(report, report.broken)
        return
    told = {"entries": report.entries, "hearings": report.hearings, "notes": report.notes}
    if report.is_trusted:
        said = _(
            "Verified: %(entries)s entries of %(hearings)s hearing(s) and %(notes)s note(s) are "
            "valid."
        )
    elif own:
        said = _(
            "Consistent: %(entries)s entries of %(hearings)s hearing(s) and %(notes)s note(s) are "
            "valid."
        )
    else:
        said = _(
            "Consistent, but the signer is unknown: %(entries)s entries of %(hearings)s hearing(s) "
            "and %(notes)s note(s) are valid."
        )
    yield said % told
    if report.balanced:
        yield _("Balanced lists of speakers recomputed: %(n)s.") % {"n": report.balanced}
    if report.not_balanced:
        said = _(
            "Balanced lists whose groups are not here: %(n)s. No move in them exceeds the "
            "published bound."
        )
        yield said % {"n": report.not_balanced}
    if report.seal is None:
        yield _("They lead to %(n)s checkpoint(s).") % {"n": report.compared}
        if report.tiles:
            yield _("The %(n)s stored tile(s) of the log are made of them.") % {"n": report.tiles}
        return
    yield _about(report.seal)
    if not report.is_trusted:
        yield _(
            "Compare this key with the one in a letter, on a receipt or on the hearing’s page, "
            "and give that one with --key."
        )
    yield from checkpoint_lines(report, judges)
    for name in report.ignored:
        yield _("Not part of the archive: %(name)s") % {"name": name}


def _broken(report: Report, broken: Broken) -> str:
    if not broken.seq:
        return _("Broken: %(what)s.") % {"what": broken}
    said = _("Broken: %(what)s. The %(entries)s entries before it are valid.")
    return said % {"what": broken, "entries": report.entries}


def _about(seal: seals.Seal) -> str:
    said = _("Sealed for hearing %(hearing)s at %(site)s, %(at)s, with the key %(key)s.")
    at = moment(seal.at // 1000)
    return said % {
        "hearing": seal.end.hearing,
        "site": seal.origin,
        "at": at,
        "key": seal.signer,
    }


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
    if key:
        said = _("Valid: entry %(seq)s (%(kind)s) of hearing %(hearing)s.")
    else:
        said = _(
            "Consistent, but the signer is unknown: entry %(seq)s (%(kind)s) of hearing "
            "%(hearing)s."
        )
    lines = [said % {"seq": content.seq, "kind": content.kind, "hearing": content.hearing}]
    lines.append(_("Signed with the key %(key)s.") % {"key": checked.signer})
    lines += _proof_lines(checked.proved, newest)
    if stamp is not None:
        lines.append(on_record_by(int(stamp.at.timestamp()), stamp.authority))
    print("\n".join(map(printable, lines)))
    return VERIFIED if key else UNKNOWN_SIGNER


def _require_witnesses(checked: receipts.Checked, witnesses: list[VerifierKey]) -> None:
    """Raise `InvalidProof` if one of the requested witnesses has not cosigned."""
    signed = {witnessed.name for witnessed in checked.proved.witnessed} if checked.proved else set()
    for witness in witnesses:
        if witness.name not in signed:
            raise InvalidProof(
                speech.noop("%(name)s has not cosigned the receipt."), name=witness.name
            )


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
        yield _("It is older than its checkpoint: renew it on the hearing’s page for receipts.")
    else:
        of = {"size": proved.checkpoint.size, "origin": proved.checkpoint.origin}
        yield _("It is in the checkpoint of %(size)s entries of %(origin)s.") % of
        for witnessed in proved.witnessed:
            yield cosigned_by(witnessed.name, witnessed.at)
        if proved.unknown:
            yield unchecked_cosignatures(proved.unknown)
    if newest is not None:
        said = _("The log now has %(n)s entries and still begins with the same ones.")
        yield said % {"n": newest.size}
