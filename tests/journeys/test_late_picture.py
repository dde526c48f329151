"""The clock in a late picture is covered, because it would differ from the page's clock."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from hemicycle.procedure import commands as c

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [pytest.mark.real_time, pytest.mark.browser]

LATER_MS = 1_500
HOLD_BACK = """
(ms) => {
  for (const receiver of document.querySelector("hc-program").link.peer.pc.getReceivers()) {
    delete receiver.jitterBufferTarget;
    receiver.jitterBufferTarget = ms;
    // The page asks for none, or for a short one.
    Object.defineProperty(receiver, "jitterBufferTarget", {
      configurable: true, get: () => null, set() {},
    });
  }
}
"""
COVER = """
() => getComputedStyle(document.querySelector("hc-program .program__frame"), "::after").content
"""


def test_the_clock_in_a_late_picture_is_covered_until_it_comes_in_time(unhurried: Held) -> None:
    speaker = unhurried.speaker(0, 400)
    speaker.locator('[data-own] [data-do="open"]').click()
    seat = unhurried.speaker(1)
    unhurried.panel.world.open_panel()
    unhurried.panel.world.press(c.GiveFloor(unhurried.panel.slots()[0]))
    program, said = seat.locator("hc-program"), seat.locator("hc-program [data-said]")
    expect(program).to_have_attribute("data-shown", "")
    expect(program).not_to_have_attribute("data-late", "")
    assert seat.evaluate(COVER) == "none"

    seat.evaluate(HOLD_BACK, LATER_MS)
    expect(program).to_have_attribute("data-late", "")
    expect(said).to_have_text(re.compile("picture is late"))
    assert seat.evaluate(COVER) != "none"

    seat.evaluate(HOLD_BACK, 0)
    expect(program).not_to_have_attribute("data-late", "")
    expect(said).to_have_text("")

    seat.evaluate(HOLD_BACK, LATER_MS)
    expect(program).to_have_attribute("data-late", "")
    program.locator("[data-picture]").click()
    expect(said).to_have_text("")
