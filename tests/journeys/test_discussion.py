"""A panel discusses on a real console, and the technician helps a seat.

With the environment variable SHOTS set to a folder, each step saves pictures there.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import PanelMember
from tests.support.tones import WITHOUT_H264, Ear

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [pytest.mark.real_time, pytest.mark.browser]

PANELLIST = 600
PROGRAM = "hc-program video"
SHOTS = os.environ.get("SHOTS", "")
LAPTOP_HEIGHT = 768


def bottom(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None, selector
    return box["y"] + box["height"]


@dataclass
class Room:
    """The pages of the participants, and the ear of another seat."""

    held: Held
    console: Page
    technician: Page
    seat: Page
    ear: Ear

    def shoot(self, step: str) -> None:
        """Save pictures of all pages if SHOTS is set."""
        pages = {"console": self.console, "technician": self.technician, "seat": self.seat}
        for name, page in pages.items() if SHOTS else ():
            page.screenshot(path=Path(SHOTS) / f"{step}-{name}.png")


@pytest.fixture
def room(unhurried: Held) -> Room:
    """Return a panel of two whose discussion the moderator may open; one of them is connected."""
    panel = unhurried.panel
    segment = panel.world.panels[0]
    segment.discussion = "allowed"
    segment.save()
    PanelMember.objects.create(segment=segment, ordinal=9, role=Role.PANELLIST, name="Sam Example")
    laptop: Any = {"script": WITHOUT_H264, "viewport": {"width": 1366, "height": LAPTOP_HEIGHT}}
    phone: Any = {"script": WITHOUT_H264, "viewport": {"width": 390, "height": 844}}
    unhurried.console = unhurried.staff(panel.world.moderator, "console/", **laptop)
    elsewhere = {**laptop, "timezone_id": "Asia/Tokyo"}
    technician = unhurried.staff(panel.staff(Role.TECHNICIAN), "technician/", **elsewhere)
    seat = unhurried.staff(unhurried.panellist, "seat/", PANELLIST, **phone)
    other = unhurried.speaker(1, script=WITHOUT_H264)
    ear = Ear.of(other, (PANELLIST,), "another seat", PROGRAM)
    return Room(unhurried, unhurried.console, technician, seat, ear)


def test_a_panel_discusses_and_its_seat_is_helped(room: Room) -> None:
    for act in ("o", "o", "c", "o"):
        room.held.press(act)
    room.seat.locator('[data-own] [data-do="open"]').click()
    height = bottom(room.console, ".pane--floor")
    room.held.press("d")
    room.ear.hears(PANELLIST)
    expect(room.console.locator("#floor-head")).to_contain_text("The panel is in discussion")
    assert bottom(room.console, "#keys") <= LAPTOP_HEIGHT
    assert bottom(room.console, ".pane--floor") <= height
    expect(room.seat.get_by_text("You take part in the discussion")).to_be_visible()
    room.shoot("1-discusses")
    name = asks_the_technician(room)
    is_silenced(room, name)
    room.held.press("x")
    room.ear.hears()
    if SHOTS:
        room.held.press("d")
        for page in (room.console, room.seat, room.technician):
            page.goto(f"{page.url}?lang=ar")
        room.console.set_viewport_size({"width": 1920, "height": 1080})
        room.console.wait_for_timeout(4_000)
        room.shoot("4-arabic")


def asks_the_technician(room: Room) -> str:
    """Ask the technician from the seat, answer it, and check that nobody else reads it.

    Return the name that the technician sees.
    """
    seat, technician = room.seat, room.technician
    asked_at = technician.locator("[data-now]").inner_text()[:3]
    seat.get_by_text("Ask the technician").click()
    seat.get_by_label("Message", exact=True).fill("Is my sound good?")
    seat.get_by_role("button", name="Send", exact=True).click()
    asked = technician.locator("[data-said-so-far]")
    expect(asked).to_contain_text("Is my sound good?")
    name = asked.locator("strong").inner_text().partition(" → ")[0]
    technician.get_by_label("To", exact=True).select_option(label=name)
    technician.get_by_label("Message", exact=True).fill("It is too loud.")
    technician.get_by_role("button", name="Send", exact=True).click()
    answered = seat.locator("[data-said-so-far]")
    expect(answered).to_contain_text("It is too loud.")
    expect(answered).not_to_contain_text("seat:")
    expect(room.console.locator("[data-said-so-far]")).not_to_contain_text("too loud")
    # Times are in the hearing's time zone, as on the clock, although the technician's is another.
    hours = (asked_at, technician.locator("[data-now]").inner_text()[:3])
    expect(asked.locator("time").first).to_have_text(re.compile("|".join(hours)))
    room.shoot("2-asked")
    return name


def is_silenced(room: Room, name: str) -> None:
    """Silence the seat as the technician, and let it be heard again."""
    line = room.technician.locator("tr", has_text="microphone and camera").filter(has_text=name)
    line.get_by_role("button", name="Silence").click()
    room.ear.hears()
    told = room.seat.get_by_text("The technician has muted your microphone.")
    expect(told.filter(visible=True)).to_be_visible()
    room.shoot("3-silenced")
    line.get_by_role("button", name="Let them be heard").click()
    room.ear.hears(PANELLIST)
