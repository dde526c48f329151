"""The worker for Django's tasks: that of django-tasks-db, limited to tasks that this version knows.

During an upgrade, `web` of the newer version may enqueue a task that a worker of the older one does
not have. The library's worker would mark the task as failed for good. Ours leaves it waiting, and
does not look at it again: the tasks that a process knows do not change.
"""

import logging
import time
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError, close_old_connections
from django.tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction, is_locked_database_exception

log = logging.getLogger(__name__)

POLL_S = 1.0


class TaskWorker(db_worker.Worker):
    """Runs tasks until it is asked to end; with `batch`, until no known task is due."""

    def __init__(self, *, batch: bool = False) -> None:
        super().__init__(
            queue_names=[DEFAULT_TASK_QUEUE_NAME],
            interval=POLL_S,
            batch=batch,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=not batch,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self._unknown: set[str] = set()

    def run(self) -> None:
        """Run tasks, one after the other."""
        while self.running:
            close_old_connections()
            task = self._claim()
            if task is not None:
                self.run_task(task)
            elif self.batch:
                return
            elif self.running:
                time.sleep(self.interval)

    def _claim(self) -> DBTaskResult[Any, Any] | None:
        """Claim the next due task that this version knows; return None if there is none."""
        due = DBTaskResult.objects.ready().filter(
            backend_name=self.backend_name, queue_name__in=self.queue_names
        )
        while True:
            wanted = due.exclude(task_path__in=self._unknown)
            with exclusive_transaction(wanted.db):
                try:
                    found = wanted.get_locked()
                    if found is None:
                        return None
                    if _is_known(found):
                        found.claim(self.worker_id)
                        return found
                except OperationalError as error:
                    if is_locked_database_exception(error):
                        return None
                    raise
            self._unknown.add(found.task_path)
            log.warning(
                "the task %s waits for a worker that knows it: this one is of another version of "
                "Hemicycle",
                found.task_path,
            )


def _is_known(row: DBTaskResult[Any, Any]) -> bool:
    try:
        return row.task is not None
    except (ImportError, SuspiciousOperation):
        return False


def run() -> None:
    """Run tasks in this process until it is asked to end."""
    db_worker.Command().configure_logging(verbosity=0)
    worker = TaskWorker()
    worker.configure_signals()
    worker.run()
