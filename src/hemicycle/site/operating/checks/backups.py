"""Checks of the backups, and of the old content that a restore kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from hemicycle.site.backup import contents, status
from hemicycle.site.operating.doctor import Diagnosis, Health, ok

BACKUP_EVERY, COPY_EVERY = timedelta(days=2), timedelta(minutes=1)
"""The maximum age of the last backup, and of the last look of the continuous copy."""


def backups_are_made() -> Iterator[Diagnosis]:
    """Check the last backup, the continuous copy and the last verification."""
    attempts = status.read(settings.DATA_DIR)
    for kind, name in (
        (status.BACKUP, _("the last backup")),
        (status.STREAM, _("the continuous copy")),
        (status.CHECK, _("the last verification of a backup")),
    ):
        if (attempt := attempts.get(kind)) and attempt.fault:
            found = _("%(what)s failed: %(fault)s") % {"what": name, "fault": attempt.fault}
            yield Diagnosis("backup", Health.FAULT, found, _since(attempt))
    now = datetime.now(UTC)
    copied = attempts.get(status.STREAM)
    if copied and not copied.fault:
        told = {"place": copied.to, "time": copied.done_at}
        if now - datetime.fromisoformat(copied.tried_at) < COPY_EVERY:
            found = _("copied continuously to %(place)s, last at %(time)s") % told
            yield ok("backup", found)
            return
        found = _("the continuous copy to %(place)s has stopped, last at %(time)s") % told
        advice = _("Start `hemicycle backup --continuous` again, and let systemd keep it running.")
        yield Diagnosis("backup", Health.FAULT, found, advice)
    made = attempts.get(status.BACKUP)
    advice = _("Run: hemicycle backup --to FOLDER --key FILE.pub (docs/backup.md), every night.")
    if made is None or not made.done_at:
        if copied is None:
            yield Diagnosis("backup", Health.WARNING, _("no backup was made yet"), advice)
        return
    told = {"place": made.to, "time": made.done_at}
    if now - datetime.fromisoformat(made.done_at) > BACKUP_EVERY:
        found = _("the last backup is from %(time)s, at %(place)s") % told
        yield Diagnosis("backup", Health.WARNING, found, advice)
    elif not made.fault:
        yield ok("backup", _("the last backup is from %(time)s, at %(place)s") % told)


def _since(attempt: status.BackupAttempt) -> str:
    if not attempt.done_at:
        return _("No earlier attempt succeeded. Correct the fault above, and run it again.")
    said = _(
        "The last successful attempt was at %(time)s. Correct the fault above, and run it again."
    )
    return said % {"time": attempt.done_at}


def nothing_is_left_aside() -> Iterator[Diagnosis]:
    """Report each folder with old content from before a restore, which must be deleted."""
    for folder in sorted(settings.DATA_DIR.glob(f"{contents.ASIDE}*")):
        day = contents.delete_by(folder.name)
        if day is None:
            continue
        is_late = datetime.now(UTC).date() > day
        found = f"{folder} has personal data from before a restore"
        advice = f"Delete it by {day}, when the restored site has everything: rm -r {folder}"
        yield Diagnosis("restore", Health.FAULT if is_late else Health.WARNING, found, advice)
