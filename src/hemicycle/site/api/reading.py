"""Reads a table from a CSV file or a workbook, within limits, into rows of texts."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.utils.translation import gettext as _

from hemicycle.ui.spreadsheets import XLSX_TYPE

CSV_TYPE = "text/csv"
MOST_ROWS = 1000
MOST_COLUMNS = 60
MOST_UNPACKED = 50 * 1024 * 1024
LONGEST_CELL = 5000


class UnreadableTable(Exception):
    """The file is not a readable table; `str()` is a sentence with the reason."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row with its number in the spreadsheet (the header is row 1), and its texts by column."""

    number: int
    cells: dict[str, str]


def read(data: bytes, media_type: str) -> tuple[list[str], list[TableRow]]:
    """Return the column names, in lower case with underscores, and the rows that are not empty.

    Raises `UnreadableTable`.
    """
    lines = _workbook(data) if media_type == XLSX_TYPE else _csv(data)
    head = [_head(title) for title in next(lines, [])]
    while head and not head[-1]:
        head.pop()
    if not head:
        raise UnreadableTable(_("The table is empty: the first row must name the columns."))
    if "" in head or len(set(head)) != len(head):
        raise UnreadableTable(_("Each column needs a name of its own in the first row."))
    rows = list(islice(_rows(head, lines), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        says = _("The table has more than %(most)d rows. Split it.")
        raise UnreadableTable(says % {"most": MOST_ROWS})
    return head, rows


def _rows(head: list[str], lines: Iterable[list[str]]) -> Iterator[TableRow]:
    for number, line in enumerate(lines, start=2):
        if any(line[len(head) :]):
            says = _("Row %(row)d has more cells than there are columns.") % {"row": number}
            raise UnreadableTable(says)
        if any(line):
            yield TableRow(number, dict(zip(head, line, strict=False)))


def _head(text: str) -> str:
    return "_".join(text.casefold().replace("-", " ").split())


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value).replace("\0", "").strip()
    if len(text) > LONGEST_CELL:
        says = _("A cell has more than %(most)d characters.") % {"most": LONGEST_CELL}
        raise UnreadableTable(says)
    return text


def _csv(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableTable(_("The file is not in UTF-8. Save it as “CSV UTF-8”.")) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [_cell(value) for value in line]
    except csv.Error as error:
        says = _("The file cannot be read as CSV: %(why)s.")
        raise UnreadableTable(says % {"why": str(error)}) from None


def _workbook(data: bytes) -> Iterator[list[str]]:
    """Yield the rows of the first sheet, after a check of the unpacked size of the zip archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableTable(_("The workbook cannot be read.")) from error
    if size > MOST_UNPACKED:
        raise UnreadableTable(_("The workbook is too large when it is unpacked."))
    for line in _lines(data):
        yield [_cell(value) for value in line]


def _lines(data: bytes) -> Iterator[tuple[object, ...]]:
    from openpyxl import load_workbook  # it takes 20 MB, and most processes never need it

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        yield from book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True)
    except Exception as error:  # openpyxl does not catch the exceptions of its libraries
        raise UnreadableTable(_("The workbook cannot be read.")) from error
