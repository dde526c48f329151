"""From entries to the floor: `apply` takes one entry, `fold` takes them all.

`apply` checks no rules: `transitions.decide` did that before the entry was written. It raises
`Impossible` for an entry that `decide` can never have allowed, such as the floor given to a slot
that is not on the list. Folding must stop at such a record and must not guess.

Each act is stored with the values that it replaced, so that `act.undone` can put them back while
every fact stays.
"""

from collections.abc import Iterable
from operator import attrgetter

from hemicycle.procedure import events as e
from hemicycle.procedure import reports  # noqa: F401 - registers what facts change
from hemicycle.procedure.effects import EFFECTS, Changes, Impossible, handles
from hemicycle.procedure.state import ACT_FIELDS, EMPTY, UNDO_DEPTH, Floor, Mark

type Entry = tuple[int, int, e.Event]
"""Sequence number, time in ms since the Unix epoch, event."""

_act_values = attrgetter(*ACT_FIELDS)
_values = attrgetter(*Floor.__dataclass_fields__)
_NAMES = tuple(Floor.__dataclass_fields__)


def fold(entries: Iterable[Entry], floor: Floor = EMPTY) -> Floor:
    """Return the floor after `entries`, in order; raise `Impossible` at one that cannot occur."""
    for seq, at, event in entries:
        floor = apply(floor, seq, at, event)
    return floor


def apply(floor: Floor, seq: int, at: int, event: e.Event) -> Floor:
    """The floor after one entry, number `seq`, written at `at` (ms since the Unix epoch).

    Numbers grow but may have gaps: other meetings of the hearing share the record. A time before
    the last entry's counts as the last entry's.
    """
    if seq <= floor.seq:
        raise Impossible(f"entry {seq} comes after entry {floor.seq}")
    at = max(at, floor.at)
    changes = EFFECTS[type(event)](floor, seq, at, event)
    changes["seq"], changes["at"] = seq, at
    if event.ACT:
        changes["act_seq"] = seq
        if "marks" not in changes:
            changes["marks"] = _marked(floor, seq, at, event)
    return Floor(**(dict(zip(_NAMES, _values(floor), strict=True)) | changes))


def _marked(floor: Floor, seq: int, at: int, event: e.Event) -> tuple[Mark, ...]:
    marks = floor.marks
    if marks and marks[-1].awaits:
        if marks[-1].awaits != event.KIND:
            raise Impossible(f"{event.KIND} where {marks[-1].awaits} must follow")
        return (*marks[:-1], Mark(seq, at, marks[-1].before))
    awaits = getattr(event, "brought_by", "")
    return (*marks[1 - UNDO_DEPTH :], Mark(seq, at, _act_values(floor), awaits))


@handles(e.ActUndone)
def _act_undone(floor: Floor, seq: int, at: int, event: e.ActUndone) -> Changes:
    if not floor.marks or floor.marks[-1].act != event.act or floor.marks[-1].awaits:
        raise Impossible(f"act {event.act} is not the last one")
    before = zip(ACT_FIELDS, floor.marks[-1].before, strict=True)
    return {**dict(before), "marks": floor.marks[:-1]}
