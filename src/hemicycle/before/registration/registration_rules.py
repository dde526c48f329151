"""The facts of a hearing that forms and actions need.

In a surge, every request needs the same rows. They are read for each request, so that a changed
deadline applies from the next request on, but as plain rows; the objects are rebuilt only if a row
has changed. Threads share the objects: nothing may change them.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from django.db import connection
from django.db.models import UUIDField

from hemicycle.before.registration import refusals
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup import retention
from hemicycle.hearing.setup.models import Category, Hearing, Meeting, Segment
from hemicycle.hearing.setup.tracks import Track
from hemicycle.ui import times
from hemicycle.ui.times import when

BEFORE_PANEL = timedelta(minutes=30)
"""How long before a panel a place must be confirmed; after that it is free for the next one."""

AT_LEAST = timedelta(minutes=30)
"""The shortest time to confirm a place, also for late registrations."""


@dataclass(frozen=True)
class Facts:
    """A hearing with its panels, categories and deadlines.

    `fingerprint` changes whenever the content of these rows changes.
    """

    hearing: Hearing
    meetings: tuple[Meeting, ...]
    panels: tuple[Segment, ...]
    categories: tuple[Category, ...]
    deadlines: dict[str, datetime]
    fingerprint: str = ""

    def closes_at(self, track: str) -> datetime:
        """Return the last second in which a track accepts registrations.

        A track without a separate deadline is open until the first meeting starts.
        """
        own = self.deadlines.get(track)
        return own or min(
            (meeting.starts_at for meeting in self.meetings),
            default=datetime.max.replace(tzinfo=UTC),
        )

    def is_open(self, track: str, at: datetime) -> bool:
        """Whether a form received `at` is in time: the second of the deadline still counts."""
        if self.hearing.status != Hearing.Status.PUBLISHED or not self.categories_of(track):
            return False
        return not self.is_past(track, at)

    def check_open(self, track: str, at: datetime) -> None:
        """Raise `RegistrationRefused` unless a form of this track received `at` is in time."""
        if self.is_open(track, at):
            return
        if self.hearing.status == Hearing.Status.PUBLISHED and self.categories_of(track):
            raise refusals.too_late(when(self.closes_at(track), self.hearing))
        raise refusals.not_open()

    def check_admits(self, track: str) -> None:
        """Raise `RegistrationRefused` unless the secretariat may add to this track, even late."""
        if self.hearing.status != Hearing.Status.PUBLISHED or not self.categories_of(track):
            raise refusals.not_open()

    def is_past(self, track: str, at: datetime) -> bool:
        """Whether the deadline of a track had passed at the time `at`."""
        return at.replace(microsecond=0) > self.closes_at(track)

    def categories_of(self, track: str) -> list[Category]:
        """Return the categories of a track, in the hearing's order."""
        return [category for category in self.categories if category.track == track]

    @property
    def has_list(self) -> bool:
        """Whether any panel has a list of speakers."""
        return self.hearing.list_of_speakers != "none" and bool(self.panels)

    @cached_property
    def keep_until(self) -> date:
        """The day after which typed data is deleted automatically."""
        last = max((meeting.ends_at for meeting in self.meetings), default=None)
        return retention.keep_until(self.hearing, last)

    @property
    def keep_until_moment(self) -> datetime | None:
        """`keep_until` as a time in the hearing's zone; None while the hearing has no dates."""
        return retention.day_shown(self.keep_until, self.hearing.zone)

    @property
    def minutes_words(self) -> str:
        """The length of an intervention, in words."""
        return times.in_words(self.hearing.floor_time_limit_s * 1000)

    def kept_until(self, segments: tuple[UUID, ...], at: datetime) -> datetime:
        """Return until when a place taken at `at` is kept without a confirmation.

        It is the hearing's number of hours, but no later than `BEFORE_PANEL` before the first
        requested panel (or before the first meeting if none was requested), and no less than
        `AT_LEAST`.
        """
        starts = [self.panel(segment).starts_at for segment in segments]
        starts = starts or [meeting.starts_at for meeting in self.meetings]
        until = at + timedelta(hours=self.hearing.confirmation_hours)
        latest = min((start - BEFORE_PANEL for start in starts), default=until)
        return max(at + AT_LEAST, min(until, latest))

    def panel(self, ident: UUID) -> Segment:
        """Return the panel with that id; raise `LookupError` for a panel of another hearing."""
        for panel in self.panels:
            if panel.id == ident:
                return panel
        raise LookupError(f"the hearing has no panel {ident}")

    def panel_number(self, panel: Segment) -> int:
        """Return the number of a panel in the hearing, from 1."""
        return self.panels.index(panel) + 1

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks that the hearing has categories for."""
        return tuple(track for track in self.hearing.all_tracks if self.categories_of(track.key))

    def of_kind(self, kind: TrackKind) -> tuple[Track, ...]:
        """Return the tracks of a kind that have categories."""
        return tuple(track for track in self.tracks if track.kind == kind)

    def track_for(self, kind: TrackKind, key: str = "") -> Track:
        """Return the track of a kind with that key, or else the first track of the kind.

        If the hearing has none, the result is a track without categories, which is never open.
        """
        found = self.of_kind(kind)
        asked = (track for track in found if track.key == key)
        return next(asked, None) or next(iter(found), Track(kind.value, kind))


_READS = (
    "SELECT h.* FROM hearing_hearing h WHERE {key} = %s",
    """SELECT s.*, m.* FROM hearing_segment s
    JOIN hearing_meeting m ON m.id = s.meeting_id JOIN hearing_hearing h ON h.id = m.hearing_id
    WHERE {key} = %s ORDER BY s.id""",
    """SELECT c.* FROM hearing_category c JOIN hearing_hearing h ON h.id = c.hearing_id
    WHERE {key} = %s ORDER BY c.id""",
    """SELECT d.* FROM hearing_deadline d JOIN hearing_hearing h ON h.id = d.hearing_id
    WHERE {key} = %s ORDER BY d.id""",
)
"""The queries of the rows that facts are made of."""

_ONE_READ = """SELECT h::text FROM hearing_hearing h WHERE {key} = %s
UNION ALL (SELECT s::text || m::text FROM hearing_segment s
    JOIN hearing_meeting m ON m.id = s.meeting_id JOIN hearing_hearing h ON h.id = m.hearing_id
    WHERE {key} = %s ORDER BY s.id)
UNION ALL (SELECT c::text FROM hearing_category c JOIN hearing_hearing h ON h.id = c.hearing_id
    WHERE {key} = %s ORDER BY c.id)
UNION ALL (SELECT d::text FROM hearing_deadline d JOIN hearing_hearing h ON h.id = d.hearing_id
    WHERE {key} = %s ORDER BY d.id)"""
"""The same rows as one query for PostgreSQL, to save round trips."""


def _fingerprint(key: str, value: str) -> str:
    digest = sha256()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_ONE_READ.format(key=key), [value] * len(_READS))
            digest.update(repr(cursor.fetchall()).encode())
        else:
            for statement in _READS:
                cursor.execute(statement.format(key=key), [value])
                digest.update(repr(cursor.fetchall()).encode())
    return digest.hexdigest()


_kept: dict[str, Facts] = {}
_MOST_KEPT = 64


def facts_by_slug(slug: str) -> Facts | None:
    """Return the facts of the hearing with this slug; None if it is unknown."""
    return _find("h.slug", slug, slug=slug)


def facts_of(hearing: Hearing) -> Facts:
    """Return the facts of a loaded hearing; raises `Hearing.DoesNotExist` if it was deleted."""
    found = _find("h.id", UUIDField().get_db_prep_value(hearing.id, connection), pk=hearing.id)
    if found is None:
        raise Hearing.DoesNotExist(f"there is no hearing {hearing.id}")
    return found


def _find(key: str, value: str, **wanted: object) -> Facts | None:
    fingerprint = _fingerprint(key, value)
    found = _kept.get(fingerprint)
    if found is None:
        hearing = Hearing.objects.filter(**wanted).first()
        found = _read(hearing, fingerprint) if hearing else None
        if found and _fingerprint(key, value) == fingerprint:  # no row changed in between
            if len(_kept) >= _MOST_KEPT:
                _kept.clear()
            _kept[fingerprint] = found
    return found


def _read(hearing: Hearing, fingerprint: str) -> Facts:
    segments = list(Segment.objects.filter(meeting__hearing=hearing).select_related("meeting"))
    meetings = {segment.meeting_id: segment.meeting for segment in segments}
    return Facts(
        hearing=hearing,
        meetings=tuple(sorted(meetings.values(), key=lambda meeting: meeting.ordinal)),
        panels=tuple(segment for segment in segments if segment.kind == Segment.Kind.PANEL),
        categories=tuple(hearing.categories.all()),
        deadlines=dict(hearing.deadlines.values_list("track", "at")),
        fingerprint=fingerprint,
    )
