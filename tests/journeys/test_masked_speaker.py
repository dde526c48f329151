"""A masked speaker in real pages: the room and the recording get a card and another voice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from hemicycle.before.registration import aliases
from hemicycle.before.registration.access import actor_of
from hemicycle.engine.audio.analysis import amplitude
from hemicycle.engine.streams import SOUND_RATE, Samples
from tests.support import database
from tests.support.browser import WITHIN_MS, Pages
from tests.support.tones import WITHIN_S, WITHOUT_H264, Ear, open_page, until

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = pytest.mark.browser

ANA, BO = 820, 1000
RED = (225, 31, 31)
"""Of both cameras: no other colour of the picture is like it."""

PROGRAM = "hc-program video"
COLOUR = """
(selector) => {
  const video = document.querySelector(selector);
  const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 18 });
  const brush = canvas.getContext("2d");
  brush.drawImage(video, 0, 0, 32, 18);
  return [...brush.getImageData(16, 5, 1, 1).data].slice(0, 3);
}
"""


@pytest.fixture
def meeting(transactional_db: None, pages: Pages, tmp_path: Path) -> Iterator[Held]:
    """A panel of today whose first speaker has an alias, and has chosen nothing else."""
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    pages.allow("404 POST", "/control")
    with held(site, pages, floor_time_limit_s=120) as held_meeting:
        row = held_meeting.panel.speakers[0]
        aliases.set_alias(registration=row, alias="Voice A", actor=actor_of(row))
        expect.set_options(timeout=WITHIN_S * 1000)
        try:
            yield held_meeting
            pages.close()
        finally:
            expect.set_options(timeout=WITHIN_MS)


def seat(meeting: Held, number: int, hertz: int) -> Page:
    """A speaker's seat with a tone and a red camera, opened."""
    red = "window.voice.colour = 'rgb(225 31 31)';"
    page = open_page(meeting.pages, hertz, script=red + WITHOUT_H264)
    page.goto(meeting.panel.seat(number))
    page.locator('[data-own] [data-do="open"]').click()
    expect(page.get_by_text("connects at your turn")).to_be_visible()
    return page


def purity(sound: Samples, hertz: int) -> float:
    """How much of what is heard is a tone, from 0 to 1; 0 where nothing is heard."""
    whole = float(np.sqrt(2 * np.mean(sound**2))) if len(sound) else 0.0
    return amplitude(sound, hertz) / whole if whole > 0.01 else 0.0


def is_loud(sound: Samples) -> bool:
    return float(np.sqrt(np.mean(sound**2))) > 0.01 if len(sound) else False


def is_red(colour: list[int]) -> bool:
    return all(abs(a - b) < 45 for a, b in zip(colour, RED, strict=True))


def given(meeting: Held, page: Page) -> None:
    """Give the floor to the next on the list, whose page says so."""
    meeting.press("Enter")
    expect(page.locator('[data-is="air"][data-value="on"]')).to_be_visible()


def test_room_and_recording_get_a_card_and_another_voice(meeting: Held) -> None:
    world = meeting.panel.world
    meeting.console = meeting.staff(world.moderator, "console/")
    ana, bo = seat(meeting, 0, ANA), seat(meeting, 1, BO)
    expect(ana.get_by_text("others see a card with the public name")).to_be_visible()
    expect(ana.get_by_text("your voice is changed before anybody hears it")).to_be_visible()
    expect(bo.get_by_text("your voice is changed")).to_have_count(0)
    hall = meeting.staff(world.moderator, "hall/")
    hall.locator("hc-program [data-sound]").click()
    ear = Ear.of(hall, (ANA, BO), "the hall", PROGRAM)
    meeting.press("o")
    meeting.press("o")
    meeting.press("c")
    meeting.press("o")
    meeting.press("Enter")  # the panellist, who is not there
    given(meeting, ana)
    until(hall, lambda: is_loud(ear.last(0.4)), lambda: "nobody is heard")
    seen = heard = 0
    for _ in range(10):
        hall.wait_for_timeout(300)
        heard += purity(ear.last(0.4), ANA) > 0.7
        seen += is_red(hall.evaluate(COLOUR, PROGRAM))
    assert (seen, heard) == (0, 0)
    masked = round(time.time() * 1000)
    given(meeting, bo)
    until(hall, lambda: purity(ear.last(0.4), BO) > 0.9, lambda: "the other speaker is not heard")
    until(
        hall,
        lambda: is_red(hall.evaluate(COLOUR, PROGRAM)),
        lambda: "the other speaker is not seen",
    )
    hall.wait_for_timeout(2_000)
    meeting.press("c")
    meeting.console.get_by_role("button", name="Close the meeting").click()
    the_recording(meeting, masked)


def the_recording(meeting: Held, masked: int) -> None:
    """The same on demand: her whole turn is another voice, and red is seen in his alone."""
    recording = meeting.recording()
    turns = meeting.microphones()
    _panellist, ana, bo = meeting.slots()[:3]
    (hers,), (his,) = turns[ana], turns[bo]
    assert hers.begin < masked <= his.begin
    for channel in ("floor", "en"):
        sound = recording.sound(channel, "aac")
        assert is_loud(sound.between(hers.begin, hers.end))
        assert longest_pure(sound.between(hers.begin, hers.end), ANA) < 0.2
        assert longest_pure(sound.between(his.begin, his.end), BO) > 1.0
    red = recording.moments(is_red)
    assert red
    assert all(his.begin - 500 <= at <= his.end + 1_500 for at in red)


def longest_pure(sound: Samples, hertz: int) -> float:
    """For how many seconds on end the tone was all that was heard."""
    step, longest, now = SOUND_RATE // 20, 0, 0
    for at in range(0, len(sound) - step, step):
        now = now + 1 if purity(sound[at : at + step], hertz) > 0.7 else 0
        longest = max(longest, now)
    return longest / 20
