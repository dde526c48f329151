"""A meeting for tests: commands are decided and applied one after the other, as the gate does."""

from hemicycle.procedure import EMPTY, Entry, Floor, Listed, Rules, apply, decide
from hemicycle.procedure import commands as c
from hemicycle.procedure.events import Event

NINE = 1_626_166_800_000
"""Nine o'clock UTC, when a test's clock begins, in ms since the Unix epoch."""


def speaker(id: str, track: str = "stakeholders") -> Listed:
    """Return a speaker's slot for the person of the same name."""
    return Listed(id, track, f"person-{id}")


def panellist(id: str) -> Listed:
    """Return a panellist's slot for the person of the same name."""
    return Listed(id, "panel", f"person-{id}", "panellist")


def chair(id: str, limit_ms: int | None = None) -> Listed:
    """Return a chair's slot for the person of the same name."""
    return Listed(id, "panel", f"person-{id}", "chair", limit_ms=limit_ms)


def segment(*slots: str | Listed, rules: Rules | None = None, id: str = "panel") -> c.OpenSegment:
    """Return the command that opens a panel of two hours with these slots."""
    listed = tuple(speaker(slot) if isinstance(slot, str) else slot for slot in slots)
    return c.OpenSegment(id, "panel", NINE + 7_200_000, rules or Rules(), listed)


class Meeting:
    """A floor, its entries, and a clock that only `after` moves."""

    def __init__(self) -> None:
        self.now = NINE
        self.floor: Floor = EMPTY
        self.entries: list[Entry] = []

    def after(self, seconds: float) -> "Meeting":
        """Let time pass without waking the clock."""
        self.now += round(seconds * 1000)
        return self

    def do(self, *commands: c.Command) -> tuple[Event, ...]:
        """Decide and apply commands, and return the events of the last one."""
        events: tuple[Event, ...] = ()
        for command in commands:
            events = decide(self.floor, command, self.now)
            for event in events:
                entry = (self.floor.seq + 1, self.now, event)
                self.entries.append(entry)
                self.floor = apply(self.floor, *entry)
        return events

    def states(self) -> dict[str, str]:
        """Return the state of each slot, in the list's order."""
        return {id: self.floor.slots[id].state for id in self.floor.order}


def opened(*slots: str | Listed, rules: Rules | None = None) -> Meeting:
    """Return a meeting that has opened a panel with these slots."""
    meeting = Meeting()
    meeting.do(c.OpenMeeting("meeting"), segment(*slots, rules=rules))
    return meeting
