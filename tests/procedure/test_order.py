"""Lists of speakers: merging tracks, and moves that remain valid when others come and go."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.procedure.order import (
    KINDS,
    BadRule,
    MergeEntry,
    MergeMove,
    MergeRule,
    arrange,
    merge,
    parse_rule,
)

MISSIONS = [MergeEntry(f"m{n}", "missions", 10 * n, rank) for n, rank in enumerate((3, 1, 3, 2))]
STAKEHOLDERS = [MergeEntry(f"s{n}", "stakeholders", 10 * n + 5, 9) for n in range(6)]
EVERYONE = [*STAKEHOLDERS, *MISSIONS]


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


BOTH = (("missions", 1), ("stakeholders", 1))


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        (MergeRule("arrival"), "m0 s0 m1 s1 m2 s2 m3 s3 s4 s5"),
        (MergeRule("alternate", BOTH), "m0 s0 m1 s1 m2 s2 m3 s3 s4 s5"),
        (MergeRule("alternate", BOTH[::-1]), "s0 m0 s1 m1 s2 m2 s3 m3 s4 s5"),
        (MergeRule("alternate"), "m0 s0 m1 s1 m2 s2 m3 s3 s4 s5"),
        (
            MergeRule("ratio", (("missions", 1), ("stakeholders", 2))),
            "m0 s0 s1 m1 s2 s3 m2 s4 s5 m3",
        ),
        (MergeRule("ratio", (("stakeholders", 3),)), "s0 s1 s2 m0 s3 s4 s5 m1 m2 m3"),
        (MergeRule("blocks", BOTH), "m0 m1 m2 m3 s0 s1 s2 s3 s4 s5"),
        (MergeRule("protocol"), "m1 m3 m0 m2 s0 s1 s2 s3 s4 s5"),
        (MergeRule("protocol", BOTH[::-1]), "s0 s1 s2 s3 s4 s5 m1 m3 m0 m2"),
    ],
)
def test_each_rule(rule: MergeRule, order: str) -> None:
    assert merge(EVERYONE, rule) == words(order)


def test_moves_are_played_on_top() -> None:
    rule = MergeRule("alternate", BOTH)
    moves = (MergeMove("s5", "m0"), MergeMove("m3", "s5"), MergeMove("s0"))
    assert arrange(EVERYONE, rule, moves) == words("m3 s5 m0 m1 s1 m2 s2 s3 s4 s0")


def test_a_late_arrival_undoes_no_move() -> None:
    rule = MergeRule("alternate", BOTH)
    late = MergeEntry("m4", "missions", 900)
    moves = (MergeMove("s5", "m0"),)
    assert arrange([*EVERYONE, late], rule, moves)[:2] == ("s5", "m0")


def test_a_move_holds_when_what_it_was_aimed_at_withdraws() -> None:
    rule = MergeRule("arrival")
    moves = (MergeMove("s5", "m1"),)
    assert arrange(EVERYONE, rule, moves, {"m1"}) == words("m0 s0 s1 s5 m2 s2 m3 s3 s4")


def test_the_withdrawn_take_no_turn() -> None:
    rule = MergeRule("alternate", BOTH)
    assert arrange(EVERYONE, rule, withdrawn={"s0", "s1"}) == words("m0 s2 m1 s3 m2 s4 m3 s5")


def test_moves_of_or_to_strangers_are_passed_over() -> None:
    rule = MergeRule("arrival")
    moves = (MergeMove("nobody", "m0"), MergeMove("m3", "nobody"), MergeMove("m3", "m3"))
    assert arrange(EVERYONE, rule, moves) == merge(EVERYONE, rule)


RULES = st.builds(
    MergeRule,
    st.sampled_from(KINDS),
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(1, 4)),
        unique_by=lambda pair: pair[0],
        min_size=1,
    ).map(tuple),
)
INSCRIPTIONS = st.lists(
    st.builds(
        MergeEntry,
        st.integers(0, 60).map(lambda n: f"i{n}"),
        st.sampled_from("abcde"),
        st.integers(0, 50),
        st.integers(0, 3),
    ),
    unique_by=lambda inscription: inscription.id,
    max_size=30,
)
IDS = st.integers(0, 62).map(lambda n: f"i{n}")
MOVES = st.lists(st.builds(MergeMove, IDS, st.none() | IDS), max_size=8)


@given(INSCRIPTIONS, RULES, MOVES, st.sets(IDS, max_size=6))
def test_nobody_is_lost_or_doubled_and_arrival_counts(
    inscriptions: list[MergeEntry], rule: MergeRule, moves: list[MergeMove], withdrawn: set[str]
) -> None:
    order = arrange(inscriptions, rule, moves, withdrawn)
    assert Counter(order) == Counter(
        inscription.id for inscription in inscriptions if inscription.id not in withdrawn
    )
    moved = {move.id for move in moves}
    if rule.kind != "protocol":
        for track in "abcde":
            queue = [
                inscription
                for inscription in inscriptions
                if inscription.track == track and inscription.id not in moved
            ]
            queue.sort(key=lambda inscription: (inscription.arrival, inscription.id))
            stay = [id for id in order if id in {inscription.id for inscription in queue}]
            assert stay == [
                inscription.id for inscription in queue if inscription.id not in withdrawn
            ]


@given(INSCRIPTIONS, RULES, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_rows_come(
    inscriptions: list[MergeEntry], rule: MergeRule, random: Any
) -> None:
    shuffled = inscriptions.copy()
    random.shuffle(shuffled)
    assert merge(shuffled, rule) == merge(inscriptions, rule)


@given(RULES)
def test_a_rule_is_read(rule: MergeRule) -> None:
    counted = rule.kind == "ratio"
    tracks = [[track, turns] if counted else track for track, turns in rule.tracks]
    read = parse_rule({"kind": rule.kind, "tracks": tracks})
    assert merge([], read) == ()
    if rule.kind == "ratio":
        assert read == rule
    else:
        assert read == MergeRule(rule.kind, tuple((track, 1) for track, _ in rule.tracks))


def test_a_rule_as_a_hearing_writes_it() -> None:
    ratio = MergeRule("ratio", (("missions", 2), ("stakeholders", 1)))
    mapping = {"kind": "ratio", "tracks": {"missions": 2, "stakeholders": 1}}
    pairs = {"kind": "ratio", "tracks": [["missions", 2], ["stakeholders", 1]]}
    assert parse_rule(mapping) == parse_rule(pairs) == ratio
    names = {"kind": "alternate", "tracks": ["missions", "stakeholders"]}
    assert parse_rule(names) == MergeRule("alternate", BOTH)
    assert parse_rule({"kind": "arrival"}) == MergeRule()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (None, "kind"),
        ({"kind": "lottery"}, "kind"),
        ({"kind": "ratio"}, "uncounted"),
        ({"kind": "arrival", "track": 1}, "field"),
        ({"kind": "ratio", "tracks": 3}, "tracks"),
        ({"kind": "ratio", "tracks": {"a": 0}}, "turns"),
        ({"kind": "ratio", "tracks": {"a": 1.5}}, "track"),
        ({"kind": "ratio", "tracks": [["a", 1], ["a", 2]]}, "twice"),
        ({"kind": "ratio", "tracks": [["a", 1, 2]]}, "track"),
        ({"kind": "ratio", "tracks": [7]}, "track"),
    ],
)
def test_what_is_no_rule(data: Any, code: str) -> None:
    with pytest.raises(BadRule) as bad:
        parse_rule(data)
    assert bad.value.code == code


@given(INSCRIPTIONS, RULES)
def test_any_number_of_tracks_take_turns(inscriptions: list[MergeEntry], rule: MergeRule) -> None:
    """Except in blocks, speaker n of a track with k turns a round speaks in round n // k."""
    queue = sorted(inscriptions, key=lambda inscription: (inscription.arrival, inscription.id))
    turns = dict(rule.tracks)
    others = dict.fromkeys(one.track for one in queue if one.track not in turns)
    tracks = [*turns, *others]
    numbers: Counter[str] = Counter()
    places: list[tuple[int, int, int, str]] = []
    for one in queue:
        number, at = numbers[one.track], tracks.index(one.track)
        numbers[one.track] += 1
        round_of = number // turns.get(one.track, 1)
        places.append((0 if rule.kind == "blocks" else round_of, at, number, one.id))
    if rule.kind in {"alternate", "ratio", "blocks"}:
        assert merge(inscriptions, rule) == tuple(place[-1] for place in sorted(places))
