"""Lists of speakers before a meeting: how the inscriptions of several tracks become one order.

Each inscription belongs to a track (the reference hearing has two: missions and stakeholders) and
has its number of arrival there, which was fixed when it was accepted: first come, first served. A
rule of the hearing merges the tracks:

* `arrival`: one queue;
* `alternate`: one from each track in turn;
* `ratio`: a set number from each track in turn;
* `blocks`: one track after the other;
* `protocol`: by rank, the lowest number first, and by arrival within a rank.

The moves of the secretariat, each "put this one in front of that one", are applied afterwards. They
are applied again each time the list is made, so that a later inscription does not undo them. A
withdrawn inscription gets no turn, but a move can still refer to its place.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from hemicycle.procedure.codec import Malformed, read

type Kind = Literal["arrival", "alternate", "ratio", "blocks", "protocol"]
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)

type Turns = tuple[tuple[str, int], ...]

MOST_TURNS = 100


@dataclass(frozen=True, slots=True)
class MergeEntry:
    """A request to speak: `arrival` orders its track, `rank` (1 the highest) a protocol list."""

    id: str
    track: str
    arrival: int
    rank: int = 0


@dataclass(frozen=True, slots=True)
class MergeMove:
    """A move of `id` in front of `before`; with None, to the end, behind later arrivals too."""

    id: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class MergeRule:
    """A rule for merging. `tracks` names tracks in order, each with its turns (1 if unused).

    A track that is not named comes after the named ones, in the order of its first arrival.
    """

    kind: Kind = "arrival"
    tracks: Turns = ()


RULE_CODES = ("kind", "field", "tracks", "track", "twice", "turns", "uncounted", "counts")
"""The reasons why data is not a rule for merging."""


class BadRule(ValueError):
    """The data is not a rule for merging: `code` is one of `RULE_CODES`, with its `values`."""

    def __init__(self, code: str, **values: str | int) -> None:
        self.code, self.values = code, values
        super().__init__(code, values)


def parse_rule(data: Any) -> MergeRule:
    """Return the rule in plain data: ``{"kind": "ratio", "tracks": {"missions": 2, "others": 1}}``.

    `tracks` may be a list of names, a list of pairs, or a mapping whose order is kept. Raises
    `BadRule`.
    """
    if not isinstance(data, dict) or data.get("kind") not in KINDS:
        raise BadRule("kind", kinds=", ".join(KINDS))
    if unknown := sorted(map(str, data.keys() - {"kind", "tracks"})):
        raise BadRule("field", field=unknown[0][:60])
    given = data.get("tracks", ())
    pairs = given.items() if isinstance(given, dict) else given
    if not isinstance(given, dict | list | tuple):
        raise BadRule("tracks")
    rule = MergeRule(data["kind"], tuple(_turns(pair) for pair in pairs))
    _check(rule)
    return rule


def arrange(
    inscriptions: Iterable[MergeEntry],
    rule: MergeRule,
    moves: Iterable[MergeMove] = (),
    withdrawn: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the ids of a list of speakers in order: merged by `rule`, then moved.

    `inscriptions` include the withdrawn ones, because moves may refer to them; the result does not.
    A move is ignored if one of its ids is not inscribed. Slots that were not moved keep the order
    of the rule.
    """
    everyone = sorted(inscriptions, key=_by_arrival)
    gone = [inscription for inscription in everyone if inscription.id in withdrawn]
    order = list(
        merge([inscription for inscription in everyone if inscription.id not in withdrawn], rule)
    )
    for withdrawal in reversed(gone):
        order.insert(_ghost_place(order, withdrawal, everyone), withdrawal.id)
    for move in moves:
        _move(order, move)
    return tuple(id for id in order if id not in withdrawn)


def merge(inscriptions: Iterable[MergeEntry], rule: MergeRule) -> tuple[str, ...]:
    """Return the ids of `inscriptions` in the order of `rule`, each exactly once."""
    queue = sorted(inscriptions, key=_by_arrival)
    if rule.kind == "arrival":
        return tuple(inscription.id for inscription in queue)
    if rule.kind == "protocol" and not rule.tracks:
        return tuple(inscription.id for inscription in sorted(queue, key=_by_rank))
    turns = _all_tracks(queue, rule)
    tracks = {
        track: [inscription for inscription in queue if inscription.track == track]
        for track, _ in turns
    }
    if rule.kind == "protocol":
        return tuple(
            inscription.id for one in tracks.values() for inscription in sorted(one, key=_by_rank)
        )
    if rule.kind == "blocks":
        return tuple(inscription.id for one in tracks.values() for inscription in one)
    return _in_turns(tracks, turns)


def _in_turns(tracks: dict[str, list[MergeEntry]], turns: Turns) -> tuple[str, ...]:
    left = {
        track: deque(inscription.id for inscription in queue) for track, queue in tracks.items()
    }
    order: list[str] = []
    while any(left.values()):
        for track, count in turns:
            taken = min(count, len(left[track]))
            order.extend(left[track].popleft() for _ in range(taken))
    return tuple(order)


def _all_tracks(queue: Sequence[MergeEntry], rule: MergeRule) -> Turns:
    named = dict(rule.tracks)
    others = dict.fromkeys(
        inscription.track for inscription in queue if inscription.track not in named
    )
    return (*rule.tracks, *((track, 1) for track in others))


def _ghost_place(order: list[str], gone: MergeEntry, everyone: Sequence[MergeEntry]) -> int:
    """Return the place of a withdrawn inscription: in front of the next one on its track."""
    later = (other for other in everyone if _by_arrival(other) > _by_arrival(gone))
    after = (order.index(other.id) for other in later if other.track == gone.track)
    return next(after, len(order))


def _move(order: list[str], move: MergeMove) -> None:
    if move.id not in order or move.id == move.before:
        return
    if move.before is not None and move.before not in order:
        return
    order.remove(move.id)
    order.insert(len(order) if move.before is None else order.index(move.before), move.id)


def _by_arrival(inscription: MergeEntry) -> tuple[int, str]:
    return inscription.arrival, inscription.id


def _by_rank(inscription: MergeEntry) -> tuple[int, int, str]:
    return inscription.rank, inscription.arrival, inscription.id


def _turns(given: Any) -> tuple[str, int]:
    pair = [given, 1] if isinstance(given, str) else given
    try:
        (turns,) = read(tuple[tuple[str, int], ...], [pair], "tracks")
    except Malformed as error:
        raise BadRule("track") from error
    return turns


def _check(rule: MergeRule) -> None:
    names = [track for track, _ in rule.tracks]
    if len(set(names)) < len(names):
        raise BadRule("twice")
    if any(not 1 <= turns <= MOST_TURNS for _, turns in rule.tracks):
        raise BadRule("turns", most=MOST_TURNS)
    if rule.kind == "ratio" and not rule.tracks:
        raise BadRule("uncounted")
