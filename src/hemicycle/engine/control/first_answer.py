"""Asks again before a request has failed, and takes the first answer.

Behind one address there may be several servers, one of which hangs: it is cut off from the
database, say. Who waits for it until it has failed has no time left to ask another one.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


async def first_answer[T](
    ask: Callable[[], Coroutine[Any, Any, T]], *, again_s: float, most: int
) -> T:
    """Ask at once, and again every `again_s` seconds, `most` times in all, until one has answered.

    Requests without an answer are cancelled then. Raises what the last of them raised, as soon as
    all that were made have failed.
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
    """Look at what a request raised that nobody waits for: asyncio reports it otherwise."""
    if not task.cancelled():
        task.exception()


async def _answered[T](
    asking: set[asyncio.Task[T]], within_s: float | None
) -> asyncio.Task[T] | None:
    """Return the first request that is answered, or the last one if all have failed.

    None if there is none in time. Removes those that have failed.
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
