"""Somebody takes back their consent on their page, and a viewer’s player has the gap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import expect

from hemicycle.before.registration import links
from hemicycle.procedure import commands as c
from tests.meeting.webcast.test_player import at, play, viewer
from tests.support import axe, database
from tests.support.browser import WITHIN_MS as BROWSER_MS
from tests.support.browser import Pages
from tests.support.tones import WITHIN_S, until

if TYPE_CHECKING:
    from tests.meeting.webcast.live_webcast import LiveWebcast

pytestmark = [pytest.mark.browser, pytest.mark.alone]
GONE = "Removed at the request of the speaker"


@pytest.fixture
def meeting(transactional_db: None, pages: Pages, tmp_path: Path) -> Iterator[LiveWebcast]:
    """A meeting that opens and closes as the test says."""
    from tests.meeting.webcast.live_webcast import live_webcast  # Django is set up by now

    pages.allow("/media/hls/")  # what was cut is asked for once more before the lists say so
    with live_webcast(
        tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"]))
    ) as held:
        expect.set_options(timeout=WITHIN_S * 1000)
        yield held
        pages.close()
        expect.set_options(timeout=BROWSER_MS)


def test_taken_back_in_mid_sentence(meeting: LiveWebcast, pages: Pages) -> None:
    meeting.open()
    meeting.press(c.GiveFloor())
    page = viewer(pages, meeting.live)
    play(page)
    until(page, lambda: at(page) > 6, lambda: f"the video is at {at(page)}")
    player = page.locator("hc-webcast")
    expect(player).not_to_have_attribute("data-removed", "speaker")
    with meeting.cutting():
        own = viewer(
            pages, meeting.url(f"my/{links.secret_of(meeting.panel.speakers[0])}/consents/")
        )
        expect(own.get_by_role("heading", level=1)).to_have_text(
            "What may be done with your words, voice and picture"
        )
        assert axe.barriers(own) == []
        own.get_by_role("button", name="Take back: Your voice and picture in the recording").click()
        expect(own.get_by_text("Noted: you took this back.")).to_be_visible()
        expect(player).to_have_attribute("data-removed", "speaker", timeout=20_000)
        expect(page.locator("[data-said]")).to_have_text(GONE)
        meeting.press(c.GiveFloor())
        expect(player).not_to_have_attribute("data-removed", "speaker", timeout=40_000)
        expect(page.locator("hc-webcast[data-state=playing]")).to_be_visible()
        page.close()
        meeting.close()
        own.reload()
        expect(own.get_by_text("downloads were deleted on")).to_be_visible()
        watch = viewer(pages, meeting.watch)
        chapter = watch.get_by_role("link", name=GONE)
        expect(chapter).to_have_count(1)
        chapter.click()
        expect(watch.locator("hc-webcast")).to_have_attribute("data-removed", "speaker")
        expect(watch.locator("[data-said]")).to_have_text(GONE)
