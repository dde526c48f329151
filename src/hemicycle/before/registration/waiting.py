"""Waiting lists: whoever comes when the places are taken, and moves up when one falls free.

A registration waits as a whole (`Status.WAITING`) where its category or its organization has no
place left; a request for the floor waits by itself (`Waiting`) where a panel's list is full. Both
wait in the order of arrival, and `fill` is called in the turn of every act that may free a place:
so once a turn has ended, nobody waits for a place that is free, and nobody was overtaken.

Somebody who waits for two things gets each when it is their turn for it: a panel's place goes to
whoever arrived first among those who already have a place in the hearing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from hemicycle.before.registration import (
    entry_types,
    inscriptions,
    letters,
    page_letters,
    places,
    refusals,
    roles,
    signals,
)
from hemicycle.before.registration.models import Registration, Waiting
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.record.compiled import CompiledQuery
from hemicycle.record.writer import Actor, Writer

Status = Registration.Status
ACCEPTING = Actor.system("registration")
KEEPER = Actor.system("waiting-list")
RELATED = ("hearing", "person", "organization", "category")


def join(record: Writer, registration: Registration, segments: Iterable[Segment]) -> None:
    """Put a registration on the lists of those who wait for the floor in `segments`."""
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
    """Wait no longer for the floor in `segments`, in any panel when there are none."""
    rows = registration.waits.select_related("segment").order_by("segment__ordinal")
    left = list(rows.filter(segment__in=segments) if segments else rows)
    Waiting.objects.filter(pk__in=[row.pk for row in left]).delete()
    return [row.segment for row in left]


def accept_by_itself(record: Writer, registration: Registration) -> None:
    """Accept a confirmed registration of a category that nobody decides about.

    One for a mission is not accepted before the mission is proved.
    """
    by_itself = registration.category.accepts_by_itself and registration.is_confirmed
    if not by_itself or registration.status != Status.SUBMITTED or registration.lacks_proof:
        return
    registration.status = Status.ACCEPTED
    registration.save(update_fields=("status",))
    body = {"registration": registration.id.hex, "outcome": Status.ACCEPTED.value, "reason": ""}
    record.append(entry_types.DECIDED, body, actor=ACCEPTING)


def fill(record: Writer) -> None:
    """Give every place that is free to whoever has waited longest for it, and tell them at once."""
    admitted = _admit(record)
    seated = _seat(record)
    told = {
        registration.id: registration
        for registration in (*admitted, *(row.registration for row in seated))
    }
    panels: dict[UUID, list[str]] = defaultdict(list)
    for row in seated:
        panels[row.registration_id].append(row.segment.title)
    new = {registration.id for registration in admitted}
    for ident, registration in told.items():
        page_letters.promoted(registration, ident in new, panels[ident])


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
    """Give free places on panels' lists to those who wait for them."""
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
    for row in rows[: places.left_in(rows[0].segment)]:
        try:
            _seat_one(record, row)
        except refusals.RegistrationRefused:
            break  # the panel is over, or the floor holds the place still
        seated.append(row)
    return seated


def _seat_one(record: Writer, row: Waiting) -> None:
    inscriptions.inscribe(registration=row.registration, segment=row.segment, actor=record.actor)
    row.delete()
    _tell(record, entry_types.PROMOTED, row.registration, row.segment)


def on_hearing_changed(record: Writer, hearing: Hearing) -> None:
    """A hearing that has more places now gives them to those who wait."""
    fill(record)


# ── Where one stands ──────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Wait:
    """What a registration waits for, as which number; `segment` is None for the hearing itself."""

    position: int
    segment: Segment | None = None

    @property
    def words(self) -> str:
        """It in one line."""
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
    """Ask for the panels that a registration waits for, and return what reads the answer."""
    return _waits.ask(registration=registration)


def waits_of(registration: Registration, rows: list[Waiting] | None = None) -> list[Wait]:
    """Everything that a registration waits for; nothing once it no longer stands.

    `rows` are the panels that it waits for, where they have been read before.
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
