"""One browser has more windows of a meeting open than it allows connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.panel import panel_today

if TYPE_CHECKING:
    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = pytest.mark.browser
WINDOWS = 8


def test_more_windows_than_a_browser_has_connections_all_follow(site: Site, pages: Pages) -> None:
    pages.allow("/media/")  # sound and picture are unavailable
    with panel_today(site) as panel:
        console = panel.console(pages)
        others = [console.context.new_page() for _ in range(WINDOWS)]
        for page in others:
            page.goto(panel.url("hall/"))
        for page in others:
            expect(page.locator("hc-link")).to_have_attribute("data-state", "live")
        console.keyboard.press("o")
        for page in others:
            expect(page.get_by_text("Between two items")).to_be_visible()
