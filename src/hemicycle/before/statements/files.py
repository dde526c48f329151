"""Files as they were submitted."""

from django.db.models import Sum
from django.http import FileResponse

from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import StatementVersion, Video
from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.jobs.models import Job
from hemicycle.ui.downloads import kept


def download(version: StatementVersion | None) -> FileResponse:
    """Return the file of a version as a download; raise `Http404` if it does not exist any more."""
    return kept(version.file if version else None, version.file_name if version else "")


def drop_file(video: Video) -> None:
    """Delete a video's file after the commit. The row is not saved."""
    stored_files.drop(video.file.name or "")
    video.file = ""


def stored_bytes(registration: Registration) -> int:
    """Return the bytes of a registration's statements (all versions), videos and open uploads."""
    versions = StatementVersion.objects.filter(statement__registration=registration)
    videos = Video.objects.filter(inscription__registration=registration).exclude(file="")
    waiting = Job.objects.filter(key__startswith=f"{registration.id.hex}/")
    rows_of = (versions, videos, waiting)
    return sum(rows.aggregate(sum=Sum("size"))["sum"] or 0 for rows in rows_of)
