"""The faults that are caused in a site, and the figures that are measured for them."""

from collections.abc import Callable
from dataclasses import dataclass

EDGE_S, ENGINE_S, DATABASE_S = 3.0, 5.0, 10.0
"""The longest time without sound or answers, in seconds, by the part that was killed (requirement
E6).
"""
LOST_S = 35.0
"""The same if a whole database machine is lost: Patroni waits 20 s before an election."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: the part, how to strike and repair it, and what to measure in the meantime."""

    part: str
    """The name of the fault in the table."""
    machine: Callable[[], str]
    """Returns the name of the machine; called immediately before the fault."""
    strike: Callable[[str], None]
    repair: Callable[[str], None]
    """Repairs the part, and returns when it works again. It runs in a thread."""
    watches: str = ""
    """The name of the client whose longest wait is measured; "" for the halls, which listen."""
    aim_s: float | None = None
    """The longest wait allowed, in seconds; None if the part is away until it is started again."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The effect of one fault: the seconds without an answer, and without sound in a hall.

    `busy` is how much of this machine's processors was used in the meantime, in percent. Near 100,
    the parts and the measuring pages wait for a processor, as they would not on separate machines.
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
        """Whether the hearing continued, and within the time allowed."""
        away = self.aim_s is None or self.away_s <= self.aim_s
        return self.heard_again and away and self.silent_s <= self.silent_aim_s

    def row(self) -> str:
        """Return the row of the table for this fault."""
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
