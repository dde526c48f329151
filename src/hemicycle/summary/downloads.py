"""Files to take away: the summary as DOCX and PDF, and the archive of the hearing."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from hemicycle.hearings.access import for_roles, public_hearing
from hemicycle.hearings.models import Hearing
from hemicycle.parties.models import Role
from hemicycle.summary import archive as archives
from hemicycle.summary import queries
from hemicycle.summary.keeping import recommendations_file
from hemicycle.summary.models import Summary
from hemicycle.summary.papers import docx_of, pdf_of

secretariat = for_roles(Role.SECRETARIAT)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
CHUNK = 256 * 1024


@never_cache
@secretariat
@require_GET
def docx(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The summary as a Word document, published or not."""
    return _docx(_drafted(hearing))


@never_cache
@secretariat
@require_GET
def pdf(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The summary as PDF, published or not."""
    return _pdf(_drafted(hearing))


@public_hearing
@require_safe
def public_docx(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The published summary as a Word document."""
    return _docx(_published(hearing))


@public_hearing
@require_safe
def public_pdf(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The published summary as PDF."""
    return _pdf(_published(hearing))


@never_cache
@secretariat
@require_GET
def archive(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """The whole hearing as a zip: the secretariat's, or with ?public=1 the public's."""
    return _zip(hearing, public=request.GET.get("public") == "1")


@public_hearing
@require_safe
def public_archive(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """The public's archive, once the summary is published."""
    _published(hearing)
    return _zip(hearing, public=True)


@never_cache
@secretariat
@require_GET
def recommendations(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponse:
    """The table of recommendations for a spreadsheet, published or not."""
    return recommendations_file(_drafted(hearing), kind)


@public_hearing
@require_safe
def public_recommendations(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponse:
    """The published table of recommendations for a spreadsheet."""
    return recommendations_file(_published(hearing), kind)


def _drafted(hearing: Hearing) -> Summary:
    summary = queries.summary_of(hearing)
    if summary is None:
        raise Http404(_("Nothing is drafted yet."))
    return summary


def _published(hearing: Hearing) -> Summary:
    summary = queries.summary_of(hearing)
    if summary is None or summary.published_at is None:
        raise Http404(_("The summary of this hearing is not published."))
    return summary


def _docx(summary: Summary) -> HttpResponse:
    return _file(docx_of(summary), DOCX, f"{summary.hearing.slug}-summary.docx")


def _pdf(summary: Summary) -> HttpResponse:
    return _file(pdf_of(summary), PDF, f"{summary.hearing.slug}-summary.pdf")


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)


def _zip(hearing: Hearing, *, public: bool) -> StreamingHttpResponse:
    """The archive, written to disk first: however large it is, memory holds one piece of it."""
    folder = tempfile.TemporaryDirectory(prefix="hemicycle-archive-")
    path = Path(folder.name) / f"{archives.name_of(hearing, public=public)}.zip"
    try:
        archives.write_zip(hearing, path, public=public)
    except BaseException:
        folder.cleanup()
        raise
    response = StreamingHttpResponse(_pieces(path, folder), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{path.name}"'
    response["Content-Length"] = path.stat().st_size
    return response


async def _pieces(path: Path, folder: tempfile.TemporaryDirectory[str]) -> AsyncIterator[bytes]:
    with folder, path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield piece
