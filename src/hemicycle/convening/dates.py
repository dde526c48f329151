"""Dates in running text, as written: several days, no year, day or month first.

These forms are read: "13 July 2021", "July 13th and 14th", "Tuesday 30 June to Thursday 2 July",
"2021-07-13", "13/07/2021", and the same in every language of `languages`: "du 13 au 14 juillet",
"5. März", "15–16 марта", "٥ كانون الثاني/يناير", "2026年3月5日", "三月五日". A month
without a day is not read as a date.
"""

import datetime
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from hemicycle.convening import languages
from hemicycle.convening.document import LONGEST
from hemicycle.convening.languages import fold, names_of

_SHORT_WEEKDAYS = {name: day for name, day in names_of("short_weekdays").items() if name.isascii()}
_WEEKDAYS = _SHORT_WEEKDAYS | names_of("weekdays")
_MONTHS = names_of("months")
_SHORT = {n: m for n, m in names_of("short_months").items() if n not in _MONTHS and n[-1] != "月"}
_ENGLISH_SHORT = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"


def _either(names: dict[str, int]) -> str:
    longest = sorted(names, key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in longest)


# English names need a capital: "you may 5 ..." and "march 3 abreast" are not dates. A short name of
# another language may be a word ("20 out of 30"), unless a full stop or a year follows.
_MONTH = (
    rf"(?:(?!(?-i:may|march)\b)(?:(?:{_either(_MONTHS)})|(?-i:{_ENGLISH_SHORT}))\b\.?"
    rf"|(?:{_either(_SHORT)})(?:\.|\b(?=[\s,]+(?:de\s+)?20\d\d\b)))"
)
_MONTHS_TWICE = rf"(?P<month>{_MONTH})(?:\s*[/(]\s*{_MONTH}\)?)?"
# A short name may be a word of another language ("do dia 14"): it needs a full stop, or a capital
# and then a number.
_WEEKDAY = (
    rf"(?:(?:{_either(names_of('weekdays'))})\b\.?|(?:{_either(_SHORT_WEEKDAYS)})\."
    rf"|(?=(?-i:[A-Z]))(?:{_either(_SHORT_WEEKDAYS)})(?=\s*[-–,)\d]))"
)
_TO = rf"-|–|—|(?:{languages.anywhere('to')})(?:\s+(?:el|le|den|zum))?"
_ALSO = rf"&|,|、|(?:{languages.anywhere('and')})|(?<=\s)و\s?(?=\d|ال)"
_WEEKDAY_TAIL = r"(?:\s*,)?\s+(?:(?:the|le|el|dem|den|dia|día|الموافق(?:\s+ل)?)\s+)?"
_DAYS_BEFORE = (
    rf"(?:(?P<weekday>{_WEEKDAY})(?:\s*(?:{_ALSO}|{_TO})\s*{_WEEKDAY}){{0,6}}"
    rf"(?:{_WEEKDAY_TAIL}|\s*,\s*))?"
)
_D = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|er|º|°|ª|-?го|-?е|\.(?=\s|[^\W\d]))?(?!\d|[:/.]\d|%)"
_AND = rf"\s*(?:,\s*and\b|{_ALSO}|{_TO})\s*(?:(?:the|le|el|den)\s+)?(?:{_WEEKDAY}{_WEEKDAY_TAIL})?"
LONGEST_RANGE = 14
"""The most days between the ends of a hearing's days; a longer range is a period."""
# Without this limit, a text that consists of numbers would be tried again from each of them.
_LIST = rf"(?P<days>{_D}(?:{_AND}{_D}){{0,{LONGEST_RANGE}}})"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d|\s*[:h]\d)"

_DAY_FIRST = re.compile(
    rf"(?<![\d/.:-])(?<!day )(?<!jour )(?<!tag )\b{_DAYS_BEFORE}{_LIST}(?:\s+day)?\s*"
    rf"(?:of\s+|de\s+|d'|من\s+|شهر\s+)?{_MONTHS_TWICE}"
    rf"(?:\s*,?\s*(?:de\s+|del?\s+(?:año\s+)?|من\s+عام\s+|عام\s+|سنة\s+)?{_YEAR})?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b{_DAYS_BEFORE}(?P<month>{_MONTH})\s+(?:the\s+)?{_LIST}(?!\s*(?:a\.?m|p\.?m"
    rf"|h\b|de\s+{_MONTH}|{_MONTH}))(?:\s*,?\s*(?:de\s+|del\s+)?{_YEAR})?",
    re.IGNORECASE,
)
_ISO = re.compile(
    r"(?<![\d/.-])(?P<year>(?:19|20)\d\d)(?P<sign>[-/.])(?P<m>\d{1,2})(?P=sign)(?P<d>\d{1,2})(?![\d-])"
)
_NUMERIC = re.compile(
    rf"(?<![\d/.-])\b{_DAYS_BEFORE}(?P<first>\d{{1,2}})(?P<sign>[/.-])(?P<second>\d{{1,2}})(?P=sign)"
    r"(?P<year>(?:20)?\d\d)(?!\d|[/.]\d)",
    re.IGNORECASE,
)
_HAN = "〇○零一二三四五六七八九十廿"
_HAN_DAY = (
    rf"(?:\d{{1,2}}|[{_HAN}]{{1,3}})\s*[日号號](?:\s*\(?(?:星期|周|週|礼拜)[一二三四五六日天]\)?)?"
)
_CHINESE = re.compile(
    rf"(?:(?P<year>(?:19|20)\d\d|[{_HAN}]{{4}})\s*年\s*)?(?P<m>\d{{1,2}}|[{_HAN}]{{1,3}})\s*月\s*"
    rf"(?P<days>(?:(?:\d{{1,2}}|[{_HAN}]{{1,3}})\s*(?:至|到|-|–|—|、|和|及)\s*){{0,{LONGEST_RANGE}}}{_HAN_DAY}"
    rf"(?:\s*(?:至|到|-|–|—|、|和|及|,)\s*{_HAN_DAY}){{0,{LONGEST_RANGE}}})"
)
_CHINESE_WEEKDAY = re.compile(r"(?:星期|周|週|礼拜)([一二三四五六日天])")
_WEEKDAY_AFTER = re.compile(
    rf"(?:\s+года|\s+г\.|\s*م)?\s*[(,]\s*(?P<weekday>{_WEEKDAY})(?!\w)", re.IGNORECASE
)
_DIGIT = re.compile(r"\d|[月]")
_RANGE = re.compile(_TO, re.IGNORECASE)
_JOINT = re.compile(
    rf"\s*(?:года|г\.|م)?\s*(?:(?P<range>{_TO}|\buntil\b)|(?P<list>;\s*(?:{_ALSO})?|{_ALSO}))\s*"
    rf"(?:(?:le|el|o|den|am|on)\s+)?(?:dia\s+|día\s+|يوم\s+)?$",
    re.IGNORECASE,
)
MOST = 12
"""The most dates that are read in one sentence; a sentence with more is a calendar."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as written: the year may be missing; `swapped` marks 05/07/2021, read day first."""

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
        """Return the date in a given year; None if that year has no such day."""
        try:
            return datetime.date(year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class DateMention:
    """One or several days that are named together, at `text[start:end]`."""

    start: int
    end: int
    days: tuple[Day, ...]


def dates_in(text: str) -> list[DateMention]:
    """Return the dates of a text, left to right; the ends of one range or list become one mention.

    Only the first `LONGEST` characters are read, which is the longest sentence.
    """
    return list(_dates_in(text[:LONGEST]))


# Cached, since every field reads the dates of every sentence.
@lru_cache(maxsize=8192)
def _dates_in(text: str) -> tuple[DateMention, ...]:
    if not _DIGIT.search(text):
        return ()
    text = fold(text)
    found: list[DateMention] = []
    for pattern, build in (
        (_CHINESE, _chinese),
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
    return None if written is None else _WEEKDAYS[" ".join(written.lower().rstrip(".").split())]


def _iso(match: re.Match[str], _text: str) -> tuple[Day, ...]:
    day = Day(int(match["m"]), int(match["d"]), int(match["year"]))
    return (day,) if day.date else ()


def _numeric(match: re.Match[str], text: str) -> tuple[Day, ...]:
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    if match["sign"] == "-" and year < 100:
        return ()
    year += 2000 if year < 100 else 0
    weekday = _weekday(match, text)
    day_first, month_first = Day(second, first, year, weekday), Day(first, second, year, weekday)
    possible = [day for day in (day_first, month_first) if day.date]
    # The weekday decides between the two readings of 05/07/2021.
    if weekday is not None:
        possible = [day for day in possible if day.date and day.date.weekday() == weekday]
    # With dots between the numbers, the day comes first everywhere.
    if len(possible) == 2 and first != second and match["sign"] != ".":
        return (replace(day_first, swapped=True),)
    return tuple(possible[:1])


def _chinese(match: re.Match[str], _text: str) -> tuple[Day, ...]:
    year = han_number(match["year"]) if match["year"] else None
    written = _CHINESE_WEEKDAY.sub("", match["days"])
    numbers = [han_number(number) for number in re.findall(rf"\d+|[{_HAN}]+", written)]
    weekday = _CHINESE_WEEKDAY.search(match["days"])
    named = "一二三四五六日天".index(weekday[1]) if weekday else None
    days = _filled(han_number(match["m"]), numbers, year, written)
    if days and named is not None:
        days = (replace(days[0], weekday=min(named, 6)), *days[1:])
    return days


def han_number(written: str) -> int:
    """Return the value of digits or Chinese numerals: "二〇二六" is 2026, "二十五" is 25."""
    if written.isdigit() and written.isascii():
        return int(written)
    values = {sign: place for place, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
    if "十" in written or "廿" in written:
        tens, _, ones = written.replace("廿", "二十").partition("十")
        return 10 * values.get(tens, 1) + values.get(ones, 0)
    return int("".join(str(values[sign]) for sign in written))


def _named(match: re.Match[str], text: str) -> tuple[Day, ...]:
    name = " ".join(match["month"].lower().rstrip(".").split())
    month = _MONTHS.get(name) or _SHORT.get(name) or names_of("short_months")[name]
    year = int(match["year"]) if match["year"] else None
    numbers = [int(number) for number in re.findall(r"\d+", match["days"])]
    days = _filled(month, numbers, year, match["days"])
    return (replace(days[0], weekday=_weekday(match, text)), *days[1:]) if days else ()


def _filled(month: int, numbers: list[int], year: int | None, written: str) -> tuple[Day, ...]:
    """Return the days of a list, or from the first to the last of a range."""
    if len(numbers) == 2 and _RANGE.search(written) and numbers[0] < numbers[1]:
        numbers = list(range(numbers[0], numbers[1] + 1))
    if not 1 <= month <= 12:
        return ()
    days = [Day(month, number, year) for number in numbers]
    # 2000 is a leap year and so has every day.
    return tuple(days) if all(day.in_year(year or 2000) for day in days) else ()


def _joined(mentions: list[DateMention], text: str) -> list[DateMention]:
    """Join "30 June" and "2 July 2021" around "to" or "and"; the year is used for both."""
    joined: list[DateMention] = []
    for mention in mentions:
        link = _JOINT.fullmatch(text[joined[-1].end : mention.start]) if joined else None
        days = _together(joined[-1].days, mention.days, link) if link else None
        if days:
            joined[-1] = DateMention(joined[-1].start, mention.end, days)
        else:
            joined.append(mention)
    return joined


def _together(
    left: tuple[Day, ...], right: tuple[Day, ...], link: re.Match[str]
) -> tuple[Day, ...] | None:
    # In "30 June and 2 July 2021", only the last date has the year.
    year = right[0].year or left[-1].year
    right = tuple(replace(day, year=day.year or year) for day in right)
    left = tuple(replace(day, year=day.year or year) for day in left)
    if not link["range"]:
        return left + right
    first, last = left[-1].in_year(left[-1].year or 2000), right[0].in_year(year or 2000)
    if first is None or last is None or not 0 < (last - first).days <= LONGEST_RANGE:
        return None
    between = [first + datetime.timedelta(count) for count in range(1, (last - first).days)]
    filled = tuple(Day(day.month, day.day, day.year if year else None) for day in between)
    return left + filled + right
