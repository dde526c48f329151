"""The procedure of a meeting: pure, standard library only, and never reading a clock.

    floor = fold(entries)                       what the record has made of the meeting
    events = decide(floor, GiveFloor(), now)    what a press brings about, or `Refused`
    floor = apply(floor, seq, now, events[0])   the floor after it
    wake_at(floor)                              when a `Tick` is wanted next

Whoever decides also appends, in one transaction; see `transitions` for the theory.
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
