"""Readiness: the answer, how often the checks run, and what is logged."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import pytest

from hemicycle import readiness
from hemicycle.readiness import READY, Readiness

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Checks:
    """Checks whose result a test sets; counts how often they ran."""

    def __init__(self) -> None:
        self.missing: list[str] = []
        self.asked = 0

    async def __call__(self) -> list[str]:
        self.asked += 1
        await asyncio.sleep(0)
        return self.missing


def play(scene: Callable[[Checks, Readiness], Awaitable[None]]) -> None:
    checks = Checks()
    asyncio.run(scene(checks, Readiness(checks)))  # type: ignore[arg-type] # ours are coroutines


def test_each_reason_is_a_line() -> None:
    async def scene(checks: Checks, asked: Readiness) -> None:
        checks.missing = ["The database does not answer.", "The data folder cannot be written."]
        assert await asked.answer() == (
            503,
            "The database does not answer.\nThe data folder cannot be written.\n",
        )

    play(scene)


def test_a_thousand_who_ask_at_once_cost_one_check() -> None:
    async def scene(checks: Checks, asked: Readiness) -> None:
        answers = await asyncio.gather(*(asked.answer() for _ in range(1000)))
        assert set(answers) == {(200, READY)}
        assert await asked.answer() == (200, READY)
        assert checks.asked == 1

    play(scene)


def test_an_answer_is_kept_for_a_while_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    async def scene(checks: Checks, asked: Readiness) -> None:
        assert (await asked.answer())[0] == 200
        checks.missing = ["The database does not answer."]
        now[0] += readiness.KEPT_S - 0.01
        assert (await asked.answer())[0] == 200
        now[0] += 0.02
        assert (await asked.answer())[0] == 503

    play(scene)


def test_who_hangs_up_does_not_end_the_check_of_others() -> None:
    async def scene(checks: Checks, asked: Readiness) -> None:
        first, second = (asyncio.create_task(asked.answer()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == (200, READY)
        assert first.cancelled()

    play(scene)


def test_checks_that_hang_or_fail_are_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LIMIT_S", 0.01)

    async def hang() -> list[str]:
        await asyncio.sleep(60)
        return []

    async def fail() -> list[str]:
        raise ZeroDivisionError("a secret")

    hung = asyncio.run(Readiness(hang).answer())
    assert hung == (503, "The checks did not end within 0.01 seconds.\n")
    failed = asyncio.run(Readiness(fail).answer())
    assert failed == (503, "A check failed; the log says why.\n")


def test_the_log_gets_a_line_when_it_changes(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "KEPT_S", 0)

    async def scene(checks: Checks, asked: Readiness) -> None:
        await asked.answer()
        checks.missing = ["The database does not answer."]
        await asked.answer()
        await asked.answer()
        checks.missing = []
        await asked.answer()

    with caplog.at_level(logging.WARNING):
        play(scene)
    assert caplog.messages == ["Not ready: The database does not answer.", "Ready again."]


def test_a_limit_is_told_below_and_leaves_the_process_ready(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> None:
        checks, limits = Checks(), Checks()
        limits.missing = ["The store does not answer."]
        asked = Readiness(checks, limits)
        assert await asked.answer() == (200, f"{READY}The store does not answer.\n")

    asyncio.run(scene())
    assert "Ready, but: The store does not answer." in caplog.text
