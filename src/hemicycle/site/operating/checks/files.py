"""The check of the store of the files."""

from collections.abc import Iterator

from django.conf import settings

from hemicycle.hearing.jobs import stored_files
from hemicycle.hearing.jobs.models import FileToDelete
from hemicycle.record import clock
from hemicycle.site.files import config, probes
from hemicycle.site.operating.doctor import Diagnosis, Health, ok


def files_can_be_stored() -> Iterator[Diagnosis]:
    """Check that the store saves, returns and deletes a file, and how fast."""
    if settings.FILES == config.FOLDER:
        return
    try:
        took_s = probes.try_out(settings.FILES)
    except OSError as error:
        yield Diagnosis("files", Health.FAULT, str(error), "docs/files.md says what it needs.")
        return
    found = f"{settings.FILES} stores, reads and deletes, in {took_s:.1f} s or less each"
    if took_s > probes.SLOW_S:
        advice = "Move the store nearer, or see what slows it: each file waits so long."
        yield Diagnosis("files", Health.WARNING, found, advice)
    else:
        yield ok("files", found)


def files_are_deleted() -> Iterator[Diagnosis]:
    """Check that files that had to be deleted are gone."""
    old = clock.now() - 5 * stored_files.LEFT_AFTER
    if left := FileToDelete.objects.filter(since__lt=old).count():
        found = f"{left} files that had to be deleted are still there"
        advice = "See that the worker runs, and that it may delete files where they lie."
        yield Diagnosis("files", Health.WARNING, found, advice)
