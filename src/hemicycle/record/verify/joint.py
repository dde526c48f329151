"""Verify that two requests for the floor became one only because both sides agreed.

`joint.joined` names the list before and after; both are computed again from the earlier entries.
The place that stays is the earlier one, the secretariat proposed the pair, and both speakers
agreed, each in an entry of their own. The act itself also takes the two lists from `ListFold`.
"""

from dataclasses import dataclass, field
from typing import Any

from hemicycle.record.speech import gettext, noop
from hemicycle.record.verify.admissions import body_of
from hemicycle.record.verify.report import Broken, Failed, Row

INSCRIBED = frozenset({"speaker.inscribed", "speaker.reinstated"})
WITHDRAWN, EARLIER = "speaker.withdrawn", "speaker.arrived_earlier"
PROPOSED, ANSWERED, JOINED = "joint.proposed", "joint.answered", "joint.joined"
KINDS = frozenset({*INSCRIBED, WITHDRAWN, EARLIER, PROPOSED, ANSWERED, JOINED})
"""The entries that `Joinings` reads."""
SECRETARIAT = "secretariat"
WITHOUT_CONSENT = noop("it joins two requests without the agreement of both sides")
OTHER_LIST = noop(
    "it joins two requests, and the list before or after it is not the one that follows from the "
    "record"
)


class ListFold:
    """The lists of speakers of one record before their panels open: ids in the order of arrival."""

    def __init__(self) -> None:
        self._arrivals: dict[str, int] = {}
        self._segments: dict[str, str] = {}
        self._lists: dict[str, set[str]] = {}

    def follow(self, kind: str, body: dict[str, Any], seq: int) -> None:
        """Apply an entry."""
        place = text(body, "inscription")
        if kind in INSCRIBED:
            self._arrivals.setdefault(place, seq)
            self._segments[place] = text(body, "segment")
            self._lists.setdefault(self._segments[place], set()).add(place)
        elif kind == WITHDRAWN:
            self._lists.get(self._segments.get(place, ""), set()).discard(place)
        elif kind == EARLIER and place in self._arrivals:
            arrival = body.get("arrival")
            if isinstance(arrival, int) and not isinstance(arrival, bool):
                self._arrivals[place] = arrival

    def arrival(self, place: str) -> int:
        """Return the number of the entry by which a place is ordered; 0 for an unknown place."""
        return self._arrivals.get(place, 0)

    def segment(self, place: str) -> str:
        """Return the panel of a place; "" for an unknown place."""
        return self._segments.get(place, "")

    def of(self, segment: str) -> list[str]:
        """Return the places on a panel's list, in the order of their arrival."""
        return sorted(self._lists.get(segment, ()), key=lambda place: (self.arrival(place), place))


@dataclass
class _Proposed:
    """Two places that may be joined, and which of them have agreed."""

    places: frozenset[str]
    agreed: set[str] = field(default_factory=set)


class Joinings:
    """Checks the entries of records in their order."""

    def __init__(self) -> None:
        self._folds: dict[str, ListFold] = {}
        self._proposals: dict[tuple[str, str], _Proposed] = {}

    def check(self, row: Row, hearing: str, seq: int) -> None:
        """Raise `Failed` if two requests were joined against the rule."""
        kind = row["kind"]
        if kind not in KINDS:
            return
        body, fold = body_of(row), self._folds.setdefault(hearing, ListFold())
        fold.follow(kind, body, seq)
        key = (hearing, text(body, "proposal"))
        if kind == PROPOSED and row["role"] == SECRETARIAT:
            self._proposals[key] = _Proposed(frozenset((text(body, "first"), text(body, "second"))))
        elif kind == ANSWERED:
            self._answer(key, row, body)
        elif kind == JOINED and (problem := self._problem(key, body, fold)):
            raise Failed(Broken.entry(hearing, seq, gettext(problem)))

    def _answer(self, key: tuple[str, str], row: Row, body: dict[str, Any]) -> None:
        """Note the answer of one side; the secretariat cannot agree for anybody."""
        proposal = self._proposals.get(key)
        if proposal is None or row["role"] == SECRETARIAT:
            return
        if text(body, "answer") == "agreed":
            proposal.agreed.add(text(body, "inscription"))
        else:
            del self._proposals[key]

    def _problem(self, key: tuple[str, str], body: dict[str, Any], fold: ListFold) -> str:
        proposal = self._proposals.pop(key, None)
        kept, left, segment = (text(body, name) for name in ("kept", "left", "segment"))
        pair = frozenset((kept, left))
        if proposal is None or len(pair) != 2 or not pair == proposal.places == proposal.agreed:
            return WITHOUT_CONSENT
        after = fold.of(segment)
        before = sorted({*after, left}, key=lambda place: (fold.arrival(place), place))
        follows = (
            kept in after
            and left not in after
            and fold.segment(left) == segment
            and before.index(kept) < before.index(left)
            and (body.get("before"), body.get("after")) == (before, after)
        )
        return "" if follows else OTHER_LIST


def text(body: dict[str, Any], name: str) -> str:
    """Return a field that is text; "" for everything else."""
    value = body.get(name)
    return value if isinstance(value, str) else ""
