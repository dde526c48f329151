"""The archive of a hearing as a zip file: the secretariat's, and the public's.

No page builds one: the worker does (`building`). Built archives are files, sent unchanged.
"""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

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
    """Show both archives: their state, and how to request one."""
    archives = {
        "whole": queries.archive_of(hearing, public=False),
        "public_archive": queries.archive_of(hearing, public=True),
    }
    busy = any(archive and archive.wanted_at for archive in archives.values())
    context = {"hearing": hearing, **archives, "is_busy": busy}
    part = request.headers.get("HX-Request") == "true"
    return render(request, "archive/_archives.html" if part else "archive/office.html", context)


@secretariat
@require_POST
def build(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Order an archive to be built: the secretariat's, or with `public=1` the public's."""
    building.want(hearing, public=request.POST.get("public") == "1", insists=True)
    messages.success(
        request, _("The archive is being built. This page will show when it is ready.")
    )
    return redirect("archive:office", slug=hearing.slug)


@never_cache
@secretariat
@require_GET
def office_zip(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """The whole hearing: the secretariat's archive, or with ?public=1 the public's."""
    archive = queries.archive_of(hearing, public=request.GET.get("public") == "1")
    return _sent(archive) or redirect("archive:office", slug=hearing.slug)


@public_hearing
@require_safe
def public_zip(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """The public's archive, once the summary is published."""
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
    """Return the file, streamed; None if there is none, or no longer."""
    if archive is None or not archive.file:
        return None
    try:
        file = archive.file.open("rb")
    except FileNotFoundError:  # built again, or erased, since the row was read
        return None
    name = export.name_of(archive.hearing, public=archive.is_public)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.zip", content_type="application/zip"
    )
