"""Time zones as people write them, to IANA names.

An abbreviation alone is accepted only if it has one usual meaning; CET, EET and WET follow the
links in the IANA database. The place of the hearing decides "BST" and "IST".
"""

import datetime
import re
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_ABBREVIATIONS = {
    "EDT": "America/New_York", "EST": "America/New_York", "ET": "America/New_York",
    "CDT": "America/Chicago", "CT": "America/Chicago", "MDT": "America/Denver",
    "MT": "America/Denver", "PDT": "America/Los_Angeles", "PST": "America/Los_Angeles",
    "PT": "America/Los_Angeles", "ADT": "America/Halifax", "AKDT": "America/Anchorage",
    "HST": "Pacific/Honolulu", "CET": "Europe/Brussels", "CEST": "Europe/Brussels",
    "EET": "Europe/Athens", "EEST": "Europe/Athens", "WET": "Europe/Lisbon",
    "WEST": "Europe/Lisbon", "MSK": "Europe/Moscow", "EAT": "Africa/Nairobi",
    "CAT": "Africa/Maputo", "WAT": "Africa/Lagos", "SAST": "Africa/Johannesburg",
    "PKT": "Asia/Karachi", "ICT": "Asia/Bangkok", "WIB": "Asia/Jakarta", "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong", "PHT": "Asia/Manila", "JST": "Asia/Tokyo", "KST": "Asia/Seoul",
    "AWST": "Australia/Perth", "ACST": "Australia/Darwin", "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland",
    "MEZ": "Europe/Berlin", "MESZ": "Europe/Berlin", "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires", "GMT": "UTC", "UTC": "UTC",
}  # fmt: skip
_BY_PLACE_ONLY = ("BST", "IST", "CST", "MST", "AST")
_SPELLED = {
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles", "atlantic": "America/Halifax",
    "central european": "Europe/Brussels", "eastern european": "Europe/Athens",
    "western european": "Europe/Lisbon", "greenwich mean": "UTC",
    "british summer": "Europe/London", "coordinated universal": "UTC",
    "east africa": "Africa/Nairobi", "west africa": "Africa/Lagos",
    "central africa": "Africa/Maputo", "japan standard": "Asia/Tokyo",
    "india standard": "Asia/Kolkata", "australian eastern": "Australia/Sydney",
    "uk": "Europe/London", "ny": "America/New_York", "nyc": "America/New_York",
    "new zealand": "Pacific/Auckland", "yukon": "America/Whitehorse",
    "newfoundland": "America/St_Johns", "saskatchewan": "America/Regina",
    "alaska": "America/Anchorage", "hawaii": "Pacific/Honolulu", "israel": "Asia/Jerusalem",
    "china": "Asia/Shanghai", "arabia standard": "Asia/Riyadh", "brussels": "Europe/Brussels",
}  # fmt: skip
# Cities without a zone of their own name in which meetings are frequent.
_CITIES = {
    "geneva": "Europe/Zurich", "genève": "Europe/Zurich", "ginebra": "Europe/Zurich",
    "bern": "Europe/Zurich", "lausanne": "Europe/Zurich", "nueva york": "America/New_York",
    "washington": "America/New_York", "boston": "America/New_York",
    "philadelphia": "America/New_York", "atlanta": "America/New_York",
    "miami": "America/New_York", "montreal": "America/Toronto", "montréal": "America/Toronto",
    "ottawa": "America/Toronto", "the hague": "Europe/Amsterdam", "rotterdam": "Europe/Amsterdam",
    "strasbourg": "Europe/Paris", "lyon": "Europe/Paris", "marseille": "Europe/Paris",
    "nantes": "Europe/Paris", "bruxelles": "Europe/Brussels", "bonn": "Europe/Berlin",
    "hamburg": "Europe/Berlin", "munich": "Europe/Berlin", "frankfurt": "Europe/Berlin",
    "milan": "Europe/Rome", "barcelona": "Europe/Madrid", "edinburgh": "Europe/London",
    "cardiff": "Europe/London", "belfast": "Europe/London", "manchester": "Europe/London",
    "birmingham": "Europe/London", "glasgow": "Europe/London", "new delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata", "beijing": "Asia/Shanghai", "wellington": "Pacific/Auckland",
    "canberra": "Australia/Sydney", "addis abeba": "Africa/Addis_Ababa",
    "cape town": "Africa/Johannesburg", "pretoria": "Africa/Johannesburg",
    "abuja": "Africa/Lagos", "yaoundé": "Africa/Douala", "rabat": "Africa/Casablanca",
    "brasília": "America/Sao_Paulo", "brasilia": "America/Sao_Paulo",
    "rio de janeiro": "America/Sao_Paulo", "bogotá": "America/Bogota",
    "ciudad de méxico": "America/Mexico_City", "são paulo": "America/Sao_Paulo",
    "quito": "America/Guayaquil", "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles", "asunción": "America/Asuncion", "hanoi": "Asia/Bangkok",
    "nur-sultan": "Asia/Almaty", "united nations headquarters": "America/New_York",
    "un headquarters": "America/New_York", "general assembly hall": "America/New_York",
    "un general assembly hall": "America/New_York", "palais des nations": "Europe/Zurich",
    "trusteeship council chamber": "America/New_York", "ecosoc chamber": "America/New_York",
    "economic and social council chamber": "America/New_York",
    "genf": "Europe/Zurich", "wien": "Europe/Vienna", "viena": "Europe/Vienna",
    "vienne": "Europe/Vienna", "женева": "Europe/Zurich", "женеве": "Europe/Zurich",
    "нью-йорк": "America/New_York", "нью-йорке": "America/New_York", "москва": "Europe/Moscow",
    "москве": "Europe/Moscow", "московскому": "Europe/Moscow", "мск": "Europe/Moscow",
    "вена": "Europe/Vienna", "вене": "Europe/Vienna", "минск": "Europe/Minsk",
    "минске": "Europe/Minsk", "санкт-петербург": "Europe/Moscow",
    "санкт-петербурге": "Europe/Moscow", "астана": "Asia/Almaty", "алматы": "Asia/Almaty",
    "найроби": "Africa/Nairobi", "جنيف": "Europe/Zurich", "نيويورك": "America/New_York",
    "القاهرة": "Africa/Cairo", "بيروت": "Asia/Beirut", "الرباط": "Africa/Casablanca",
    "الدار البيضاء": "Africa/Casablanca", "الجزائر العاصمة": "Africa/Algiers",
    "الرياض": "Asia/Riyadh", "مكة المكرمة": "Asia/Riyadh", "الدوحة": "Asia/Qatar",
    "أبوظبي": "Asia/Dubai", "دبي": "Asia/Dubai", "بغداد": "Asia/Baghdad",
    "دمشق": "Asia/Damascus", "فيينا": "Europe/Vienna", "نيروبي": "Africa/Nairobi",
    "المنامة": "Asia/Bahrain", "غرينتش": "UTC", "日内瓦": "Europe/Zurich",
    "纽约": "America/New_York", "北京": "Asia/Shanghai", "上海": "Asia/Shanghai",
    "香港": "Asia/Hong_Kong", "澳门": "Asia/Macau", "台北": "Asia/Taipei",
    "维也纳": "Europe/Vienna", "内罗毕": "Africa/Nairobi",
}  # fmt: skip
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
"""Pattern of everything that names a zone; for use inside other patterns, without groups."""
_ZONE = re.compile(ZONE, re.IGNORECASE)
_REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
# A street or a province of another country shares its name with the city.
_ELSEWHERE = re.compile(
    r"\b(?:Ontario|Texas|Kentucky|Ohio|Alabama|Georgia|Tennessee|Virginia|Maine|Illinois"
    r"|Florida|Oregon"
    r"|New Brunswick|Nova Scotia|Idaho|Connecticut|[A-Z]{2}\s+\d{5})\b"
)


# "Vienna International Centre" stands in Vienna; "Paris Street" need not stand in Paris.
_OF_CITY = re.compile(
    r"(?P<city>[\w’' -]+?)\s+(?:international\s+|city\s+|town\s+|convention\s+"
    r"|conference\s+)*(?:cent(?:re|er)|hall|headquarters|university|town\s+hall|city\s+hall)"
)


_OTHER_SCRIPTS = re.compile(
    "|".join(
        name if "\u4e00" <= name[0] <= "\u9fff" else rf"(?:(?<=\b[وبل])|\b){name}\b"
        for name in sorted(_CITIES, key=len, reverse=True)
        if name[0] > "\u0370"
    ),
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
    """Return the IANA name for "EDT", "New York time", "UTC+3"; None without a single meaning."""
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
    """The zones named in a text, with the place where each begins."""
    found = []
    for match in _ZONE.finditer(text):
        zone = zone_of_words(match.group())
        if zone:
            found.append((match.start(), zone))
    return found


def names_by_place(text: str) -> bool:
    """Whether only the place decides the first zone named, such as BST or MST."""
    first = _ZONE.search(text)
    return bool(first) and first.group() in _BY_PLACE_ONLY if first else False


def zone_of_place(venue: str) -> str | None:
    """The zone of the city that a venue names as a part of its own: "City Hall, Auckland 1010"."""
    if _ELSEWHERE.search(venue):
        return None
    # Chinese joins a city to its building, and Arabic a small word to a city.
    if named := _OTHER_SCRIPTS.search(venue):
        return _CITIES[named.group().lower()]
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
    """Whether two zones show the same time on that day, so that the place's own name is better."""
    days = [day] if day else [datetime.date(2024, 1, 15), datetime.date(2024, 7, 15)]
    noons = [datetime.datetime.combine(day, datetime.time(12)) for day in days]
    return all(ZoneInfo(place).utcoffset(noon) == ZoneInfo(zone).utcoffset(noon) for noon in noons)
