"""The secretariat moves speakers in a real browser, and a phone shows the public list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, office_page, reference_world
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def filled(transactional_db: None) -> Iterator[World]:
    with reference_world() as world:
        for name in "ABCD":
            world.ngo(f"Ngo {name}", 0, question=f"Who pays, asks {name}?")
        yield world


@pytest.fixture
def office(filled: World, site: Site, pages: Pages) -> Page:
    return office_page(filled, site, pages)


def order(page: Page) -> list[str]:
    return page.locator("[data-lists] tbody strong").all_inner_texts()


def row(page: Page, name: str) -> Locator:
    return page.locator(f'tr:has(strong > bdi:text-is("{name}"))')


def test_moves_by_arrow_and_by_dragging(filled: World, office: Page) -> None:
    office.goto(f"/office/{filled.hearing.slug}/lists/{filled.panels[0].pk}/")
    assert order(office) == ["Ngo A", "Ngo B", "Ngo C", "Ngo D"]
    office.get_by_role("link", name="Move Ngo B up").press("Enter")
    office.get_by_label("Reason", exact=True).fill("Has a flight")
    office.get_by_label("Reason", exact=True).press("Enter")
    expect(office.get_by_text("Ngo B has been moved.")).to_be_visible()
    assert order(office) == ["Ngo B", "Ngo A", "Ngo C", "Ngo D"]

    row(office, "Ngo D").drag_to(row(office, "Ngo A"))
    expect(office.get_by_label("Reason", exact=True)).to_be_focused()
    office.keyboard.type("Speaks for both")
    office.keyboard.press("Enter")
    expect(office.get_by_text("Ngo D has been moved.")).to_be_visible()
    assert order(office) == ["Ngo B", "Ngo D", "Ngo A", "Ngo C"]


def test_a_phone_shows_the_public_list_whole(filled: World, site: Site, pages: Pages) -> None:
    """The page is in Russian, whose words are the longest; no table is wider than its frame."""
    filled.mission("Permanent Mission of the Republic of Example", 0, consents_to_list="on")
    filled.hearing.public_list = True
    filled.hearing.save(update_fields=["public_list"])
    phone = pages.open(base_url=site.url, locale="ru", viewport={"width": 390, "height": 844})
    phone.goto(f"/h/{filled.hearing.slug}/speakers/")
    frame = phone.locator(".table-wrap").first
    expect(frame.locator("tbody tr")).to_have_count(5)
    assert frame.evaluate("it => it.scrollWidth - it.clientWidth") <= 0
    assert barriers(phone) == []
