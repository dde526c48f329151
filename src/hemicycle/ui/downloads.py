"""Download strangers' files so that no browser executes their content."""

from typing import IO

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404


def to_save(content: IO[bytes], name: str) -> FileResponse:
    """A file to be saved under a name, and never shown."""
    return FileResponse(
        content,
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def kept(file: FieldFile | None, name: str) -> FileResponse:
    """Return a row's file as a download; raise `Http404` if there is none, or no longer one."""
    if file is None or not file.name:
        raise Http404
    try:
        return to_save(file.open("rb"), name)
    except FileNotFoundError as error:
        raise Http404 from error
