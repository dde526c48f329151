"""Exports contain what people typed, and none of it runs as a formula."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from hemicycle.ui import spreadsheets

HEAD = ("Name", "Place", "At", "Note")
ROWS = [
    ('=HYPERLINK("http://hearing.example")', 1, datetime(2021, 7, 13, 14, 0, tzinfo=UTC), "a,b"),
    ("منظمة", -2, None, "two\nlines"),
    ("@sum", 3, None, "-1 is no number here"),
    ("#REF!", 4, True, "=1"),
]


def test_csv_keeps_words_and_disarms_formulas() -> None:
    text = spreadsheets.as_csv(HEAD, ROWS).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["Name", "Place", "At", "Note"],
        ['\'=HYPERLINK("http://hearing.example")', "1", "2021-07-13 14:00:00+00:00", "a,b"],
        ["منظمة", "-2", "", "two\nlines"],
        ["'@sum", "3", "", "'-1 is no number here"],
        ["#REF!", "4", "True", "'=1"],
    ]


def test_a_workbook_holds_texts_as_texts_and_numbers_as_numbers() -> None:
    book = load_workbook(io.BytesIO(spreadsheets.as_xlsx("List: of [speakers]", HEAD, ROWS)))
    sheet = book.active
    assert sheet is not None
    assert sheet.title == "List of speakers"
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Name", "Place", "At", "Note"],
        ['=HYPERLINK("http://hearing.example")', 1, "2021-07-13 14:00:00+00:00", "a,b"],
        ["منظمة", -2, None, "two\nlines"],
        ["@sum", 3, None, "-1 is no number here"],
        ["#REF!", 4, "True", "=1"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"inlineStr", "s", "n"}


def test_a_workbook_leaves_out_what_no_sheet_can_hold() -> None:
    book = load_workbook(io.BytesIO(spreadsheets.as_xlsx("x", ["a"], [["bell \x07 rings"]])))
    sheet = book.active
    assert sheet is not None
    assert sheet["A2"].value == "bell  rings"


def test_an_interrupted_workbook_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    passes: list[int] = []

    def through(rows: spreadsheets.Rows) -> Iterator[Sequence[spreadsheets.Value]]:
        passes.append(len(list(tmp_path.iterdir())))
        for row in rows:
            if len(passes) == 2:
                raise InterruptedError
            yield row

    with pytest.raises(InterruptedError):
        spreadsheets.as_xlsx("x", HEAD, ROWS, through)
    assert (passes, list(tmp_path.iterdir())) == ([0, 1], [])
