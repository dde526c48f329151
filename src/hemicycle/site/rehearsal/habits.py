"""How people behave in a meeting, drawn from a seed that the forecast does not know.

A speaker who reads a statement takes as long as its words take at the speaker's pace; one who
speaks freely takes a share of the limit. A room has its own pace between speakers, its share of
absences, and a more or less generous moderator. Nothing here is shared with the assumptions of
`procedure.forecast`.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Literal

type Presence = Literal["there", "late", "absent"]

MISHAP = 0.03
PAUSE = 0.008
SLIP = 0.02
SKIPPED = 0.01
LOST_CONNECTION = 0.04


@dataclass(slots=True)
class MeetingHabits:
    """The habits of one meeting. Times are in ms; each attribute is drawn once for the room."""

    random: Random
    late_ms: float = field(init=False)
    pace: float = field(init=False)
    freely: float = field(init=False)
    presenting: float = field(init=False)
    changeover_ms: float = field(init=False)
    away: float = field(init=False)
    generosity: float = field(init=False)
    reserve_ms: float = field(init=False)
    presences: dict[str, Presence] = field(default_factory=dict)

    def __post_init__(self) -> None:
        draw = self.random.uniform
        self.late_ms = draw(-20_000, 150_000)
        self.pace = draw(108, 148)
        self.freely = draw(0.6, 1.1)
        self.presenting = draw(0.75, 1.2)
        self.changeover_ms = draw(6_000, 40_000)
        self.away = draw(0.02, 0.2)
        self.generosity = draw(0.0, 0.35)
        self.reserve_ms = draw(15_000, 70_000)

    def reads_ms(self, words: int) -> float:
        """Return how long a speaker takes to read this many words."""
        return 60_000 * words / max(80, self.random.gauss(self.pace, 11))

    def share_spoken(self) -> float:
        """Return the share of the limit that a speaker without a text uses."""
        return min(1.8, max(0.2, self.random.gauss(self.freely, 0.2)))

    def share_presented(self) -> float:
        """Return the share of the limit that a panellist uses."""
        return min(1.6, max(0.4, self.random.gauss(self.presenting, 0.13)))

    def answers_ms(self) -> float:
        """Return how long a panellist takes to answer a question."""
        return self.random.uniform(40_000, 130_000)

    def changes_ms(self) -> float:
        """Return the time until the next speaker is heard: usually short, sometimes long."""
        return 2_000 + self.random.gammavariate(3, (self.changeover_ms - 2_000) / 3)

    def presence(self, slot: str) -> Presence:
        """Return whether a speaker is present when called; fixed until `arrive`."""
        if slot not in self.presences:
            missing = self.random.random() < self.away
            comes = self.random.random() < 0.4
            self.presences[slot] = ("late" if comes else "absent") if missing else "there"
        return self.presences[slot]

    def arrive(self) -> list[str]:
        """Return the late people who arrive now: a random part of them at each call."""
        late = [slot for slot, presence in self.presences.items() if presence == "late"]
        here = [slot for slot in late if self.random.random() < 0.3]
        self.presences.update(dict.fromkeys(here, "there"))
        return here

    def happens(self, chance: float) -> bool:
        """Return True with the probability `chance`."""
        return self.random.random() < chance
