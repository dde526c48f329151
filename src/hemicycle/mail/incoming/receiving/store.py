"""Store mail durably: it may be acknowledged only once it would survive a power cut.

The file is stored first (the storage returns when the file would survive a power cut), then the row
is committed. Rows that wait for the commit at the same time share one, so that many connections do
not queue for the disk.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from queue import SimpleQueue
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import close_old_connections, connection, transaction

from hemicycle.hearing.jobs import stored_files
from hemicycle.mail.incoming.addresses import OwnAddress
from hemicycle.mail.incoming.models import Mail, Mailbox
from hemicycle.record import clock

log = logging.getLogger(__name__)

MOST_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Envelope:
    """The envelope of a message, and the owners of the addresses that it names."""

    source: Mail.Source
    sender: str
    recipients: Sequence[str]
    found: Sequence[OwnAddress]
    peer: str = ""
    helo: str = ""
    received_at: datetime | None = None


def write(raw: bytes) -> str:
    """Store a message in a new file; return its name. Raises `OSError`."""
    name = f"mail/{clock.now():%Y-%m-%d}/{uuid4().hex}.eml"
    try:
        return default_storage.save(name, ContentFile(raw))
    except OSError:
        # The store may have the file although its answer was lost; the sender sends the message
        # again.
        stored_files.may_be_left(name)
        raise


def rows(raw: bytes, name: str, envelope: Envelope) -> list[Mail]:
    """Return the rows of a message, one for each purpose.

    If none of its addresses is known, there is one row without a hearing. The rows are processed in
    this order, so a statement comes before the request to publish it.
    """
    digest = sha256(raw).hexdigest()
    received_at = envelope.received_at or clock.now()
    wanted: list[OwnAddress | None] = [*envelope.found] or [None]
    return [
        Mail(
            hearing_id=found.hearing if found else None,
            **({"purpose": found.purpose} if found else {}),
            source=envelope.source,
            sender=_fit(envelope.sender, 320),
            recipients=[_fit(recipient, 320) for recipient in envelope.recipients][:100],
            peer=_fit(envelope.peer, 64),
            helo=_fit(envelope.helo, 255),
            received_at=received_at + timedelta(microseconds=number),
            file=name,
            size=len(raw),
            sha256=digest,
        )
        for number, found in enumerate(wanted)
    ]


def _fit(text: str, most: int) -> str:
    """Return text that a column accepts: at most `most` characters, valid UTF-8, no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:most]


def forget(name: str) -> None:
    """Delete the file of a message that was not accepted."""
    try:
        default_storage.delete(name)
    except OSError:
        stored_files.may_be_left(name)


@dataclass(frozen=True, slots=True)
class _Job:
    rows: list[Mail]
    mailbox: Mailbox | None
    done: "Future[None]"


class Committer(threading.Thread):
    """Commits rows for all waiting threads, in one thread; each waits for its own `Future`."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="mail-committer")
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()

    def put(self, rows: list[Mail], mailbox: Mailbox | None = None) -> "Future[None]":
        """Queue rows, and the position in their mailbox; the future ends when they are on disk."""
        job = _Job(rows, mailbox, Future())
        self._jobs.put(job)
        return job.done

    def stop(self) -> None:
        """Stop after everything in the queue has been committed."""
        self._jobs.put(None)
        self.join()

    def run(self) -> None:
        """Commit rows until `stop` is called."""
        while (job := self._jobs.get()) is not None:
            together = [job]
            while not self._jobs.empty() and len(together) < MOST_TOGETHER:
                following = self._jobs.get()
                if following is None:
                    self._jobs.put(None)
                    break
                together.append(following)
            _commit_all(together)
        connection.close()


def _commit_all(jobs: list[_Job]) -> None:
    jobs = [job for job in jobs if _is_wanted(job)]
    close_old_connections()
    try:
        commit(jobs)
    except Exception as error:  # noqa: BLE001 - after any error, nothing may be acknowledged
        for job in jobs:
            job.done.set_exception(error)
    else:
        for job in jobs:
            job.done.set_result(None)


def _is_wanted(job: _Job) -> bool:
    """Return whether somebody still waits for the job; if not, delete its file.

    A job that is wanted can no longer be cancelled.
    """
    if job.done.set_running_or_notify_cancel():
        return True
    try:
        forget(job.rows[0].file)
    except Exception:
        log.exception("the file of a message that nobody waits for any more is left")
    return False


def commit(jobs: list[_Job]) -> None:
    """Write the rows of several messages in one transaction."""
    with transaction.atomic():
        Mail.objects.bulk_create([row for job in jobs for row in job.rows])
        for job in jobs:
            if job.mailbox is not None:
                job.mailbox.save()
