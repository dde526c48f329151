"""The pages of the saved versions of a language, and of the changes between two of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import translating, versions
from hemicycle.outcome.summary.access import drafted_summary
from hemicycle.outcome.summary.models import Summary, SummaryVersion
from hemicycle.ui.languages import language_name

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})
NOW = "now"


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """List the saved versions; on POST save the current one."""
    summary = drafted_summary(hearing)
    language = _language(request, summary)
    if request.method == "POST":
        _keep(request, hearing, language)
        return redirect(_url(hearing, language))
    rows = list(
        versions.whole(summary.versions.filter(language=language).defer("content", "pdf", "docx"))
    )
    translation = summary.translations.filter(language=language).first()
    context = {
        "hearing": hearing,
        "revision": (translation or summary).revision,
        "versions": rows,
        "longest": versions.LONGEST_LABEL,
        "language": language,
        "tabs": _tabs(summary, language),
    }
    return render(request, "summary/versions.html", context)


def _keep(request: HttpRequest, hearing: Hearing, language: str) -> None:
    label, by = request.POST.get("label", ""), actor(request, Role.SECRETARIAT)
    version: SummaryVersion | None
    if language:
        version = translating.keep(hearing=hearing, language=language, label=label, actor=by)
    else:
        version = versions.keep(hearing=hearing, label=label, actor=by)
    if version is not None:
        said = _("Version %(number)s has been saved.") % {"number": version.number}
        messages.success(request, said)


def _language(request: HttpRequest, summary: Summary) -> str:
    """Return the language that the query string names, "" for the original's."""
    wanted = request.GET.get("language", "").replace("\0", "")
    return wanted if summary.translations.filter(language=wanted).exists() else ""


def _url(hearing: Hearing, language: str) -> str:
    where = reverse("summary:versions", args=(hearing.slug,))
    return f"{where}?language={language}" if language else where


def _tabs(summary: Summary, language: str) -> list[tuple[str, str, bool]]:
    """Return the tabs of languages that can have versions; none if there is only the original."""
    tags = summary.translations.order_by("language").values_list("language", flat=True)
    found = [("", language_name(summary.language)), *((tag, language_name(tag)) for tag in tags)]
    rows = [(_url(summary.hearing, tag), name, tag == language) for tag, name in found]
    return rows if len(rows) > 1 else []


@never_cache
@secretariat
@require_GET
def compare(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Compare two versions, or one with the current summary, word by word."""
    summary = drafted_summary(hearing)
    language = _language(request, summary)
    rows = list(versions.whole(summary.versions.filter(language=language).defer("pdf", "docx")))
    if not rows:
        return redirect(_url(hearing, language))
    old = _chosen(rows, request.GET.get("from", ""), rows[0])
    new = _chosen(rows, request.GET.get("to", NOW), None)
    content = new.content if new else _now(summary, language)
    context = {
        "language": language or summary.language,
        "back": _url(hearing, language),
        "hearing": hearing,
        "versions": rows,
        "old": old,
        "new": new,
        "compared": versions.compare(old.content if old else [], content),
    }
    return render(request, "summary/compare.html", context)


def _now(summary: Summary, language: str) -> list[dict[str, Any]]:
    if not language:
        return versions.content(summary)
    return versions.translated_content(summary, language, with_outdated=True)


def _chosen(
    rows: list[SummaryVersion], asked: str, otherwise: SummaryVersion | None
) -> SummaryVersion | None:
    return next((version for version in rows if str(version.number) == asked), otherwise)
