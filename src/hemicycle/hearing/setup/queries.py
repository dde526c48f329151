"""Queries of the pages about hearings: whole hearings, their phase, and what is on now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import Hearing, Meeting, Segment
from hemicycle.hearing.setup.public_delay import public_floor
from hemicycle.procedure.state import Floor
from hemicycle.record import clock

AROUND = timedelta(hours=6)
"""How long before its start and after its end a meeting may be open."""

NEVER = datetime.min.replace(tzinfo=UTC)
"""A time before all programmes, at which no meeting of a hearing without dates has begun."""

STATES = {"open": "now", "suspended": "suspended", "closed": "done"}
"""The states that the programme shows for the phases of a meeting that has begun."""


def published() -> QuerySet[Any]:
    """Return the hearings that the public sees, with `starts` and `ends` of their meetings."""
    return dated(Hearing.objects.exclude(status=Hearing.Status.DRAFT))


def dated(hearings: QuerySet[Any]) -> QuerySet[Any]:
    """Return the hearings with `starts` and `ends` of their meetings."""
    found: QuerySet[Any] = hearings.annotate(
        starts=Min("meetings__starts_at"), ends=Max("meetings__ends_at")
    )
    return found


def begins(hearing: Any) -> tuple[bool, datetime, str]:
    """Return the key that sorts `dated` hearings by their first meeting, those without one last."""
    return hearing.starts is None, hearing.starts or NEVER, str(hearing)


def group_of(hearing: Any) -> str:
    """Return a `dated` hearing's group in its secretariat's list: draft, live, coming or past."""
    is_draft = hearing.status == Hearing.Status.DRAFT
    return "draft" if is_draft else _when(hearing, clock.now())


def grouped(hearings: QuerySet[Any]) -> dict[str, list[Any]]:
    """Group hearings as live, coming (the next one first) and past (the latest one first)."""
    now = clock.now()
    groups: dict[str, list[Any]] = {"live": [], "coming": [], "past": []}
    for hearing in hearings.order_by("starts"):
        groups[_when(hearing, now)].append(hearing)
    groups["past"].reverse()
    return groups


def _when(hearing: Any, now: datetime) -> str:
    if hearing.is_postponed:
        return "coming"
    if hearing.status == Hearing.Status.ENDED or (hearing.ends and hearing.ends < now):
        return "past"
    return "live" if hearing.starts and hearing.starts <= now else "coming"


@dataclass(frozen=True, slots=True)
class ScheduledSegment:
    """A segment as the programme shows it."""

    segment: Segment
    state: str
    moderators: list[Any]
    chairs: list[Any]
    panellists: list[Any]

    @property
    def presiding(self) -> list[list[Any]]:
        """The chairs, then the moderators; an empty group is left out."""
        return [members for members in (self.chairs, self.moderators) if members]


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting as the programme shows it; `state` is upcoming, open, suspended or done."""

    meeting: Meeting
    state: str
    items: list[ScheduledSegment]


def programme(hearing: Hearing, floor: Callable[[Meeting], Floor] = public_floor) -> list[Sitting]:
    """Return the meetings of a hearing with their segments and the people in them.

    `floor` returns the floor of a meeting: by default as the public sees it; pages for staff pass
    another function.
    """
    now = NEVER if hearing.is_postponed else clock.now()
    meetings = list(hearing.meetings.prefetch_related("segments__members__person"))
    return [_sitting(meeting, _state(meeting, floor, now), now) for meeting in meetings]


def sittings(hearing: Hearing, floor: Callable[[Meeting], Floor] = public_floor) -> list[Sitting]:
    """Return the meetings of a hearing without segments, in one query plus the floors near now."""
    now = NEVER if hearing.is_postponed else clock.now()
    return [Sitting(row, _state(row, floor, now), []) for row in hearing.meetings.all()]


def _state(meeting: Meeting, floor: Callable[[Meeting], Floor], now: datetime) -> str:
    planned = _planned(meeting.starts_at, meeting.ends_at, now)
    return STATES.get(_told(meeting, floor, now), planned)


def _sitting(meeting: Meeting, state: str, now: datetime) -> Sitting:
    planned = _planned(meeting.starts_at, meeting.ends_at, now)
    items = []
    for segment in meeting.segments.all():
        members = list(segment.members.all())
        items.append(
            ScheduledSegment(
                segment=segment,
                state=_planned(segment.starts_at, segment.ends_at, now)
                if state in {"now", planned}
                else ("done" if state == "done" else ""),
                moderators=[member for member in members if member.role == Role.MODERATOR],
                chairs=[member for member in members if member.role == member.CHAIR],
                panellists=[member for member in members if member.role == Role.PANELLIST],
            )
        )
    return Sitting(meeting, state, items)


def _planned(starts: datetime, ends: datetime, now: datetime) -> str:
    if now >= ends:
        return "done"
    return "now" if now >= starts else "upcoming"


def _told(meeting: Meeting, floor: Callable[[Meeting], Floor], now: datetime) -> str:
    """Return the phase, by its floor, of a meeting that may be open at this time; "" for others."""
    near = meeting.starts_at - AROUND <= now <= meeting.ends_at + AROUND
    return floor(meeting).phase if near else ""


def phase(hearing: Hearing, sittings: list[Sitting]) -> str:
    """Return the hearing's phase: before, now, between (meetings), over, postponed (no dates)."""
    states = {sitting.state for sitting in sittings}
    if hearing.is_postponed:
        return "postponed"
    if hearing.status == Hearing.Status.ENDED or states == {"done"}:
        return "over"
    if states & {"now", "suspended"}:
        return "now"
    return "between" if "done" in states else "before"


def name_of(hearing_id: UUID) -> str:
    """Return the title of a hearing; "" if it does not exist."""
    found = Hearing.objects.filter(pk=hearing_id).first()
    return str(found) if found else ""


def of_the_day(hearing: Hearing) -> list[Meeting]:
    """Return the meetings of the first local day that is not over, else of the last day."""
    meetings = list(hearing.meetings.all())
    now = clock.now()
    ahead = [meeting for meeting in meetings if meeting.ends_at >= now] or meetings[-1:]
    days = {meeting.starts_at.astimezone(hearing.zone).date() for meeting in ahead[:1]}
    return [row for row in meetings if row.starts_at.astimezone(hearing.zone).date() in days]
