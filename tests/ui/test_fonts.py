"""The fonts that draw a page's text, as Chromium reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Pages
    from tests.ui.lab import Lab

pytestmark = pytest.mark.browser

STYLES = "".join(
    f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in ("tokens", "fonts", "base")
)
WORDS = "Panel 1: Слушания по вопросу 2026 года"


def families(page: Page, selector: str) -> set[str]:
    """Return the families of the fonts that draw an element's text."""
    page.evaluate("document.fonts.ready.then(() => true)")
    cdp = page.context.new_cdp_session(page)
    cdp.send("DOM.enable")
    cdp.send("CSS.enable")
    root = cdp.send("DOM.getDocument")["root"]["nodeId"]
    node = cdp.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    found = cdp.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {font["familyName"] for font in found}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_bold_words_of_two_scripts_are_drawn_by_one_family(
    lab: Lab, pages: Pages, language: str
) -> None:
    page = pages.open()
    page.goto(lab.page(f"{STYLES}<h1>{WORDS}</h1><p>{WORDS}</p>", language=language))
    assert {name.removesuffix(" Bold") for name in families(page, "h1")} == {"Noto Sans"}
    assert families(page, "p") == {"Noto Sans"}
