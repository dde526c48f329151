"""Runs a meeting like a moderator: looks at the floor and presses the console's keys.

It decides again after every look, so that it can continue from any state of a meeting: after a
restart of the server, and while other people press keys at their consoles too.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import uuid4

from hemicycle.before.registration.list_phase import ListPhase, phase_of
from hemicycle.hearing.setup.models import Segment
from hemicycle.procedure import Floor, commands
from hemicycle.procedure.state import PRESENTING, Slot
from hemicycle.record import clock
from hemicycle.record.writer import Actor
from hemicycle.site.rehearsal.console import ConsoleOvertaken, SimulatedConsole
from hemicycle.site.rehearsal.forecast_score import ForecastScore
from hemicycle.site.rehearsal.habits import LOST_CONNECTION, PAUSE, SKIPPED, SLIP, MeetingHabits
from hemicycle.site.rehearsal.interventions import InterventionRunner

IN_ROOM = 5
"""The number of next speakers who take their seats beforehand."""

Between = Callable[[Floor], None]
"""Called between two speakers, so that participants may act."""


@dataclass(slots=True)
class SimulatedModerator:
    """The moderator of one meeting."""

    console: SimulatedConsole
    habits: MeetingHabits
    between: Between
    tell: Callable[[str], None]
    score: ForecastScore = field(default_factory=ForecastScore)
    _paused: bool = False

    def hold(self) -> None:
        """Hold the meeting from its present state to its close."""
        console = self.console
        self._arrive(clock.to_ms(console.meeting.starts_at) + self._ms(self.habits.late_ms))
        if console.floor().phase == "not_opened":
            self._surely("open_meeting")
        for segment in console.meeting.segments.order_by("ordinal"):
            self._hold_segment(segment)
        if console.floor().phase == "open":
            self._surely("close_meeting")

    def _ms(self, ms: float) -> int:
        return self.console.virtual_clock.scaled(ms)

    def _wait(self, ms: float) -> None:
        self.console.wait(self._ms(ms))

    def _arrive(self, at: int) -> None:
        """Wait until a time, and ignore the acts of others in the meantime."""
        while clock.now_ms() < at:
            with suppress(ConsoleOvertaken):
                self.console.wait_until(at)

    def _surely(self, key: str) -> None:
        """Press a key; ignore a refusal because another person acted first."""
        with suppress(ConsoleOvertaken):
            self.console.press(key)

    # ── A segment ─────────────────────────────────────────────────────────────────────────────
    def _hold_segment(self, segment: Segment) -> None:
        console, draw = self.console, self.habits.random.uniform
        starts, ends = clock.to_ms(segment.starts_at), clock.to_ms(segment.ends_at)
        if phase_of(segment, console.floor()) is ListPhase.BEFORE:
            self.score.before(segment)
            self._arrive(starts + self._ms(draw(-40_000, 60_000)))
            self._surely(f"open_segment:{segment.id.hex}")
            self.tell(f"{segment} has opened")
            self.score.make("opening", console.floor())
        if not console.floor().slots:
            self._arrive(ends - self._ms(draw(5_000, 45_000)))
        runner = InterventionRunner(console, self.habits, segment)
        while self._goes_on(segment, ends):
            with suppress(ConsoleOvertaken):
                self._go_on(runner)
        if phase_of(segment, console.floor()) is ListPhase.OPEN:
            self._surely("close_segment")
        self.score.settle(console.floor(), clock.now_ms())

    def _goes_on(self, segment: Segment, ends: int) -> bool:
        floor = self.console.floor()
        if phase_of(segment, floor) is not ListPhase.OPEN or floor.phase == "closed":
            return False
        if floor.holder or floor.phase == "suspended":
            return True
        late = clock.now_ms() >= ends - self._ms(self.habits.reserve_ms)
        return bool(floor.waiting()) and not late

    def _go_on(self, runner: InterventionRunner) -> None:
        """Do the next step of an open segment."""
        floor = self.console.floor()
        if floor.phase == "suspended":
            self._sit_out()
        elif floor.holder:
            runner.hear(floor.holder)
        else:
            self._recall(floor)
            runner.put_questions()
            self.between(self.console.floor())
            self._call()

    def _sit_out(self) -> None:
        """Wait during a suspension, and resume the meeting if we have suspended it."""
        self._wait(self.habits.random.uniform(60_000, 240_000))
        if self._paused:
            self._paused = False
            self.console.press("resume")

    # ── Calling ───────────────────────────────────────────────────────────────────────────────
    def _call(self) -> None:
        """Call the next speaker, who speaks, is skipped or is absent; or suspend the meeting."""
        floor = self.console.floor()
        slot = floor.next_slot()
        if slot is None:
            return
        self.score.on_the_way(floor)
        self._seat(floor)
        if self.habits.happens(PAUSE):
            self._paused = True
            self.console.press("suspend")
            return
        if self.habits.happens(SLIP):
            self._slip(floor)
        if slot.role in PRESENTING or self.habits.presence(slot.id) == "there":
            self._call_to_speak(slot)
        else:
            self._call_in_vain(slot)

    def _call_to_speak(self, slot: Slot) -> None:
        self._wait(self.habits.changes_ms())
        skipped = slot.role not in PRESENTING and self.habits.happens(SKIPPED)
        self.score.call(slot.id, clock.now_ms())
        self.console.press(f"skip:{slot.id}" if skipped else "give_floor")

    def _call_in_vain(self, slot: Slot) -> None:
        if self.habits.happens(0.5):
            self._wait(self.habits.changes_ms())
            self.console.press("give_floor")
        self.score.call(slot.id, clock.now_ms())
        self._wait(self.habits.random.uniform(8_000, 35_000))
        self.console.press("mark_absent")

    def _slip(self, floor: Floor) -> None:
        """Give the floor to the wrong speaker, and undo that at once."""
        waiting = floor.waiting()
        if len(waiting) > 1:
            self._wait(1_500)
            self.console.press(f"give_floor:{waiting[1].id}")
            self._wait(2_500)
            self.console.press("undo")

    def _recall(self, floor: Floor) -> None:
        """Recall absent speakers who have now arrived."""
        for slot in self.habits.arrive():
            known = floor.slots.get(slot)  # they may arrive after their panel has ended
            if known is not None and known.state == "absent":
                self.console.press(f"recall:{slot}:last")

    # ── Seats ─────────────────────────────────────────────────────────────────────────────────
    def _seat(self, floor: Floor) -> None:
        """Seat the next speakers who are present; the first of them reports ready."""
        seated = floor.connected()
        for number, slot in enumerate(floor.waiting()[:IN_ROOM]):
            here = slot.role in PRESENTING or self.habits.presence(slot.id) == "there"
            if not here or not slot.person:
                continue
            if slot.id not in seated:
                self._join(slot)
            elif self.habits.happens(LOST_CONNECTION):
                self._reconnect(floor, slot)
            if number == 0 and slot.id not in floor.ready:
                self.console.report(commands.Ready(slot.id), _sitting(slot))

    def _join(self, slot: Slot) -> None:
        joined = commands.Join(uuid4().hex, slot.person, slot.id)
        self.console.report(joined, _sitting(slot))

    def _reconnect(self, floor: Floor, slot: Slot) -> None:
        for connection, seat in floor.seats.items():
            if seat.slot == slot.id:
                self.console.report(commands.Leave(connection), _sitting(slot))
        self._join(slot)


def _sitting(slot: Slot) -> Actor:
    return Actor(slot.person, slot.role)
