"""Serve uploaded files as downloads, so that no browser executes their content."""

from typing import IO

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404


def to_save(content: IO[bytes], name: str) -> FileResponse:
    """Return a response that a browser saves as `name` and never displays."""
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
    """Return a row's file as a download; raise `Http404` if it has none or the file is missing."""
    if file is None or not file.name:
        raise Http404
    try:
        return to_save(file.open("rb"), name)
    except FileNotFoundError as error:
        raise Http404 from error
