"""Events of a meeting. Each one is an entry of the record: immutable, versioned, and without names.

The body of an event has ids, numbers and words of closed vocabularies. A reason is the id of a
`note` in a row that can be erased ("" for none). There are two families of events:

* an *act* is a decision of a person at a console: it moves `act_seq`, and it can be undone;
* a *fact* (`ACT = False`) is a report of the clock, a connection or the media engine: no undo
  removes it.

One press may need two events; the first then names the kind of the second in `brought_by`.
"""

from dataclasses import dataclass
from typing import ClassVar

from hemicycle.procedure.order import MergeRule
from hemicycle.procedure.terms import (
    BoothSignal,
    Closing,
    Ending,
    Interruption,
    LinkState,
    Listed,
    Recalling,
    Rules,
    Ruling,
    SegmentKind,
    TechnicalAct,
)


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events, which is never appended itself."""

    KIND: ClassVar[str]
    VERSION: ClassVar[int] = 1
    ACT: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class MeetingOpened(Event):
    KIND: ClassVar[str] = "meeting.opened"
    meeting: str


@dataclass(frozen=True, slots=True)
class MeetingSuspended(Event):
    KIND: ClassVar[str] = "meeting.suspended"
    note: str = ""


@dataclass(frozen=True, slots=True)
class MeetingResumed(Event):
    KIND: ClassVar[str] = "meeting.resumed"


@dataclass(frozen=True, slots=True)
class MeetingClosed(Event):
    KIND: ClassVar[str] = "meeting.closed"


@dataclass(frozen=True, slots=True)
class SegmentOpened(Event):
    """A segment opened with its rules and list of speakers, as `rule` and moves had ordered it."""

    KIND: ClassVar[str] = "segment.opened"
    segment: str
    segment_kind: SegmentKind
    ends_at: int
    rules: Rules
    slots: tuple[Listed, ...]
    rule: MergeRule | None = None


@dataclass(frozen=True, slots=True)
class SegmentRescheduled(Event):
    """The planned end of the segment was changed."""

    KIND: ClassVar[str] = "segment.rescheduled"
    ends_at: int


@dataclass(frozen=True, slots=True)
class SegmentClosed(Event):
    KIND: ClassVar[str] = "segment.closed"
    segment: str
    not_reached: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListClosed(Event):
    KIND: ClassVar[str] = "list.closed"


@dataclass(frozen=True, slots=True)
class ListReopened(Event):
    KIND: ClassVar[str] = "list.reopened"


@dataclass(frozen=True, slots=True)
class SlotAdded(Event):
    """A slot was added in front of the slot `before`, or at the end of the list if it is None."""

    KIND: ClassVar[str] = "slot.added"
    slot: Listed
    before: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SlotMoved(Event):
    KIND: ClassVar[str] = "slot.moved"
    slot: str
    before: str | None
    note: str


@dataclass(frozen=True, slots=True)
class SlotWithdrawn(Event):
    KIND: ClassVar[str] = "slot.withdrawn"
    slot: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SpeakerReplaced(Event):
    KIND: ClassVar[str] = "slot.speaker_replaced"
    slot: str
    person: str
    languages: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class SlotSkipped(Event):
    KIND: ClassVar[str] = "slot.skipped"
    slot: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SlotMarkedAbsent(Event):
    KIND: ClassVar[str] = "slot.marked_absent"
    slot: str


@dataclass(frozen=True, slots=True)
class SlotRecalled(Event):
    KIND: ClassVar[str] = "slot.recalled"
    slot: str
    to: Recalling = "own_place"


@dataclass(frozen=True, slots=True)
class SlotReadied(Event):
    """The speaker reported in the green room being ready, or no longer ready.

    For a speaker who has spoken, it is a raised hand. It ends automatically when nobody has been
    connected to the slot for `clock.READY_KEPT_MS`.
    """

    KIND: ClassVar[str] = "slot.readied"
    ACT: ClassVar[bool] = False
    slot: str
    ready: bool = True


@dataclass(frozen=True, slots=True)
class ParticipantJoined(Event):
    """A seat connected; `slot` is "" for a person without a place on the list."""

    KIND: ClassVar[str] = "participant.joined"
    ACT: ClassVar[bool] = False
    connection: str
    person: str
    slot: str = ""


@dataclass(frozen=True, slots=True)
class ParticipantLeft(Event):
    KIND: ClassVar[str] = "participant.left"
    ACT: ClassVar[bool] = False
    connection: str


@dataclass(frozen=True, slots=True)
class ParticipantRemoved(Event):
    """A person was removed and cannot come back before being readmitted."""

    KIND: ClassVar[str] = "participant.removed"
    person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ParticipantReadmitted(Event):
    KIND: ClassVar[str] = "participant.readmitted"
    person: str


@dataclass(frozen=True, slots=True)
class FloorGiven(Event):
    """A slot got the floor. The clock starts at the entry's time, or at *continue* if it `waits`.

    `question` is the drawn question that the speaker answers, or "".
    """

    KIND: ClassVar[str] = "floor.given"
    slot: str
    limit_ms: int
    waits: bool = False
    question: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FloorWarned(Event):
    """The warning before the limit was given; `limit_ms` is the limit that it announced."""

    KIND: ClassVar[str] = "floor.warned"
    ACT: ClassVar[bool] = False
    slot: str
    limit_ms: int


@dataclass(frozen=True, slots=True)
class FloorExpired(Event):
    KIND: ClassVar[str] = "floor.expired"
    ACT: ClassVar[bool] = False
    slot: str
    limit_ms: int


@dataclass(frozen=True, slots=True)
class MicrophoneOpened(Event):
    """The media engine hears a microphone since `at_ms` (0: since the entry's time)."""

    KIND: ClassVar[str] = "microphone.opened"
    ACT: ClassVar[bool] = False
    slot: str
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class MicrophoneClosed(Event):
    """A microphone closed: by the rule at `limit_ms` ("limit"), or as reported by the "engine".

    The engine measures in the sound when the microphone fell silent: `at_ms`, or 0 for the entry's
    time.
    """

    KIND: ClassVar[str] = "microphone.closed"
    ACT: ClassVar[bool] = False
    slot: str
    cause: Closing
    limit_ms: int = 0
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class DiscussionOpened(Event):
    """A discussion of the panel began: several microphones are open. Giving the floor ends it."""

    KIND: ClassVar[str] = "discussion.opened"


@dataclass(frozen=True, slots=True)
class DiscussionClosed(Event):
    KIND: ClassVar[str] = "discussion.closed"


@dataclass(frozen=True, slots=True)
class MicrophoneMuted(Event):
    """The moderator closed the microphone of the holder, or of a participant in a discussion."""

    KIND: ClassVar[str] = "microphone.muted"
    slot: str


@dataclass(frozen=True, slots=True)
class MicrophoneUnmuted(Event):
    KIND: ClassVar[str] = "microphone.unmuted"
    slot: str


@dataclass(frozen=True, slots=True)
class LinkChanged(Event):
    """A connection that carries sound or picture came up, was lost, recovered or went down."""

    KIND: ClassVar[str] = "link.changed"
    ACT: ClassVar[bool] = False
    connection: str
    person: str
    slot: str
    state: LinkState
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class VoiceHeard(Event):
    """The engine heard a participant in a discussion speak, from `from_ms` until `until_ms`."""

    KIND: ClassVar[str] = "voice.heard"
    ACT: ClassVar[bool] = False
    slot: str
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class SoundMeasured(Event):
    """The loudness and peak of an intervention were measured, in hundredths of a decibel."""

    KIND: ClassVar[str] = "sound.measured"
    ACT: ClassVar[bool] = False
    slot: str
    loudness_cdb: int
    peak_cdb: int


@dataclass(frozen=True, slots=True)
class BoothChanged(Event):
    """The booth of `language` went live or silent, or changed its interpreter or `output`."""

    KIND: ClassVar[str] = "booth.changed"
    ACT: ClassVar[bool] = False
    language: str
    person: str
    output: str
    live: bool
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class BoothSignalled(Event):
    KIND: ClassVar[str] = "booth.signalled"
    ACT: ClassVar[bool] = False
    language: str
    signal: BoothSignal


@dataclass(frozen=True, slots=True)
class TechnicianActed(Event):
    """A technician silenced or restarted a connection, or replaced the program by a card."""

    KIND: ClassVar[str] = "technician.acted"
    ACT: ClassVar[bool] = False
    act: TechnicalAct
    person: str
    connection: str = ""
    slot: str = ""


@dataclass(frozen=True, slots=True)
class FeedStopped(Event):
    """The public feed was stopped. `person` is who pressed at the engine, "" for the entry's actor.

    This is not an act: an undo in the room must never put a stopped feed back on air.
    """

    KIND: ClassVar[str] = "feed.stopped"
    ACT: ClassVar[bool] = False
    person: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FeedResumed(Event):
    """The stop with this number was lifted."""

    KIND: ClassVar[str] = "feed.resumed"
    ACT: ClassVar[bool] = False
    stop: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class FloorExtended(Event):
    """The limit was extended to `limit_ms`, by the `by_ms` that the moderator granted."""

    KIND: ClassVar[str] = "floor.extended"
    slot: str
    by_ms: int
    limit_ms: int


@dataclass(frozen=True, slots=True)
class FloorInterrupted(Event):
    KIND: ClassVar[str] = "floor.interrupted"
    slot: str
    reason: Interruption
    used_ms: int
    brought_by: str = ""


@dataclass(frozen=True, slots=True)
class FloorContinued(Event):
    KIND: ClassVar[str] = "floor.continued"
    slot: str


@dataclass(frozen=True, slots=True)
class FloorEnded(Event):
    KIND: ClassVar[str] = "floor.ended"
    slot: str
    reason: Ending
    used_ms: int
    brought_by: str = ""


@dataclass(frozen=True, slots=True)
class QuestionDrawn(Event):
    """A question was put to the slot `to` of a panellist, or to the whole panel if it is ""."""

    KIND: ClassVar[str] = "question.drawn"
    question: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class QuestionAnswered(Event):
    KIND: ClassVar[str] = "question.answered"
    question: str


@dataclass(frozen=True, slots=True)
class PointOfOrderRaised(Event):
    KIND: ClassVar[str] = "point_of_order.raised"
    ACT: ClassVar[bool] = False
    point: str
    person: str


@dataclass(frozen=True, slots=True)
class PointOfOrderHeard(Event):
    KIND: ClassVar[str] = "point_of_order.heard"
    point: str


@dataclass(frozen=True, slots=True)
class PointOfOrderRuled(Event):
    KIND: ClassVar[str] = "point_of_order.ruled"
    point: str
    ruling: Ruling
    note: str = ""


@dataclass(frozen=True, slots=True)
class ActUndone(Event):
    """The act with this number (of its last event) was undone."""

    KIND: ClassVar[str] = "act.undone"
    act: int


EVENTS: dict[str, type[Event]] = {
    event.KIND: event
    for event in tuple(globals().values())
    if isinstance(event, type) and issubclass(event, Event) and event is not Event
}
"""Every kind of event, by the name that its entries have."""
