"""A survivor takes part under an alias, from her phone to the archive and the erasure.

Her name, organization, mailbox, country and telephone are words that occur nowhere else, and her
voice is one of six that a spectral measure distinguishes. Every address, feed, file, letter and
index is searched for them during the hearing, after publication and after her erasure.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import FilePayload, Page, expect

from hemicycle.before.registration import inscriptions, links, review
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import Statement
from hemicycle.engine.streams import Samples
from hemicycle.mail.outgoing.models import Message
from hemicycle.meeting.cutting.models import Cut
from hemicycle.outcome.archive import building
from hemicycle.outcome.archive.models import Archive
from hemicycle.outcome.summary import actions as summaries
from hemicycle.record.models import Entry
from tests.engine.masking.voices import INSTALLED, OTHER, KnownVoices
from tests.journeys.survivor import (
    DELAY_S,
    HERS,
    PHONE,
    READERS,
    TELEPHONE,
    Survivor,
    ahead,
    voice,
)
from tests.support import database
from tests.support.axe import barriers
from tests.support.browser import WITHIN_MS, Pages
from tests.support.everything import in_files, in_tables, stored_files
from tests.support.outside import Read
from tests.support.panel import begin_now
from tests.support.tones import WITHIN_S, WITHOUT_H264, Ear, open_page, until
from tests.test_public_names import (
    REGISTRANT,
    SAYS,
    burnt_in,
    enclosed,
    followed,
    indexed,
    leaks,
)

if TYPE_CHECKING:
    from tests.support.floor import Held
    from tests.support.recording import Recording, Stretch

pytestmark = [
    pytest.mark.alone,
    pytest.mark.browser,
    pytest.mark.skipif(not INSTALLED, reason="espeak-ng is not installed"),
    pytest.mark.test_all(
        "held",
        by="tests/test_public_names.py::test_nothing_names_whoever_has_an_alias_once_all_is_published",
    ),
]

SPEAKS_S = 12.0
"""The length of a turn, in seconds: long enough to identify a voice."""
MARKS = [word.casefold() for word in (*REGISTRANT.words, TELEPHONE)]
"""Words that may be nowhere once she is erased."""
READER = ("Rosa Reader", "rosa@example.org")


@pytest.fixture
def hearing(transactional_db: None, pages: Pages, tmp_path: Path) -> Iterator[Held]:
    """Yield the site with its media engine; rate limits do not apply to this machine."""
    from tests.support.floor import ENGINE, FloorSite, Held  # Django is set up by now

    more = {**ENGINE, "HEMICYCLE_LIMIT_FREE_NETWORKS": "127.0.0.0/8,::1"}
    name = str(settings.DATABASES["default"]["NAME"])
    site = FloorSite(tmp_path, database.url_of(name), engine=more)
    pages.allow(".m4s")
    pages.allow("404 POST", "/control")  # a page may ask for a session that has ended
    pages.allow("403 POST", "/pass/")  # a seat that has a reader gets no pass to speak
    pages.allow("410 ")  # her link, once she is erased
    with ahead(site) as panel:
        site.start()
        expect.set_options(timeout=WITHIN_S * 1000)
        try:
            yield Held(panel, pages, panel.world.moderator)
            pages.close()
        finally:
            expect.set_options(timeout=WITHIN_MS)
            site.stop()
    site.check_log()


def test_a_survivor_is_heard_and_nowhere_named(hearing: Held) -> None:
    left_before = stored_files()  # files of other tests
    survivor = Survivor(hearing)
    she_registers(survivor)
    she_sees_who_sees_what(survivor)
    the_office_accepts(survivor)
    she_hands_in_words_that_name_her(survivor)
    begin_now(survivor.world)
    survivor.world.hearing.deadlines.update(at=datetime.now(UTC) - timedelta(days=1))
    known = KnownVoices()
    she_practises(survivor, known)
    reader = somebody_reads_for_her(survivor)
    the_meeting(survivor, reader)
    recording = hearing.recording()
    turns = {slot: held[0] for slot, held in hearing.microphones().items()}
    nobody_knows_her_voice(survivor, known, recording, turns)
    published = all_is_published(survivor)
    assert leaks(published, survivor.words) == []
    assert survivor.outside().in_files(survivor.words) == []
    she_is_erased(survivor, turns, left_before)


# ── Before the meeting ────────────────────────────────────────────────────────────────────────
def she_registers(survivor: Survivor) -> None:
    phone = survivor.phone
    phone.goto(survivor.hearing.panel.url("register/"))
    phone.get_by_label("Organization", exact=True).fill(REGISTRANT.organization)
    phone.get_by_label("Country where it is based").select_option("UZ")
    phone.get_by_label("Invited civil society organization").check()
    phone.get_by_label("Name of the person").fill(REGISTRANT.name)
    phone.get_by_label("Title or function").fill(REGISTRANT.title)
    phone.get_by_label("E-mail address", exact=True).fill(REGISTRANT.email)
    phone.get_by_label("Alias").fill(REGISTRANT.alias)
    phone.get_by_label("Camera in the meeting").select_option("card")
    phone.get_by_label("Voice in the meeting").select_option("changed")
    phone.get_by_label("Yes, I wish to intervene").check()
    phone.get_by_label("Panel 1").first.check()
    phone.get_by_label("Show the name on the public list").check()
    phone.get_by_label("Question for the panellists").fill(
        f"{REGISTRANT.name} of {REGISTRANT.organization} asks: who pays?"
    )
    assert barriers(phone) == []
    phone.get_by_role("button", name="Submit registration").click()
    phone.wait_for_url("**/received/**")
    letter = Message.objects.get(address=REGISTRANT.email)
    phone.goto(survivor.site.url + path_in(letter, "confirm"))
    phone.get_by_role("button", name="Confirm").click()
    phone.wait_for_url("**/my/*/?confirmed=1")
    survivor.row = Registration.objects.get(organization__name=REGISTRANT.organization)


def path_in(letter: Message, part: str) -> str:
    """Return the path of the private link in a letter."""
    found = re.search(rf"https?://[^/\s]+(/{part}/\S+)", letter.body)
    assert found is not None, letter.body
    return found[1]


def she_sees_who_sees_what(survivor: Survivor) -> None:
    panel = survivor.phone.get_by_role("region", name="Who can see what about you")
    seen = {
        line.locator("dt").inner_text(): line.locator("dd").inner_text()
        for line in panel.locator("dl > div").all()
    }
    assert REGISTRANT.alias in seen["The public sees"]
    assert seen["On the public list of speakers"] == "under the alias"
    said = " ".join(seen.values())
    assert [word for word in REGISTRANT.words if word in said] == []
    assert survivor.phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def the_office_accepts(survivor: Survivor) -> None:
    """The office also gives her a place in the second panel."""
    world = survivor.world
    review.decide(
        hearing=world.hearing,
        chosen=[survivor.row.pk],
        outcome=Registration.Status.ACCEPTED,
        reason="",
        decided_by=world.secretary,
        actor=world.office,
    )
    survivor.row.refresh_from_db()
    inscriptions.inscribe(registration=survivor.row, segment=world.panels[1], actor=world.office)


def she_hands_in_words_that_name_her(survivor: Survivor) -> None:
    """The worker reads the text; she sees it as the public will read it, and releases it."""
    phone = survivor.phone
    survivor.to("registration:personal")
    phone.get_by_role("link", name="Submit your statement").first.click()
    said = f"{SAYS.format(who=REGISTRANT)}Survivors must have a say in every fund."
    text: FilePayload = {"name": "words.txt", "mimeType": "text/plain", "buffer": said.encode()}
    phone.get_by_label("File").set_input_files([text])
    phone.get_by_role("button", name="Submit the statement").click()
    expect(phone.get_by_text("Your statement has been received.")).to_be_visible()
    phone.get_by_role("button", name="Allow publication").click()
    shown = phone.locator("details", has_text="As the public reads it, with names replaced:")
    expect(shown).to_contain_text(f"I am {REGISTRANT.alias}")
    assert [word for word in REGISTRANT.words if word in shown.inner_text()] == []
    phone.get_by_role("button", name="Release this text").click()
    expect(phone.get_by_role("button", name="Release this text")).to_have_count(0)


def she_practises(survivor: Survivor, known: KnownVoices) -> None:
    """Her device is checked, and the echo does not have her voice."""
    phone = survivor.phone
    survivor.to("registration:personal")
    phone.get_by_role("link", name="Go to the practice room").first.click()
    expect(phone.get_by_text("this page does not use your camera")).to_be_visible()
    expect(phone.get_by_text("so you hear it changed")).to_be_visible()
    phone.locator("[data-run]").click()
    expect(phone.get_by_text("You are ready to be heard.")).to_be_visible()
    phone.locator("[data-echo]").click()
    expect(phone.locator("[data-echo-line]")).to_have_attribute(
        "data-line", re.compile("good|fair|poor")
    )
    ear = Ear.of(phone, (), "her phone", "[data-echo-sound]")
    until(phone, lambda: len(loud(ear.last(8))) > 6 * 48_000, lambda: "nothing comes back to her")
    away = known.away(ear.last(8))
    own = known.away(voice(HERS, OTHER))
    assert away[HERS] > 2 * own[HERS], (away, own)


def loud(sound: Samples) -> Samples:
    """Return the sound if anything is heard in it, else an empty sound."""
    return sound if np.abs(sound).max(initial=0) > 0.02 else sound[:0]


def somebody_reads_for_her(survivor: Survivor) -> Page:
    """She names a reader for the second panel, who is asked by letter and agrees."""
    phone = survivor.phone
    survivor.to("registration:personal")
    phone.get_by_role("link", name="Change what is seen and heard").click()
    phone.get_by_role("link", name="Name a reader, or take the seat back").click()
    place = phone.locator("section", has_text="Panel 2")
    place.get_by_label("Name of the reader").fill(READER[0])
    place.get_by_label("E-mail address").fill(READER[1])
    place.get_by_role("button", name="Ask the reader").click()
    expect(place.get_by_text("asked, has not answered yet")).to_be_visible()
    letter = Message.objects.get(address=READER[1])
    reader = open_page(survivor.hearing.pages, speech=voice(READERS, OTHER), script=WITHOUT_H264)
    reader.goto(survivor.site.url + path_in(letter, "read"))
    expect(reader.get_by_text(REGISTRANT.alias).first).to_be_visible()
    assert leaks([("the reader's page", reader.content())], survivor.words) == []
    reader.get_by_role("button", name="I will read").click()
    expect(reader.get_by_role("link", name="Go to the seat")).to_be_visible()
    return reader


# ── The meeting ───────────────────────────────────────────────────────────────────────────────
def the_meeting(survivor: Survivor, reader: Page) -> None:
    """A speaker with her voice speaks openly; she speaks masked; in panel 2, the reader reads."""
    hearing, phone = survivor.hearing, survivor.phone
    hearing.console = console = hearing.staff(
        survivor.world.moderator, "console/", script=WITHOUT_H264
    )
    openly = hearing.speaker(0, script=WITHOUT_H264, speech=voice(HERS, OTHER))
    opens_the_microphone(openly)
    for key in ("o", "o", "c", "o"):
        hearing.press(key)
    hearing.press("Enter")
    survivor.to("registration:personal")
    phone.get_by_role("link", name="Go to my seat").first.click()
    expect(phone.get_by_text("Your voice is changed before anyone hears it.")).to_be_visible()
    opens_the_microphone(phone)
    public = open_page(hearing.pages, viewport=PHONE)
    public.goto(hearing.panel.url("live/"))
    public.locator("[data-start]").click()
    console.wait_for_timeout(SPEAKS_S * 1000)
    given = time.monotonic()
    hearing.press("Enter")
    openly.context.close()
    expect(public.locator('[data-show="holder.name"]')).to_have_text(REGISTRANT.alias)
    assert time.monotonic() - given > DELAY_S - 0.5
    during = [*survivor.outside().read(), *inside_the_site(survivor)]
    assert leaks(during, survivor.words) == []
    assert leaks([("the live page", public.content())], survivor.words) == []
    assert any(REGISTRANT.alias in text for where, text in during if "webcast:live" in where)
    assert leaks([("the console", console.content())], survivor.words) == []
    console.wait_for_timeout(max(0, SPEAKS_S - (time.monotonic() - given)) * 1000)
    hearing.press("x")
    hearing.press("c")
    hearing.press("o")  # panel 2
    expect(phone.get_by_text("A reader has your seat and reads your statement.")).to_be_visible()
    reader.get_by_role("link", name="Go to the seat").click()
    expect(
        reader.get_by_text(f"You are reading for \N{FIRST STRONG ISOLATE}{REGISTRANT.alias}")
    ).to_be_visible()
    assert leaks([("the reader's seat", reader.content())], survivor.words) == []
    opens_the_microphone(reader)
    hearing.press("Enter")
    expect(public.get_by_text("Read by a reader").first).to_be_visible()
    console.wait_for_timeout(SPEAKS_S * 1000)
    for key in ("x", "c"):
        hearing.press(key)
    console.get_by_role("button", name="Close the meeting").click()
    until(console, lambda: hearing.floor.phase == "closed", lambda: "the meeting is not closed")


def opens_the_microphone(page: Page) -> None:
    line = page.locator("[data-own-line]")
    expect(line).to_have_attribute("data-line", re.compile("."))  # the page's script has run
    page.locator('[data-own] [data-do="open"]').click()
    expect(line).to_have_attribute("data-line", re.compile("ready|good|fair|poor"))


def inside_the_site(survivor: Survivor) -> Read:
    """Return the feeds, the engine's configuration, the search index, and letters to others."""
    at = SimpleNamespace(hearing=survivor.world.hearing)
    own = {REGISTRANT.email, survivor.world.secretary.email}
    letters = [
        (f"letter {letter.purpose} to {letter.address}", f"{letter.subject}\n{letter.body}")
        for letter in Message.objects.exclude(address__in=own)
    ]
    assert READER[1] in {where.rpartition(" ")[2] for where, _text in letters}
    return [*followed(at), *burnt_in(at), *indexed(), *letters]


def nobody_knows_her_voice(
    survivor: Survivor, known: KnownVoices, recording: Recording, turns: dict[str, Stretch]
) -> None:
    """The measure recognizes her voice where it is open, and not where it is masked."""
    openly, hers, reads = (
        turns[slot]
        for slot in (survivor.hearing.panel.slots()[0], survivor.slot(0), survivor.slot(1))
    )
    for channel, codec in (("floor", "aac"), ("floor", "opus"), ("fr", "aac")):
        sound = recording.sound(channel, codec)
        away = [
            known.away(sound.between(turn.begin + 500, turn.end - 500))
            for turn in (openly, hers, reads)
        ]
        unmasked, masked, read = away
        assert int(unmasked.argmin()) == HERS, (channel, codec, away)
        assert int(read.argmin()) == READERS, (channel, codec, away)
        assert masked[HERS] > 2 * unmasked[HERS], (channel, codec, away)


# ── What remains ──────────────────────────────────────────────────────────────────────────────
def all_is_published(survivor: Survivor) -> Read:
    """Publish the summary and wait for the archive; return all that can be read anywhere."""
    world, public = survivor.world, open_page(survivor.hearing.pages, viewport=PHONE)
    summaries.draft(hearing=world.hearing, actor=world.office)
    drafted = survivor.outside().read()
    assert leaks(drafted, survivor.words) == []
    summaries.publish(hearing=world.hearing, actor=world.office)
    until(public, lambda: is_built(survivor), lambda: "the archive is not built")
    hearing = survivor.hearing.panel
    for part in ("statements/", "summary/", f"watch/{world.panels[0].meeting_id}/"):
        public.goto(hearing.url(part))
        expect(public.get_by_text(REGISTRANT.alias).first).to_be_visible()
        assert barriers(public) == []
    ids = [id.hex for id in (survivor.row.id, survivor.row.person_id)]
    about = [
        entry.seq
        for entry in Entry.objects.filter(hearing=world.hearing.id)
        if any(id in f"{entry.actor} {entry.body}" for id in ids)
    ]
    outside = survivor.outside()
    found = [*outside.read(about), *inside_the_site(survivor)]
    found += enclosed(SimpleNamespace(hearing=world.hearing))
    assert outside.segments()
    for name in ("archive:public-zip", "summary:public-docx", "summary:public-pdf"):
        assert outside.statuses[name] == {200}, name
    for name in ("statements:published", "statements:sitemap", "api:v1-statements"):
        assert 200 in outside.statuses[name], name
    places = [where.split()[0] for where, text in found if REGISTRANT.alias in text]
    assert {"archive:public-zip", "summary:public-pdf", "statements:published"} <= set(places)
    return found


def is_built(survivor: Survivor) -> bool:
    """Return whether there is a complete public archive of everything so far."""
    hearing = survivor.world.hearing
    if (job := building.newest(hearing, public=True)) and not job.is_finished:
        return False
    return Archive.objects.filter(hearing=hearing, is_public=True).exclude(file="").exists()


def she_is_erased(
    survivor: Survivor, turns: dict[str, Stretch], left_before: frozenset[Path]
) -> None:
    """She requests it on her page; all her words are gone once recording and archive are redone."""
    phone, words = survivor.phone, survivor.words
    assert in_tables(MARKS)
    assert in_files(MARKS, left_before)
    outside, slots = survivor.outside(), [survivor.slot(number) for number in (0, 1)]
    statement = Statement.objects.get(registration=survivor.row).pk
    survivor.to("registration:personal")
    phone.get_by_role("link", name="Erase my data").click()
    phone.get_by_label("I understand that this cannot be undone.").check()
    phone.get_by_role("button", name="Erase my data permanently").click()
    expect(phone.get_by_role("heading", name="Your data has been erased")).to_be_visible()
    assert leaks([("what she is told", phone.content())], REGISTRANT.words) == []
    cuts = Cut.objects.filter(hearing=survivor.world.hearing)
    until(phone, lambda: not cuts.filter(done_at=None).exists(), lambda: "a cut is not made")
    until(phone, lambda: is_built(survivor), lambda: "the archive is not rebuilt")
    assert {cut.slot for cut in cuts} == set(slots)
    sound = survivor.hearing.recording().sound("floor", "aac")
    for slot in slots:
        turn = turns[slot]
        assert np.abs(sound.between(turn.begin + 200, turn.end - 200)).max() < 0.01
    assert outside.in_files(words) == []
    assert in_tables(MARKS) == set()
    assert in_files(MARKS, left_before) == set()
    assert leaks(outside.read(), words) == []
    address = reverse("statements:published", args=(survivor.world.hearing.slug, statement))
    assert outside.fetched(address)[0] == 410
    assert (
        outside.fetched(reverse("registration:personal", args=(links.secret_of(survivor.row),)))[0]
        == 410
    )
