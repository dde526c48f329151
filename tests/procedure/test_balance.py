"""The balance adviser holds shares as well as the bound allows, and moves nobody beyond it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import permutations
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.procedure.balance import (
    NOBODY,
    BalanceEntry,
    ShareChange,
    broken_out,
    explained,
    goals,
    moved,
    moves_between,
    propose,
    referenced,
    targets,
    worst_off,
)
from tests.support.examples import examples

type Targets = dict[str, list[Fraction]]

SHARES = st.none() | st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 25), max_size=4)


def listed(groups: str, fixed: str = "") -> list[BalanceEntry]:
    """Return a speaker for each letter; "." has no group; those above an "x" in `fixed` stay."""
    return [
        BalanceEntry(f"s{place}", "" if group == "." else group, fixed[place : place + 1] == "x")
        for place, group in enumerate(groups)
    ]


def letters(entries: list[BalanceEntry], order: tuple[str, ...]) -> str:
    group_of = {entry.id: entry.group or "." for entry in entries}
    return "".join(group_of[id] for id in order)


def counts_of(order: str) -> list[Counter[str]]:
    """Return how many of each group are among the first 0, 1, … of the order."""
    return [Counter(order[:number]) for number in range(len(order) + 1)]


def orders_within(groups: str, bound: int) -> list[str]:
    """Return every order of these groups in which nobody moves by more than `bound` places."""
    places = range(len(groups))
    return [
        "".join(groups[old] for old in order)
        for order in permutations(places)
        if all(abs(new - old) <= bound for new, old in enumerate(order))
    ]


def furthest_off(order: str, levels: Targets, least: int = 0) -> Fraction:
    """Return the largest difference from a target, in places, after the first `least` places."""
    return max(
        (
            abs(counts[group] - levels[group][number])
            for group in levels.keys() - {NOBODY}
            for number, counts in enumerate(counts_of(order))
            if number > least
        ),
        default=Fraction(0),
    )


@pytest.mark.parametrize(
    ("groups", "bound", "order"),
    [
        ("", 3, ""),
        ("A", 3, "A"),
        ("AABB", 0, "AABB"),
        ("AAABBB", 3, "AABABB"),
        ("AAAABBBB", 1, "AAABABBB"),
        ("AAAA", 2, "AAAA"),
        ("....", 2, "...."),
        ("ABABAB", 2, "ABABAB"),
    ],
)
def test_small_lists(groups: str, bound: int, order: str) -> None:
    entries = listed(groups)
    assert letters(entries, propose(entries, bound).order) == order


@given(
    groups=st.text("AB.", max_size=6) | st.text("ABC", max_size=6),
    bound=st.integers(0, 4),
    shares=SHARES,
)
def test_no_order_within_the_bound_holds_the_shares_better(
    groups: str, bound: int, shares: dict[str, int] | None
) -> None:
    entries = listed(groups)
    made = propose(entries, bound, shares)
    own = letters(entries, made.order)
    orders = set(orders_within(groups, bound))
    wanted, level = targets(entries, shares or {}), goals(entries, bound, shares)
    held = {order for order in orders if furthest_off(order, wanted) <= 1}
    assert made.is_held == bool(held) == (own in held)

    def beyond(order: str) -> int:
        return max(0, ceil(furthest_off(order, level)) - 1)

    assert made.beyond == (0 if held else min(map(beyond, orders)))
    assert held or beyond(own) == made.beyond


@given(
    groups=st.text("ABCDE.", max_size=40),
    bound=st.integers(0, 15),
    shares=SHARES,
)
def test_a_thousand_lists(groups: str, bound: int, shares: dict[str, int] | None) -> None:
    entries = listed(groups)
    made = propose(entries, bound, shares)
    ids = [entry.id for entry in entries]
    assert sorted(made.order) == sorted(ids)
    places = {id: place for place, id in enumerate(ids)}
    moved_by = [abs(place - places[id]) for place, id in enumerate(made.order)]
    assert max(moved_by, default=0) == made.furthest <= bound
    assert propose(entries, bound, shares) == made
    order = letters(entries, made.order)
    wanted, level = targets(entries, shares or {}), goals(entries, bound, shares)
    assert furthest_off(order, level) < made.beyond + 1 or made.is_held
    assert not made.is_held or furthest_off(order, wanted) <= 1
    for number in range(len(groups) + 1):
        assert sum(own[number] for own in level.values()) == number
        least, most = _allowed(groups, bound, number)
        reachable = all(least[g] <= wanted[g][number] <= most[g] for g in wanted)
        for group, own in level.items():
            assert least[group] <= own[number] <= most[group]
            assert not reachable or own[number] == wanted[group][number]
    moves = moves_between(ids, made.order)
    assert moved(ids, moves) == made.order


def _allowed(groups: str, bound: int, number: int) -> tuple[Counter[str], Counter[str]]:
    """Return how many of each group the bound requires and allows among the first `number`."""
    places = list(enumerate(groups.replace(".", " ")))
    inside = [group.strip() for place, group in places if place + bound < number]
    able = [group.strip() for place, group in places if place - bound < number]
    return (Counter(inside), Counter(able)) if number < len(groups) else (Counter(able),) * 2


@given(
    people=st.lists(st.tuples(st.sampled_from("ABC."), st.booleans()), max_size=25),
    bound=st.integers(0, 8),
)
def test_who_is_fixed_stays(people: list[tuple[str, bool]], bound: int) -> None:
    fixed = "".join("x" if is_fixed else "-" for _group, is_fixed in people)
    entries = listed("".join(group for group, _fixed in people), fixed)
    made = propose(entries, bound)
    ids = [entry.id for entry in entries]
    places = {id: place for place, id in enumerate(ids)}
    for place, id in enumerate(made.order):
        limit = 0 if entries[places[id]].is_fixed else bound
        assert abs(place - places[id]) <= limit
    held = {entry.id for entry in entries if entry.is_fixed}
    moves = moves_between(ids, made.order, held)
    assert not held & {id for id, _before in moves}
    assert moved(ids, moves) == made.order


@examples(60)
@given(groups=st.text("AB", min_size=4, max_size=7), spoken=st.integers(0, 4))
def test_the_rest_makes_up_for_what_was_spoken(groups: str, spoken: int) -> None:
    entries = listed(groups, "x" * spoken)
    wanted = targets(entries, {})
    able = any(
        furthest_off(groups[:spoken] + "".join(rest), wanted, spoken) <= 1
        for rest in permutations(groups[spoken:])
    )
    made = propose(entries, len(groups))
    assert made.is_held == able
    assert not able or furthest_off(letters(entries, made.order), wanted, spoken) <= 1


def test_targets_follow_requests_or_shares_while_a_group_lasts() -> None:
    third, half = Fraction(1, 3), Fraction(1, 2)
    assert targets(listed("AAB"), {}) == {
        "A": [0, 2 * third, 4 * third, 2],
        "B": [0, third, 2 * third, 1],
    }
    assert targets(listed("AAAB"), {"A": 50, "B": 50}) == {
        "A": [0, half, 1, 2, 3],
        "B": [0, half, 1, 1, 1],
    }
    assert targets(listed("AB.."), {"A": 100}) == {
        "": [0, half, 1, 3 * half, 2],
        "A": [0, half, 1, 1, 1],
        "B": [0, 0, 0, half, 1],
    }


def test_moves_are_few_and_explained() -> None:
    entries = listed("AAABBB")
    ids = [entry.id for entry in entries]
    made = propose(entries, 3)
    assert made.order == ("s0", "s1", "s3", "s2", "s4", "s5")
    moves = moves_between(ids, made.order)
    assert moves == [("s3", "s2")]
    assert explained(entries, ids, made.order, ["s3"]) == {"s3": ShareChange("B", 3, 0, 1)}
    assert worst_off(entries, ids) == Fraction(3, 2)
    assert worst_off(entries, made.order) == 1
    assert explained(listed(".A"), ["s0", "s1"], ["s1", "s0"], ["s0"]) == {}


def test_the_order_of_reference_leaves_fixed_ones_where_they_are() -> None:
    assert referenced("abcde", "cabed", {"c", "e"}) == ("c", "a", "b", "e", "d")
    assert referenced("", "", set()) == ()


def test_small_groups_are_not_broken_out() -> None:
    assert broken_out({"woman": 12, "man": 9}, 5) == ("woman", "man")
    assert broken_out({"woman": 12, "man": 9, "other": 1}, 5) == ("woman",)
    assert broken_out({"woman": 12, "man": 4, "": 1}, 5) == ("woman",)
    assert broken_out({"woman": 12, "man": 1}, 5) == ()
    assert broken_out({"woman": 30, "man": 9, "other": 1, "": 6}, 5) == ("woman", "man")
    assert broken_out({}, 5) == ()
