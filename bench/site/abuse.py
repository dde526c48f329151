"""A live meeting under attack: the moderator's waiting times, and the losses.

`hemicycle up` runs on SQLite with all its processes. It has a rehearsed hearing whose first panel
is in progress, with seats that follow it, and another hearing that has ended, with a published
summary. The moderator presses keys all the time, over HTTP like the console. A separate process,
`strangers`, makes one attack after the other from one network.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from bench.fixtures import fresh
from bench.site import strangers
from bench.site.moderator import Console, Presses, console_of, moderating, p99, presses_on_record
from bench.site.strangers import Targets
from bench.sizes import size

FIGURES = (
    *("press_p99_ms", "calm_p99_ms", "presses", "presses_failed", "seats", "seats_lost"),
    *("entries_lost", *(f"attacks.{name}" for name in strangers.ATTACKS)),
)
SEATS = size(30, 4)
REGISTERED, OLD_REGISTERED = size(120, 40), size(60, 20)
CALM_S = size(10.0, 3.0)
LEAST_S = 1.0
"""For how long waits count for an attack, in seconds; only small ones are over sooner."""


@dataclass(slots=True)
class Scene:
    """The facts about the hearings, which are read before the site starts."""

    console: Console
    feeds: list[str]
    targets: Targets


def run() -> dict[str, Any]:
    """Return `press_p99_ms` over all attacks, the losses, and the figures of each attack."""
    with fresh() as folder:
        scene = _scene()
        from tests.support.floor import FloorSite  # Django is set up by now

        site = FloorSite(folder, os.environ["HEMICYCLE_DATABASE_URL"])
        site.failures_expected = True
        site.start()
        try:
            figures = asyncio.run(_measure(f"http://localhost:{site.port}", site.port, scene))
        finally:
            site.stop()
        lost = figures.pop("taken") - presses_on_record(scene.console)
    return {**figures, "entries_lost": max(0, lost)}


def _scene() -> Scene:

    from bench.before.registration_surge import jobs_for
    from hemicycle.before.registration import links
    from hemicycle.before.registration.models import Registration
    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.meeting.room.access import holder_by_link
    from hemicycle.outcome.summary import actions as summaries
    from hemicycle.record import clock, feed
    from hemicycle.record.writer import Actor
    from hemicycle.site.rehearsal import live, play, scenes
    from tests.support.jobs import work_off

    # If the hearing had ended long ago, the worker would erase all people when it starts.
    lately = scenes.ended_ago(scenes.read(), 2, clock.now().date())
    play.through(lately, seed=2, registrations=OLD_REGISTERED)
    old = Hearing.objects.get()
    summaries.publish(hearing=old, actor=Actor.system("bench"))
    assert work_off() == 1
    open_to_all = _open_for_registration()
    rehearsal = live.prepared(
        scenes.read(),
        seed=3,
        registrations=REGISTERED,
        under_way=timedelta(minutes=37),
        tell=lambda _sentence: None,
    )
    hearing = rehearsal.hearing
    console = console_of(hearing)
    there = Registration.objects.filter(Registration.taking_part(), hearing=hearing)
    seated = [row for row in there.order_by("arrival") if row.inscriptions.exists()][:SEATS]
    return Scene(
        console=console,
        feeds=[feed.address(hearing.id, "seat", holder_by_link(row)) for row in seated],
        targets=Targets(
            slug=hearing.slug,
            links=[links.secret_of(row) for row in seated],
            old_slug=old.slug,
            forms=jobs_for(open_to_all, min(strangers.REGISTRATIONS, 500), "abuse"),
        ),
    )


def _open_for_registration() -> Any:
    """Convene a third hearing, whose registration is attacked."""
    from bench.before.registration_surge import convene

    return convene("abused")


async def _measure(base: str, port: int, scene: Scene) -> dict[str, Any]:
    presses, seats = Presses(), Seats(base, scene)
    answers: dict[str, dict[str, int]] = {}
    async with (
        strangers.elsewhere(port, scene.targets) as attack,
        seats.following(),
        moderating(base, scene.console, presses) as during,
    ):
        during("calm")
        await asyncio.sleep(CALM_S)
        for name in strangers.ATTACKS:
            during(name)
            answers[name], _ = await asyncio.gather(attack(name), asyncio.sleep(LEAST_S))
            during("between")
            await asyncio.sleep(2)
        during("after")
        await asyncio.sleep(2)
        lost = await seats.lost(presses.act_seq)
    under_attack = [wait for name in strangers.ATTACKS for wait in presses.waits.get(name, [])]
    return {
        "press_p99_ms": p99(under_attack),
        "calm_p99_ms": p99(presses.waits.get("calm", [])),
        "presses": len(under_attack),
        "presses_failed": presses.failed,
        "seats": len(scene.feeds),
        "seats_lost": lost,
        "taken": presses.taken,
        "attacks": {
            name: {
                "press_p99_ms": p99(presses.waits.get(name, [])),
                "answers": answers[name],
            }
            for name in strangers.ATTACKS
        },
    }


# ── Participants ──────────────────────────────────────────────────────────────────────────────
class Seats:
    """Seats that follow the meeting; a seat is lost if its feed ends or misses the last act."""

    def __init__(self, base: str, scene: Scene) -> None:
        self._base, self._scene = base, scene
        self._seen = [0] * len(scene.feeds)
        self._broken: set[int] = set()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow the feed while the context is open, with a connection for each seat."""
        timeout = aiohttp.ClientTimeout(total=None)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as browser:
            tasks = [
                asyncio.create_task(self._follow(browser, number))
                for number in range(len(self._seen))
            ]
            await asyncio.sleep(1)
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, browser: aiohttp.ClientSession, number: int) -> None:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with browser.get(self._base + self._scene.feeds[number]) as feed:
                async for line in feed.content:
                    for seq in re.findall(rb'"act_seq":(\d+)', line):
                        self._seen[number] = max(self._seen[number], int(seq))
        self._broken.add(number)

    async def lost(self, act_seq: int) -> int:
        """Return how many seats lost their connection or do not get the last act within 10 s."""
        for _ in range(100):
            if all(seen >= act_seq for seen in self._seen):
                break
            await asyncio.sleep(0.1)
        behind = {number for number, seen in enumerate(self._seen) if seen < act_seq}
        return len(behind | self._broken)
