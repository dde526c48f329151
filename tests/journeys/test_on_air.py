"""A masked speaker and a speaker with a reader, from the practice room to the hall.

The pages are real, on a whole site with its media engine. Every step waits for a state, none for a
time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from hemicycle.before.registration import aliases, links
from hemicycle.before.registration.access import actor_of
from hemicycle.engine.audio.analysis import amplitude
from hemicycle.hearing.people.models import Person
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.models import Entry
from tests.support.browser import Pages
from tests.support.tones import LAST_S, WITHOUT_H264, Ear, open_page, until

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [pytest.mark.real_time, pytest.mark.browser]

CHAIR, MASKED, READER, PRACTISES = 400, 640, 840, 1040
ALL = (CHAIR, MASKED, READER, PRACTISES)
PROGRAM, ECHO = "hc-program video", "[data-echo-sound]"
LOUD = 0.01
"""The amplitude of all sound from which it counts as heard; the noise of codecs is far below."""


@pytest.fixture
def meeting(unhurried: Held, pages: Pages) -> Held:
    """Return a meeting in which requests may be refused."""
    pages.allow("404 POST", "/control")  # a page may ask for a session that has ended
    pages.allow("403 POST", "/pass/")  # a seat that has a reader gets no pass to speak
    pages.allow("410 ")  # a withdrawn link
    return unhurried


def loud(ear: Ear) -> bool:
    """Return whether anything is heard now."""
    return _whole(ear) > LOUD


def pure(ear: Ear, hertz: int) -> bool:
    """Return whether a tone makes up most of what is heard now."""
    return loud(ear) and amplitude(ear.last(LAST_S), hertz) > 0.8 * _whole(ear)


def changed(ear: Ear, hertz: int) -> bool:
    """Return whether something is heard now that contains hardly any of the tone."""
    return loud(ear) and amplitude(ear.last(LAST_S), hertz) < 0.4 * _whole(ear)


def _whole(ear: Ear) -> float:
    """Return the amplitude of a tone with the power of all that is heard."""
    heard = ear.last(LAST_S)
    return float(np.sqrt(2 * np.mean(heard**2))) if len(heard) else 0.0


def told(ear: Ear, hertz: int) -> str:
    """Return what is heard, as the message of a failed wait."""
    return f"{ear.name} hears {amplitude(ear.last(LAST_S), hertz):.3f} of {_whole(ear):.3f}"


def wait_pure(ear: Ear, hertz: int) -> None:
    """Wait until a tone is heard unchanged."""
    until(ear.page, lambda: pure(ear, hertz), lambda: told(ear, hertz))


def wait_changed(ear: Ear, hertz: int) -> None:
    """Wait until a voice is heard changed."""
    until(ear.page, lambda: changed(ear, hertz), lambda: told(ear, hertz))


def test_practice_seat_reader_and_hall(meeting: Held) -> None:
    whoever_practises_hears_the_voice_changed(meeting)
    world = meeting.panel.world
    speakers = meeting.panel.speakers[:2]
    for row, alias in zip(speakers, ("Voice A", "Voice B"), strict=True):
        aliases.set_alias(registration=row, alias=alias, actor=actor_of(row))
        row.refresh_from_db()
    meeting.console = chair = meeting.staff(world.moderator, "console/", script=WITHOUT_H264)
    hall = meeting.staff(world.moderator, "hall/")
    masked = meeting.speaker(0, MASKED, script=WITHOUT_H264)
    masked.locator('[data-own] [data-do="open"]').click()
    reader, own = a_reader_takes_the_seat(meeting)
    at_hall = heard(hall)
    for key in ("o", "o", "c", "o"):
        meeting.press(key)
    meeting.press("Enter")  # the panellist, who has no open page
    meeting.press("Enter")
    expect(hall.locator('[data-show="holder.name"]')).to_have_text("Voice A")
    expect(hall.get_by_text("Read by a reader")).to_be_hidden()
    no_camera_was_opened(masked)
    wait_changed(at_hall, MASKED)
    meeting.press("Enter")
    expect(hall.locator('[data-show="holder.name"]')).to_have_text("Voice B")
    expect(hall.get_by_text("Read by a reader")).to_be_visible()
    expect(chair.locator("#holder").get_by_text("Read by a reader")).to_be_visible()
    no_camera_was_opened(reader)
    wait_pure(at_hall, READER)  # the reader's voice is their own
    expect(own.get_by_text("A reader has your seat and reads your statement.")).to_be_visible()
    who = {entry.fields()["person"] for entry in Entry.objects.filter(kind="link.changed")}
    rosa = Person.objects.get(name="Rosa Reader")
    assert rosa.id.hex in who
    assert speakers[1].person_id.hex not in who
    told_to_all = " ".join(Entry.objects.values_list("body", flat=True))
    assert "Rosa" not in told_to_all


def whoever_practises_hears_the_voice_changed(meeting: Held) -> None:
    """The switch in the practice room changes the voice, and stops changing it."""
    page = open_page(meeting.pages, PRACTISES)
    row = meeting.panel.speakers[2]
    page.goto(meeting.panel.site.url + reverse("room:practice", args=(links.secret_of(row),)))
    page.locator("[data-echo]").click()
    expect(page.locator("[data-echo-line]")).to_have_attribute(
        "data-line", re.compile("good|fair|poor")
    )
    ear = Ear.of(page, ALL, "the practice room", ECHO)
    wait_pure(ear, PRACTISES)
    switch = page.get_by_label("Try a changed voice")
    switch.check()
    wait_changed(ear, PRACTISES)
    switch.uncheck()
    wait_pure(ear, PRACTISES)
    page.context.close()


def a_reader_takes_the_seat(meeting: Held) -> tuple[Page, Page]:
    """Name a reader on the on-air page, and accept by the letter; return the pages of both."""
    panel = meeting.panel
    secret = links.secret_of(panel.speakers[1])
    own = open_page(meeting.pages)
    own.goto(panel.site.url + reverse("on_air:personal", args=(secret,)))
    own.get_by_role("link", name="Name a reader, or take the seat back").click()
    own.get_by_label("Name of the reader").fill("Rosa Reader")
    own.get_by_label("E-mail address").fill("rosa@example.org")
    own.get_by_role("button", name="Ask the reader").click()
    expect(own.get_by_text("asked, has not answered yet")).to_be_visible()
    letter = Message.objects.get(person__name="Rosa Reader")
    path = re.search(r"https?://[^/\s]+(/read/\S+)", letter.body)
    assert path is not None
    theirs = open_page(meeting.pages, READER, script=WITHOUT_H264)
    theirs.goto(panel.site.url + path[1])
    theirs.get_by_role("button", name="I will read").click()
    theirs.get_by_role("link", name="Go to the seat").click()
    expect(theirs.locator("hc-link")).to_have_attribute("data-state", "live")
    expect(theirs.get_by_text("You are reading for \u2068Voice B\u2069")).to_be_visible()
    theirs.locator('[data-own] [data-do="open"]').click()
    own.goto(panel.seat(1))
    expect(own.locator("[data-own]")).to_have_count(0)
    return theirs, own


def heard(page: Page) -> Ear:
    """Turn on the program's sound with the page's own key; return the page's ear."""
    expect(page.locator("hc-program [data-line]")).to_have_attribute(
        "data-line", re.compile("good|fair|poor")
    )
    sound = page.locator("hc-program [data-sound]")
    if sound.get_attribute("aria-pressed") == "false":
        sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    return Ear.of(page, ALL, "the hall", PROGRAM)


def no_camera_was_opened(page: Page) -> None:
    """Assert that the page uses only the microphone, and says why."""
    expect(page.get_by_text("this page does not use your camera")).to_be_visible()
    expect(page.locator('[data-do="camera"]')).to_have_count(0)
    kinds = "() => document.querySelector('.own video').srcObject.getTracks().map((t) => t.kind)"
    assert page.evaluate(kinds) == ["audio"]
