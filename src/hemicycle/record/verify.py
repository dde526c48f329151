"""`hemicycle verify`: check a record offline and name the first thing that does not hold.

It reads an archive (folder or zip), a published chain, a receipt, a SQLite file or a PostgreSQL
address, recomputes every digest and hash and compares them with what is stored. It needs neither
Django nor a running service, so whoever holds an archive can check it with this file and the few
modules beside it of which `verify.pyz` is made (`portable.py`).

What is checked brings the key that it was signed with, and anybody can make a key. So the key by
which it is judged comes from outside (`--key`); without one, everything may be consistent, and the
signer is unknown.
"""

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from hemicycle.record import receipts, seals, signing, succession
from hemicycle.record.chain import Content, canonical, genesis, link
from hemicycle.record.log import timestamps
from hemicycle.record.signing import InvalidProof

ARCHIVE = "hemicycle-archive-1"
CHAIN = "hemicycle-chain-1"
ENTRIES = "record.jsonl"
NOTES = "notes.jsonl"
SEAL = "seal.json"
MANIFEST = "manifest.json"
LEFT_BY_DESKTOPS = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""Files that a computer puts into a folder whose owner looks at it; they are named, not refused."""

VERIFIED, BROKEN, UNREADABLE, UNKNOWN_SIGNER = 0, 1, 2, 3
"""What the command returns."""

_COLUMNS = "hearing, seq, kind, version, at, actor, role, meeting, body, digest, hash"
_ENTRIES = f"SELECT {_COLUMNS} FROM record_entry ORDER BY hearing, seq"  # noqa: S608 - a constant
_HEADS = "SELECT hearing, seq, hash FROM record_head ORDER BY hearing"
_NOTES = "SELECT key, salt, text FROM record_note WHERE erased_at IS NULL ORDER BY key"

Row = Mapping[str, Any]


class Unreadable(ValueError):
    """What was given is no record that can be read; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing that does not hold: where, and in what way.

    `seq` is the entry's number, and 0 where what is broken is not an entry.
    """

    where: str
    problem: str
    seq: int = 0

    @classmethod
    def entry(cls, hearing: str, seq: int, problem: str) -> "Broken":
        """An entry that does not hold."""
        return cls(f"hearing {hearing}, entry {seq}", problem, seq)

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found: how many entries hold, and the first thing that does not.

    `seal` is the seal of an archive or a chain, once its signature fits. `is_trusted` says whether
    the key that was given from outside signed it. `ignored` are files that are no part of it.
    """

    hearings: int
    entries: int
    notes: int
    broken: Broken | None = None
    seal: seals.Seal | None = None
    is_trusted: bool = False
    ignored: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything is as the record says."""
        return self.broken is None


class _Failed(Exception):
    def __init__(self, broken: Broken) -> None:
        self.broken = broken


def verify(entries: Iterable[Row], heads: Iterable[Row] = (), notes: Iterable[Row] = ()) -> Report:
    """Check chains, their ends and the words bound to them, in the order in which they are given.

    `entries` come sorted by hearing and seq. `heads` say where each chain must end, so that entries
    cut off the end are missed. Stops at the first entry that is broken.
    """
    return _verify(entries, heads, notes, {})


def _verify(
    entries: Iterable[Row], heads: Iterable[Row], notes: Iterable[Row], lines: dict[str, list[str]]
) -> Report:
    """As `verify`; fills `lines` with the fingerprints of each hearing's keys, in their order."""
    ends: dict[str, tuple[int, str]] = {}
    count = kept = 0
    try:
        for row in entries:
            hearing, seq, hash = _step(row, ends)
            ends[hearing] = (seq, hash)
            if seq == 1 or row["kind"] == succession.ENTRY:
                lines[hearing] = _line(row, hearing, seq, lines.get(hearing, []))
            count += 1
        for head in heads:
            _check_end(head, ends)
        for note in notes:
            _check_note(note)
            kept += 1
    except _Failed as failure:
        return Report(len(ends), count, kept, failure.broken)
    return Report(len(ends), count, kept)


def _line(row: Row, hearing: str, seq: int, line: list[str]) -> list[str]:
    """The keys of a hearing after this entry: the first names one, a succession adds one."""
    try:
        body = json.loads(row["body"])
        if row["kind"] == succession.ENTRY:
            return succession.follow(line, hearing, body if isinstance(body, dict) else {})
    except (ValueError, RecursionError) as error:
        raise _Failed(Broken.entry(hearing, seq, _reason(error))) from error
    named = body.get("key") if isinstance(body, dict) else None
    return [named] if isinstance(named, str) else []


def _reason(error: Exception) -> str:
    """A sentence as the end of another."""
    text = str(error).removesuffix(".")
    return text[:1].lower() + text[1:]


def _step(row: Row, ends: Mapping[str, tuple[int, str]]) -> tuple[str, int, str]:
    """Check one entry against the end of its chain; returns the chain's new end."""
    try:
        content = Content.of(row)
        kept_digest, kept_hash = row["digest"], row["hash"]
    except (KeyError, TypeError, ValueError) as error:
        last = next(reversed(list(ends.items())), ("unknown", (0, "")))
        broken = Broken.entry(last[0], last[1][0] + 1, f"it cannot be read ({error})")
        raise _Failed(broken) from error
    seq, previous = ends.get(content.hearing, (0, genesis(content.hearing)))
    if content.seq != seq + 1:
        problem = f"it follows entry {seq}, so entries are missing, doubled or out of order"
        raise _Failed(Broken.entry(content.hearing, content.seq, problem))
    digest = content.digest()
    if digest != kept_digest:
        raise _Failed(
            Broken.entry(
                content.hearing,
                content.seq,
                "its content has been changed since it was written",
            )
        )
    hash = link(previous, digest)
    if hash != kept_hash:
        raise _Failed(
            Broken.entry(
                content.hearing,
                content.seq,
                "its hash does not follow from the one before",
            )
        )
    return content.hearing, content.seq, hash


def _check_end(head: Row, ends: Mapping[str, tuple[int, str]]) -> None:
    hearing = str(head["hearing"]).replace("-", "")
    seq, hash = ends.get(hearing, (0, genesis(hearing)))
    if (seq, hash) != (head["seq"], head["hash"]):
        problem = f"the record should end at entry {head['seq']}, but entry {seq} is the last"
        raise _Failed(Broken.entry(hearing, seq + 1, problem))


def _check_note(note: Row) -> None:
    try:
        salt = note["salt"] if isinstance(note["salt"], bytes) else bytes.fromhex(note["salt"])
        key, found = str(note["key"]), sha256(salt + note["text"].encode()).hexdigest()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _Failed(Broken("a note", f"it cannot be read ({error})")) from error
    if found != key:
        raise _Failed(Broken(f"note {key[:12]}…", "its words have been changed"))


# ── Where records are read from ───────────────────────────────────────────────────────────────


def verify_path(where: str, key: str = "") -> Report:
    """Verify an archive (folder or zip), a published chain, or a database.

    `key` is the fingerprint of the key that must have signed it, or be followed by the one that
    did. Raises `Unreadable` with a sentence for anything else, and for a database with a key.
    """
    path = Path(where)
    is_address = where.startswith(("postgresql://", "postgres://"))
    if not is_address and path.is_dir():
        return verify_export(path, key)
    if not is_address and path.is_file():
        if zipfile.is_zipfile(path):
            return verify_zip(path, key)
        with path.open("rb") as file:
            if file.read(1) == b"{":
                return verify_chain(path, key)
    elif not is_address:
        raise Unreadable(f"There is nothing at {where}.")
    if key:
        raise Unreadable("A database has no seal that a key could check. Give an archive.")
    return _verify_postgresql(where) if is_address else verify_sqlite(path)


def verify_sqlite(path: Path) -> Report:
    """Verify every record in a SQLite database file, opened for reading only."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            rows: Any = connection.execute
            return verify(rows(_ENTRIES), rows(_HEADS), rows(_NOTES))
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"{path.name} is not a database of Hemicycle ({error}).") from error


def _verify_postgresql(address: str) -> Report:
    import psycopg
    from psycopg.rows import dict_row

    try:
        with (
            psycopg.connect(address, row_factory=dict_row, connect_timeout=10) as connection,
            connection.cursor("entries") as entries,
        ):
            entries.itersize = 5000
            heads = connection.execute(_HEADS)
            notes = connection.execute(_NOTES)
            return verify(entries.execute(_ENTRIES), heads, notes)
    except psycopg.Error as error:
        raise Unreadable(f"The database cannot be read ({error}).") from error


def verify_export(folder: Path, key: str = "") -> Report:
    """Verify an archive: its seal, its record, every file against the manifest, its signer.

    Raises `Unreadable` for a folder that is none.
    """
    if not any((folder / name).is_file() for name in (ENTRIES, SEAL, MANIFEST)):
        raise Unreadable(f"{folder.name} is not an exported hearing: it has no {ENTRIES}.")
    lines: dict[str, list[str]] = {}
    try:
        seal = _seal_of(folder)
    except _Failed as failure:
        return Report(0, 0, 0, failure.broken)
    head = asdict(seal.end)
    report = _verify(_lines(folder / ENTRIES), [head], _lines(folder / NOTES), lines)
    report = replace(report, seal=seal, ignored=tuple(sorted(_left_by_desktops(folder))))
    if not report.holds:
        return report
    if lines.keys() - {seal.end.hearing}:
        alien = Broken(f"file {ENTRIES}", "it holds entries of another hearing")
        return replace(report, broken=alien)
    try:
        _check_files(folder, seal.manifest)
        return replace(report, is_trusted=_is_trusted(seal, lines.get(seal.end.hearing, []), key))
    except _Failed as failure:
        return replace(report, broken=failure.broken)


def _seal_of(folder: Path) -> seals.Seal:
    for name in (SEAL, MANIFEST, ENTRIES):
        if not (folder / name).is_file():
            raise _Failed(Broken(f"file {name}", "it is missing"))
    return _sealed(f"file {SEAL}", seals.check_archive_seal, _text(folder / SEAL))


def verify_zip(path: Path, key: str = "") -> Report:
    """Verify an archive that is still packed."""
    with tempfile.TemporaryDirectory(prefix="hemicycle-verify-") as folder:
        try:
            with zipfile.ZipFile(path) as packed:
                top = _top(packed)
                packed.extractall(folder)
        except _Failed as failure:
            return Report(0, 0, 0, failure.broken)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            EOFError,
            zlib.error,
            RuntimeError,
        ) as error:
            raise Unreadable(f"{path.name} cannot be unpacked ({error}).") from error
        return verify_export(Path(folder) / top, key)


def _top(packed: zipfile.ZipFile) -> str:
    """The folder of the zip that holds the archive; whatever lies beside it was added."""
    names = [info.filename for info in packed.infolist() if not info.is_dir()]
    first_levels = (name.split("/") for name in names if name.count("/") == 1)
    top = next((top for top, name in first_levels if name in {SEAL, MANIFEST, ENTRIES}), "")
    seen = set()
    for name in names:
        if name in seen:
            raise _Failed(Broken(f"file {name}", "it is in the zip twice"))
        if "\\" in name or {"", ".", ".."} & set(name.split("/")):
            raise _Failed(Broken(f"file {name}", "its name leads out of the archive"))
        if top and not name.startswith(f"{top}/"):
            raise _Failed(Broken(f"file {name}", "it has been added"))
        seen.add(name)
    return top


def verify_chain(path: Path, key: str = "") -> Report:
    """Verify a published chain: its links, its seal, its signer.

    Raises `Unreadable` for a file that is none.
    """
    return _read_chain(path, key)[0]


def _read_chain(path: Path, key: str) -> tuple[Report, list[Row], list[str]]:
    """As `verify_chain`; returns the links of the chain and the line of its keys too."""
    try:
        document = signing.parse(_text(path))
        if document.get("format") != CHAIN:
            raise Unreadable(f"{path.name} is no published chain.")
        sealed = json.dumps(document["seal"])
        rows, successions = list(document["entries"]), list(document["successions"])
        hearing = str(document["hearing"])
    except (InvalidProof, KeyError, TypeError) as error:
        raise Unreadable(f"{path.name} is no published chain that can be read.") from error
    line: list[str] = []
    hash, count, seal = genesis(hearing), 0, None
    try:
        seal = _sealed("the seal", seals.check_chain_seal, sealed)
        for row in rows:
            hash = _linked(hearing, count + 1, row, hash)
            count += 1
        _check_end(asdict(seal.end), {seal.end.hearing: (count, hash)})
        for number, document in enumerate(successions, start=1):
            line = _followed(line, hearing, document, f"succession {number}")
        report = Report(1, count, 0, seal=seal, is_trusted=_is_trusted(seal, line, key))
    except _Failed as failure:
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
        raise _Failed(Broken.entry(hearing, seq, problem))
    return hash


def _followed(line: list[str], hearing: str, document: Any, where: str) -> list[str]:
    try:
        return succession.follow(line, hearing, document if isinstance(document, dict) else {})
    except InvalidProof as error:
        raise _Failed(Broken(where, _reason(error))) from error


def _sealed(where: str, check: Callable[[str], seals.Seal], text: str) -> seals.Seal:
    try:
        return check(text)
    except InvalidProof as error:
        raise _Failed(Broken(where, _reason(error))) from error


def _is_trusted(seal: seals.Seal, line: list[str], key: str) -> bool:
    """Whether the key that was given, or one that followed it on the record, signed the seal.

    A key that no record names stands alone. Raises `_Failed` for another signer than the record's
    last key, and for one that has nothing to do with the key that was given.
    """
    problem = "it is signed with another key than"
    if line and seal.signer != line[-1]:
        named = f"the record names: {seal.signer}, not {line[-1]}"
        raise _Failed(Broken("the seal", f"{problem} {named}"))
    if key and key not in (line or [seal.signer]):
        given = f"the one you gave: {seal.signer}, not {key}"
        raise _Failed(Broken("the seal", f"{problem} {given}"))
    return bool(key)


def _lines(path: Path) -> Iterator[Row]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise _Failed(Broken(f"{path.name}, line {number}", "it cannot be read", number))
            yield row


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def _check_files(folder: Path, expected: str) -> None:
    """Raise `_Failed` for the first file that is not as the manifest lists it, or not listed.

    `expected` is the manifest's SHA-256, from the seal.
    """
    content = (folder / MANIFEST).read_bytes()
    if sha256(content).hexdigest() != expected:
        raise _Failed(Broken(f"file {MANIFEST}", "it has been changed"))
    listed = _listed(content)
    present = _names(folder)
    added = sorted(present - listed.keys() - {MANIFEST, SEAL})
    for name, digest in listed.items():
        path = folder / name
        if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
            raise _Failed(Broken(f"file {name}", "it is a link, not a file"))
        if not path.is_file():
            raise _Failed(Broken(f"file {name}", _missing(folder, added, digest)))
        if _digest(path) != digest:
            raise _Failed(Broken(f"file {name}", "it has been changed"))
    for name in added:
        raise _Failed(Broken(f"file {name}", "it has been added"))


def _listed(manifest: bytes) -> dict[str, str]:
    """The digests of all files by name; raises `_Failed` unless it is spelled in one way only."""
    try:
        document = json.loads(manifest)
        listed: dict[str, str] = document["files"]
        is_known = document["format"] == ARCHIVE and canonical(document) == manifest
        all_text = all(isinstance(digest, str) for digest in listed.values())
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        is_known = all_text = False
    if not (is_known and all_text):
        raise _Failed(Broken(f"file {MANIFEST}", "it is no manifest of an archive"))
    return listed


def _missing(folder: Path, added: Iterable[str], digest: str) -> str:
    for name in added:
        if not (folder / name).is_symlink() and _digest(folder / name) == digest:
            return f"it has been renamed to {name}"
    return "it is missing"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _names(folder: Path) -> set[str]:
    return _present(folder) - _left_by_desktops(folder)


def _left_by_desktops(folder: Path) -> set[str]:
    return {name for name in _present(folder) if name.rpartition("/")[2] in LEFT_BY_DESKTOPS}


def _present(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


# ── The command ───────────────────────────────────────────────────────────────────────────────


def main(argv: list[str] | None = None, *, here: Path | None = None) -> int:
    """Run `hemicycle verify`.

    Returns 0 where everything holds and the given key signed it, or where it is this installation's
    own database, which needs no signer; 1 where something is broken; 2 where nothing can be
    checked; 3 where everything is consistent and the signer is unknown. `here` is checked where
    nothing is named.
    """
    options = _parser(here).parse_args(argv)
    try:
        key = _fingerprint(options.key) if options.key else ""
        if options.receipt:
            return _receipt(options, key)
        own = options.where is None and here is None
        where = options.where or str(here or _own_database())
        return _record(verify_path(where, key), options.format, own=own)
    except InvalidProof as error:
        print(f"Not verified: {error}", file=sys.stderr)
        return BROKEN
    except (Unreadable, OSError) as error:
        print(f"Not verified: {error}", file=sys.stderr)
        return UNREADABLE


def _parser(here: Path | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle verify",
        description="Check an archive, a published chain, a receipt or a record, offline.",
        epilog="Returns 0: verified; 1: something does not hold; 2: nothing that can be checked; "
        "3: consistent, but the signer is unknown.",
    )
    instead = "the folder of this file" if here else "this installation's database"
    parser.add_argument(
        "where",
        nargs="?",
        help="archive (folder or zip), published chain, SQLite file or postgresql:// address; "
        f"else {instead}",
    )
    parser.add_argument("--receipt", type=Path, help="a receipt to check instead")
    parser.add_argument(
        "--key",
        help="the public key that must have signed it, as a file or by its fingerprint; take it "
        "from a letter, a receipt or the hearing's page, not from what is checked",
    )
    parser.add_argument("--chain", type=Path, help="the published chain to find the receipt in")
    parser.add_argument(
        "--timestamp", type=Path, help="the time proof of the receipt, from the hearing's site"
    )
    parser.add_argument(
        "--tsa",
        type=Path,
        help="the certificate of the authority of time stamps, in PEM; take it from the authority",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def _fingerprint(key: str) -> str:
    """The fingerprint of a key that is given as one, or as a file; raises `Unreadable`."""
    if (spelled := signing.read_fingerprint(key)) is not None:
        return spelled
    try:
        return signing.fingerprint_of_pem(Path(key).read_bytes())
    except (OSError, ValueError) as error:
        problem = f"{key} is neither a fingerprint (64 hexadecimal digits) nor a public key"
        raise Unreadable(f"{problem} ({_reason(error)}).") from error


def _own_database() -> str:
    data = Path(os.environ.get("HEMICYCLE_DATA_DIR", "var"))
    address = os.environ.get("HEMICYCLE_DATABASE_URL", f"sqlite:///{data / 'db.sqlite3'}")
    return address.removeprefix("sqlite:///")


def _record(report: Report, form: str, *, own: bool) -> int:
    if form == "json":
        print(json.dumps({**asdict(report), "holds": report.holds}))
    else:
        print("\n".join(_lines_of(report, own=own)))
    if not report.holds:
        return BROKEN
    return VERIFIED if report.is_trusted or own else UNKNOWN_SIGNER


def _lines_of(report: Report, *, own: bool) -> Iterator[str]:
    """What the command says about a report."""
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
    if report.seal is not None:
        yield _about(report.seal)
        if not report.is_trusted:
            yield (
                "Compare this key with the one in a letter, on a receipt or on the hearing's page, "
                "and give that one with --key."
            )
    for name in report.ignored:
        yield f"No part of the archive: {name}"


def _about(seal: seals.Seal) -> str:
    at = datetime.fromtimestamp(seal.at / 1000, UTC)
    where = f"for hearing {seal.end.hearing} at {seal.origin}"
    return f"Sealed {where}, {at:%Y-%m-%d %H:%M:%S} UTC, with the key {seal.signer}."


def _receipt(options: argparse.Namespace, key: str) -> int:
    text = _text(options.receipt)
    if options.chain:
        checked = _receipt_in_chain(text, options.chain, key)
    else:
        checked = receipts.check(text, {key} if key else None)
    content = checked.content
    stamp = _stamp(options, checked)
    if options.format == "json":
        found: dict[str, Any] = {"entry": asdict(content), "hash": checked.hash}
        found["signer"] = checked.signer
        found["timestamp"] = stamp and {"at": stamp.at.isoformat(), "authority": stamp.authority}
        print(json.dumps({"holds": True, "is_trusted": bool(key), **found}))
        return VERIFIED if key else UNKNOWN_SIGNER
    said = f"entry {content.seq} ({content.kind}) of hearing {content.hearing}"
    print(f"Valid: {said}." if key else f"Consistent, but the signer is unknown: {said}.")
    print(f"Signed with the key {checked.signer}.")
    if stamp is not None:
        print(f"On the record by {stamp.at:%Y-%m-%d %H:%M:%S} UTC: so says {stamp.authority}.")
    return VERIFIED if key else UNKNOWN_SIGNER


def _stamp(options: argparse.Namespace, checked: receipts.Checked) -> timestamps.Stamp | None:
    """The time stamp of a receipt, if one is given; raises `InvalidProof` and `Unreadable`."""
    if not options.timestamp:
        return None
    if not options.tsa:
        raise Unreadable("A time stamp is judged by the authority's certificate: give it by --tsa.")
    try:
        trusted = timestamps.certificates(options.tsa.read_bytes())
    except ValueError as error:
        raise Unreadable(f"{options.tsa} holds no certificate in PEM.") from error
    stamp, proved = timestamps.check_proof(
        signing.parse(_text(options.timestamp)),
        trusted,
        seq=checked.content.seq,
        hash=checked.hash,
        at=checked.content.at,
    )
    if checked.proved and proved.checkpoint.origin != checked.proved.checkpoint.origin:
        raise InvalidProof("The time proof is of another log than the receipt.")
    return stamp


def _receipt_in_chain(text: str, path: Path, key: str) -> receipts.Checked:
    """Check a receipt against a published chain, which must hold itself."""
    report, rows, line = _read_chain(path, key)
    if report.broken:
        raise InvalidProof("The published chain does not hold: %(why)s.", why=report.broken)
    checked = receipts.check(text, line)
    if report.seal is None or checked.content.hearing != report.seal.end.hearing:
        raise InvalidProof("The receipt is of another hearing than the published chain.")
    receipts.check_place(checked, rows)
    return checked


if __name__ == "__main__":
    sys.exit(main())
