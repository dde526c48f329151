"""A hearing that is over, with its archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hemicycle.outcome.archive import export
from hemicycle.outcome.summary import actions
from tests.support.finished import Finished, finished_hearing

if TYPE_CHECKING:
    from tests.support.lists import World


@dataclass
class Archived:
    """The hearing, and the files of its archive by their names."""

    finished: Finished
    files: dict[str, bytes]

    @property
    def world(self) -> World:
        """The hearing's panels, staff and clock."""
        return self.finished.world

    def write(self, folder: Path) -> Path:
        """Write the archive into a folder, and return the folder."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder


@contextmanager
def archived_hearing(*, public: bool) -> Iterator[Archived]:
    """Yield the finished reference hearing with its public archive or that of the secretariat.

    The summary is published for the public archive, and only drafted for the secretariat's.
    """
    with finished_hearing() as finished, TemporaryDirectory() as scratch:
        hearing, folder = finished.world.hearing, Path(scratch) / "archive"
        act: dict[str, Any] = {"hearing": hearing, "actor": finished.world.office}
        actions.draft(**act)
        if public:
            actions.publish(**act)
        export.write_folder(hearing, folder, public=public)
        paths = [path for path in folder.rglob("*") if path.is_file()]
        yield Archived(
            finished, {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        )
