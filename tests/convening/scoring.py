"""Score a reading against what a careful clerk would enter: `NAME.expect.json` beside a note.

The keys of an expectation: `date` and `dates` (the days of all meetings), `starts` and `meetings`
(local hours), `no_meeting`, `mandate`, `stakeholder_deadline` (the beginning of any deadline),
`venue` (contained), `panels`, `panels_count`, `segments_count_min`, `not_dates` (days of other
events), `not_deadlines` (last days of other procedures), `X_has` (contains), `X_any` (one of),
`X_empty`; any other key is a field compared by equality. A stated value that differs is wrong; an
empty one is missing.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

type Values = dict[str, Any]
EXPECTATION = ".expect.json"


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of expected values. `share` is (right - wrong) / wanted."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    wanted: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.right + other.right,
            self.wrong + other.wrong,
            self.missing + other.missing,
            self.wanted + other.wanted,
        )

    @property
    def share(self) -> float:
        return (self.right - self.wrong) / max(self.wanted, 1)

    @property
    def wrong_share(self) -> float:
        """The share of wrong values among those that the reading states."""
        return self.wrong / max(self.right + self.wrong, 1)


def notes_in(folder: Path) -> list[tuple[Path, Values]]:
    """Return the notes of a folder that have an expectation, each with its expectation."""
    found = []
    for path in sorted(folder.glob(f"*{EXPECTATION}")):
        stem = path.name.removesuffix(EXPECTATION)
        note = next(p for p in sorted(folder.glob(f"{stem}.*")) if p != path)
        found.append((note, json.loads(path.read_text())))
    return found


def score(values: Values, expected: Values) -> Score:
    """Compare the fields of one reading with its expectation."""
    verdicts = dict(verdicts_of(values, expected))
    said = list(verdicts.values())
    return Score(
        said.count("right"),
        said.count("wrong"),
        said.count("missing"),
        sum(not key.startswith("not_") for key in expected),
    )


def verdicts_of(values: Values, expected: Values) -> Iterator[tuple[str, str]]:
    """Yield each expected key with "right", "wrong" or "missing"; days of others are "wrong"."""
    stated = {
        "not_dates": {meeting["date"] or "" for meeting in _meetings(values)},
        "not_deadlines": {deadline["at"][:10] for deadline in values["deadlines"]},
    }
    for key, wanted in expected.items():
        if key in stated:
            if taken := set(wanted) & stated[key]:
                yield f"took {', '.join(sorted(taken))}", "wrong"
            continue
        right, empty = _compared(key, wanted, values)
        yield key, "right" if right else "missing" if empty else "wrong"


def _meetings(values: Values) -> list[dict[str, str | None]]:
    meetings: list[dict[str, str | None]] = values["meetings"]
    return meetings


def _compared(key: str, wanted: Any, values: Values) -> tuple[bool, bool]:
    """Return whether a value is right, and whether it is empty."""
    if key in _OWN:
        return _OWN[key](wanted, values)
    for suffix, same in _SUFFIXES.items():
        if key.endswith(suffix):
            value = values[key.removesuffix(suffix)]
            return same(wanted, value), not value and suffix != "_empty"
    value = values[key]
    return value == wanted, value in (None, "", [])


def _days(wanted: list[str], values: Values) -> tuple[bool, bool]:
    days = {meeting["date"] for meeting in _meetings(values)}
    return days == set(wanted), not days


def _hours(wanted: list[list[str]], values: Values) -> tuple[bool, bool]:
    hours = [[meeting["starts"], meeting["ends"]] for meeting in _meetings(values)]
    return hours == wanted, not any(starts for starts, _ in hours)


def _starts(wanted: list[str], values: Values) -> tuple[bool, bool]:
    hours = [(meeting["starts"], meeting["ends"]) for meeting in _meetings(values)]
    starts = [start for start, _ in hours if start]
    return starts == wanted and not any(end for _, end in hours), not starts


def _deadline(wanted: str, values: Values) -> tuple[bool, bool]:
    found = [deadline["at"] for deadline in values["deadlines"]]
    return any(at.startswith(wanted) for at in found), not found


def _panels(wanted: list[str], values: Values) -> tuple[bool, bool]:
    panels = values["panels"]
    named = all(any(name.lower() in panel.lower() for panel in panels) for name in wanted)
    return named and len(panels) == len(wanted), not panels


_OWN: dict[str, Callable[[Any, Values], tuple[bool, bool]]] = {
    "date": lambda wanted, values: _days([wanted], values),
    "dates": _days,
    "meetings": _hours,
    "starts": _starts,
    "no_meeting": lambda _, values: (not _meetings(values), False),
    "mandate": lambda wanted, values: (
        set(wanted) <= set(values["mandate"]),
        not values["mandate"],
    ),
    "stakeholder_deadline": _deadline,
    "venue": lambda wanted, values: (
        wanted.lower() in (values["venue"] or "").lower(),
        not values["venue"],
    ),
    "panels": _panels,
    "panels_count": lambda wanted, values: (
        len(values["panels"]) == wanted,
        not values["panels"],
    ),
    "segments_count_min": lambda wanted, values: (
        len(values["segments"]) >= wanted,
        not values["segments"],
    ),
}
_SUFFIXES: dict[str, Callable[[Any, Any], bool]] = {
    "_has": lambda wanted, value: str(wanted).lower() in str(value or "").lower(),
    "_any": lambda wanted, value: value in wanted,
    "_empty": lambda _, value: not value,
}
