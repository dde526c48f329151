"""Dates in running text, as written: several days, no year, day or month first.

What is read: "13 July 2021", "July 13th and 14th", "Tuesday 30 June to Thursday 2 July",
"2021-07-13", "13/07/2021", "du 13 au 14 juillet", "13 de julio de 2021". A month without a day is
no date here.
"""

import datetime
import re
from dataclasses import dataclass, replace
from functools import lru_cache

_MONTHS: dict[str, int] = {}
for _names in (
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
):
    _MONTHS |= {name.lower(): number for number, name in enumerate(_names.split(), 1)}
_MONTHS |= {"sept": 9, "aout": 8, "fevrier": 2, "decembre": 12, "setiembre": 9}

_WEEKDAYS: dict[str, int] = {}
for _names in (
    "monday tuesday wednesday thursday friday saturday sunday",
    "mon tue wed thu fri sat sun",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
):
    _WEEKDAYS |= {name: number for number, name in enumerate(_names.split())}
_WEEKDAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}


def _either(names: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


# English names only with a capital: "you may 5 ..." and "march 3 abreast" are no dates.
_MONTH = rf"(?:(?-i:(?=[A-Z])|(?=[a-zéû]{{4}})(?!may\b|march\b))(?:{_either(_MONTHS)})\b\.?)"
_WEEKDAY = rf"(?:(?:{_either(_WEEKDAYS)})\b\.?)"
_DAYS_BEFORE = (
    rf"(?:(?P<weekday>{_WEEKDAY})(?:\s*(?:,|-|–|and|to|et|au|y|al)\s*{_WEEKDAY})*,?\s+(?:the\s+)?)?"
)
_D = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|er|º|\.(?=\s))?(?!\d|[:/.]\d|%)"
_AND = (
    r"\s*(?:,\s*and|,|-|–|—|\band\b|\bto\b|\bthrough\b|&|\bet\b|\bau\b|\by\b"
    rf"|\bal\b)\s*(?:the\s+)?(?:{_WEEKDAY},?\s+)?"
)
_LIST = rf"(?P<days>{_D}(?:{_AND}{_D})*)"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b(?!\s*[:h]\d)"

_DAY_FIRST = re.compile(
    rf"(?<![\d/.:-])(?<!day )(?<!jour )(?<!día )\b{_DAYS_BEFORE}{_LIST}(?:\s+day)?\s*"
    rf"(?:of\s+|de\s+|d['’])?(?P<month>{_MONTH})"
    rf"(?:\s*,?\s*(?:de\s+|del\s+)?{_YEAR})?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b{_DAYS_BEFORE}(?P<month>{_MONTH})\s+(?:the\s+)?{_LIST}(?!\s*(?:a\.?m|p\.?m"
    rf"|h\b))(?:\s*,?\s*{_YEAR})?",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<![\d/-])(?P<year>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?![\d-])")
_NUMERIC = re.compile(
    rf"(?<![\d/.-])\b{_DAYS_BEFORE}(?P<first>\d{{1,2}})(?P<sign>[/.])(?P<second>\d{{1,2}})(?P=sign)"
    r"(?P<year>(?:20)?\d\d)(?![\d/.]\d)\b",
    re.IGNORECASE,
)
_WEEKDAY_AFTER = re.compile(rf"\s*[(,]\s*(?P<weekday>{_WEEKDAY})\b", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_RANGE = re.compile(r"-|–|—|\bto\b|\bthrough\b|\bau\b|\bal\b", re.IGNORECASE)
_JOINT = re.compile(
    r"\s*(?P<range>-|–|—|\bto\b|\bthrough\b|\buntil\b|\bau\b|\bal\b)?(?P<list>\band\b|&|,"
    r"|\bet\b|\by\b)?\s*$",
    re.IGNORECASE,
)
MOST = 12
"""The most dates read in one sentence; one that names more is a calendar, not an announcement."""
LONGEST_RANGE = 14
"""Days between the ends of a range above which it is a period, not the days of a hearing."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written: the year may be missing; `swapped` is the other reading of 05/07/2021."""

    month: int
    day: int
    year: int | None = None
    weekday: int | None = None
    swapped: bool = False

    @property
    def date(self) -> datetime.date | None:
        if self.year is None:
            return None
        return self.in_year(self.year)

    def in_year(self, year: int) -> datetime.date | None:
        """The date in a given year; None where that year has no such day."""
        try:
            return datetime.date(year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class DateMention:
    """One or several days named together, and where: `text[start:end]`."""

    start: int
    end: int
    days: tuple[Day, ...]


def dates_in(text: str) -> list[DateMention]:
    """The dates of a text, left to right; ends of one range or list become one mention."""
    return list(_dates_in(text))


# Every field looks at the dates of every sentence.
@lru_cache(maxsize=8192)
def _dates_in(text: str) -> tuple[DateMention, ...]:
    if not _DIGIT.search(text):
        return ()
    found: list[DateMention] = []
    for pattern, build in (
        (_ISO, _iso),
        (_NUMERIC, _numeric),
        (_DAY_FIRST, _named),
        (_MONTH_FIRST, _named),
    ):
        for match in pattern.finditer(text):
            days = build(match, text)
            if days and not any(_overlap(match, other) for other in found):
                found.append(DateMention(match.start(), match.end(), days))
    return tuple(_joined(sorted(found, key=lambda mention: mention.start)[:MOST], text))


def _overlap(match: re.Match[str], other: DateMention) -> bool:
    return match.start() < other.end and other.start < match.end()


def _weekday(match: re.Match[str], text: str) -> int | None:
    written = match.group("weekday")
    if written is None:
        after = _WEEKDAY_AFTER.match(text, match.end())
        written = after.group("weekday") if after else None
    return None if written is None else _WEEKDAYS[written.lower().rstrip(".")]


def _iso(match: re.Match[str], _text: str) -> tuple[Day, ...]:
    day = Day(int(match["m"]), int(match["d"]), int(match["year"]))
    return (day,) if day.date else ()


def _numeric(match: re.Match[str], text: str) -> tuple[Day, ...]:
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    year += 2000 if year < 100 else 0
    weekday = _weekday(match, text)
    day_first, month_first = Day(second, first, year, weekday), Day(first, second, year, weekday)
    possible = [day for day in (day_first, month_first) if day.date]
    # The weekday tells the two readings of 05/07/2021 apart.
    if weekday is not None:
        possible = [day for day in possible if day.date and day.date.weekday() == weekday]
    # Where dots are written between the numbers the day comes first everywhere.
    if len(possible) == 2 and first != second and match["sign"] == "/":
        return (replace(day_first, swapped=True),)
    return tuple(possible[:1])


def _named(match: re.Match[str], text: str) -> tuple[Day, ...]:
    month = _MONTHS[match["month"].lower().rstrip(".")]
    year = int(match["year"]) if match["year"] else None
    numbers = [int(number) for number in re.findall(r"\d+", match["days"])]
    if len(numbers) == 2 and _RANGE.search(match["days"]) and numbers[0] < numbers[1]:
        numbers = list(range(numbers[0], numbers[1] + 1))
    weekday = _weekday(match, text)
    days = [
        Day(month, number, year, weekday if place == 0 else None)
        for place, number in enumerate(numbers)
    ]
    # 2000 has every day that any year has.
    if not all(day.in_year(year or 2000) for day in days) or len(days) > LONGEST_RANGE:
        return ()
    return tuple(days)


def _joined(mentions: list[DateMention], text: str) -> list[DateMention]:
    """Join "30 June" and "2 July 2021" over "to" or "and"; the year is used for both."""
    joined: list[DateMention] = []
    for mention in mentions:
        link = _JOINT.match(text[joined[-1].end : mention.start]) if joined else None
        days = _together(joined[-1].days, mention.days, link) if link else None
        if days:
            joined[-1] = DateMention(joined[-1].start, mention.end, days)
        else:
            joined.append(mention)
    return joined


def _together(
    left: tuple[Day, ...], right: tuple[Day, ...], link: re.Match[str]
) -> tuple[Day, ...] | None:
    if not (link["range"] or link["list"]):
        return None
    # In "30 June and 2 July 2021" the year is written with the last date only.
    year = right[0].year
    left = tuple(replace(day, year=day.year or year) for day in left)
    if not link["range"]:
        return left + right
    first, last = left[-1].in_year(left[-1].year or 2000), right[0].in_year(year or 2000)
    if first is None or last is None or not 0 < (last - first).days <= LONGEST_RANGE:
        return None
    between = [first + datetime.timedelta(count) for count in range(1, (last - first).days)]
    filled = tuple(Day(day.month, day.day, day.year if year else None) for day in between)
    return left + filled + right
