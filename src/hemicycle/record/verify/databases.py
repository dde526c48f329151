"""Verify the records in a database, SQLite or PostgreSQL, and the log of each."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from hemicycle.record import signing
from hemicycle.record.log import carried
from hemicycle.record.log.carried import RecordRoots, UnjudgedCheckpoint
from hemicycle.record.log.notes import CheckpointText, NoteSignature, SignedNote
from hemicycle.record.log.tiles import WIDTH
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext
from hemicycle.record.speech import noop as _
from hemicycle.record.verify.entries import verify_lines
from hemicycle.record.verify.report import Broken, Failed, Report, Row, Unreadable, reason
from hemicycle.record.verify.tiles import TiledRoots

_COLUMNS = "hearing, seq, kind, version, at, actor, role, meeting, body, digest, hash"
_ENTRIES = f"SELECT {_COLUMNS} FROM record_entry ORDER BY hearing, seq"  # noqa: S608 - a constant
_HEADS = "SELECT hearing, seq, hash FROM record_head ORDER BY hearing"
_NOTES = "SELECT key, salt, text FROM record_note WHERE erased_at IS NULL ORDER BY key"
_CHECKPOINTS = (
    "SELECT hearing, size, root, origin, key, signature FROM record_checkpoint "
    "ORDER BY hearing, size"
)
_TILED = "SELECT hearing, MAX(number) AS last FROM record_logtile WHERE level = 0 GROUP BY hearing"
_TILES = (
    "SELECT hearing, level, number, root, hashes FROM record_logtile "
    "ORDER BY hearing, level, number"
)


@dataclass(frozen=True, slots=True)
class StoredLog:
    """The log rows of a database: checkpoints, how far tiles go, and the tiles, read once."""

    checkpoints: Iterable[Row]
    tiled: Iterable[Row]
    tiles: Iterable[Row]


def verify_sqlite(path: Path) -> Report:
    """Verify every record in a SQLite database file, opened for reading only."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            rows: Any = connection.execute
            rows("BEGIN")  # so that all reads see the same snapshot
            log = StoredLog(list(rows(_CHECKPOINTS)), list(rows(_TILED)), rows(_TILES))
            return _verified(rows(_ENTRIES), rows(_HEADS), rows(_NOTES), log)
    except sqlite3.DatabaseError as error:
        said = gettext("%(name)s is not a database of Hemicycle (%(error)s).")
        raise Unreadable(said % {"name": path.name, "error": error}) from error


def verify_postgresql(address: str) -> Report:
    """Verify every record in a PostgreSQL database, read in one snapshot."""
    import psycopg
    from psycopg.rows import dict_row

    try:
        with psycopg.connect(address, row_factory=dict_row, connect_timeout=10) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            checkpoints = connection.execute(_CHECKPOINTS).fetchall()
            tiled = connection.execute(_TILED).fetchall()
            heads = connection.execute(_HEADS)
            notes = connection.execute(_NOTES)
            with connection.cursor("entries") as entries, connection.cursor("tiles") as tiles:
                entries.itersize = 5000
                log = StoredLog(checkpoints, tiled, tiles.execute(_TILES))
                return _verified(entries.execute(_ENTRIES), heads, notes, log)
    except psycopg.Error as error:
        said = gettext("The database cannot be read (%(error)s).")
        raise Unreadable(said % {"error": error}) from error


def _verified(
    entries: Iterable[Row], heads: Iterable[Row], notes: Iterable[Row], log: StoredLog
) -> Report:
    signed = {hearing: list(rows) for hearing, rows in groupby(log.checkpoints, key=_hearing)}
    tiled = {_hearing(row): (row["last"] + 1) * WIDTH for row in log.tiled}
    roots = {
        hearing: TiledRoots(_sizes(signed.get(hearing, [])), tiled.get(hearing, 0))
        for hearing in signed.keys() | tiled.keys()
    }
    lines: dict[str, list[str]] = {}
    report = verify_lines(entries, heads, notes, lines, roots)
    if not report.holds:
        return report
    try:
        for hearing, rows in signed.items():
            _compare(hearing, rows, roots[hearing], lines.get(hearing, []))
        tiles = _compare_tiles(log.tiles, roots)
    except Failed as failure:
        return replace(report, broken=failure.broken)
    return replace(report, compared=sum(map(len, signed.values())), tiles=tiles)


def _compare_tiles(stored: Iterable[Row], roots: Mapping[str, TiledRoots]) -> int:
    """Compare all stored tiles; return their number, and raise `Failed`."""
    count, unseen = 0, dict(roots)
    for hearing, rows in groupby(stored, key=_hearing):
        own = unseen.pop(hearing, None) or TiledRoots((), 0)
        count += own.compare(hearing, rows)
    for hearing, own in unseen.items():
        own.compare(hearing, ())
    return count


def _sizes(rows: Iterable[Row]) -> list[int]:
    """Return the sizes at which roots are needed; a checkpoint of another size is refused later."""
    return [row["size"] for row in rows if isinstance(row["size"], int)]


def _hearing(row: Row) -> str:
    return str(row["hearing"]).replace("-", "")


def _compare(hearing: str, rows: list[Row], roots: RecordRoots, line: list[str]) -> None:
    """Raise `Failed` for the first checkpoint that the record does not lead to."""
    for row in rows:
        try:
            claim = _claim(row)
            carried.judge([claim], roots, line or [claim.signer])
        except InvalidProof as error:
            where = gettext("hearing %(hearing)s, checkpoint of %(size)s entries")
            told = {"hearing": hearing, "size": row["size"]}
            raise Failed(Broken(where % told, reason(error))) from error


def _claim(row: Row) -> UnjudgedCheckpoint:
    try:
        text = CheckpointText(row["origin"], row["size"], bytes.fromhex(row["root"]))
        note = SignedNote(str(text), (NoteSignature.parse(row["signature"]),))
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InvalidProof):
            raise
        raise InvalidProof(_("It cannot be read.")) from error
    return carried.claimed(note, signing.decoded(row["key"]))


def own_database() -> str:
    """Return the location of this installation's database, by its settings."""
    from hemicycle import settings_sources  # the verifier in one file has no settings

    given = settings_sources.given()
    data = Path(given.get("HEMICYCLE_DATA_DIR", "var"))
    address = given.get("HEMICYCLE_DATABASE_URL", f"sqlite:///{data / 'db.sqlite3'}")
    return address.removeprefix("sqlite:///")
