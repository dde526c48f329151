"""Queries about booths: who works in which booth, and who has no booth yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.ui.languages import language_name

ENOUGH, MOST = 2, 3
"""The number of interpreters that a booth needs, and the most that it can have.

Two interpreters take turns of half an hour; a third one helps on long days.
"""


@dataclass(frozen=True, slots=True)
class BoothMembers:
    """The interpreters of one language; `closed` if the hearing no longer has the language."""

    language: str
    members: Sequence[Interpreter]
    closed: bool = False

    @property
    def name(self) -> str:
        """The name of the booth's language, in the reader's language."""
        return language_name(self.language)

    @property
    def is_full(self) -> bool:
        """Whether no more interpreters can be assigned."""
        return len(self.members) >= MOST

    @property
    def is_short(self) -> bool:
        """Whether an interpreter would have to work without a break."""
        return len(self.members) < ENOUGH


def interpreters(hearing: UUID) -> QuerySet[Interpreter]:
    """Return the interpreters with a booth; `appointment` is the id that their sign-in links use.

    A person who loses the role on the page of people also loses the place. A person who has not
    accepted the role yet has a place; `hearing.people.access` admits them once they have accepted.
    """
    held = Appointment.every.filter(
        person=OuterRef("person"), hearing_id=hearing, role=Role.INTERPRETER
    )
    rows = Interpreter.objects.annotate(appointment=Subquery(held.values("id")[:1]))
    return rows.filter(hearing_id=hearing, appointment__isnull=False).select_related("person")


def booths(hearing: Hearing) -> list[BoothMembers]:
    """Return the booths in the order of the hearing's languages, closed ones last, in one query."""
    by_language: dict[str, list[Interpreter]] = {tag: [] for tag in hearing.languages}
    for interpreter in interpreters(hearing.id):
        by_language.setdefault(interpreter.language, []).append(interpreter)
    return [
        BoothMembers(tag, rows, tag not in hearing.languages) for tag, rows in by_language.items()
    ]


def place_of(hearing: Hearing, person: Person) -> Interpreter | None:
    """Return a person's place in a booth; None without a place, or if the booth is closed."""
    own = interpreters(hearing.id).filter(person=person).first()
    return own if own and own.language in hearing.languages else None


def training_booths(hearing: Hearing, person: UUID) -> list[Hearing]:
    """Return the open training rooms of a hearing in which a person has a booth."""
    rooms = Hearing.every.filter(
        room_of=hearing, status=Hearing.Status.PUBLISHED, interpreters__person=person
    )
    return list(rooms)


def language_of(hearing: Hearing, person: Person) -> str:
    """Return the language of a person's booth, or "" if they have none."""
    own = place_of(hearing, person)
    return own.language if own else ""


def unplaced(hearing: Hearing) -> QuerySet[Appointment]:
    """Return the hearing's interpreters without a booth."""
    placed = Interpreter.objects.filter(hearing=hearing).values("person")
    rows = Appointment.every.filter(hearing_id=hearing.id, role=Role.INTERPRETER)
    return rows.exclude(person__in=placed).select_related("person").order_by("person__name")
