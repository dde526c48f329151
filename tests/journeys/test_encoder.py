"""A speaker sends from an encoder that we did not write: FFmpeg's WHIP muxer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.support import database
from tests.support.browser import WITHIN_MS, Pages
from tests.support.encoder import send
from tests.support.tones import WITHIN_S, WITHOUT_H264, Ear

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [pytest.mark.real_time, pytest.mark.browser]

ENCODED = 1000
PROGRAM = "hc-program video"


@pytest.fixture
def meeting(transactional_db: None, pages: Pages, tmp_path: Path) -> Iterator[Held]:
    """A panel of today; nobody is cut off while a busy machine takes its time."""
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    pages.allow(".m4s")
    with held(site, pages, floor_time_limit_s=600) as held_meeting:
        expect.set_options(timeout=WITHIN_S * 1000)
        try:
            yield held_meeting
            pages.close()
        finally:
            expect.set_options(timeout=WITHIN_MS)


def test_a_speaker_is_heard_from_an_encoder(meeting: Held) -> None:
    moderator = meeting.panel.world.moderator
    meeting.console = meeting.staff(moderator, "console/", script=WITHOUT_H264)
    ear = Ear.of(meeting.speaker(1, script=WITHOUT_H264), (ENCODED,), "another seat", PROGRAM)
    page = meeting.speaker(0, script=WITHOUT_H264)
    page.get_by_role("link", name="Send from an encoder").click()
    page.get_by_role("button", name="Show address and key").click()
    address = page.get_by_label("Server address").input_value()
    key = page.get_by_label("Key (bearer token)").input_value()
    for act in ("o", "o", "c", "o", "Enter", "Enter"):  # the panellist, then the first speaker
        meeting.press(act)
    stop = Event()
    with ThreadPoolExecutor() as threads:
        sending = threads.submit(send, address, key, ENCODED, stop)
        try:
            ear.hears(ENCODED)
        finally:
            stop.set()
        sending.result()
