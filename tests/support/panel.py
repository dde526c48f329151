"""A panel today on a running site: staff and speakers who open their pages in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from playwright.sync_api import Page

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import Segment
from tests.support.browser import Pages
from tests.support.lists import World, reference_world
from tests.support.site import Site

NAMES = (
    ("Amina Bello-Oyelaran", "Permanent Mission of the Republic of Example to the United Nations"),
    ("Dr. María-Fernanda de los Ángeles Villanueva Etxeberría", "Centro de Ejemplos"),
    ("王小明", "Example Observatory on Labour Migration"),
    ("نور الهدى بنت عبد الرحمن السيد", "الجمعية النموذجية لحماية ضحايا الاتجار بالأشخاص"),
    ("J. Okafor", "Freedom Example Network"),
    ("Wolfeschlegelsteinhausenbergerdorff Hubert Blaine the Third of Longnamia", "Example Union"),
    ("Светлана Примерова-Образцова", "Образцовый фонд помощи пострадавшим от торговли людьми"),
    ("Siobhán Ní Shampla", "Example Survivors’ Council"),
    ("Pierre-Emmanuel Exemple", "Mission permanente de l’État d’Exemple"),
    ("Li An", "X"),
)
"""Ten speakers, with short and long names in several scripts."""


@dataclass
class Panel:
    """The first panel of the reference hearing, held today, with speakers on its list."""

    world: World
    site: Site
    speakers: list[Registration]

    @property
    def slug(self) -> str:
        """The hearing's short address."""
        return self.world.hearing.slug

    def slots(self) -> list[str]:
        """Return the ids of the slots, in the order of `NAMES`."""
        return [self.world.inscription(speaker).id.hex for speaker in self.speakers]

    def url(self, part: str) -> str:
        """Return an address of the hearing from its last part, such as `hall/`."""
        return f"{self.site.url}/h/{self.slug}/{part}"

    def seat(self, number: int) -> str:
        """Return the address of a speaker's seat; speakers are counted from 0."""
        return self.url(f"seat/{links.secret_of(self.speakers[number])}/")

    def staff(self, role: Role) -> Person:
        """Create a member of the staff with a role."""
        person = Person.objects.create(name=f"Staff {role.label}", email=f"{role}@hearing.example")
        Appointment.objects.create(person=person, hearing_id=self.world.hearing.id, role=role)
        return person

    def sign_in(self, page: Page, person: Person) -> None:
        """Sign a person in on a page."""
        session = self.world.client(person).cookies["hemicycle"].value
        page.context.add_cookies([{"name": "hemicycle", "value": session, "url": self.site.url}])

    def console(self, pages: Pages, person: Person | None = None, **options: Any) -> Page:
        """Open a console, as the moderator by default."""
        page = pages.open(**{"viewport": {"width": 1366, "height": 768}, **options})
        self.sign_in(page, person or self.world.moderator)
        page.goto(self.url("console/"))
        return page


@contextmanager
def panel_today(
    site: Site, speakers: int = 10, panellists: int = 0, **rules: Any
) -> Iterator[Panel]:
    """Create a panel to hold now, with the hearing's rules of the floor set to `rules`.

    According to the programme, it began five minutes ago, whatever the time of day.
    """
    today = datetime.now(ZoneInfo("America/New_York")).date()
    with reference_world(today) as world:
        rows = [_register(world, number, *_speaker(number)) for number in range(speakers)]
        for name, value in rules.items():
            setattr(world.hearing, name, value)
        world.hearing.save()
        for panel in world.panels:
            named = panel.members.filter(role=Role.PANELLIST)
            kept = named.values_list("pk", flat=True)[:panellists]
            named.exclude(pk__in=list(kept)).delete()
        begin_now(world)
    yield Panel(world, site, rows)


def _speaker(number: int) -> tuple[str, str]:
    """Return a name and an organization; beyond the first ten, organizations are numbered."""
    rounds, place = divmod(number, len(NAMES))
    name, organization = NAMES[place]
    return name, f"{organization} {rounds + 1}" if rounds else organization


def begin_now(world: World) -> None:
    """Move the programme so that the first panel began five minutes ago."""
    move(world, datetime.now(UTC) - timedelta(minutes=5) - world.panels[0].starts_at)


def move(world: World, by: timedelta) -> None:
    """Move all times of the programme."""
    moved = {"starts_at": F("starts_at") + by, "ends_at": F("ends_at") + by}
    world.hearing.meetings.update(**moved)
    Segment.objects.filter(meeting__hearing=world.hearing).update(**moved)


def _register(world: World, number: int, name: str, organization: str) -> Registration:
    way = world.mission if "ission" in organization else world.ngo
    row = way(organization, 0, speaker=name, language="ar" if "ا" in name else "en")
    row.refresh_from_db()
    return row
