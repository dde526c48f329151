"""What each person in the room must see without scrolling, checked by its position on the page."""

from __future__ import annotations

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

PHONE, LAPTOP, WALL = (390, 844), (1366, 768), (1920, 1080)
LANGUAGES = ("en", "ar", "es", "fr", "ru", "zh-hans")
LONG = ("ar", "ru")
"""One language from right to left and one with long words, for tests in which two are enough."""

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
ROWS = {
    "en": "A permit must not depend on a trial,\nnor a shelter on what a project pays.",
    "ar": "لا يجوز أن يتوقف التصريح على محاكمة،\nولا المأوى على ما يدفعه مشروع ما لأحد.",
}
"""Two rows, as long as a captioner may write them."""


@pytest.fixture
def panel(site: Site) -> Iterator[Panel]:
    """An open panel with eight speakers and a panellist; the first speaker has the floor."""
    with panel_today(site, 8, panellists=1, walk_ups=True) as panel:
        panel.world.open_panel()
        panel.world.press(c.GiveFloor(panel.slots()[0]))
        yield panel


def test_keys_picture_and_list_on_the_console(panel: Panel, pages: Pages) -> None:
    page = panel.console(pages)
    expect(page.locator("#list tbody tr")).to_have_count(9)
    seen = [".floor__program", "#floor-head", ".floor hc-clock", "#keys", '[data-key="t"]']
    seen += ["#list-head", "#list tbody tr:first-child .keys .btn >> nth=0"]
    for language, size in screens(page, LAPTOP, WALL):
        assert out_of_sight(page, seen) == [], (language, size)
        wide = page.locator("#list .table-wrap").evaluate("it => it.scrollWidth - it.clientWidth")
        assert wide <= 0, f"keys lie {wide} pixels beyond the list: {language} {size}"


def test_clock_and_air_on_a_seat(panel: Panel, pages: Pages) -> None:
    page = pages.open()
    page.goto(panel.seat(0))
    air = page.locator("[data-air]")
    for language, size in screens(page, PHONE, LAPTOP, WALL):
        expect(air).to_be_visible()
        assert out_of_sight(page, ["[data-air]", "hc-clock"]) == [], (language, size)
        if size == PHONE:  # also after scrolling down
            page.mouse.wheel(0, 600)
            assert out_of_sight(page, ["[data-air]", "hc-clock"]) == [], language


def test_the_clock_of_somebody_with_a_long_name_on_a_phone(panel: Panel, pages: Pages) -> None:
    names = [speaker.person.name for speaker in panel.speakers]
    panel.world.press(c.EndFloor())
    panel.world.press(c.GiveFloor(panel.slots()[names.index(max(names, key=len))]))
    page = pages.open()
    page.goto(panel.seat(0))
    for language, size in screens(page, PHONE, languages=LONG):
        seen = [".seat__holder bdi", "hc-clock", ".clock__figures"]
        assert out_of_sight(page, seen) == [], (language, size)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, language


def test_lines_messages_and_acts_of_the_technician(panel: Panel, pages: Pages) -> None:
    page = pages.open()
    panel.sign_in(page, panel.staff(Role.TECHNICIAN))
    page.goto(panel.url("technician/"))
    seen = ["#air-head", "[data-hold]", "#seats-head", "[data-say]", "#notices-head"]
    seen += [".technician__side summary >> nth=0", ".technician__side summary >> nth=1"]
    for language, size in screens(page, LAPTOP, WALL):
        assert out_of_sight(page, seen) == [], (language, size)


def test_microphone_clock_and_text_in_a_booth(panel: Panel, pages: Pages) -> None:
    page = pages.open()
    panel.sign_in(page, interpreter(panel))
    page.goto(panel.url("booth/fr/"))
    seen = ["hc-clock", ".booth__frame", '[data-output="A"]', '[data-key="f"]', '[data-key="w"]']
    for language, size in screens(page, LAPTOP, WALL):
        assert out_of_sight(page, seen) == [], (language, size)


def test_line_text_and_speaker_on_the_captioners_console(panel: Panel, pages: Pages) -> None:
    page = pages.open()
    panel.sign_in(page, panel.staff(Role.CAPTIONER))
    page.goto(panel.url("captioner/en/"))
    seen = ["#write-head", "[data-arrival]", "#line", "[data-form] .btn--primary", "[data-correct]"]
    beside = ["#text-head", "[data-send-offered]", "hc-clock", '[data-show="holder.name"]']
    for language, size in screens(page, PHONE, LAPTOP, WALL):
        wanted = seen + beside * (size != PHONE)
        assert out_of_sight(page, wanted) == [], (language, size)


def test_clock_air_and_raised_hand_of_a_panellist(panel: Panel, pages: Pages) -> None:
    world = panel.world
    member = world.panels[0].members.get(role=Role.PANELLIST)
    member.person = panel.staff(Role.PANELLIST)
    member.save()
    world.press(c.EndFloor())
    world.press(c.GiveFloor(member.id.hex))
    page = pages.open()
    panel.sign_in(page, member.person)
    page.goto(panel.url("seat/"))
    for language, size in screens(page, PHONE, LAPTOP, WALL):
        assert out_of_sight(page, ["[data-air]", "hc-clock"]) == [], (language, size)

    world.press(c.EndFloor())
    hand = '[data-when="may_raise_hand"]'
    for language, size in screens(page, PHONE, LAPTOP, WALL, languages=LONG):
        assert out_of_sight(page, [f"{hand} [value=ready]"]) == [], (language, size)
    page.locator(f"{hand} [value=ready]").click()
    for width, height in (PHONE, LAPTOP, WALL):  # no `screens`: loading lowers the hand
        page.set_viewport_size({"width": width, "height": height})
        assert out_of_sight(page, [f"{hand} [value=not-ready]"]) == [], (width, height)
    console = panel.console(pages)
    for language, size in screens(console, LAPTOP, WALL, languages=LONG):
        assert out_of_sight(console, [f"#hand-{member.id.hex}"]) == [], (language, size)


@pytest.mark.parametrize("where", ["seat", "hall", "booth"])
def test_captions_can_be_read(panel: Panel, pages: Pages, where: str) -> None:
    page = pages.open()
    page.add_init_script(HEARD)
    if where == "seat":
        page.goto(panel.seat(1))  # the next speaker, whose page has the key "I am ready"
    elif where == "hall":
        panel.sign_in(page, panel.world.moderator)
        page.goto(panel.url("hall/"))
    else:
        panel.sign_in(page, interpreter(panel))
        page.goto(panel.url("booth/fr/"))
    place = page.locator("[data-caption-rows]")
    for language, size in screens(page, PHONE, LAPTOP, WALL, languages=("en", "ar")):
        page.locator("[data-captions]").select_option(language)
        page.evaluate(SAID, [language, ROWS[language]])
        expect(place.locator("span")).to_have_count(2)
        assert unreadable(place) == [], (language, size)
        if where == "hall" and size != PHONE:  # without a picture, names are above the rows
            for word in ("hall__name", "hall__org"):
                shown = page.locator(f".{word} bdi").filter(visible=True).first
                assert unreadable(shown) == [], (language, size)


def test_name_and_clock_in_the_hall(panel: Panel, pages: Pages) -> None:
    page = pages.open()
    panel.sign_in(page, panel.world.moderator)
    page.goto(panel.url("hall/"))
    for language, size in screens(page, LAPTOP, WALL):
        assert out_of_sight(page, ['[data-show="holder.name"]', "hc-clock"]) == [], (language, size)


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
    page: Page, *sizes: tuple[int, int], languages: Iterable[str] = LANGUAGES
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Show the page in each language on each screen, and yield the language and the size."""
    for language in languages:
        page.goto(f"{page.url.partition('?')[0]}?lang={language}")
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            yield language, (width, height)


def out_of_sight(page: Page, selectors: list[str]) -> list[str]:
    """Return the elements that are not wholly on the screen."""
    found = []
    size = page.viewport_size
    assert size is not None
    for selector in selectors:
        shown = page.locator(selector).filter(visible=True).first
        expect(shown, f"{selector} is shown").to_be_visible()  # scripts show some of them later
        box = shown.bounding_box()
        assert box is not None, selector
        right, bottom = box["x"] + box["width"], box["y"] + box["height"]
        if box["x"] < 0 or box["y"] < 0 or right > size["width"] or bottom > size["height"]:
            found.append(f"{selector} at {box}")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("the page is wider than the screen")
    return found
