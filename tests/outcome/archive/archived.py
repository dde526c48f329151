"""Hearings that are over, with their archives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test import Client, override_settings

from hemicycle.hearing.setup import checkpointing
from hemicycle.outcome.archive import export
from hemicycle.outcome.summary import actions
from hemicycle.record import clock, keys, renewal
from hemicycle.record.log import checkpoints, cosigning, notes
from tests.outcome.archive.forgeries import OTHER, WITNESS
from tests.support.finished import Finished, finished_hearing

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.record.models import Checkpoint
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
        return written(self.files, folder)


@dataclass(frozen=True)
class Witnessed:
    """What the public gets of a hearing of whose record a witness has cosigned the beginning.

    `cosigned` entries were cosigned `at` a time in seconds; then the summary was published, and the
    archive and the chain hold checkpoints of all entries too. `renewed` is an archive that was
    sealed after the key was renewed, `stolen` one that a thief sealed with the old key after that.
    """

    archive: dict[str, bytes]
    chain: bytes
    public_key: bytes
    cosigned: int
    at: int
    renewed: dict[str, bytes]
    stolen: dict[str, bytes]
    renewed_key: str


def written(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write files into a folder by their names, and return the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@contextmanager
def archived_hearing(*, public: bool) -> Iterator[Archived]:
    """Yield the finished reference hearing with its public archive or that of the secretariat.

    The summary is published for the public archive, and only drafted for the secretariat's.
    """
    with finished_hearing() as finished:
        hearing = finished.world.hearing
        act: dict[str, Any] = {"hearing": hearing, "actor": finished.world.office}
        actions.draft(**act)
        if public:
            actions.publish(**act)
        yield Archived(finished, exported(hearing, public=public))


def exported(hearing: Hearing, *, public: bool = True) -> dict[str, bytes]:
    """Return the files of an archive as it is now, by their names."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "archive"
        export.write_folder(hearing, folder, public=public)
        paths = [path for path in folder.rglob("*") if path.is_file()]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def cosigned_and_published(finished: Finished) -> Checkpoint:
    """Draft a summary, let a witness cosign a checkpoint, and publish; return the checkpoint."""
    hearing = finished.world.hearing
    act: dict[str, Any] = {"hearing": hearing, "actor": finished.world.office}
    actions.draft(**act)
    made = checkpointing.make_now(hearing)
    assert made is not None
    note = checkpoints.note_of(made)
    line = notes.cosign(note.text, WITNESS.name, OTHER, clock.now_ms() // 1000)
    cosigning.take(hearing.id, str(note.with_signatures([line])), [WITNESS])
    actions.publish(**act)
    return made


def witnessed() -> Witnessed:
    """Hold the reference hearing, and return what the public gets. Roll the database back then."""
    with finished_hearing() as finished, TemporaryDirectory() as folder:
        hearing, genuine = finished.world.hearing, Path(settings.KEYS_DIR) / "receipts.pem"
        made = cosigned_and_published(finished)
        archive = exported(hearing)
        address = f"/h/{hearing.slug}"
        chain, key = (
            Client().get(f"{address}/{name}").content for name in ("chain.json", "public-key.pem")
        )
        with override_settings(KEYS_DIR=Path(folder)):
            shutil.copy(genuine, folder)
            renewal.renew()
            renewed_key, renewed = keys.fingerprint(), exported(hearing)
            shutil.copy(genuine, folder)
            stolen = exported(hearing)
        at = made.cosignatures.get().timestamp
    return Witnessed(archive, chain, key, made.size, at, renewed, stolen, renewed_key)
