"""The pages of versions and circulation: what was kept, what changed, who was sent what."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.texts import base
from hemicycle.mail.outgoing.wording import languages_of
from hemicycle.outcome.summary import circulating, queries, versions
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.models import Recipient, Summary, Version
from hemicycle.ui.languages import language_name
from hemicycle.ui.spreadsheets import Value, csv_response, xlsx_response

secretariat = for_roles(Role.SECRETARIAT)
NOW = "now"


def _drafted(hearing: Hearing) -> Summary:
    summary = queries.summary_of(hearing)
    if summary is None:
        raise Http404(_("Nothing is drafted yet."))
    return summary


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def kept(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """All kept versions; keep the summary as it stands now."""
    summary = _drafted(hearing)
    if request.method == "POST":
        label = request.POST.get("label", "")
        by = actor(request, Role.SECRETARIAT)
        version = versions.keep(hearing=hearing, label=label, actor=by)
        if version is not None:
            said = _("Version %(number)s is kept.") % {"number": version.number}
            messages.success(request, said)
        return redirect("summary:versions", slug=hearing.slug)
    rows = list(summary.versions.defer("content", "pdf", "docx"))
    context = {
        "hearing": hearing,
        "summary": summary,
        "versions": rows,
        "longest": versions.LONGEST_LABEL,
    }
    return render(request, "summary/versions.html", context)


@never_cache
@secretariat
@require_GET
def compare(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Two versions beside each other, or one beside what stands now, word by word."""
    summary = _drafted(hearing)
    rows = list(summary.versions.defer("pdf", "docx"))
    if not rows:
        return redirect("summary:versions", slug=hearing.slug)
    old = _chosen(rows, request.GET.get("from", ""), rows[0])
    new = _chosen(rows, request.GET.get("to", NOW), None)
    content = new.content if new else versions.content(summary)
    context = {
        "hearing": hearing,
        "versions": rows,
        "old": old,
        "new": new,
        "compared": versions.compare(old.content if old else [], content),
    }
    return render(request, "summary/compare.html", context)


def _chosen(rows: list[Version], asked: str, otherwise: Version | None) -> Version | None:
    return next((version for version in rows if str(version.number) == asked), otherwise)


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def circulation(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Send the published summary to everybody; who was sent what."""
    summary = _drafted(hearing)
    if request.method == "POST":
        _circulate(request, hearing)
        return redirect("summary:circulation", slug=hearing.slug)
    groups = circulating.awaited(summary)
    words = request.GET.get("q", "").replace("\0", "").strip()
    context = {
        "hearing": hearing,
        "summary": summary,
        "waiting": list(groups),
        "groups": _by_group(groups.values()),
        "left": circulating.left(hearing),
        "samples": [
            (language_name(base(code)), base(code), count, text)
            for code, count, text, _to in circulating.planned(summary, groups).samples
        ],
        "languages": languages_of(hearing),
        "circulations": circulating.found_in(circulating.proof(summary), words),
        "searched": words,
    }
    return render(request, "summary/circulation.html", context)


def _circulate(request: HttpRequest, hearing: Hearing) -> None:
    try:
        made = circulating.circulate(hearing=hearing, actor=actor(request, Role.SECRETARIAT))
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    else:
        count = made.recipients.count()
        said = _("The summary is on its way to %(n)s recipients; entry %(seq)s tells of it.")
        messages.success(request, said % {"n": count, "seq": made.seq})


def _by_group(groups: Iterable[Recipient.Group]) -> list[tuple[int, Any]]:
    counted = Counter(groups)
    return [(counted[group], group.label) for group in Recipient.Group if counted[group]]


@never_cache
@secretariat
@require_GET
def circulation_csv(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The proof of all circulations as a table."""
    head = [
        "Circulated",
        "Entry",
        "Version",
        "SHA-256",
        "Group",
        "Name",
        "Address",
        "State",
        "Sent",
    ]
    rows: list[list[Value]] = [
        [
            circulation["circulation"].circulated_at,
            circulation["circulation"].seq,
            circulation["circulation"].version.number,
            circulation["circulation"].digest,
            recipient["row"].group,
            recipient["row"].name,
            recipient["row"].address,
            recipient["state"],
            recipient["sent_at"],
        ]
        for circulation in circulating.proof(_drafted(hearing))
        for recipient in circulation["recipients"]
    ]
    return csv_response(f"{hearing.slug}-circulation", head, rows)


def recommendations_file(summary: Summary, kind: str) -> HttpResponse:
    """The table of recommendations as CSV or a workbook."""
    write = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if write is None:
        raise Http404(_("There is no such export."))
    head, rows = queries.recommendations(summary)
    return write(f"{summary.hearing.slug}-recommendations", head, rows)
