"""The results so far, which are kept from run to run, and the page that shows them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tools.clients.rows import ROLES, TIMES, Client, Found, Player, Row, explained, table

PAGE = Path(__file__).parents[2] / "docs/clients.md"
TEXT = Path(__file__).with_name("page.md")
KEPT = Path(__file__).with_name("found.json")


def kept() -> dict[str, Row]:
    """Return the newest row of each client and player, by name."""
    told = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return {name: _row(row) for name, row in told.items()}


def keep(row: Row) -> None:
    """Keep a row in place of an earlier one of the same name."""
    rows = kept() | {row.name: row}
    told = {name: asdict(rows[name]) for name in sorted(rows)}
    KEPT.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def written(clients: Sequence[Client], players: Sequence[Player]) -> str:
    """Return the text of the page with the newest results of all clients and players."""
    return TEXT.read_text().format(
        clients=table(_rows(clients, ROLES), ROLES), players=table(_rows(players, TIMES), TIMES)
    )


def _rows(tried: Sequence[Client | Player], columns: Sequence[str]) -> list[Row]:
    rows = kept()
    missing = dict.fromkeys(columns, Found("none", "Not tried yet."))
    return [
        explained(rows.get(one.name, Row(one.name, one.of, "—", "—", missing)), one.done)
        for one in tried
    ]


def _row(told: dict[str, object]) -> Row:
    found = told.pop("found")
    assert isinstance(found, dict)
    return Row(**told, found={name: Found(**one) for name, one in found.items()})  # type: ignore[arg-type]
