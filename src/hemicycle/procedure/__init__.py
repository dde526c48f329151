"""The procedure of a meeting: pure functions on the standard library that never read a clock.

    floor = fold(entries)                       the state of the meeting, from its record
    events = decide(floor, GiveFloor(), now)    the events of a command, or raises `Refused`
    floor = apply(floor, seq, now, events[0])   the floor after an event
    wake_at(floor)                              the time of the next `Tick`

The caller appends the events that `decide` returns in one transaction. `transitions` explains the
theory.
"""

from hemicycle.procedure.effects import Impossible
from hemicycle.procedure.folding import Entry, apply, fold
from hemicycle.procedure.refusals import CODES, Refused, Stale
from hemicycle.procedure.state import EMPTY, Floor, Holding, Intervention, Slot
from hemicycle.procedure.terms import Listed, Rules
from hemicycle.procedure.transitions import decide, fresh, permitted, standing

__all__ = [
    "CODES",
    "EMPTY",
    "Entry",
    "Floor",
    "Holding",
    "Impossible",
    "Intervention",
    "Listed",
    "Refused",
    "Rules",
    "Slot",
    "Stale",
    "apply",
    "decide",
    "fold",
    "fresh",
    "permitted",
    "standing",
]
