"""Files and transactions: stored before one, deleted after one.

No file can be rolled back, and a store on another machine may be slow or away. So no file is sent
while a hearing's record is locked: it is stored first (`stored_first`), and deleted again if its
row is not saved. A file is deleted after the commit (`drop`), and a row of that same transaction
says that it has to go, so that the worker deletes it later if the store is away then, or if the
process dies.
"""
# ruff: noqa: SLF001 - Django documents `_meta` and `_base_manager` as what others may use

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
"""After this time, the process that stored a file and has saved no row for it has died."""
LEFT_AFTER = timedelta(minutes=1)
"""After this time, the process that was to delete a file at its commit has failed or died."""
AT_ONCE = 200
"""How many files are deleted in one round of the worker."""
ROUND_S = 5.0
"""How long a round may last: the thread that does it also holds on to running jobs."""


class StoreAway(OSError):
    """Raised when the store of the files does not answer, or refuses. The message says which."""


def raise_away(error: BaseException) -> None:
    """Raise the `StoreAway` that caused an error, if one did: to try again then makes sense."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, StoreAway):
            raise cause
        cause = cause.__cause__


class StoredCopy(File):  # type: ignore[type-arg]  # Django's own class takes no parameter
    """A stored file, opened, that is to be stored under a second name, too.

    The storage copies it by itself: its bytes do not come here again.
    """

    def __init__(self, file: Any, name: str, *, stored_name: str) -> None:
        super().__init__(file, name)
        self.stored_name = stored_name


class StoredFirst:
    """A file that is in the store already, and whose row may follow.

    Until then another row says that it has to go, in case its process is killed.
    """

    def __init__(self, name: str, to_delete: FileToDelete) -> None:
        self.name = name
        self.is_taken = False
        self._to_delete = to_delete

    def take(self) -> str:
        """Return the file's name for a row, which has it from now on. Call it in a transaction."""
        self.is_taken = True
        FileToDelete.objects.filter(pk=self._to_delete.pk).delete()
        return self.name

    def discard(self) -> None:
        """Delete the file, which no row has."""
        if _discard(self.name):
            with suppress(DatabaseError):  # which may be what failed: the worker does it later
                FileToDelete.objects.filter(pk=self._to_delete.pk).delete()


@contextmanager
def stored_first(
    model: type[models.Model], name: str, content: "File[Any]"
) -> Iterator[StoredFirst]:
    """Store a file for the field `file` of a row to come; delete it if there is none after it.

    Begin the transaction inside the block. Raises `OSError` if the file cannot be stored.
    """
    field = model._meta.get_field("file")
    assert isinstance(field, models.FileField)
    path = field.generate_filename(model(), name)
    to_delete = FileToDelete.objects.create(name=path, since=clock.now() + STORED_WITHIN)
    try:
        stored_name = default_storage.save(path, content, max_length=field.max_length)
    except BaseException:
        # The store may have all of it, and its answer was lost.
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
    """Let the worker delete a file that no row has, and that may be in the store."""
    try:
        FileToDelete.objects.create(name=name, since=clock.now())
    except DatabaseError:
        log.warning("%s may belong to no row", name, exc_info=True)


def _has_row(model: type[models.Model], name: str) -> bool:
    """Whether the row was committed although something failed later; yes if that is unknown."""
    try:
        return model._base_manager.filter(file=name).exists()
    except DatabaseError:
        log.warning("%s may belong to no row", name, exc_info=True)
        return True


def _discard(name: str) -> bool:
    """Delete a file that no row has; return whether it is gone."""
    try:
        default_storage.delete(name)
    except OSError:
        log.warning("%s belongs to no row and is deleted later", name, exc_info=True)
        return False
    return True


def drop(*names: str) -> None:
    """Delete files once the transaction is committed; empty names are left out."""
    rows = [FileToDelete(name=name, since=clock.now()) for name in names if name]
    FileToDelete.objects.bulk_create(rows)
    transaction.on_commit(partial(_delete_now, rows, time.monotonic()), robust=True)


_failed_at = float("-inf")
"""When a deletion failed last, by the monotonic clock."""


def _delete_now(rows: list[FileToDelete], asked_at: float) -> None:
    """Delete files at their commit, until one fails; the worker deletes the others.

    A transaction may drop many. To wait for each while the store is away would take minutes.
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
    """Delete files that could not be deleted at their commit; returns how many."""
    old = FileToDelete.objects.filter(since__lt=clock.now() - LEFT_AFTER)
    count, end = 0, time.monotonic() + ROUND_S
    for row in list(old.order_by("pk")[:AT_ONCE]):
        if time.monotonic() > end or not _delete(row):
            break  # the store is slow, or away for the others, too
        count += 1
    return count
