"""Compares forecasts made during a meeting with what then happened."""

from dataclasses import dataclass, field
from uuid import UUID

from hemicycle.before.speakers.queries import earlier_habits, forecast_before
from hemicycle.hearing.setup.models import Segment
from hemicycle.procedure import Floor
from hemicycle.procedure.forecast import Outlook, forecast
from hemicycle.record import clock


@dataclass(slots=True)
class ForecastScore:
    """The forecasts, the times at which slots were called, and how often the range was right.

    A forecast counts if its whole range is before the end of the panel, so that the outcome is
    known; if the slot is not called by then, the forecast was wrong. Whether it counts depends only
    on the forecast, never on the outcome. Withdrawn slots are left out.
    """

    made: int = 0
    held: int = 0
    _hearing: UUID | None = None
    _open: list[Outlook] = field(default_factory=list)
    _called: dict[str, int] = field(default_factory=dict)
    _quarters: set[int] = field(default_factory=set)

    def before(self, segment: Segment) -> None:
        """Begin a panel, and store the forecast from the programme just before it."""
        self._hearing = segment.meeting.hearing_id
        self._open, self._called, self._quarters = [], {}, set()
        if segment.kind == Segment.Kind.PANEL:
            self._open.append(forecast_before(segment))

    def make(self, moment: str, floor: Floor) -> None:
        """Store the present forecast."""
        assert self._hearing is not None, "`before` comes first"
        habits = earlier_habits(self._hearing, UUID(hex=floor.meeting))
        self._open.append(forecast(floor, clock.now_ms(), habits))

    def on_the_way(self, floor: Floor) -> None:
        """Store forecasts after a quarter, a half and three quarters of the time."""
        if floor.segment is None:
            return
        whole = max(1, floor.segment.ends_at - floor.segment.opened_at)
        quarter = 4 * (clock.now_ms() - floor.segment.opened_at) // whole
        if 1 <= quarter <= 3 and quarter not in self._quarters:
            self._quarters.add(quarter)
            self.make(f"{quarter}/4", floor)

    def call(self, slot: str, at: int) -> None:
        """Note that a slot is called, present or absent; only the first call counts."""
        self._called.setdefault(slot, at)

    def settle(self, floor: Floor, ended: int) -> None:
        """Count which forecasts were right, at the end of the panel."""
        gone = {slot.id for slot in floor.slots.values() if slot.state == "withdrawn"}
        for outlook in self._open:
            for expectation in outlook.expectations:
                if expectation.slot in gone or expectation.latest >= ended:
                    continue
                came = self._called.get(expectation.slot)
                self.made += 1
                self.held += came is not None and expectation.earliest <= came <= expectation.latest
        self._open = []
