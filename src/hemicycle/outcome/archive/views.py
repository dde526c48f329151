"""The archives of a hearing as zip files: the secretariat's, and the public's.

The worker builds them (`building`), and no page does. Built archives are files, sent unchanged.
"""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from hemicycle.hearing.jobs import pages, queue
from hemicycle.hearing.people.models import WHOLE_OFFICE, Role
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive import building, export, queries
from hemicycle.outcome.archive.models import Archive
from hemicycle.outcome.summary.access import published_summary

secretariat = for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)
COME_AGAIN_S = 10
"""Seconds until a visitor's browser asks again for an archive that is being built."""


@never_cache
@secretariat
@require_GET
def office(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the state of both archives, and buttons to request them.

    The page polls a part of itself, the progress of an archive (`?public=1` for the public's).
    """
    if pages.is_part(request):
        job = building.newest(hearing, public=request.GET.get("public") == "1")
        if job is None or job.is_finished:
            return pages.reloaded()
        return render(request, "jobs/_progress.html", pages.details(job))
    context = {
        "hearing": hearing,
        "whole": _shown(hearing, public=False),
        "public": _shown(hearing, public=True),
        "seconds": pages.ASK_AGAIN_S,
    }
    return render(request, "archive/office.html", context)


def _shown(hearing: Hearing, *, public: bool) -> dict[str, Any]:
    """Return an archive, and the job that builds it or built it last."""
    job = building.newest(hearing, public=public)
    is_under_way = job is not None and not job.is_finished
    return {
        "archive": queries.archive_of(hearing, public=public),
        "number": int(public),
        "part": f"?public={int(public)}",
        "is_under_way": is_under_way,
        **(pages.details(job) if job and is_under_way else {"job": job}),
    }


@secretariat
@require_POST
def build(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Request the secretariat's archive, or the public's with `public=1`, or cancel the request."""
    public = request.POST.get("public") == "1"
    if request.POST.get("act") == "cancel":
        if job := building.newest(hearing, public=public):
            queue.cancel(job)
    else:
        building.want(hearing, public=public, insists=True)
    return redirect("archive:office", slug=hearing.slug)


@never_cache
@secretariat
@require_GET
def office_zip(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Send the secretariat's archive, or with `?public=1` the public's."""
    archive = queries.archive_of(hearing, public=request.GET.get("public") == "1")
    return _sent(archive) or redirect("archive:office", slug=hearing.slug)


@public_hearing
@require_safe
def public_zip(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Send the public archive once the summary is published; if it is not built yet, request it."""
    published_summary(hearing)
    if (sent := _sent(queries.built(hearing, public=True))) is not None:
        return sent
    building.want(hearing, public=True)
    context = {"hearing": hearing, "seconds": COME_AGAIN_S}
    response = render(request, "archive/being_built.html", context, status=503)
    response["Retry-After"] = str(COME_AGAIN_S)
    response["Cache-Control"] = "no-store"
    return response


def _sent(archive: Archive | None) -> FileResponse | None:
    """Return a response that streams the file; None if there is none, or it no longer exists."""
    if archive is None or not archive.file:
        return None
    try:
        file = archive.file.open("rb")
    except FileNotFoundError:  # built again, or discarded, since the row was read
        return None
    name = export.name_of(archive.hearing, public=archive.is_public)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.zip", content_type="application/zip"
    )
