"""A browser without H.264, such as Firefox before it has downloaded its decoder.

It hears everything and shows why there is no picture. Others see its picture, since it sends VP8.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.support import database
from tests.support.browser import Pages
from tests.support.tones import WITHIN_S, WITHOUT_H264, Ear, until

pytestmark = [pytest.mark.test_all("clients"), pytest.mark.real_time, pytest.mark.browser]

CHAIR = 400
PROGRAM = "hc-program video"


def heard(page: Page, name: str) -> Ear:
    """Turn on the program's sound with the page's own key; return the page's ear."""
    expect(page.locator("hc-program [data-line]")).to_have_attribute(
        "data-line", re.compile("good|fair|poor")
    )
    sound = page.locator("hc-program [data-sound]")
    if sound.get_attribute("aria-pressed") == "false":
        sound.click()
    return Ear.of(page, [CHAIR], name, PROGRAM)


def redness(page: Page) -> int:
    """Return the red value in the middle of the program picture, 0 to 255; 0 without a picture."""
    shade: int = page.evaluate(
        """(selector) => {
          const video = document.querySelector(selector);
          const canvas = Object.assign(document.createElement("canvas"), { width: 9, height: 9 });
          const brush = canvas.getContext("2d");
          if (video.videoWidth) brush.drawImage(video, 0, 0, 9, 9);
          return brush.getImageData(4, 2, 1, 1).data[0];
        }""",
        PROGRAM,
    )
    return shade


def test_who_cannot_see_hears_and_is_seen(
    transactional_db: None, pages: Pages, tmp_path: Path
) -> None:
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    with held(site, pages) as meeting:
        expect.set_options(timeout=WITHIN_S * 1000)
        moderator = meeting.panel.world.moderator
        chair = meeting.staff(moderator, "console/", CHAIR, script=WITHOUT_H264)
        meeting.console = chair
        chair.locator('[data-own] [data-do="open"]').click()
        blind = meeting.staff(moderator, "hall/", script=WITHOUT_H264)
        hall = meeting.staff(moderator, "hall/")
        at_blind, at_hall = heard(blind, "who cannot see"), heard(hall, "the hall")
        said = blind.locator("hc-program [data-said]")
        expect(said).to_contain_text("You have sound")
        assert redness(hall) < 60  # the holding card
        meeting.press("o")
        meeting.press("o")
        at_blind.hears(CHAIR)
        at_hall.hears(CHAIR)
        expect(said).to_contain_text("You have sound")
        expect(blind.locator(PROGRAM)).to_be_hidden()  # the last picture is not shown either
        until(hall, lambda: redness(hall) > 100, lambda: f"the chair is not seen: {redness(hall)}")
        expect(hall.locator("hc-program [data-said]")).to_have_text("")
        pages.close()
