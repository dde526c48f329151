"""The configuration of one hearing: what `web` sends the engine in addition to the record.

It is the answer of `/media-api/<hearing>` (`docs/media.md`). Names are kept only in memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hemicycle import mentions
from hemicycle.engine import protection
from hemicycle.engine.protection import Protection
from hemicycle.engine.video.layouts import Plate
from hemicycle.mentions import Bearer

LONGEST_DELAY_S = 120
"""The longest delay of the public feed, in seconds: all of it waits in memory."""

type Placement = Literal["burnt", "beside"]


@dataclass(frozen=True, slots=True)
class PushTarget:
    """Another broadcaster: its address, and the channel that is pushed with the picture."""

    url: str
    channel: str


@dataclass(frozen=True, slots=True)
class HearingConfig:
    """One hearing as the engine needs it.

    `mark` is burnt into every picture, "" for none. A hearing that is not `in_public` is not
    webcast, recorded or pushed. `cards` has texts by code, `places` name plates by slot,
    `moderators` and `raisers` (of points of order) name plates by person, `videos` the addresses of
    recorded interventions by slot. `first` names the slots whose video is played even if the
    speaker is connected. `delay_s` is the delay of the public feed (0 to 120 s), `delays_s` the
    delay within a segment. `protected` says, by slot, what may be seen and heard of people who
    chose protection.

    `withheld` has the slots that must not be in the webcast, and people on no list whose points of
    order must not be in it, each with the replacement. `apart` are the slots that take no part in a
    discussion, because they keep out of webcast, recording or transcript. `own_names` are names
    that captions must not contain while a slot has the floor, `raiser_names` those while a person
    is heard with a point of order, and `hidden_names` those that captions must never contain.
    """

    title: str = ""
    mark: str = ""
    in_public: bool = True
    languages: tuple[str, ...] = ()
    meeting: str = ""
    plate: Placement = "burnt"
    clock: Placement = "burnt"
    cards: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Plate] = field(default_factory=dict)
    moderators: Mapping[str, Plate] = field(default_factory=dict)
    raisers: Mapping[str, Plate] = field(default_factory=dict)
    videos: Mapping[str, str] = field(default_factory=dict)
    first: frozenset[str] = frozenset()
    protected: Mapping[str, Protection] = field(default_factory=dict)
    push: tuple[PushTarget, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    own_names: Mapping[str, Bearer] = field(default_factory=dict)
    raiser_names: Mapping[str, Bearer] = field(default_factory=dict)
    hidden_names: tuple[Bearer, ...] = ()
    delay_s: int = 0
    delays_s: Mapping[str, int] = field(default_factory=dict)

    def delay_in(self, segment: str) -> int:
        """Return the delay of the public feed while a segment is open ("" for none)."""
        return self.delays_s.get(segment, self.delay_s)


def read(data: Mapping[str, Any]) -> HearingConfig:
    """Read `web`'s answer; a missing key takes the default."""
    picture, delay = data.get("picture") or {}, data.get("public_delay") or {}
    names = data.get("names") or {}
    return HearingConfig(
        title=data.get("title", ""),
        mark=data.get("mark", ""),
        in_public=data.get("in_public") is not False,
        languages=tuple(data.get("languages", ())),
        meeting=data.get("meeting") or "",
        plate="beside" if picture.get("plate") == "beside" else "burnt",
        clock="beside" if picture.get("clock") == "beside" else "burnt",
        cards=dict(data.get("cards") or {}),
        places=_plates(data.get("places")),
        moderators=_plates(data.get("moderators")),
        raisers=_plates(data.get("raisers")),
        videos=dict(data.get("videos") or {}),
        first=frozenset(data.get("videos_first") or ()),
        protected={
            slot: protection.read(chosen) for slot, chosen in (data.get("protected") or {}).items()
        },
        push=tuple(
            PushTarget(target["url"], target["language"]) for target in data.get("push") or ()
        ),
        delay_s=_delay(delay.get("s")),
        delays_s={id: _delay(s) for id, s in (delay.get("segments") or {}).items()},
        withheld=dict(data.get("withheld") or {}),
        apart=frozenset(data.get("apart") or ()),
        own_names=_bearers(names.get("own")),
        raiser_names=_bearers(names.get("raisers")),
        hidden_names=tuple(mentions.read(hidden) for hidden in names.get("all") or ()),
    )


def _delay(seconds: Any) -> int:
    return min(LONGEST_DELAY_S, max(0, int(seconds or 0)))


def _bearers(data: Any) -> dict[str, Bearer]:
    return {id: mentions.read(own) for id, own in (data or {}).items()}


def _plates(data: Any) -> dict[str, Plate]:
    return {
        id: Plate(person.get("name", ""), person.get("line", ""))
        for id, person in (data or {}).items()
    }
