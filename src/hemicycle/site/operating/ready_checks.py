"""What a web process needs to serve pages: database, key, folder, and a version that can read the
record.

A process that has met entries of a newer version counts as unready while a machine with a newer
version serves, which can show all meetings. Without one, it serves what it can.

While files in a store on another machine cannot be reached, meetings, lists and registrations
continue. The check reports the store, and no process counts as unready.

Anyone may read the sentences, so they name no path or address; the log has the error. A key in
another process or on a token is not checked: without it, pages and registrations still work.
"""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext_noop

from hemicycle.readiness import write_something
from hemicycle.record import keys, unreadable
from hemicycle.record.key_stores.base import KeyUnavailable
from hemicycle.record.key_stores.files import FileStore
from hemicycle.site.files import probes
from hemicycle.site.operating import signs_of_life
from hemicycle.site.processes import start_checks

log = logging.getLogger(__name__)

NO_DATABASE = gettext_noop("The database does not answer.")
NO_KEY = gettext_noop(
    "The key that signs the record is missing or cannot be read: run `hemicycle doctor`."
)
NO_FOLDER = gettext_noop(
    "The data folder cannot be written to: make room on the disk, or run `hemicycle doctor`."
)


TOO_OLD = gettext_noop(
    "A newer version of Hemicycle has written entries that this one cannot read: upgrade this "
    "machine."
)
UNREADABLE = gettext_noop(
    "Some meetings have entries that this version cannot read, and their pages fail: upgrade "
    "Hemicycle, or run `hemicycle verify`."
)
FILES_AWAY = gettext_noop(
    "The store of the files does not work: uploads and downloads fail. Run `hemicycle doctor`."
)
FILES_SLOW = gettext_noop("The store of the files is slow: uploads and downloads take a long time.")


class ReadyChecks:
    """The checks, run one after the other in a separate thread, so that they take no thread from
    pages.

    The store of the files has a second thread: waiting for it delays no other check.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._files_thread = ThreadPoolExecutor(1, thread_name_prefix="readiness-files")
        self._up_to_date: frozenset[tuple[str, str]] | None = None

    async def missing(self) -> list[str]:
        """Return a sentence for each missing thing without which the process cannot serve."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._all)

    async def limits(self) -> list[str]:
        """Return a sentence for each missing thing without which most functions still work."""
        return await asyncio.get_running_loop().run_in_executor(self._files_thread, _limits)

    def _all(self) -> list[str]:
        try:
            return self.found()
        finally:
            connection.close()

    def found(self) -> list[str]:
        """Do the same as `missing`, in this thread and on its connection."""
        return [*self._database_and_key(), *_folder()]

    def _database_and_key(self) -> Iterator[str]:
        try:
            with connection.wrap_database_errors:
                start_checks.reach()
            if sentence := self._version():
                yield sentence
                return
            lacks_key = bool(start_checks.missing_key())
            is_too_old = unreadable.has_met() and signs_of_life.has_newer_web()
        except DatabaseError as error:
            log.info("the database does not answer: %s", error)
            yield NO_DATABASE
            return
        if lacks_key or not _key_is_readable():
            yield NO_KEY
        if is_too_old:
            yield TOO_OLD

    def _version(self) -> str | None:
        """Return a sentence if the database is of another version, else None.

        Reading all migrations from the disk takes long. They do not change while a process runs, so
        a database that was up to date remains so until it gets other migrations.
        """
        applied = frozenset(MigrationRecorder(connection).applied_migrations())
        if applied == self._up_to_date:
            return None
        if fault := start_checks.newer_version() or start_checks.older_version():
            return str(fault)
        self._up_to_date = applied
        return None


def _key_is_readable() -> bool:
    try:
        store = keys.store()
        if isinstance(store, FileStore) and store.path.exists():  # the first record makes it
            store.current()
    except (KeyUnavailable, OSError) as error:
        log.info("the record's key cannot be read: %s", error)
        return False
    return True


def _limits() -> list[str]:
    try:
        return found_limits()
    finally:
        connection.close()


def found_limits() -> list[str]:
    """Do the same as `ReadyChecks.limits`, in this thread."""
    return [*_files(), *_unreadable()]


def _unreadable() -> list[str]:
    return [UNREADABLE] if unreadable.has_met() and not signs_of_life.has_newer_web() else []


def _files() -> list[str]:
    try:
        took_s = probes.ask(settings.FILES)
    except OSError as error:
        log.info("the store of the files: %s", error)
        return [FILES_AWAY]
    return [FILES_SLOW] if took_s > probes.SLOW_S else []


def _folder() -> Iterator[str]:
    try:
        write_something(settings.DATA_DIR)
    except OSError as error:
        log.info("the data folder cannot be written: %s", error)
        yield NO_FOLDER
