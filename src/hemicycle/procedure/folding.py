"""From entries to the floor: `apply` applies one entry, `fold` applies them all.

`apply` checks no rules, because `transitions.decide` has done so before the entry was written. It
raises `Impossible` for an entry that `decide` can never have allowed, such as the floor given to a
slot that is not on the list. Folding must then stop, and must not guess.

Each act is stored with the values that it replaced, so that `act.undone` can restore them while
every fact stays.
"""

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter

from hemicycle.procedure import events as e
from hemicycle.procedure import reports  # noqa: F401 - registers what facts change
from hemicycle.procedure.effects import (
    EFFECTS,
    Changes,
    Impossible,
    discussion_over,
    handles,
    point_over,
)
from hemicycle.procedure.state import ACT_FIELDS, EMPTY, UNDO_DEPTH, Floor, Mark

type Entry = tuple[int, int, e.Event]
"""Sequence number, time in ms since the Unix epoch, event."""

BESIDE_THE_FLOOR = frozenset({"booth", "link", "list", "question", "sound", "technician", "voice"})
"""The first parts of the kinds of entries that never change who is heard on the floor."""

_act_values = attrgetter(*ACT_FIELDS)
_values = attrgetter(*Floor.__dataclass_fields__)
_NAMES = tuple(Floor.__dataclass_fields__)


def fold(entries: Iterable[Entry], floor: Floor = EMPTY) -> Floor:
    """Return the floor after `entries`, in order; raise `Impossible` for one that cannot occur."""
    for seq, at, event in entries:
        floor = apply(floor, seq, at, event)
    return floor


def apply(floor: Floor, seq: int, at: int, event: e.Event) -> Floor:
    """Return the floor after one entry, number `seq`, written at `at` (ms since the Unix epoch).

    Numbers grow but may have gaps, because other meetings of the hearing share the record. A time
    before the last entry's counts as the last entry's. Raises `Impossible`.
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


def pass_over(floor: Floor, seq: int, at: int, kind: str) -> Floor:
    """Return the floor after an entry that this version cannot read, if the caller must go on.

    The entry may have ended the holding, so nobody has the floor until a later entry gives it,
    unless the kind of the entry shows that it does not affect this. Its other changes are unknown:
    the list and the clock of the floor may be wrong from then on, and no earlier act can be undone.
    """
    changes: Changes = {"seq": max(seq, floor.seq), "at": max(at, floor.at), "marks": ()}
    if kind.partition(".")[0] not in BESIDE_THE_FLOOR:
        changes |= {
            "holder": None,
            **discussion_over(floor, changes["at"]),
            **point_over(floor, changes["at"]),
        }
    return replace(floor, **changes)


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
