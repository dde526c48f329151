"""How people behave in a meeting, drawn from a seed. The forecast does not know it.

A speaker who reads a statement takes as long as its words take at their own pace; one who speaks
freely takes a share of the limit. A room has its own pace between speakers, its share of absences,
and a more or less generous moderator. Nothing here is shared with the beliefs of
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
    """The habits of one meeting. Times in ms; each is drawn once for the room."""

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
        """How much of the limit somebody uses who speaks without a text."""
        return min(1.8, max(0.2, self.random.gauss(self.freely, 0.2)))

    def share_presented(self) -> float:
        """How much of their limit a panellist uses."""
        return min(1.6, max(0.4, self.random.gauss(self.presenting, 0.13)))

    def answers_ms(self) -> float:
        """How long a panellist takes to answer a question."""
        return self.random.uniform(40_000, 130_000)

    def changes_ms(self) -> float:
        """The time until the next speaker is heard: short, with a long tail."""
        return 2_000 + self.random.gammavariate(3, (self.changeover_ms - 2_000) / 3)

    def presence(self, slot: str) -> Presence:
        """Whether somebody is there when called; asked twice, the answer is the same."""
        if slot not in self.presences:
            missing = self.random.random() < self.away
            comes = self.random.random() < 0.4
            self.presences[slot] = ("late" if comes else "absent") if missing else "there"
        return self.presences[slot]

    def arrive(self) -> list[str]:
        """Return late people who arrive now: some of them at each call."""
        late = [slot for slot, presence in self.presences.items() if presence == "late"]
        here = [slot for slot in late if self.random.random() < 0.3]
        self.presences.update(dict.fromkeys(here, "there"))
        return here

    def happens(self, chance: float) -> bool:
        """Whether something happens that does so in `chance` of cases."""
        return self.random.random() < chance
