"""Repeats a request before the first one has failed, and takes the first answer.

Behind one address there may be several servers, one of which hangs, for example because it is cut
off from the database. A client that waits until that one has failed has no time left to ask
another.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


async def first_answer[T](
    ask: Callable[[], Coroutine[Any, Any, T]], *, again_s: float, most: int
) -> T:
    """Ask at once, and again every `again_s` seconds, `most` times in all, until one has answered.

    Then cancel the requests without an answer. Once all requests have failed, raise the exception
    of the last one.
    """
    asking: set[asyncio.Task[T]] = set()
    try:
        for left in reversed(range(most)):
            asking.add(asyncio.create_task(ask()))
            answered = await _answered(asking, again_s if left else None)
            if answered is not None:
                break
        assert answered is not None, "without a limit, it ends with an answer or a failure"
        return answered.result()
    finally:
        for task in asking:
            task.add_done_callback(_forget)
            task.cancel()


def _forget(task: asyncio.Task[Any]) -> None:
    """Retrieve the exception of a request without a waiter: asyncio would report it."""
    if not task.cancelled():
        task.exception()


async def _answered[T](
    asking: set[asyncio.Task[T]], within_s: float | None
) -> asyncio.Task[T] | None:
    """Return the first request that is answered, or the last one if all have failed.

    Returns None if none is answered within `within_s`. Removes failed requests from `asking`.
    """
    loop = asyncio.get_running_loop()
    over = None if within_s is None else loop.time() + within_s
    while True:
        left_s = None if over is None else over - loop.time()
        done, _waiting = await asyncio.wait(
            asking, timeout=left_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            return None
        asking -= done
        good = next((task for task in done if task.exception() is None), None)
        if good is not None or not asking:
            return good or done.pop()
