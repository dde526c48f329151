"""Commands of a meeting, in the imperative. A command is a request: nothing has happened yet.

An *act* comes from a person at a console that shows the floor after some act. It is accepted only
if no other act has followed since (`transitions.fresh`). A *fact* (`ACT = False`) comes from a
clock, a connection, a speaker's seat or the media engine, and never conflicts with an act.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from hemicycle.procedure import codec
from hemicycle.procedure.codec import Json
from hemicycle.procedure.order import MergeRule
from hemicycle.procedure.terms import (
    BoothSignal,
    LinkState,
    Listed,
    Recalling,
    Rules,
    Ruling,
    SegmentKind,
    TechnicalAct,
)


class BadCommand(ValueError):
    """The data is not a command; `str()` is a sentence for the sender."""


@dataclass(frozen=True, slots=True)
class Command:
    """The base of all commands; `NAME` is the name in JSON."""

    NAME: ClassVar[str]
    ACT: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class OpenMeeting(Command):
    NAME: ClassVar[str] = "open_meeting"
    meeting: str


@dataclass(frozen=True, slots=True)
class Suspend(Command):
    NAME: ClassVar[str] = "suspend"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Resume(Command):
    NAME: ClassVar[str] = "resume"


@dataclass(frozen=True, slots=True)
class CloseMeeting(Command):
    NAME: ClassVar[str] = "close_meeting"


@dataclass(frozen=True, slots=True)
class OpenSegment(Command):
    """Open a segment. `slots` is the list of speakers, ordered before by `rule` and by moves.

    `rule` is None if no rule made the list.
    """

    NAME: ClassVar[str] = "open_segment"
    segment: str
    segment_kind: SegmentKind
    ends_at: int
    rules: Rules = field(default_factory=Rules)
    slots: tuple[Listed, ...] = ()
    rule: MergeRule | None = None


@dataclass(frozen=True, slots=True)
class Reschedule(Command):
    """Change the time at which the open segment is planned to end."""

    NAME: ClassVar[str] = "reschedule"
    ends_at: int


@dataclass(frozen=True, slots=True)
class CloseSegment(Command):
    NAME: ClassVar[str] = "close_segment"


@dataclass(frozen=True, slots=True)
class CloseList(Command):
    NAME: ClassVar[str] = "close_list"


@dataclass(frozen=True, slots=True)
class ReopenList(Command):
    NAME: ClassVar[str] = "reopen_list"


@dataclass(frozen=True, slots=True)
class AddSlot(Command):
    """Put a slot in front of `before`, or at the end of the list if `before` is None."""

    NAME: ClassVar[str] = "add_slot"
    slot: Listed
    before: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class MoveSlot(Command):
    """Move a slot in front of `before`, or to the end; a `note` with the reason is required."""

    NAME: ClassVar[str] = "move_slot"
    slot: str
    before: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawSlot(Command):
    NAME: ClassVar[str] = "withdraw_slot"
    slot: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReplaceSpeaker(Command):
    NAME: ClassVar[str] = "replace_speaker"
    slot: str
    person: str
    languages: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Skip(Command):
    """Pass over a slot until it is recalled.

    None means the holder, or the next slot if the floor is free.
    """

    NAME: ClassVar[str] = "skip"
    slot: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class MarkAbsent(Command):
    """Mark a speaker absent. None means the holder, or the next slot if the floor is free."""

    NAME: ClassVar[str] = "mark_absent"
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Recall(Command):
    """Recall a speaker who was skipped, was absent or has spoken, to their place or to the end."""

    NAME: ClassVar[str] = "recall"
    slot: str
    to: Recalling = "own_place"


@dataclass(frozen=True, slots=True)
class GiveFloor(Command):
    """Give the floor.

    If `slot` is None, the next speaker on the list gets it; `note` may say why one is called out of
    turn. `waits` says whether the clock starts only at *continue*; None leaves this to the rules.
    """

    NAME: ClassVar[str] = "give_floor"
    slot: str | None = None
    waits: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EndFloor(Command):
    """End the holding: the speaker has "finished", or the "moderator" ends the intervention."""

    NAME: ClassVar[str] = "end_floor"
    reason: Literal["finished", "moderator"] = "finished"


@dataclass(frozen=True, slots=True)
class Extend(Command):
    """Extend the limit. None means the extension that the rules provide."""

    NAME: ClassVar[str] = "extend"
    by_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Interrupt(Command):
    """Stop the clock; the microphone stays open only for a technical fault."""

    NAME: ClassVar[str] = "interrupt"
    reason: Literal["technical", "point_of_order", "moderator"] = "technical"


@dataclass(frozen=True, slots=True)
class Continue(Command):
    NAME: ClassVar[str] = "continue"


@dataclass(frozen=True, slots=True)
class OpenDiscussion(Command):
    """Open a discussion: the microphones of the panel are open together until it is closed."""

    NAME: ClassVar[str] = "open_discussion"


@dataclass(frozen=True, slots=True)
class CloseDiscussion(Command):
    NAME: ClassVar[str] = "close_discussion"


@dataclass(frozen=True, slots=True)
class Mute(Command):
    """Close the microphone of the holder, or of one who discusses. The clock continues to run."""

    NAME: ClassVar[str] = "mute"
    slot: str


@dataclass(frozen=True, slots=True)
class Unmute(Command):
    NAME: ClassVar[str] = "unmute"
    slot: str


@dataclass(frozen=True, slots=True)
class RemoveParticipant(Command):
    """Remove a person from the meeting until they are readmitted; they keep their place."""

    NAME: ClassVar[str] = "remove_participant"
    person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadmitParticipant(Command):
    NAME: ClassVar[str] = "readmit_participant"
    person: str


@dataclass(frozen=True, slots=True)
class DrawQuestion(Command):
    NAME: ClassVar[str] = "draw_question"
    question: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class AnswerQuestion(Command):
    """Mark a drawn question as answered."""

    NAME: ClassVar[str] = "answer_question"
    question: str


@dataclass(frozen=True, slots=True)
class HearPointOfOrder(Command):
    """Open the microphone of the person who raised the point, with the speaker's clock stopped."""

    NAME: ClassVar[str] = "hear_point_of_order"
    point: str


@dataclass(frozen=True, slots=True)
class RulePointOfOrder(Command):
    NAME: ClassVar[str] = "rule_point_of_order"
    point: str
    ruling: Ruling
    note: str = ""


@dataclass(frozen=True, slots=True)
class Undo(Command):
    """Undo the last act that is still in force."""

    NAME: ClassVar[str] = "undo"


@dataclass(frozen=True, slots=True)
class RaisePointOfOrder(Command):
    NAME: ClassVar[str] = "raise_point_of_order"
    ACT: ClassVar[bool] = False
    point: str
    person: str


@dataclass(frozen=True, slots=True)
class Ready(Command):
    NAME: ClassVar[str] = "ready"
    ACT: ClassVar[bool] = False
    slot: str
    ready: bool = True


@dataclass(frozen=True, slots=True)
class Join(Command):
    NAME: ClassVar[str] = "join"
    ACT: ClassVar[bool] = False
    connection: str
    person: str
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Leave(Command):
    NAME: ClassVar[str] = "leave"
    ACT: ClassVar[bool] = False
    connection: str


@dataclass(frozen=True, slots=True)
class ReportMicrophone(Command):
    """Report whether a microphone is heard, and since when (ms since the Unix epoch; 0: now)."""

    NAME: ClassVar[str] = "report_microphone"
    ACT: ClassVar[bool] = False
    slot: str
    open: bool
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class ReportLink(Command):
    """Report the state of a media connection, as the media engine sees it."""

    NAME: ClassVar[str] = "report_link"
    ACT: ClassVar[bool] = False
    connection: str
    person: str
    slot: str
    state: LinkState
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class ReportVoice(Command):
    """Report that a participant in a discussion spoke, between two times in ms since the epoch."""

    NAME: ClassVar[str] = "report_voice"
    ACT: ClassVar[bool] = False
    slot: str
    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class ReportSound(Command):
    """Report an intervention's loudness, in hundredths of a decibel below full scale (negative)."""

    NAME: ClassVar[str] = "report_sound"
    ACT: ClassVar[bool] = False
    slot: str
    loudness_cdb: int
    peak_cdb: int


@dataclass(frozen=True, slots=True)
class ReportBooth(Command):
    """Report whether a booth is live, with which interpreter, and what language they speak."""

    NAME: ClassVar[str] = "report_booth"
    ACT: ClassVar[bool] = False
    language: str
    person: str
    output: str
    live: bool
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class ReportSignal(Command):
    """Report that the booth of `language` asks the speaker to slow down, or is in trouble."""

    NAME: ClassVar[str] = "report_signal"
    ACT: ClassVar[bool] = False
    language: str
    signal: BoothSignal


@dataclass(frozen=True, slots=True)
class ReportTechnician(Command):
    """Report an act of a technician (`person`) at the engine, and whose connection it concerns."""

    NAME: ClassVar[str] = "report_technician"
    ACT: ClassVar[bool] = False
    act: TechnicalAct
    person: str
    connection: str = ""
    slot: str = ""


@dataclass(frozen=True, slots=True)
class StopFeed(Command):
    """Stop the public feed at once. This never conflicts with another press.

    `person` is the person who pressed if the engine reports the stop; "" if the entry names the
    actor.
    """

    NAME: ClassVar[str] = "stop_feed"
    ACT: ClassVar[bool] = False
    person: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResumeFeed(Command):
    """Resume the public feed. `stop` is the number of the stop to lift."""

    NAME: ClassVar[str] = "resume_feed"
    ACT: ClassVar[bool] = False
    stop: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tick(Command):
    """Give every signal of the clock that is due: warning, limit, closing of the microphone."""

    NAME: ClassVar[str] = "tick"
    ACT: ClassVar[bool] = False


COMMANDS: dict[str, type[Command]] = {
    command.NAME: command
    for command in tuple(globals().values())
    if isinstance(command, type) and issubclass(command, Command) and command is not Command
}
"""Every command, by its name in JSON."""


def to_json(command: Command) -> dict[str, Json]:
    """Return the command as plain data, with its name under "command"."""
    return {"command": command.NAME, **codec.write(command)}


def from_json(data: Any) -> Command:
    """Return the command in `data`; raise `BadCommand` with a sentence for any other data."""
    if not isinstance(data, Mapping):
        raise BadCommand("A command is an object with a field “command”.")
    name = data.get("command")
    command_type = COMMANDS.get(name) if isinstance(name, str) else None
    if command_type is None:
        raise BadCommand(f"There is no command called {name!r:.60}.")
    fields = {key: value for key, value in data.items() if key != "command"}
    try:
        return codec.read(command_type, fields)
    except codec.Malformed as error:
        raise BadCommand(f"The command {name!r} does not fit: {str(error).lstrip('.')}.") from error
