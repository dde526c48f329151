"""From a note to a public page in a real browser: how a secretariat begins."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import actions
from hemicycle.record.writer import Actor
from tests.hearing.setup.conftest import REFERENCE
from tests.hearing.setup.views.test_convene import NOTE
from tests.support.browser import Pages
from tests.support.site import Site

SYSTEM = Actor.system("test")


@pytest.mark.browser
@pytest.mark.usefixtures("worker_threads")
def test_a_note_becomes_a_public_hearing(page: Page, tmp_path: Path) -> None:
    hearing = actions.convene(REFERENCE, publish=True)
    person = parties.staff_member(name="Secretariat", email="office@hearing.example")
    parties.appoint(person=person, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=SYSTEM)
    note = tmp_path / "note.md"
    note.write_text(NOTE)

    page.goto(parties.issue_link(person=person, next_url="/office/", actor=SYSTEM))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Convene a hearing").click()
    page.get_by_label("Concept note").set_input_files(note)
    page.get_by_role("button", name="Read the note").click()
    expect(
        page.get_by_text("Interventions from the floor are limited to two minutes.")
    ).to_be_visible()
    page.get_by_label("Short address").fill("rivers")
    page.get_by_role("button", name="Save the draft").click()

    expect(page.get_by_role("heading", name=re.compile("clean rivers"))).to_be_visible()
    page.get_by_role("link", name="Publish", exact=True).click()
    expect(page.get_by_role("heading", name="Look at this first")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The hearing has been published.")).to_be_visible()
    page.get_by_role("link", name="Public page").click()
    expect(page).to_have_url(re.compile("/h/rivers/$"))
    expect(page.get_by_role("heading", name="Rivers and those who live by them")).to_be_visible()

    page.locator(".languages summary").click()
    page.get_by_role("button", name="العربية").click()
    expect(page.get_by_role("heading", name="ثلاث طرق للمشاركة")).to_be_visible()
    assert page.evaluate("document.documentElement.dir") == "rtl"
    for width in (390, 1366, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def officer_at(page: Page, part: str) -> str:
    """Convene a hearing; open a part of its programme as the secretariat. Return the slug."""
    hearing = actions.convene(REFERENCE, publish=True)
    person = parties.staff_member(name="Secretariat", email="office@hearing.example")
    parties.appoint(person=person, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=SYSTEM)
    office = f"/office/{hearing.slug}/programme/{part}/"
    page.goto(parties.issue_link(person=person, next_url=office, actor=SYSTEM))
    page.get_by_role("button", name="Sign in").click()
    return hearing.slug


@pytest.mark.browser
def test_a_hearing_is_edited_without_scripts(pages: Pages, site: Site) -> None:
    page = pages.open(base_url=site.url, java_script_enabled=False)
    slug = officer_at(page, "questions")
    page.get_by_role("button", name="Add a question").click()
    page.locator("textarea").last.fill("What next?")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"/h/{slug}/")
    expect(page.get_by_text("What next?")).to_be_visible()


@pytest.mark.browser
def test_segments_are_moved_by_keys_and_by_dragging(page: Page) -> None:
    officer_at(page, "meetings")
    segments = "meetings-meetings-0-segments"

    def title(place: int) -> Locator:
        return page.locator(f'[name="{segments}-{place}-title"]')

    def handle(place: int) -> Locator:
        return page.locator(f"#{segments}-{place} > .nested-row__moves [data-handle]")

    page.set_viewport_size({"width": 1366, "height": 1800})  # a drag does not scroll the page
    first, second = (title(place).input_value() for place in range(2))
    title(1).press("Alt+ArrowUp")
    expect(title(0)).to_have_value(second)
    expect(title(1)).to_have_value(first)
    expect(page.locator(f"#{segments}-0-down")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(title(0)).to_have_value(first)
    expect(page.locator(f"#{segments}-1-up")).to_be_focused()
    handle(1).drag_to(handle(0))
    expect(title(0)).to_have_value(second)
    expect(title(1)).to_have_value(first)
    page.goto(page.url)  # nothing was saved
    expect(title(0)).to_have_value(first)
