"""A hearing as a TOML file: `loads` and `dumps` are inverse to each other.

Times are written as the programme prints them, local to the hearing's zone. Errors in a file are
reported with their line.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import tomlkit
from django.utils.translation import gettext as _
from tomlkit.items import AoT, Table

from hemicycle.hearing.setup import document, document_reading
from hemicycle.hearing.setup.schema import Document, InvalidDocument, Path, Problem

LONGEST = 512 * 1024
"""The most bytes of a file; a hearing needs about ten thousand."""

HEAD = "A hearing, as Hemicycle reads and writes it: docs/hearing-file.md explains each key."


def loads(text: str | bytes) -> Document:
    """Return the document in a TOML text. Raises `InvalidDocument` with problems and lines."""
    words = _decode(text)
    try:
        data = tomllib.loads(words)
    except (ValueError, RecursionError) as error:  # not TOML, or endless digits or nesting
        line = getattr(error, "lineno", None)
        sentence = _("This is not valid TOML: %(reason)s") % {"reason": error}
        raise InvalidDocument([Problem((), sentence, line)]) from error
    try:
        return document_reading.read(data)
    except InvalidDocument as invalid:
        lines = _lines(words)
        placed = (problem.on(_nearest(lines, problem.at)) for problem in invalid.problems)
        raise InvalidDocument(sorted(placed, key=lambda problem: problem.line or 0)) from None


def _decode(text: str | bytes) -> str:
    if len(text) > LONGEST:
        sentence = _("The file is larger than the limit of %(size)d KB.")
        raise InvalidDocument([Problem((), sentence % {"size": LONGEST // 1024})])
    if isinstance(text, str):
        return text.replace("\r\n", "\n")
    try:
        return text.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        sentence = _("The file is not text in UTF-8; save it as UTF-8 and try again.")
        raise InvalidDocument([Problem((), sentence)]) from None


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*("[^"]+"|'[^']+'|[\w-]+)\s*=""")


def _lines(words: str) -> dict[Path, int]:
    """Return the line of each key and table header, by its path in the document."""
    places: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    for number, line in _outside_strings(words):
        if header := _HEADER.match(line):
            here = _enter(header[2], counts, array=header[1] == "[[")
            places.setdefault(here, number)
        elif key := _KEY.match(line):
            places.setdefault((*here, key[1].strip("\"'")), number)
    return places


def _enter(dotted: str, counts: dict[Path, int], *, array: bool) -> Path:
    """Return the path of a table header; in an array of tables, that of the latest table."""
    names = [name.strip().strip("\"'") for name in dotted.split(".")]
    path: Path = ()
    for index, name in enumerate(names):
        path = (*path, name)
        if array and index == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _outside_strings(words: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not inside a multi-line string, with their numbers."""
    closing = ""
    for number, line in enumerate(words.split("\n"), start=1):
        if closing:
            if closing in line:
                closing = ""
            continue
        yield number, line
        for quotes in ('"""', "'''"):
            if line.count(quotes) % 2:
                closing = quotes


def _nearest(lines: dict[Path, int], at: Path) -> int | None:
    while at:
        if at in lines:
            return lines[at]
        at = at[:-1]
    return None


def dumps(hearing: Document) -> str:
    """Return the document as TOML text, without its empty values."""
    file = tomlkit.document()
    file.add(tomlkit.comment(HEAD))
    file.add(tomlkit.nl())
    for name, value in hearing.items():
        if name == "meetings":
            file.add(name, _array([_meeting(meeting) for meeting in value]))
        elif _says_something(value):
            file.add(name, _item(name, value))
    return tomlkit.dumps(file)


def _says_something(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _item(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _table(value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _array(value)
    if name == "closes" and value.time() == document.LAST_SECOND:
        return value.date()
    if isinstance(value, str) and (len(value) > 80 or "\n" in value):
        return tomlkit.string(value, multiline="\n" in value)
    return value


def _table(values: Document) -> Table:
    table = tomlkit.table()
    for name, value in values.items():
        if _says_something(value):
            table.add(name, _item(name, value))
    return table


def _array(rows: list[Document]) -> AoT:
    array = tomlkit.aot()
    for row in rows:
        array.append(_table(row))
    return array


def _meeting(meeting: Document) -> Document:
    day = meeting["date"]
    segments = [_times(segment, day) for segment in meeting["segments"]]
    return {**_times(meeting, day), "segments": segments}


def _times(row: Document, day: date) -> Document:
    return {**row, "starts": _time(row["starts"], day), "ends": _time(row["ends"], day)}


def _time(moment: datetime, day: date) -> datetime | time:
    return moment.time() if moment.date() == day else moment
