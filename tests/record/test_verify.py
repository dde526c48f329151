"""`hemicycle verify`: what holds is said to hold, and one bit changed is found where it is."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.record.chain import Content, canonical, genesis, link
from hemicycle.record.verify import Broken, Report, Unreadable, main, verify, verify_sqlite

HEARING = "ab" * 16


def chain(
    length: int,
    hearing: str = HEARING,
    bodies: Mapping[int, tuple[str, Any]] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """The rows of a chain; `bodies` are the types and bodies of entries that are not alike."""
    rows, hash = [], genesis(hearing)
    for seq in range(1, length + 1):
        kind, fields = bodies.get(seq, ("slot.skipped", {"n": seq}))
        body = canonical(fields).decode()
        content = Content(hearing, seq, kind, 1, seq * 10, "a" * 32, "moderator", "", body)
        hash = link(hash, content.digest())
        rows.append(
            {
                "hearing": hearing,
                "seq": seq,
                "kind": content.kind,
                "version": 1,
                "at": content.at,
                "actor": content.actor,
                "role": content.role,
                "meeting": "",
                "body": body,
                "digest": content.digest(),
                "hash": hash,
            }
        )
    return rows


def test_a_whole_chain_holds() -> None:
    rows = chain(5)
    assert verify(rows, [rows[-1]]) == Report(hearings=1, entries=5, notes=0)


@given(st.integers(1, 8), st.sampled_from(["seq", "at", "actor", "body", "digest", "hash", "kind"]))
def test_any_change_is_found_at_its_entry(seq: int, field: str) -> None:
    rows = chain(8)
    value = rows[seq - 1][field]
    rows[seq - 1][field] = value + 1 if isinstance(value, int) else "0" + value[1:]
    if rows == chain(8):  # the digit was a 0 already
        rows[seq - 1][field] = "1" + value[1:]
    broken = verify(rows).broken
    assert broken is not None
    assert broken.seq == (seq + 1 if field == "seq" else seq)


@given(st.integers(1, 8))
def test_a_missing_entry_is_found(seq: int) -> None:
    rows = chain(8)
    del rows[seq - 1]
    broken = verify(rows, [chain(8)[-1]]).broken
    assert broken is not None
    assert broken.seq == (8 if seq == 8 else seq + 1)


def test_an_entry_rewritten_with_its_digest_breaks_the_next_link() -> None:
    rows = chain(4)
    changed = {**rows[1], "body": '{"n":7}'}
    changed["digest"] = Content.of(changed).digest()
    rows[1] = changed
    assert verify(rows).broken == Broken.entry(
        HEARING, 2, "its hash does not follow from the one before"
    )


def database(path: Path, rows: list[dict[str, Any]]) -> Path:
    columns = list(rows[0])
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE record_entry ({', '.join(columns)})")
        connection.execute("CREATE TABLE record_head (hearing, seq, hash)")
        connection.execute("CREATE TABLE record_note (key, salt, text, erased_at)")
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO record_entry VALUES ({marks})", [tuple(row.values()) for row in rows]
        )
        last = rows[-1]
        connection.execute(
            "INSERT INTO record_head VALUES (?, ?, ?)", (last["hearing"], last["seq"], last["hash"])
        )
    connection.close()
    return path


def test_one_flipped_bit_in_a_file_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = database(tmp_path / "db.sqlite3", chain(20))
    assert main([str(path)]) == 3
    data = path.read_bytes()
    path.write_bytes(data.replace(b'{"n":13}', b'{"n":12}'))
    assert main([str(path), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["broken"]["seq"] == 13
    assert found["entries"] == 12


def test_other_files_are_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Excellency,")
    with pytest.raises(Unreadable, match=r"letter\.txt is not a database of Hemicycle"):
        verify_sqlite(tmp_path / "letter.txt")
    assert main([str(tmp_path / "nowhere")]) == 2
    assert main([str(tmp_path)]) == 2
