"""The menu of languages: by keyboard, without scripts, on a phone, and without its fonts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.support.axe import barriers
from tests.support.lists import reference_world

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WITHIN = """menu => {
  const box = menu.getBoundingClientRect();
  return box.left >= 0 && box.right <= innerWidth;
}"""


def opened(pages: Pages, site: Site, width: int, language: str, **options: bool) -> Page:
    size = {"width": width, "height": 800}
    page = pages.open(base_url=site.url, locale=language, viewport=size, **options)
    page.goto("/sign-in/")
    return page


def test_by_keyboard_and_back(site: Site, pages: Pages) -> None:
    page = opened(pages, site, 1366, "en")
    summary, first = page.locator(".languages summary"), page.get_by_role("button", name="العربية")
    summary.focus()
    page.keyboard.press("Enter")
    expect(first).to_be_visible()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1).click()
    expect(first).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator(".languages summary")).to_contain_text("中文")


@pytest.mark.parametrize(("width", "language"), [(320, "ru"), (390, "ar"), (1366, "fr")])
def test_it_fits_and_has_no_barrier(site: Site, pages: Pages, width: int, language: str) -> None:
    page = opened(pages, site, width, language)
    page.locator(".languages summary").click()
    buttons = page.locator(".languages button")
    expect(buttons).to_have_text([name for _code, name in settings.LANGUAGES])
    assert buttons.evaluate_all("all => all.map(one => one.lang)") == list(dict(settings.LANGUAGES))
    expect(page.locator(".languages [aria-current=true]")).to_have_attribute("lang", language)
    assert page.locator(".languages form").evaluate(WITHIN)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_it_fits_in_the_office_on_a_phone(site: Site, pages: Pages, language: str) -> None:
    size = {"width": 390, "height": 800}
    page = pages.open(base_url=site.url, locale=language, viewport=size)
    with reference_world() as world:
        session = world.client().cookies["hemicycle"].value
        page.context.add_cookies([{"name": "hemicycle", "value": session, "url": site.url}])
        page.goto(f"/office/{world.hearing.slug}/")
        page.locator(".languages summary").click()
        assert page.locator(".languages form").evaluate(WITHIN)


def test_without_scripts(site: Site, pages: Pages) -> None:
    page = opened(pages, site, 390, "en", java_script_enabled=False)
    page.locator(".languages summary").click()
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_the_names_load_no_font(site: Site, pages: Pages) -> None:
    page = pages.open(base_url=site.url, locale="en")
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/sign-in/")
    page.locator(".languages summary").click()
    page.wait_for_load_state("networkidle")
    fonts = sorted(url.rpartition("/")[2] for url in asked if "fonts/" in url)
    assert fonts
    assert all(name.startswith("noto-sans-latin-") for name in fonts), fonts
