"""Recompute the list of speakers with which each panel opened.

`segment.opened` names the rule by which the tracks were merged, and the list. Earlier entries say
who arrived when and on which track, and who was moved in front of whom. The list is recomputed from
them (`procedure.order`).
"""

from typing import Any

from hemicycle.procedure.order import MergeEntry, MergeMove, MergeRule, arrange, parse_rule
from hemicycle.record.speech import gettext as _
from hemicycle.record.verify.admissions import body_of
from hemicycle.record.verify.joint import EARLIER, INSCRIBED, WITHDRAWN, ListFold, text
from hemicycle.record.verify.report import Broken, Failed, Row

MOVED, OPENED = "speaker.moved", "segment.opened"
KINDS = frozenset({*INSCRIBED, WITHDRAWN, EARLIER, MOVED, OPENED})


class _Lists:
    """The arrivals, tracks and moves that one record's entries report before its panels open."""

    def __init__(self) -> None:
        self.arrivals = ListFold()
        self.tracks: dict[str, str] = {}
        self.moves: list[MergeMove] = []
        self.opened: set[str] = set()

    def follow(self, kind: str, body: dict[str, Any], seq: int) -> None:
        """Apply an entry."""
        self.arrivals.follow(kind, body, seq)
        place = text(body, "inscription")
        if kind in INSCRIBED:
            self.tracks[place] = text(body, "track")
        elif kind == MOVED:
            self.moves.append(MergeMove(place, text(body, "before") or None))

    def arranged(self, segment: str, rule: MergeRule, ranks: dict[str, int]) -> tuple[str, ...]:
        """Return the list of a panel; `ranks` maps the places on it to their protocol rank."""
        own = [place for place in self.tracks if self.arrivals.segment(place) == segment]
        everyone = [
            MergeEntry(place, self.tracks[place], self.arrivals.arrival(place), ranks.get(place, 0))
            for place in own
        ]
        return arrange(everyone, rule, self.moves, set(own) - ranks.keys())


class Merges:
    """Checks the entries of records in their order."""

    def __init__(self) -> None:
        self.recomputed = 0
        self._lists: dict[str, _Lists] = {}

    def check(self, row: Row, hearing: str, seq: int) -> None:
        """Raise `Failed` if a panel opened with a list other than the one that its rule gives."""
        kind = row["kind"]
        if kind not in KINDS:
            return
        lists = self._lists.setdefault(hearing, _Lists())
        body = body_of(row)
        if kind != OPENED:
            lists.follow(kind, body, seq)
            return
        segment = text(body, "segment")
        if body.get("rule") is None or segment in lists.opened:
            return  # made by no rule, or reopened with the list of the floor
        lists.opened.add(segment)
        try:
            rule = parse_rule(body["rule"])
            slots = [slot for slot in body["slots"] if slot["id"] in lists.tracks]
            ranks = {str(slot["id"]): int(slot["rank"]) for slot in slots}
            follows = tuple(ranks) == lists.arranged(segment, rule, ranks)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Failed(Broken.entry(hearing, seq, _("it cannot be read"))) from error
        if not follows or len(ranks) < len(slots):
            problem = _("its list of speakers is not the one that its rule and the moves make")
            raise Failed(Broken.entry(hearing, seq, problem))
        self.recomputed += 1
