"""Files as they were handed in."""

from django.http import FileResponse

from hemicycle.before.statements.models import StatementVersion
from hemicycle.ui.downloads import kept


def download(version: StatementVersion | None) -> FileResponse:
    """The file of a version, to be saved; `Http404` where there is none, or no longer one."""
    return kept(version.file if version else None, version.file_name if version else "")
