"""The webcast in a real browser: live, rewound, in other languages, with captions, on demand.

Each channel carries its own tone, which shows the tests what is heard.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from hemicycle.procedure import commands as c
from tests.engine.hls.program import TONES
from tests.support import axe, database
from tests.support.browser import WITHIN_MS as BROWSER_MS
from tests.support.browser import Pages
from tests.support.tones import WITHIN_S, Ear, open_page, until

if TYPE_CHECKING:
    from tests.meeting.webcast.live_webcast import LiveWebcast

pytestmark = [pytest.mark.real_time, pytest.mark.browser]

ALL = {name: int(tone) for name, tone in TONES.items()}
VIDEO = "hc-webcast video"
STALL_MS = 8_000


@pytest.fixture
def meeting(
    request: pytest.FixtureRequest, transactional_db: None, pages: Pages, tmp_path: Path
) -> Iterator[LiveWebcast]:
    """A meeting that the test opens and closes; with the parameter True, on a ladder."""
    from tests.meeting.webcast.live_webcast import live_webcast  # Django is set up by now

    pages.allow("/media/hls/")  # the last hinted part never arrives, and engines restart
    with live_webcast(
        tmp_path,
        database.url_of(str(settings.DATABASES["default"]["NAME"])),
        ladder=getattr(request, "param", False),
    ) as held:
        expect.set_options(timeout=WITHIN_S * 1000)
        yield held
        pages.close()
        expect.set_options(timeout=BROWSER_MS)


def viewer(pages: Pages, url: str) -> Page:
    page = open_page(pages, viewport={"width": 1366, "height": 900}, locale="en-GB")
    page.goto(url)
    return page


def play(page: Page) -> Ear:
    """Press play, wait until the webcast plays, and return what listens to it."""
    page.get_by_role("button", name="Watch").click()
    expect(page.locator("hc-webcast[data-state=playing]")).to_be_visible()
    page.evaluate(
        "window.stalls = 0; document.querySelector('video').onwaiting = () => (stalls += 1)"
    )
    return Ear.of(page, ALL.values(), "the viewer", VIDEO)


def at(page: Page) -> float:
    """Return the position of the video in seconds."""
    found: float = page.evaluate("document.querySelector('video').currentTime")
    return found


@pytest.mark.alone  # it must not stall when the language changes
def test_live_from_the_opening_to_the_close(meeting: LiveWebcast, pages: Pages) -> None:
    page = viewer(pages, meeting.live)
    said = page.locator("[data-said]")
    expect(said).to_have_text("The webcast begins when the meeting opens.")
    expect(page.get_by_role("button", name="Watch live")).to_be_hidden()
    meeting.open()
    expect(said).to_have_text("The meeting is on air.")
    ear = play(page)
    ear.hears(ALL["en"])
    until(page, lambda: at(page) > 6, lambda: f"the video is at {at(page)}")
    page.evaluate("stalls = 0")
    page.get_by_label("Language").select_option(label="français · French")
    ear.hears(ALL["fr"])
    page.get_by_label("Language").select_option("floor")
    ear.hears(ALL["floor"])
    assert page.evaluate("stalls") == 0

    expect(page.locator("[data-behind]")).to_have_text("live")
    until(page, lambda: at(page) > 8, lambda: f"the video is at {at(page)}")
    page.get_by_role("button", name="30 seconds back").click()
    expect(page.locator("[data-behind]")).to_contain_text("behind")
    assert at(page) < 8
    ear.hears(ALL["floor"])
    page.get_by_role("button", name="Back to live").click()
    expect(page.locator("[data-behind]")).to_have_text("live")

    meeting.close()
    expect(said).to_have_text("The webcast has ended.")


@pytest.mark.test_all("clients")
def test_after_a_stall_one_is_live_again(meeting: LiveWebcast, pages: Pages) -> None:
    meeting.open()
    page = viewer(pages, meeting.live)
    play(page).hears(ALL["en"])
    behind = page.locator("[data-behind]")
    expect(behind).to_have_text("live")
    held: list[Route] = []
    holds = True

    def hold(route: Route) -> None:
        if holds:
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile(r"\.m4s"), hold)
    page.wait_for_timeout(STALL_MS)
    holds = False
    for route in held:
        route.continue_()
    expect(behind).to_have_text("live", timeout=20_000)
    before = at(page)
    until(page, lambda: at(page) > before + 1, lambda: f"the video stays at {before}")
    expect(behind).to_have_text("live")
    # The newest picture of a webcast that is written late is not live.
    meeting.run_late(20_000)
    expect(behind).to_have_text(re.compile(r"0:2\d behind"))
    expect(page.get_by_role("button", name="Back to live")).to_be_hidden()


class Link:
    """The browser's network, whose rate a test limits."""

    def __init__(self, page: Page) -> None:
        self._page, self._devices = page, page.context.new_cdp_session(page)
        self._devices.send("Network.enable")

    def carries(self, kbps: int) -> None:
        """Limit the rate to `kbps` kbit/s from now on; 0 removes the limit."""
        rate = kbps * 125 if kbps else -1
        told = {"offline": False, "latency": 0, "downloadThroughput": rate, "uploadThroughput": -1}
        self._devices.send("Network.emulateNetworkConditions", told)


def shows(page: Page, width: int) -> None:
    """Wait until the picture has the width of a rung."""
    read = "document.querySelector('video').videoWidth"
    until(page, lambda: page.evaluate(read) == width, lambda: f"{page.evaluate(read)} wide")


@pytest.mark.test_all("clients")
@pytest.mark.parametrize("meeting", [True], indirect=True)
def test_the_picture_follows_the_link_and_gives_way_to_the_sound(
    meeting: LiveWebcast, pages: Pages
) -> None:
    meeting.open()
    page = viewer(pages, meeting.live)
    link, menu = Link(page), page.get_by_label("Picture", exact=True)
    ear = play(page)
    shows(page, 128)
    options = menu.locator("option").all_inner_texts()
    assert [option.split(",")[0] for option in options] == [
        "Automatic", "96p", "48p", "Sound only",
    ]  # fmt: skip
    link.carries(600)
    shows(page, 64)
    link.carries(0)
    shows(page, 128)
    link.carries(200)
    words = page.get_by_text("Your connection is fast enough for sound only.")
    expect(words).to_be_visible(timeout=60_000)
    link.carries(0)
    ear.hears(ALL["en"])
    menu.select_option("0")
    expect(words).to_be_hidden()
    shows(page, 128)
    menu.select_option("1")
    shows(page, 64)
    menu.select_option("sound")
    expect(page.locator("[data-said]")).to_have_text("Sound only")
    ear.hears(ALL["en"])


def test_captions_that_begin_while_one_watches(meeting: LiveWebcast, pages: Pages) -> None:
    meeting.open()
    page = viewer(pages, meeting.live)
    play(page)
    expect(page.get_by_label("Captions")).to_be_hidden()
    meeting.caption("fr", "le premier")
    expect(page.get_by_label("Captions")).to_be_visible()
    page.get_by_label("Captions").select_option("fr")
    shown = (
        "[...document.querySelector('video').textTracks].flatMap((track) =>"
        " [...(track.activeCues ?? [])].map((cue) => cue.text)).join(' | ')"
    )
    told = time.monotonic()

    def reads() -> bool:
        nonlocal told
        if time.monotonic() - told > 5:
            told = time.monotonic()
            meeting.caption("fr", "Bonjour\nà tous & toutes")
        return "Bonjour\nà tous &amp; toutes" in str(page.evaluate(shown))

    until(page, reads, lambda: f"the captions are {page.evaluate(shown)!r}")


def test_an_engine_that_starts_again_is_found_again(meeting: LiveWebcast, pages: Pages) -> None:
    meeting.open()
    page = viewer(pages, meeting.live)
    ear = play(page)
    ear.hears(ALL["en"])
    meeting.station.leave()
    before = at(page)
    meeting.station.begin()
    until(page, lambda: at(page) > before + 4, lambda: f"from {before} it came to {at(page)}")
    ear.hears(ALL["en"])


def test_a_recording(meeting: LiveWebcast, pages: Pages) -> None:
    """Five viewers play a recording of two speakers; each leaves before the next one comes."""
    meeting.open()
    for _ in range(2):
        meeting.press(c.GiveFloor())
        time.sleep(4)
    meeting.press(c.CloseSegment())
    meeting.press(c.CloseMeeting())
    it_shows_itself_when_it_is_there(meeting, pages)
    chapters_jump_to_the_speaker_in_every_language(meeting, pages)
    a_link_leads_to_a_speaker(meeting, pages)
    by_keyboard_and_without_barriers(meeting, pages)
    within_other_people_s_pages(meeting, pages)


def it_shows_itself_when_it_is_there(meeting: LiveWebcast, pages: Pages) -> None:
    page = viewer(pages, meeting.watch)
    expect(page.get_by_text("not ready yet")).to_be_visible()
    meeting.station.close()
    expect(page.get_by_role("button", name="Watch the recording")).to_be_visible()
    page.context.close()


def chapters_jump_to_the_speaker_in_every_language(meeting: LiveWebcast, pages: Pages) -> None:
    page = viewer(pages, meeting.watch)
    chapters = page.get_by_role("navigation", name="Chapters").get_by_role("link")
    expect(chapters).to_have_count(3)
    second = chapters.nth(2)
    begins = float(second.get_attribute("data-chapter") or "0")
    assert begins >= 4
    second.click()
    expect(page.locator("hc-webcast[data-state=playing]")).to_be_visible()
    assert begins <= at(page) < begins + 4
    expect(second).to_have_attribute("aria-current", "true")
    ear = Ear.of(page, ALL.values(), "the viewer", VIDEO)
    for channel in ("fr", "floor", "ar"):
        page.get_by_label("Language").select_option(channel)
        chapters.nth(1).click()
        ear.hears(ALL[channel])
    link = page.get_by_label("Link to this moment").input_value()
    assert link.startswith(f"{meeting.watch}#t=")
    with page.expect_download() as download:
        page.get_by_role("link", name="français").click()
    assert download.value.path().stat().st_size > 10_000
    page.context.close()


def a_link_leads_to_a_speaker(meeting: LiveWebcast, pages: Pages) -> None:
    slot = meeting.panel.slots()[1]
    page = viewer(pages, f"{meeting.watch}#slot-{slot}")
    chapter = page.locator(f'[data-slot="{slot}"]')
    expect(chapter).to_have_attribute("aria-current", "true")
    begins = float(chapter.get_attribute("data-chapter") or "0")
    play(page)
    assert begins <= at(page) < begins + 4
    page.context.close()


def by_keyboard_and_without_barriers(meeting: LiveWebcast, pages: Pages) -> None:
    page = viewer(pages, meeting.watch)
    start = page.get_by_role("button", name="Watch the recording")
    start.focus()
    page.keyboard.press("Enter")
    expect(page.locator("hc-webcast[data-state=playing]")).to_be_visible()
    expect(page.locator(VIDEO)).to_be_focused()
    page.keyboard.press("Space")
    until(page, lambda: bool(page.evaluate("document.querySelector('video').paused")), str)
    page.get_by_label("Language").focus()
    page.keyboard.press("f")
    expect(page.get_by_label("Language")).to_have_value("fr")
    page.get_by_role("navigation", name="Chapters").get_by_role("link").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-chapter][aria-current="true"]')).to_contain_text("Centro")
    assert axe.barriers(page) == []
    page.context.close()


def within_other_people_s_pages(meeting: LiveWebcast, pages: Pages) -> None:
    page = viewer(pages, meeting.watch)
    snippet = page.get_by_label("Embed in your own page").input_value()
    inside = open_page(pages)
    inside.goto(meeting.within(snippet.replace(settings.BASE_URL, meeting.site.url)))
    frame = inside.frame_locator("iframe")
    frame.get_by_role("button", name="Watch the recording").click()
    expect(frame.locator("hc-webcast[data-state=playing]")).to_be_visible()


def test_without_scripts(meeting: LiveWebcast, pages: Pages) -> None:
    meeting.open()
    page = pages.open(java_script_enabled=False)
    page.goto(meeting.live)
    video = page.locator(VIDEO)
    address = video.get_attribute("src") or ""
    assert address.endswith("/master.m3u8")
    expect(video).to_have_attribute("controls", "")
    expect(page.locator(f'a[href="{address}"]')).to_be_visible()
