"""The places on a panel's list: how many there are in all, and for each track.

All pages, letters and rules use these functions, so that their figures agree. Rules call them while
they hold the hearing's lock, so that two registrations can never take the last place.
"""

from collections import Counter
from dataclasses import dataclass

from hemicycle.before.registration import refusals
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.setup.models import Hearing, Segment


@dataclass(frozen=True, slots=True)
class PanelRoom:
    """The number of free places on a panel's list: in all, and for one track."""

    whole: int | None
    """None if the list has no limit."""
    of_track: int | None = None

    @property
    def left(self) -> int | None:
        """How many more speakers of the track the list has room for; None if there is no limit."""
        limits = [left for left in (self.whole, self.of_track) if left is not None]
        return min(limits, default=None)


def room_in(segment: Segment, hearing: Hearing, track: str) -> PanelRoom:
    """Count the free places on a panel's list, also for a track; no query if there is no limit."""
    found = hearing.track(track)
    most, most_of_track = segment.max_inscriptions, segment.places_of(found) if found else None
    if most is None and most_of_track is None:
        return PanelRoom(None)
    rows = Inscription.objects.filter(segment=segment, state=Inscription.State.INSCRIBED)
    taken = Counter(rows.values_list("track", flat=True))
    return PanelRoom(
        None if most is None else max(0, most - taken.total()),
        None if most_of_track is None else max(0, most_of_track - taken[track]),
    )


def is_full(segment: Segment, registration: Registration) -> bool:
    """Whether a panel's list has no place left for a registration, in all or for its track."""
    return room_in(segment, registration.hearing, registration.track).left == 0


def refusal(segment: Segment, registration: Registration) -> refusals.RegistrationRefused:
    """Return the refusal of a registration that finds no free place on a panel's list."""
    field = "segments" if registration.is_mission else "segment"
    room = room_in(segment, registration.hearing, registration.track)
    track = registration.hearing.track(registration.track)
    most = segment.places_of(track) if track else None
    if track is None or most is None or room.whole == 0:
        return refusals.panel_full(segment, field)
    return refusals.track_full(segment, track.label, most, field)
