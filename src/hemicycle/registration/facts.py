"""What forms and actions need to know of a hearing, read once per request in few queries."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import ngettext

from hemicycle.hearings.models import Category, Hearing, Meeting, Segment
from hemicycle.parties.models import Track
from hemicycle.registration import letters, refusals


@dataclass(frozen=True)
class Facts:
    """A hearing with its panels, categories and deadlines."""

    hearing: Hearing
    meetings: tuple[Meeting, ...]
    panels: tuple[Segment, ...]
    categories: tuple[Category, ...]
    deadlines: dict[str, datetime]

    def closes_at(self, track: str) -> datetime:
        """The last second in which a track takes registrations.

        A track without a deadline of its own is open until the first meeting starts.
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
        return at.replace(microsecond=0) <= self.closes_at(track)

    def check_open(self, track: str, at: datetime) -> None:
        """Raise `Refused` unless a form of this track that was received `at` is in time."""
        if self.is_open(track, at):
            return
        if self.hearing.status == Hearing.Status.PUBLISHED and self.categories_of(track):
            raise refusals.too_late(letters.when(self.closes_at(track), self.hearing))
        raise refusals.not_open()

    def categories_of(self, track: str) -> list[Category]:
        """The categories that belong to a track, in the hearing's order."""
        return [category for category in self.categories if category.track == track]

    @property
    def has_list(self) -> bool:
        """Whether there is a list of speakers to be put on."""
        return self.hearing.list_of_speakers != "none" and bool(self.panels)

    @cached_property
    def keep_until(self) -> date:
        """The day after which what people typed is deleted by itself."""
        end = max((meeting.ends_at for meeting in self.meetings), default=None)
        if end is None:
            return date.max
        local = end.astimezone(ZoneInfo(self.hearing.time_zone)).date()
        return local + timedelta(days=self.hearing.retention_days)

    @property
    def keep_until_moment(self) -> datetime:
        """`keep_until` as a moment in the hearing's zone, for pages."""
        return datetime.combine(self.keep_until, time(12), ZoneInfo(self.hearing.time_zone))

    @property
    def minutes_words(self) -> str:
        """How long an intervention may last, in words."""
        minutes, seconds = divmod(self.hearing.floor_time_limit_s, 60)
        said = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
        rest = ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
        return " ".join([said] * bool(minutes) + [rest] * bool(seconds))

    @cached_property
    def fingerprint(self) -> str:
        """Changes with anything that these rows say."""
        rows = (self.hearing, *self.meetings, *self.panels, *self.categories)
        said = [[value for name, value in row.__dict__.items() if name[0] != "_"] for row in rows]
        return sha256(repr((said, self.deadlines)).encode()).hexdigest()

    def panel(self, ident: UUID) -> Segment:
        """The panel with that id; raises `LookupError` for one of another hearing."""
        for panel in self.panels:
            if panel.id == ident:
                return panel
        raise LookupError(f"the hearing has no panel {ident}")

    def panel_number(self, panel: Segment) -> int:
        """A panel's number as people say it, from 1."""
        return self.panels.index(panel) + 1

    @cached_property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks that the hearing has categories for."""
        return tuple(track for track in Track if self.categories_of(track))


def facts_of(hearing: Hearing) -> Facts:
    """Read the facts of a hearing: three queries."""
    segments = list(Segment.objects.filter(meeting__hearing=hearing).select_related("meeting"))
    meetings = {segment.meeting_id: segment.meeting for segment in segments}
    return Facts(
        hearing=hearing,
        meetings=tuple(sorted(meetings.values(), key=lambda meeting: meeting.ordinal)),
        panels=tuple(each for each in segments if each.kind == Segment.Kind.PANEL),
        categories=tuple(hearing.categories.all()),
        deadlines=dict(hearing.deadlines.values_list("track", "at")),
    )
