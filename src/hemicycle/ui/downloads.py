"""Files that strangers handed in, given back so that no browser runs what is in them."""

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
    """A file of a row, to be saved; `Http404` where there is none, or no longer one."""
    if file is None or not file.name or not file.storage.exists(file.name):
        raise Http404
    return to_save(file.open("rb"), name)
