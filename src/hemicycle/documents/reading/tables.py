"""Tables that people send: CSV in any of the encodings that Excel writes, or XLSX.

Excel's "CSV" has the encoding and the separator of the machine on which it runs: UTF-8 or UTF-16
with a byte order mark, or one of Windows' code pages, and commas, semicolons or tabs.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from itertools import islice

from hemicycle.documents.reading import code_pages
from hemicycle.documents.reading.refusals import gettext_noop

UNPACKED = 60_000_000
"""The most bytes of a workbook's parts after unpacking."""
MOST_COLUMNS = 100
CODE_PAGES = {
    "utf_8": "UTF-8",
    "utf_16": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1256": "Windows-1256",
    "gb18030": "GB 18030",
}
"""The encodings that a user can choose, by Python's names: Unicode, and code pages of Windows."""
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_QUOTED = re.compile(r'"[^"]*"')
_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


SENTENCES = {
    "not_a_table": gettext_noop("The file is neither CSV nor XLSX."),
    "malformed": gettext_noop("The file is not a table: %(error)s"),
    "unreadable": gettext_noop("The workbook cannot be read. Save it again, or as CSV."),
    "too_large": gettext_noop("The workbook is too large for a list."),
    "too_long": gettext_noop("The file has more than %(most)s rows. Split it."),
    "encoding": gettext_noop("The file is not in this encoding. Choose another one."),
}


class TableRefused(ValueError):
    """Raised for a file that is not a readable table.

    `code` is a key of `SENTENCES`, and `values` fill its sentence.
    """

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def is_workbook(data: bytes) -> bool:
    """Whether the data begins like an XLSX file."""
    return data[:4] == b"PK\x03\x04"


def read_table(data: bytes, *, most_rows: int, encoding: str = "") -> list[list[str]]:
    """Return all rows of a table, including empty ones, with cells stripped of surrounding spaces.

    Row 0 is the first row of the spreadsheet. `encoding` is one of `CODE_PAGES`, or "" to detect
    it. Dates of a workbook are returned in ISO 8601. Raises `TableRefused`.
    """
    rows = _workbook(data) if is_workbook(data) else _csv(text_of(data, encoding))
    found = list(islice(rows, most_rows + 1))
    if len(found) > most_rows:
        raise TableRefused("too_long", most=f"{most_rows:,}")
    return found


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────
def text_of(data: bytes, encoding: str = "") -> str:
    """Return the text of a file in `encoding`, or else in the encoding that it seems to have.

    Raises `TableRefused` if it is not text, or not in that encoding.
    """
    try:
        return data.decode(_named(encoding, data) or _found(data))
    except UnicodeError as error:
        raise TableRefused("encoding" if encoding else "not_a_table") from error


def _named(encoding: str, data: bytes) -> str:
    if encoding not in CODE_PAGES:
        return ""
    mark = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    return mark if mark and encoding.startswith("utf") else encoding


def _found(data: bytes) -> str:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if b"\0" in data[:4000]:  # UTF-16 without its byte order mark, or not text
        pairs = data[:4000]
        if pairs[1::2].count(0) > len(pairs) // 4 and not pairs[::2].count(0):
            return "utf-16-le"
        if pairs[::2].count(0) > len(pairs) // 4 and not pairs[1::2].count(0):
            return "utf-16-be"
        raise TableRefused("not_a_table")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return code_pages.guess(data)
    return "utf-8"


def _csv(text: str) -> Iterator[list[str]]:
    said = _SAID.match(text)  # Excel's line about the separator, which is not a row
    if said:
        text = text[said.end() :]
    between = said[1] if said else _separator(text)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=between):
            yield [_trimmed(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error as error:
        raise TableRefused("malformed", error=str(error)) from error


def _separator(text: str) -> str:
    """Return the separator of the first line that has one, ignoring quoted cells."""
    for line in islice(io.StringIO(text), 20):
        bare = _QUOTED.sub("", line)
        found = max(";\t,", key=bare.count)
        if found in bare:
            return found
    return ","


def _trimmed(cell: str) -> str:
    return cell.replace("\0", "").strip(" \xa0\t\r\n\ufeff")


# ── XLSX ──────────────────────────────────────────────────────────────────────────────────────
def _workbook(data: bytes) -> Iterator[list[str]]:
    try:
        _check_size(data)
        from openpyxl import load_workbook  # 20 MB, which most processes never need

        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
            yield _bare([_written(value) for value in row])
    except TableRefused:
        raise
    except Exception as error:  # broken workbooks raise more exceptions than the library documents
        raise TableRefused("unreadable") from error


def _check_size(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > UNPACKED:
            raise TableRefused("too_large")


def _bare(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _written(value: object) -> str:
    """Return a cell as a person would type it: no ".0" after a number, no midnight after a day."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _trimmed(str(value))
