"""Registrations as a table for other programs: CSV and XLSX."""

import csv
import io
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from hemicycle.registration.choices import country_name
from hemicycle.registration.models import CoSigner, Registration

Row = list[str]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CELL_MOST = 32_767


def rows(found: QuerySet[Registration]) -> Iterator[Row]:
    """The head of the table, then a row for each registration: three queries per 500."""
    yield [
        _("Reference"),
        _("Arrival"),
        _("Received (UTC)"),
        _("Track"),
        _("Category"),
        _("Status"),
        _("Organization"),
        _("Country"),
        _("Name"),
        _("Title"),
        _("E-mail"),
        _("Language"),
        _("Panels and places"),
        _("Co-signers"),
        _("Access needs"),
        _("Evidence of eligibility"),
        _("On the public list"),
    ]
    for each in found.iterator(chunk_size=500):
        yield _row(each)


def _row(each: Registration) -> Row:
    consented = [c for c in each.co_signers.all() if c.state == CoSigner.State.CONSENTED]
    live = getattr(each, "live_requests", ())
    return [
        each.reference,
        str(each.arrival),
        each.arrived_at.strftime("%Y-%m-%d %H:%M:%S"),
        each.get_track_display(),
        each.category.label,
        each.get_status_display(),
        each.organization.name,
        country_name(each.organization.country) if each.organization.country else "",
        each.person.name,
        each.person.title,
        each.person.email,
        each.language,
        "; ".join(f"{r.segment.title} ({r.place})" if r.place else r.segment.title for r in live),
        "; ".join(co_signer.organization_name for co_signer in consented),
        each.access_needs,
        each.eligibility,
        _("yes") if each.consents_to_list else _("no"),
    ]


def csv_lines(table: Iterator[Row]) -> Iterator[str]:
    """The table as CSV, with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for row in table:
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def harmless(text: str) -> str:
    """What a spreadsheet would run as a formula, marked as text."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def xlsx(table: Iterator[Row]) -> bytes:
    """The table as a workbook; every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Registrations")[:31])
    sheet.freeze_panes = "A2"
    for number, row in enumerate(table):
        cells = [WriteOnlyCell(sheet, value=text[:_CELL_MOST]) for text in row]
        for cell in cells:
            cell.data_type = "s"
            if number == 0:
                cell.font = Font(bold=True)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
