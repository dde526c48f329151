"""Where the lists join the registration's turn, and where the slices above join the lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import Inscribed
from hemicycle.before.speakers import actions
from hemicycle.before.speakers.models import Inscription
from hemicycle.before.speakers.standing import Standing, floor_in, standing
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Segment
from hemicycle.record.writer import Writer


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the office's lists that a slice above fills.

    `states` takes the list's inscriptions and returns, for each id, a word of `ui.states`; it is
    asked once per page. `key` heads the column in exports.
    """

    key: str
    label: str | Promise
    states: Callable[[Sequence[Inscription]], Mapping[UUID, str]]


LIST_COLUMNS: list[Column] = []


def inscribe(record: Writer, registration: Registration, segment: Segment) -> Inscribed:
    """Put a new registration, or one accepted after all, on a panel's list."""
    row, entry = actions.inscribe(registration=registration, segment=segment, actor=record.actor)
    return Inscribed(entry, row.place)


def arrived_earlier(record: Writer, registration: Registration, seq: int) -> None:
    """Let places count from the entry by which their request arrived, until the list opens."""
    for row in _open_places(record, registration):
        floor = floor_in(record, row.segment.meeting_id)
        if standing(row.segment, floor) is Standing.BEFORE and seq < row.arrival:
            actions.count_from(inscription=row, seq=seq, actor=record.actor)


def withdraw(record: Writer, registration: Registration, segments: tuple[UUID, ...]) -> None:
    """Take a registration off the lists of panels it gives up; who has spoken, has spoken."""
    refused = registration.status == Registration.Status.REFUSED
    cause = actions.State.REFUSED if refused else actions.State.WITHDRAWN
    for row in _open_places(record, registration):
        if row.segment_id in segments:
            actions.withdraw(inscription=row, actor=record.actor, cause=cause)


def replace_speaker(record: Writer, registration: Registration, _: Person, after: Person) -> None:
    """Another person speaks in all places of a registration that are still to be called."""
    for row in _open_places(record, registration):
        actions.replace_speaker(inscription=row, person=after, actor=record.actor)


def correct(record: Writer, registration: Registration) -> None:
    """The language in which the registration's speaker will speak may have changed."""
    for row in _open_places(record, registration):
        if row.language != registration.language:
            actions.replace_speaker(
                inscription=row,
                person=row.speaker,
                language=registration.language,
                actor=record.actor,
            )


def _open_places(record: Writer, registration: Registration) -> list[Inscription]:
    rows = registration.inscriptions.filter(state=Inscription.State.INSCRIBED)
    return [row for row in rows.select_related("segment__meeting") if _is_open(record, row)]


def _is_open(record: Writer, row: Inscription) -> bool:
    floor = floor_in(record, row.segment.meeting_id)
    if standing(row.segment, floor) is Standing.OVER:
        return False
    slot = floor.slots.get(row.id.hex)
    return slot is None or slot.state not in actions.SPENT
