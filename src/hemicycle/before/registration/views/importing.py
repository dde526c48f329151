"""Pages on which the secretariat imports a table of registrations and releases their letters."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hemicycle.before.registration.importing import entering, outcomes, reading, release, values
from hemicycle.before.registration.importing.forms import ColumnsForm, ImportFileForm
from hemicycle.before.registration.importing.reading import ImportRefused
from hemicycle.before.registration.models import ImportRow, RegistrationImport
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.hearing.jobs import pages, queue
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import language_name
from hemicycle.ui.sent_rows import SentRow
from hemicycle.ui.spreadsheets import csv_response
from hemicycle.ui.uploads import takes_files

MOST_SHOWN = 200
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})
TITLES = {
    entering.KIND: gettext_lazy("Entering the registrations"),
    release.KIND: gettext_lazy("Preparing the letters"),
}


@takes_files(reading.LARGEST)
@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Accept a file, and list the tables that were imported before."""
    form = ImportFileForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            data = file.read(reading.LARGEST + 1)
            table = reading.read(hearing=hearing, file_name=file.name, data=data)
        except ImportRefused as refused:
            form.add_error("file", refused.sentence)
        else:
            return redirect("registration:import", slug=hearing.slug, pk=table.pk)
    context = {"hearing": hearing, "form": form, "imports": outcomes.imports_of(hearing)}
    status = 422 if form.is_bound else 200
    return render(request, "registration/office/imports.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def page(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Ask what the columns mean, then show the progress and the outcome of the rows."""
    rows = RegistrationImport.objects.select_related("hearing").defer("content")
    table = get_object_or_404(rows, hearing=hearing, pk=pk)
    if request.method == "POST" and request.POST.get("act") in _ACTS:
        _ACTS[request.POST["act"]](request, table)
        return _back(table)
    if under_way := _progress(request, table):
        return under_way
    return _result(request, table) if table.begun_at else _columns(request, table)


def _back(table: RegistrationImport) -> HttpResponseRedirect:
    gone = RegistrationImport.objects.filter(pk=table.pk).first() is None
    if gone:
        return redirect("registration:imports", slug=table.hearing.slug)
    return redirect("registration:import", slug=table.hearing.slug, pk=table.pk)


def _progress(request: HttpRequest, table: RegistrationImport) -> HttpResponse | None:
    """Return a page with the progress of the work on a table; None if no work is under way."""
    for kind, title in TITLES.items():
        job = queue.newest(kind, entering.key_of(table))
        if job is None or (job.is_finished and not _polls(request)):
            continue
        back = reverse("registration:imports", args=(table.hearing.slug,))
        layout = "office.html"
        more: dict[str, Any] = {"hearing": table.hearing, "title": title, "lead": table.file_name}
        if answer := pages.progress(request, job, layout=layout, back=back, **more):
            return answer
    return None


def _polls(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


# ── Before anything is entered ────────────────────────────────────────────────────────────────
def _columns(request: HttpRequest, table: RegistrationImport) -> HttpResponseBase:
    facts, data = facts_of(table.hearing), None
    if request.method == "POST":
        data = request.POST
        if (wanted := data.get("encoding", "")) != table.options.get("encoding", ""):
            return _read_again(request, table, wanted)
        if (track := data.get("track", "")) != data.get("shown_track", track):
            return HttpResponseRedirect(f"{request.path}?{urlencode({'track': track})}")
    form = ColumnsForm(table, facts, data, track="" if data else request.GET.get("track", ""))
    if form.is_valid():
        form.save()
        if request.POST.get("act") != "begin":
            return _back(table)
        try:
            facts.check_admits(form.key)
        except RegistrationRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            _enter(request, table)
            return _back(table)
    context = {
        "hearing": table.hearing,
        "table": table,
        "form": form,
        "count": table.rows.count(),
        "heads": [
            _("Name"),
            _("Organization"),
            _("E-mail"),
            _("Language"),
            _("Asks for the floor"),
        ],
        "rows": [] if form.errors else _preview(table, form),
        "closes_at": facts.closes_at(form.key),
    }
    status = 422 if form.errors else 200
    return render(request, "registration/office/import.html", context, status=status)


def _preview(table: RegistrationImport, form: ColumnsForm) -> list[SentRow]:
    return [_shown(row, read) for row, read in reading.preview(table, form.reader())]


def _shown(row: ImportRow, read: values.ReadRow) -> SentRow:
    if (form := read.cleaned) is None:
        return SentRow(row.cells, read.problems, row.number)
    asks = _("yes") if form.segments else _("no")
    name = ", ".join(filter(None, (form.name, form.title)))
    cells = (name, form.organization, form.email, language_name(form.language), asks)
    return SentRow(cells, (), row.number)


def _read_again(
    request: HttpRequest, table: RegistrationImport, encoding: str
) -> HttpResponseRedirect:
    try:
        reading.read_again(table, encoding=encoding)
    except ImportRefused as refused:
        messages.error(request, refused.sentence)
    return _back(table)


# ── The outcome of the rows ───────────────────────────────────────────────────────────────────
def _result(request: HttpRequest, table: RegistrationImport) -> HttpResponseBase:
    job = queue.newest(entering.KIND, entering.key_of(table))
    held, leaves_at = release.held(table)
    samples = release.samples(table, with_aliases=sees_names(request))
    context = {
        "hearing": table.hearing,
        "table": table,
        "job": job,
        "counts": outcomes.counts(table),
        "problems": outcomes.problems(table)[:MOST_SHOWN],
        "most_shown": MOST_SHOWN,
        "unwritten": release.unwritten(table).count(),
        "without_address": release.unwritten(table).filter(person__email="").count(),
        "samples": [(one, language_name(one.language)) for one in samples],
        "held": held,
        "leaves_at": leaves_at,
    }
    return render(request, "registration/office/imported.html", context)


def _by(request: HttpRequest) -> dict[str, Any]:
    assert isinstance(request.user, Person)
    return {"by": request.user, "actor": actor(request, Role.SECRETARIAT)}


def _enter(request: HttpRequest, table: RegistrationImport) -> None:
    entering.begin(table=table, **_by(request))


def _continue(request: HttpRequest, table: RegistrationImport) -> None:
    if table.begun_at:
        _enter(request, table)


def _cancel(request: HttpRequest, table: RegistrationImport) -> None:
    for kind in TITLES:
        if job := queue.newest(kind, entering.key_of(table)):
            queue.cancel(job)


def _write(request: HttpRequest, table: RegistrationImport) -> None:
    release.begin(table=table, **_by(request))


def _stop_letters(request: HttpRequest, table: RegistrationImport) -> None:
    number = release.stop(table=table, actor=actor(request, Role.SECRETARIAT))
    said = ngettext("%(number)s letter was stopped.", "%(number)s letters were stopped.", number)
    messages.success(request, said % {"number": number})


def _send_letters(request: HttpRequest, table: RegistrationImport) -> None:
    release.send_now(table)
    messages.success(request, _("The letters are sent now."))


def _delete(request: HttpRequest, table: RegistrationImport) -> None:
    if outcomes.delete(table):
        messages.success(request, _("The rows that were not entered have been deleted."))
    else:
        said = _("The file is still being processed. Cancel the processing first.")
        messages.error(request, said)


_ACTS = {
    "continue": _continue,
    "cancel": _cancel,
    "write": _write,
    "stop": _stop_letters,
    "release": _send_letters,
    "delete": _delete,
}


@require_safe
@secretariat
def rows(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Download the rows that were not entered, with reasons, to correct and import again."""
    table = get_object_or_404(RegistrationImport.objects.defer("content"), hearing=hearing, pk=pk)
    name = f"{hearing.slug}-not-entered"
    return csv_response(name, (*table.head, _("Reason")), outcomes.lines(table))
