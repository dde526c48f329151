"""An asyncio loop in a thread of a Django process, with its database work in other threads.

For tasks of the worker that wait for many remote servers at once, such as webhooks and witnesses.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from django.db import connections

ENDS_WITHIN_S = 20.0


class DatabaseThreads:
    """Threads for a loop's database work, two at a time."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix=name)

    async def do[T](self, work: Callable[[], T]) -> T:
        """Run `work` in one of the threads and return its result, then close its connections."""

        def fresh() -> T:
            try:
                return work()
            finally:
                connections.close_all()  # returns them to a pool, also when the thread ends

        here = copy_context()  # so that a clock installed by the caller is used in the thread too
        return await asyncio.get_running_loop().run_in_executor(self._pool, here.run, fresh)

    def drop(self) -> None:
        """Shut down without waiting, and drop the work that has not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def finish(self) -> None:
        """Shut down when all work is done."""
        self._pool.shutdown()


def start(main: Callable[[], Coroutine[Any, Any, None]], *, name: str) -> Callable[[], None]:
    """Run `main` in a loop in its own thread; return a function that cancels it and waits."""
    runner = asyncio.Runner()
    loop = runner.get_loop()
    running = loop.create_task(main())

    def live() -> None:
        with runner, contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(running)

    thread = threading.Thread(target=live, daemon=True, name=name)
    thread.start()

    def finish() -> None:
        if thread.is_alive():
            loop.call_soon_threadsafe(running.cancel)
            thread.join(timeout=ENDS_WITHIN_S)

    return finish
