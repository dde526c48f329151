"""How much of a meeting the public knows: what was sent out, with the delay of the feed.

Every page that is open to all, its feed and the API follow the delay of picture and sound. While
the public feed is stopped, the pages show the state at the stop. They show nothing of the time that
the stop removed, and continue when the feed has resumed and its delay has passed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hemicycle.hearing.setup.models import Hearing, Meeting, Segment
from hemicycle.procedure.state import Discussion, Floor, FloorSegment
from hemicycle.record import clock
from hemicycle.record.floor import floor_at, floor_of
from hemicycle.record.models import Entry


@dataclass(frozen=True, slots=True)
class PublicMoment:
    """The moment that the public sees: `at_ms`, after `delay_ms`; `held` while it stands still."""

    at_ms: int
    delay_ms: int
    held: bool = False


def delay_ms(meeting: Meeting, floor: Floor) -> int:
    """Return the public's delay in ms, from the open segment or else the hearing."""
    if floor.segment and floor.segment_open:
        return delay_s(meeting, floor, Segment.objects.filter(pk=UUID(hex=floor.segment.id))) * 1000
    return delay_s(meeting, floor, ()) * 1000


def delay_s(meeting: Meeting, floor: Floor, segments: Iterable[Segment]) -> int:
    """Return the public's delay in seconds; `segments` must include the open one, if any."""
    open_now = floor.segment.id if floor.segment and floor.segment_open else ""
    own = [one.public_delay_s for one in segments if one.id.hex == open_now]
    return meeting.hearing.public_delay_s if not own or own[0] is None else own[0]


def moment(meeting: Meeting, floor: Floor) -> PublicMoment | None:
    """Return the moment that the public sees in a meeting with this floor; None without delay."""
    if floor.phase == "not_opened" and not floor.feed_stops:
        return None
    now, delay = clock.now_ms(), delay_ms(meeting, floor)
    # The public never sees the time of the stop: its moment stays until the delay after the
    # resumption has passed.
    last = floor.feed_stops[-1] if floor.feed_stops else None
    if last and (last.resumed_at is None or now < last.resumed_at + delay):
        return PublicMoment(last.stopped_at - delay, delay, held=True)
    return PublicMoment(now - delay, delay) if delay else None


def public_floor(meeting: Meeting) -> Floor:
    """Return the floor that the public sees. The clock of its speaker has the same delay."""
    floor = floor_of(meeting.pk)
    at = moment(meeting, floor)
    if at is None:
        return floor
    shown = floor_at(meeting.pk, at.at_ms)
    # The state of the stop is public at once, because it explains why nothing changes.
    shown = replace(
        shown, feed_stopped=floor.feed_stopped, feed_seq=floor.feed_seq, feed_stops=floor.feed_stops
    )
    return _clock_later(shown, at)


def _clock_later(floor: Floor, at: PublicMoment) -> Floor:
    if floor.discussion is not None and floor.segment is not None:
        return _discussion_later(floor, floor.discussion, floor.segment, at.delay_ms)
    holder = floor.holder
    if holder is None or holder.running_since is None:
        return floor
    if at.held:  # the picture shows a card: a running clock would reveal the room
        used = holder.used_before_ms + max(0, at.at_ms - holder.running_since)
        return replace(floor, holder=replace(holder, used_before_ms=used, running_since=None))
    # A clock that starts at `running_since` in the room starts `delay_ms` later for the public.
    since = holder.running_since + at.delay_ms
    return replace(floor, holder=replace(holder, running_since=since))


def _discussion_later(
    floor: Floor, talk: Discussion, segment: FloorSegment, delay_ms: int
) -> Floor:
    """Delay the clock of a discussion, which ends with the segment."""
    later = replace(talk, opened_at=talk.opened_at + delay_ms)
    ends = replace(segment, ends_at=segment.ends_at + delay_ms)
    return replace(floor, discussions=(*floor.discussions[:-1], later), segment=ends)


def known_until(hearing: Hearing) -> dict[UUID, datetime]:
    """Return until when the public sees each meeting; those without delay are left out."""
    known: dict[UUID, datetime] = {}
    for meeting in hearing.meetings.all():
        if at := moment(meeting, floor_of(meeting.pk)):
            known[meeting.pk] = clock.from_ms(at.at_ms)
    return known


def changes_in_s(hearing: UUID) -> float | None:
    """Return the seconds until the public sees a change without new entries; None for never."""
    waits = [
        wait
        for meeting in Meeting.objects.filter(hearing_id=hearing).select_related("hearing")
        if (wait := _changes_in_ms(meeting)) is not None
    ]
    return min(waits) / 1000 if waits else None


def _changes_in_ms(meeting: Meeting) -> int | None:
    floor = floor_of(meeting.pk)
    at = moment(meeting, floor)
    if at is None:
        return None
    now = clock.now_ms()
    if at.held:
        resumed_at = floor.feed_stops[-1].resumed_at
        return None if resumed_at is None else resumed_at + at.delay_ms - now
    # Without new entries, the next change is the oldest entry that the public has not seen yet.
    behind = Entry.objects.filter(meeting=meeting.pk.hex, at__gt=at.at_ms).order_by("seq")
    following = behind.values_list("at", flat=True).first()
    return None if following is None else following + at.delay_ms - now
