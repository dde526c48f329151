"""The reference hearing, with participants who register in the usual way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page

from hemicycle.before.registration import roles
from hemicycle.before.registration.actions import submit
from hemicycle.before.registration.cleaned import Cleaned, NamedCoSigner
from hemicycle.before.registration.confirming import confirm
from hemicycle.before.registration.models import Inscription, MissionAddress, Registration
from hemicycle.before.registration.names import name_key
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers import panel_rules
from hemicycle.before.speakers.queries import slots_for_floor
from hemicycle.before.speakers.rules import rule_or_default
from hemicycle.hearing.people.models import Appointment, Person, Role, TrackKind
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.mail.outgoing import lists as distribution
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.floor import act, floor_of
from hemicycle.record.writer import Actor
from tests.support.browser import Pages
from tests.support.site import Site

REFERENCE = Path(__file__).parents[2] / "hearings" / "2021-trafficking.toml"
REFERENCE_DAY = date(2021, 7, 13)
FIRST_DAY = datetime(2021, 7, 1, 12, tzinfo=UTC)
MORNING = datetime(2021, 7, 13, 14, 25, tzinfo=UTC)
"""When the first panel of the reference hearing should open."""


class Numbers:
    """Counts from 0. Unlike `itertools.count`, it can be copied together with the hearing."""

    def __init__(self) -> None:
        self._next = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        self._next += 1
        return self._next - 1


@dataclass
class World:
    """A published hearing, its panels, its staff, and a clock that the test moves."""

    hearing: Hearing
    panels: list[Segment]
    clock: clock.Virtual
    secretary: Person
    moderator: Person
    numbers: Numbers = field(default_factory=Numbers)
    accepts: bool = True
    """Whether new registrations are accepted, unless a test decides otherwise."""

    @property
    def office(self) -> Actor:
        """The secretariat as an actor."""
        return Actor(self.secretary.id.hex, Role.SECRETARIAT.value)

    @property
    def chair(self) -> Actor:
        """The moderator as an actor."""
        return Actor(self.moderator.id.hex, Role.MODERATOR.value)

    def client(self, person: Person | None = None) -> Client:
        """Return a browser in which `person` (the secretariat by default) has signed in."""
        client = Client()
        client.force_login(
            person or self.secretary, backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    def mission(self, name: str, *panels: int, rank: int = 9, **more: Any) -> Registration:
        """Inscribe a mission in panels, counted from 0."""
        return self._register(TrackKind.MISSIONS, "member-state", name, panels, rank=rank, **more)

    def ngo(
        self,
        name: str,
        *panels: int,
        question: str = "",
        co_signers: tuple[str, ...] = (),
        **more: Any,
    ) -> Registration:
        """Register an organization of civil society that may wish to speak in panels."""
        return self._register(
            TrackKind.STAKEHOLDERS,
            "civil-society",
            name,
            panels,
            question=question,
            co_signers=co_signers,
            **more,
        )

    def _register(
        self,
        track: TrackKind,
        category: str,
        name: str,
        panels: tuple[int, ...],
        *,
        rank: int = 9,
        question: str = "",
        co_signers: tuple[str, ...] = (),
        language: str = "en",
        speaker: str = "",
        interface_language: str = "en",
        consents_to_list: str = "",
        alias: str = "",
        camera: str = "",
        voice: str = "",
        accepted: bool | None = None,
        confirmed: bool = True,
        on_file: bool = True,
        email: str = "",
        title: str = "Representative",
        country: str = "",
        organization_language: str = "",
        other_names: Mapping[str, str] | None = None,
    ) -> Registration:
        number = next(self.numbers)
        self.clock.advance(1000)
        cleaned = Cleaned(
            track=track.value,
            form_key=f"form-{self.hearing.id}-{number}",
            category=self.hearing.categories.get(key=category).id,
            organization=name,
            country=country,
            name=speaker or f"Speaker of {name}",
            title=title,
            email=email or f"person{number}@hearing.example",
            language=language,
            interface_language=interface_language,
            segments=tuple(self.panels[panel].id for panel in panels),
            rank=rank,
            question=question,
            co_signers=tuple(
                NamedCoSigner(name, f"joins{number}@hearing.example") for name in co_signers
            ),
            consents_to_list=bool(consents_to_list),
            alias=alias,
            camera=camera,
            voice=voice,
            organization_language=organization_language,
            other_names=other_names or {},
        )
        done = submit(facts=facts_of(self.hearing), cleaned=cleaned, received_at=clock.now())
        if on_file and track == TrackKind.MISSIONS:
            MissionAddress.objects.get_or_create(
                hearing=self.hearing,
                organization_key=name_key(name),
                address=cleaned.email,
                defaults={"name": name},
            )
        registration = confirm(registration=done.registration) if confirmed else done.registration
        if self.accepts if accepted is None else accepted:
            accept(registration)
        return registration

    def inscription(self, registration: Registration, panel: int = 0) -> Inscription:
        """Return the latest place of a registration on a panel's list, read from the database."""
        found = Inscription.objects.select_related("segment__meeting__hearing")
        return found.filter(registration=registration, segment=self.panels[panel]).latest("place")

    def press(self, command: c.Command, panel: int = 0, note: str = "") -> None:
        """Press a key of the console as the moderator, in the meeting of a panel."""
        meeting = self.panels[panel].meeting_id
        act(
            hearing=self.hearing.id,
            meeting=meeting,
            command=command,
            actor=self.chair,
            note=note,
        )

    def open_panel(self, panel: int = 0) -> None:
        """Open a panel as the moderator, with the list as it stands."""
        segment = panel_rules.panels(self.hearing)[panel]
        self.clock.move_to(clock.to_ms(segment.starts_at))
        if floor_of(segment.meeting_id).phase == "not_opened":
            self.press(c.OpenMeeting(segment.meeting_id.hex), panel)
        self.press(
            c.OpenSegment(
                segment=segment.id.hex,
                segment_kind="panel",
                ends_at=clock.to_ms(segment.ends_at),
                rules=panel_rules.segment_rules(segment),
                slots=slots_for_floor(segment),
                rule=rule_or_default(segment.meeting.hearing.merge),
            ),
            panel,
        )


def accept(registration: Registration) -> None:
    """Accept a registration without an entry and a letter, which tests count."""
    if registration.status == Registration.Status.SUBMITTED:
        registration.status = Registration.Status.ACCEPTED
        registration.save(update_fields=("status",))
        roles.give(registration)


def office_page(world: World, site: Site, pages: Pages) -> Page:
    """Open a page of the site in a browser in which the secretariat has signed in."""
    world.client()
    key = Session.objects.latest("expire_date").session_key
    page = pages.open(base_url=site.url, viewport={"width": 1366, "height": 900})
    page.context.add_cookies([{"name": "hemicycle", "value": key, "url": site.url}])
    return page


def listed_missions(world: World, *addresses: str) -> None:
    """Create a distribution list of missions with these addresses."""
    made = distribution.make(
        hearing=world.hearing, name="Missions", of_missions=True, actor=world.office
    )
    for line, address in zip(made.lines.order_by("country"), addresses, strict=False):
        line.address = address
        distribution.put(recipients=made, line=line, actor=world.office)


@dataclass(frozen=True, slots=True)
class Convened:
    """A hearing in which nothing has happened yet, which tests share."""

    world: World


@contextmanager
def convened() -> Iterator[Convened]:
    """Yield the reference hearing, in which nothing has happened yet."""
    with reference_world() as world:
        yield Convened(world)


@contextmanager
def reference_world(day: date | None = None) -> Iterator[World]:
    """Yield the reference hearing twelve days before it takes place, ahead of the deadlines.

    It takes place in July 2021, or on `day`.
    """
    shift = day - REFERENCE_DAY if day else timedelta()
    virtual = clock.Virtual(clock.to_ms(FIRST_DAY + shift))
    with clock.using(virtual):
        hearing = hearings.convene(REFERENCE, shift_to=day, publish=True)
        staff = {
            role: Person.objects.create(name=name, email=f"{role.value}@hearing.example")
            for role, name in (
                (Role.SECRETARIAT, "Ana Secretary"),
                (Role.MODERATOR, "Bo Moderator"),
            )
        }
        for role, person in staff.items():
            Appointment.objects.create(person=person, hearing_id=hearing.id, role=role)
        yield World(
            hearing=hearing,
            panels=list(panel_rules.panels(hearing)),
            clock=virtual,
            secretary=staff[Role.SECRETARIAT],
            moderator=staff[Role.MODERATOR],
        )
