"""The tracks of a hearing: the ways in which people register for it, which are data of the hearing.

A track has its own name, deadline, categories and places. Its kind says with which form people
register: that of a State's delegation or that for everybody else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from hemicycle.hearing.people.models import TrackKind
from hemicycle.ui.words import best

MOST_TRACKS = 12
"""Tracks of one hearing: lists and pages show them side by side."""


@dataclass(frozen=True, slots=True)
class Track:
    """A track: `names` has its own name by language; without any it is called after its kind.

    `max_per_panel` is how many of its speakers a panel's list takes, None for no limit of its own;
    `limit_seconds` is how long they may speak, None for as long as others.
    """

    key: str
    kind: TrackKind
    names: Mapping[str, str] = field(default_factory=dict)
    max_per_panel: int | None = None
    limit_seconds: int | None = None

    @property
    def label(self) -> str:
        """The name in the reader's language, else in the first that the hearing gave."""
        tag = best(get_language() or "en", self.names) or next(iter(self.names), "")
        return self.names[tag] if tag else str(self.kind.label)

    @property
    def is_for_missions(self) -> bool:
        """Whether States' delegations register by it."""
        return self.kind == TrackKind.MISSIONS


def default_tracks() -> list[dict[str, Any]]:
    """Those of a hearing that says nothing of tracks: one of each kind."""
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
    """The track that a row of `Hearing.tracks` describes."""
    return Track(
        key=data["key"],
        kind=TrackKind(data["kind"]),
        names=data["names"],
        max_per_panel=data["max_per_panel"],
        limit_seconds=data["limit_seconds"],
    )


def tracks_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Track, ...]:
    """The tracks in `Hearing.tracks`, in the hearing's order."""
    return tuple(map(track_of, rows))
