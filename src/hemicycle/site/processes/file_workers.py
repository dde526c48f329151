"""The part of the worker that runs what takes long over files: the queue "files".

A few threads, so that a long archive does not hold up a statement, and no more than a few, whatever
strangers hand in: the rest waits in the queue. A task of this queue may run twice or be lost with
the process, so each asks the rows what is left to do, and is scheduled again when a worker starts.
"""

import threading
import uuid
from collections.abc import Callable

from django.db import connection
from django_tasks_db.management.commands.db_worker import Worker

QUEUE = "files"
THREADS = 2
POLL_S = 1.0
LAST_TASK_S = 20.0
"""How long the end waits for a task under way."""


def start() -> Callable[[], None]:
    """Run the queue's tasks in threads of this process; returns what ends them."""
    workers = [_worker() for _ in range(THREADS)]
    threads = [
        threading.Thread(target=_run, args=(worker,), daemon=True, name=QUEUE) for worker in workers
    ]
    for thread in threads:
        thread.start()

    def finish() -> None:
        for worker in workers:
            worker.running = False
        for thread in threads:
            thread.join(LAST_TASK_S / THREADS)

    return finish


def _run(worker: Worker) -> None:
    try:
        worker.run()
    finally:
        connection.close()


def _worker() -> Worker:
    return Worker(
        queue_names=[QUEUE],
        interval=POLL_S,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=uuid.uuid4().hex,
        excluded_queue_names=[],
    )
