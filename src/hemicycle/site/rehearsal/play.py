"""A whole hearing with synthetic people, played through the same code as a real hearing.

    virtual_clock = VirtualClock(start)           # time, virtual or live
    with clock.using(virtual_clock):
        rehearsal = Rehearsal.convened(document, slug=…, virtual_clock=virtual_clock, seed=1, …)
        rehearsal.prepare()                       # the weeks before: forms, decisions, statements
        rehearsal.hold()                          # the meetings
        rehearsal.conclude()                      # the draft of the summary; the hearing ends
        rehearsal.figures()

The same seed gives the same people, the same texts and the same course of events; ids differ.
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
from hemicycle.procedure.state import PRESENTING
from hemicycle.record import clock
from hemicycle.site.rehearsal import scenes, tally
from hemicycle.site.rehearsal.arrivals import DAY, HOUR, Crowd
from hemicycle.site.rehearsal.console import SimulatedConsole
from hemicycle.site.rehearsal.habits import MeetingHabits
from hemicycle.site.rehearsal.participants import HAND_IN, Participants
from hemicycle.site.rehearsal.people import PeopleGenerator
from hemicycle.site.rehearsal.schedule import Schedule
from hemicycle.site.rehearsal.simulated_moderator import SimulatedModerator
from hemicycle.site.rehearsal.simulated_secretariat import SimulatedSecretariat
from hemicycle.site.rehearsal.speech import LANGUAGES
from hemicycle.site.rehearsal.virtual_clock import VirtualClock

OPEN_FOR = timedelta(days=20)
"""How long before its first deadline a rehearsed hearing opens registration."""
GIVES_UP = 0.012

Tell = Callable[[str], None]


def begins(document: Document) -> int:
    """Return when a rehearsal of this hearing begins, in ms since the Unix epoch."""
    return clock.to_ms(scenes.first_date(document) - OPEN_FOR)


@dataclass(slots=True)
class Rehearsal:
    """One hearing from its publication to its end."""

    hearing: Hearing
    facts: Facts
    seed: int
    virtual_clock: VirtualClock
    schedule: Schedule
    secretariat: SimulatedSecretariat
    participants: Participants
    moderators: list[SimulatedModerator]
    tell: Tell

    @classmethod
    def convened(
        cls,
        document: Document,
        *,
        slug: str,
        virtual_clock: VirtualClock,
        seed: int,
        registrations: int,
        until: int | None = None,
        hand_in: float = HAND_IN,
        statements: int | None = None,
        tell: Tell = lambda _: None,
    ) -> "Rehearsal":
        """Convene and publish the hearing, appoint its staff, and plan who will register.

        `until` is the time limit for forms, if it is before the deadline; `hand_in` is the share of
        places with a statement; `statements` is the total number of statements, if it is given.
        """
        secretariat_random = Random(f"{seed} office")
        hearing = hearings.convene(document, slug=slug)
        hearing.is_rehearsed = True
        hearing.save(update_fields=("is_rehearsed",))
        secretariat = SimulatedSecretariat.appointed(hearing, secretariat_random)
        hearings.publish_hearing(hearing=hearing, actor=secretariat.acting())
        facts, schedule = facts_of(hearing), Schedule(virtual_clock)
        people = PeopleGenerator(Random(f"{seed} people"), _spoken(hearing))
        participants = Participants(
            hearing=hearing,
            facts=facts,
            schedule=schedule,
            people=people,
            random=Random(f"{seed} participants"),
            topics=[
                guiding_question.short or guiding_question.text
                for guiding_question in hearing.guiding_questions.all()
            ],
            ends=_first_start(facts),
            hand_in=hand_in,
            wanted=statements,
        )
        crowd = Crowd(facts, people, Random(f"{seed} forms"), clock.now_ms() + HOUR, until)
        for form in crowd.forms(registrations):
            schedule.put(form.at, lambda form=form: participants.send(form))  # type: ignore[misc]
        made = cls(
            hearing, facts, seed, virtual_clock, schedule, secretariat, participants, [], tell
        )
        made._plan_secretariat()
        return made

    def _plan_secretariat(self) -> None:
        """Schedule the secretariat's work: decisions and questions daily, lists at the end."""
        first = _first_start(self.facts)
        for morning in range(clock.now_ms() + DAY, first - 6 * HOUR, DAY):
            self.schedule.put(morning, self._secretariat_day)
        self.schedule.put(first - 6 * HOUR, self._secretariat_day)
        self.schedule.put(first - 5 * HOUR, self.secretariat.move_some)
        self.schedule.put(first - 2 * HOUR, self.participants.make_up)

    def _secretariat_day(self) -> None:
        self.secretariat.review()
        self.secretariat.sort_questions()

    def prepare(self, until: int | None = None) -> None:
        """Play the weeks before the first meeting, or up to `until` (ms since the Unix epoch)."""
        self.schedule.run(_first_start(self.facts) - HOUR if until is None else until)
        self.tell(f"{self.participants.registered} registrations have been taken")

    def hold(self) -> None:
        """Hold the meetings, one after the other."""
        for meeting in Meeting.objects.filter(hearing=self.hearing).order_by("ordinal"):
            moderator = self._moderator(meeting)
            self.moderators.append(moderator)
            moderator.hold()

    def _moderator(self, meeting: Meeting) -> SimulatedModerator:
        console = SimulatedConsole(
            self.hearing, meeting, self.secretariat.acting(Role.MODERATOR), self.virtual_clock
        )
        random = Random(f"{self.seed} meeting {meeting.ordinal}")
        return SimulatedModerator(console, MeetingHabits(random), self._between(random), self.tell)

    def _between(self, random: Random) -> Callable[[Floor], None]:
        """Return a function that sometimes withdraws or replaces a waiting speaker."""

        def between(floor: Floor) -> None:
            if random.random() >= GIVES_UP:
                return
            waiting = [slot for slot in floor.waiting() if slot.role not in PRESENTING]
            if waiting:
                place = Inscription.objects.get(pk=UUID(hex=random.choice(waiting).id))
                self.participants.step_back(place.registration_id, leaves=random.random() < 0.6)

        return between

    def conclude(self) -> None:
        """Play the time after the last meeting: late forms, the draft of the summary, the end."""
        if not self.virtual_clock.live:
            self.schedule.run(clock.now_ms() + 3 * DAY)
        summaries.draft(hearing=self.hearing, actor=self.secretariat.acting())
        hearings.end(hearing=self.hearing, actor=self.secretariat.acting())
        self.tell("the hearing has ended; the summary is drafted")

    def figures(self) -> dict[str, Any]:
        """Return the figures of the rehearsal."""
        made = sum(moderator.score.made for moderator in self.moderators)
        held = sum(moderator.score.held for moderator in self.moderators)
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
    """Play a hearing on its own dates from beginning to end; return the figures."""
    virtual_clock = VirtualClock(begins(document))
    with clock.using(virtual_clock):
        rehearsal = Rehearsal.convened(
            document,
            slug=hearings.free_slug(document["slug"] or document["title"]),
            virtual_clock=virtual_clock,
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
    """Return the languages in which participants of this hearing speak."""
    own = tuple(tag for tag in LANGUAGES if tag in (hearing.languages or ["en"]))
    return own or ("en",)


def _first_start(facts: Facts) -> int:
    return clock.to_ms(min(meeting.starts_at for meeting in facts.meetings))
