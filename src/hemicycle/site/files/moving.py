"""Copies all files from one place to another. A move can be stopped and run again.

Only files that a database row names are copied: not erased files, nor uploads in progress. Each
copy is read back, and its SHA-256 is compared with that of the source. Then the file's name is
added to a list in the data folder, and the next run skips it. If a file's row is deleted during
the move, the copy is deleted too.
"""
# ruff: noqa: SLF001 - Django documents `_meta` and `_base_manager` for use by others

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage
from django.db import models

from hemicycle.mail.incoming.models import Mail
from hemicycle.site.files import config
from hemicycle.site.files.bucket import BucketStorage
from hemicycle.site.files.folder import FolderStorage

LIST: str = "files-move.jsonl"
"""The file in the data folder with the names of the files that are copied and verified."""
AWAY_S = 240.0
"""For how many seconds a request is repeated if the store does not answer: no one waits for it."""
MAIL = "mail"


class MoveFault(Exception):
    """A move that cannot continue; the message is a sentence for administrators."""


@dataclass(slots=True)
class Moved:
    """The progress of a move, in numbers of files."""

    copied: int = 0
    size: int = 0
    """The size of the copied files, in bytes."""
    there: int = 0
    """Files that an earlier run copied, or that were stored at the new place directly."""
    lost: list[str] = field(default_factory=list)
    """The names of files that rows name and that neither place has."""
    left: int = 0
    deleted: int = 0
    """Files that were deleted at the old place."""
    fault: str = ""
    """Why the move stopped early; empty if it did not."""


def storage_at(place: str) -> Storage:
    """Return the storage at a valid place."""
    return FolderStorage() if place == config.FOLDER else BucketStorage(place, away_s=AWAY_S)


def names() -> set[str]:
    """Return the names of all files that database rows name."""
    found: set[str] = set()
    for model in apps.get_models():
        for column in _file_columns(model):
            rows = model._base_manager.exclude(**{column: ""}).values_list(column, flat=True)
            found.update(map(str, rows.iterator()))
    return found


def _file_columns(model: type[models.Model]) -> list[str]:
    fields = model._meta.concrete_fields
    own = [column.name for column in fields if isinstance(column, models.FileField)]
    return [*own, "file"] if model is Mail else own


def folders() -> set[str]:
    """Return the folders that contain files of the site."""
    fields = [column for model in apps.get_models() for column in model._meta.concrete_fields]
    uploads = {str(one.upload_to).strip("/") for one in fields if isinstance(one, models.FileField)}
    return uploads | {MAIL}


# ── The list of copied files ──────────────────────────────────────────────────────────────────
class DoneList:
    """A file with the names of files whose copy is verified, and of those whose copy has begun."""

    def __init__(self, path: Path, old: str, new: str) -> None:
        self._path, self._head = path, {"from": old, "to": new}
        self.names: set[str] = set()
        self.begun: set[str] = set()
        """Those of which there may be a copy, whole or not; all of `names` are among them."""
        self._read()
        self._write_again()

    def _read(self) -> None:
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return
        rows = [row for line in lines if (row := _row(line)) is not None]
        if not rows or rows[0] != self._head:
            return  # the list belongs to a move between other places
        self.names = {str(row["name"]) for row in rows[1:] if "name" in row}
        self.begun = self.names | {str(row["begun"]) for row in rows[1:] if "begun" in row}

    def _write_again(self) -> None:
        draft = self._path.with_name(f"{self._path.name}.part")
        rows = [{"name" if name in self.names else "begun": name} for name in sorted(self.begun)]
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(row)}\n" for row in (self._head, *rows))
        draft.rename(self._path)

    def begin(self, name: str) -> None:
        """Note that the copy of a file begins."""
        self.begun.add(name)
        self._note({"begun": name})

    def add(self, name: str) -> None:
        """Note a file that is copied and verified."""
        self.begun.add(name)
        self.names.add(name)
        self._note({"name": name})

    def _note(self, row: dict[str, str]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(row)}\n")

    def forget(self, gone: set[str]) -> None:
        """Remove files that no longer exist."""
        self.names -= gone
        self.begun -= gone
        self._write_again()

    def remove(self) -> None:
        """Delete the list at the end of the move."""
        self._path.unlink(missing_ok=True)


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:  # a killed run wrote only a part of the line
        return None
    return row if isinstance(row, dict) else None


# ── Moving ────────────────────────────────────────────────────────────────────────────────────
def move(
    old: str, new: str, *, delete: bool = False, is_stopped: Callable[[], bool] = lambda: False
) -> Moved:
    """Copy the site's files from one place to another; with `delete`, delete them at the old one.

    An error that stops the move is in the result, with the number of files that are left. Raises
    `MoveFault` if files cannot be moved between these places.
    """
    if old == new:
        raise MoveFault(f"The files are at {new} already.")
    if delete and new != settings.FILES:
        raise MoveFault(
            f"The site still uses {settings.FILES}. Set HEMICYCLE_FILES to {new} and restart it "
            "before the files at the old place are deleted."
        )
    source, target, moved = storage_at(old), storage_at(new), Moved()
    done = DoneList(Path(settings.DATA_DIR) / LIST, old, new)
    settled: set[str] = set()
    try:
        while (todo := names() - settled) and not is_stopped():
            for name in sorted(todo):
                if is_stopped():
                    break
                _bring(source, target, name, done, moved)
                settled.add(name)
        wanted = names()
        moved.left = len(wanted - settled)
        moved.lost = [name for name in moved.lost if name in wanted]
        _delete_erased(target, done, wanted)
        if delete and not moved.left:
            for name in list(all_in(source)):
                source.delete(name)
                moved.deleted += 1
            done.remove()
    except OSError as error:
        moved.fault = str(error)
        moved.left = len(names() - settled)
    return moved


def _bring(source: Storage, target: Storage, name: str, done: DoneList, moved: Moved) -> None:
    """Make sure that the new place has a complete copy of a file."""
    if name in done.names:
        moved.there += 1
        return
    try:
        opened = source.open(name)
    except FileNotFoundError:
        if target.exists(name):
            moved.there += 1
        else:
            moved.lost.append(name)
        return
    with opened:
        if target.exists(name):
            if _digest(target, name) == _Digested(opened).read_through():
                moved.there += 1
                done.add(name)
                return
            target.delete(name)  # an incomplete copy from a killed run
        done.begin(name)
        _copy(opened, target, name)
        moved.copied += 1
        moved.size += opened.size
    done.add(name)


def _copy(opened: "File[Any]", target: Storage, name: str) -> None:
    content = _Digested(opened, name)
    stored = target.save(name, content)
    if stored != name or _digest(target, name) != content.digest:
        target.delete(stored)
        raise OSError(f"The copy of {name} differs from the file, and was deleted. Run it again.")


class _Digested(File):  # type: ignore[type-arg]  # Django's own class takes no parameter
    """A file that computes the SHA-256 of the data read from it."""

    digest = ""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the whole file from its beginning, in chunks."""
        found = sha256()
        for chunk in super().chunks(chunk_size or 2**20):
            found.update(chunk)
            yield chunk
        self.digest = found.hexdigest()

    def read_through(self) -> str:
        """Read the whole file; return its digest."""
        for _chunk in self.chunks():
            pass
        return self.digest


def _digest(storage: Storage, name: str) -> str:
    with storage.open(name) as file:
        return _Digested(file).read_through()


def _delete_erased(target: Storage, done: DoneList, wanted: set[str]) -> None:
    """Delete the copies of files whose rows were deleted after the copy."""
    gone = done.begun - wanted
    for name in sorted(gone):
        target.delete(name)
    if gone:
        done.forget(gone)


def all_in(storage: Storage) -> Iterator[str]:
    """Yield the names of all files of the site in a storage, with or without a row."""
    waiting = sorted(folders())
    while waiting:
        folder = waiting.pop()
        try:
            inner, files = storage.listdir(folder)
        except FileNotFoundError:
            continue
        waiting += [f"{folder}/{name}" for name in inner]
        yield from (f"{folder}/{name}" for name in files)
