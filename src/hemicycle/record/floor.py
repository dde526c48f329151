"""The floor of a meeting: a fold of its entries, changed by deciding commands and appending events.

Folding starts from the floor that this process folded last, so it reads only new entries. The floor
depends on the entries alone: a process that starts during a meeting folds them all and has the same
state as the process that crashed.

Folding raises `UnreadableEntry` at an entry that this version cannot read.
"""

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from hemicycle.procedure import folding, transitions
from hemicycle.procedure.bodies import UnknownEvent, from_body, to_body
from hemicycle.procedure.commands import Command
from hemicycle.procedure.effects import Impossible
from hemicycle.procedure.state import EMPTY, Floor
from hemicycle.record import unreadable, writer
from hemicycle.record.compiled import CompiledQuery
from hemicycle.record.models import Entry
from hemicycle.record.signals import floor_changed

KEPT = 64
"""The number of meetings whose folded floor is kept in memory."""

_folded: OrderedDict[UUID, Floor] = OrderedDict()
_others: OrderedDict[UUID, tuple[int, dict[str, Floor]]] = OrderedDict()
"""By meeting: the floors of the hearing's other meetings, and the last entry read for them."""
_folded_at: OrderedDict[UUID, Floor] = OrderedDict()
"""The floor at an earlier time, for meetings that are followed with a delay."""


_entries_after = CompiledQuery(
    lambda meeting, seq: (
        Entry.objects.filter(meeting=meeting, seq__gt=seq)
        .order_by("seq")
        .values_list("seq", "at", "kind", "version", "body")
    ),
    meeting=str,
    seq=int,
)


def forget() -> None:
    """Discard all folded floors, so that they are folded from their entries again.

    If a database server lost its standby and then failed, this process may have read entries that
    the server which took over never received.
    """
    for kept in (_folded, _others, _folded_at):
        kept.clear()
    unreadable.forget()


def floor_of(meeting: UUID) -> Floor:
    """Return the present floor; the empty floor if the meeting has not opened."""
    return ask(meeting)()


def ask(meeting: UUID) -> Callable[[], Floor]:
    """Send the query for the floor now; return a function that returns the floor, to call once."""
    known = _folded.get(meeting, EMPTY)
    rows = _entries_after.ask(meeting=meeting.hex, seq=known.seq)

    def folded() -> Floor:
        floor = known
        try:
            for row in rows():
                floor = _after(floor, meeting, *row)
        finally:  # also if an entry cannot be read: the next reading begins there
            # Inside a transaction, what is read may still be rolled back, so it is not kept.
            if not connection.in_atomic_block:
                _keep(meeting, floor)
        return floor

    return folded


def _after(  # noqa: PLR0917 - the columns of a row
    floor: Floor, meeting: UUID, seq: int, at: int, kind: str, version: int, body: str
) -> Floor:
    try:
        return folding.apply(floor, seq, at, from_body(kind, version, json.loads(body)))
    except (UnknownEvent, Impossible) as error:
        raise unreadable.met(meeting, seq, error) from error


def other_floors(hearing: UUID, meeting: UUID) -> list[Floor]:
    """Return the floors of a hearing's other meetings that have opened. Runs one query."""
    seq, floors = _others.get(meeting, (0, {}))
    floors = dict(floors)
    rows = Entry.objects.filter(hearing=hearing, seq__gt=seq).exclude(meeting__in=("", meeting.hex))
    columns = ("meeting", "seq", "at", "kind", "version", "body")
    for other, seq, *rest in rows.order_by("seq").values_list(*columns):
        floors[other] = _after(floors.get(other, EMPTY), UUID(hex=other), seq, *rest)
    if not connection.in_atomic_block:
        _others[meeting] = seq, floors
        _others.move_to_end(meeting)
        while len(_others) > KEPT:
            _others.popitem(last=False)
    return list(floors.values())


def floor_at(meeting: UUID, at_ms: int) -> Floor:
    """Return the floor at an earlier time (ms since the Unix epoch), for delayed viewers."""
    floor = _folded_at.get(meeting, EMPTY)
    # The requested time is earlier than before, for example after a longer delay: fold all again.
    if floor.at > at_ms:
        floor = EMPTY
    for seq, at, kind, version, body in _entries_after.ask(meeting=meeting.hex, seq=floor.seq)():
        if at > at_ms:
            break
        floor = _after(floor, meeting, seq, at, kind, version, body)
    if not connection.in_atomic_block:
        _folded_at[meeting] = floor
        _folded_at.move_to_end(meeting)
        while len(_folded_at) > KEPT:
            _folded_at.popitem(last=False)
    return floor


def act(
    *,
    hearing: UUID,
    meeting: UUID,
    command: Command,
    actor: writer.Actor,
    seen: int | None = None,
    note: str = "",
) -> Floor:
    """Run a command on a meeting: decide it by the table of transitions, and append its events.

    `seen` is the `act_seq` of the floor that the person at the console saw; None if the command
    cannot conflict with another one. `note` is the text for the events that have a note. Raises
    `transitions.Refused` with a code, or `transitions.Stale` if another act came first; nothing is
    changed then.
    """
    with writer.writing(hearing, actor=actor) as record:
        # Inside one transaction the new entries are not in the table yet, so the writer holds the
        # floor.
        floor = record.floors.get(meeting) or floor_of(meeting)
        if seen is not None:
            transitions.fresh(floor, seen)
        if note:
            command = _with_note(command, record.note(note))
        for event in transitions.decide(floor, command, record.now):
            entry = record.append(event.KIND, to_body(event), meeting=meeting.hex)
            floor = folding.apply(floor, entry.seq, entry.at, event)
            floor_changed.send(record, meeting, event, floor)
        record.floors[meeting] = floor
        # Only after the commit: another thread must never fold on entries that are rolled back.
        transaction.on_commit(lambda: _keep(meeting, floor))
    return floor


def _with_note(command: Command, key: str) -> Command:
    if all(field.name != "note" for field in fields(command)):
        return command
    words: dict[str, Any] = {"note": key}
    return replace(command, **words)


def _keep(meeting: UUID, floor: Floor) -> None:
    known = _folded.get(meeting, EMPTY)
    # Two threads may fold at the same time; the floor with the later entry is kept.
    if floor.seq >= known.seq:
        _folded[meeting] = floor
        _folded.move_to_end(meeting)
    while len(_folded) > KEPT:
        _folded.popitem(last=False)
