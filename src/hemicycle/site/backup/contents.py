"""The files of a site that go into a backup.

All of the data folder does, so that nothing new is forgotten, except what is left out by name: the
database, which is copied separately, what is generated at every start, and other backups.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from hemicycle.site.backup import manifest
from hemicycle.site.processes.start_checks import RESTORING

DATABASE = "db.sqlite3"
SUFFIX = ".hemicycle-backup"
SCRATCH = ".backup-"
"""The beginning of the names of folders that temporarily hold a copy of the database."""
STATUS = "backup-status.json"
"""The file in the data folder with the results of the last backups."""
ASIDE = "before-restore-"
"""The beginning of the names of folders with the content that a restore replaced."""


KEEP_ASIDE = timedelta(days=14)
"""How long such a folder may stay: no retention and no erasure reaches its personal data. Two
weeks are enough to see that the restored site has everything."""


def delete_by(name: str) -> date | None:
    """Return the day by which a folder that a restore set aside must be deleted, from its name.

    Returns None for any other name.
    """
    if not name.startswith(ASIDE):
        return None
    try:
        moved_on = date.fromisoformat(name.removeprefix(ASIDE)[:8])
    except ValueError:
        return None
    return moved_on + KEEP_ASIDE


@dataclass(frozen=True, slots=True)
class SiteFolders:
    """The folders of a site's files."""

    data: Path
    segments: Path
    """The folder of recordings, which may be outside of the data folder."""
    static: Path


class SourceFile(NamedTuple):
    """A file to back up, and its name in the archive."""

    name: str
    path: Path


def own_folders() -> SiteFolders:
    """Return the folders of this installation; Django must be set up."""
    from django.conf import settings

    return SiteFolders(settings.DATA_DIR, settings.MEDIA_ENGINE.segments, settings.STATIC_ROOT)


def sources(folders: SiteFolders, *, with_recordings: bool) -> Iterator[SourceFile]:
    """Yield the files to back up, in the order of their names."""
    leave_out = {path.resolve() for path in (folders.segments, folders.static)}
    for entry in sorted(folders.data.iterdir()):
        if not _is_left_out(entry.name) and entry.resolve() not in leave_out:
            yield from _below(entry, f"{manifest.DATA}/{entry.name}", leave_out)
    if with_recordings:
        yield from recordings(folders)


def recordings(folders: SiteFolders) -> Iterator[SourceFile]:
    """Yield the recordings, in the order of their names."""
    if folders.segments.is_dir():
        yield from _below(folders.segments, manifest.RECORDINGS, set())


def _is_left_out(name: str) -> bool:
    return (
        name in {DATABASE, *(f"{DATABASE}-{end}" for end in ("wal", "shm", "journal"))}
        or name in {RESTORING, STATUS, f"{STATUS}.part"}
        or name.startswith((SCRATCH, ASIDE))
    )


def _below(path: Path, name: str, leave_out: set[Path]) -> Iterator[SourceFile]:
    """Yield a file, or the files of a folder, without sockets and other special files."""
    if path.is_file():
        if not path.name.endswith((SUFFIX, f"{SUFFIX}.part")):
            yield SourceFile(name, path)
        return
    for folder, folders, files in os.walk(path.resolve()):
        here = Path(folder)
        folders[:] = sorted(own for own in folders if here / own not in leave_out)
        for file in sorted(files):
            found = here / file
            if found.is_file() and not found.name.endswith((SUFFIX, f"{SUFFIX}.part")):
                yield SourceFile(f"{name}/{found.relative_to(path.resolve()).as_posix()}", found)
