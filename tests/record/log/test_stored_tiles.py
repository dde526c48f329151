"""`hemicycle verify` compares the tiles in a database with the entries that they are made of."""

import sqlite3
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from hemicycle.record import verify
from hemicycle.record.log import merkle, store, tiles
from hemicycle.record.models import Checkpoint, Entry, Head, LogTile
from hemicycle.record.verify.databases import (
    StoredLog,
    _verified,
    verify_postgresql,
    verify_sqlite,
)
from hemicycle.record.verify.report import Failed
from hemicycle.record.verify.tiles import TiledRoots
from tests.record.log.test_checkpoints import _append, _begin, _made
from tests.record.test_verify import HEARING, chain, database, stored
from tests.support.altered import altered_bytes

pytestmark = [pytest.mark.postgresql("transactions"), pytest.mark.django_db]


def told(hearing: UUID, *changes: tuple[int, int, str, Any]) -> str:
    """Return what is found after changes to tiles; a change without a name removes its tile."""
    stored_tiles = LogTile.objects.order_by("hearing", "level", "number").values()
    rows: list[dict[str, Any]] = [dict(row) for row in stored_tiles]
    for changed_level, changed, name, value in changes:
        place = hearing, changed_level, changed
        row = next(row for row in rows if (row["hearing"], row["level"], row["number"]) == place)
        if name:
            row[name] = value
        else:
            rows.remove(row)
    tiled = {row["hearing"]: row["number"] for row in rows if not row["level"]}
    log = StoredLog(
        Checkpoint.objects.order_by("hearing", "size").values(),
        [{"hearing": hearing, "last": last} for hearing, last in tiled.items()],
        rows,
    )
    entries = Entry.objects.order_by("hearing", "seq").values()
    report = _verified(entries, Head.objects.values(), (), log)
    assert not report.broken or not report.tiles
    return str(report.broken or f"{report.tiles} tiles").removeprefix(f"hearing {hearing.hex}, ")


def test_tiles_that_are_not_made_of_the_entries_are_named() -> None:
    hearing, other = _begin(), _begin()
    _append(hearing, 1_100)
    _append(other, 300)
    for begun in (hearing, other):
        _made(begun)
    assert told(hearing) == "5 tiles"
    wrong = "it is not made of the entries of the record"
    flipped = altered_bytes(bytes(LogTile.objects.get(hearing=hearing, number=2).hashes))
    assert told(hearing, (0, 2, "hashes", flipped)) == f"tile 0/002: {wrong}"
    assert told(hearing, (0, 3, "root", b"\1" * 32)) == f"tile 0/003: {wrong}"
    assert told(hearing, (0, 1, "hashes", b"")) == f"tile 0/001: {wrong}"
    assert told(hearing, (0, 3, "number", 4)) == f"tile 0/004: {wrong}"
    assert told(hearing, (0, 3, "level", 1)) == f"tile 1/003: {wrong}"
    assert told(hearing, (0, 2, "", None)) == "tile 0/002: it is missing"
    assert told(hearing, (0, 3, "", None), (0, 2, "", None)) == "tile 0/002: it is missing"
    everything = [(0, number, "", None) for number in range(4)]
    assert told(hearing, *everything) == "tile 0/000: it is missing"
    assert told(other, everything[0]) == "tile 0/000: it is missing"


def test_higher_levels_are_made_of_the_tiles_below() -> None:
    count = 256 * 256
    roots = TiledRoots([count + 9], count)
    leaves = [merkle.leaf_hash(number.to_bytes(32)) for number in range(count)]
    for number in range(count + 9):
        roots.add(number.to_bytes(32).hex())
    parts = [leaves[first : first + 256] for first in range(0, count, 256)]
    parts.append([tiles.root_of(part) for part in parts])
    places = [(0, number) for number in range(256)] + [(1, 0)]
    rows = [
        {"level": level, "number": number, "hashes": b"".join(part), "root": tiles.root_of(part)}
        for (level, number), part in zip(places, parts, strict=True)
    ]
    assert roots.compare(HEARING, rows) == 257
    for wrong, says in (
        (rows[:-1], "tile 1/000: it is missing"),
        ([*rows[:-1], rows[-1] | {"root": b"?" * 32}], "tile 1/000: it is not made of"),
        ([*rows[:-1], rows[-1] | {"hashes": b""}], "tile 1/000: it is not made of"),
    ):
        with pytest.raises(Failed) as found:
            roots.compare(HEARING, wrong)
        assert says in str(found.value.broken)


def test_tiles_before_a_first_checkpoint_are_compared_too() -> None:
    """A worker can be killed between the tiles and the checkpoint for which they were made."""
    hearing = _begin()
    _append(hearing, 600)
    store.grow(hearing, 600)
    assert told(hearing) == "2 tiles"
    assert told(hearing, (0, 1, "root", b"\1" * 32)).startswith("tile 0/001: ")
    assert told(hearing, (0, 1, "", None)) == "1 tiles", "nobody was given it yet"


def test_the_command_compares_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = chain(300)
    path = database(tmp_path / "db.sqlite3", rows, [stored(rows, 300)])
    hashes = [merkle.leaf_hash(bytes.fromhex(row["hash"])) for row in rows[:256]]
    assert verify.main([str(path)]) == 1
    assert f"hearing {HEARING}, tile 0/000: it is missing" in capsys.readouterr().out
    with sqlite3.connect(path) as connection:
        values = (HEARING, 0, 0, tiles.root_of(hashes), b"".join(hashes))
        connection.execute("INSERT INTO record_logtile VALUES (?, ?, ?, ?, ?)", values)
    connection.close()
    assert verify.main([str(path)]) == 3
    assert "The 1 stored tile(s) of the log are made of them." in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_is_read(tmp_path: Path) -> None:
    hearing = _begin()
    _append(hearing, 600)
    _made(hearing)
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        report = verify_sqlite(Path(settings["NAME"]))
    else:
        parts = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
        given = {name: settings[own] for name, own in parts.items() if settings[own]}
        address = " ".join(f"{name}={value}" for name, value in given.items())
        port = f" port={settings['PORT']}" if settings["PORT"] else ""
        report = verify_postgresql(address + port)
    assert (str(report.broken), report.compared, report.tiles) == ("None", 1, 2)
