"""From a letter's own text to the addressees on its list, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from hemicycle.mail.outgoing.delivery.mail import as_html
from hemicycle.mail.outgoing.models import Message, Wording
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.lists import World, office_page, reference_world
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 390, "height": 844}
TABLE = (
    "name,organization,email,language\n"
    "Ana Ruiz,Casa Abierta,ana@example.org,en\n"
    "ليلى حداد,دار الأمان,layla@example.org,ar\n"
    "Nobody,Nowhere,not an address,en\n"
)


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    with reference_world() as world:
        yield world


def test_from_the_words_of_a_letter_to_who_got_it(world: World, site: Site, pages: Pages) -> None:
    office = office_page(world, site, pages)
    _words(world, office, pages)
    _list(world, office)
    office.goto(f"/office/{world.hearing.slug}/letters/to-lists/")
    office.get_by_label("Letter", exact=True).select_option("invitation")
    office.get_by_label("To", exact=True).select_option(label="Those we invite")
    office.get_by_role("button", name="Preview").press("Enter")
    expect(office.get_by_text("You are asked to come, Ana Ruiz.")).to_be_visible()
    expect(office.get_by_role("heading", name="1 letter")).to_have_count(2)
    assert barriers(office) == []
    assert Message.objects.count() == 0  # a preview sends nothing
    office.get_by_role("button", name="Send 2 letters").press("Enter")
    expect(office.get_by_role("button", name="Send 2 letters")).to_have_count(0)
    assert barriers(office) == []
    office.get_by_role("link", name="Who got it and when").press("Enter")
    for address in ("ana@example.org", "layla@example.org"):
        expect(office.get_by_text(address)).to_be_visible()
    assert barriers(office) == []
    sent = Message.objects.order_by("address").values_list("address", "language")
    assert list(sent) == [("ana@example.org", "en"), ("layla@example.org", "ar")]
    own = Message.objects.get(address="ana@example.org")
    assert own.subject == "An invitation from the President"
    assert own.enclosures.count() == 4  # letter, concept note twice, calendar
    office.goto(f"/office/{world.hearing.slug}/outbox/{own.pk}/")
    expect(office.get_by_text("You are asked to come, Ana Ruiz.")).to_be_visible()
    assert barriers(office) == []
    own.body += "\n\n" + 32 * "a1"  # a long key, which must wrap
    phone = pages.open(viewport=PHONE)
    phone.set_content(as_html(own, world.hearing))
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _words(world: World, office: Page, pages: Pages) -> None:
    """Enter a text with an unknown field, which is refused but not lost; then preview and save."""
    office.goto(f"/office/{world.hearing.slug}/letters/text/invitation/en/")
    office.get_by_label("Subject").fill("An invitation from the President")
    text = office.get_by_label("Text", exact=True)
    whole = "You are asked to come, {nme}.\n\n{link}"
    text.fill(whole)
    pages.allow("422 ")
    office.get_by_role("button", name="Save").press("Enter")
    expect(office.get_by_text("{nme} is not a field of this letter").first).to_be_visible()
    expect(text).to_have_value(whole)
    assert barriers(office) == []
    assert Wording.objects.count() == 0
    text.fill(whole.replace("{nme}", "{name}"))
    office.get_by_role("button", name="Preview").press("Enter")
    shown = office.get_by_role("region", name="Preview")
    expect(shown.get_by_text("You are asked to come,")).to_be_visible()
    assert Wording.objects.count() == 0
    office.get_by_role("button", name="Save").press("Enter")
    expect(office.get_by_role("button", name="Restore the built-in text")).to_be_visible()
    assert Wording.objects.count() == 1


def _list(world: World, office: Page) -> None:
    """Create a list and fill it from a table in which one line has no valid address."""
    office.goto(f"/office/{world.hearing.slug}/letters/lists/")
    office.get_by_label("Name of the list").fill("Those we invite")
    office.get_by_role("button", name="Create the list").press("Enter")
    office.locator("input[type=file]").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    )
    office.get_by_role("button", name="Read the table").press("Enter")
    expect(office.get_by_role("heading", name="Cannot be imported")).to_be_visible()
    assert barriers(office) == []
    office.get_by_role("button", name="Import 2 lines").press("Enter")
    expect(office.get_by_text("layla@example.org")).to_be_visible()
    assert barriers(office) == []
