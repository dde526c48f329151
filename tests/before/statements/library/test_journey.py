"""The public finds and reads a statement in a real browser, on accessible pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from hemicycle.before.statements import actions
from tests.before.statements.library.libraries import FilledLibrary, filled_library
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def library(transactional_db: None) -> Iterator[FilledLibrary]:
    with filled_library() as library:
        yield library


def test_a_reader_finds_a_statement_and_it_can_be_taken_back(
    library: FilledLibrary, site: Site, pages: Pages
) -> None:
    page = pages.open(base_url=site.url, viewport={"width": 390, "height": 844}, locale="ar")
    page.goto(f"/h/{library.world.hearing.slug}/statements/")
    page.locator("input[name=q]").fill("نساء")
    page.locator("input[name=q]").press("Enter")
    expect(page.locator(".library__item")).to_have_count(1)
    expect(page.locator("mark")).to_have_text("النساء")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="دار الأمان").click()
    expect(page.locator("article")).to_have_attribute("lang", "ar")
    assert barriers(page) == []
    page.go_back()
    page.locator(".library__filters > summary").click()
    for name, value, number in (("language", "fr", 0), ("language", "ar", 1), ("panel", "", 1)):
        choice = page.locator(f"select[name={name}]")
        choice.select_option(value) if value else choice.select_option(index=1)
        page.locator("input[name=q]").press("Enter")
        expect(page.locator(".library__item")).to_have_count(number)
    assert barriers(page) == []  # with filters and a mark
    address = page.get_by_role("link", name="دار الأمان").get_attribute("href") or ""
    page.get_by_role("link", name="دار الأمان").click()
    statement = library.statements["دار الأمان"]
    actions.set_consent(statement=statement, publish=False, actor=library.world.office)
    pages.allow("410 ")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("لم يعد هذا البيان متاحاً للجمهور")
    assert barriers(page) == []
    slug = library.world.hearing.slug
    page.goto(f"/h/{slug}/statements/?q=نساء")
    expect(page.locator(".library__item")).to_have_count(0)
    for where in ("statements/", "statements/list.csv", "statements/sitemap.xml", "live/"):
        assert address not in page.request.get(f"{site.url}/h/{slug}/{where}").text()
