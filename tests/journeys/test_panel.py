"""A moderator runs a panel with ten speakers; a hall's screen, three phones and a viewer follow.

With the environment variable SHOTS set to a folder, each step saves a picture of every screen
there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from hemicycle.before.questions import actions as questions
from hemicycle.before.questions.models import Question
from hemicycle.before.registration import links
from hemicycle.hearing.setup.models import GuidingQuestion
from hemicycle.meeting.room import seats
from hemicycle.meeting.room.models import Screen
from hemicycle.meeting.room.screens import SILENT_AFTER
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from tests.support import axe
from tests.support.browser import Pages
from tests.support.site import Site
from tests.support.tones import until

if TYPE_CHECKING:
    from hemicycle.procedure.state import Floor
    from tests.support.panel import Panel

pytestmark = [pytest.mark.real_time, pytest.mark.browser]
PHONES = (0, 1, 3)
REJOIN_MS = 5_000
"""The shortest time, in ms, after which a seat's page takes its seat again."""
WAIT_S = 15.0
ELSEWHERE = "Your seat is open in another window."
SHOTS = os.environ.get("SHOTS", "")


def wait(page: Page, true: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; raise AssertionError with `what` if it does not."""
    over = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < over, what
        page.wait_for_timeout(50)


@dataclass
class Desk:
    """The moderator's console of a panel."""

    panel: Panel
    console: Page

    @property
    def floor(self) -> Floor:
        return floor(self.panel)

    def press(self, key: str) -> None:
        """Press a key of the console and wait until it has acted."""
        before = self.floor.act_seq
        self.console.keyboard.press(key)
        self.acted(before)

    def click(self, button: str, slot: str) -> None:
        """Press a button in a speaker's row."""
        before = self.floor.act_seq
        self.console.locator(f"#slot-{slot}").get_by_text(button, exact=True).click()
        self.acted(before)

    def acted(self, before: int) -> None:
        """Wait until the record has a newer act than `before`, and the console shows it."""
        wait(self.console, lambda: self.floor.act_seq != before, "the console did not act")
        expect(self.console.locator("#seen")).to_have_value(str(self.floor.act_seq))


@dataclass
class Room(Desk):
    """All screens of one panel: the console, a hall's screen, three phones and a viewer."""

    hall: Page
    phones: list[Page]
    viewer: Page
    steps: list[str] = field(default_factory=list)

    def speakers(self) -> list[str]:
        """Return the slots of the list of speakers, without panellists."""
        floor = self.floor
        return [slot for slot in floor.order if floor.slots[slot].role == "speaker"]

    def name(self, slot: str) -> str:
        """Return the name of the person who speaks from a slot."""
        return self.panel.speakers[self.panel.slots().index(slot)].person.name

    def phone(self, slot: str) -> int:
        """Return which of the phones is the seat of a slot."""
        return PHONES.index(self.panel.slots().index(slot))

    def holds(self, name: str) -> None:
        """Check that every screen shows this speaker as having the floor."""
        for page in (self.console.locator("#holder"), self.hall, self.viewer):
            expect(page.get_by_text(name, exact=True).first).to_be_visible()

    def free(self) -> None:
        """Check that every screen shows that no one has the floor."""
        expect(self.console.locator("#floor-head")).to_contain_text("No one has the floor")
        for page in (self.hall, self.viewer):
            expect(page.locator("main").get_by_text("No one has the floor")).to_be_visible()

    def seat(self, number: int, words: str) -> None:
        """Check that a phone shows `words` in its large text."""
        expect(self.phones[number].locator(".seat__words")).to_contain_text(
            words, use_inner_text=True
        )

    def picture(self, step: str) -> None:
        """Save a picture of every screen if SHOTS is set; check that each page fits its screen."""
        self.steps.append(step)
        screens = {"console": self.console, "hall": self.hall, "viewer": self.viewer}
        screens |= {f"phone{number}": page for number, page in enumerate(self.phones)}
        for name, page in screens.items():
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{len(self.steps):02}-{step}-{name}.png")
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (step, name)
        tall = "document.documentElement.scrollHeight - innerHeight"
        assert [page.evaluate(tall) for page in (self.console, self.hall)] == [0, 0]


@pytest.fixture
def panel(site: Site, pages: Pages) -> Iterator[Panel]:
    """Yield a panel with ten speakers, one panellist and one question."""
    from tests.support.panel import panel_today

    pages.allow("/media/")  # sound and picture are unavailable: the meeting goes on without them
    with panel_today(site, panellists=1) as panel:
        world = panel.world
        question = questions.put(
            registration=panel.speakers[0],
            text="Which of the priorities costs least and helps most?",
            segment=world.panels[0],
            actor=world.office,
        )
        questions.sort(
            question=question,
            segment=world.panels[0],
            guiding_question=GuidingQuestion.objects.filter(hearing=world.hearing)[0],
            actor=world.office,
        )
        yield panel


@pytest.fixture
def desk(panel: Panel, pages: Pages) -> Desk:
    """Return the desk with a console that is open and live."""
    desk = Desk(panel, panel.console(pages))
    expect(desk.console.locator("hc-link")).to_have_attribute("data-state", "live")
    return desk


@pytest.fixture
def room(panel: Panel, pages: Pages) -> Room:
    """Return the room with all screens open and live."""
    hall = pages.open(viewport={"width": 1920, "height": 1080})
    hall.goto(panel.url("hall/"))
    phones = [seat(panel, pages, number) for number in PHONES]
    viewer = pages.open(viewport={"width": 390, "height": 844})
    viewer.goto(panel.url("live/"))
    room = Room(panel, panel.console(pages), hall, phones, viewer)
    for page in (room.console, hall, viewer, *phones):
        expect(page.locator("hc-link")).to_have_attribute("data-state", "live")
    return room


def test_a_panel_from_opening_to_closing(room: Room, pages: Pages) -> None:
    room.picture("before")
    room.press("o")  # opens the meeting
    room.press("o")  # opens the opening, which has no list
    room.press("c")
    room.press("o")  # opens the panel
    first, second, *rest = room.speakers()
    called_and_ready(room)
    an_intervention(room, first)
    absent_recalled_skipped_and_back(room, second)
    move(room, rest[2], "They must leave early.")
    assert room.floor.order.index(rest[2]) < room.floor.order.index(rest[1])
    a_question(room, pages.open())
    suspended_and_closed(room)
    told = [axe.barriers(page) for page in (room.console, room.hall, room.viewer, *room.phones)]
    assert told == [[]] * 6


def called_and_ready(room: Room) -> None:
    """The panel opens: everybody sees their place, and one speaker reports as ready."""
    room.free()
    room.seat(0, "You are number 2 in line.")
    expect(room.console.locator("#next .pane__head")).to_contain_text("for 11 of 11")
    room.phones[0].get_by_role("button", name="I am ready").click()
    expect(room.console.locator("#list").get_by_text("ready", exact=True)).to_be_visible()
    room.picture("open")
    room.press("Enter")  # the panellist's presentation, under a separate limit
    assert room.floor.holder is not None
    assert room.floor.holder.limit_ms == 420_000
    room.seat(0, "You are next.")


def an_intervention(room: Room, slot: str) -> None:
    """The first speaker gets the floor, an extension and an interruption, and ends."""
    room.press("Enter")
    room.holds(room.name(slot))
    room.seat(0, "You have the floor.")
    room.picture("speaking")
    room.press("e")
    assert room.floor.holder is not None
    assert room.floor.holder.limit_ms == 210_000
    room.press("i")
    room.seat(0, "the clock is stopped")
    room.picture("interrupted")
    room.press("i")
    room.press("x")
    room.free()
    room.seat(0, "Thank you.")


def absent_recalled_skipped_and_back(room: Room, slot: str) -> None:
    """The next speaker is marked absent, recalled, skipped and restored, and gets the floor."""
    room.press("a")
    room.seat(room.phone(slot), "You were called and not heard.")
    room.click("Recall", slot)
    room.seat(room.phone(slot), "You are next.")
    room.press("s")
    room.seat(room.phone(slot), "You were skipped for now.")
    room.press("z")
    room.seat(room.phone(slot), "You are next.")
    room.press("Enter")
    room.holds(room.name(slot))
    room.picture("recalled")


def a_question(room: Room, asker: Page) -> None:
    """The moderator puts a question: viewers read it, and the asker's page shows it as put."""
    asker.goto(f"{room.panel.site.url}/my/{links.secret_of(room.panel.speakers[0])}/")
    expect(asker.get_by_text("ready for the moderator")).to_be_visible()
    room.press("q")
    asked = Question.objects.get()
    expect(room.viewer.get_by_text(asked.text).first).to_be_visible()
    asker.reload()
    expect(asker.locator("main").get_by_text("put to the panel")).to_be_visible()
    room.picture("question")


def suspended_and_closed(room: Room) -> None:
    """The meeting is suspended and resumed; the panel closes before everybody had their turn."""
    room.press("p")
    said = room.hall.get_by_text("The meeting is suspended").locator("visible=true")
    expect(said).to_have_count(1)
    expect(room.phones[2].get_by_text("The meeting is suspended.")).to_be_visible()
    room.picture("suspended")
    room.press("p")
    room.press("i")
    room.press("c")
    room.seat(2, "The panel ended before your turn.")
    expect(room.viewer.get_by_text("spoke for").first).to_be_visible()
    room.picture("closed")


def move(room: Room, slot: str, why: str) -> None:
    """Move a speaker up, while the panes are refreshed under a half-typed reason."""
    console = room.console
    console.locator(f"#slot-{slot}").get_by_text("Move", exact=True).click()
    reason = console.locator("#move-form input[name=note]")
    reason.fill(why[:5])
    reason.focus()
    room.phones[2].get_by_role("button", name="I am ready").click()
    expect(console.locator("#list").get_by_text("ready", exact=True)).to_be_visible()
    expect(reason).to_be_focused()
    console.keyboard.press("End")
    console.keyboard.type(why[5:])  # in a field, letters do not act as keys of the console
    expect(reason).to_have_value(why)
    before = room.floor.act_seq
    console.keyboard.press("Enter")
    room.acted(before)
    expect(reason).to_have_count(0)


def test_two_consoles_at_once_have_one_winner_and_the_loser_sees_why(
    desk: Desk, pages: Pages
) -> None:
    desk.press("o")
    desk.press("o")
    desk.press("c")
    desk.press("o")
    other = desk.panel.console(pages, desk.panel.world.secretary)
    seen = desk.floor.act_seq
    other.route("**/updates/", lambda route: route.fulfill(status=204))  # its updates are held back
    expect(other.locator("#seen")).to_have_value(str(seen))
    desk.press("Enter")
    other.keyboard.press("s")
    expect(other.get_by_role("alert").get_by_text("Someone else acted first.")).to_be_visible()
    expect(other.locator("#seen")).to_have_value(str(desk.floor.act_seq))
    assert desk.floor.holder is not None
    assert [slot.state for slot in desk.floor.slots.values()].count("skipped") == 0


def test_presses_in_quick_succession_are_all_taken(desk: Desk) -> None:
    for _ in range(2):
        desk.press("o")
    desk.press("c")
    desk.press("o")
    desk.press("Enter")
    limit = 420_000
    for key in "eeei":
        desk.console.keyboard.press(key)
    expect(desk.console.get_by_role("button", name="Continue")).to_be_visible()
    assert desk.floor.holder is not None
    assert (desk.floor.holder.limit_ms, desk.floor.holder.stopped) == (limit + 90_000, "technical")


def test_a_press_made_between_the_answers_to_two_earlier_ones_is_taken(desk: Desk) -> None:
    for key in ("o", "o", "c", "o", "Enter"):
        desk.press(key)
    expect(desk.console.locator("#key-extend")).to_be_enabled()  # the keys follow `#seen`
    on_their_way: list[Route] = []

    def hold(route: Route) -> None:
        on_their_way.append(route)

    desk.console.route("**/press/", hold)
    seen = desk.floor.act_seq
    desk.console.keyboard.press("e")
    desk.console.keyboard.press("e")
    arrive(desk, on_their_way)
    expect(desk.console.locator("#seen")).to_have_value(str(seen + 1))
    desk.console.keyboard.press("e")  # after the first answer and before the second
    arrive(desk, on_their_way)
    arrive(desk, on_their_way)
    expect(desk.console.locator("#seen")).to_have_value(str(seen + 3))
    assert desk.floor.holder is not None
    assert desk.floor.holder.limit_ms == 420_000 + 90_000


def test_news_that_arrives_late_does_not_bring_an_older_floor_back(desk: Desk) -> None:
    for key in ("o", "o", "c", "o"):
        desk.press(key)
    late: list[tuple[Route, APIResponse]] = []
    desk.console.route("**/updates/", lambda route: late.append((route, route.fetch())))
    desk.console.evaluate("document.dispatchEvent(new CustomEvent('floor'))")
    wait(desk.console, lambda: len(late) == 1, "no news was asked for")
    desk.press("Enter")
    expect(desk.console.locator("#key-extend")).to_be_enabled()
    for number, (route, answer) in enumerate(late, start=1):
        route.fulfill(response=answer)
        if number == 1:  # the page then asks for the next news
            wait(desk.console, lambda: len(late) == 2, "no newer news was asked for")
            assert desk.console.locator("#seen").input_value() == str(desk.floor.act_seq)
            assert desk.console.locator("#key-extend").is_enabled()


def arrive(desk: Desk, on_their_way: list[Route]) -> None:
    """Wait until a press has been made, and let it through to the server."""
    wait(desk.console, lambda: bool(on_their_way), "nothing was pressed")
    on_their_way.pop(0).continue_()


def test_a_seat_opened_elsewhere_is_taken_over_and_can_be_taken_back(
    panel: Panel, pages: Pages
) -> None:
    first, *_others = (live_seat(panel, pages, number) for number in PHONES)
    sits_down(panel, first)  # the latest window to sit down has the seat
    second = seat(panel, pages, 0)
    expect(first.get_by_text(ELSEWHERE)).to_be_visible()
    first.get_by_role("button", name="Take my seat back").click()
    expect(second.get_by_text(ELSEWHERE)).to_be_visible()
    expect(first.get_by_text(ELSEWHERE)).to_be_hidden()
    second.close()
    first.goto("about:blank")
    slot = panel.slots()[0]
    wait(first, lambda: slot not in floor(panel).connected(), "the seat is still connected")
    assert len(floor(panel).connected()) == 2


def test_a_seat_that_comes_back_by_itself_leaves_it_to_a_window_opened_since(
    panel: Panel, pages: Pages
) -> None:
    first = live_seat(panel, pages, 0)
    sits_down(panel, first)
    first.wait_for_timeout(REJOIN_MS)
    on_their_way: list[Route] = []
    is_held = True

    def hold(route: Route) -> None:
        if is_held:
            on_their_way.append(route)
        else:
            route.continue_()

    first.route(first.url, hold)
    fell_silent(panel)
    until(first, lambda: bool(on_their_way), lambda: "the first window never came back")
    second = seat(panel, pages, 0)
    sits_down(panel, second)
    is_held = False  # the page may ask again before it reads the answer
    for route in on_their_way:
        route.continue_()
    expect(first.get_by_text(ELSEWHERE)).to_be_visible()
    expect(second.get_by_text(ELSEWHERE)).to_be_hidden()


def floor(panel: Panel) -> Floor:
    """Return the floor according to the record."""
    return floor_of(panel.world.panels[0].meeting_id)


def seat(panel: Panel, pages: Pages, number: int) -> Page:
    """Open a speaker's seat on a phone, in a separate browser."""
    phone = pages.open(viewport={"width": 390, "height": 844})
    phone.goto(panel.seat(number))
    return phone


def live_seat(panel: Panel, pages: Pages, number: int) -> Page:
    """Open a speaker's seat on a phone, and wait until it follows the meeting."""
    phone = seat(panel, pages, number)
    expect(phone.locator("hc-link")).to_have_attribute("data-state", "live")
    return phone


def sits_down(panel: Panel, window: Page) -> None:
    """Wait until the first seat is connected, according to the record."""
    slot = panel.slots()[0]
    until(window, lambda: slot in floor(panel).connected(), lambda: "the window never sat down")


def fell_silent(panel: Panel) -> None:
    """Make the first seat's screen seem silent for a long time, so that its seat is released."""
    slot = panel.slots()[0]
    (screen,) = (id for id, seat in floor(panel).seats.items() if seat.slot == slot)
    Screen.objects.filter(pk=screen).update(reported_at=clock.now() - 2 * SILENT_AFTER)
    seats.sweep()
