"""Play everyone except the secretariat in a hearing that a walk has set up in a browser.

    python -m tools.cast earlier                    # make last year's hearing, to copy from
    python -m tools.cast register SLUG 24           # send 24 registrations
    python -m tools.cast write SLUG                 # submit half of the missing statements
    python -m tools.cast morning SLUG               # move the clock to the first meeting
    python -m tools.cast hold SLUG                  # hold the meetings

The people and the moderator come from `hemicycle rehearse`. Each step except `earlier` and
`write` moves the clock that the walk uses (`shifted_clock`) to the time at which the step ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from hemicycle.record import clock
from hemicycle.site.rehearsal import django_setup

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.record.writer import Actor

HOUR = 3_600_000
SEED = 16
LAST_YEAR = timedelta(days=364)


def _moved_to(at: int) -> None:
    """Move the clock of the site forward to `at` (ms, Unix epoch); never move it back."""
    shift = at - clock.wall()
    file = Path(os.environ["SHIFTED_CLOCK"])
    if shift > int(file.read_text("ascii")):
        file.write_text(str(shift), "ascii")


def _hearing(slug: str) -> Hearing:
    from hemicycle.hearing.setup import actions
    from hemicycle.hearing.setup.models import Hearing

    return actions.whole(Hearing.objects.get(slug=slug).pk)


def earlier() -> None:
    """Make the committee's previous hearing, with its staff, list of speakers and panels."""
    from hemicycle.hearing.people.actions import appoint, staff_member
    from hemicycle.hearing.people.models import Person, Role
    from hemicycle.hearing.setup import actions as hearings
    from hemicycle.hearing.setup import beginning
    from hemicycle.hearing.setup.models import PanelMember
    from hemicycle.mail.outgoing import lists
    from hemicycle.mail.outgoing.models import Recipient
    from hemicycle.record.writer import Actor

    officer = Person.objects.get(is_administrator=True)
    actor = Actor(officer.id.hex, Role.SECRETARIAT.value)
    hearing = beginning.from_preset(
        name="parliament-committee",
        title="Hearing on river bathing",
        first_day=clock.now().date() - LAST_YEAR,
        time_zone="Europe/Paris",
        by=officer,
        actor=actor,
    )
    for role, name in ((Role.MODERATOR, "Ines Example"), (Role.TECHNICIAN, "Tom Example")):
        address = f"{role.value}@parliament.example"
        person = staff_member(name=name, email=address)
        appoint(person=person, hearing_id=hearing.pk, role=role, actor=actor)
    for segment in _hearing(hearing.slug).meetings.get().segments.filter(kind="panel"):
        PanelMember.objects.create(
            segment=segment, role=Role.MODERATOR, name="Ines Example", title="Committee chair"
        )
    invited = lists.make(hearing=hearing, name="Invited witnesses", of_missions=False, actor=actor)
    for number in range(12):
        line = Recipient(
            name=f"Witness {number + 1}",
            organization=f"Example Institute {number + 1}",
            address=f"witness{number + 1}@institute.example",
        )
        lists.put(recipients=invited, line=line, actor=actor)
    hearings.end(hearing=hearing, actor=actor)
    print(hearing.title)


def register(slug: str, count: int) -> None:
    """Register people until a day before the first deadline; some of them submit a statement."""
    from hemicycle.before.registration.registration_rules import facts_of
    from hemicycle.site.rehearsal.arrivals import DAY, Crowd
    from hemicycle.site.rehearsal.participants import Participants
    from hemicycle.site.rehearsal.people import PeopleGenerator
    from hemicycle.site.rehearsal.schedule import Schedule
    from hemicycle.site.rehearsal.virtual_clock import VirtualClock

    hearing = _hearing(slug)
    facts = facts_of(hearing)
    virtual = VirtualClock(clock.now_ms())
    until = min(clock.to_ms(deadline.at) for deadline in hearing.deadlines.all()) - DAY
    with clock.using(virtual):
        people = PeopleGenerator(Random(f"{SEED} people"), ("en",))
        schedule = Schedule(virtual)
        participants = Participants(
            hearing=hearing,
            facts=facts,
            schedule=schedule,
            people=people,
            random=Random(f"{SEED} participants"),
            topics=[question.text for question in hearing.guiding_questions.all()],
            ends=until,
            hand_in=0.4,
        )
        crowd = Crowd(facts, people, Random(f"{SEED} forms"), clock.now_ms() + HOUR, until - HOUR)
        for form in crowd.forms(count):
            schedule.put(min(form.at, until - HOUR), partial(participants.send, form))
        schedule.run(until)
        _moved_to(clock.now_ms())
    print(participants.registered)


def write(slug: str) -> None:
    """Submit a statement for every second speaker whose statement is missing."""
    from hemicycle.before.registration.access import actor_of
    from hemicycle.before.statements import actions, queries
    from hemicycle.site.rehearsal.speech import statement

    hearing = _hearing(slug)
    topics = [question.text for question in hearing.guiding_questions.all()]
    places = list(queries.missing(hearing).order_by("arrival"))[::2]
    for number, place in enumerate(places):
        row = place.registration
        text = statement(Random(number), "en", row.organization.name, topics, 300)
        actions.hand_in(
            registration=row,
            inscription=place,
            file_name="statement.txt",
            data=text.encode(),
            by=row.person,
            actor=actor_of(row),
        )
    print(len(places))


def hold(slug: str) -> None:
    """Hold every meeting on its day with a simulated moderator."""
    from hemicycle.site.rehearsal.console import SimulatedConsole
    from hemicycle.site.rehearsal.habits import MeetingHabits
    from hemicycle.site.rehearsal.simulated_moderator import SimulatedModerator
    from hemicycle.site.rehearsal.virtual_clock import VirtualClock

    hearing = _hearing(slug)
    meetings = list(hearing.meetings.order_by("ordinal"))
    virtual = VirtualClock(clock.to_ms(meetings[0].starts_at) - HOUR // 2)
    with clock.using(virtual):
        for meeting in meetings:
            console = SimulatedConsole(hearing, meeting, _moderator(hearing), virtual)
            habits = MeetingHabits(Random(f"{SEED} meeting {meeting.ordinal}"))
            SimulatedModerator(console, habits, lambda floor: None, print).hold()
        _moved_to(clock.now_ms() + HOUR)


def _moderator(hearing: Hearing) -> Actor:
    """Return the moderator whom the office has appointed first."""
    from hemicycle.hearing.people.models import Appointment, Role
    from hemicycle.record.writer import Actor

    own = Appointment.every.filter(hearing_id=hearing.pk, role=Role.MODERATOR).order_by("pk")
    return Actor(own[0].person_id.hex, Role.MODERATOR.value)


def morning(slug: str) -> None:
    """Move the clock to one hour before the first meeting."""
    first = _hearing(slug).meetings.order_by("ordinal")[0]
    _moved_to(clock.to_ms(first.starts_at) - HOUR)


STEPS: dict[str, Callable[..., None]] = {
    "earlier": earlier,
    "register": lambda slug, count: register(slug, int(count)),
    "write": write,
    "morning": morning,
    "hold": hold,
}


def main() -> int:
    """Play the step that the first argument names."""
    django_setup.attach()
    name, *rest = sys.argv[1:]
    STEPS[name](*rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
