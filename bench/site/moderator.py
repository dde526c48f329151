"""A moderator who presses keys all the time, over HTTP like the console, and counts failures."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.site import strangers

PRESS_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Console:
    """The facts about the console of a meeting in progress, read before the site starts."""

    hearing: str
    """The hearing's id."""
    press: str
    page: str
    cookie: str
    begun_at: int
    """The number of the record's last entry before the first press."""


@dataclass(slots=True)
class Presses:
    """The moderator's waiting times in ms, by the name of what was going on."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    taken: int = 0
    failed: int = 0
    act_seq: int = 0
    taken_at: list[float] = field(default_factory=list)
    """The time at which each press was confirmed, in seconds since the Unix epoch."""


def console_of(hearing: Any) -> Console:
    """Open the hearing's first meeting and its panel, and return the moderator's console."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from hemicycle.hearing.people.models import Appointment, Role
    from hemicycle.record.models import Head

    meeting = _under_way(hearing)
    chair = Appointment.objects.filter(hearing_id=hearing.id, role=Role.MODERATOR).first()
    assert chair is not None
    browser = Client()
    browser.force_login(chair.person, backend="django.contrib.auth.backends.ModelBackend")
    return Console(
        hearing=hearing.id.hex,
        press=reverse("room:press", args=(hearing.slug, meeting.id)),
        page=reverse("room:console-of", args=(hearing.slug, meeting.id)),
        cookie=browser.cookies[settings.SESSION_COOKIE_NAME].value,
        begun_at=Head.objects.get(hearing=hearing.id).seq,
    )


def _under_way(hearing: Any) -> Any:
    """Open the first meeting and its panel, and give the floor, as the moderator does."""
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


def presses_on_record(console: Console) -> int:
    """Return how many presses are on the record in Django's database."""
    from hemicycle.record.models import Entry

    rows = Entry.objects.filter(hearing=console.hearing, seq__gt=console.begun_at)
    return rows.filter(kind__in=("meeting.suspended", "meeting.resumed")).count()


def p99(waits: list[float]) -> float | None:
    """Return the 99th percentile, rounded to a tenth; None for an empty list."""
    return round(sorted(waits)[int(len(waits) * 0.99)], 1) if waits else None


@asynccontextmanager
async def moderating(
    base: str, console: Console, presses: Presses
) -> AsyncIterator[Callable[[str], None]]:
    """Suspend and resume the meeting all the time, and record the waits in `presses`.

    Yield a function that sets the name under which the next waits are recorded.
    """
    state = {"name": "calm"}

    async def press() -> None:
        cookies = {"hemicycle": console.cookie}
        async with aiohttp.ClientSession(cookies=cookies) as browser:
            async with browser.get(base + console.page) as page:
                found = strangers.CSRF.search(await page.text())
                assert found, f"the console answers {page.status}"
            for number in range(10**9):
                data = {
                    "press": ("suspend", "resume")[number % 2],
                    "seen": str(presses.act_seq or ""),
                    "csrfmiddlewaretoken": found[1],
                }
                await _press(browser, base + console.press, data, presses, state["name"])
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
        presses.taken_at.append(time.time())
        presses.act_seq = int(seq)
