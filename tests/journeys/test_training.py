"""A training session with its trainer and three participants, in real pages on a whole site.

One participant passes the check, gets the floor and is cut off at the limit. Every step waits for a
state, none for a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from hemicycle.before.registration import links
from hemicycle.before.training import actions
from hemicycle.before.training.models import Session
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import practice
from hemicycle.record import clock
from hemicycle.record.models import Entry
from tests.before.training.sessions import plan
from tests.support import database
from tests.support.browser import WITHIN_MS, Pages
from tests.support.tones import WITHIN_S, WITHOUT_H264, Ear, open_page, until

if TYPE_CHECKING:
    from tests.support.panel import Panel

pytestmark = [pytest.mark.real_time, pytest.mark.browser]

TRAINER, SPEAKS = 400, 640
PROGRAM = "hc-program video"
LIMIT_S = 10


@pytest.fixture
def panel(transactional_db: None, pages: Pages, tmp_path: Path) -> Iterator[Panel]:
    """Yield a running site and three people who speak in three days, for ten seconds each."""
    from tests.support.floor import FloorSite  # Django is set up by now
    from tests.support.panel import move, panel_today

    site = FloorSite(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    rules = {"floor_time_limit_s": LIMIT_S, "warning_s": 3, "grace_s": 0}
    with panel_today(site, 3, languages=["en"], **rules) as panel:
        move(panel.world, timedelta(days=3))
        site.start()
        expect.set_options(timeout=WITHIN_S * 1000)
        try:
            yield panel
            pages.close()
        finally:
            expect.set_options(timeout=WITHIN_MS)
            site.stop()
    site.check_log()


def test_a_participant_speaks_is_cut_and_has_passed(panel: Panel, pages: Pages) -> None:
    pages.allow("404 POST", "/control")  # a page may ask for a session that has ended
    world = panel.world
    soon = plan(starts_at=clock.now() + timedelta(minutes=1), capacity=3)
    session = actions.schedule(hearing=world.hearing, plan=soon, actor=world.office)
    seats = [at_the_seat(panel, pages, session, number) for number in range(3)]
    speaker, listener, _ = seats
    for page in (speaker, listener):  # the engine has the room on the air
        line = page.locator("hc-program [data-line]")
        expect(line).to_have_attribute("data-line", re.compile("good|fair|poor"))
    speaker.locator("[data-run]").click()
    expect(speaker.get_by_text("You are ready to be heard.")).to_be_visible()
    check = practice.check_of(world.hearing.id, panel.speakers[0].person_id)
    assert check is not None
    assert -38 <= check.level_db <= -8  # a tone with an amplitude of 0.1, as the engine heard it
    assert check.loss <= 5

    console = open_page(pages, TRAINER, script=WITHOUT_H264)
    panel.sign_in(console, world.secretary)
    office = reverse("training:detail", args=(world.hearing.slug, session.pk))
    console.goto(panel.site.url + office)
    expect(console.locator("[name=there]:checked")).to_have_count(3)  # their seats are connected
    console.get_by_role("button", name="Enter the room as trainer").click()
    room = Hearing.every.get(room_of=world.hearing)
    ear = heard(listener)
    expect(console.locator("[data-own-key]")).to_be_enabled()
    console.keyboard.press("t")  # a click would put the focus on the button, which takes Enter
    for key in ("o", "o"):
        press(console, key)
    ear.hears(TRAINER)  # the trainer is heard while the floor is free
    press(console, "Enter")
    ear.hears(TRAINER, SPEAKS)
    expect(speaker.get_by_text("You have the floor.", exact=True)).to_be_visible()
    ear.hears(TRAINER)  # the limit has closed the microphone without a key
    closed = "microphone.closed"
    until(
        console,
        lambda: any(entry.fields().get("cause") == "limit" for entry in of(room, closed)),
        lambda: f"the record has {[entry.fields() for entry in of(room, closed)]}",
    )
    assert not (panel.site.data_dir / "segments" / room.id.hex).exists()
    assert not list(of(world.hearing, "meeting.opened", "floor.given"))


def at_the_seat(panel: Panel, pages: Pages, session: Session, number: int) -> Page:
    """Open the seat of a participant, entered from their own page; the first one has a voice."""
    page = open_page(pages, SPEAKS if number == 0 else 0, script=WITHOUT_H264)
    secret = links.secret_of(panel.speakers[number])
    page.goto(panel.site.url + reverse("training:session", args=(secret, session.pk)))
    page.get_by_role("button", name="Enter the session").click()
    expect(page.locator("hc-link")).to_have_attribute("data-state", "live")
    return page


def heard(page: Page) -> Ear:
    """Turn on the program's sound with the page's own key; return the page's ear."""
    sound = page.locator("hc-program [data-sound]")
    if sound.get_attribute("aria-pressed") == "false":
        sound.click()
    return Ear.of(page, (TRAINER, SPEAKS), "a participant", PROGRAM)


def press(console: Page, key: str) -> None:
    """Press a key of the console and wait until it has acted."""
    expect(console.locator(f'button[data-key="{key}"]:enabled')).to_have_count(1)
    before = console.locator("#seen").input_value()
    console.keyboard.press(key)
    until(
        console,
        lambda: console.locator("#seen").input_value() != before,
        lambda: f"{key} did nothing: {console.locator('#refusal').inner_text()}",
    )


def of(hearing: Hearing, *kinds: str) -> list[Entry]:
    return list(Entry.objects.filter(hearing=hearing.id, kind__in=kinds).order_by("seq"))
