"""Time zones as people write them, converted to IANA names.

An abbreviation alone is accepted only if it has one usual meaning; CET, EET and WET follow the
links in the IANA database. The place of the hearing decides what "BST" and "IST" mean.
"""

import datetime
import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from hemicycle.convening.languages import fold, names_of, zone_names

_ABBREVIATIONS = zone_names("abbreviations")
_BY_PLACE_ONLY = ("BST", "IST", "CST", "MST", "AST")
_SPELLED = zone_names("words")
# Cities of CLDR, and others in which hearings are frequent.
_CITIES: dict[str, str] = {
    **names_of("cities"),
    **{fold(name): zone for name, zone in zone_names("places").items()},
}
_OFFSET = r"(?:UTC|GMT)\s?[+\-−–]\s?\d{1,2}(?::?\d{2})?"
_ABBREVIATED = rf"(?-i:\b(?:{'|'.join([*_ABBREVIATIONS, *_BY_PLACE_ONLY])})\b)"
_QUALIFIER = r"(?:\s+(?:daylight|standard|summer|local))?(?:\s+saving(?:s)?)?"
_IN_WORDS = (
    rf"\b(?:{'|'.join(sorted(_SPELLED, key=len, reverse=True))}){_QUALIFIER}\s+time\b"
    r"|(?-i:\b[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)?)(?:\s+(?:local|standard|summer))?\s+time\b"
    r"|\b(?:heure|hora|hor[áa]rio)\s+(?:de|d[’']|del?)\s*"
    r"(?-i:[A-ZÀ-Ý][\w’'-]+(?:\s+[A-Z][\w’'-]+)?)"
    r"|(?:по\s+)?московскому\s+времени|\bмск\b|北京时间"
    r"|بتوقيت\s+(?:مكة\s+المكرمة|الدار\s+البيضاء|\w+)"
)
ZONE = rf"{_OFFSET}|{_ABBREVIATED}|{_IN_WORDS}"
"""A pattern of everything that names a zone, without groups, for use inside other patterns."""
_ZONE = re.compile(ZONE, re.IGNORECASE)
_REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
# A province or state of another country may have a city of the same name.
_ELSEWHERE = re.compile(
    r"\b(?:Ontario|Texas|Kentucky|Ohio|Alabama|Georgia|Tennessee|Virginia|Maine|Illinois"
    r"|Florida|Oregon"
    r"|New Brunswick|Nova Scotia|Idaho|Connecticut|[A-Z]{2}\s+\d{5})\b"
)


# "Vienna International Centre" is in Vienna; "Paris Street" need not be in Paris.
_OF_CITY = re.compile(
    r"(?P<city>[\w’' -]+?)\s+(?:international\s+|city\s+|town\s+|convention\s+"
    r"|conference\s+)*(?:cent(?:re|er)|hall|headquarters|university|town\s+hall|city\s+hall)"
)


_ENDINGS = "аеийоуыьэюя"
_STEMS: dict[str, str] = {
    name.rstrip(_ENDINGS): zone for name, zone in _CITIES.items() if name[0] > "\u0370"
}
"""Cities in other scripts, without the final vowels that change with the case in Russian."""
_STEM = "|".join(sorted(map(re.escape, _STEMS), key=len, reverse=True))
# Chinese joins a city to its building; Arabic joins a small word to a city, Russian an ending.
_OTHER_SCRIPTS = re.compile(
    rf"(?:(?<![^\W\u0620-\u064a])|(?<=\b[وبل]))(?P<city>{_STEM})"
    rf"(?:(?<=[\u4e00-\u9fff])|[{_ENDINGS}]{{0,2}}\b)",
    re.IGNORECASE,
)


@cache
def _cities() -> dict[str, str]:
    named = dict(_CITIES)
    for zone in available_timezones():
        region, _, city = zone.partition("/")
        if region in _REGIONS and city and city.count("/") < 2:
            named.setdefault(city.rpartition("/")[2].replace("_", " ").lower(), zone)
    return named


def zone_of_words(written: str) -> str | None:
    """Return the IANA name for "EDT", "New York time", "UTC+3"; None if it has several meanings."""
    text = " ".join(written.split())
    offset = re.fullmatch(r"(?:UTC|GMT)\s?([+\-−–])\s?(\d{1,2})(?::?(\d{2}))?", text, re.IGNORECASE)
    if offset:
        return _fixed(offset)
    if text.upper() in _ABBREVIATIONS:
        return _ABBREVIATIONS[text.upper()]
    name = re.sub(
        r"^(?:heure|hora|hor[áa]rio)\s+(?:del?\s+|d[’'])|^по\s+|\s+времени$|时间$|^بتوقيت\s+"
        r"|\s+time$",
        "",
        text.lower(),
    )
    name = re.sub(r"(?:\s+(?:daylight|standard|summer|local|savings?))+$", "", name)
    return _SPELLED.get(name) or _cities().get(name)


def _fixed(offset: re.Match[str]) -> str | None:
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    if minutes or hours > 14:
        return None
    # The signs of Etc/GMT zones are reversed: Etc/GMT-3 is three hours ahead of Greenwich.
    sign = "-" if offset[1] == "+" else "+"
    return f"Etc/GMT{sign}{hours}" if hours else "UTC"


def zones_in(text: str) -> list[tuple[int, str]]:
    """Return the zones that a text names, each with its position."""
    found = []
    for match in _ZONE.finditer(text):
        zone = zone_of_words(match.group())
        if zone:
            found.append((match.start(), zone))
    return found


def zone_of_place(venue: str) -> str | None:
    """Return the zone of the city that is a part of a venue: "City Hall, Auckland 1010"."""
    if _ELSEWHERE.search(venue):
        return None
    if named := _OTHER_SCRIPTS.search(venue):
        return _STEMS[named["city"].lower()]
    parts = re.split(r"[,;()\n–]|\s[-—]\s|\b(?:in|at|à|en)\s", venue)
    for part in reversed(parts):
        name = (
            re.sub(r"\b[A-Z]*\d[\w-]*\b|\bD\.?C\.?(?=\W|$)|\bCity$", "", part).strip(" .").lower()
        )
        named = _OF_CITY.fullmatch(name)
        zone = _cities().get(name) or (named and _cities().get(named["city"]))
        if zone:
            return zone
    return None


def agree(place: str, zone: str, day: datetime.date | None) -> bool:
    """Return whether two zones show the same time on that day.

    The place's own zone is then the better name.
    """
    days = [day] if day else [datetime.date(2024, 1, 15), datetime.date(2024, 7, 15)]
    noons = [datetime.datetime.combine(day, datetime.time(12)) for day in days]
    return all(ZoneInfo(place).utcoffset(noon) == ZoneInfo(zone).utcoffset(noon) for noon in noons)
