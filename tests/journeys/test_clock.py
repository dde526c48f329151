"""All screens show the same clock: at warning, extension, limit and cut, and after a kill."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from hemicycle.procedure import clock as meeting_clock
from hemicycle.record.floor import floor_of
from tests.journeys import watch
from tests.support.browser import Pages
from tests.support.site import Site

if TYPE_CHECKING:
    from hemicycle.procedure.state import Holding
    from tests.support.panel import Panel

pytestmark = [pytest.mark.alone, pytest.mark.browser]
ALLOWED_MS = 50
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def panel(site: Site) -> Iterator[Panel]:
    """Yield a panel of ten speakers with eight seconds each, of which four follow the warning."""
    from tests.support.panel import panel_today

    rules = {"floor_time_limit_s": 8, "warning_s": 4, "extension_s": 4, "grace_s": 2}
    with panel_today(site, **rules) as panel:
        panel.world.open_panel()
        yield panel


def open_all(pages: Pages, panel: Panel) -> dict[str, Page]:
    screens = {"console": panel.console(pages), "hall": pages.open()}
    screens["hall"].goto(panel.url("hall/"))
    for number in range(3):
        screens[f"phone {number}"] = pages.open(**PHONE)
        screens[f"phone {number}"].goto(panel.seat(number))
    for page in screens.values():
        expect(page.locator("hc-link")).to_have_attribute("data-state", "live")
    return screens


def holding(panel: Panel) -> Holding:
    holder = floor_of(panel.world.panels[0].meeting_id).holder
    assert holder is not None
    return holder


def ends_at(panel: Panel) -> float:
    """Return when the holder's time ends, in ms since 1970."""
    holder = holding(panel)
    assert holder.running_since is not None
    return holder.running_since - holder.used_before_ms + holder.limit_ms


def sleep_until(ms: float) -> None:
    time.sleep(max(0.0, ms / 1000 - time.time()))


def all_show(screens: dict[str, Page], phase: str) -> None:
    for name, page in screens.items():
        expect(page.locator("hc-clock"), name).to_have_attribute("data-phase", phase)


def test_every_screen_shows_the_same_clock_within_fifty_milliseconds(
    panel: Panel, pages: Pages
) -> None:
    screens = open_all(pages, panel)
    screens["console"].keyboard.press("Enter")
    all_show(screens, "speaking")
    for page in screens.values():
        watch.begin(page)
    first_end = ends_at(panel)
    sleep_until(first_end - 3_500)
    all_show(screens, "warning")
    errors = {name: watch.typical_ms(page, first_end) for name, page in screens.items()}
    assert {name: error for name, error in errors.items() if error > ALLOWED_MS} == {}
    screens["console"].keyboard.press("e")
    all_show(screens, "speaking")
    for page in screens.values():
        watch.begin(page)
    second_end = ends_at(panel)
    assert second_end == first_end + 4_000
    sleep_until(second_end + 300)
    all_show(screens, "time")
    sleep_until(second_end + 2_500)
    assert {watch.shown(page)["figures"] for page in screens.values()} == {"+0:02"}
    errors = {name: watch.typical_ms(page, second_end) for name, page in screens.items()}
    assert {name: error for name, error in errors.items() if error > ALLOWED_MS} == {}
    expect(screens["console"].get_by_text("microphone closed")).to_be_visible()
    floor = floor_of(panel.world.panels[0].meeting_id)
    assert meeting_clock.used_ms(floor, int(time.time() * 1000)) == 14_000
    technician_sees_all_in_time(screens, panel, pages)


def technician_sees_all_in_time(screens: dict[str, Page], panel: Panel, pages: Pages) -> None:
    for page in screens.values():
        page.reload()  # a page reports as soon as it opens
    page = pages.open()
    panel.sign_in(page, panel.world.moderator)
    page.goto(panel.url("diagnostics/"))
    expect(page.get_by_text("in time")).to_have_count(5, timeout=12_000)
    kinds = page.locator("tbody tr td:first-child").all_inner_texts()
    assert sorted(kind.split()[0] for kind in kinds) == ["console", "hall", "seat", "seat", "seat"]


def test_a_server_killed_in_mid_speech_comes_back_with_the_clock_right(
    panel: Panel, pages: Pages, site: Site
) -> None:
    screens = open_all(pages, panel)
    screens["console"].keyboard.press("Enter")
    all_show(screens, "speaking")
    end = ends_at(panel)
    pages.allow("ERR_")
    pages.allow("htmx:error")
    site.kill()
    for page in screens.values():
        expect(page.locator("hc-link")).not_to_have_attribute("data-state", "live")
        watch.begin(page)
    site.start()
    for page in screens.values():
        expect(page.locator("hc-link")).to_have_attribute("data-state", "live")
    sleep_until(end + 1_300)
    all_show(screens, "time")
    errors = {name: watch.typical_ms(page, end) for name, page in screens.items()}
    assert {name: error for name, error in errors.items() if error > ALLOWED_MS} == {}
    assert holding(panel).given_at == end - 8_000
