"""Tables for spreadsheets: CSV and XLSX, in which no typed text runs as a formula.

`documents.reading.tables` reads them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import gettext

from hemicycle.documents.reading.tables import SENTENCES, TableRefused

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

type Value = str | int | bool | datetime | None
type Rows = Iterable[Sequence[Value]]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters with which a spreadsheet takes a text in a CSV file for a formula."""

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 60
LONGEST_CELL = 32_767
"""The most characters that a cell of a workbook can hold."""


def sentence_of_table(refused: TableRefused) -> str:
    """Return in the reader's language why a file cannot be read as a table."""
    return gettext(SENTENCES[refused.code]) % refused.values


def unguarded(cell: str) -> str:
    """Return a cell without the apostrophe that keeps spreadsheets from reading it as a formula."""
    is_guarded = cell[:1] == "'" and cell[1:2] in FORMULA_STARTS
    return cell[1:] if is_guarded else cell


def as_csv(head: Sequence[object], rows: Rows, through: Callable[[Rows], Rows] = iter) -> bytes:
    """Return a table as CSV; a byte order mark shows spreadsheets that it is UTF-8.

    A text that would be a formula gets an apostrophe in front, which spreadsheets do not show.
    The rows pass once `through` a function, which can count them.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in chain((head,), through(rows)):
        writer.writerow([_guarded(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(
    title: str, head: Sequence[object], rows: Rows, through: Callable[[Rows], Rows] = iter
) -> bytes:
    """Return a table as a workbook of one sheet; all texts are stored as texts.

    The rows pass twice `through` a function, which can count them: as they are read and written.
    """
    from openpyxl import Workbook  # 20 MB, which most processes never need
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(c for c in title if c not in r"[]:*?/\ ".strip())[:31])
    sheet.freeze_panes = "A2"
    whole = [list(row) for row in through(rows)]
    for column, label in enumerate(head):
        longest = max((len(_text(row[column])) for row in whole), default=0)
        width = min(WIDEST, max(len(str(label)), longest) + 2)
        sheet.column_dimensions[get_column_letter(column + 1)].width = width
    sheet.append([_cell(sheet, str(label), bold=True) for label in head])
    out = io.BytesIO()
    try:
        for row in through(whole):
            sheet.append([_cell(sheet, value) for value in row])
    finally:
        book.save(out)  # and delete the temporary file that holds the rows until then
    return out.getvalue()


def csv_response(name: str, head: Sequence[object], rows: Rows) -> HttpResponse:
    """Return the table as a CSV file that a browser saves as `name`."""
    return _file(as_csv(head, rows), CSV_TYPE, f"{name}.csv")


def xlsx_response(name: str, head: Sequence[object], rows: Rows) -> HttpResponse:
    """Return the table as a workbook that a browser saves as `name`."""
    return _file(as_xlsx(name, head, rows), XLSX_TYPE, f"{name}.xlsx")


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        content, content_type=media_type, headers={"Content-Disposition": disposition}
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def _guarded(value: object) -> str:
    text = _text(value)
    if isinstance(value, int) or not text.startswith(FORMULA_STARTS):
        return text
    return f"'{text}"


def _cell(sheet: "Worksheet", value: Value, *, bold: bool = False) -> "Cell | str | int":
    """Return a value as a workbook stores it: a text stays a text, even if it begins with "="."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", _text(value))[:LONGEST_CELL]
    if not bold and not text.startswith(("=", "#")):
        return text  # a cell object for each text would take 50% more time
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
