"""Import tables of recipients (CSV or XLSX): read, show lines and problems, then save."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from hemicycle.documents.reading.tables import TableRefused, read_table
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.lists import is_address, tell
from hemicycle.mail.outgoing.models import Import, Recipient, Recipients
from hemicycle.record import clock, writer
from hemicycle.ui import languages, territories
from hemicycle.ui.spreadsheets import sentence_of_table

LARGEST = 5_000_000
MOST_ROWS = 20_000
COLUMNS = {
    "address": {"address", "email", "mail", "emailaddress"},
    "name": {"name", "contact", "person", "addressee"},
    "organization": {"organization", "organisation", "mission", "institution"},
    "country": {"country", "code", "state", "iso"},
    "language": {"language", "lang"},
}
"""Names of columns, by their content, in lower case without spaces and hyphens."""
LONGEST = {"address": 254, "name": 400, "organization": 400, "country": 100, "language": 16}

type Row = dict[str, str]


def read(*, recipients: Recipients, file_name: str, data: bytes) -> Import:
    """Read a table and store it until it is confirmed.

    Raises `OutgoingRefused` for an invalid one.
    """
    if len(data) > LARGEST:
        raise OutgoingRefused(
            _("The file is larger than 5 MB. Split it, or remove what is not needed.")
        )
    try:
        cells = read_table(data, most_rows=MOST_ROWS + 1)
    except TableRefused as refused:
        raise OutgoingRefused(sentence_of_table(refused)) from refused
    rows = list(_judged(recipients, _rows(cells)))
    if not rows:
        raise OutgoingRefused(_("The file has no line with an address."))
    return Import.objects.create(
        recipients=recipients, file_name=file_name[-255:], rows=rows, read_at=clock.now()
    )


def _rows(cells: Iterable[list[str]]) -> Iterator[Row]:
    columns: dict[str, int] = {}
    for row in cells:
        row = [" ".join(cell.split()) for cell in row]  # noqa: PLW2901 - cleaned
        if not any(row):
            continue
        if not columns:
            columns = _columns(row)
            if not any("@" in cell for cell in row):
                continue
        yield {
            name: row[at][: LONGEST[name] + 1] if at < len(row) else ""
            for name, at in columns.items()
        }


def _columns(head: list[str]) -> dict[str, int]:
    """Return the index of each column; without a head, the address is first, then the name etc."""
    if any("@" in cell for cell in head):
        order = sorted(range(len(head)), key=lambda at: "@" not in head[at])
        return dict(zip(COLUMNS, order, strict=False))
    found = {
        name: at
        for at, cell in enumerate(head)
        for name, called in COLUMNS.items()
        if re.sub(r"[\s-]+", "", cell).casefold() in called
    }
    if "address" not in found:
        raise OutgoingRefused(
            _("No column is called “address” or “email”: name the columns in the first line.")
        )
    return found


def _judged(recipients: Recipients, rows: Iterable[Row]) -> Iterator[Row]:
    known = set(recipients.lines.exclude(address="").values_list("address_key", flat=True))
    seen: set[str] = set()
    for row in rows:
        full = {**dict.fromkeys(COLUMNS, ""), **row}
        full["country"] = _country(full)
        full["language"] = languages.recognize(full["language"])
        key = full["address"].casefold()
        full["problem"] = _problem(full, key, known, seen)
        seen.add(key)
        yield full


def _country(row: Row) -> str:
    said = row["country"] or row["organization"]
    code = territories.recognize(said) or territories.recognize(said.upper())
    return code if code in territories.missions("en") else ""


def _problem(row: Row, key: str, known: set[str], seen: set[str]) -> str:
    if not key:
        return "no-address"
    if not is_address(row["address"]):
        return "bad-address"
    if key in seen:
        return "duplicate"
    return "known" if key in known else ""


def problems() -> dict[str, str]:
    """Return the name of each kind of problem."""
    return {
        "no-address": _("no address"),
        "bad-address": _("not an address"),
        "duplicate": _("twice in this file"),
        "known": _("already on the list"),
    }


def take(*, found: Import, actor: writer.Actor) -> int:
    """Save the valid lines to the list; return their number.

    A mission's line without an address gets one. Raises `OutgoingRefused` for a repeated import.
    """
    recipients = found.recipients
    with writer.writing(recipients.hearing_id, actor=actor) as record:
        mine = Import.objects.filter(pk=found.pk, taken_at=None)
        if not mine.update(taken_at=clock.now()):
            raise OutgoingRefused(_("This file has already been imported."))
        known = set(recipients.lines.exclude(address="").values_list("address_key", flat=True))
        waiting = recipients.lines.filter(~Q(country=""), address="")
        bare = {line.country: line for line in waiting}
        good = [row for row in found.rows if not row["problem"]]
        fresh = [row for row in good if row["address"].casefold() not in known]
        added = []
        for row in fresh:
            line = bare.pop(row["country"], None)
            if line is None:
                added.append(_filled(Recipient(recipients=recipients), row))
            else:
                _filled(line, row).save()
        Recipient.objects.bulk_create(added, batch_size=500)
        tell(record, recipients)
    return len(fresh)


def _filled(line: Recipient, row: dict[str, Any]) -> Recipient:
    line.address, line.address_key = row["address"], row["address"].casefold()
    line.name, line.organization = row["name"][:400], row["organization"][:400]
    line.country, line.language = row["country"], row["language"] or "en"
    return line
