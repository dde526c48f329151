"""What the program picture shows: plain values that `overlays` makes and the engine draws."""

from dataclasses import dataclass
from typing import Literal, Protocol

type LayoutKind = Literal["card", "speaker", "panel", "grid", "screen", "video"]
type ClockFacePhase = Literal["ready", "speaking", "warning", "time", "stopped"]


@dataclass(frozen=True, slots=True)
class Plate:
    """Who is seen: the name as they write it, and a line under it (function, organization)."""

    name: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class HoldingCard:
    """A holding card: the hearing's title, and lines of which the first is large."""

    title: str
    lines: tuple[str, ...] = ()


NOBODY = Plate("")
BLANK = HoldingCard("")


@dataclass(frozen=True, slots=True)
class ClockWords:
    """The clock's state in words of the hearing's language; "" shows the shape only."""

    ready: str = ""
    speaking: str = "Speaking"
    warning: str = "Time nearly up"
    time: str = "Time up"
    stopped: str = "Stopped"

    def of(self, phase: ClockFacePhase) -> str:
        """Return the word for a phase; by default, a clock that has not begun shows no word."""
        return str(getattr(self, phase))


class ClockFace(Protocol):
    """A clock that counts by itself; wall times are in ms since the Unix epoch.

    Its rules come from outside: nothing in this folder knows the procedure of a meeting.
    """

    def phase(self, now_ms: int, /) -> ClockFacePhase:
        """Return the phase of the clock at a wall time."""
        ...

    def figures(self, now_ms: int, /) -> str:
        """Return what the clock shows at a wall time, such as "2:14", "0:00" or "+0:12"."""
        ...

    def word(self, phase: ClockFacePhase, /) -> str:
        """Return the word for a phase; "" shows the shape alone."""
        ...


@dataclass(frozen=True, slots=True)
class Layout:
    """One arrangement of the program picture.

    `main` is the source shown large; `others` are in the strip of a panel, or in a grid, in which
    those `speaking` are framed; `screen` is the shared screen, with `main` and the first of
    `others` over it. `plate` and `clock` are burnt in if they are given. `names` are the plates of
    sources: they label the sources in a strip or grid, and are shown on the card that replaces a
    missing picture. `mark` is at the top of every kind of picture; "" for none.
    """

    kind: LayoutKind
    main: str = ""
    others: tuple[str, ...] = ()
    screen: str = ""
    plate: Plate | None = None
    clock: ClockFace | None = None
    card: HoldingCard | None = None
    names: tuple[tuple[str, Plate], ...] = ()
    mark: str = ""
    speaking: tuple[str, ...] = ()

    @property
    def burnt(self) -> Plate | None:
        """The plate that is burnt in, if it has a name."""
        return self.plate if self.plate is not None and self.plate.name.strip() else None

    def plate_of(self, source: str) -> Plate:
        """Return the plate of a source; an empty plate for an unknown one."""
        if source == self.main and self.burnt:
            return self.burnt
        return dict(self.names).get(source, NOBODY)

    def scene(self) -> tuple[object, ...]:
        """Return the parts whose change makes a new scene, with a dissolve; text does not."""
        return self.kind, self.main, self.screen, self.card
