"""Files in the folder `uploads` of the data folder."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from hemicycle.hearing.jobs.stored_files import StoredCopy


class FolderStorage(FileSystemStorage):
    """Django's storage, but a file is safe from a power cut when it has been saved.

    Incoming mail is acknowledged to its sender after that.
    """

    @property
    def base_location(self) -> str:
        """The folder that the settings name at present."""
        return str(settings.MEDIA_ROOT)

    @property
    def location(self) -> str:
        """The folder as an absolute path."""
        return str(Path(self.base_location).absolute())

    def _save(self, name: str, content: "File[Any]") -> str:
        path = Path(self.path(name))
        new = [path.parent, *(folder.parent for folder in _missing(path.parent))]
        try:
            if not (isinstance(content, StoredCopy) and self._is_linked(content, path)):
                name = super()._save(name, content)  # type: ignore[misc]  # the stubs lack it
        except OSError:
            with suppress(OSError):
                path.unlink(missing_ok=True)  # the part that fitted on the disk
            raise
        _sync(Path(self.path(name)))
        for folder in new:
            _sync(folder)
        return name

    def _is_linked(self, content: StoredCopy, path: Path) -> bool:
        """Link a stored file under a second name; return False where the file system cannot."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.hardlink_to(self.path(content.stored_name))
        except FileNotFoundError:
            raise
        except OSError:
            return False
        return True


def _missing(folder: Path) -> list[Path]:
    """Return the parent folders of a folder that have to be created."""
    return [part for part in (folder, *folder.parents) if not part.exists()]


def _sync(path: Path) -> None:
    """Sync a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
