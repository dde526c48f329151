"""What each person in the room must see without scrolling, checked by its position on the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from hemicycle.hearing.people.models import Role
from hemicycle.meeting.interpretation.actions import assign_new
from hemicycle.procedure import commands as c
from tests.support.in_sight import unreadable
from tests.support.panel import Panel, panel_today

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Page

    from hemicycle.hearing.people.models import Person
    from tests.support.browser import Pages
    from tests.support.site import Site

pytestmark = [pytest.mark.browser]

type Size = tuple[int, int]
PHONE, LAPTOP, WALL = (390, 844), (1366, 768), (1920, 1080)
LONG = ("ar", "ru")
"""One language from right to left and one with long words, which fit worst."""
LANGUAGES = [
    LONG,
    pytest.param(
        ("en", "es", "fr", "zh-hans"),
        marks=pytest.mark.test_all(
            "held",
            by="tests/meeting/room/test_in_sight.py::test_each_sees_what_their_work_needs",
        ),
    ),
]
LONGEST = 5
"""The speaker with the longest name."""

HEARD = """
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (kind, ...given) {
  if (kind === "caption") window.captions = this;
  return listen.call(this, kind, ...given);
};"""
"""A script that stores the page's source of captions: no engine runs beside these pages."""
SAID = """([language, text]) => window.captions.dispatchEvent(new CustomEvent("caption", {
  detail: { language, text, start_ms: Date.now(), end_ms: Date.now() + 60_000 },
}))"""
WIDER = "it => it.scrollWidth - it.clientWidth"
OUTSIDE = """(shown) => {
  const { left, top, right, bottom } = shown.getBoundingClientRect();
  const outside = left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
  return outside ? `${left}, ${top} to ${right}, ${bottom}` : "";
}"""
"""A script that returns where an element is if it is not wholly on the screen, or ""."""
ROWS = {
    "en": "A permit must not depend on a trial,\nnor a shelter on what a project pays.",
    "ar": "لا يجوز أن يتوقف التصريح على محاكمة،\nولا المأوى على ما يدفعه مشروع ما لأحد.",
}
"""Two rows, as long as a captioner may write them."""


@pytest.fixture
def panel(site: Site) -> Iterator[Panel]:
    """An open panel with eight speakers and a panellist; the longest name has the floor."""
    with panel_today(site, 8, panellists=1, walk_ups=True) as panel:
        panel.world.open_panel()
        panel.world.press(c.GiveFloor(panel.slots()[LONGEST]))
        yield panel


@pytest.mark.parametrize("languages", LANGUAGES, ids="-".join)
def test_each_sees_what_their_work_needs(
    panel: Panel, pages: Pages, languages: tuple[str, ...]
) -> None:
    air = ["[data-air]", "hc-clock"]
    held = [".seat__holder bdi", "hc-clock", ".clock__figures"]
    console = [".floor__program", "#floor-head", ".floor hc-clock", "#keys", '[data-key="t"]']
    console += ["#list-head", "#list tbody tr:first-child .keys .btn >> nth=0"]
    technician = ["#air-head", "[data-hold]", "#seats-head", "[data-say]", "#notices-head"]
    technician += [f".technician__side summary >> nth={number}" for number in (0, 1)]
    booth = ["hc-clock", ".booth__frame", '[data-output="A"]', '[data-key="f"]', '[data-key="w"]']
    line = ["#write-head", "[data-arrival]", "#line", "[data-form] .btn--primary", "[data-correct]"]
    beside = ["#text-head", "[data-send-offered]", "hc-clock", '[data-show="holder.name"]']
    moderator = panel.world.moderator
    hall = ['[data-show="holder.name"]', "hc-clock"]
    both, each = (LAPTOP, WALL), (PHONE, LAPTOP, WALL)
    looks: list[tuple[str, Person | None, dict[Size, list[str]]]] = [
        (panel.seat(LONGEST), None, dict.fromkeys(each, air)),
        (panel.seat(0), None, {PHONE: held}),
        (panel.url("console/"), moderator, dict.fromkeys(both, console)),
        (panel.url("technician/"), panel.staff(Role.TECHNICIAN), dict.fromkeys(both, technician)),
        (panel.url("booth/fr/"), interpreter(panel), dict.fromkeys(both, booth)),
        (
            panel.url("captioner/en/"),
            panel.staff(Role.CAPTIONER),
            {PHONE: line} | dict.fromkeys(both, line + beside),
        ),
        (panel.url("hall/"), moderator, dict.fromkeys(both, hall)),
    ]
    page = pages.open()
    for url, person, wanted in looks:
        if person:
            panel.sign_in(page, person)
        for language, size in screens(page, url, *wanted, languages=languages):
            seen = wanted[size]
            assert out_of_sight(page, seen) == [], (url, language, size)
            if seen is air and size == PHONE:
                page.mouse.wheel(0, 600)
                assert out_of_sight(page, seen) == [], f"scrolled down in {language}"
            if seen is console:
                expect(page.locator("#list tbody tr")).to_have_count(9)
                wide = page.locator("#list .table-wrap").evaluate(WIDER)
                assert wide <= 0, f"keys lie {wide} pixels beyond the list: {language} {size}"


@pytest.mark.parametrize("languages", LANGUAGES, ids="-".join)
def test_clock_air_and_raised_hand_of_a_panellist(
    panel: Panel, pages: Pages, languages: tuple[str, ...]
) -> None:
    world = panel.world
    member = world.panels[0].members.get(role=Role.PANELLIST)
    member.person = panel.staff(Role.PANELLIST)
    member.save()
    world.press(c.EndFloor())
    world.press(c.GiveFloor(member.id.hex))
    page = pages.open()
    panel.sign_in(page, member.person)
    seat = panel.url("seat/")
    for language, size in screens(page, seat, PHONE, LAPTOP, WALL, languages=languages):
        assert out_of_sight(page, ["[data-air]", "hc-clock"]) == [], (language, size)

    world.press(c.EndFloor())
    hand = '[data-when="may_raise_hand"]'
    for language, size in screens(page, seat, PHONE, LAPTOP, WALL, languages=languages):
        assert out_of_sight(page, [f"{hand} [value=ready]"]) == [], (language, size)
    page.locator(f"{hand} [value=ready]").click()
    for width, height in (WALL, LAPTOP, PHONE):  # no `screens`: loading lowers the hand
        page.set_viewport_size({"width": width, "height": height})
        assert out_of_sight(page, [f"{hand} [value=not-ready]"]) == [], (width, height)
    console = pages.open()
    panel.sign_in(console, world.moderator)
    for language, size in screens(
        console, panel.url("console/"), LAPTOP, WALL, languages=languages
    ):
        assert out_of_sight(console, [f"#hand-{member.id.hex}"]) == [], (language, size)


def test_captions_can_be_read(panel: Panel, pages: Pages) -> None:
    page = pages.open()
    page.add_init_script(HEARD)
    next_seat = panel.seat(0)  # its page has the key "I am ready"
    for url, person in (
        (next_seat, None),
        (panel.url("hall/"), panel.world.moderator),
        (panel.url("booth/fr/"), interpreter(panel)),
    ):
        if person:
            panel.sign_in(page, person)
        place = page.locator("[data-caption-rows]")
        for language, size in screens(page, url, PHONE, LAPTOP, WALL, languages=("en", "ar")):
            page.locator("[data-captions]").select_option(language)
            page.evaluate(SAID, [language, ROWS[language]])
            expect(place.locator("span")).to_have_count(2)
            assert unreadable(place) == [], (url, language, size)
            if "/hall/" in url and size != PHONE:  # without a picture, names are above the rows
                for word in ("hall__name", "hall__org"):
                    shown = page.locator(f".{word} bdi").filter(visible=True).first
                    assert unreadable(shown) == [], (language, size)


def interpreter(panel: Panel) -> Person:
    """Assign an interpreter to the French booth, and return the person."""
    given = assign_new(
        hearing=panel.world.hearing,
        language="fr",
        name="Inès Exemple",
        email="ines@hearing.example",
        actor=panel.world.office,
    )
    return given.person


def screens(
    page: Page, url: str, *sizes: Size, languages: Iterable[str]
) -> Iterator[tuple[str, Size]]:
    """Show a page in each language on each screen, and yield the language and the size."""
    for language in languages:
        page.goto(f"{url}?lang={language}")
        expect(page.locator("html")).to_have_attribute("lang", re.compile(language, re.IGNORECASE))
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            yield language, (width, height)


def out_of_sight(page: Page, selectors: list[str]) -> list[str]:
    """Return the elements that are not wholly on the screen."""
    found = []
    for selector in selectors:
        shown = page.locator(selector).filter(visible=True).first  # scripts show some of them later
        if outside := shown.evaluate(OUTSIDE):
            found.append(f"{selector} at {outside}")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("the page is wider than the screen")
    return found
