"""A survivor for tests: her hearing in two months, her phone, and all that leads to her."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import F
from django.urls import reverse

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import Statement
from hemicycle.engine.streams import Samples
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import PanelMember, Segment
from tests.engine.masking.voices import ONE, SPEAKERS, spoken
from tests.support.lists import reference_world
from tests.support.outside import Outside
from tests.support.panel import Panel, move
from tests.support.tones import WITHOUT_H264, open_page
from tests.test_public_names import COUNTRY, REGISTRANT

if TYPE_CHECKING:
    from tests.support.floor import FloorSite, Held

PHONE = {"width": 390, "height": 844}
DELAY_S = 5
HERS, READERS = 3, 0
"""The numbers of voices in `SPEAKERS`.

The speaker without an alias has her voice, too, to show that this voice can be recognized.
"""
TELEPHONE = "7946 0958"


def voice(number: int, text: str) -> Samples:
    """Return the voice of one of `SPEAKERS`."""
    return spoken(*SPEAKERS[number], text)


@contextmanager
def ahead(site: FloorSite) -> Iterator[Panel]:
    """Create the reference hearing in two months, with both panels in one meeting.

    One speaker has no alias. The hearing was convened in the past, since no entry may be older than
    the one before it.
    """
    with reference_world(datetime.now(UTC).date()) as world:
        hearing, (first, second) = world.hearing, world.panels
        hearing.public_delay_s, hearing.public_list = DELAY_S, True
        hearing.floor_time_limit_s, hearing.languages = 600, ["en", "fr"]
        hearing.save()
        afternoon = second.meeting
        afternoon.segments.exclude(pk=second.pk).delete()
        Segment.objects.filter(pk=second.pk).update(meeting=first.meeting)
        hearing.meetings.filter(pk=first.meeting_id).update(ends_at=afternoon.ends_at)
        afternoon.delete()
        seats = PanelMember.objects.filter(segment__meeting__hearing=hearing)
        seats.filter(role=Role.PANELLIST).delete()
        seats.update(person=world.moderator)
        move(world, timedelta(days=60))
        hearing.deadlines.update(at=F("at") + timedelta(days=60))
        named = world.ngo("Open Doors", 0, speaker="Olga Openly", consents_to_list="yes")
    for panel in world.panels:
        panel.refresh_from_db()
    yield Panel(world, site, [named])


class Survivor:
    """Her phone, what leads to her, and the stranger who looks for it."""

    def __init__(self, hearing: Held) -> None:
        self.hearing, self.site = hearing, hearing.panel.site
        self.world = hearing.panel.world
        self.phone = open_page(
            hearing.pages, speech=voice(HERS, ONE), script=WITHOUT_H264, viewport=PHONE
        )
        self.row: Registration

    def to(self, name: str) -> None:
        """Open a page behind her link."""
        secret = links.secret_of(self.row)
        self.phone.goto(self.site.url + reverse(name, args=(secret,)))

    @property
    def words(self) -> list[str]:
        """The words that no output may contain."""
        secret = links.secret_of(self.row)
        return [*REGISTRANT.words, COUNTRY, '"UZ"', TELEPHONE, self.row.reference, secret]

    def outside(self) -> Outside:
        """Return a stranger who knows every id of hers and of the hearing."""
        row, statements = self.row, Statement.objects.filter(registration=self.row)
        panels = [panel.id for panel in self.world.panels]
        places = row.inscriptions.values_list("id", flat=True)
        versions = [version.pk for own in statements for version in own.versions.all()]
        own = [row.id, row.person_id, row.organization_id, *places]
        own += [*statements.values_list("id", flat=True), *versions]
        own += row.questions.values_list("id", flat=True)
        return Outside(self.site, self.world.hearing, [*own, *panels])

    def slot(self, panel: int) -> str:
        """Return the id of her slot in a panel; panels are counted from 0."""
        return self.world.inscription(self.row, panel).id.hex
