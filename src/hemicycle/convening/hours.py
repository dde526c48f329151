"""Times of day and spans of time in running text, 12- and 24-hour.

These forms are read: "10 a.m. to 1 p.m.", "2-5 pm" (the mark counts for both), "10:00-13:00",
"9.30 am", "noon", "1400 hrs", "de 10 h à 12 h 30", "14.00 Uhr", "às 9h", "в 15 часов",
"下午2时30分", "الساعة العاشرة صباحاً". A bare number is a time only inside such a span. A time
that is repeated for another zone, "10:00 (16:00 CEST)", is marked as an echo.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from hemicycle.convening import languages
from hemicycle.convening.dates import han_number
from hemicycle.convening.document import LONGEST
from hemicycle.convening.languages import alternatives, fold, language, names_of
from hemicycle.convening.zones import ZONE

_WORDS = names_of("noon") | {"12 noon": 720, "12 midday": 720, "12 midnight": 1440}
"""Words for times of day. Noon in Arabic is also "after noon", so there it needs its hour."""
_NOON = alternatives([word for word in _WORDS if word != "الظهر"])
_NUMBERS = names_of("numbers")
_LATIN_NUMBER = alternatives([word for word in _NUMBERS if word.isascii()])
_MERIDIEM = r"(?:[ap]\.?\s?m\b\.?)"
_HALF = (
    rf"(?:{_MERIDIEM}|{alternatives(language('en').table['morning'])}"
    r"|(?:de\s+la|da|du|de\s+l')\s*(?:mañana|tarde|noche|manhã|noite|matin|après-midi|soir)\b"
    r"|(?:утра|дня|вечера)\b"
    rf"|(?:{language('ar').pieces('morning')}|{language('ar').pieces('afternoon')}))"
)
_HOUR = "|".join(language(code).pieces("hour") for code in ("de", "es", "pt", "ru"))
_HAN = r"[〇零一二三四五六七八九十两]"
_HAN_HALF = f"(?:{language('zh').pieces('morning')}|{language('zh').pieces('afternoon')})"
_CHINESE = (
    rf"(?:{_HAN_HALF}\s*)?(?:\d{{1,2}}|{_HAN}{{1,3}})\s*[时時点點](?![间間期])"
    rf"(?:\s*(?:(?:\d{{1,2}}|{_HAN}{{1,3}})\s*分|\d\d(?!\d)|半|整))?"
    rf"|{_HAN_HALF}\s*\d{{1,2}}:[0-5]\d"
)
_ARABIC = (
    rf"(?:الساعة\s+)?(?:{alternatives(list(_NUMBERS))})(?:\s+و\s?(?:ال)?(?:نصف|ربع|ثلث)(?:\s+ساعة)?)?"
    rf"\s+(?:من\s+)?{_HALF}"
    rf"|الساعة\s+(?:{alternatives([word for word in _NUMBERS if word.startswith('ال')])})"
    r"(?:\s+و\s?(?:ال)?(?:نصف|ربع|ثلث))?(?!\w)"
    rf"|الساعة\s+(?:[01]?\d|2[0-4])(?:[:.h][0-5]\d)?(?![\d/])(?:\s?{_HALF})?"
)
_DURATION = r"(?!\s+(?:antes|de\s+ante|de\s+antic|d'avance|avant|до\s+начала|before|vor\b|hábiles))"
_FULL = (
    rf"{_CHINESE}|{_ARABIC}|(?:12\s+)?(?:{_NOON})\b"
    rf"|(?:[01]?\d|2[0-4])(?:\s?[:.h]\s?[0-5]\d)?(?:\s?(?:horas|hrs|h))?\s?{_HALF}"
    r"|(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?!\d)(?:\s?(?:hrs|hours|h|uhr|noon|horas?|hs|ч)\b\.?)?"
    r"|(?:[01]?\d|2[0-4])\s?h(?:eures?)?(?:\s?[0-5]\d(?:\s?min\b)?)?\b(?!\w)"
    r"|(?:[01]\d|2[0-4])[0-5]\d\s?(?:hrs|hours|h)\b"
    r"|(?:[01]?\d|2[0-4])\.[0-5]\d\s?(?:hrs|hours|h|uhr|horas?|ч)\b"
    rf"|(?:[01]?\d|2[0-4])\s?(?:{_HOUR})"
    rf"(?:\s+(?:e\s+|y\s+)?[0-5]\d\s?(?:min\w*|мин\w*|м)\b\.?|\s[0-5]\d\b)?{_DURATION}"
    rf"|(?<=\b[aà]\s)(?:{_LATIN_NUMBER})\s+heures(?:\s+trente)?"
    rf"|(?<=\blas\s)(?:{_LATIN_NUMBER})\s+(?:horas|de\s+la\s+\w+)"
    r"|(?:1[0-2]|[1-9])\s+o'clock(?:\s+in\s+the\s+(?:morning|afternoon|evening))?"
)
_DOTTED = (
    r"(?:[01]?\d|2[0-4])[.:][0-5]\d(?!\d|\.\d|\s?%)(?:\s?ч\b\.?)?"
    r"|(?<=[свдо]\s)(?:[01]?\d|2[0-3])-[0-5]\d(?![\d-])(?:\s?ч\b\.?)?"
)
_BARE = r"(?:[01]?\d|2[0-4])(?![\d.:/%])"
_GAP = rf"(?:\s*\(?(?:{ZONE})\)?)?"
_TO = (
    rf"{_GAP}\s*(?:-|–|—|\b(?:and|aux?|al|y|e|et|und|и)\b|(?:{languages.anywhere('to')}))\s*"
    r"(?:(?:les?|las?|el|as|às)\s+)?"
)
_MARKED = (
    rf"(?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?\s?(?:{_HALF}|(?:{_HOUR}))|12\s+noon|noon\b"
    r"|(?:[01]?\d|2[0-4])\s?h(?:eures?)?\b(?:\s?[0-5]\d)?"
)
_SPAN = re.compile(
    rf"(?<![\d/.:£$€-])(?:(?P<a>{_FULL})(?P<sep1>{_TO})(?P<b>{_FULL}|{_DOTTED})"
    rf"|(?P<c>(?:{_DOTTED}))(?P<sep2>{_TO})(?P<d>{_FULL}|{_DOTTED})"
    rf"|\b(?P<e>{_BARE})(?P<sep3>{_TO})(?P<f>{_MARKED}))",
    re.IGNORECASE,
)
_SINGLE = re.compile(rf"(?<![\d/.:£$€-])(?:{_FULL})", re.IGNORECASE)
_SINGLE_DOTTED = re.compile(
    rf"(?<!\w)(?:at|from|by|until|till|before|à|a\s+las|às|das|as|в|с|до|um|ab|начало(?:\s+в)?)\s+"
    rf"(?P<t>{_DOTTED})(?!\d|\s?(?:million|billion|per)|\s+по\b)",
    re.IGNORECASE,
)
_TIMELY = re.compile(rf"\d|{_NOON}|الساعة|[时時点點]|heures|horas|de\s+la\s+\w+", re.IGNORECASE)
MOST = 60
"""The most times that are read in one sentence; a text with more is a timetable, not a note."""
_BETWEEN = re.compile(r"\b(?:between|zwischen|между)\s+$|\bentre\s+(?:l?[ae]s\s+)?$", re.IGNORECASE)
_SPELLED_AND = re.compile(r"\b(?:and|y|et|e|und|и)\b", re.IGNORECASE)
_ECHO = re.compile(rf"(?:\(|/|=|\bor\b)\s*(?:{ZONE})?[:\s]*$", re.IGNORECASE)
_ZONE_NEAR = re.compile(rf"\s*\(?(?:{ZONE}|in\s+(?-i:[A-Z])\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hours:
    """A time of day or a span, in minutes since midnight (0 to 1440), at `text[start:end]`.

    `ends` is None for a single time. `echo` marks a repetition of the same time in another zone.
    `sure` is False if neither a.m./p.m. nor a 24-hour style decides the half of the day ("3:00").
    """

    start: int
    end: int
    starts: int
    ends: int | None = None
    echo: bool = False
    sure: bool = True


def hours_in(text: str) -> list[Hours]:
    """Return the times and spans in the first `LONGEST` characters of a text, left to right."""
    return list(_hours_in(text[:LONGEST]))


@lru_cache(maxsize=8192)
def _hours_in(text: str) -> tuple[Hours, ...]:
    if not _TIMELY.search(text):
        return ()
    text = fold(text)
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
    """Return minutes since midnight as "HH:MM"; the end of the day is 23:59 of the same day."""
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
    # In "10:00-1:00" without a mark, the end can only be in the afternoon.
    if ends <= starts and ends < 720 and not _marked(right):
        ends += 720
    if ends <= starts:
        return None
    return Hours(match.start(), match.end(), starts, ends, sure=left_sure and right_sure)


_MORNING = re.compile(
    rf"\ba\.?\s?m\b|in\s+the\s+morning|mañana|manhã|matin|утра|صباح|(?<=[\d\s])ص|{language('zh').pieces('morning')}",
    re.IGNORECASE,
)
_AFTERNOON = re.compile(
    rf"(?<![a-z])p\.?\s?m\b|(?<=\d)pm\b|in\s+the\s+(?:afternoon|evening)|tarde|noche|noite|après-midi|soir|дня|вечера"
    rf"|مساء|ظهر|زوال|عصر|ليل|(?<=[\d\s])م(?!\w)|{language('zh').pieces('afternoon')}",
    re.IGNORECASE,
)
_AM = re.compile(r"(?<![a-z])a\.?\s?m\b", re.IGNORECASE)


def _marked(written: str) -> bool:
    """Whether a time names its half of the day."""
    return bool(
        _AM.search(written) or _MORNING.search(written) or _AFTERNOON.search(written)
    ) or bool(re.search(r"noon|midday|midnight", written, re.IGNORECASE))


def _borrow(starts: int, ends: int, right: str) -> int:
    """Return the start of a span, in the half of the day that its end suggests.

    For "2-5 p.m." the start is 2 p.m., for "11-1 p.m." it is 11 a.m.
    """
    if _AFTERNOON.search(right) and starts < 720 and starts + 720 < ends:
        return starts + 720
    return starts


def _minutes(written: str) -> tuple[int, bool]:
    """Return minutes since midnight, and whether the half of the day is certain."""
    text = " ".join(written.lower().split())
    if text in _WORDS:
        return _WORDS[text], True
    hour, minute, compact = _digits(text)
    if compact:
        return hour * 60 + minute, True
    morning = bool(_AM.search(text) or _MORNING.search(text))
    if morning or _AFTERNOON.search(text):
        return _half(hour, morning=morning) * 60 + minute, True
    # An hour after 12, two digits before the colon or a word for "hours" show a 24-hour style.
    styled = bool(re.search(r"h|[时時点點]|ч|hs", text)) or len(re.split(r"\D", text)[0]) == 2
    return hour * 60 + minute, hour >= 13 or hour == 0 or styled


def _digits(text: str) -> tuple[int, int, bool]:
    """Return the hour and minute of a time, and whether it is written as "1400".

    The time may be in digits, numerals or words.
    """
    han = [han_number(number) for number in re.findall(rf"\d+|{_HAN}+", text.replace("两", "二"))]
    if re.search(r"[时時点點]", text):
        minute = 30 if "半" in text else han[1] if len(han) > 1 else 0
        return han[0], minute, False
    digits = re.findall(r"\d+", text)
    if digits and len(digits[0]) == 4:
        return int(digits[0][:2]), int(digits[0][2:]), True
    if digits:
        return int(digits[0]), int(digits[1]) if len(digits) > 1 else 0, False
    named = next(
        number for word, number in _BY_LENGTH if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
    )
    minute = next((part for word, part in _PARTS.items() if word in text), 0)
    return named, minute, False


_PARTS = {"نصف": 30, "trente": 30, "media": 30, "ربع": 15, "ثلث": 20}
_BY_LENGTH = sorted(_NUMBERS.items(), key=lambda pair: -len(pair[0]))


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
