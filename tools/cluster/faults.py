"""What is done to a part of a site, and the figure for each."""

from collections.abc import Callable
from dataclasses import dataclass

EDGE_S, ENGINE_S, DATABASE_S = 3.0, 5.0, 10.0
"""For how long at most nobody may be heard or answered, by what was killed (requirement E6)."""
LOST_S = 35.0
"""The same for a database machine that is lost whole: Patroni waits 20 s before it elects."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is struck, how it is repaired, and what is measured meanwhile."""

    part: str
    """What the table calls it."""
    machine: Callable[[], str]
    """The name of the machine, found when its turn has come."""
    strike: Callable[[str], None]
    repair: Callable[[str], None]
    """Returns when the part works again; it runs while the clients go on."""
    watches: str = ""
    """The client whose longest wait counts; "" for the halls, where somebody listens."""
    aim_s: float | None = None
    """The most that may be; None for a part that waits until it is started again."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one fault did: seconds without an answer, and without sound in a hall.

    `busy` is the share of this machine's processors that was taken meanwhile, in percent: near 100,
    the parts and the pages that measure wait for a processor, which they would not do elsewhere.
    """

    part: str
    machine: str
    away_s: float
    silent_s: float
    aim_s: float | None
    heard_again: bool
    busy: float
    silent_aim_s: float = ENGINE_S

    @property
    def is_within_aims(self) -> bool:
        """Whether the hearing went on, and soon enough."""
        away = self.aim_s is None or self.away_s <= self.aim_s
        return self.heard_again and away and self.silent_s <= self.silent_aim_s

    def row(self) -> str:
        """A line of the table."""
        aim = "" if self.aim_s is None else f"{self.aim_s:g}"
        heard = "yes" if self.heard_again else "NO"
        mark = "" if self.is_within_aims else "  over the aim"
        return (
            f"{self.part:<26} {self.machine:<8} {self.away_s:>7.1f} {self.silent_s:>9.1f}"
            f" {aim:>5} {self.busy:>6.0f}  {heard:<5}{mark}"
        )


HEAD = (
    f"{'struck':<26} {'machine':<8} {'away s':>7} {'silent s':>9} {'aim':>5} {'busy %':>6}"
    "  heard again"
)
