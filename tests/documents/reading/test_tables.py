"""Tables as Excel writes them, and as people do."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from openpyxl import Workbook

from hemicycle.documents.reading import tables
from hemicycle.documents.reading.tables import TableRefused, read_table

FRENCH = "Organisation;Nom\r\nMédecins du Sud;Hélène Lefèvre\r\n"
SPANISH = "Organización;Nombre\r\nFundación Niños;José Peña\r\n"
RUSSIAN = "Организация;Имя\r\nКрасный крест;Иван Петров\r\n"
ARABIC = "المنظمة;الاسم\r\nالهلال الأحمر;أمينة محمد\r\n"
CHINESE = "机构;姓名\r\n红十字会;王小明\r\n"
POLISH = "Organizacja;Nazwisko\r\nŁódź Fundacja;Wałęsa Żółw\r\n"
TURKISH = "Kuruluş;Ad\r\nKızılay;Gökçe Şahin\r\n"
MIXED = "Organization;Name\r\nRed Crescent;أمينة\r\nWater;John\r\n"
ONE_ACCENT = "Organization;Name\r\n" + "River Watch;Jean\r\n" * 40 + "Water;Zoé O’Neil\r\n"


def rows(text: str) -> list[list[str]]:
    return [line.split(";") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((text, "utf-8-sig") for text in (FRENCH, RUSSIAN, ARABIC, CHINESE)),
        *((text, "utf-8") for text in (FRENCH, RUSSIAN, ARABIC, CHINESE)),
        *((text, "utf-16") for text in (FRENCH, RUSSIAN, ARABIC, CHINESE)),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
        *((text, "cp1252") for text in (FRENCH, SPANISH, ONE_ACCENT)),
        (RUSSIAN, "cp1251"),
        *((text, "cp1256") for text in (ARABIC, MIXED)),
        (POLISH, "cp1250"),
        (TURKISH, "cp1254"),
        (CHINESE, "gb18030"),
    ],
)
def test_the_encoding_is_found(text: str, encoding: str) -> None:
    assert read_table(text.encode(encoding), most_rows=100) == rows(text)


def test_an_encoding_can_be_named() -> None:
    data = "Name\r\nDvořák\r\n".encode("cp1250")
    assert read_table(data, most_rows=9, encoding="cp1252")[1] == ["Dvoøák"]
    assert read_table(data, most_rows=9, encoding="cp1250")[1] == ["Dvořák"]
    marked = "Name\r\nDvořák\r\n".encode("utf-8-sig")
    assert read_table(marked, most_rows=9, encoding="utf_8")[0] == ["Name"]
    with pytest.raises(TableRefused) as refused:
        read_table(data, most_rows=9, encoding="utf_8")
    assert refused.value.code == "encoding"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        ("a;b\n1;2,5\n", [["a", "b"], ["1", "2,5"]]),
        ("a\tb\n1\t2\n", [["a", "b"], ["1", "2"]]),
        ('"Name, title",b\n"1;2;3",4\n', [["Name, title", "b"], ["1;2;3", "4"]]),
        ("sep=;\r\na;b\r\n1;2\r\n", [["a", "b"], ["1", "2"]]),
        ('a;b\n"two\nlines";2\n', [["a", "b"], ["two\nlines", "2"]]),
        ("\n\na;b\n", [[], [], ["a", "b"]]),
        ("only\none\n", [["only"], ["one"]]),
        ("a;b\n 1\xa0; 2 \n", [["a", "b"], ["1", "2"]]),
    ],
)
def test_the_separator_is_found(text: str, found: list[list[str]]) -> None:
    assert read_table(text.encode(), most_rows=9) == found


def test_a_workbook_is_read_as_its_cells_are_shown() -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Name", "Panel", "Date", None],
        ["Zoé", 2.0, datetime(2026, 3, 14, 9, 5)],  # noqa: DTZ001 - a workbook has no zones
        [" Ana ", 3, datetime(2026, 3, 4)],  # noqa: DTZ001
    ):
        sheet.append(row)
    book.save(out)
    assert read_table(out.getvalue(), most_rows=9) == [
        ["Name", "Panel", "Date"],
        ["Zoé", "2", "2026-03-14 09:05"],
        ["Ana", "3", "2026-03-04"],
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\0\1\2\0\0", "not_a_table"),
        (b"PK\x03\x04junk", "unreadable"),
        (b"a\n" * 10, "too_long"),
        (b'a,b\n"' + b"x" * 200_000 + b'",2\n', "malformed"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(TableRefused) as refused:
        read_table(data, most_rows=9)
    assert refused.value.code == code
    assert tables.SENTENCES[code] % refused.value.values
