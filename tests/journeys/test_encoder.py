"""A speaker sends from an encoder that we did not write: FFmpeg's WHIP muxer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.encoder import sending
from tests.support.tones import WITHOUT_H264, Ear

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [pytest.mark.real_time, pytest.mark.browser]

ENCODED = 1000
PROGRAM = "hc-program video"


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
