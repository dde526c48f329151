"""Pages about distribution lists."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import importing, lists, wording
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.forms import LineForm, ListForm, TableForm
from hemicycle.mail.outgoing.models import Import, Recipients
from hemicycle.ui import searches, territories
from hemicycle.ui.languages import language_name
from hemicycle.ui.sent_rows import SentRow
from hemicycle.ui.spreadsheets import csv_response
from hemicycle.ui.uploads import takes_files

PER_PAGE = 100
MOST_SHOWN = 500
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List the lists to which letters may go, with a form for a new one."""
    form = ListForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        by = actor(request, Role.SECRETARIAT)
        made = lists.make(hearing=hearing, **form.cleaned_data, actor=by)
        return redirect("outgoing:list", slug=hearing.slug, pk=made.pk)
    kept = [
        (source, len(source.addressees()))
        for source in lists.sources(hearing)
        if not source.key.startswith(lists.OWN)
    ]
    context = {"hearing": hearing, "form": form, "own": lists.own_lists(hearing), "kept": kept}
    status = 422 if form.is_bound else 200
    return render(request, "outgoing/lists.html", context, status=status)


def _found(hearing: Hearing, pk: UUID) -> Recipients:
    return get_object_or_404(lists.own_lists(hearing), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show a list: its lines, a form for one more, and the import of a table."""
    found = _found(hearing, pk)
    form = LineForm(hearing, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            lists.put(
                recipients=found,
                line=form.save(commit=False),
                actor=actor(request, Role.SECRETARIAT),
            )
            return redirect("outgoing:list", slug=hearing.slug, pk=pk)
        except OutgoingRefused as refused:
            form.add_error("address", refused.sentence)
    context = _about(request, hearing, found) | {"form": form, "table": TableForm()}
    status = 422 if form.is_bound else 200
    return render(request, "outgoing/list.html", context, status=status)


def _about(request: HttpRequest, hearing: Hearing, found: Recipients) -> dict[str, Any]:
    asked = searches.words(request.GET)
    lines = found.lines.all()
    if asked:
        named = territories.missions(wording.reader())
        codes = [code for code, name in named.items() if asked.casefold() in name.casefold()]
        lines = (
            lines.filter(address__icontains=asked)
            | lines.filter(name__icontains=asked)
            | lines.filter(organization__icontains=asked)
            | lines.filter(country__in=codes)
        )
    named = territories.missions(wording.reader())
    told = [(line, line.organization or named.get(line.country, "")) for line in lines]
    told.sort(key=lambda row: (territories.folded(row[1]), row[0].name, row[0].address))
    shown = Paginator(told, PER_PAGE).get_page(request.GET.get("page"))
    return {"hearing": hearing, "list": found, "page_obj": shown, "rows": list(shown)}


@require_POST
@secretariat
def strike(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Remove the selected lines from a list, or delete the list."""
    found, by = _found(hearing, pk), actor(request, Role.SECRETARIAT)
    if request.POST.get("act") == "drop":
        lists.drop(recipients=found, actor=by)
        messages.success(request, _("The list has been deleted."))
        return redirect("outgoing:lists", slug=hearing.slug)
    chosen = [one for raw in request.POST.getlist("line") if (one := _uuid(raw))]
    struck = lists.strike(recipients=found, lines=chosen, actor=by)
    said = ngettext("%(number)s line was removed.", "%(number)s lines were removed.", struck)
    messages.success(request, said % {"number": struck})
    return redirect("outgoing:list", slug=hearing.slug, pk=pk)


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


@takes_files(importing.LARGEST)
@require_POST
@secretariat
def upload(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Read a table, then show its content."""
    found = _found(hearing, pk)
    table = TableForm(request.POST, request.FILES)
    if table.is_valid():
        file = table.cleaned_data["table"]
        try:
            data = file.read(importing.LARGEST + 1)
            read = importing.read(recipients=found, file_name=file.name, data=data)
            return redirect("outgoing:import", slug=hearing.slug, pk=pk, found=read.pk)
        except OutgoingRefused as refused:
            table.add_error("table", refused.sentence)
    context = _about(request, hearing, found) | {"form": LineForm(hearing), "table": table}
    return render(request, "outgoing/list.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def imported(request: HttpRequest, hearing: Hearing, pk: UUID, found: UUID) -> HttpResponseBase:
    """Show a table line by line, with its problems; on POST, import the good lines."""
    read = get_object_or_404(Import, pk=found, recipients_id=pk, recipients__hearing_id=hearing.id)
    if request.method == "POST":
        _take(request, read)
        return redirect("outgoing:list", slug=hearing.slug, pk=pk)
    bad = [row for row in read.rows if row["problem"]]
    good = [row for row in read.rows if not row["problem"]]
    context = {
        "hearing": hearing,
        "list": read.recipients,
        "read": read,
        "heads": (_("Address"), _("Name"), _("Organization"), _("Country"), _("Language")),
        "bad": [_shown(row) for row in bad[:MOST_SHOWN]],
        "bad_count": len(bad),
        "good": [_shown(row) for row in good[:MOST_SHOWN]],
        "good_count": len(good),
    }
    return render(request, "outgoing/import.html", context)


def _shown(row: importing.Row) -> SentRow:
    cells = (row["address"], row["name"], row["organization"], _place(row), _spoken(row))
    why = importing.problems().get(row["problem"])
    return SentRow(cells, (why,) if why else ())


def _place(row: importing.Row) -> str:
    return territories.name(row["country"]) if row["country"] else ""


def _spoken(row: importing.Row) -> str:
    return language_name(row["language"]) if row["language"] else ""


def _take(request: HttpRequest, read: Import) -> None:
    try:
        taken = importing.take(found=read, actor=actor(request, Role.SECRETARIAT))
    except OutgoingRefused as refused:
        messages.error(request, refused.sentence)
        return
    said = ngettext("%(number)s line was imported.", "%(number)s lines were imported.", taken)
    messages.success(request, said % {"number": taken})


@require_safe
@secretariat
def as_csv(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Download a list as a table that can be filled in and imported again."""
    found = _found(hearing, pk)
    rows = (
        (line.address, line.name, lists.organization_of(line), line.country, line.language)
        for line in found.lines.all()
    )
    head = ("address", "name", "organization", "country", "language")
    return csv_response(f"{hearing.slug}-list", head, rows)
