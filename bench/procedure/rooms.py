"""Simulated rooms with habits that the forecast does not know, for panels by the real procedure.

A room is drawn from a family (speakers who keep to the limit and are cut, speakers who overrun a
light, short speakers, a mixture), with its own rate of absences and its own pace between speakers.
In these families, speaking times are normally distributed, as in the rehearsal. `SHAPES` has
families with other distributions, one of them with published figures. `play` runs one panel in a
room and yields, for several moments of the panel, the forecast and the later outcome.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from math import gamma
from random import Random

from hemicycle.procedure import EMPTY, Floor, Listed, Rules, apply, decide
from hemicycle.procedure import commands as c
from hemicycle.procedure.clock import used_ms, wake_at
from hemicycle.procedure.events import Event
from hemicycle.procedure.forecast import Outlook, forecast, foresee

START = 1_626_186_300_000
PANELLISTS = 3

type Entry = tuple[int, int, Event]
type Share = Callable[[Random], float]
"""Draws the share of the time limit that a speaker uses; 1.0 is the limit."""


@dataclass(frozen=True, slots=True)
class Room:
    """The habits of a room. Times are in ms."""

    family: str
    rules: Rules
    share: Share
    absence: float
    changeover_ms: float
    unevenness: float
    lost_ms: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """A forecast at a moment of a panel, and the time at which each slot later had the floor."""

    moment: str
    outlook: Outlook
    came_at: dict[str, int]


GENERAL_DEBATE = (15.5 / 15, 0.413)
"""The median (as a share of the limit) and sigma of the log-normal that fits a general debate.

The source is the secretariat's synopsis of the general debate of the 71st session
(gadebate.un.org/en/71/highlights): 194 speakers spoke for 5 to 48 minutes, for a little over 17 on
average; speakers are asked to keep to 15. The expected extremes of 194 draws are 2.74 sigma from
the median. The two numbers follow from this; they give an average of 16.9 minutes.
"""


def _general_debate(_random: Random) -> Share:
    usual, sigma = GENERAL_DEBATE
    return lambda one: usual * one.lognormvariate(0, sigma)


def _log_normal(random: Random) -> Share:
    usual, sigma = random.uniform(0.7, 1.1), random.uniform(0.2, 0.5)
    return lambda one: usual * one.lognormvariate(0, sigma)


def _weibull(random: Random) -> Share:
    usual, shape = random.uniform(0.7, 1.1), random.uniform(2, 5)
    return lambda one: one.weibullvariate(usual / gamma(1 + 1 / shape), shape)


def _over_runners(random: Random) -> Share:
    """Return speakers who mostly keep to the limit; some use up to two and a half times as much."""
    usual, chance = random.uniform(0.8, 0.95), random.uniform(0.1, 0.3)

    def share(one: Random) -> float:
        if one.random() < chance:
            return one.uniform(1.3, 2.5)
        return max(0.1, one.gauss(usual, 0.12))

    return share


SHAPES: Mapping[str, Callable[[Random], Share]] = {
    "general_debate": _general_debate,
    "log_normal": _log_normal,
    "weibull": _weibull,
    "over_runners": _over_runners,
}
"""Families in which speaking times are not normally distributed and speakers are not cut."""


def draw_shaped_room(random: Random, family: str) -> Room:
    """Return a random room of one of the families in `SHAPES`."""
    return replace(draw_room(random), family=family, rules=Rules(), share=SHAPES[family](random))


def draw_room(random: Random) -> Room:
    """Return a room with a random family and random habits, each from a wide range."""
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
    """One panel in a room, from its opening to its last speaker, in simulated time."""

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
        """Decide on a command and append its events, as the gate does."""
        for event in decide(self.floor, command, self.now):
            entry = (self.floor.seq + 1, self.now, event)
            self.entries.append(entry)
            self.floor = apply(self.floor, *entry)

    def wait(self, ms: float) -> None:
        """Let simulated time pass, with a tick of the clock whenever one is due."""
        until = self.now + round(ms)
        while (due := wake_at(self.floor)) is not None and due <= until:
            self.now = max(self.now, due)
            self.do(c.Tick())
        self.now = until

    def open(self) -> None:
        """Open the meeting, earlier or later than in the programme, and the panel."""
        self.now = START + round(self.random.gauss(0, 100_000))
        self.do(c.OpenMeeting("meeting"))
        self.do(c.OpenSegment("panel", "panel", self.ends_at, self.room.rules, self.slots))

    def next(self) -> None:
        """Call the next slot, which speaks or is absent."""
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
    """Play a panel; yield the forecasts before it, at its opening and during it, with outcomes."""
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
