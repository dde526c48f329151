"""The order of a list of speakers: by rule and moves before its panel opens, then by the floor."""

from collections.abc import Iterable, Sequence
from typing import Any

from hemicycle.before.registration.list_phase import ListPhase, phase_of, slots_of
from hemicycle.before.registration.models import Inscription
from hemicycle.before.speakers.models import Move
from hemicycle.before.speakers.rules import rule_or_default
from hemicycle.hearing.setup.models import Segment
from hemicycle.procedure import Floor
from hemicycle.procedure import order as procedure
from hemicycle.procedure.order import MergeRule

Pairs = Iterable[tuple[Any, Any]]


def ids_in_order(segment: Segment, floor: Floor) -> tuple[str, ...]:
    """Return the ids of everybody on the list, with panellists' slots once the panel has opened."""
    if phase_of(segment, floor) is not ListPhase.BEFORE:
        return tuple(slot.id for slot in slots_of(segment, floor) if slot.state != "withdrawn")
    rows = Inscription.objects.filter(segment=segment).select_related("registration")
    rule = rule_or_default(segment.meeting.hearing.merge)
    return arranged(list(rows), rule, moves_in(segment))


def moves_in(segment: Segment) -> list[tuple[Any, Any]]:
    """Return the moves made on a segment's list, the oldest first: who was put before whom."""
    moves = Move.objects.filter(inscription__segment=segment).order_by("seq")
    return list(moves.values_list("inscription_id", "before_id"))


def arranged(rows: Sequence[Inscription], rule: MergeRule, moves: Pairs) -> tuple[str, ...]:
    """Return the ids of the active rows, merged by `rule`, then moved."""
    return procedure.arrange(
        [procedure.MergeEntry(row.id.hex, row.track, row.arrival, row.rank) for row in rows],
        rule,
        [procedure.MergeMove(one.hex, before.hex if before else None) for one, before in moves],
        {row.id.hex for row in rows if not stands(row)},
    )


def stands(row: Inscription) -> bool:
    """Whether the inscription will be called: not withdrawn, of a registration that takes part."""
    return row.state == Inscription.State.INSCRIBED and row.registration.takes_part
