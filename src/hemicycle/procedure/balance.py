"""Balance of a list of speakers: an order that follows published shares, near that of arrival.

The theory. A list has `n` places. Each speaker has a place of reference, belongs to one group (a
category, a region) or to none, and may be moved by at most `bound` places. Each group has a
*target*: the number of its speakers among the first `k`, for each `k`. The target is a flow: at
each place, the groups that still have people share one place by their weights. A group that runs
out thus leaves its part to the others, and the target for the whole list equals the group's size.

This is just-in-time sequencing with bounded moves (Steiner and Yeomans, *Management Science* 39,
1993). Within a group, everybody keeps the order of arrival: if two members are out of order,
swapping them back never breaks a limit. So the j-th speaker of a group has a window of places: not
before the group would be ahead of its target, not after it would be behind, and within the bound.
The problem is then one of unit jobs with windows, where the windows of each group are in order. It
is a matching between speakers and places, which is decided and filled from the first place on
(earliest deadline first; Hall's condition). The solution is exact.

If the bound keeps some shares from their targets, the other groups compensate as evenly as
possible. The *goals* are the targets moved into what the bound allows (`goals`), and the windows
are then those of the goals. Among the orders within the windows, `propose` returns one that moves
nobody further than needed. At each place, it calls the first arrival who can be called without
breaking a later window. It only uses integers and fractions, so everybody who computes it gets the
same order.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import accumulate
from math import ceil, floor

NOBODY = ""
"""The group of people who stated none: it has no target, and they keep the order of arrival."""

Weights = Mapping[str, Fraction]
Windows = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class BalanceEntry:
    """A speaker at a place of reference; one who `is_fixed` has spoken, or must stay in place."""

    id: str
    group: str = NOBODY
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """An order that follows the shares, and how well it does.

    `is_held` says that every share is always within one place of its target; this is so if any
    order within the bound can have it. Otherwise every share is less than `beyond` + 1 places off
    its goal, where `beyond` is the least number, from 0 on, for which the bound allows this.
    `furthest` is the largest number of places by which a speaker is moved from the place of
    reference.
    """

    order: tuple[str, ...]
    is_held: bool
    beyond: int
    furthest: int


@dataclass(frozen=True, slots=True)
class ShareChange:
    """The number of speakers of `group` among the first `among`, before and after a move."""

    group: str
    among: int
    before: int
    after: int


def referenced(
    arrival: Sequence[str], current: Sequence[str], fixed: Collection[str]
) -> tuple[str, ...]:
    """Return the order of reference: `fixed` at their places in `current`, the others by arrival.

    Both sequences must have the same ids, each once.
    """
    others = iter([id for id in arrival if id not in fixed])
    return tuple(id if id in fixed else next(others) for id in current)


def propose(
    entries: Sequence[BalanceEntry], bound: int, shares: Mapping[str, int] | None = None
) -> Proposal:
    """Return the order that follows the shares best and moves nobody by more than `bound` places.

    `entries` are in the order of reference. `shares` are whole percent by group; without them, each
    group's share is its part of the requests. With a bound of 0, the order stays the same. The time
    grows with the square of the number of speakers.
    """
    bound = max(0, bound)
    problem = _Balancing(entries, bound, targets(entries, shares or {}))
    held = problem.holds(bound, 0, is_held=True)
    beyond = _least(0, len(entries), lambda more: problem.holds(bound, more, is_held=held))
    furthest = _least(0, bound, lambda limit: problem.holds(limit, beyond, is_held=held))
    places = problem.fill(problem.windows(furthest, beyond, is_held=held))
    order = tuple(entries[place].id for place in places)
    furthest = max((abs(new - old) for new, old in enumerate(places)), default=0)
    return Proposal(order, held, beyond, furthest)


def goals(
    entries: Sequence[BalanceEntry], bound: int, shares: Mapping[str, int] | None = None
) -> dict[str, list[Fraction]]:
    """Return the targets moved into what the bound allows, for the first 0, 1, … n speakers.

    A group that the bound keeps above or below its target is as near to it as possible. The other
    groups make up for the difference, each by the same part of a place.
    """
    return _Balancing(entries, max(0, bound), targets(entries, shares or {})).goals


def targets(
    entries: Sequence[BalanceEntry], shares: Mapping[str, int]
) -> dict[str, list[Fraction]]:
    """Return for each group how many of the first 0, 1, … n speakers it should have.

    If `shares` is not empty, groups without a share divide the rest of 100 in proportion to their
    requests. People without a group have the same part of each place as of the whole list.
    """
    counts = _counts(entries)
    unstated = counts.pop(NOBODY, Fraction(0))
    weights = _weights(counts, shares) if shares else counts
    flow = {group: [Fraction(0)] for group in counts}
    left = dict(counts)
    for _place in entries:
        part = 1 - unstated / len(entries)
        for group, given in _divided(part, left, weights).items():
            flow[group].append(flow[group][-1] + given)
            left[group] -= given
    if unstated:
        size = len(entries)
        flow[NOBODY] = [unstated * number / size for number in range(size + 1)]
    return flow


def worst_off(
    entries: Sequence[BalanceEntry], order: Sequence[str], shares: Mapping[str, int] | None = None
) -> Fraction:
    """Return the largest distance of a share from its target, over all prefixes of `order`."""
    wanted = targets(entries, shares or {})
    group_of = {entry.id: entry.group for entry in entries}
    have: Counter[str] = Counter()
    worst = Fraction(0)
    for number, id in enumerate(order, 1):
        have[group_of[id]] += 1
        for group, target in wanted.items():
            if group != NOBODY:
                worst = max(worst, abs(have[group] - target[number]))
    return worst


def moves_between(
    before: Sequence[str], after: Sequence[str], fixed: Collection[str] = ()
) -> list[tuple[str, str | None]]:
    """Return the fewest moves that turn `before` into `after` without moving any of `fixed`.

    Each move (id, other) puts `id` in front of `other`; apply them in order. The last id of the
    list stays if possible, so that moves to the very end (None) are rare: such a speaker would also
    be behind all later arrivals.
    """
    pins = {*fixed, *after[-1:]}
    if not _agree(before, after, pins):
        pins = set(fixed)
    stay = _staying(before, after, pins)
    following: str | None = None
    moves = []
    for id in reversed(after):
        if id not in stay:
            moves.append((id, following))
        following = id
    return moves


def moved(order: Sequence[str], moves: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    """Return `order` after the moves, one after the other; raise `ValueError` for an unknown id."""
    result = list(order)
    for id, before in moves:
        result.remove(id)
        result.insert(len(result) if before is None else result.index(before), id)
    return tuple(result)


def explained(
    entries: Sequence[BalanceEntry],
    before: Sequence[str],
    after: Sequence[str],
    ids: Iterable[str],
    shares: Mapping[str, int] | None = None,
) -> dict[str, ShareChange]:
    """Return for each of `ids` where the moves from `before` to `after` help its group most.

    `among` is the number of first speakers, between the old place and the new one, at which the
    group's count gets closer to its target by most. People without a group are left out.
    """
    group_of = {entry.id: entry.group for entry in entries}
    wanted = targets(entries, shares or {})
    old, new = _counted(before, group_of), _counted(after, group_of)
    was = {id: place for place, id in enumerate(before, 1)}
    now = {id: place for place, id in enumerate(after, 1)}
    found = {}
    for id in ids:
        if (group := group_of[id]) == NOBODY:
            continue
        first, last = sorted((was[id], now[id]))
        gains = [
            (
                abs(old[group][among] - wanted[group][among])
                - abs(new[group][among] - wanted[group][among]),
                -among,
            )
            for among in range(first, max(first + 1, last))
        ]
        among = -max(gains)[1]
        found[id] = ShareChange(group, among, old[group][among], new[group][among])
    return found


def _counted(order: Sequence[str], group_of: Mapping[str, str]) -> dict[str, list[int]]:
    """Return for each group how many of its people are among the first 0, 1, … of the order."""
    groups = set(group_of.values())
    return {
        group: list(accumulate((group_of[id] == group for id in order), initial=0))
        for group in groups
    }


def broken_out(counts: Mapping[str, int], least: int) -> tuple[str, ...]:
    """Return the groups whose counts can be shown without identifying a person, largest first.

    Groups with fewer than `least` people are counted together with the people who stated none. If
    all of these together are fewer than `least`, the smallest other groups are added to them.
    """
    named = sorted(
        (group for group in counts if group != NOBODY), key=lambda group: (-counts[group], group)
    )
    shown = [group for group in named if counts[group] >= least]
    rest = sum(count for group, count in counts.items() if group not in shown)
    while shown and 0 < rest < least:
        rest += counts[shown.pop()]
    return tuple(shown)


# ── The flow of targets ───────────────────────────────────────────────────────────────────────
def _counts(entries: Iterable[BalanceEntry]) -> dict[str, Fraction]:
    counted = Counter(entry.group for entry in entries)
    return {group: Fraction(counted[group]) for group in sorted(counted)}


def _weights(counts: Weights, shares: Mapping[str, int]) -> dict[str, Fraction]:
    unnamed = sum(count for group, count in counts.items() if group not in shares)
    rest = max(0, 100 - sum(shares.values()))
    return {
        group: Fraction(shares[group]) if group in shares else rest * count / unnamed
        for group, count in counts.items()
    }


def _divided(part: Fraction, counts: Weights, weights: Weights) -> dict[str, Fraction]:
    """Divide a part of a place among the groups that have people left, by their weights."""
    left, given = dict(counts), dict.fromkeys(counts, Fraction(0))
    while part:
        have = [group for group, count in left.items() if count]
        active = {group: weights[group] for group in have if weights[group]}
        active = active or {group: left[group] for group in have}
        total = sum(active.values())
        step = min(part, *(left[group] * total / own for group, own in active.items()))
        for group, own in active.items():
            given[group] += step * own / total
            left[group] -= step * own / total
        part -= step
    return given


# ── Windows and places ────────────────────────────────────────────────────────────────────────
class _Balancing:
    """The windows of a list for any bound and tolerance; places are counted from 0."""

    def __init__(
        self, entries: Sequence[BalanceEntry], bound: int, wanted: Mapping[str, list[Fraction]]
    ) -> None:
        self.entries = entries
        self.size = len(entries)
        # What has been spoken cannot be changed: only the places after it have windows.
        self.first = next(
            (place for place, entry in enumerate(entries) if not entry.is_fixed), self.size
        )
        self.members = {
            group: [place for place, entry in enumerate(entries) if entry.group == group]
            for group in wanted
        }
        self.movable = {
            group: [place for place in places if not entries[place].is_fixed]
            for group, places in self.members.items()
        }
        self.targets = wanted
        self.goals = self._goals(bound)
        self.by_target = {
            group: [(ceil(part) - 1, floor(part) + 1) for part in parts]
            for group, parts in wanted.items()
        }
        self.by_goal = {
            group: [(floor(part), ceil(part)) for part in parts]
            for group, parts in self.goals.items()
        }

    def holds(self, bound: int, beyond: int, *, is_held: bool) -> bool:
        """Return whether some order fits all windows, found by the earliest deadline first."""
        windows = self.windows(bound, beyond, is_held=is_held)
        opening: list[list[int]] = [[] for _ in range(self.size)]
        for first, last in windows:
            if first > last:
                return False
            opening[first].append(last)
        open_until: list[int] = []
        for place in range(self.size):
            for last in opening[place]:
                heappush(open_until, last)
            if not open_until or heappop(open_until) < place:
                return False
        return True

    def windows(self, bound: int, beyond: int, *, is_held: bool) -> Windows:
        """Return the first and last place of each speaker: fixed, or by the bound and the shares.

        With `is_held`, shares must be within one place of their targets, otherwise less than one
        place from their goals; in both cases, `beyond` more places are allowed.
        """
        found = [self._span(place, bound) for place in range(self.size)]
        for group, places in self.movable.items():
            if group != NOBODY:
                quotas = self._quotas(self._limits(group, beyond, is_held), group)
                for place, (first, last) in zip(places, quotas, strict=True):
                    earliest, latest = found[place]
                    found[place] = max(earliest, first), min(latest, last)
        return found

    def fill(self, windows: Windows) -> list[int]:
        """Return the speaker at each place, in an order within the windows, which must exist.

        Each place takes the first arrival who leaves a solution for the rest. The window of such a
        speaker ends no later than the first full run of places: a run that begins here and has as
        many people who must be in it as places.
        """
        heads = dict.fromkeys(self.movable, 0)
        spare = self._spare(windows)
        order: list[int] = []
        for place in range(self.size):
            full = next(last for last in range(place, self.size) if spare[last] == 0)
            if self.entries[place].is_fixed:
                taken = place
            else:
                able = [
                    (one, group)
                    for group, head in heads.items()
                    for one in self.movable[group][head : head + 1]
                    if windows[one][0] <= place and windows[one][1] <= full
                ]
                taken, group = min(able)
                heads[group] += 1
            order.append(taken)
            for last in range(place + 1, windows[taken][1]):
                spare[last] -= 1
        return order

    def _spare(self, windows: Windows) -> list[int]:
        """Return for each place how many up to it are left when everybody due by then has one."""
        due = Counter(last for _first, last in windows)
        running = accumulate(due[place] for place in range(self.size))
        return [place + 1 - needed for place, needed in enumerate(running)]

    def _span(self, place: int, bound: int) -> tuple[int, int]:
        if self.entries[place].is_fixed:
            return place, place
        return max(0, place - bound), min(self.size - 1, place + bound)

    def _goals(self, bound: int) -> dict[str, list[Fraction]]:
        """Return the goals: the targets within what the bound allows, for each number of speakers.

        If people in between are fixed, the bound may allow less than computed here; `beyond` is
        then above 0.
        """
        spans = [self._span(place, bound) for place in range(self.size)]
        can, must = {}, {}
        for group, places in self.members.items():
            can[group] = self._below(spans[place][0] for place in places)
            must[group] = self._below(spans[place][1] for place in places)
        found: dict[str, list[Fraction]] = {group: [] for group in self.members}
        for number in range(self.size + 1):
            limits = {group: (must[group][number], can[group][number]) for group in found}
            wanted = {group: self.targets[group][number] for group in found}
            for group, part in _within(limits, wanted).items():
                found[group].append(part)
        return found

    def _limits(self, group: str, beyond: int, is_held: bool) -> list[tuple[int, int]]:
        """Return the least and the most members of a group among the first 0, 1, … speakers."""
        limits = (self.by_target if is_held else self.by_goal)[group]
        return [(low - beyond, high + beyond) for low, high in limits]

    def _below(self, places: Iterable[int]) -> list[int]:
        """Return how many of `places` are below k, for each k from 0."""
        at = Counter(places)
        return list(accumulate((at[place] for place in range(self.size)), initial=0))

    def _quotas(self, limits: list[tuple[int, int]], group: str) -> list[tuple[int, int]]:
        """Return the first and last place that the limits allow each movable member, in order."""
        held = self._below(p for p in self.members[group] if self.entries[p].is_fixed)
        members = len(self.movable[group])
        firsts, lasts = [0] * members, [self.size - 1] * members
        inside, outside = 0, members
        for number in range(self.first + 1, self.size + 1):
            for member in range(inside, min(members, limits[number][0] - held[number])):
                lasts[member] = number - 1
                inside = member + 1
        for number in range(self.size, self.first, -1):
            for member in range(outside - 1, max(0, limits[number][1] - held[number]) - 1, -1):
                firsts[member] = number
                outside = member
        return list(zip(firsts, lasts, strict=True))


def _within(limits: Mapping[str, tuple[int, int]], wanted: Weights) -> dict[str, Fraction]:
    """Return the numbers within `limits` that are nearest to `wanted` and have the same sum.

    All numbers that are not at a limit differ from `wanted` by the same amount, `shift`.
    """
    whole = sum(wanted.values())

    def shifted(shift: Fraction) -> dict[str, Fraction]:
        return {
            group: min(max(wanted[group] + shift, Fraction(low)), Fraction(high))
            for group, (low, high) in limits.items()
        }

    if all(low <= wanted[group] <= high for group, (low, high) in limits.items()):
        return dict(wanted)
    turns = sorted(
        {Fraction(limit) - wanted[group] for group, both in limits.items() for limit in both}
    )
    sums = [sum(shifted(turn).values()) for turn in turns]
    after = bisect_left(sums, whole)
    if after == len(sums) or sums[after] == whole or after == 0:
        return shifted(turns[min(after, len(sums) - 1)])
    part = Fraction(whole - sums[after - 1]) / (sums[after] - sums[after - 1])
    return shifted(turns[after - 1] + part * (turns[after] - turns[after - 1]))


def _least(first: int, last: int, holds: Callable[[int], bool]) -> int:
    """Return the least number from `first` on for which `holds`; `last` if there is none before."""
    while first < last:
        middle = (first + last) // 2
        if holds(middle):
            last = middle
        else:
            first = middle + 1
    return first


# ── Moves ─────────────────────────────────────────────────────────────────────────────────────
def _agree(before: Sequence[str], after: Sequence[str], pins: Collection[str]) -> bool:
    return [id for id in before if id in pins] == [id for id in after if id in pins]


def _staying(before: Sequence[str], after: Sequence[str], pins: Collection[str]) -> set[str]:
    """Return the largest set of ids that need no move, with all `pins`, whose order must agree."""
    rank_before, rank_after = _pins_ahead(before, pins), _pins_ahead(after, pins)
    at = {id: place for place, id in enumerate(before)}
    able = [id for id in after if rank_before[id] == rank_after[id]]
    return set(_longest_rising(able, at))


def _pins_ahead(order: Sequence[str], pins: Collection[str]) -> dict[str, int]:
    ahead, ranks = 0, {}
    for id in order:
        ranks[id] = ahead
        ahead += id in pins
    return ranks


def _longest_rising(ids: Sequence[str], at: Mapping[str, int]) -> list[str]:
    """Return the longest subsequence of `ids` with rising places (patience sorting)."""
    tops: list[int] = []
    piles: list[str] = []
    below: dict[str, str | None] = {}
    for id in ids:
        pile = bisect_left(tops, at[id])
        below[id] = piles[pile - 1] if pile else None
        tops[pile : pile + 1] = [at[id]]
        piles[pile : pile + 1] = [id]
    chain: list[str] = []
    one = piles[-1] if piles else None
    while one is not None:
        chain.append(one)
        one = below[one]
    return chain
