"""The console of a rehearsed meeting: presses its keys, reads the floor, waits."""

from contextlib import suppress
from dataclasses import dataclass

from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.meeting.room import presses
from hemicycle.procedure import Floor, Refused, commands
from hemicycle.procedure.clock import wake_at
from hemicycle.record import clock
from hemicycle.record.floor import act, floor_of
from hemicycle.record.writer import Actor
from hemicycle.site.rehearsal.virtual_clock import VirtualClock

TICKER = Actor.system("ticker")
LOOK_MS = 500
"""How often the floor is checked while other people may act, and how late the server's own ticker
may be before the rehearsal sends a tick instead."""


class ConsoleOvertaken(Exception):
    """Another person acted first: look at the floor again."""


@dataclass(slots=True)
class SimulatedConsole:
    """The console of one meeting, with the functions that a moderator uses."""

    hearing: Hearing
    meeting: Meeting
    actor: Actor
    virtual_clock: VirtualClock

    def floor(self) -> Floor:
        """Return the present floor from the record."""
        return floor_of(self.meeting.id)

    def press(self, key: str) -> Floor:
        """Press a key of the console, such as `give_floor:<slot>`, and return the new floor.

        If the press is refused, raises `ConsoleOvertaken` when other people may act at the same
        time, and `Refused` when no one else can have acted.
        """
        data = {"press": key, "seen": str(self.floor().act_seq)}
        try:
            return presses.press(
                hearing=self.hearing, meeting=self.meeting, data=data, actor=self.actor
            )
        except Refused as refused:
            if not self.virtual_clock.caught_up:
                raise
            self.virtual_clock.until(clock.now_ms() + LOOK_MS)
            raise ConsoleOvertaken from refused

    def report(self, command: commands.Command, actor: Actor) -> None:
        """Report a fact as `actor`; a refusal is ignored."""
        with suppress(Refused):
            act(hearing=self.hearing.id, meeting=self.meeting.id, command=command, actor=actor)

    def wait(self, ms: float) -> None:
        """Wait for `ms`, in virtual or real time; raise `ConsoleOvertaken` after an act of another
        person.
        """
        self.wait_until(clock.now_ms() + round(ms))

    def wait_until(self, until: int) -> None:
        """Wait until a time, and send a tick of the meeting's clock whenever one is due."""
        seen = self.floor().act_seq
        while clock.now_ms() < until:
            floor = self.floor()
            if floor.act_seq != seen:
                raise ConsoleOvertaken
            self._wait_on(floor, until)

    def _wait_on(self, floor: Floor, until: int) -> None:
        due = wake_at(floor)
        if due is None or due > until:
            due = None
        if self.virtual_clock.caught_up:
            due = None if due is None else due + LOOK_MS
            until = min(until, clock.now_ms() + LOOK_MS)
        if due is not None and due <= max(until, clock.now_ms()):
            self.virtual_clock.until(due)
            self.report(commands.Tick(), TICKER)
        else:
            self.virtual_clock.until(until)
