"""Times of day and spans of time in running text, 12- and 24-hour.

These forms are read: "10 a.m. to 1 p.m.", "2-5 pm" (the mark counts for both), "10:00-13:00", "9.30
am", "noon", "1400 hrs", "de 10 h à 12 h 30". A bare number is a time only inside such a span. A
time repeated for another zone, "10:00 (16:00 CEST)", is marked as an echo.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from hemicycle.convening.zones import ZONE

_WORDS = {
    "noon": 720, "midday": 720, "midi": 720, "mediodía": 720, "12 noon": 720, "12 midday": 720,
    "midnight": 1440, "minuit": 1440, "medianoche": 1440, "12 midnight": 1440,
}  # fmt: skip
_MERIDIEM = r"(?:[ap]\.?\s?m\b\.?)"
_FULL = (
    r"(?:12\s+)?(?:noon|midday|midnight)\b|midi\b|minuit\b|mediodía\b|medianoche\b"
    rf"|(?:[01]?\d|2[0-4])(?:\s?[:.h]\s?[0-5]\d)?\s?{_MERIDIEM}"
    r"|(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?!\d)(?:\s?(?:hrs|hours|h|uhr|noon)\b)?"
    r"|(?:[01]?\d|2[0-4])\s?h(?:eures?)?(?:\s?[0-5]\d)?\b(?!\w)"
    r"|(?:[01]\d|2[0-4])[0-5]\d\s?(?:hrs|hours|h)\b"
    r"|(?:[01]?\d|2[0-4])\.[0-5]\d\s?(?:hrs|hours|h)\b"
    r"|(?:1[0-2]|[1-9])\s+o['’]clock(?:\s+in\s+the\s+(?:morning|afternoon|evening))?"
)
_DOTTED = r"(?:[01]?\d|2[0-4])[.:][0-5]\d(?!\d|\.\d|\s?%)"
_BARE = r"(?:[01]?\d|2[0-4])(?![\d.:/%])"
_GAP = rf"(?:\s*\(?(?:{ZONE})\)?)?"
_TO = (
    rf"{_GAP}\s*(?:-|–|—|\bto\b|\buntil\b|\btill\b|\band\b|à|\ba\b|\bal?\b|\baux?\b"
    r"|\by\b)\s*(?:las?\s+)?"
)
_SPAN = re.compile(
    rf"(?<![\d/.:£$€-])(?:(?P<a>{_FULL})(?P<sep1>{_TO})(?P<b>{_FULL}|{_DOTTED})"
    rf"|(?P<c>{_DOTTED})(?P<sep2>{_TO})(?P<d>{_FULL}|{_DOTTED})"
    rf"|\b(?P<e>{_BARE})(?P<sep3>{_TO})(?P<f>(?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?\s?{_MERIDIEM}"
    rf"|12\s+noon|noon\b|(?:[01]?\d|2[0-4])\s?h\b(?:\s?[0-5]\d)?))",
    re.IGNORECASE,
)
_SINGLE = re.compile(rf"(?<![\d/.:£$€-])(?:{_FULL})", re.IGNORECASE)
_SINGLE_DOTTED = re.compile(
    rf"\b(?:at|from|by|until|till|before|à)\s+(?P<t>{_DOTTED})(?!\d|\s?(?:million|billion|per))",
    re.IGNORECASE,
)
_TIMELY = re.compile(r"\d|noon|midday|midnight|midi|minuit|mediod|medianoche", re.IGNORECASE)
MOST = 60
"""The most times read in one sentence; a text that names more is a timetable, not a note."""
_BETWEEN = re.compile(r"\bbetween\s+$|\bentre\s+(?:las\s+)?$", re.IGNORECASE)
_SPELLED_AND = re.compile(r"\b(?:and|y)\b", re.IGNORECASE)
_ECHO = re.compile(rf"(?:\(|/|=|\bor\b)\s*(?:{ZONE})?[:\s]*$", re.IGNORECASE)
_ZONE_NEAR = re.compile(rf"\s*\(?(?:{ZONE}|in\s+(?-i:[A-Z])\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hours:
    """A time or a span of a day, in minutes since midnight (0 to 1440), and its place in the text.

    `ends` is None for a single time. `echo` marks the same moment in another zone. `sure` is False
    if neither a.m./p.m. nor a 24-hour style decides the half of the day ("3:00").
    """

    start: int
    end: int
    starts: int
    ends: int | None = None
    echo: bool = False
    sure: bool = True


def hours_in(text: str) -> list[Hours]:
    """The times and spans of a text, left to right."""
    return list(_hours_in(text))


@lru_cache(maxsize=8192)
def _hours_in(text: str) -> tuple[Hours, ...]:
    if not _TIMELY.search(text):
        return ()
    found = [span for match in _SPAN.finditer(text) if (span := _span(match, text))]
    for match in _SINGLE.finditer(text):
        if not any(match.start() < other.end and other.start < match.end() for other in found):
            minutes, sure = _minutes(match.group())
            found.append(_single(match.start(), match.end(), minutes, sure))
    for match in _SINGLE_DOTTED.finditer(text):
        if not any(match.start("t") < other.end and other.start < match.end() for other in found):
            minutes, sure = _minutes(match["t"])
            found.append(_single(match.start("t"), match.end("t"), minutes, sure))
    return tuple(_mark_echoes(sorted(found, key=lambda hours: hours.start)[:MOST], text))


def _single(start: int, end: int, minutes: int, sure: bool) -> Hours:
    return Hours(start, end, minutes, sure=sure)


def clock(minutes: int) -> str:
    """Minutes since midnight as "HH:MM"; the end of the day is 23:59, which is still that day."""
    minutes = min(minutes, 1439)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _span(match: re.Match[str], text: str) -> Hours | None:
    left = match["a"] or match["c"] or match["e"]
    right = match["b"] or match["d"] or match["f"]
    separator = match["sep1"] or match["sep2"] or match["sep3"] or ""
    if _SPELLED_AND.search(separator) and not _BETWEEN.search(text[: match.start()]):
        # "at 10 a.m. and 3 p.m." are two times, "between 10 and 3" is a span.
        return None
    (starts, left_sure), (ends, right_sure) = _minutes(left), _minutes(right)
    if not _marked(left) and _marked(right):
        starts, left_sure = _borrow(starts, ends, right), True
    # "10:00-1:00" without a mark: the end can only be in the afternoon.
    if ends <= starts and ends < 720 and not _marked(right):
        ends += 720
    if ends <= starts:
        return None
    return Hours(match.start(), match.end(), starts, ends, sure=left_sure and right_sure)


def _marked(written: str) -> bool:
    return bool(re.search(r"[ap]\.?\s?m\b|noon|midday|midnight", written, re.IGNORECASE))


def _borrow(starts: int, ends: int, right: str) -> int:
    """The half of the day for "2" in "2-5 p.m." and for "11" in "11-1 p.m."."""
    if re.search(r"p\.?\s?m\b", right, re.IGNORECASE) and starts < 720 and starts + 720 < ends:
        return starts + 720
    return starts


def _minutes(written: str) -> tuple[int, bool]:
    """Minutes since midnight, and whether the half of the day is certain."""
    text = " ".join(written.lower().split())
    if text in _WORDS:
        return _WORDS[text], True
    digits = re.findall(r"\d+", text)
    if len(digits[0]) == 4:
        return int(digits[0][:2]) * 60 + int(digits[0][2:]), True
    hour, minute = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
    half = re.search(r"([ap])\.?\s?m\b|in the (m|a|e)", text)
    if half:
        return _half(hour, morning=half.group(1) == "a" or half.group(2) == "m") * 60 + minute, True
    # An hour past noon, two digits before the colon and the French "h" show a 24-hour style.
    return hour * 60 + minute, hour >= 13 or hour == 0 or len(digits[0]) == 2 or "h" in text


def _half(hour: int, *, morning: bool) -> int:
    if hour > 12:
        return hour
    return hour % 12 + (0 if morning else 12)


def _mark_echoes(found: list[Hours], text: str) -> list[Hours]:
    marked: list[Hours] = []
    for hours in found:
        before = text[marked[-1].end : hours.start] if marked else ""
        near = _ZONE_NEAR.match(text, hours.end) or re.search(rf"(?:{ZONE})[:\s]*$", before)
        if marked and len(before) < 40 and _ECHO.search(before) and near:
            marked.append(replace(hours, echo=True))
        else:
            marked.append(hours)
    return marked
