"""Networks are served in turn: one that asks for much keeps nobody else waiting."""

import asyncio
import threading
import time

import pytest

from hemicycle.site.http import fair_threads
from hemicycle.site.http.fair_threads import FairThreads


def test_whoever_asks_for_much_waits_behind_themselves() -> None:
    served: list[str] = []

    def work(name: str) -> None:
        time.sleep(0.005)
        served.append(name)

    async def run() -> None:
        threads = FairThreads(4, "test")
        crowd = [
            asyncio.create_task(threads.run("crowd", lambda: work("crowd"))) for _ in range(99)
        ]
        await asyncio.sleep(0.02)
        await asyncio.gather(*(threads.run(name, lambda: work("one")) for name in ("a", "b", "c")))
        assert len(served) < 60
        await asyncio.gather(*crowd)

    asyncio.run(run())
    assert (served.count("crowd"), served.count("one")) == (99, 3)


def test_no_network_has_all_threads() -> None:
    held = threading.Event()

    async def run() -> None:
        threads = FairThreads(4, "test")
        crowd = [asyncio.create_task(threads.run("crowd", lambda: held.wait(10))) for _ in range(9)]
        await asyncio.sleep(0.01)
        assert await asyncio.wait_for(threads.run("other", lambda: "served"), 5) == "served"
        held.set()
        assert await asyncio.gather(*crowd) == [True] * 9

    asyncio.run(run())


def test_a_network_has_few_threads_while_others_ask_and_more_when_they_are_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fair_threads, "LATELY_S", 0.3)
    at_work, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.01)
        with lock:
            at_work -= 1

    async def crowd(threads: FairThreads) -> int:
        nonlocal most
        most = 0
        await asyncio.gather(*(threads.run("crowd", work) for _ in range(20)))
        return most

    async def run() -> None:
        threads = FairThreads(8, "test")
        assert await crowd(threads) == 6
        assert await threads.run("other", lambda: "served") == "served"
        assert await crowd(threads) == 2
        await asyncio.sleep(0.35)
        assert await crowd(threads) == 6

    asyncio.run(run())


def test_whoever_hangs_up_while_waiting_costs_no_turn() -> None:
    held = threading.Event()

    async def run() -> None:
        threads = FairThreads(1, "test")
        working = asyncio.create_task(threads.run("a", lambda: held.wait(10)))
        waiting = [asyncio.create_task(threads.run(name, lambda: None)) for name in "bcd"]
        await asyncio.sleep(0.01)
        for task in waiting:
            task.cancel()
        await asyncio.sleep(0)
        held.set()
        assert await working
        assert await asyncio.wait_for(threads.run("e", lambda: "served"), 5) == "served"

    asyncio.run(run())


def test_an_error_frees_the_thread() -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    async def run() -> None:
        threads = FairThreads(1, "test")
        for _ in range(3):
            with pytest.raises(RuntimeError, match="broken"):
                await threads.run("a", fail)
        assert await threads.run("a", lambda: "served") == "served"

    asyncio.run(run())
