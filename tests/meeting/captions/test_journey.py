"""Captions, written by keyboard alone in a real browser; a stand-in for the engine reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from hemicycle.engine.control import passes
from hemicycle.hearing.people.actions import appoint, staff_member
from hemicycle.hearing.people.models import Role
from hemicycle.procedure import commands as c
from tests.meeting.captions.test_views import hand_in
from tests.support.axe import barriers
from tests.support.browser import Pages
from tests.support.panel import Panel, panel_today
from tests.support.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "Madam President, thank you. We ask for shelters.\n\nWe ask for interpreters."


class Engine:
    """A stand-in for the media engine: reads passes and lines as it does, and can refuse them."""

    def __init__(self, page: Page, hearing: str) -> None:
        self.lines: list[dict[str, Any]] = []
        self.passes: list[passes.Pass] = []
        self.refusal = ""
        page.route(f"**/media/captions/{hearing}", self._take)

    def _take(self, route: Route) -> None:
        token = route.request.headers["authorization"].removeprefix("Bearer ")
        given = passes.read(token, settings.MEDIA_ENGINE.secret)
        assert given.id not in [used.id for used in self.passes], "a pass opens one connection"
        self.passes.append(given)
        if self.refusal:
            return route.fulfill(status=503, json={"error": self.refusal})
        self.lines.append(json.loads(route.request.post_data or ""))
        return route.fulfill(json={})

    @property
    def texts(self) -> list[str]:
        """The texts of the lines that have arrived."""
        return [line["text"] for line in self.lines]


@pytest.fixture
def panel(transactional_db: None, site: Site) -> Iterator[Panel]:
    with panel_today(site, speakers=2) as panel:
        yield panel


@pytest.fixture
def console(panel: Panel, site: Site, pages: Pages) -> Page:
    pages.allow("/media/whep/")  # no engine runs beside this site
    world = panel.world
    person = staff_member(name="Cap Tioner", email="captions@hearing.example")
    appoint(person=person, hearing_id=world.hearing.id, role=Role.CAPTIONER, actor=world.office)
    world.client(person)
    page = pages.open(base_url=site.url, viewport={"width": 1366, "height": 768})
    key = Session.objects.latest("expire_date").session_key
    page.context.add_cookies([{"name": "hemicycle", "value": key, "url": site.url}])
    return page


def test_captions_are_written_corrected_and_taken_from_the_statement(
    panel: Panel, console: Page
) -> None:
    world = panel.world
    for speaker in panel.speakers:
        hand_in(speaker, world, TEXT)
    world.open_panel()
    engine = Engine(console, world.hearing.id.hex)
    console.goto(f"/h/{world.hearing.slug}/captioner/en/")
    expect(console.get_by_label("The next line")).to_be_focused()

    forms = console.get_by_role("textbox", name="Short forms")
    forms.fill("tip = trafficking in persons\nnonsense")
    expect(console.get_by_text("Line 2 could not be read")).to_be_visible()
    console.get_by_label("The next line").click()
    console.keyboard.type("Tip, and what follows from tip")
    console.keyboard.press("Enter")
    sent = console.get_by_role("log").locator("[data-state=sent]")
    expect(sent).to_have_count(1)
    assert engine.texts == ["Trafficking in persons, and what follows from trafficking in persons"]

    console.keyboard.press("F2")
    console.keyboard.press("Control+a")
    console.keyboard.type("Trafficking in persons.")
    console.keyboard.press("Enter")
    expect(sent).to_have_count(2)
    expect(sent.first).to_have_attribute("data-corrected", "corrected")
    assert engine.texts[1:] == ["Trafficking in persons."]
    assert engine.lines[1]["start_ms"] == engine.lines[0]["start_ms"]

    world.press(c.GiveFloor())
    offered = console.get_by_text("We ask for shelters.")
    expect(offered).to_have_attribute("aria-current", "true")
    for _time in range(2):
        console.keyboard.press("Enter")
    expect(console.get_by_text("All of its lines have been sent.")).to_be_visible()
    console.keyboard.press("ArrowUp")
    console.keyboard.press("F4")
    console.keyboard.type(" Please.")
    console.keyboard.press("Enter")
    expect(sent).to_have_count(5)
    assert engine.texts[2:] == [
        "Madam President, thank you. We ask for shelters.",
        "We ask for interpreters.",
        "We ask for interpreters. Please.",
    ]
    told = {(used.use, used.role, used.booth) for used in engine.passes}
    assert told == {("captions", "captioner", "en")}
    assert barriers(console) == []


def test_a_line_that_cannot_be_sent_is_tried_again_in_order(
    panel: Panel, console: Page, pages: Pages
) -> None:
    pages.allow("/media/captions/")
    engine = Engine(console, panel.world.hearing.id.hex)
    engine.refusal = "The hearing is not on the air."
    console.goto(f"/h/{panel.world.hearing.slug}/captioner/en/")
    for text in ("One.", "Two."):
        console.keyboard.type(text)
        console.keyboard.press("Enter")
    expect(console.get_by_text("not sent; trying again")).to_be_visible()
    expect(console.get_by_text("The hearing is not on the air.")).to_be_visible()
    engine.refusal = ""
    expect(console.locator("[data-arrival-word]")).to_have_text("sent")
    shapes = console.locator("[data-arrival] [data-shape]:visible")  # the icon shows the same state
    expect(shapes).to_have_count(1)
    expect(shapes).to_have_attribute("data-shape", "sent")
    assert engine.texts == ["One.", "Two."]


def test_short_forms_stay_in_the_browser(panel: Panel, console: Page) -> None:
    Engine(console, panel.world.hearing.id.hex)
    address = f"/h/{panel.world.hearing.slug}/captioner/en/"
    console.goto(address)
    console.get_by_role("textbox", name="Short forms").fill("un = United Nations")
    console.goto(address)
    expect(console.get_by_role("textbox", name="Short forms")).to_have_value("un = United Nations")
    expect(console.get_by_text("1 short form")).to_be_visible()
