"""The archive of a hearing as a zip file: the secretariat's, and the public's."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive import export
from hemicycle.outcome.summary.access import published_summary

CHUNK = 256 * 1024
"""Bytes that memory holds of an archive on its way to a browser."""


@never_cache
@for_roles(Role.SECRETARIAT)
@require_GET
def office_zip(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """The whole hearing: the secretariat's archive, or with ?public=1 the public's."""
    return _zip(hearing, public=request.GET.get("public") == "1")


@public_hearing
@require_safe
def public_zip(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """The public's archive, once the summary is published."""
    published_summary(hearing)
    return _zip(hearing, public=True)


def _zip(hearing: Hearing, *, public: bool) -> StreamingHttpResponse:
    """Write the archive to disk first, so that its size does not matter to memory."""
    folder = tempfile.TemporaryDirectory(prefix="hemicycle-archive-")
    path = Path(folder.name) / f"{export.name_of(hearing, public=public)}.zip"
    try:
        export.write_zip(hearing, path, public=public)
    except BaseException:
        folder.cleanup()
        raise
    response = StreamingHttpResponse(_chunks(path, folder), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{path.name}"'
    response["Content-Length"] = path.stat().st_size
    return response


async def _chunks(path: Path, folder: tempfile.TemporaryDirectory[str]) -> AsyncIterator[bytes]:
    with folder, path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
