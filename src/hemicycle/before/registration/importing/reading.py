"""Reading a file and storing its rows; until they are entered, another encoding can be chosen."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from hemicycle.before.registration.importing import columns, values
from hemicycle.before.registration.importing.values import Options, ReadRow, RowReader
from hemicycle.before.registration.models import ImportRow, RegistrationImport
from hemicycle.before.registration.registration_rules import Facts, facts_of
from hemicycle.documents.reading.tables import TableRefused, read_table
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.tracks import Track
from hemicycle.record import clock
from hemicycle.ui.spreadsheets import sentence_of_table, unguarded

LARGEST = 10_000_000
MOST_ROWS = 20_000
SHOWN = 5
"""The number of rows that are shown before any is entered."""


class ImportRefused(Exception):
    """The file cannot be imported; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read(*, hearing: Hearing, file_name: str, data: bytes) -> RegistrationImport:
    """Store a file and its rows until they are entered. Raises `ImportRefused`."""
    if len(data) > LARGEST:
        raise ImportRefused(
            _("The file is larger than %(size)d MB. Split it, or remove what is not needed.")
            % {"size": LARGEST // 1_000_000}
        )
    table = RegistrationImport(
        hearing=hearing, file_name=file_name[-255:], content=data, read_at=clock.now()
    )
    head, rows = _rows(data)
    with transaction.atomic():
        table.head = head
        table.save(force_insert=True)
        _store(table, rows)
    return table


def read_again(table: RegistrationImport, *, encoding: str) -> None:
    """Read a file again in another encoding, unless it was begun. Raises `ImportRefused`."""
    head, rows = _rows(bytes(table.content), encoding)
    with transaction.atomic():
        unbegun = RegistrationImport.objects.select_for_update().filter(pk=table.pk, begun_at=None)
        if not unbegun.exists():
            return
        table.head, table.columns, table.options = head, {}, {"encoding": encoding}
        table.save(update_fields=("head", "columns", "options"))
        table.rows.all().delete()
        _store(table, rows)


type _Numbered = list[tuple[int, list[str]]]


def _rows(data: bytes, encoding: str = "") -> tuple[list[str], _Numbered]:
    """Return the headings of a table, and its rows with their numbers, without the empty ones."""
    try:
        cells = read_table(data, most_rows=MOST_ROWS + 1, encoding=encoding)
    except TableRefused as refused:
        raise ImportRefused(sentence_of_table(refused)) from refused
    rows = [(number, [*map(unguarded, row)]) for number, row in enumerate(cells, 1) if any(row)]
    if len(rows) < 2:
        raise ImportRefused(
            _("The file has no rows. The first row names the columns. Each other row is a person.")
        )
    (_number, head), *people = rows
    return head, people


def _store(table: RegistrationImport, rows: _Numbered) -> None:
    made = (ImportRow(table=table, number=number, cells=cells) for number, cells in rows)
    ImportRow.objects.bulk_create(made, batch_size=500)


# ── What will be entered ──────────────────────────────────────────────────────────────────────
def guessed_track(table: RegistrationImport, facts: Facts) -> str:
    """Return the key of the track whose fields match the headings best."""
    tracks = facts.tracks
    if not tracks:
        return ""

    def fits(track: Track) -> tuple[int, bool]:
        is_common = track.kind == TrackKind.STAKEHOLDERS  # decides if the headings do not
        return len(columns.matched(table.head, track.kind)), is_common

    return max(tracks, key=fits).key


def guessed_order(table: RegistrationImport, place: int | None) -> str:
    """Return whether the dates of a column begin with the day or the month; "" if unclear."""
    if place is None:
        return ""
    cells = table.rows.values_list("cells", flat=True).iterator(chunk_size=2000)
    return values.order_of(row[place] for row in cells if place < len(row))


def reader_of(table: RegistrationImport, facts: Facts | None = None) -> RowReader:
    """Return the reader of a table's rows, with the officer's choices.

    Raises `LookupError` if its track no longer exists.
    """
    facts = facts or facts_of(table.hearing)
    if facts.hearing.track(table.options["track"]) is None:
        raise LookupError(table.options["track"])
    return RowReader(facts, Options(**table.options), table.head, table.columns)


def preview(table: RegistrationImport, reader: RowReader) -> list[tuple[ImportRow, ReadRow]]:
    """Return the first rows with what they would become; nothing is entered."""
    return [(row, reader.read(row.number, row.cells, "")) for row in table.rows.all()[:SHOWN]]


def chosen(table: RegistrationImport) -> dict[str, Any]:
    """Return what the officer has chosen so far, for the form."""
    return {**table.options, **{f"column_{name}": str(at) for name, at in table.columns.items()}}
