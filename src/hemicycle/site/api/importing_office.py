"""The secretariat's page on which a table of registrations is checked and then imported."""

from collections.abc import Iterator
from functools import partial
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import WHOLE_OFFICE, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.site.api import importing, reading
from hemicycle.site.api.forms import TABLE, ImportForm
from hemicycle.ui.spreadsheets import XLSX_TYPE, csv_response

secretariat = for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)


@require_http_methods(["GET", "HEAD", "POST"])
@partial(sized, files=TABLE)
@secretariat
def page(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Check an uploaded table, and import it on request if every row is valid."""
    if template := request.GET.get("template"):
        return _template(hearing, template)
    sent = request.method == "POST"
    form = ImportForm(hearing, request.POST, request.FILES) if sent else ImportForm(hearing)
    outcome = _take(request, hearing, form) if form.is_valid() else None
    context = {
        "hearing": hearing,
        "form": form,
        "outcome": outcome,
        "dry_run": "keep" not in request.POST,
        "columns": list(_columns(hearing)),
        "categories": facts_of(hearing).categories,
        "most": reading.MOST_ROWS,
    }
    is_good = outcome is not None and not outcome.faults
    status = 422 if sent and not is_good else 200
    return render(request, "api/office_import.html", context, status=status)


def _columns(hearing: Hearing) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for track in hearing.all_tracks:
        yield track.key, track.label, importing.COLUMNS[track.kind]


def _template(hearing: Hearing, key: str) -> HttpResponse:
    """Return an empty table with the columns of a track."""
    track = hearing.track(key) or hearing.all_tracks[-1]
    return csv_response(f"import-{track.key}", importing.COLUMNS[track.kind], [])


def _take(
    request: HttpRequest, hearing: Hearing, form: ImportForm
) -> importing.ImportResult | None:
    """Return the result; None, with an error on the form, if the file is not a usable table."""
    file: UploadedFile[bytes] = form.cleaned_data["file"]
    track = form.chosen_track()
    is_book = PurePath(file.name or "").suffix.lower() in {".xlsx", ".xlsm"}
    try:
        head, rows = reading.read(file.read(), XLSX_TYPE if is_book else reading.CSV_TYPE)
    except reading.UnreadableTable as unreadable:
        form.add_error("file", str(unreadable))
        return None
    if says := importing.missing_columns(track.kind, set(head)):
        form.add_error("file", says)
        return None
    return importing.take(
        hearing=hearing,
        track=track,
        rows=rows,
        dry_run="keep" not in request.POST,
        actor=actor(request, Role.SECRETARIAT),
    )
