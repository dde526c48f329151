"""The vocabulary of a meeting: closed word lists and values that events, commands and state share.

Ids are random text without meaning. Times are in whole ms since the Unix epoch, durations in whole
ms. Nothing here names a person, because the record outlives personal data.
"""

from dataclasses import dataclass
from typing import Literal

type Phase = Literal["not_opened", "open", "suspended", "closed"]
type SegmentKind = Literal["opening", "panel", "debate", "closing", "other"]
type Role = Literal["speaker", "panellist", "moderator", "chair"]
type SlotState = Literal[
    "waiting", "speaking", "delivered", "absent", "skipped", "withdrawn", "not_reached"
]
type AtLimit = Literal["signal", "cut"]
type ClockStarts = Literal["on_floor", "on_press"]
type WithoutLine = Literal["run", "stop"]
type DiscussionRule = Literal["off", "allowed", "at_once"]
type Ending = Literal["finished", "cut", "moderator", "withdrawn", "absent", "skipped", "closed"]
type Interruption = Literal["technical", "point_of_order", "moderator", "suspension", "not_started"]
type Recalling = Literal["own_place", "last"]
type Ruling = Literal["upheld", "dismissed", "noted"]
type Closing = Literal["limit", "engine"]
type LinkState = Literal["up", "lost", "recovered", "down"]
type TechnicalAct = Literal["silenced", "unsilenced", "restarted", "card_shown", "card_removed"]
type BoothSignal = Literal["slow", "trouble"]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a segment.

    `at_limit`: "signal" shows that the time is up and lets the moderator act; "cut" closes the
    microphone `grace_ms` after the limit. `clock_starts`: "on_floor" when the floor is given,
    "on_press" when the moderator then presses *continue*. `without_line`: whether the clock
    continues ("run") or stops ("stop") while the holder has no line to the media engine.
    `discussion`: whether the moderator may open a discussion in which all microphones of the panel
    are open ("allowed"), or it begins with the segment ("at_once"), or there is none ("off").
    `max_extensions`: None for any number. The default limit is that of the reference hearing:
    strictly three minutes.
    """

    time_limit_ms: int = 180_000
    presentation_limit_ms: int = 420_000
    warning_ms: int = 30_000
    extension_ms: int = 30_000
    max_extensions: int | None = None
    at_limit: AtLimit = "signal"
    grace_ms: int = 0
    clock_starts: ClockStarts = "on_floor"
    points_of_order: bool = False
    without_line: WithoutLine = "run"
    discussion: DiscussionRule = "off"


@dataclass(frozen=True, slots=True)
class Listed:
    """A slot as it is put on the list: who may take the floor, and for how long.

    `person` is the id of the person who will speak, and `languages` the tags (BCP 47) of the
    languages in which they may speak. `limit_ms` replaces the limit that the rules give the role.
    `rank` is the protocol rank (1 the highest, 0 for none) by which the list may have been merged.
    """

    id: str
    track: str
    person: str
    role: Role = "speaker"
    languages: tuple[str, ...] = ()
    limit_ms: int | None = None
    rank: int = 0
