"""A speaker sends from a third-party encoder, or from a browser whose picture we cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from hemicycle.hearing.people.models import Role
from hemicycle.procedure import commands as c
from tests.support.encoder import sending
from tests.support.tones import WITHOUT_H264, Ear

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [pytest.mark.test_all("clients"), pytest.mark.real_time, pytest.mark.browser]

ENCODED, SPOKEN = 1000, 700
PROGRAM = "hc-program video"
VP9_ALONE = WITHOUT_H264.replace(
    'codec.mimeType !== "video/H264"', 'kind === "audio" || codec.mimeType === "video/VP9"'
)
"""A script that makes a page's browser send pictures in VP9 only."""


def test_a_speaker_is_heard_from_an_encoder(unhurried: Held) -> None:
    moderator = unhurried.panel.world.moderator
    unhurried.console = unhurried.staff(moderator, "console/", script=WITHOUT_H264)
    ear = Ear.of(unhurried.speaker(1, script=WITHOUT_H264), (ENCODED,), "another seat", PROGRAM)
    page = unhurried.speaker(0, script=WITHOUT_H264)
    page.get_by_role("link", name="Send from an encoder").click()
    page.get_by_role("button", name="Show address and key").click()
    address = page.get_by_label("Server address").input_value()
    key = page.get_by_label("Key (bearer token)").input_value()
    for act in ("o", "o", "c", "o", "Enter", "Enter"):  # the panellist, then the first speaker
        unhurried.press(act)
    with sending(address, key, ENCODED):
        ear.hears(ENCODED)


def test_a_speaker_whose_picture_cannot_be_read_is_heard_and_told(unhurried: Held) -> None:
    panel = unhurried.panel
    page = unhurried.speaker(0, SPOKEN, script=VP9_ALONE)
    page.locator('[data-own] [data-do="open"]').click()
    technician = unhurried.staff(panel.staff(Role.TECHNICIAN), "technician/", script=WITHOUT_H264)
    ear = Ear.of(unhurried.speaker(1, script=WITHOUT_H264), (SPOKEN,), "another seat", PROGRAM)
    panel.world.open_panel()
    panel.world.press(c.GiveFloor(panel.slots()[0]))
    ear.hears(SPOKEN)
    expect(page.locator("[data-pictures]")).to_contain_text("You are heard but not seen")
    expect(technician.locator("[data-notices]")).to_contain_text("format that is not supported")
