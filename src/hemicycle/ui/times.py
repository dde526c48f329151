"""Times and numbers as pages show them: in the hearing's zone, with a machine-readable form."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from hemicycle.procedure.clock import m_ss
from hemicycle.record import clock
from hemicycle.ui.languages import in_order, locale_of

# Seats of organizations that are not the city after which their zone is named.
_SEATS = {"Europe/Zurich": gettext_noop("Geneva")}
_ALL_DECIMALS = ".##########"


@cache
def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name; UTC for an empty one."""
    return ZoneInfo(name or "UTC")


def zone_name(name: str) -> str:
    """Return the name of a zone as people say it: "New York time"."""
    if name in {"", "UTC", "Etc/UTC"}:
        return gettext("UTC")
    city = gettext(_SEATS[name]) if name in _SEATS else _city(name, language())
    return city_time(city)


def city_time(city: str) -> str:
    """Return the name of a city's zone as people say it: "New York time"."""
    return gettext("%(city)s time") % {"city": city}


@cache
def _city(name: str, language: str) -> str:
    """Return the city of a zone in a language, as CLDR has it under any of the zone's names."""
    known = locale_of(language).time_zones
    names = (name, *_other_names().get(canonical_zone(name), ()))
    cities = (known.get(one, {}).get("city") for one in names)
    found = next(filter(None, cities), None)
    return found or name.rsplit("/", 1)[-1].replace("_", " ")


@cache
def _other_names() -> Mapping[str, list[str]]:
    others = defaultdict[str, list[str]](list)
    for other, name in get_global("zone_aliases").items():
        others[name].append(other)
    return others


def zone_of(hearing: object) -> str:
    """Return the IANA name in the `time_zone` of a hearing or another object, or a given name."""
    if isinstance(hearing, str):
        return hearing
    return str(getattr(hearing, "time_zone", "") or "UTC")


# ── The reader's own zone ─────────────────────────────────────────────────────────────────────
_reader_zone: ContextVar[str] = ContextVar("reader_zone", default="")


def canonical_zone(name: str) -> str:
    """Return CLDR's name of a zone that has several: "Asia/Kolkata" for "Asia/Calcutta"."""
    found: str = get_global("zone_aliases").get(name, name)
    return "UTC" if found == "Etc/UTC" else found


def zone_choices() -> list[tuple[str, str]]:
    """Return every zone except UTC, with its city in the reader's language, sorted by city.

    Zones without a place have their offset from UTC: "UTC+3" for "Etc/GMT-3".
    """
    return list(_zone_choices(language()))


@cache
def _zone_choices(language: str) -> tuple[tuple[str, str], ...]:
    names = {canonical_zone(name) for name in known_zones() if "/" in name} - {"UTC", "Etc/GMT"}
    said = [(name, _sea(name) or _city(name, language)) for name in names]
    return tuple(in_order(said, lambda pair: pair[1], language))


def _sea(name: str) -> str:
    hours = name.removeprefix("Etc/GMT")
    return "" if hours == name else f"UTC{-int(hours):+d}"


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


@contextmanager
def reading_in(name: str) -> Iterator[None]:
    """Set the reader's own time zone within a `with` block; an unknown name sets none."""
    before = _reader_zone.set(name if name in known_zones() else "")
    try:
        yield
    finally:
        _reader_zone.reset(before)


def reader_zone() -> str:
    """Return the IANA name of the reader's own zone; "" if it is not known."""
    return _reader_zone.get()


def own_time(
    moment: datetime, hearing: object, until: datetime | None = None, *, is_time: bool = False
) -> str:
    """Return a time as the reader's own clock shows it, "" if unknown or the same as the hearing's.

    With `is_time`, the page shows no day, so the day is given only if it differs. The script
    `time-format` gives the same time with the zone of the browser.
    """
    name = reader_zone()
    there = moment.astimezone(zone(zone_of(hearing)))
    own = moment.astimezone(zone(name)) if name else there
    if own.utcoffset() == there.utcoffset():
        return ""
    told = words(own, "time" if is_time and own.date() == there.date() else "short")
    if until is None:
        return told
    return f"{told}–{words(until.astimezone(zone(name)), 'time')}"


def iso(moment: datetime) -> str:
    """Return the moment in UTC for HTML's `datetime`, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def words(moment: datetime, kind: str = "full") -> str:
    """Return a local moment as the reader's language writes it, by CLDR, in 24 hours.

    `kind` is full, date, day, short, brief, time or seconds. The short kind, for tables, shows
    seconds if the moment has any. The brief kind is a date without its year.
    """
    is_exact = kind == "seconds" or (kind == "short" and moment.second)
    time = moment.strftime("%H:%M:%S" if is_exact else "%H:%M")
    if kind in {"time", "seconds"}:
        return time
    day = _date(moment, kind)
    return joined(day, time) if kind in {"full", "short"} else day


def _date(moment: datetime, kind: str) -> str:
    """Return a date by CLDR, with the French ordinal that it lacks: "1er janvier", "2 janvier".

    In Russian the word for "year" is written out, as the United Nations does: after its
    abbreviation, a sentence that ends with a date would have two full stops.
    """
    locale = locale_of(language())
    if kind in {"short", "brief"}:
        shown = format_skeleton("MMMd", moment, locale=locale)
    else:
        shown = format_date(moment, "long" if kind == "date" else "full", locale)
    if locale.language == "ru":
        return shown.replace("\u202fг.", "\u00a0года")
    is_first = locale.language == "fr" and moment.day == 1
    return shown.replace("1 ", "1er ", 1) if is_first else shown


def joined(day: str, time: str) -> str:
    """Return a day with a time, joined by CLDR: "5 July 2021, 17:00", "2021年7月5日 17:00"."""
    pattern = str(locale_of(language()).datetime_formats["long"])
    return pattern.replace("{1}", day).replace("{0}", time)


def one_stop(sentence: str) -> str:
    """Return a sentence that ends with a date, without a second full stop.

    A date may end with the full stop of an abbreviation, as in Bulgarian: "13 юли 2021 г.".
    """
    return sentence[:-1] if sentence.endswith("..") and not sentence.endswith("...") else sentence


def day(moment: datetime, hearing: object) -> str:
    """Return a date in the hearing's zone: "13 July 2021"."""
    return words(moment.astimezone(zone(zone_of(hearing))), "date")


def when(moment: datetime, hearing: object) -> str:
    """Return a date, time and zone for a letter: "13 July 2021, 10:00 (New York time)".

    `{% moment %}` writes the same for a page, with the day of the week.
    """
    name = zone_of(hearing)
    local = moment.astimezone(zone(name))
    told = joined(words(local, "date"), words(local, "time"))
    return zoned(told, name)


def zoned(told: str, name: str) -> str:
    """Return a time with its zone: "10:00 (New York time)"."""
    # Translators: a time and its zone. Chinese has wide brackets.
    return gettext("%(when)s (%(zone)s)") % {"when": told, "zone": zone_name(name)}


def in_utc(ms: int | str) -> str:
    """Return a time in UTC as tables of the record show it in every language.

    `ms` counts from the Unix epoch. Seconds are shown if there are any: "2021-07-13 14:00 UTC".
    """
    moment = clock.from_ms(int(ms))
    return f"{sortable(moment, UTC, seconds=bool(moment.second))} UTC"


def sortable(moment: datetime | None, zone: tzinfo, *, seconds: bool = False) -> str:
    """Return a date with its time as spreadsheets sort it, "2021-07-13 14:00"; "" for none."""
    if moment is None:
        return ""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def duration(ms: float) -> str:
    """Return a duration in figures, rounded to the second: m:ss, from an hour on h:mm:ss."""
    total = round(abs(ms) / 1000)
    hours, rest = divmod(total, 3600)
    if hours:
        return f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return m_ss(rest)


def in_words(ms: float) -> str:
    """Return a duration in words: "3 minutes", "1 minute 30 seconds", "2 hours"."""
    total = round(abs(ms) / 1000)
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours})
    if minutes:
        parts.append(ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes})
    if seconds or not parts:
        parts.append(ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds})
    return format_list(parts, "unit-narrow", locale_of(language()))


def left_until(moment: datetime, now: datetime) -> str:
    """Return the time until a deadline: "closes in 3 days", "closed 2 hours ago"."""
    seconds = (moment - now).total_seconds()
    if seconds <= 0:
        return gettext("closed %(time)s ago") % {"time": _roughly(-seconds)}
    return gettext("closes in %(time)s") % {"time": _roughly(seconds)}


def _roughly(seconds: float) -> str:
    if seconds >= 2 * 86400:
        return ngettext("%(n)s day", "%(n)s days", n := int(seconds // 86400)) % {"n": number(n)}
    if seconds >= 2 * 3600:
        return ngettext("%(n)s hour", "%(n)s hours", n := int(seconds // 3600)) % {"n": n}
    if seconds >= 120:
        return ngettext("%(n)s minute", "%(n)s minutes", n := int(seconds // 60)) % {"n": n}
    return ngettext("%(n)s second", "%(n)s seconds", n := int(seconds)) % {"n": n}


def number(value: float, places: int | None = None) -> str:
    """Return a number in the reader's language, with separators of thousands."""
    whole = isinstance(value, int) or float(value).is_integer()
    decimals = ("" if whole else _ALL_DECIMALS) if places is None else f".{'0' * places}"
    return format_decimal(value, f"#,##0{decimals}", locale_of(language()))


def language() -> str:
    """Return the language of the page that is being written."""
    return get_language() or "en"
