"""Recompute each balance of a list of speakers from its inputs.

`list.balance_published` names the attribute by which a hearing balances its lists, and the most
places by which a speaker may be moved. `list.balanced` has the inputs and the moves of an accepted
proposal: `procedure.balance` must lead from the inputs to the same moves, and the entries of these
moves must follow. Groups that say something about a person are in a note beside the record. Without
that note, as in a public archive, everything except the choice of the moves is checked.
"""

import json
from dataclasses import dataclass
from typing import Any

from hemicycle.procedure.balance import (
    BalanceEntry,
    moved,
    moves_between,
    propose,
    referenced,
)
from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.report import Broken, Failed, Row

PUBLISHED, BALANCED = "list.balance_published", "list.balanced"
MOVED = {"speaker.moved": "inscription", "slot.moved": "slot"}
"""The entry types of moves, and for each the field that names who was moved."""
SECRETARIAT = "secretariat"

Moves = list[tuple[str, str | None]]


class _Tampered(ValueError):
    """An invalid balance; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class RecordedBalance:
    """A balance as an entry holds it, with the orders of arrival and of the list."""

    arrival: list[str]
    current: list[str]
    fixed: frozenset[str]
    bound: int
    shares: dict[str, int]
    moves: Moves

    @classmethod
    def of(cls, body: dict[str, Any]) -> "RecordedBalance":
        """Read an entry's body.

        Raises `ValueError`, `LookupError`, `TypeError` or `AttributeError` for an invalid one.
        """
        arrival = [str(id) for id in body["arrival"]]
        places = [_index(place) for place in body["current"]]
        if len(set(arrival)) < len(arrival) or sorted(places) != list(range(len(arrival))):
            raise _Tampered(_("its list does not contain each speaker exactly once"))
        return cls(
            arrival=arrival,
            current=[arrival[place] for place in places],
            fixed=frozenset(arrival[_index(place)] for place in body["fixed"]),
            bound=int(body["bound"]),
            shares={str(group): int(share) for group, share in body["shares"].items()},
            moves=[
                (arrival[_index(one)], None if before is None else arrival[_index(before)])
                for one, before in body["moves"]
            ],
        )

    @property
    def reference(self) -> tuple[str, ...]:
        """The order from which the bound counts."""
        return referenced(self.arrival, self.current, self.fixed)

    def check_bound(self) -> None:
        """Raise `ValueError` if a speaker is moved beyond the bound, or a fixed one is moved."""
        before = {id: place for place, id in enumerate(self.reference)}
        for place, id in enumerate(moved(self.current, self.moves)):
            if abs(place - before[id]) > (0 if id in self.fixed else self.bound):
                raise _Tampered(_("it moves a speaker beyond the published bound"))

    def check_moves(self, groups: list[str]) -> None:
        """Raise `ValueError` unless the moves are those that the inputs lead to.

        `groups` has the group of each speaker of `arrival`, in the same order.
        """
        group_of = dict(zip(self.arrival, groups, strict=True))
        entries = [BalanceEntry(id, group_of[id], id in self.fixed) for id in self.reference]
        order = propose(entries, self.bound, self.shares).order
        if self.moves != moves_between(self.current, order, self.fixed):
            raise _Tampered(_("its moves are not those that its inputs lead to"))


class Balances:
    """Checks the entries of records in their order, then their notes."""

    def __init__(self) -> None:
        self.recomputed = 0
        self._rules: dict[str, dict[str, Any]] = {}
        self._due: dict[str, Moves] = {}
        self._waiting: dict[str, tuple[str, int, RecordedBalance]] = {}

    @property
    def unread(self) -> int:
        """The number of balances that were not recomputed, for lack of their groups."""
        return len(self._waiting)

    def check(self, row: Row, hearing: str, seq: int) -> None:
        """Raise `Failed` for an entry that does not follow the rule."""
        kind = row["kind"]
        due = self._due.get(hearing)
        if not due and kind not in {PUBLISHED, BALANCED}:
            return
        try:
            body = json.loads(row["body"])
            if due:
                self._check_due(kind, body, due)
            elif kind == PUBLISHED:
                self._rules[hearing] = body
            else:
                self._due[hearing] = self._check_balance(row, body, hearing, seq)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            problem = str(error) if isinstance(error, _Tampered) else _("it cannot be read")
            raise Failed(Broken.entry(hearing, seq, problem)) from error

    def check_note(self, note: Row) -> None:
        """Recompute the balance whose groups are in this note, if there is one. Raises `Failed`."""
        found = self._waiting.pop(str(note["key"]), None)
        if found is None:
            return
        hearing, seq, balance = found
        try:
            said = json.loads(note["text"])
            balance.check_moves(_groups(said))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            problem = str(error) if isinstance(error, _Tampered) else _("its groups cannot be read")
            raise Failed(Broken.entry(hearing, seq, problem)) from error
        self.recomputed += 1

    def check_end(self) -> None:
        """Raise `Failed` if a record ends before all moves of its last balance."""
        for hearing, due in self._due.items():
            if due:
                where = _("hearing %(hearing)s") % {"hearing": hearing}
                raise Failed(Broken(where, _("the moves of its last balance are missing")))

    def _check_balance(self, row: Row, body: dict[str, Any], hearing: str, seq: int) -> Moves:
        rule = self._rules.get(hearing, {})
        if any(body[name] != rule.get(name) for name in ("attribute", "bound", "shares")):
            raise _Tampered(_("it does not follow the rule of balance that was published"))
        if row["role"] != SECRETARIAT or not body["note"]:
            raise _Tampered(_("it balances a list without a reason from the secretariat"))
        balance = RecordedBalance.of(body)
        balance.check_bound()
        if body["groups_note"]:
            self._waiting[str(body["groups_note"])] = (hearing, seq, balance)
        else:
            balance.check_moves(_groups(body))
            self.recomputed += 1
        return list(balance.moves)

    def _check_due(self, kind: str, body: dict[str, Any], due: Moves) -> None:
        id, before = due.pop(0)
        field = MOVED.get(kind, "")
        if not field or (body[field], body["before"]) != (id, before):
            raise _Tampered(_("it is not the move that the balance before it has decided"))


def _index(place: Any) -> int:
    if not isinstance(place, int) or place < 0:
        raise ValueError(place)
    return place


def _groups(said: dict[str, Any]) -> list[str]:
    """Return each speaker's group; `groups` are indexes into `names`, None for no group ("")."""
    names = [str(name) for name in said["names"]]
    return ["" if number is None else names[_index(number)] for number in said["groups"]]
