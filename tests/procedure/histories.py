"""Random histories of a meeting: what people might press, in any order, at any time.

A history is given by a seed and a length: two numbers identify a failing one, and a shorter one
with the same seed is its beginning. A console would offer most of the presses, but not all; the
clock also steps back.
"""

from collections.abc import Callable
from random import Random

from hemicycle.procedure import (
    EMPTY,
    Entry,
    Floor,
    Listed,
    Refused,
    Rules,
    apply,
    decide,
    permitted,
)
from hemicycle.procedure import commands as c
from hemicycle.procedure.terms import LinkState
from tests.procedure.meeting import NINE

STATES: tuple[LinkState, ...] = ("up", "lost", "recovered", "down")
SLOTS = ("a", "b", "c", "d", "e", "f")


def listed(id: str, random: Random) -> Listed:
    limit_ms = random.choice((None, None, 60_000))
    if random.random() < 0.1:
        return Listed(id, "panel", f"person-{id}", "chair", limit_ms=limit_ms)
    if random.random() < 0.4:
        return Listed(id, "panel", f"person-{id}", "panellist", limit_ms=limit_ms)
    return Listed(id, "track", f"person-{id}", limit_ms=limit_ms)


def rules(random: Random) -> Rules:
    return Rules(
        warning_ms=random.choice((0, 30_000, 200_000)),
        max_extensions=random.choice((None, 1)),
        at_limit=random.choice(("signal", "cut")),
        grace_ms=random.choice((0, 5_000)),
        clock_starts=random.choice(("on_floor", "on_floor", "on_press")),
        points_of_order=random.random() < 0.7,
        without_line=random.choice(("run", "run", "stop")),
        discussion=random.choice(("off", "allowed", "allowed", "at_once")),
    )


def segment(random: Random) -> c.OpenSegment:
    """Return a segment that has its own slots, most of the time."""
    id = random.choice(("first", "second", "third"))
    own = SLOTS if id == "first" or random.random() < 0.1 else tuple(id + slot for slot in SLOTS)
    slots = tuple(listed(slot, random) for slot in random.sample(own, random.randint(2, 5)))
    return c.OpenSegment(id, "panel", NINE + 7_200_000, rules(random), slots)


class Choice:
    """Random arguments for commands: slots on the present list, and sometimes another one."""

    def __init__(self, floor: Floor, random: Random) -> None:
        self.random = random
        self.floor = floor
        self.slots = (*floor.order, *floor.slots, random.choice(SLOTS))

    def slot(self) -> str:
        return self.random.choice(self.slots)

    def holder(self) -> str:
        held = self.floor.holder
        return held.slot if held and self.random.random() < 0.9 else self.slot()

    def person(self) -> str:
        return self.random.choice(("x", "y", "person-a", "person-b", "person-c"))

    def next_or(self) -> str | None:
        return None if self.random.random() < 0.6 else self.slot()

    def before(self) -> str | None:
        return None if self.random.random() < 0.3 else self.slot()

    def id(self) -> str:
        return self.random.choice("xyz")

    def one[T](self, *of: T) -> T:
        return self.random.choice(of)


def link(of: Choice) -> c.ReportLink:
    state: LinkState = of.one(*STATES)
    return c.ReportLink(of.id(), of.person(), of.one("", of.slot()), state, of.one(0, NINE))


def voice(of: Choice) -> c.ReportVoice:
    heard = of.one(of.slot(), *sorted(of.floor.heard))
    return c.ReportVoice(heard, of.floor.at - of.one(0, 9_000), of.floor.at + of.one(0, 9_000))


type Maker = Callable[[Choice], c.Command]

MAKERS: dict[str, tuple[int, Maker]] = {
    "open_meeting": (9, lambda of: c.OpenMeeting("meeting")),
    "open_segment": (9, lambda of: segment(of.random)),
    "suspend": (1, lambda of: c.Suspend()),
    "resume": (6, lambda of: c.Resume()),
    "close_segment": (1, lambda of: c.CloseSegment()),
    "close_meeting": (1, lambda of: c.CloseMeeting()),
    "reschedule": (1, lambda of: c.Reschedule(NINE + of.one(1, 2))),
    "add_slot": (2, lambda of: c.AddSlot(listed(of.one(*SLOTS), of.random), of.before())),
    "move_slot": (2, lambda of: c.MoveSlot(of.slot(), of.before(), of.one("note", "note", ""))),
    "withdraw_slot": (1, lambda of: c.WithdrawSlot(of.slot())),
    "replace_speaker": (1, lambda of: c.ReplaceSpeaker(of.slot(), of.id())),
    "close_list": (1, lambda of: c.CloseList()),
    "reopen_list": (1, lambda of: c.ReopenList()),
    "skip": (2, lambda of: c.Skip(of.next_or())),
    "mark_absent": (2, lambda of: c.MarkAbsent(of.next_or())),
    "recall": (4, lambda of: c.Recall(of.slot(), of.one("own_place", "last"))),
    "give_floor": (12, lambda of: c.GiveFloor(of.next_or())),
    "end_floor": (5, lambda of: c.EndFloor()),
    "extend": (4, lambda of: c.Extend(of.one(None, 10_000))),
    "interrupt": (3, lambda of: c.Interrupt(of.one("technical", "moderator"))),
    "continue": (4, lambda of: c.Continue()),
    "open_discussion": (4, lambda of: c.OpenDiscussion()),
    "close_discussion": (2, lambda of: c.CloseDiscussion()),
    "mute": (3, lambda of: c.Mute(of.holder())),
    "unmute": (2, lambda of: c.Unmute(of.holder())),
    "remove_participant": (1, lambda of: c.RemoveParticipant(of.person())),
    "readmit_participant": (2, lambda of: c.ReadmitParticipant(of.person())),
    "draw_question": (2, lambda of: c.DrawQuestion(of.id(), of.one("", of.slot()))),
    "answer_question": (2, lambda of: c.AnswerQuestion(of.id())),
    "raise_point_of_order": (2, lambda of: c.RaisePointOfOrder(of.id(), of.id())),
    "hear_point_of_order": (3, lambda of: c.HearPointOfOrder(of.id())),
    "rule_point_of_order": (2, lambda of: c.RulePointOfOrder(of.id(), "noted")),
    "stop_feed": (1, lambda of: c.StopFeed()),
    "resume_feed": (2, lambda of: c.ResumeFeed(of.floor.feed_seq)),
    "undo": (2, lambda of: c.Undo()),
    "ready": (2, lambda of: c.Ready(of.slot(), of.one(True, True, False))),
    "join": (3, lambda of: c.Join(of.id(), of.person(), of.one("", of.slot()))),
    "leave": (2, lambda of: c.Leave(of.id())),
    "report_microphone": (2, lambda of: c.ReportMicrophone(of.slot(), of.one(True, False))),
    "report_link": (3, link),
    "report_voice": (4, voice),
    "report_sound": (1, lambda of: c.ReportSound(of.slot(), -2300, -300)),
    "report_booth": (2, lambda of: c.ReportBooth("fr", of.id(), "fr", of.one(True, False))),
    "report_signal": (1, lambda of: c.ReportSignal("fr", of.one("slow", "trouble"))),
    "report_technician": (1, lambda of: c.ReportTechnician("silenced", of.id(), of.id())),
    "tick": (9, lambda of: c.Tick()),
}
"""For each command, how often it is chosen if the meeting allows it, and how it is made."""


class Run:
    """A random history as it is played."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now = NINE
        self.floor: Floor = EMPTY
        self.entries: list[Entry] = []

    def play(self, length: int) -> "Run":
        """Take `length` steps."""
        for _ in range(length):
            self.take(self.choose())
        return self

    def choose(self) -> c.Command:
        """Let some time pass, and choose the next press."""
        self.now += self.random.choice((-20_000, 0, 500, 10_000, 60_000, 150_000))
        anything = self.random.random() < 0.1
        names = [name for name in MAKERS if anything or permitted(self.floor, name)]
        (name,) = self.random.choices(names, [MAKERS[name][0] for name in names])
        return MAKERS[name][1](Choice(self.floor, self.random))

    def take(self, command: c.Command) -> bool:
        """Take one step, and return whether it was allowed and changed something."""
        try:
            events = decide(self.floor, command, self.now)
        except Refused:
            return False
        for event in events:
            # Other meetings of the hearing share the record: numbers have gaps.
            entry = (self.floor.seq + 3, self.now, event)
            self.entries.append(entry)
            self.floor = apply(self.floor, *entry)
        return bool(events)
