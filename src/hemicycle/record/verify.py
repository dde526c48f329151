"""`hemicycle verify`: check a record offline and name the first broken entry.

It reads a SQLite file, a PostgreSQL address or an export (folder or zip), recomputes every digest
and hash and compares them with what is stored. It needs neither Django nor a running service, so
whoever holds an export can check it with this file, `chain.py` and `receipts.py`: they are what
`verify.pyz` is made of (`portable.py`).
"""

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from hemicycle.record.chain import Content, genesis, link
from hemicycle.record.receipts import InvalidReceipt, check, check_place, check_seal

ENTRIES = "record.jsonl"
NOTES = "notes.jsonl"
SEAL = "seal.json"
KEY = "public-key.pem"
MANIFEST = "manifest.json"
LEFT_BY_DESKTOPS = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""Files that a computer puts into a folder whose owner looks at it."""

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
    """What a verification found: how many entries hold, and the first that does not."""

    hearings: int
    entries: int
    notes: int
    broken: Broken | None = None

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
    ends: dict[str, tuple[int, str]] = {}
    count = kept = 0
    try:
        for row in entries:
            hearing, seq, hash = _step(row, ends)
            ends[hearing] = (seq, hash)
            count += 1
        for head in heads:
            _check_end(head, ends)
        for note in notes:
            _check_note(note)
            kept += 1
    except _Failed as failure:
        return Report(len(ends), count, kept, failure.broken)
    return Report(len(ends), count, kept)


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


def verify_path(where: str) -> Report:
    """Verify a SQLite file, an exported folder or a `postgresql://` address.

    Raises `Unreadable` with a sentence when it is none of them.
    """
    if where.startswith(("postgresql://", "postgres://")):
        return _verify_postgresql(where)
    path = Path(where)
    if path.is_dir():
        return verify_export(path)
    if path.is_file():
        return verify_zip(path) if zipfile.is_zipfile(path) else verify_sqlite(path)
    raise Unreadable(f"There is nothing at {where}.")


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


def verify_export(folder: Path) -> Report:
    """Verify an exported hearing: its files against the manifest, its record, its seal."""
    if not (folder / ENTRIES).is_file():
        raise Unreadable(f"{folder.name} is not an exported hearing: it has no {ENTRIES}.")
    seal = _seal(folder)
    report = verify(_lines(folder / ENTRIES), [seal], _lines(folder / NOTES))
    changed = _odd_file(folder, seal) if report.holds else None
    if changed is None:
        return report
    return Report(report.hearings, report.entries, report.notes, changed)


def verify_zip(path: Path) -> Report:
    """Verify an exported hearing that is still packed."""
    with tempfile.TemporaryDirectory(prefix="hemicycle-verify-") as folder:
        try:
            with zipfile.ZipFile(path) as packed:
                packed.extractall(folder)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            EOFError,
            zlib.error,
            RuntimeError,
        ) as error:
            raise Unreadable(f"{path.name} cannot be unpacked ({error}).") from error
        found = [path.parent for path in Path(folder).glob(f"*/{ENTRIES}")]
        return verify_export(found[0] if found else Path(folder))


def _lines(path: Path) -> Iterator[Row]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise _Failed(Broken(f"{path.name}, line {number}", "it cannot be read", number))
            yield row


def _seal(folder: Path) -> Row:
    try:
        return check_seal((folder / SEAL).read_text("utf-8"), (folder / KEY).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Unreadable(f"The seal of this export does not hold: {error}") from error


def _odd_file(folder: Path, seal: Row) -> Broken | None:
    """The first file that is not as the manifest lists it, or that it does not list; the manifest
    is as the seal says."""
    try:
        listing = (folder / MANIFEST).read_bytes()
        if seal.get("manifest") not in {None, sha256(listing).hexdigest()}:
            return Broken(f"file {MANIFEST}", "it has been changed")
        manifest = json.loads(listing)
        listed: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"The manifest of this export cannot be read ({error}).") from error
    for name, expected in listed.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            return Broken(f"file {name}", "it is missing")
        if sha256(path.read_bytes()).hexdigest() != expected:
            return Broken(f"file {name}", "it has been changed")
    for name in sorted(_names(folder) - listed.keys() - {MANIFEST, SEAL}):
        return Broken(f"file {name}", "it has been added")
    return None


def _names(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and path.name not in LEFT_BY_DESKTOPS
    }


# ── The command ───────────────────────────────────────────────────────────────────────────────


def main(argv: list[str] | None = None) -> int:
    """Run `hemicycle verify`: 0 when everything holds, 1 when something is broken, 2 otherwise."""
    parser = argparse.ArgumentParser(
        prog="hemicycle verify",
        description="Check a record, an export or a receipt, offline.",
    )
    parser.add_argument(
        "where",
        nargs="?",
        help="SQLite file, export (folder or zip), postgresql:// address; else this installation's",
    )
    parser.add_argument("--receipt", type=Path, help="a receipt to check instead")
    parser.add_argument("--key", type=Path, help="the public key that the receipt is checked with")
    parser.add_argument("--chain", type=Path, help="the published chain to find the receipt in")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(argv)
    try:
        if options.receipt:
            return _receipt(options)
        return _record(options.where or _own_database(), options.format)
    except (Unreadable, InvalidReceipt, OSError) as error:
        print(f"Not verified: {error}", file=sys.stderr)
        return 1 if isinstance(error, InvalidReceipt) else 2


def _own_database() -> str:
    data = Path(os.environ.get("HEMICYCLE_DATA_DIR", "var"))
    address = os.environ.get("HEMICYCLE_DATABASE_URL", f"sqlite:///{data / 'db.sqlite3'}")
    return address.removeprefix("sqlite:///")


def _record(where: str, form: str) -> int:
    report = verify_path(where)
    if form == "json":
        print(json.dumps({**asdict(report), "holds": report.holds}))
    elif report.broken:
        print(f"Broken: {report.broken}. {report.entries} entries before it hold.")
    else:
        print(
            f"Verified: {report.entries} entries of {report.hearings} hearing(s) "
            f"and {report.notes} note(s) hold."
        )
    return 0 if report.holds else 1


def _receipt(options: argparse.Namespace) -> int:
    if not options.key:
        raise Unreadable("Give the hearing's public key with --key; its chain page has it.")
    checked = check(options.receipt.read_text("utf-8"), options.key.read_text("utf-8"))
    if options.chain:
        chain = json.loads(options.chain.read_text("utf-8"))
        check_place(checked, chain["entries"] if isinstance(chain, dict) else chain)
    content = checked.content
    if options.format == "json":
        print(json.dumps({"holds": True, "entry": asdict(content), "hash": checked.hash}))
    else:
        print(f"Valid: entry {content.seq} ({content.kind}) of hearing {content.hearing}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
