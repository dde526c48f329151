"""Runs interventions (limit, grace, extensions, mishaps), and questions to the panel."""

from dataclasses import dataclass, field
from uuid import UUID

from hemicycle.before.questions.models import Question
from hemicycle.before.questions.queries import ready_to_draw
from hemicycle.before.statements.models import StatementVersion
from hemicycle.hearing.setup.models import Segment
from hemicycle.procedure import Floor
from hemicycle.procedure.clock import used_ms
from hemicycle.procedure.state import PRESENTING, Holding
from hemicycle.record import clock
from hemicycle.site.rehearsal.console import SimulatedConsole
from hemicycle.site.rehearsal.habits import MISHAP, MeetingHabits


@dataclass(slots=True)
class InterventionRunner:
    """Runs the interventions of one segment: lets speakers finish, extends, interrupts, ends."""

    console: SimulatedConsole
    habits: MeetingHabits
    segment: Segment
    _wanted: dict[int, float] = field(default_factory=dict)
    _settled: set[int] = field(default_factory=set)
    _stopped_here: set[int] = field(default_factory=set)
    _questions_at: list[int] = field(default_factory=list)
    _words: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._questions_at = sorted(self.habits.random.choices(range(12), k=3))
        rows = StatementVersion.objects.filter(statement__inscription__segment=self.segment)
        for slot, words in rows.order_by("number").values_list("statement__inscription", "words"):
            if isinstance(slot, UUID):
                self._words[slot.hex] = words

    def _ms(self, ms: float) -> int:
        return self.console.virtual_clock.scaled(ms)

    # ── Who has the floor ─────────────────────────────────────────────────────────────────────
    def hear(self, holding: Holding) -> None:
        """Do the next step of an intervention: continue, interrupt, extend or end it."""
        if holding.stopped:
            self._put_right(holding)
            return
        floor = self.console.floor()
        rest = self._wants(floor, holding) - used_ms(floor, clock.now_ms())
        left = holding.limit_ms - used_ms(floor, clock.now_ms())
        if self._first_look(holding) and self.habits.happens(MISHAP):
            self.console.wait(min(rest, left) * self.habits.random.uniform(0.2, 0.8))
            self._stopped_here.add(holding.giving)
            self.console.press("interrupt:technical")
        elif rest <= left:
            self.console.wait(rest)
            self.console.press("end_floor:finished")
        else:
            self.console.wait(left)
            self._at_the_limit(holding, rest - left)

    def _first_look(self, holding: Holding) -> bool:
        first = holding.giving not in self._settled
        self._settled.add(holding.giving)
        return first

    def _put_right(self, holding: Holding) -> None:
        self.console.wait(self._ms(self.habits.random.uniform(12_000, 50_000)))
        if holding.giving in self._stopped_here:
            self.console.press("continue")

    def _wants(self, floor: Floor, holding: Holding) -> float:
        """Return how long the holder will speak if not stopped; drawn once for each holding."""
        if holding.giving not in self._wanted:
            self._wanted[holding.giving] = self._draw(floor, holding)
        return self._wanted[holding.giving]

    def _draw(self, floor: Floor, holding: Holding) -> float:
        if holding.question:
            return self._ms(self.habits.answers_ms())
        if floor.slots[holding.slot].role in PRESENTING:
            return self.habits.share_presented() * holding.limit_ms
        if words := self._words.get(holding.slot):
            return self._ms(self.habits.reads_ms(words))
        return self.habits.share_spoken() * holding.limit_ms

    def _at_the_limit(self, holding: Holding, over: float) -> None:
        """Extend the time, or let the speaker finish within seconds, or end the intervention."""
        rules = self.console.floor().rules
        if not holding.extensions and self.habits.happens(self.habits.generosity):
            self.console.press("extend")
            return
        patience = self._ms(self.habits.random.uniform(1_000, 40_000))
        if rules.at_limit == "cut":
            patience = round(rules.grace_ms * self.habits.random.uniform(0.1, 1.5))
        self.console.wait(min(over, patience))
        self.console.press("end_floor:finished" if over <= patience else "end_floor:moderator")

    # ── Questions ─────────────────────────────────────────────────────────────────────────────
    def put_questions(self) -> None:
        """Draw a question if one is due, and give the panellist the floor to answer."""
        floor = self.console.floor()
        spoken = [slot for slot in floor.slots.values() if slot.state == "delivered"]
        panel = [slot.id for slot in spoken if slot.role in PRESENTING]
        presenting = any(slot.role in PRESENTING for slot in floor.waiting())
        speakers = len(spoken) - len(panel)
        if presenting or not panel or not self._questions_at or speakers < self._questions_at[0]:
            return
        self._questions_at.pop(0)
        if ready := ready_to_draw(self.segment):
            self._put(ready[0], panel)

    def _put(self, question: Question, panel: list[str]) -> None:
        to = question.to.id.hex if question.to else ""
        answers = to if to in panel else self.habits.random.choice(panel)
        self.console.wait(self._ms(self.habits.random.uniform(5_000, 15_000)))
        self.console.press(f"draw_question:{question.id.hex}:{answers}")
        self.console.wait(self._ms(self.habits.random.uniform(12_000, 30_000)))
        self.console.press(f"give_floor:{answers}")
        while (holder := self.console.floor().holder) is not None and holder.slot == answers:
            self.hear(holder)
        self.console.press(f"answer_question:{question.id.hex}")
