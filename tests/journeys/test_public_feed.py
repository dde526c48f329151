"""The public feed in real pages: stopped by a key, interrupted for the public, and resumed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import expect

from hemicycle.hearing.people.models import Role
from hemicycle.record.models import Entry
from tests.support import database
from tests.support.browser import WITHIN_MS, Pages
from tests.support.tones import WITHIN_S, WITHOUT_H264, open_page, until

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [pytest.mark.real_time, pytest.mark.browser]

DELAY_S = 5
INTERRUPTED = "The webcast is interrupted. It continues here automatically."


@pytest.fixture
def meeting(transactional_db: None, pages: Pages, tmp_path: Path) -> Iterator[Held]:
    """Yield a panel of today with a delayed public feed."""
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    pages.allow(".m4s")
    pages.allow("404 POST", "/control")
    with held(site, pages, public_delay_s=DELAY_S) as held_meeting:
        expect.set_options(timeout=WITHIN_S * 1000)
        try:
            yield held_meeting
            pages.close()
        finally:
            expect.set_options(timeout=WITHIN_MS)


def test_a_feed_that_is_delayed_stopped_and_resumed(meeting: Held) -> None:
    world = meeting.panel.world
    meeting.console = console = meeting.staff(world.moderator, "console/", script=WITHOUT_H264)
    technician = meeting.staff(meeting.panel.staff(Role.TECHNICIAN), "technician/")
    for page in (console, technician):
        expect(page.locator('[data-feed-is="closed"]')).to_be_visible()
    for key in ("o", "o", "c", "o"):
        meeting.press(key)
    public = open_page(meeting.pages)
    public.goto(meeting.panel.url("live/"))
    public.locator("[data-start]").click()
    expect(console.locator('[data-feed-is="live"]')).to_be_visible()
    expect(console.locator("[data-feed-delay]")).to_contain_text(f"{DELAY_S}")

    # The key stops the feed; everybody who runs the meeting and the public see it.
    console.keyboard.press("k")
    expect(console.locator('[data-feed-is="stopped"]')).to_be_visible()
    expect(technician.locator('[data-feed-is="stopped"]')).to_be_visible()
    expect(public.locator("[data-interrupted]")).to_have_text(INTERRUPTED)
    console.keyboard.press("k")  # a second press does nothing
    until(console, lambda: meeting.floor.feed_stopped, lambda: "the record knows of no stop")
    time.sleep(1)
    assert Entry.objects.filter(kind="feed.stopped").count() == 1

    # Resuming is a separate act, here from the other page.
    technician.locator("[data-feed-resume]").click()
    expect(console.locator('[data-feed-is="stopped"]')).to_be_hidden()
    expect(console.locator("[data-feed-stop]")).to_be_visible()
    expect(public.locator("[data-interrupted]")).to_have_text("")
    expect(console.locator('[data-feed-is="live"]')).to_be_visible()
    assert not meeting.floor.feed_stopped
    assert Entry.objects.filter(kind="feed.resumed").count() == 1
