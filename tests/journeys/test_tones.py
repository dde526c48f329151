"""Who is heard where: every source in a meeting has a separate tone.

The moderator, two speakers, a panellist and three interpreters publish from real pages. What is
heard is measured at the loudspeakers of real pages: a hall, seats, booths and the public's live
page. Afterwards, the recording on demand is compared with the record.

Only the hall and the public see the picture. Nine windows that show it would use up a small
machine, and then the engine's sound would be late.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from hemicycle.engine.audio.analysis import ToneSpan, spans, tones
from tests.support import database
from tests.support.browser import WITHIN_MS, Pages
from tests.support.recording import Recorded, Stretch
from tests.support.tones import WITHIN_S, WITHOUT_H264, Ear, connections, open_page, until

if TYPE_CHECKING:
    from tests.support.floor import Held

pytestmark = [
    pytest.mark.alone,
    pytest.mark.browser,
    pytest.mark.test_all(
        "held",
        by="tests/engine/test_heard.py::test_the_mixer_lets_through_what_may_be_heard_and_nothing_else",
    ),
]

CHAIR, PANEL, ANA, BO, FRENCH, PARTNER, ARABIC = 400, 600, 800, 1000, 1200, 1400, 1600
ALL = (CHAIR, PANEL, ANA, BO, FRENCH, PARTNER, ARABIC)
PROGRAM, BOOTH, WEBCAST = "hc-program video", ".booth__frame video", "hc-webcast video"
HANDOVER_MS = 100
TOLERANCE_MS = 150
"""The largest difference between the times of the record and the recording."""
AROUND_MS = 1_000
FOLLOWS_MS = 3_000
"""The longest time after which a busy engine learns of a press."""
PRESSED_MS = 5_000
"""How long a desk may take to show that a key has acted. A second press would undo the first."""
LANGUAGES = ("en", "fr", "ar")
LIMIT_S, GRACE_S = 6, 1


@pytest.fixture
def meeting(transactional_db: None, pages: Pages, tmp_path: Path) -> Iterator[Held]:
    """Yield a panel of today whose speakers are cut off after seven seconds."""
    from tests.support.floor import FloorSite, held  # Django is set up by now

    site = FloorSite(tmp_path, database.url_of(str(settings.DATABASES["default"]["NAME"])))
    pages.allow(".m4s")  # a slow page asks for a part that is gone, and takes the segment instead
    pages.allow("404 POST", "/control")  # a page may ask for a session that has ended
    times = {"floor_time_limit_s": LIMIT_S, "warning_s": 2, "grace_s": GRACE_S}
    with held(site, pages, **times, at_limit="cut") as held_meeting:
        expect.set_options(timeout=WITHIN_S * 1000)
        try:
            yield held_meeting
            pages.close()
        finally:
            expect.set_options(timeout=WITHIN_MS)


class Cast:
    """Everybody who takes part, each on a page, and the ears of those who only listen."""

    coughed: Stretch

    def __init__(self, meeting: Held) -> None:
        world = meeting.panel.world
        self.meeting = meeting
        blind: dict[str, Any] = {"script": WITHOUT_H264}
        self.chair = meeting.staff(world.moderator, "console/", CHAIR, **blind)
        meeting.console = self.chair
        self.ana, self.bo = (
            meeting.speaker(number, hertz, **blind) for number, hertz in enumerate((ANA, BO))
        )
        self.panellist = meeting.staff(meeting.panellist, "seat/", PANEL, **blind)
        for page in (self.chair, self.ana, self.bo, self.panellist):
            page.locator('[data-own] [data-do="open"]').click()
        self.french = meeting.interpreter("Ada", "fr", FRENCH, **blind)
        self.partner = meeting.interpreter("Bea", "fr", PARTNER, **blind)
        self.arabic = meeting.interpreter("Cem", "ar", ARABIC, **blind)
        for page in (self.french, self.partner, self.arabic):
            page.locator('[data-do="open"]').click()
        self.hall = self._hears(meeting.staff(world.moderator, "hall/"), "the hall")
        self.at_ana = self._hears(self.ana, "the seat of the first speaker")
        self.at_bo = self._hears(self.bo, "the seat of the second speaker")
        self.at_panel = self._hears(self.panellist, "the panellist's seat")
        self.public = open_page(meeting.pages)
        self.public.goto(meeting.panel.url("live/"))
        self.at_home = Ear.of(self.public, ALL, "the public", WEBCAST)
        self.booth = Ear.of(self.arabic, ALL, "the Arabic booth", BOOTH)

    def home_hears(self, *expected: int) -> None:
        """Wait until the webcast has exactly these tones, after going back to live if necessary."""
        back_to_live(self.public)
        self.at_home.hears(*expected)

    def _hears(self, page: Page, name: str) -> Ear:
        """Turn on the program's sound with the page's own key; return the page's ear."""
        line = page.locator("hc-program [data-line]")
        expect(line).to_have_attribute("data-line", re.compile("good|fair|poor"))
        sound = page.locator("hc-program [data-sound]")
        if sound.get_attribute("aria-pressed") == "false":
            sound.click()
        expect(sound).to_have_attribute("aria-pressed", "true")
        return Ear.of(page, ALL, name, PROGRAM)


@pytest.fixture
def cast(meeting: Held) -> Cast:
    return Cast(meeting)


def test_who_is_heard(cast: Cast) -> None:
    only_who_has_the_floor(cast)
    each_language(cast)
    relay_and_cough(cast)
    handover_without_a_gap(cast)
    pivot_gone(cast)
    cut_at_the_limit(cast)
    muted_by_the_moderator(cast)
    the_next_speaker(cast)
    after_the_meeting(cast)
    nobody_else_was_heard(cast)
    the_recording(cast)


def only_who_has_the_floor(cast: Cast) -> None:
    """Before the meeting, nobody is heard; in it, the chair, and with the chair the speaker."""
    cast.hall.hears()
    press = cast.meeting.press
    press("o")  # opens the meeting
    press("o")  # opens the opening, which has no list
    cast.hall.hears(CHAIR)
    cast.public.locator("[data-start]").click()
    press("c")
    press("o")  # opens the panel
    air(cast.panellist, "preview")
    cast.hall.hears(CHAIR)
    press("Enter")
    air(cast.panellist, "on")
    cast.hall.hears(CHAIR, PANEL)
    cast.at_panel.hears()  # nobody hears their own voice, after a moment
    air(cast.ana, "preview")
    cast.at_bo.hears(CHAIR, PANEL)
    cast.home_hears(CHAIR, PANEL)


def each_language(cast: Cast) -> None:
    """A silent booth leaves the floor in its channel; a live booth is heard instead."""
    choose(cast.bo, "fr")
    choose(cast.ana, "ar")
    choose(cast.public, "ar")
    cast.at_bo.hears(CHAIR, PANEL)
    microphone(cast.french, on=True)
    cast.at_bo.hears(FRENCH)
    cast.at_ana.hears(CHAIR, PANEL)
    microphone(cast.arabic, on=True)
    cast.at_ana.hears(ARABIC)
    cast.at_bo.hears(FRENCH)
    cast.home_hears(ARABIC)
    choose(cast.public, "fr")
    cast.home_hears(FRENCH)
    cast.hall.hears(CHAIR, PANEL)
    cast.booth.hears(CHAIR, PANEL)


def relay_and_cough(cast: Cast) -> None:
    """A booth relays another one; the cough key silences a voice everywhere while it is held."""
    cast.arabic.locator('[data-incoming="fr"]').click()
    cast.booth.hears(FRENCH)
    cast.at_ana.hears(ARABIC)
    cast.french.keyboard.down("c")
    cast.at_bo.hears()
    cast.booth.hears()
    begin = now_ms()
    cast.home_hears()
    cast.coughed = Stretch(begin, now_ms())
    cast.french.keyboard.up("c")
    cast.at_bo.hears(FRENCH)
    cast.booth.hears(FRENCH)
    cast.home_hears(FRENCH)


def handover_without_a_gap(cast: Cast) -> None:
    """A handover is offered and accepted: one voice follows the other, also in the relay."""
    ears = (cast.at_bo, cast.booth, cast.at_home)
    marks = [ear.mark() for ear in ears]
    cast.french.keyboard.press("h")
    accept = cast.partner.locator('[data-do="accept"]')
    expect(accept).to_be_visible()
    accept.click()
    back_to_live(cast.public)
    for ear, mark in zip(ears, marks, strict=True):
        ear.hears(PARTNER)
        heard = ear.since(mark)
        no_gap(ear.name, spans(heard, FRENCH), spans(heard, PARTNER))


def no_gap(where: str, before: Sequence[ToneSpan], after: Sequence[ToneSpan]) -> None:
    """Check that there is no gap between two voices, beyond what this machine drops anyway."""
    assert before, f"{where}: no handover is heard"
    gap = after[0].begin_ms - before[-1].end_ms
    dropped = [
        then.begin_ms - now.end_ms for spans in (before, after) for now, then in pairwise(spans)
    ]
    assert gap <= max([HANDOVER_MS, *(2 * gap_ms for gap_ms in dropped)]), (
        f"{where}: {gap} ms, {before}, {after}"
    )


def pivot_gone(cast: Cast) -> None:
    """An interpreter vanishes: channel and relay return to the floor on the same connections."""
    before = [connections(page) for page in (cast.bo, cast.arabic)]
    cast.partner.close()
    cast.at_bo.hears(CHAIR, PANEL)
    cast.booth.hears(CHAIR, PANEL)
    cast.at_ana.hears(ARABIC)
    cast.home_hears(CHAIR, PANEL)
    microphone(cast.french, on=True)
    cast.booth.hears(FRENCH)
    cast.at_bo.hears(FRENCH)
    microphone(cast.french, on=False)
    microphone(cast.arabic, on=False)
    cast.at_ana.hears(CHAIR, PANEL)
    assert [connections(page) for page in (cast.bo, cast.arabic)] == before
    choose(cast.bo, "floor")
    choose(cast.public, "floor")


def cut_at_the_limit(cast: Cast) -> None:
    """The microphone closes at the limit and reopens with the extension, both without a press."""
    cast.meeting.press("Enter")
    cast.hall.hears(CHAIR, ANA)
    cast.hall.hears(CHAIR)
    air(cast.ana, "cut")
    cast.home_hears(CHAIR)
    cast.meeting.press("e")
    cast.hall.hears(CHAIR, ANA)
    air(cast.ana, "on")


def muted_by_the_moderator(cast: Cast) -> None:
    """The moderator mutes the speaker for disorder, and unmutes them."""
    cast.meeting.press("m")
    cast.hall.hears(CHAIR)
    air(cast.ana, "silenced")
    cast.home_hears(CHAIR)
    cast.meeting.press("m")
    cast.hall.hears(CHAIR, ANA)


def the_next_speaker(cast: Cast) -> None:
    """The previous speaker is no longer heard when the next one is."""
    air(cast.bo, "preview")
    cast.meeting.press("Enter")
    cast.hall.hears(CHAIR, BO)
    air(cast.bo, "on")
    cast.home_hears(CHAIR, BO)


def after_the_meeting(cast: Cast) -> None:
    """After the meeting, nobody is heard."""
    meeting = cast.meeting
    meeting.press("c")
    cast.hall.hears(CHAIR)
    until(cast.chair, lambda: not meeting.floor.heard, lambda: "by the record somebody is heard")
    cast.chair.get_by_role("button", name="Close the meeting").click()
    cast.hall.hears()
    cast.home_hears()


def nobody_else_was_heard(cast: Cast) -> None:
    """In the whole meeting, the floor had no interpreter, and each booth only what it interprets.

    People who get the floor hear themselves for a moment, until their page mutes their own voice.
    """
    assert cast.hall.has_heard() == {CHAIR, PANEL, ANA, BO}
    assert cast.at_panel.has_heard() - {PANEL} == {CHAIR, ANA, BO}
    assert cast.at_bo.has_heard() - {BO} == {CHAIR, PANEL, ANA, FRENCH, PARTNER}
    assert cast.booth.has_heard() == {CHAIR, PANEL, ANA, BO, FRENCH, PARTNER}


def the_recording(cast: Cast) -> None:
    """Each language's recording on demand agrees with the record, in both codecs."""
    meeting = cast.meeting
    recording = meeting.recording()
    assert [channel["id"] for channel in recording.facts["channels"]] == ["floor", *LANGUAGES]
    held = meeting.microphones()
    spoken = dict(zip((PANEL, ANA, BO), (held[slot] for slot in meeting.slots()[:3]), strict=True))
    french = {
        tone: meeting.voices("fr")[meeting.people[name]]
        for name, tone in (("Ada", FRENCH), ("Bea", PARTNER))
    }
    arabic = {ARABIC: meeting.voices("ar")[meeting.people["Cem"]]}
    assert [len(spans) for spans in spoken.values()] == [1, 3, 1]  # the second was cut and muted
    cut = spoken[ANA][0]
    opened, closed = meeting.opened()
    presided = Stretch(opened, closed + FOLLOWS_MS)
    for codec in ("opus", "aac"):
        for channel in ("floor", "en"):
            told = recording.sound(channel, codec)
            lies_within(told, CHAIR, [presided])
            tells(told, spoken)
            cut_short(told, ANA, cut)
        told = recording.sound("fr", codec)
        tells(told, french)
        (handed,) = french[PARTNER]
        around = told.between(handed.begin - AROUND_MS, handed.begin + AROUND_MS)
        no_gap(told.name, spans(around, FRENCH), spans(around, PARTNER))
        assert not tones(told.between(*cast.coughed), ALL)
        tells(recording.sound("ar", codec), arabic)


def cut_short(recorded: Recorded, tone: int, stretch: Stretch) -> None:
    """Check that a speaker who was cut off was heard until the limit."""
    heard = [span for span in recorded.heard(tone) if _within(span, stretch)]
    assert abs(heard[-1].end - stretch.end) <= TOLERANCE_MS, (recorded.name, heard, stretch)


def tells(recorded: Recorded, by_record: dict[int, list[Stretch]]) -> None:
    """Check that each tone begins and ends as the record says, and is heard at no other time.

    A tone may begin later if a busy machine delays the speaker's page. It may end sooner, since
    that page falls silent by itself when the time is over.
    """
    for tone, stretches in by_record.items():
        heard = lies_within(recorded, tone, stretches)
        for stretch in stretches:
            seen = [span for span in heard if _within(span, stretch)]
            assert seen, f"{recorded.name}: {tone} Hz is missing in {stretch}"
            late, over = seen[0].begin - stretch.begin, seen[-1].end - stretch.end
            off = f"{recorded.name}: {tone} Hz, {late} and {over} ms off"
            assert -TOLERANCE_MS <= late <= FOLLOWS_MS, off
            assert -FOLLOWS_MS <= over <= TOLERANCE_MS, off


def lies_within(recorded: Recorded, tone: int, stretches: list[Stretch]) -> list[Stretch]:
    """Return when a tone was heard, after checking that it was heard only when allowed."""
    heard = recorded.heard(tone)
    stray = [span for span in heard if not any(_within(span, one) for one in stretches)]
    assert stray == [], f"{recorded.name}: {tone} Hz, by the record {stretches}"
    return heard


def _within(inner: Stretch, outer: Stretch) -> bool:
    return inner.begin >= outer.begin - TOLERANCE_MS and inner.end <= outer.end + TOLERANCE_MS


def now_ms() -> int:
    """Return this machine's clock, which is the record's too, in ms since 1970."""
    return round(time.time() * 1000)


def air(page: Page, state: str) -> None:
    """Wait until a seat shows this state of its microphone."""
    expect(page.locator(f'[data-is="air"][data-value="{state}"]')).to_be_visible()


def microphone(page: Page, *, on: bool) -> None:
    """Press an interpreter's key until the desk shows it: a press on a lost line has no effect."""
    key = page.locator(".booth__mic")
    for _ in range(round(WITHIN_S * 1000 / PRESSED_MS)):
        page.keyboard.press("m")
        try:
            expect(key).to_have_attribute("aria-pressed", str(on).lower(), timeout=PRESSED_MS)
        except AssertionError:
            continue
        return
    raise AssertionError(f"the desk never shows the microphone {'on' if on else 'off'}")


def back_to_live(page: Page) -> None:
    """Press the page's key for going back to live, if it is shown."""
    key = page.locator("[data-to-live]")
    if key.is_visible():
        key.click()


def choose(page: Page, channel: str) -> None:
    """Choose another channel in the page's own menu."""
    page.locator("[data-channels]").select_option(channel)
