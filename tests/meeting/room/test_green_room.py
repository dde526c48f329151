"""The green room in a browser with fake devices, and in one that denies the microphone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from hemicycle.before.registration import links
from tests.support import axe
from tests.support.browser import Pages, launch_shy
from tests.support.site import Site

if TYPE_CHECKING:
    from tests.support.panel import Panel

pytestmark = [pytest.mark.real_time, pytest.mark.browser]
DEVICES = ["microphone", "camera"]


@pytest.fixture
def panel(site: Site, pages: Pages) -> Iterator[Panel]:
    """An open panel with three speakers and without an engine, which the pages must handle."""
    from tests.support.panel import panel_today

    pages.allow("/media/")
    with panel_today(site, speakers=3) as panel:
        panel.world.open_panel()
        yield panel


def open_seat(panel: Panel, pages: Pages, number: int, **options: object) -> Page:
    """Open a speaker's seat on a phone."""
    page = pages.open(viewport={"width": 390, "height": 844}, **options)
    page.goto(panel.seat(number))
    expect(page.locator("hc-link")).to_have_attribute("data-state", "live")
    return page


def finding(page: Page, what: str) -> str:
    """Wait for the result of the check of `what`, and return it."""
    item = page.locator(f"[data-check] [data-of={what}]")
    expect(item.locator("[data-outcome]")).not_to_have_attribute(
        "data-outcome", "running", timeout=40_000
    )
    return item.inner_text()


def test_a_microphone_that_is_heard_passes_and_a_missing_engine_is_said(
    panel: Panel, pages: Pages
) -> None:
    page = open_seat(panel, pages, 1, permissions=DEVICES)
    page.get_by_role("button", name="Check microphone, camera and network").click()
    assert re.search("“Fake.*” works well", finding(page, "microphone"))
    assert "Your camera works." in finding(page, "camera")
    assert "does not work" in finding(page, "network")
    expect(page.get_by_text("not ready yet")).to_be_visible()
    expect(page.get_by_role("link", name="Go to the webcast").first).to_be_visible()
    expect(page.locator(".own hc-level")).to_have_attribute("data-word", "good")
    shown = page.locator(".own video").evaluate("video => video.videoWidth > 0")
    assert shown
    assert axe.barriers(page) == []


@pytest.fixture
def shy(browser: Browser, site: Site) -> Iterator[Pages]:
    """Pages of a browser whose owner has denied microphone and camera."""
    started = launch_shy(browser)
    opened = Pages(started)
    opened.allow("/media/")
    yield opened
    opened.close()
    started.close()


def test_a_browser_that_denies_the_microphone_is_told_how_to_mend_it_and_the_seat_goes_on(
    panel: Panel, shy: Pages
) -> None:
    page = open_seat(panel, shy, 1)
    page.get_by_role("button", name="Open camera and microphone").click()
    trouble = page.locator("[data-trouble]")
    expect(trouble).to_contain_text("The browser is blocking the microphone.")
    expect(trouble).to_contain_text("allow the microphone for this site")
    page.get_by_role("button", name="Check microphone, camera and network").click()
    assert "blocking the microphone" in finding(page, "microphone")
    page.get_by_role("button", name="I am ready").click()
    expect(page.locator(".seat__keys").get_by_text("ready", exact=True)).to_be_visible()
    assert axe.barriers(page) == []


def test_who_is_next_is_asked_to_open_the_microphone_and_told_that_the_line_is_being_made(
    panel: Panel, pages: Pages, shy: Pages
) -> None:
    page = open_seat(panel, shy, 0)
    expect(page.get_by_text("Your microphone is not open.")).to_be_visible()
    allowed = open_seat(panel, pages, 0, permissions=DEVICES)
    expect(allowed.locator(".air__state").get_by_text("Connecting")).to_be_visible()
    expect(allowed.get_by_role("button", name="Mute me")).to_be_visible()
    # The page that opens the seat last takes it over, with microphone and camera.
    expect(page.get_by_text("Your seat is open in another window.")).to_be_visible()
    expect(page.locator("[data-air]")).to_be_hidden()


def test_what_opens_the_microphone_can_be_pressed_once_its_script_is_there(
    panel: Panel, pages: Pages
) -> None:
    page = pages.open(viewport={"width": 390, "height": 844}, permissions=DEVICES)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/room/seat(\.\w+)?\.js"), hold)
    page.goto(panel.seat(1), wait_until="commit")
    own = page.locator("[data-own]")
    keys = [own.locator("[data-do=open]"), page.locator("[data-run]")]
    for key in keys:
        expect(key).to_be_visible()
        expect(key).to_be_disabled()
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    for key in keys:
        expect(key).to_be_enabled()
    keys[0].click()
    expect(own).to_have_attribute("data-open", "")


def test_mute_camera_and_sound_only_are_kept_and_told(panel: Panel, pages: Pages) -> None:
    page = open_seat(panel, pages, 1, permissions=DEVICES)
    page.get_by_role("button", name="Open camera and microphone").click()
    page.get_by_role("button", name="Mute me").click()
    sound = "() => document.querySelector('.own video').srcObject.getAudioTracks()[0].enabled"
    assert page.evaluate(sound) is False
    page.get_by_role("button", name="Unmute me").click()
    assert page.evaluate(sound) is True
    pictures = "() => document.querySelector('.own video').srcObject.getVideoTracks().length"
    page.get_by_role("button", name="Turn off the camera").click()
    expect(page.get_by_text("No picture of you is sent.")).to_be_visible()
    assert page.evaluate(pictures) == 0
    page.get_by_role("button", name="Turn on the camera").click()
    expect(page.get_by_text("No picture of you is sent.")).to_be_hidden()
    page.get_by_text("Devices and quality").click()
    page.get_by_label("Sound only", exact=True).check()
    expect(page.get_by_text("No picture of you is sent.")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Open camera and microphone").click()
    expect(page.get_by_role("button", name="Mute me")).to_be_visible()
    assert page.evaluate(pictures) == 0


def test_the_practice_room_has_no_barriers_and_stays_without_an_engine(
    panel: Panel, pages: Pages
) -> None:
    page = pages.open(viewport={"width": 1366, "height": 768}, permissions=DEVICES)
    page.goto(f"{panel.site.url}/my/{links.secret_of(panel.speakers[0])}/practice/")
    page.get_by_role("button", name="Hear myself").click()
    expect(page.get_by_role("button", name="Hear myself")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-echo-said]")).not_to_be_empty()
    assert axe.barriers(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_the_technicians_page_says_that_the_engine_is_away(panel: Panel, pages: Pages) -> None:
    from hemicycle.hearing.people.models import Role

    page = pages.open(viewport={"width": 1366, "height": 768})
    panel.sign_in(page, panel.staff(Role.TECHNICIAN))
    page.goto(panel.url("technician/"))
    expect(page.get_by_text("not responding", exact=True)).to_be_visible()
    expect(page.locator("[data-engine-said]")).not_to_be_empty()
    assert axe.barriers(page) == []
