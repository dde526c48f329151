"""A whole Hemicycle for tests, with a panel today.

The pages, background tasks and media engine run as `hemicycle up` starts them. There are booths,
and people who open their own links.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from playwright.sync_api import Page, expect

from hemicycle.hearing.people.models import Person, Role
from hemicycle.meeting.interpretation import actions as interpretation
from hemicycle.procedure.state import Floor
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.support.browser import Pages
from tests.support.panel import Panel, panel_today
from tests.support.recording import Recording, Stretch
from tests.support.site import Site
from tests.support.tones import open_page, until

LANGUAGES = ("en", "fr", "ar")
ENGINE = {"HEMICYCLE_MEDIA_PICTURE": "320x176", "HEMICYCLE_MEDIA_FPS": "15"}
"""The settings of a picture that ten pages on two processors can show."""


class FloorSite(Site):
    """A running site with its media engine."""

    command = "up"

    def __init__(
        self, folder: Path, database_url: str, *, engine: Mapping[str, str] = ENGINE
    ) -> None:
        super().__init__(folder, database_url)
        self._environment |= engine


class Held:
    """A meeting that is held in real pages."""

    def __init__(self, panel: Panel, pages: Pages, panellist: Person) -> None:
        self.panel, self.pages, self.panellist = panel, pages, panellist
        self.console: Page
        self.people: dict[str, str] = {}

    @property
    def floor(self) -> Floor:
        """The floor according to the record."""
        return floor_of(self.panel.world.panels[0].meeting_id)

    # Who enters.

    def staff(self, person: Person, part: str, hertz: int = 0, **options: Any) -> Page:
        """Open a page of the hearing for a signed-in person."""
        page = open_page(self.pages, hertz, **options)
        self.panel.sign_in(page, person)
        page.goto(self.panel.url(part))
        return page

    def speaker(self, number: int, hertz: int = 0, **options: Any) -> Page:
        """Open a speaker's seat by its link."""
        page = open_page(self.pages, hertz, **options)
        page.goto(self.panel.seat(number))
        return page

    def interpreter(self, name: str, language: str, hertz: int, **options: Any) -> Page:
        """Open a booth's console for a person assigned to it by the secretariat."""
        world = self.panel.world
        placed = interpretation.assign_new(
            hearing=world.hearing,
            language=language,
            name=name,
            email=f"{name.lower()}@hearing.example",
            actor=world.office,
        )
        self.people[name] = placed.person.id.hex
        return self.staff(placed.person, f"booth/{language}/", hertz, **options)

    def slots(self) -> list[str]:
        """Return the ids of the slots: the panellist's first, then the speakers'."""
        member = self.panel.world.panels[0].members.get(role=Role.PANELLIST)
        return [member.id.hex, *self.panel.slots()]

    # What the moderator does.

    def press(self, key: str) -> None:
        """Press a key of the console, and wait until the console shows its effect."""
        before = self.floor.act_seq
        expect(self.console.locator(f'button[data-key="{key}"]:enabled')).to_have_count(1)
        self.console.keyboard.press(key)
        refusal = self.console.locator("#refusal")
        until(
            self.console,
            lambda: self.floor.act_seq != before,
            lambda: f"{key} did nothing: {refusal.inner_text()}",
        )
        expect(self.console.locator("#seen")).to_have_value(str(self.floor.act_seq))

    # Results of the panel.

    def microphones(self) -> dict[str, list[Stretch]]:
        """Return when the engine heard the microphone of each slot, according to the record."""
        told = self._told("microphone.opened", "microphone.closed")
        measured = [(kind, entry) for kind, entry in told if entry.get("cause") != "limit"]
        found: dict[str, list[Stretch]] = {}
        for (kind, opened), (_, closed) in pairwise(measured):
            if kind == "microphone.opened":
                assert closed["slot"] == opened["slot"], "two held the floor at once"
                stretch = Stretch(opened["at_ms"], closed["at_ms"])
                found.setdefault(opened["slot"], []).append(stretch)
        return found

    def voices(self, language: str) -> dict[str, list[Stretch]]:
        """Return when each person was live in a booth, according to the record."""
        told = [entry for _, entry in self._told("booth.changed") if entry["language"] == language]
        found: dict[str, list[Stretch]] = {}
        for now, then in pairwise(told):
            if now["live"]:
                found.setdefault(now["person"], []).append(Stretch(now["at_ms"], then["at_ms"]))
        return found

    def opened(self) -> Stretch:
        """Return the time from the opening of the meeting to its closing."""
        rows = {row.kind: row.at for row in self._entries("meeting.opened", "meeting.closed")}
        return Stretch(rows["meeting.opened"], rows["meeting.closed"])

    def recording(self) -> Recording:
        """Wait for the recording of the meeting, and return it."""
        panel = self.panel
        hearing, meeting = panel.world.hearing.id.hex, panel.world.panels[0].meeting_id.hex
        return Recording(panel.site.url, hearing, meeting)

    def _entries(self, *kinds: str) -> QuerySet[Entry]:
        hearing = self.panel.world.hearing.id
        return Entry.objects.filter(hearing=hearing, kind__in=kinds).order_by("seq")

    def _told(self, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
        return [(row.kind, row.fields()) for row in self._entries(*kinds)]


@contextmanager
def held(site: FloorSite, pages: Pages, speakers: int = 4, **rules: Any) -> Iterator[Held]:
    """Hold a panel today with some speakers and a signed-in panellist, on a running site."""
    with panel_today(site, speakers, panellists=1, languages=list(LANGUAGES), **rules) as panel:
        panellist = panel.staff(Role.PANELLIST)
        members = panel.world.panels[0].members
        members.filter(role=Role.PANELLIST).update(person=panellist)
        members.filter(role=Role.MODERATOR).update(person=panel.world.moderator)
        site.start()
        try:
            yield Held(panel, pages, panellist)
        finally:
            site.stop()
    site.check_log()
