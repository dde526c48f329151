"""The pages of the kept versions, and what changed between two of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import versions
from hemicycle.outcome.summary.access import drafted_summary
from hemicycle.outcome.summary.models import SummaryVersion

secretariat = for_roles(Role.SECRETARIAT)
NOW = "now"


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """List the kept versions; on POST keep the current one."""
    summary = drafted_summary(hearing)
    if request.method == "POST":
        label = request.POST.get("label", "")
        by = actor(request, Role.SECRETARIAT)
        version = versions.keep(hearing=hearing, label=label, actor=by)
        if version is not None:
            said = _("Version %(number)s has been saved.") % {"number": version.number}
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
    """Compare two versions, or one with the current summary, word by word."""
    summary = drafted_summary(hearing)
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


def _chosen(
    rows: list[SummaryVersion], asked: str, otherwise: SummaryVersion | None
) -> SummaryVersion | None:
    return next((version for version in rows if str(version.number) == asked), otherwise)
