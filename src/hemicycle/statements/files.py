"""Files as they were handed in, given back so that no browser runs what is in them."""

from django.http import FileResponse, Http404

from hemicycle.statements.models import Version


def download(version: Version | None) -> FileResponse:
    """The file of a version, to be saved; `Http404` where there is none, or no longer one."""
    name = version.file.name if version is not None else ""
    if version is None or not name or not version.file.storage.exists(name):
        raise Http404
    return FileResponse(
        version.file.open("rb"),
        as_attachment=True,
        filename=version.file_name,
        content_type="application/octet-stream",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )
