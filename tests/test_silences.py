"""The length of a silence in a page, from what the page noted."""

import pytest

from tests.support.silences import Turn, longest_silence_ms

QUIET_AT_400: list[Turn] = [
    {"loud": True, "at": 0},
    {"loud": False, "at": 400},
    {"loud": True, "at": 1_400},
]


@pytest.mark.parametrize(
    ("later", "silence_ms"),
    [
        ([], 1_000),
        ([{"loud": False, "at": 9_000}, {"loud": True, "at": 9_070}], 1_000),
        ([{"loud": False, "at": 9_000}, {"loud": True, "at": 11_000}], 2_000),
        ([{"loud": False, "at": 9_000}], 1_000),
    ],
)
def test_the_longest_silence_counts_with_its_length(later: list[Turn], silence_ms: float) -> None:
    assert longest_silence_ms([*QUIET_AT_400, *later], 100) == silence_ms


def test_a_late_packet_is_no_silence() -> None:
    turns: list[Turn] = [{"loud": False, "at": 9_000}, {"loud": True, "at": 9_059}]
    assert longest_silence_ms(turns, 0) == 0


def test_a_silence_from_before_does_not_count() -> None:
    assert longest_silence_ms(QUIET_AT_400, 500) == 0
