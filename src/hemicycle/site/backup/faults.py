"""The errors of backups."""

import errno
from pathlib import Path


class BackupFault(Exception):
    """A backup that cannot be made, read or restored; the message is a sentence for people."""


class Damaged(BackupFault):
    """A backup that was changed after it was made, or that lacks its end."""

    def __init__(self, where: str = "") -> None:
        self.where = where
        super().__init__(f"The backup is damaged or cut off{where}.")


FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""The errors of a full disk."""


def of_disk(error: OSError, folder: Path, outcome: str) -> BackupFault:
    """Return the fault for an error of writing to `folder`; `outcome` is its consequence."""
    if error.errno in FULL:
        return BackupFault(f"The disk is full at {folder}. {outcome} Make room, and run it again.")
    place = error.filename or folder
    return BackupFault(f"{place} cannot be used ({error.strerror or error}). {outcome}")
