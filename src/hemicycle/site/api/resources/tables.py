"""Exports as CSV and XLSX tables, and the import of registrations from a table."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.translation import gettext as _

from hemicycle.before.questions import csv_columns as question_tables
from hemicycle.before.questions import queries as questions
from hemicycle.before.registration import exports, search
from hemicycle.before.speakers import csv_columns as list_tables
from hemicycle.before.speakers import panel_rules
from hemicycle.before.speakers import queries as speakers
from hemicycle.before.statements import queries as statements
from hemicycle.hearing.people.models import TrackKind
from hemicycle.site.api import importing, reading
from hemicycle.site.api.models import Scope
from hemicycle.site.api.operations import Call, FileContent, operation
from hemicycle.site.api.problems import ApiProblem
from hemicycle.site.api.resources import office_shapes as shapes
from hemicycle.site.api.resources import request_shapes
from hemicycle.site.api.resources.office import TAG
from hemicycle.site.api.resources.public import in_order
from hemicycle.ui.languages import listed
from hemicycle.ui.spreadsheets import CSV_TYPE, XLSX_TYPE, Rows, Value, csv_response, xlsx_response

FILES = FileContent((CSV_TYPE, XLSX_TYPE))
UPLOADS = FileContent((reading.CSV_TYPE, XLSX_TYPE))


def _file(call: Call, name: str, head: Sequence[object], rows: Rows) -> HttpResponse:
    respond = xlsx_response if call.query.format == "xlsx" else csv_response
    return respond(f"{call.hearing.slug}-{name}", head, rows)


@operation(
    "GET",
    "hearings/<slug:slug>/office/registrations/table",
    name="registrations-table",
    summary="Registrations as a table",
    answer=FILES,
    query=request_shapes.FormatIn,
    scope=Scope.REGISTRATIONS_READ,
    tag=TAG,
)
def registrations(call: Call) -> HttpResponse:
    """All registrations, as in the office's export."""
    found = search.find(call.hearing, search.RegistrationFilters())
    return _file(call, "registrations", exports.head(), exports.rows(found))


@operation(
    "GET",
    "hearings/<slug:slug>/office/lists/table",
    name="lists-table",
    summary="The lists of speakers as a table",
    answer=FILES,
    query=request_shapes.FormatIn,
    scope=Scope.LISTS_READ,
    tag=TAG,
)
def lists(call: Call) -> HttpResponse:
    """All lists in one table; the first column names the panel."""
    rows: list[list[Value]] = [
        [panel.title, *row]
        for panel in panel_rules.panels(call.hearing)
        for row in list_tables.rows(speakers.listing(panel))
    ]
    return _file(call, "lists", [_("Panel"), *list_tables.head()], rows)


@operation(
    "GET",
    "hearings/<slug:slug>/office/statements/table",
    name="statements-table",
    summary="Statements as a table, without their texts",
    answer=FILES,
    query=request_shapes.FormatIn,
    scope=Scope.STATEMENTS_READ,
    tag=TAG,
)
def all_statements(call: Call) -> HttpResponse:
    """Which participants have submitted a statement."""
    head = [_("Organization"), *statements.title_head(), _("Panel"), _("Versions"), _("Words")]
    head += [_("Language"), _("State"), _("May be published"), _("Reference")]
    found = in_order(statements.details_of(call.hearing, statements.statements_of(call.hearing)))
    rows: list[list[Value]] = [
        [
            row.statement.registration.organization.name,
            *statements.title_cells(row.statement.title),
            row.statement.inscription.segment.title if row.statement.inscription else "",
            len(row.versions),
            row.latest.words if row.latest else 0,
            row.latest.language if row.latest else "",
            row.statement.release,
            row.statement.consents_to_publish,
            row.statement.registration.reference,
        ]
        for row in found
    ]
    return _file(call, "statements", head, rows)


@operation(
    "GET",
    "hearings/<slug:slug>/office/questions/table",
    name="questions-table",
    summary="Questions as a table",
    answer=FILES,
    query=request_shapes.FormatIn,
    scope=Scope.QUESTIONS_READ,
    tag=TAG,
)
def all_questions(call: Call) -> HttpResponse:
    """All questions, as in the office's export."""
    found = list(questions.questions_of(call.hearing))
    rows = question_tables.rows(call.hearing, found)
    return _file(call, "questions", question_tables.head(), rows)


@operation(
    "POST",
    "hearings/<slug:slug>/office/registrations/import",
    name="import",
    summary="Import registrations from a table, or see what would come of it",
    answer=shapes.ImportedOut,
    query=request_shapes.ImportIn,
    body=UPLOADS,
    scope=Scope.REGISTRATIONS_WRITE,
    tag=TAG,
    notes="Each row is taken as if its form had been sent now: deadlines and limits hold, and "
    "each person registered gets a letter. All rows are imported or none; a bad row is named with "
    "what is wrong in which column. A row that was taken before is not taken again. Columns for "
    f"stakeholders: {', '.join(importing.COLUMNS[TrackKind.STAKEHOLDERS])}; for Member States: "
    f"{', '.join(importing.COLUMNS[TrackKind.MISSIONS])}. At most {reading.MOST_ROWS} rows.",
)
def take(call: Call) -> shapes.ImportedOut:
    """Import a table of registrations: all rows or none."""
    query: request_shapes.ImportIn = call.query
    tracks = call.hearing.all_tracks
    track = call.hearing.track(query.track) if query.track else tracks[-1]
    if track is None:
        said = _("There is no track “%(key)s”. The tracks are: %(known)s.")
        known = listed(track.key for track in tracks)
        raise ApiProblem("invalid", said % {"key": query.track, "known": known})
    try:
        head, rows = reading.read(call.body, str(call.request.content_type))
    except reading.UnreadableTable as unreadable:
        raise ApiProblem("invalid", str(unreadable)) from None
    if says := importing.missing_columns(track.kind, set(head)):
        raise ApiProblem("invalid", says)
    done = importing.take(
        hearing=call.hearing, track=track, rows=rows, dry_run=query.dry_run, actor=call.actor
    )
    bad: dict[int, list[shapes.BadCellOut]] = {}
    for fault in done.faults:
        bad.setdefault(fault.row, []).append(
            shapes.BadCellOut(column=fault.column, says=fault.says)
        )
    return shapes.ImportedOut(
        dry_run=query.dry_run,
        rows=done.rows,
        taken=0 if bad else len(done.references),
        again=done.again,
        bad=[shapes.BadRowOut(row=row, problems=cells) for row, cells in bad.items()],
        references=[] if bad or query.dry_run else done.references,
    )
