"""Simulated rooms, each with habits that the forecast does not know, played by the real procedure.

A room is drawn from a family (crisp speakers who are cut, speakers who overrun a light, short
speakers, a mixture) with its own absences and its own pace between speakers. `play` runs one panel
in it and returns, for several moments of the panel, the forecast and the later outcome.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from hemicycle.procedure import EMPTY, Floor, Listed, Rules, apply, decide
from hemicycle.procedure import commands as c
from hemicycle.procedure.clock import used_ms, wake_at
from hemicycle.procedure.events import Event
from hemicycle.procedure.forecast import Outlook, forecast, foresee

START = 1_626_186_300_000
PANELLISTS = 3

type Entry = tuple[int, int, Event]


@dataclass(frozen=True, slots=True)
class Room:
    """What a room is like. Times in ms; `share` draws how much of a limit somebody uses."""

    family: str
    rules: Rules
    share: Callable[[Random], float]
    absence: float
    changeover_ms: float
    unevenness: float
    lost_ms: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """A forecast made at `moment` of a panel, and when each slot then had the floor."""

    moment: str
    outlook: Outlook
    came_at: dict[str, int]


def draw_room(random: Random) -> Room:
    """A room at random: its family, then its habits, each from a wide range."""
    family = random.choice(("crisp", "overrunning", "short", "mixed"))
    usual, spread = {
        "crisp": (random.uniform(0.92, 1.02), random.uniform(0.03, 0.1)),
        "overrunning": (random.uniform(1.0, 1.3), random.uniform(0.1, 0.3)),
        "short": (random.uniform(0.6, 0.9), random.uniform(0.1, 0.25)),
        "mixed": (random.uniform(0.75, 1.1), random.uniform(0.15, 0.3)),
    }[family]
    cut = Rules(at_limit="cut", grace_ms=3_000, warning_ms=30_000)
    return Room(
        family=family,
        rules=cut if family == "crisp" else Rules(),
        share=lambda one: max(0.1, one.gauss(usual, spread)),
        absence=random.uniform(0.0, 0.25),
        changeover_ms=random.uniform(5_000, 45_000),
        unevenness=random.uniform(0.2, 0.6),
        lost_ms=random.uniform(5_000, 40_000),
    )


class Panel:
    """One panel in one room, from its opening to its last speaker."""

    def __init__(self, room: Room, random: Random, speakers: int) -> None:
        self.room = room
        self.random = random
        self.now = START
        self.floor: Floor = EMPTY
        self.entries: list[Entry] = []
        self.came_at: dict[str, int] = {}
        self.slots = (
            *(Listed(f"panellist-{n}", "panel", f"p{n}", "panellist") for n in range(PANELLISTS)),
            *(Listed(f"speaker-{n}", "floor", f"s{n}") for n in range(speakers)),
        )
        self.ends_at = START + 95 * 60_000

    def do(self, command: c.Command) -> None:
        """Decide and append, as the gate does."""
        for event in decide(self.floor, command, self.now):
            entry = (self.floor.seq + 1, self.now, event)
            self.entries.append(entry)
            self.floor = apply(self.floor, *entry)

    def wait(self, ms: float) -> None:
        """Let time pass, with a tick of the clock whenever one is due."""
        until = self.now + round(ms)
        while (due := wake_at(self.floor)) is not None and due <= until:
            self.now = max(self.now, due)
            self.do(c.Tick())
        self.now = until

    def open(self) -> None:
        """Open the meeting, some time off the programme, and the panel."""
        self.now = START + round(self.random.gauss(0, 100_000))
        self.do(c.OpenMeeting("meeting"))
        self.do(c.OpenSegment("panel", "panel", self.ends_at, self.room.rules, self.slots))

    def next(self) -> None:
        """The next slot is called: it speaks, or is not there."""
        if self.random.random() < self.room.absence:
            self._absent()
        else:
            self._speak()

    def _uneven(self, usual_ms: float) -> float:
        return usual_ms * self.random.lognormvariate(
            -(self.room.unevenness**2) / 2, self.room.unevenness
        )

    def _absent(self) -> None:
        if self.random.random() < 0.5:
            self.do(c.GiveFloor())
        self.wait(self._uneven(self.room.lost_ms))
        self.do(c.MarkAbsent())

    def _speak(self) -> None:
        self.wait(self._uneven(self.room.changeover_ms))
        self.do(c.GiveFloor())
        holder = self.floor.holder
        assert holder is not None
        self.came_at[holder.slot] = self.now
        wanted = self.room.share(self.random) * holder.limit_ms
        if self.floor.rules.at_limit == "cut":
            wanted = min(wanted, holder.limit_ms + self.floor.rules.grace_ms)
        self.wait(wanted)
        self.do(c.EndFloor())
        assert used_ms(self.floor, self.now) == 0


def play(room: Room, random: Random, speakers: int) -> Iterator[Sighting]:
    """Play a panel; yield the forecasts before it, at its opening, and during it."""
    panel = Panel(room, random, speakers)
    seen = [("before", foresee(panel.slots, room.rules, START, panel.ends_at))]
    panel.open()
    seen.append(("opening", forecast(panel.floor, panel.now)))
    total = len(panel.slots)
    for called in count(1):
        panel.next()
        if called == total:
            break
        if called in (total // 4, total // 2, 3 * total // 4):
            seen.append((f"{round(4 * called / total)}/4", forecast(panel.floor, panel.now)))
    for moment, outlook in seen:
        yield Sighting(moment, outlook, panel.came_at)
