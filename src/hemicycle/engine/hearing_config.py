"""The configuration of one hearing: what `web` tells the engine beside the record.

It is the answer of `/media-api/<hearing>` (`docs/media.md`). Names live here only as long as the
process does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hemicycle.engine.video.layouts import Plate

type Placement = Literal["burnt", "beside"]


@dataclass(frozen=True, slots=True)
class PushTarget:
    """Another broadcaster: its address, and the channel that is pushed with the picture."""

    url: str
    channel: str


@dataclass(frozen=True, slots=True)
class HearingConfig:
    """One hearing as the engine needs it.

    `mark` is burnt into every picture, "" for none. `cards` has texts by code, `places` name plates
    by slot, `moderators` name plates by person, `videos` the addresses of recorded interventions by
    slot. `first` names the slots whose video is played even though the speaker is connected.
    `withheld` has the slots that are not to be in the webcast, each with what stands instead.
    """

    title: str = ""
    mark: str = ""
    languages: tuple[str, ...] = ()
    meeting: str = ""
    plate: Placement = "burnt"
    clock: Placement = "burnt"
    cards: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Plate] = field(default_factory=dict)
    moderators: Mapping[str, Plate] = field(default_factory=dict)
    videos: Mapping[str, str] = field(default_factory=dict)
    first: frozenset[str] = frozenset()
    push: tuple[PushTarget, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)


def read(data: Mapping[str, Any]) -> HearingConfig:
    """Read `web`'s answer; a missing key takes the default."""
    picture = data.get("picture") or {}
    return HearingConfig(
        title=data.get("title", ""),
        mark=data.get("mark", ""),
        languages=tuple(data.get("languages", ())),
        meeting=data.get("meeting") or "",
        plate="beside" if picture.get("plate") == "beside" else "burnt",
        clock="beside" if picture.get("clock") == "beside" else "burnt",
        cards=dict(data.get("cards") or {}),
        places=_plates(data.get("places")),
        moderators=_plates(data.get("moderators")),
        videos=dict(data.get("videos") or {}),
        first=frozenset(data.get("videos_first") or ()),
        push=tuple(
            PushTarget(target["url"], target["language"]) for target in data.get("push") or ()
        ),
        withheld=dict(data.get("withheld") or {}),
    )


def _plates(data: Any) -> dict[str, Plate]:
    return {
        id: Plate(person.get("name", ""), person.get("line", ""))
        for id, person in (data or {}).items()
    }
