"""The tracks of a hearing: the ways to register for it, which are data of the hearing.

A track has its own name, deadline, categories and places. Its kind says with which form people
register: that of a State's delegation, or the form for all others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from hemicycle.hearing.people.models import TrackKind
from hemicycle.ui.words import best

MOST_TRACKS = 12
"""The most tracks of one hearing: lists and pages show them side by side."""


@dataclass(frozen=True, slots=True)
class Track:
    """A track; `names` are its own names by language, and without any it has the name of its kind.

    `max_per_panel` is how many of its speakers a panel's list takes, or None for no limit of its
    own; `limit_seconds` is their speaking time, or None for that of all others.
    """

    key: str
    kind: TrackKind
    names: Mapping[str, str] = field(default_factory=dict)
    max_per_panel: int | None = None
    limit_seconds: int | None = None

    @property
    def label(self) -> str:
        """The name in the reader's language, else the first name that the hearing gives."""
        tag = best(get_language() or "en", self.names) or next(iter(self.names), "")
        return self.names[tag] if tag else str(self.kind.label)

    @property
    def is_for_missions(self) -> bool:
        """Whether delegations of States register on it."""
        return self.kind == TrackKind.MISSIONS


def default_tracks() -> list[dict[str, Any]]:
    """Return the tracks of a hearing that names none: one of each kind."""
    return [
        {
            "key": kind.value,
            "kind": kind.value,
            "names": {},
            "max_per_panel": None,
            "limit_seconds": None,
        }
        for kind in TrackKind
    ]


def track_of(data: Mapping[str, Any]) -> Track:
    """Return the track that a row of `Hearing.tracks` describes."""
    return Track(
        key=data["key"],
        kind=TrackKind(data["kind"]),
        names=data["names"],
        max_per_panel=data["max_per_panel"],
        limit_seconds=data["limit_seconds"],
    )


def tracks_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Track, ...]:
    """Return the tracks in `Hearing.tracks`, in the hearing's order."""
    return tuple(map(track_of, rows))
