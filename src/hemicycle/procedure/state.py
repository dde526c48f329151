"""The floor: the whole state of one meeting, made from the entries of its record.

`Floor` is a value. `folding.apply` makes the next one from an entry; nothing else changes it. It
has two halves, because an undo reverts acts but never facts:

* `ACT_FIELDS` have what people decided: phase, segment, list, holder, interventions, questions,
  who is muted or removed;
* the other fields have what was reported: who is connected, ready or heard, which booths are live,
  and which signals the clock has given. They stay when an act is undone.

`marks` has the fields before each act, newest last, so that an undo can restore them.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from hemicycle.procedure.terms import (
    Ending,
    Interruption,
    Listed,
    Phase,
    Role,
    Rules,
    Ruling,
    SegmentKind,
    SlotState,
)

PRESENTING = frozenset({"panellist", "moderator", "chair"})
"""The roles that speak under the limit for presentations and take part in discussions."""

CHAIR: Final = "chair"
"""The role that is not on the list: a chair may have the floor at any time.

A chair has no limit except its own. Its slot is in `Floor.slots` but not in `Floor.order`. So it is
never next, absent or not reached, and no forecast waits for it.
"""

UNDO_DEPTH = 20
"""How many acts can be undone, one after another."""


@dataclass(frozen=True, slots=True)
class Slot(Listed):
    """A slot on the list of speakers and its history.

    `times` is how often the slot had the floor, `used_ms` the total time that it used.
    """

    state: SlotState = "waiting"
    times: int = 0
    used_ms: int = 0


@dataclass(frozen=True, slots=True)
class FloorSegment:
    """The open segment, or the last one; `ends_at` is its planned end."""

    id: str
    kind: SegmentKind
    opened_at: int
    ends_at: int
    rules: Rules
    closed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """One holding of the floor.

    `giving` is the number of the entry that gave the floor; it distinguishes two holdings of one
    slot. The clock had counted `used_before_ms` at `running_since`, and continues from there.
    `running_since` is None while the clock is stopped, and `stopped` says why.
    """

    slot: str
    giving: int
    given_at: int
    limit_ms: int
    used_before_ms: int = 0
    running_since: int | None = None
    stopped: Interruption | None = None
    extensions: int = 0
    changeover_ms: int | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Intervention:
    """A holding that has ended.

    `changeover_ms` is the time from the end of the previous holding in the same segment to the
    giving of the floor, without suspensions. It is None for the first holding, or if something
    else, such as a question, came between. `ended_at` is when the speaker was last heard.
    """

    slot: str
    role: Role
    segment: str
    giving: int
    given_at: int
    ended_at: int
    limit_ms: int
    used_ms: int
    reason: Ending
    changeover_ms: int | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A slot that was called in vain, or was marked absent or skipped before its turn.

    `lost_ms` is the time that this cost the meeting: from the floor becoming free to the mark, 0 if
    it was marked before its turn, None if unknown.
    """

    slot: str
    segment: str
    lost_ms: int | None


@dataclass(frozen=True, slots=True)
class DrawnQuestion:
    """A question put to the panel (`to` is "") or to the slot of one panellist."""

    question: str
    to: str
    at: int
    answered_at: int | None = None


@dataclass(frozen=True, slots=True)
class FeedStop:
    """A period in which the public feed was stopped; `resumed_at` is None while it is."""

    stopped_at: int
    resumed_at: int | None = None


@dataclass(frozen=True, slots=True)
class PastSegment:
    """A closed segment with its list at the end."""

    segment: FloorSegment
    order: tuple[str, ...]
    slots: dict[str, Slot]


@dataclass(frozen=True, slots=True)
class Seat:
    """A live connection: the person, and the slot they hold ("" for none)."""

    person: str
    slot: str


@dataclass(frozen=True, slots=True)
class Link:
    """A connection that carries sound or picture, as reported by the media engine.

    `since` is when this state began, in ms since the Unix epoch.
    """

    person: str
    slot: str
    state: Literal["up", "lost"]
    since: int


@dataclass(frozen=True, slots=True)
class Booth:
    """An interpreters' booth: its output language, and its present or last interpreter on air.

    `since` is when this state began, in ms since the Unix epoch.
    """

    person: str
    output: str
    live: bool
    since: int


@dataclass(frozen=True, slots=True)
class HeardPoint:
    """A point of order that the moderator heard, from the entry `giving` on.

    It ends with a ruling, or when another person gets the floor or the speaker continues.
    `ended_at` is None while it lasts.
    """

    point: str
    giving: int
    given_at: int
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class Discussion:
    """A discussion of a panel, from the entry `opening` on; `ended_at` is None while it lasts."""

    segment: str
    opening: int
    opened_at: int
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """An act that can be undone: its number, its time, and the values of `ACT_FIELDS` before it.

    `awaits` is the kind of the event that completes an act of two events, "" when the act is
    complete.
    """

    act: int
    at: int
    before: tuple[Any, ...]
    awaits: str = ""


@dataclass(frozen=True, slots=True)
class Floor:
    """A meeting at one point of its record. Times are in ms since the Unix epoch.

    `act_seq` is the number of the last act. A console shows it and sends it with the next press, so
    that of two presses made on the same view of the floor, only one is accepted. Facts do not
    change it.
    """

    # Changed by acts.
    meeting: str = ""
    phase: Phase = "not_opened"
    segment: FloorSegment | None = None
    list_open: bool = False
    order: tuple[str, ...] = ()
    slots: dict[str, Slot] = field(default_factory=dict)
    holder: Holding | None = None
    history: tuple[Intervention, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    free_since: int | None = None
    suspended_at: int | None = None
    questions: dict[str, DrawnQuestion] = field(default_factory=dict)
    rulings: dict[str, Ruling] = field(default_factory=dict)
    heard_points: tuple[HeardPoint, ...] = ()
    """The points of order that were heard, oldest first; the last one may not have ended."""
    discussions: tuple[Discussion, ...] = ()
    """The discussions of the meeting, oldest first; the last one may still be open."""
    past: tuple[PastSegment, ...] = ()
    muted: frozenset[str] = frozenset()
    """The slots whose microphone the moderator closed; this ends with the holding or discussion."""
    removed: frozenset[str] = frozenset()
    """The ids of people who were removed and have not been readmitted."""

    # Changed by facts.
    seats: dict[str, Seat] = field(default_factory=dict)
    ready: frozenset[str] = frozenset()
    left_at: dict[str, int] = field(default_factory=dict)
    """The slots in `ready` to which nobody is connected, and since when. They stay ready for
    `clock.READY_KEPT_MS`, so that a reload of the page or another network does not lower a hand.
    """
    heard: frozenset[str] = frozenset()
    links: dict[str, Link] = field(default_factory=dict)
    booths: dict[str, Booth] = field(default_factory=dict)
    """The booths by language; a booth that was never live is missing."""
    reports_lines: bool = False
    """Whether the media engine has reported a line or a microphone in this meeting."""
    reached: frozenset[int] = frozenset()
    """The givings of the floor since which the holder was reported connected or heard."""
    points: dict[str, str] = field(default_factory=dict)
    voiced_ms: dict[int, dict[str, int]] = field(default_factory=dict)
    """For each discussion, by its opening: the slots whose microphone was reported open in it, and
    how long each was heard to speak, in ms.
    """
    signals: dict[int, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    feed_seq: int = 0
    """The number of the last stop or resumption of the public feed; 0 if there was none."""
    feed_stopped: bool = False
    feed_stops: tuple[FeedStop, ...] = ()
    """Every stop of the public feed, oldest first."""

    # The position in the record, and the values that an undo restores.
    seq: int = 0
    at: int = 0
    act_seq: int = 0
    marks: tuple[Mark, ...] = ()

    @property
    def rules(self) -> Rules:
        """The rules of the segment; default rules if none was opened."""
        return self.segment.rules if self.segment else Rules()

    @property
    def segment_open(self) -> bool:
        """Whether a segment is open."""
        return self.segment is not None and self.segment.closed_at is None

    @property
    def warned(self) -> bool:
        """Whether the holder was warned for the present limit."""
        return self.signalled("warned")

    @property
    def expired(self) -> bool:
        """Whether the clock has announced that the holder's present limit is reached."""
        return self.signalled("expired")

    @property
    def cut(self) -> bool:
        """Whether the rules closed the holder's microphone at the present limit."""
        return self.signalled("cut")

    @property
    def microphone(self) -> str | None:
        """The slot whose microphone should be open by the rules; None if there is none."""
        holder = self.holder
        if holder is None or self.phase != "open" or self.cut or holder.slot in self.muted:
            return None
        return holder.slot if holder.stopped in (None, "technical", "not_started") else None

    @property
    def discussion(self) -> Discussion | None:
        """The discussion in progress; None if there is none."""
        last = self.discussions[-1] if self.discussions else None
        return last if last is not None and last.ended_at is None else None

    @property
    def panel(self) -> frozenset[str]:
        """The slots of the open segment's panel that may discuss."""
        return frozenset(
            slot.id
            for slot in self.slots.values()
            if slot.role in PRESENTING
            and slot.state in {"waiting", "speaking", "delivered"}
            and slot.person not in self.removed
        )

    @property
    def microphones(self) -> frozenset[str]:
        """The slots whose microphones should be open by the rules: the holder's, or the panel's.

        While a point of order is heard in a discussion, the microphones of the panel are closed.
        """
        if self.microphone is not None:
            return frozenset({self.microphone})
        if self.discussion is None or self.phase != "open" or self.hearing_point:
            return frozenset()
        return self.panel - self.muted

    @property
    def hearing_point(self) -> str:
        """The point of order that is being heard; "" for none."""
        last = self.heard_points[-1] if self.heard_points else None
        return last.point if last is not None and last.ended_at is None else ""

    @property
    def point_raiser(self) -> str:
        """The person whose microphone is open for a point of order; "" for nobody."""
        return self.points.get(self.hearing_point, "") if self.phase == "open" else ""

    def slot_of(self, person: str) -> str:
        """Return a person's slot on a list of the meeting: of several, the last; "" for none."""
        lists = (*(past.slots for past in self.past), self.slots)
        own = [slot.id for slots in lists for slot in slots.values() if slot.person == person]
        return own[-1] if own else ""

    def signalled(self, signal: str) -> bool:
        """Return whether the clock has given `signal` for the present holding and limit."""
        holder = self.holder
        if holder is None:
            return False
        return (signal, holder.limit_ms) in self.signals.get(holder.giving, ())

    def waiting(self) -> tuple[Slot, ...]:
        """Return the slots that have not been called yet, in the order of the list."""
        slots = self.slots
        return tuple([slots[id] for id in self.order if slots[id].state == "waiting"])

    def next_slot(self) -> Slot | None:
        """Return the slot that *give the floor* would call; None if nobody is waiting."""
        slots = self.slots
        return next((slots[id] for id in self.order if slots[id].state == "waiting"), None)

    def connected(self) -> frozenset[str]:
        """Return the slots with a connected seat."""
        return frozenset(seat.slot for seat in self.seats.values() if seat.slot)

    def has_line(self, slot: str) -> bool:
        """Return whether the engine receives from `slot` or hears it, also as a video."""
        linked = any(link.slot == slot and link.state == "up" for link in self.links.values())
        return linked or slot in self.heard

    def came(self, holder: Holding) -> bool:
        """Return whether the holder can have spoken: connected or heard during the holding.

        If the media engine has reported nothing in the meeting, this is unknown and the result is
        True.
        """
        if not self.reports_lines or holder.giving in self.reached:
            return True
        return holder.slot in self.connected() or self.has_line(holder.slot)

    def interventions(self) -> tuple[Intervention, ...]:
        """Return the interventions of the present segment, including absences, oldest first."""
        segment = self.segment.id if self.segment else ""
        return tuple([past for past in self.history if past.segment == segment])


ACT_FIELDS = (
    "meeting",
    "phase",
    "segment",
    "list_open",
    "order",
    "slots",
    "holder",
    "history",
    "passed_over",
    "free_since",
    "suspended_at",
    "questions",
    "rulings",
    "heard_points",
    "discussions",
    "past",
    "muted",
    "removed",
)
"""The fields that an undo restores."""

EMPTY = Floor()
"""The floor of a meeting before its first entry."""
