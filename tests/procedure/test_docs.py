"""docs/procedure.md shows the tables that the code reads, cell by cell."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hemicycle.procedure.bodies import fields_of
from hemicycle.procedure.events import EVENTS
from hemicycle.procedure.transitions import MEETING, OK, SLOT
from hemicycle.ui.refusals import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "procedure.md").read_text(encoding="utf-8")


def rows(*lines: list[str]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cells(table: dict[str, dict[str, str]]) -> Iterator[list[str]]:
    head = list(next(iter(table.values())))
    yield ["", *head]
    yield ["---"] * (len(head) + 1)
    for name, row in table.items():
        yield [f"`{name}`", *("**yes**" if cell == OK else cell for cell in row.values())]


EVENT_ROWS = [
    ["event", "act or fact", "body"],
    ["---"] * 3,
    *(
        [
            f"`{kind}`",
            "act" if event.ACT else "fact",
            ", ".join(f"`{field}`" for field in fields_of(event)),
        ]
        for kind, event in EVENTS.items()
    ),
]
SENTENCE_ROWS = [
    ["code", "sentence"],
    ["---"] * 2,
    *([f"`{code}`", str(sentence)] for code, sentence in COMMANDS.items()),
]


@pytest.mark.parametrize(
    "expected",
    [rows(*cells(MEETING)), rows(*cells(SLOT)), rows(*EVENT_ROWS), rows(*SENTENCE_ROWS)],
    ids=["meeting", "slot", "events", "refusals"],
)
def test_the_page_shows_what_the_code_reads(expected: str) -> None:
    assert expected in PAGE
