"""What a moderator must have in sight, without scrolling: asserted by where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.panel import panel_today

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = [pytest.mark.browser]

SCREENS = ((1366, 768), (1920, 1080))
IN_SIGHT = (
    ".floor__program",
    "#floor-head",
    "#keys",
    '[data-key="t"]',
    "#list-head",
    "#list tbody tr:first-child .keys .btn >> nth=0",
)
LANGUAGES = ("en", "ar", "fr", "ru", "zh-hans")


def test_keys_picture_and_list_are_in_sight_in_every_language(site: Site, pages: Pages) -> None:
    with panel_today(site, 8, panellists=1, walk_ups=True) as panel:
        panel.world.open_panel()
        page = panel.console(pages)
        expect(page.locator("#list tbody tr")).to_have_count(9)
        for language in LANGUAGES:
            page.goto(f"{page.url.partition('?')[0]}?lang={language}")
            for width, height in SCREENS:
                page.set_viewport_size({"width": width, "height": height})
                assert hidden(page, width, height) == [], (language, width)


def hidden(page: Page, width: int, height: int) -> list[str]:
    """Return what is not wholly in sight, and what lies beyond the edge of the list."""
    found = []
    for selector in IN_SIGHT:
        box = page.locator(selector).first.bounding_box()
        assert box is not None, selector
        right, bottom = box["x"] + box["width"], box["y"] + box["height"]
        if box["x"] < 0 or box["y"] < 0 or right > width or bottom > height:
            found.append(selector)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("the page is wider than the screen")
    wide = page.locator("#list .table-wrap").evaluate("it => it.scrollWidth - it.clientWidth")
    return [*found, f"the list is {wide} pixels too wide"] if wide > 0 else found
