"""Statements as a table for other programs, without their texts."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.statements import actions, queries
from hemicycle.before.statements.models import Statement
from hemicycle.before.statements.queries import StatementDetails
from hemicycle.hearing.exports.tables import TableKind, TableToExport
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui import searches
from hemicycle.ui.spreadsheets import Value


def chosen(hearing: Hearing, asked: QueryDict) -> QuerySet[Statement]:
    """Return the statements that the menus of the office's page select, before any word search."""
    rows = queries.statements_of(hearing)
    panel = asked.get("panel", "")
    if panel == "written":
        rows = rows.filter(inscription=None)
    elif panel.isascii() and panel.isdigit() and len(panel) < 9:
        rows = rows.filter(inscription__segment__ordinal=int(panel))
    if (release := asked.get("release", "")) in actions.Release:
        rows = rows.filter(release=release)
    return rows


def _read(hearing: Hearing, asked: QueryDict) -> TableToExport:
    found = chosen(hearing, asked)
    return TableToExport(
        "statements", _head(), _rows(hearing, found, searches.words(asked)), found.count()
    )


TABLE = TableKind("statements", gettext_lazy("Statements"), "statements:office", _read)


def _head() -> list[str]:
    return [
        _("Organization"),
        _("Speaker"),
        *queries.title_head(),
        _("Panel"),
        _("Submitted"),
        _("Late"),
        _("Versions"),
        _("Words"),
        _("State"),
        _("May be published"),
        _("Reference"),
    ]


def _rows(hearing: Hearing, found: QuerySet[Statement], words: str) -> Iterator[list[Value]]:
    details = queries.details_of(hearing, found)
    for handed in queries.matching(details, words, by_real_names=True):  # only for the secretariat
        yield _row(handed, hearing.zone)


def _row(handed: StatementDetails, zone: ZoneInfo) -> list[Value]:
    statement, latest = handed.statement, handed.latest
    place = statement.inscription
    return [
        statement.registration.organization.name,
        place.speaker.name if place else statement.registration.person.name,
        *queries.title_cells(statement.title),
        place.segment.title if place else "",
        latest.received_at.astimezone(zone) if latest else None,
        _("yes") if handed.is_late else _("no"),
        len(handed.versions),
        latest.words if latest else 0,
        str(statement.get_release_display()),
        statement.consents_to_publish,
        statement.registration.reference,
    ]
