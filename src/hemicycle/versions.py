"""PURE: compares versions of Hemicycle that processes report to each other."""

import re

_RELEASE = re.compile(r"\d+(?:\.\d+)*")


def is_newer(one: str, other: str) -> bool:
    """Return whether a version is newer than another one, by the numbers with which both begin.

    Returns False if one of them has no numbers: an unknown version decides nothing.
    """
    mine, theirs = _numbers(one), _numbers(other)
    return bool(mine and theirs) and mine > theirs


def _numbers(version: str) -> tuple[int, ...]:
    found = _RELEASE.match(version)
    numbers = [int(number) for number in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:  # 1.0 equals 1.0.0
        numbers.pop()
    return tuple(numbers)
