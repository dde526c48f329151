"""A whole hearing with synthetic people, played through the ways that everybody's hearing goes.

    stage = Stage(start)                          # time, virtual or live
    with clock.using(stage):
        rehearsal = Rehearsal.convened(document, slug=…, stage=stage, seed=1, registrations=150)
        rehearsal.prepare()                       # the weeks before: forms, decisions, statements
        rehearsal.hold()                          # the meetings
        rehearsal.conclude()                      # the draft of the summary; the hearing ends
        rehearsal.figures()

The same seed gives the same people, the same words and the same course of events; ids differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from hemicycle.before.registration.models import Inscription
from hemicycle.before.registration.registration_rules import Facts, facts_of
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.hearing.setup.schema import Document
from hemicycle.outcome.summary import actions as summaries
from hemicycle.procedure import Floor
from hemicycle.procedure.clock import PRESENTING
from hemicycle.record import clock
from hemicycle.site.rehearsal import scenes, tally
from hemicycle.site.rehearsal.agenda import Agenda
from hemicycle.site.rehearsal.arrivals import DAY, HOUR, Crowd
from hemicycle.site.rehearsal.console import Desk
from hemicycle.site.rehearsal.habits import Room
from hemicycle.site.rehearsal.participants import HAND_IN, Participants
from hemicycle.site.rehearsal.people import Cast
from hemicycle.site.rehearsal.simulated_moderator import Chair
from hemicycle.site.rehearsal.simulated_secretariat import Office
from hemicycle.site.rehearsal.speech import LANGUAGES
from hemicycle.site.rehearsal.virtual_clock import Stage

OPEN_FOR = timedelta(days=20)
"""How long before its first deadline a rehearsed hearing opens registration."""
GIVES_UP = 0.012

Tell = Callable[[str], None]


def begins(document: Document) -> int:
    """When a rehearsal of this hearing begins, in ms since the Unix epoch."""
    return clock.to_ms(scenes.first_date(document) - OPEN_FOR)


@dataclass(slots=True)
class Rehearsal:
    """One hearing on its way from its publication to its end."""

    hearing: Hearing
    facts: Facts
    seed: int
    stage: Stage
    agenda: Agenda
    office: Office
    participants: Participants
    chairs: list[Chair]
    tell: Tell

    @classmethod
    def convened(
        cls,
        document: Document,
        *,
        slug: str,
        stage: Stage,
        seed: int,
        registrations: int,
        until: int | None = None,
        hand_in: float = HAND_IN,
        statements: int | None = None,
        tell: Tell = lambda _: None,
    ) -> "Rehearsal":
        """Convene and publish the hearing, appoint its staff, and plan who will come.

        `until` is when the last form comes, where that is not the deadline; `hand_in` the share of
        places for which a statement comes, `statements` their whole number where it is given.
        """
        office_random = Random(f"{seed} office")
        hearing = hearings.convene(document, slug=slug)
        office = Office.appointed(hearing, office_random)
        hearings.publish_hearing(hearing=hearing, actor=office.acting())
        facts, agenda = facts_of(hearing), Agenda(stage)
        cast = Cast(Random(f"{seed} people"), _spoken(hearing))
        participants = Participants(
            hearing=hearing,
            facts=facts,
            agenda=agenda,
            cast=cast,
            random=Random(f"{seed} participants"),
            topics=[
                guiding_question.short or guiding_question.text
                for guiding_question in hearing.guiding_questions.all()
            ],
            ends=_first_start(facts),
            hand_in=hand_in,
            wanted=statements,
        )
        crowd = Crowd(facts, cast, Random(f"{seed} forms"), clock.now_ms() + HOUR, until)
        for form in crowd.forms(registrations):
            agenda.put(form.at, lambda form=form: participants.send(form))  # type: ignore[misc]
        made = cls(hearing, facts, seed, stage, agenda, office, participants, [], tell)
        made._plan_office()
        return made

    def _plan_office(self) -> None:
        """The secretariat's days: decisions and questions every morning, the lists at the end."""
        first = _first_start(self.facts)
        for morning in range(clock.now_ms() + DAY, first - 6 * HOUR, DAY):
            self.agenda.put(morning, self._office_day)
        self.agenda.put(first - 6 * HOUR, self._office_day)
        self.agenda.put(first - 5 * HOUR, self.office.move_some)
        self.agenda.put(first - 2 * HOUR, self.participants.make_up)

    def _office_day(self) -> None:
        self.office.review()
        self.office.sort_questions()

    def prepare(self, until: int | None = None) -> None:
        """Play the weeks before the first meeting, or up to `until` (ms since the Unix epoch)."""
        self.agenda.run(_first_start(self.facts) - HOUR if until is None else until)
        self.tell(f"{self.participants.registered} registrations have been taken")

    def hold(self) -> None:
        """Hold the meetings, one after the other."""
        for meeting in Meeting.objects.filter(hearing=self.hearing).order_by("ordinal"):
            chair = self._chair(meeting)
            self.chairs.append(chair)
            chair.hold()

    def _chair(self, meeting: Meeting) -> Chair:
        desk = Desk(self.hearing, meeting, self.office.acting(Role.MODERATOR), self.stage)
        random = Random(f"{self.seed} meeting {meeting.ordinal}")
        return Chair(desk, Room(random), self._between(random), self.tell)

    def _between(self, random: Random) -> Callable[[Floor], None]:
        """Now and then, somebody who waits gives up their place, or sends somebody else."""

        def between(floor: Floor) -> None:
            if random.random() >= GIVES_UP:
                return
            waiting = [slot for slot in floor.waiting() if slot.role not in PRESENTING]
            if waiting:
                place = Inscription.objects.get(pk=UUID(hex=random.choice(waiting).id))
                self.participants.step_back(place.registration_id, leaves=random.random() < 0.6)

        return between

    def conclude(self) -> None:
        """What comes after the last meeting: stray forms, the draft of the summary, the end."""
        if not self.stage.live:
            self.agenda.run(clock.now_ms() + 3 * DAY)
        summaries.draft(hearing=self.hearing, actor=self.office.acting())
        hearings.end(hearing=self.hearing, actor=self.office.acting())
        self.tell("the hearing has ended; the summary is drafted")

    def figures(self) -> dict[str, Any]:
        """What it came to."""
        made = sum(chair.sightings.made for chair in self.chairs)
        held = sum(chair.sightings.held for chair in self.chairs)
        return {
            "hearing": self.hearing.slug,
            "seed": self.seed,
            "registered": self.participants.registered,
            "refused": dict(sorted(self.participants.refused.items())),
            "sent_twice": self.participants.repeated,
            **tally.figures(self.hearing),
            "forecast": {"forecasts": made, "coverage_80": round(held / made, 3) if made else None},
        }


def through(
    document: Document,
    *,
    seed: int,
    registrations: int,
    statements: int | None = None,
    tell: Tell = lambda _: None,
) -> dict[str, Any]:
    """Play a hearing on its own dates from beginning to end; returns the figures."""
    stage = Stage(begins(document))
    with clock.using(stage):
        rehearsal = Rehearsal.convened(
            document,
            slug=hearings.free_slug(document["slug"] or document["title"]),
            stage=stage,
            seed=seed,
            registrations=registrations,
            statements=statements,
            tell=tell,
        )
        rehearsal.prepare()
        rehearsal.hold()
        rehearsal.conclude()
    return rehearsal.figures()


def _spoken(hearing: Hearing) -> tuple[str, ...]:
    """The languages in which participants of this hearing speak."""
    own = tuple(tag for tag in LANGUAGES if tag in (hearing.languages or ["en"]))
    return own or ("en",)


def _first_start(facts: Facts) -> int:
    return clock.to_ms(min(meeting.starts_at for meeting in facts.meetings))
