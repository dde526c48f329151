"""A live meeting while strangers try to stop it: the moderator's waiting times, and the losses.

`hemicycle up` on SQLite with all its processes, a rehearsed hearing whose first panel is running
with seats that follow it, and another that is over and published. The moderator presses all the
time, over HTTP as the console does. One attack after the other, `strangers` do what they can from
one network in a separate process.
"""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from bench.fixtures import fresh
from bench.site import strangers
from bench.site.strangers import Targets

NAME = "abuse"
SEATS = 30
REGISTERED, OLD_REGISTERED = 120, 60
CALM_S = 10.0
PRESS_EVERY_S = 0.25


@dataclass(slots=True)
class Scene:
    """What the bench needs to know of the two hearings; read before anybody asks."""

    slug: str
    hearing: str
    meeting: str
    press: str
    console: str
    cookie: str
    feeds: list[str]
    targets: Targets
    begun_at: int = 0


@dataclass(slots=True)
class Presses:
    """The moderator's waiting times during each attack, in ms."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    taken: int = 0
    failed: int = 0
    act_seq: int = 0


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
        lost = figures.pop("taken") - _presses_on_record(scene)
    return {**figures, "entries_lost": max(0, lost)}


def _scene() -> Scene:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from bench.before.registration_surge import jobs_for
    from hemicycle.before.registration import links
    from hemicycle.before.registration.models import Registration
    from hemicycle.hearing.people.models import Appointment, Role
    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.meeting.room.access import holder_by_link
    from hemicycle.outcome.archive import building
    from hemicycle.outcome.summary import actions as summaries
    from hemicycle.record import clock, feed
    from hemicycle.record.models import Head
    from hemicycle.record.writer import Actor
    from hemicycle.site.rehearsal import live, play, scenes

    # Of a hearing that was over for long, everybody would be erased as soon as the worker starts.
    lately = scenes.ended_ago(scenes.read(), 2, clock.now().date())
    play.through(lately, seed=2, registrations=OLD_REGISTERED)
    old = Hearing.objects.get()
    summaries.publish(hearing=old, actor=Actor.system("bench"))
    assert building.build_wanted() == 1
    open_to_all = _open_for_registration()
    rehearsal = live.prepared(
        scenes.read(),
        seed=3,
        registrations=REGISTERED,
        under_way=timedelta(minutes=37),
        tell=lambda _sentence: None,
    )
    hearing = rehearsal.hearing
    meeting = _under_way(hearing)
    chair = Appointment.objects.filter(hearing_id=hearing.id, role=Role.MODERATOR).first()
    assert chair is not None
    browser = Client()
    browser.force_login(chair.person, backend="django.contrib.auth.backends.ModelBackend")
    there = Registration.objects.filter(Registration.taking_part(), hearing=hearing)
    seated = [row for row in there.order_by("arrival") if row.inscriptions.exists()][:SEATS]
    return Scene(
        slug=hearing.slug,
        hearing=hearing.id.hex,
        meeting=str(meeting.id),
        press=reverse("room:press", args=(hearing.slug, meeting.id)),
        console=reverse("room:console-of", args=(hearing.slug, meeting.id)),
        cookie=browser.cookies[settings.SESSION_COOKIE_NAME].value,
        feeds=[feed.address(hearing.id, "seat", holder_by_link(row)) for row in seated],
        targets=Targets(
            slug=hearing.slug,
            links=[links.secret_of(row) for row in seated],
            old_slug=old.slug,
            forms=jobs_for(open_to_all, min(strangers.REGISTRATIONS, 500), "abuse"),
        ),
        begun_at=Head.objects.get(hearing=hearing.id).seq,
    )


def _open_for_registration() -> Any:
    """A third hearing, on whose registration the strangers fall."""
    from bench.before.registration_surge import convene

    return convene("abused")


def _under_way(hearing: Any) -> Any:
    """Open the first meeting and its panel, as the moderator does."""
    from hemicycle.hearing.people.models import Role
    from hemicycle.hearing.setup.models import Segment
    from hemicycle.meeting.room import presses
    from hemicycle.record.writer import Actor

    meeting = hearing.meetings.order_by("ordinal").first()
    panel = meeting.segments.filter(kind=Segment.Kind.PANEL).order_by("ordinal").first()
    by = Actor("c" * 32, Role.MODERATOR.value)
    for key in ("open_meeting", f"open_segment:{panel.id.hex}", "give_floor"):
        presses.press(hearing=hearing, meeting=meeting, data={"press": key}, actor=by)
    return meeting


def _presses_on_record(scene: Scene) -> int:
    from hemicycle.record.models import Entry

    rows = Entry.objects.filter(hearing=scene.hearing, seq__gt=scene.begun_at)
    return rows.filter(kind__in=("meeting.suspended", "meeting.resumed")).count()


async def _measure(base: str, port: int, scene: Scene) -> dict[str, Any]:
    presses, seats = Presses(), Seats(base, scene)
    answers: dict[str, dict[str, int]] = {}
    async with (
        strangers.elsewhere(port, scene.targets) as attack,
        seats.following(),
        moderating(base, scene, presses) as during,
    ):
        during("calm")
        await asyncio.sleep(CALM_S)
        for name in strangers.ATTACKS:
            during(name)
            answers[name] = await attack(name)
            during("between")
            await asyncio.sleep(2)
        during("after")
        await asyncio.sleep(2)
        lost = await seats.lost(presses.act_seq)
    under_attack = [wait for name in strangers.ATTACKS for wait in presses.waits.get(name, [])]
    return {
        "press_p99_ms": _p99(under_attack),
        "calm_p99_ms": _p99(presses.waits.get("calm", [])),
        "presses": len(under_attack),
        "presses_failed": presses.failed,
        "seats": len(scene.feeds),
        "seats_lost": lost,
        "taken": presses.taken,
        "attacks": {
            name: {
                "press_p99_ms": _p99(presses.waits.get(name, [])),
                "answers": answers[name],
            }
            for name in strangers.ATTACKS
        },
    }


def _p99(waits: list[float]) -> float | None:
    return round(sorted(waits)[int(len(waits) * 0.99)], 1) if waits else None


# ── Those who take part ───────────────────────────────────────────────────────────────────────
@asynccontextmanager
async def moderating(
    base: str, scene: Scene, presses: Presses
) -> AsyncIterator[Callable[[str], None]]:
    """Suspend and resume the meeting all the time; times are noted under the attack's name, if
    any.
    """
    state = {"name": "calm"}

    async def press() -> None:
        cookies = {"hemicycle": scene.cookie}
        async with aiohttp.ClientSession(cookies=cookies) as browser:
            async with browser.get(base + scene.console) as page:
                found = strangers.CSRF.search(await page.text())
                assert found, f"the console answers {page.status}"
            for number in range(10**9):
                data = {
                    "press": ("suspend", "resume")[number % 2],
                    "seen": str(presses.act_seq or ""),
                    "csrfmiddlewaretoken": found[1],
                }
                await _press(browser, base + scene.press, data, presses, state["name"])
                await asyncio.sleep(PRESS_EVERY_S)

    pressing = asyncio.create_task(press())
    try:
        yield lambda name: state.update(name=name)
    finally:
        pressing.cancel()
        with suppress(asyncio.CancelledError):
            await pressing


async def _press(
    browser: aiohttp.ClientSession, url: str, data: dict[str, str], presses: Presses, name: str
) -> None:
    begun = time.perf_counter()
    try:
        async with browser.post(url, data=data, headers={"HX-Request": "true"}) as answer:
            await answer.read()
            seq = answer.headers.get("X-Act-Seq")
    except (aiohttp.ClientError, TimeoutError):
        seq = None
    presses.waits.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
    if seq is None:
        presses.failed += 1
        presses.act_seq = 0
    else:
        presses.taken += 1
        presses.act_seq = int(seq)


class Seats:
    """Seats that follow the meeting; one is lost whose feed breaks off, or falls behind."""

    def __init__(self, base: str, scene: Scene) -> None:
        self._base, self._scene = base, scene
        self._seen = [0] * len(scene.feeds)
        self._broken: set[int] = set()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow the feed inside the block, a connection for each seat."""
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
        """Return how many seats do not get the last act within ten seconds, or lost their
        connection.
        """
        for _ in range(100):
            if all(seen >= act_seq for seen in self._seen):
                break
            await asyncio.sleep(0.1)
        behind = {number for number, seen in enumerate(self._seen) if seen < act_seq}
        return len(behind | self._broken)
