"""Files and transactions: files are stored before a transaction and deleted after it.

A stored file cannot be rolled back, and a store on another machine may be slow or unavailable. So
no file is sent while a hearing's record is locked: it is stored first (`stored_first`), and deleted
again if its row is not saved. A file is deleted after the commit (`drop`). A row of the same
transaction says that the file must be deleted, so that the worker deletes it later if the store is
unavailable then, or if the process dies.
"""
# ruff: noqa: SLF001 - Django documents `_meta` and `_base_manager` for use by others

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, models, transaction

from hemicycle.hearing.jobs.models import FileToDelete
from hemicycle.record import clock

log = logging.getLogger(__name__)

STORED_WITHIN = timedelta(hours=1)
"""If no row was saved for a stored file within this time, the process that stored it has died."""
LEFT_AFTER = timedelta(minutes=1)
"""If a file was not deleted at its commit within this time, the process has failed or died."""
AT_ONCE = 200
"""The most files that the worker deletes in one round."""
ROUND_S = 5.0
"""How long a round may last, in seconds: the same thread renews the hold on running jobs."""


class StoreAway(OSError):
    """Raised when the file store does not answer or refuses. The message says which."""


def raise_away(error: BaseException) -> None:
    """Raise the `StoreAway` that caused an error, if one did: a later attempt may succeed."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, StoreAway):
            raise cause
        cause = cause.__cause__


class StoredCopy(File):  # type: ignore[type-arg]  # Django's own class takes no parameter
    """An open stored file that is to be stored under a second name, too.

    The storage copies it itself; its bytes are not transferred to this process.
    """

    def __init__(self, file: Any, name: str, *, stored_name: str) -> None:
        super().__init__(file, name)
        self.stored_name = stored_name


class StoredFirst:
    """A file that is already in the store, and whose row may follow.

    Until then, a row of `FileToDelete` makes sure that the file is deleted if the process is
    killed.
    """

    def __init__(self, name: str, to_delete: FileToDelete) -> None:
        self.name = name
        self.is_taken = False
        self._to_delete = to_delete

    def take(self) -> str:
        """Return the name of the file for the row that refers to it from now on.

        Call it in a transaction.
        """
        self.is_taken = True
        FileToDelete.objects.filter(pk=self._to_delete.pk).delete()
        return self.name

    def discard(self) -> None:
        """Delete the file, to which no row refers."""
        if _discard(self.name):
            with suppress(DatabaseError):  # the database may have failed: the worker does it later
                FileToDelete.objects.filter(pk=self._to_delete.pk).delete()


@contextmanager
def stored_first(
    model: type[models.Model], name: str, content: "File[Any]"
) -> Iterator[StoredFirst]:
    """Store a file for the field `file` of a row that the block creates.

    If no row has taken the file (`StoredFirst.take`) by the end of the block, it is deleted. Begin
    the transaction inside the block. Raises `OSError` if the file cannot be stored.
    """
    field = model._meta.get_field("file")
    assert isinstance(field, models.FileField)
    path = field.generate_filename(model(), name)
    to_delete = FileToDelete.objects.create(name=path, since=clock.now() + STORED_WITHIN)
    try:
        stored_name = default_storage.save(path, content, max_length=field.max_length)
    except BaseException:
        # The file may be complete in the store although its answer was lost.
        FileToDelete.objects.filter(pk=to_delete.pk).update(since=clock.now())
        raise
    if stored_name != path:
        FileToDelete.objects.filter(pk=to_delete.pk).update(name=stored_name)
    stored = StoredFirst(stored_name, to_delete)
    try:
        yield stored
    except BaseException:
        if not (stored.is_taken and _has_row(model, stored.name)):
            stored.discard()
        raise
    if not stored.is_taken:
        stored.discard()


def may_be_left(name: str) -> None:
    """Let the worker delete a file that may be in the store and to which no row refers."""
    try:
        FileToDelete.objects.create(name=name, since=clock.now())
    except DatabaseError:
        log.warning("%s may belong to no row", name, exc_info=True)


def _has_row(model: type[models.Model], name: str) -> bool:
    """Whether the row was committed although something failed later; true if unknown."""
    try:
        return model._base_manager.filter(file=name).exists()
    except DatabaseError:
        log.warning("%s may belong to no row", name, exc_info=True)
        return True


def _discard(name: str) -> bool:
    """Delete a file to which no row refers; return whether it is gone."""
    try:
        default_storage.delete(name)
    except OSError:
        log.warning("%s belongs to no row and is deleted later", name, exc_info=True)
        return False
    return True


def drop(*names: str) -> None:
    """Delete files once the transaction is committed; empty names are ignored."""
    rows = [FileToDelete(name=name, since=clock.now()) for name in names if name]
    FileToDelete.objects.bulk_create(rows)
    transaction.on_commit(partial(_delete_now, rows, time.monotonic()), robust=True)


_failed_at = float("-inf")
"""When a deletion last failed, by the monotonic clock, in seconds."""


def _delete_now(rows: list[FileToDelete], asked_at: float) -> None:
    """Delete files after their commit until one deletion fails; the worker deletes the others.

    A transaction may drop many files, and waiting for each while the store is unavailable would
    take minutes.
    """
    for row in rows:
        if _failed_at >= asked_at or not _delete(row):
            return


def _delete(row: FileToDelete) -> bool:
    global _failed_at  # noqa: PLW0603 - one store for the whole process
    try:
        default_storage.delete(row.name)
    except OSError as error:
        _failed_at = time.monotonic()
        log.warning("A file is deleted later: %s", error)
        return False
    FileToDelete.objects.filter(pk=row.pk).delete()
    return True


def delete_left() -> int:
    """Delete files that were not deleted at their commit; return how many."""
    old = FileToDelete.objects.filter(since__lt=clock.now() - LEFT_AFTER)
    count, end = 0, time.monotonic() + ROUND_S
    for row in list(old.order_by("pk")[:AT_ONCE]):
        if time.monotonic() > end or not _delete(row):
            break  # the store is slow or unavailable for the other files, too
        count += 1
    return count
