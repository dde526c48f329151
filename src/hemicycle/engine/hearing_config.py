"""What the engine is told of a hearing: the words that the record does not hold.

`web` answers with it (`docs/media.md`, `/media-api/<hearing>`). Names live here only as long as the
process does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

type Placement = Literal["burnt", "beside"]


@dataclass(frozen=True, slots=True)
class Face:
    """Who is behind a slot or presides: the name, and the line under it."""

    name: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class PushTarget:
    """Another broadcaster: where the program goes, and in which channel's sound."""

    url: str
    channel: str


@dataclass(frozen=True, slots=True)
class HearingConfig:
    """One hearing as the desk needs it. `cards` are words by code, `places` faces by slot,
    `moderators` faces by person, `videos` addresses of recorded interventions by slot, `first`
    the slots where one is played even though the speaker is there."""

    title: str = ""
    languages: tuple[str, ...] = ()
    meeting: str = ""
    plate: Placement = "burnt"
    clock: Placement = "burnt"
    cards: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Face] = field(default_factory=dict)
    moderators: Mapping[str, Face] = field(default_factory=dict)
    videos: Mapping[str, str] = field(default_factory=dict)
    first: frozenset[str] = frozenset()
    push: tuple[PushTarget, ...] = ()


def read(data: Mapping[str, Any]) -> HearingConfig:
    """The brief in `web`'s answer; what is missing there has its default here."""
    picture = data.get("picture") or {}
    return HearingConfig(
        title=data.get("title", ""),
        languages=tuple(data.get("languages", ())),
        meeting=data.get("meeting") or "",
        plate="beside" if picture.get("plate") == "beside" else "burnt",
        clock="beside" if picture.get("clock") == "beside" else "burnt",
        cards=dict(data.get("cards") or {}),
        places=_faces(data.get("places")),
        moderators=_faces(data.get("moderators")),
        videos=dict(data.get("videos") or {}),
        first=frozenset(data.get("videos_first") or ()),
        push=tuple(
            PushTarget(target["url"], target["language"]) for target in data.get("push") or ()
        ),
    )


def _faces(data: Any) -> dict[str, Face]:
    return {
        id: Face(person.get("name", ""), person.get("line", ""))
        for id, person in (data or {}).items()
    }
