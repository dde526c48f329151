"""What the program picture shows: plain values that a plan makes and the desk draws."""

from dataclasses import dataclass, field
from typing import Literal

type LayoutKind = Literal["card", "speaker", "panel", "screen", "video"]
type ClockPhase = Literal["idle", "speaking", "warning", "time", "stopped"]


@dataclass(frozen=True, slots=True)
class Plate:
    """Who is seen: the name as they write it, and a line under it (function, organization)."""

    name: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A holding card: the hearing's title, and lines of which the first stands large."""

    title: str
    lines: tuple[str, ...] = ()


NOBODY = Plate("")
BLANK = Card("")


@dataclass(frozen=True, slots=True)
class ClockWords:
    """The clock's state in words of the hearing's language; "" shows the shape alone."""

    speaking: str = "Speaking"
    warning: str = "Time nearly up"
    time: str = "Time"
    stopped: str = "Stopped"

    def of(self, phase: ClockPhase) -> str:
        """The word for a phase; a clock that has not begun has none."""
        return "" if phase == "idle" else str(getattr(self, phase))


@dataclass(frozen=True, slots=True)
class ClockFace:
    """A clock that counts by itself, as `procedure.clock` does; times in ms, wall times since the
    Unix epoch. It stands still while `running_since_ms` is None.

    `warning_ms` before the limit it warns, unless the limit is no longer than that. Past the
    limit it counts over, by no more than `over_ms` where that is given (a microphone cut after a
    grace).
    """

    running_since_ms: int | None
    used_before_ms: int
    limit_ms: int
    warning_ms: int = 30_000
    over_ms: int | None = None
    words: ClockWords = field(default_factory=ClockWords)

    def left_ms(self, now_ms: int) -> int:
        """What is left at a wall time; negative over the limit."""
        running = 0 if self.running_since_ms is None else max(0, now_ms - self.running_since_ms)
        left = self.limit_ms - self.used_before_ms - running
        return left if self.over_ms is None else max(left, -self.over_ms)

    def phase(self, now_ms: int) -> ClockPhase:
        """What the clock says at a wall time."""
        left = self.left_ms(now_ms)
        if left <= 0 < self.limit_ms:
            return "time"
        if self.running_since_ms is None:
            return "stopped" if self.used_before_ms > 0 else "idle"
        return "warning" if left <= self.warning_ms < self.limit_ms else "speaking"

    def figures(self, now_ms: int) -> str:
        """As every clock of the hearing shows it: "2:14", "0:00", "+0:12"; left is rounded up,
        over is rounded down, so that 0:00 appears at the limit itself."""
        left = self.left_ms(now_ms)
        seconds = -(-left // 1000) if left >= 0 else -left // 1000
        minutes, rest = divmod(min(seconds, LONGEST_S), 60)
        return f"{'+' if left <= -1000 else ''}{minutes}:{rest:02}"


LONGEST_S = 999 * 60 + 59
"""The most that a clock shows."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One arrangement of the program picture.

    `main` is the source shown large; `others` stand in the strip of a panel; `screen` is the
    shared screen, with `main` beside it. `plate` and `clock` are burnt in where they are given.
    `names` says who sources are: it names those in the strip, and stands on the card in place of
    a picture that is missing.
    """

    kind: LayoutKind
    main: str = ""
    others: tuple[str, ...] = ()
    screen: str = ""
    plate: Plate | None = None
    clock: ClockFace | None = None
    card: Card | None = None
    names: tuple[tuple[str, Plate], ...] = ()

    @property
    def burnt(self) -> Plate | None:
        """The plate that is burnt in, where there is a name to write on it."""
        return self.plate if self.plate is not None and self.plate.name.strip() else None

    def plate_of(self, source: str) -> Plate:
        """Who a source is; an empty plate for a stranger."""
        if source == self.main and self.burnt:
            return self.burnt
        return dict(self.names).get(source, NOBODY)

    def scene(self) -> tuple[object, ...]:
        """What makes it another scene, worth a dissolve, rather than a change of words."""
        return self.kind, self.main, self.screen, self.card
