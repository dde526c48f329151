"""The interpreters' console in real browsers with a running engine, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from hemicycle.before.registration.access import actor_of
from hemicycle.before.speakers import panel_rules
from hemicycle.before.speakers.queries import slots_for_floor
from hemicycle.before.statements import actions as statements
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from tests.support import database
from tests.support.axe import barriers
from tests.support.browser import WITHIN_MS as BROWSER_MS
from tests.support.browser import Pages
from tests.support.site import Site

if TYPE_CHECKING:
    from hemicycle.hearing.people.models import Person
    from tests.support.panel import Panel

pytestmark = [pytest.mark.real_time, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WITHIN_MS = 20_000
SPEECH = "\n\n".join(
    f"{word} we call for shelters near every border." for word in ("First", "Then")
)


class WholeSite(Site):
    """A site that runs its pages, its tasks and the media engine."""

    command = "up"


@pytest.fixture
def panel(transactional_db: None, tmp_path: Path) -> Iterator[Panel]:
    """A panel of today on a running site; the first speaker has submitted a text."""
    from tests.support.panel import panel_today

    site = WholeSite(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    with panel_today(site, 2, languages=["en", "fr", "ar"]) as panel:
        first = panel.speakers[0]
        statements.hand_in(
            registration=first,
            inscription=panel.world.inscription(first),
            file_name="speech.txt",
            data=SPEECH.encode(),
            by=first.person,
            actor=actor_of(first),
        )
        site.start()
        expect.set_options(timeout=WITHIN_MS)
        try:
            yield panel
        finally:
            expect.set_options(timeout=BROWSER_MS)
            site.stop()
    site.check_log()


def open_booth(panel: Panel, pages: Pages, person: Person, booth: str, **options: Any) -> Page:
    """Open an interpreter's console by keyboard."""
    page = pages.open(viewport={"width": 1366, "height": 768}, **options)
    panel.sign_in(page, person)
    page.goto(panel.url(f"booth/{booth}/"))
    if page.locator("[data-do=open]").is_visible():
        page.keyboard.press("Enter")
    expect(shown(page)).to_have_attribute("data-value", "off")
    return page


def shown(page: Page) -> Locator:
    """Return the visible state of the microphone."""
    return page.locator(".booth__air .air__state:visible")


def tells(page: Page, value: str) -> None:
    expect(shown(page)).to_have_attribute("data-value", value)


def test_two_booths_at_work(panel: Panel, pages: Pages) -> None:
    from tests.meeting.interpretation.booth_world import assign

    people = {name: assign(panel.world, name).person for name in ("Ada", "Bea")}
    dan = assign(panel.world, "Dan", "en").person
    pages.allow("409 ")  # the engine refuses one press
    ada = open_booth(panel, pages, people["Ada"], "fr")
    bea = open_booth(panel, pages, people["Bea"], "fr", locale="ar")
    english = open_booth(panel, pages, dan, "en")
    assert barriers(ada) == []
    assert barriers(bea) == []
    assert bea.locator("html").get_attribute("dir") == "rtl"
    assert not bea.evaluate("document.documentElement.scrollWidth > innerWidth")
    _picture_and_keys_in_sight(ada)
    _one_microphone(ada, bea)
    _relay(ada, english)
    _signals_and_words(ada, bea, english)
    _handover(ada, bea)
    _text(panel, ada)
    assert barriers(ada) == []


def _picture_and_keys_in_sight(page: Page) -> None:
    frame = page.locator(".booth__frame").bounding_box()
    assert frame is not None
    assert frame["width"] >= 640
    for key in (shown(page), page.locator(".booth__mic"), page.locator(".booth__cough")):
        expect(key).to_be_in_viewport(ratio=1)


def _one_microphone(ada: Page, bea: Page) -> None:
    ada.keyboard.press("m")
    tells(ada, "on")
    tells(bea, "partner")
    ada.keyboard.down("c")
    tells(ada, "cough")
    ada.keyboard.up("c")
    tells(ada, "on")
    bea.keyboard.press("m")
    said = bea.locator("[data-show=said]")
    expect(said).not_to_be_empty()
    tells(bea, "partner")


def _relay(ada: Page, english: Page) -> None:
    channel, heard = ada.locator("[data-incoming=en]"), ada.locator("[data-show=incoming]")
    expect(channel).to_contain_text("silent")
    english.keyboard.press("m")
    tells(english, "on")
    expect(channel).to_contain_text("relay")
    ada.keyboard.press(str(channel.get_attribute("data-key")))
    expect(heard).to_have_text("You are hearing English (relay).")
    english.keyboard.press("m")
    expect(heard).to_contain_text("You are hearing the floor")
    english.keyboard.press("m")
    expect(heard).to_have_text("You are hearing English (relay).")


def _signals_and_words(ada: Page, bea: Page, english: Page) -> None:
    ada.keyboard.press("s")
    said = english.locator("[data-show=said]")
    expect(said).to_have_text("The booth asks the speaker to slow down: French.")
    ada.keyboard.press("w")
    ada.keyboard.type("Your turn soon?")
    ada.keyboard.press("Enter")
    ada.keyboard.press("Escape")
    for page in (ada, bea):
        expect(page.locator("[data-messages]")).to_contain_text("Your turn soon?")
    assert "Your turn" not in english.locator("[data-messages]").inner_text()


def _handover(ada: Page, bea: Page) -> None:
    ada.keyboard.press("h")
    expect(bea.locator(".booth__offer")).to_be_visible()
    bea.keyboard.press("n")
    expect(ada.locator("[data-show=said]")).to_have_text("Bea has declined.")
    bea.keyboard.press("h")
    expect(ada.locator(".booth__offer")).to_contain_text("Bea asks for the microphone.")
    ada.keyboard.press("y")
    tells(ada, "partner")
    tells(bea, "on")
    bea.close()  # a closed page releases the microphone, and a reloaded page starts silent
    tells(ada, "off")
    ada.keyboard.press("m")
    tells(ada, "on")
    ada.reload()
    tells(ada, "off")
    ada.keyboard.press("m")
    tells(ada, "on")


def _text(panel: Panel, ada: Page) -> None:
    """Check that the text follows the floor, and that a mark in the text measures the pace."""
    world, segment = panel.world, panel_rules.panels(panel.world.hearing)[0]
    world.press(c.OpenMeeting(segment.meeting_id.hex))
    world.press(
        c.OpenSegment(
            segment=segment.id.hex,
            segment_kind="panel",
            ends_at=clock.now_ms() + 3_600_000,
            rules=panel_rules.floor_rules(world.hearing),
            slots=slots_for_floor(segment),
        )
    )
    expect(ada.locator("#text")).to_contain_text("First we call")
    expect(ada.locator("#text")).to_contain_text("confidential until delivered")
    world.press(c.GiveFloor())
    pace = ada.locator("[data-pace-said]")
    expect(pace).to_have_text("5 words a minute to finish in time · good")
    ada.keyboard.press("ArrowDown")
    ada.keyboard.press("ArrowDown")
    marked = ada.locator(".passage[aria-current]")
    expect(marked).to_contain_text("Then we call")
    expect(pace).to_contain_text("so far")
