"""The browser that journeys use notices what goes wrong in a page."""

import asyncio

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection
from playwright.sync_api import Browser, Page

from tests.support import axe
from tests.support.browser import Pages, without_loop
from tests.support.site import Site


def trouble(browser: Browser, site: Site, path: str, script: str = "") -> list[str]:
    """Return the troubles that were noted while a page was opened and a script ran in it."""
    pages = Pages(browser)
    page = pages.open(base_url=site.url)
    page.goto(path)
    if script:
        page.evaluate(script)
        page.wait_for_timeout(200)
    if pages.troubles:
        with pytest.raises(AssertionError):
            pages.close()
    else:
        pages.close()
    return pages.troubles


def test_a_page_without_trouble_passes(browser: Browser, site: Site) -> None:
    assert trouble(browser, site, "/time") == []


def test_a_failed_request_is_noted(browser: Browser, site: Site) -> None:
    assert trouble(browser, site, "/no-such-page") == [f"404 GET {site.url}/no-such-page"]


def test_an_error_on_the_console_is_noted(browser: Browser, site: Site) -> None:
    assert trouble(browser, site, "/time", "console.error('out of order')") == [
        "console: out of order"
    ]


def test_an_uncaught_exception_is_noted(browser: Browser, site: Site) -> None:
    script = "setTimeout(() => { throw new Error('late') })"
    assert trouble(browser, site, "/time", script) == ["exception: late"]


def test_what_the_security_policy_blocks_is_noted(browser: Browser, site: Site) -> None:
    pages = Pages(browser)
    pages.allow("404 ")
    page = pages.open(base_url=site.url)
    page.goto("/no-such-page")
    page.evaluate("document.body.append(document.createElement('style'))")
    page.evaluate("document.querySelector('style').textContent = 'body {color: red}'")
    with pytest.raises(AssertionError, match="Content Security Policy"):
        pages.close()


def test_an_expected_failure_passes(pages: Pages, page: Page) -> None:
    pages.allow("404 ")
    response = page.goto("/no-such-page")
    assert response is not None
    assert response.status == 404


def test_barriers_are_found(pages: Pages) -> None:
    page = pages.open()
    page.set_content("<html lang=en><title>Page</title><input><img src='data:,'></html>")
    assert [barrier.partition(":")[0] for barrier in axe.barriers(page)] == ["image-alt", "label"]


def test_what_drives_no_browser_sees_no_event_loop(page: Page) -> None:
    async def answer() -> bool:
        with pytest.raises(SynchronousOnlyOperation):
            connection.ensure_connection()
        return True

    playwrights = asyncio.get_running_loop()
    with without_loop():
        assert asyncio.run(answer())
    assert asyncio.get_running_loop() is playwrights
    page.goto("/time")
    assert page.inner_text("body").isdecimal()
