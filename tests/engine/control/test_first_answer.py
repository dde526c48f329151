"""A request that hangs does not block: the next one is sent, and the first answer counts."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from hemicycle.engine.control.first_answer import first_answer

AGAIN_S = 0.05


def hang() -> Awaitable[str]:
    return asyncio.sleep(30, "late")


async def answer() -> str:
    return "answered"


async def fail() -> str:
    raise OSError("refused")


async def fail_late() -> str:
    await asyncio.sleep(AGAIN_S * 1.5)
    raise OSError("lost")


class Server:
    """A server that performs the next of its acts for each request, and counts the requests."""

    def __init__(self, *acts: Callable[[], Awaitable[str]]) -> None:
        self.acts, self.asked, self.cancelled = list(acts), 0, 0

    async def ask(self) -> str:
        self.asked += 1
        try:
            return await self.acts.pop(0)()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def asked(server: Server, most: int = 3) -> str:
    found = await first_answer(server.ask, again_s=AGAIN_S, most=most)
    await asyncio.sleep(0)  # let the cancelled requests end
    return found


@pytest.mark.parametrize(
    ("acts", "count"),
    [((answer,), 1), ((hang, answer), 2), ((hang, hang, answer), 3), ((fail_late, answer), 2)],
)
def test_it_takes_the_first_answer(acts: tuple[Callable[[], Awaitable[str]]], count: int) -> None:
    server = Server(*acts)
    began = time.monotonic()
    assert asyncio.run(asked(server)) == "answered"
    assert (server.asked, server.cancelled) == (count, count - 1)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("acts", "why"), [((fail,), "refused"), ((fail_late, fail), "lost|refused")]
)
def test_it_raises_once_all_have_failed(
    acts: tuple[Callable[[], Awaitable[str]]], why: str
) -> None:
    server = Server(*acts)
    with pytest.raises(OSError, match=why):
        asyncio.run(asked(server))
    assert server.asked == len(acts)


def test_a_machine_that_is_the_only_one_waits_for_its_one_request() -> None:
    server = Server(fail_late)
    with pytest.raises(OSError, match="lost"):
        asyncio.run(asked(server, most=1))
    assert server.asked == 1
