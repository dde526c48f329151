"""Waiting lists: registrations that arrive when all places are taken move up when one is free.

A registration waits as a whole (`Status.WAITING`) if its category or its organization has no place
left; a request for the floor waits separately (`Waiting`) if a panel's list is full. Both wait in
the order of arrival, and `fill` is called in the transaction of every action that may free a place:
so after each transaction nobody waits for a place that is free, and nobody was overtaken.

A registration that waits for two things gets each when its turn comes: a place on a panel's list
goes to the first arrival among the registrations that already have a place in the hearing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hemicycle.before.registration import (
    entry_types,
    inscriptions,
    letters,
    page_letters,
    panel_room,
    places,
    refusals,
    roles,
    signals,
)
from hemicycle.before.registration.models import Registration, Waiting
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.record.compiled import CompiledQuery
from hemicycle.record.writer import Actor, Writer

Status = Registration.Status
ACCEPTING = Actor.system("registration")
KEEPER = Actor.system("waiting-list")
RELATED = ("hearing", "person", "organization", "category")


def join(record: Writer, registration: Registration, segments: Iterable[Segment]) -> None:
    """Put a registration on the waiting lists for the floor in `segments`."""
    for segment in segments:
        Waiting.objects.get_or_create(registration=registration, segment=segment)
        _tell(record, entry_types.WAITS, registration, segment)


def hold(record: Writer, registration: Registration) -> None:
    """Put a whole registration, whose status is `WAITING`, on its category's waiting list."""
    _tell(record, entry_types.WAITS, registration, None)


def _tell(record: Writer, kind: str, registration: Registration, segment: Segment | None) -> None:
    where = segment.id.hex if segment else ""
    record.append(kind, {"registration": registration.id.hex, "segment": where}, actor=KEEPER)


def leave(registration: Registration, segments: tuple[UUID, ...]) -> list[Segment]:
    """Stop waiting for the floor in `segments`, or in all panels if it is empty."""
    rows = registration.waits.select_related("segment").order_by("segment__ordinal")
    left = list(rows.filter(segment__in=segments) if segments else rows)
    Waiting.objects.filter(pk__in=[row.pk for row in left]).delete()
    return [row.segment for row in left]


def accept_by_itself(record: Writer, registration: Registration) -> None:
    """Accept a confirmed registration whose category accepts automatically.

    A mission's registration is not accepted before the mission is proved.
    """
    by_itself = registration.category.accepts_by_itself and registration.is_confirmed
    if not by_itself or registration.status != Status.SUBMITTED or registration.lacks_proof:
        return
    registration.status = Status.ACCEPTED
    registration.save(update_fields=("status",))
    body = {"registration": registration.id.hex, "outcome": Status.ACCEPTED.value, "reason": ""}
    record.append(entry_types.DECIDED, body, actor=ACCEPTING)


def fill(record: Writer, at: datetime | None = None) -> None:
    """Give every free place to the registration that has waited longest for it, and notify them.

    If the secretariat freed the places, the letters are held, and sent at the time `at` that it
    chose; otherwise they are sent at once.
    """
    admitted = _admit(record)
    seated = _seat(record)
    told = {
        registration.id: registration
        for registration in (*admitted, *(row.registration for row in seated))
    }
    panels: dict[UUID, list[Segment]] = defaultdict(list)
    for row in seated:
        panels[row.registration_id].append(row.segment)
    new = {registration.id for registration in admitted}
    for ident, registration in told.items():
        held = record.actor.role == Role.SECRETARIAT
        page_letters.promoted(registration, ident in new, panels[ident], held=held, at=at)


def _admit(record: Writer) -> list[Registration]:
    waiting = Registration.objects.filter(hearing=record.hearing, status=Status.WAITING)
    rows = list(waiting.select_related(*RELATED).order_by("arrival"))
    if not rows:
        return []
    taken = places.Taken(record.hearing)
    admitted = []
    for registration in rows:
        if taken.has_room(registration):
            taken.take(registration)
            _admit_one(record, registration)
            admitted.append(registration)
    return admitted


def _admit_one(record: Writer, registration: Registration) -> None:
    registration.status = Status.SUBMITTED
    registration.save(update_fields=("status",))
    _tell(record, entry_types.PROMOTED, registration, None)
    accept_by_itself(record, registration)
    roles.give(registration)
    if registration.is_confirmed:
        signals.registration_admitted.send(record, registration)


def _seat(record: Writer) -> list[Waiting]:
    """Give free places on panels' lists to waiting requests; return the requests that got one."""
    wait = Waiting.objects.filter(
        registration__hearing=record.hearing, registration__status__in=Registration.PLACED
    )
    related = ("segment__meeting", *(f"registration__{name}" for name in RELATED))
    by_panel: dict[UUID, list[Waiting]] = defaultdict(list)
    for row in wait.select_related(*related).order_by("registration__arrival"):
        by_panel[row.segment_id].append(row)
    return [row for rows in by_panel.values() for row in _seat_in(record, rows)]


def _seat_in(record: Writer, rows: list[Waiting]) -> list[Waiting]:
    seated = []
    for row in rows:
        if panel_room.is_full(row.segment, row.registration):
            continue  # another track may still have a place
        try:
            _seat_one(record, row)
        except refusals.RegistrationRefused:
            break  # the panel is over, or the floor still holds the place
        seated.append(row)
    return seated


def _seat_one(record: Writer, row: Waiting) -> None:
    inscriptions.inscribe(registration=row.registration, segment=row.segment, actor=record.actor)
    row.delete()
    _tell(record, entry_types.PROMOTED, row.registration, row.segment)


def on_hearing_changed(record: Writer, hearing: Hearing) -> None:
    """Give the places of an enlarged hearing to waiting registrations."""
    fill(record)


# ── The position of a registration ────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Wait:
    """What a registration waits for, and its position; `segment` is None for the hearing itself."""

    position: int
    segment: Segment | None = None

    @property
    def words(self) -> str:
        """The panel, or the hearing, and the position, in one line."""
        return letters.waiting_words(self.position, self.segment.title if self.segment else "")


_waits = CompiledQuery(
    lambda registration: (
        Waiting.objects.filter(registration=registration)
        .select_related("segment")
        .order_by("segment__ordinal")
    ),
    registration=UUID,
)


def ask_for_waits(registration: UUID) -> Callable[[], list[Waiting]]:
    """Send the query of the panels that a registration waits for; return a function to read it."""
    return _waits.ask(registration=registration)


def waits_of(registration: Registration, rows: list[Waiting] | None = None) -> list[Wait]:
    """Return everything that a registration waits for; nothing once it is inactive.

    `rows` are the panels that it waits for, if they have already been read.
    """
    if not registration.is_live:
        return []
    found = []
    if registration.status == Status.WAITING:
        before = Registration.objects.filter(
            category=registration.category_id, status=Status.WAITING
        )
        found.append(Wait(before.filter(arrival__lt=registration.arrival).count() + 1))
    for row in ask_for_waits(registration.id)() if rows is None else rows:
        ahead = Waiting.objects.filter(
            segment=row.segment_id,
            registration__status__in=Registration.LIVE,
            registration__arrival__lt=registration.arrival,
        )
        found.append(Wait(ahead.count() + 1, row.segment))
    return found
