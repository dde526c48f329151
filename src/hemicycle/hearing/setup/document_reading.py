"""Read a hearing's document: check its keys, then the rules between them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext as _

from hemicycle import ssrf_guard
from hemicycle.hearing.setup import balance
from hemicycle.hearing.setup.document import (
    HEARING,
    LAST_SECOND,
    MOST_WITNESSES,
    timed,
    translated_rows,
)
from hemicycle.hearing.setup.models import NOBODY
from hemicycle.hearing.setup.schema import Document, InvalidDocument, Path, Validation
from hemicycle.hearing.setup.tracks import MOST_TRACKS, default_tracks
from hemicycle.record.log import notes
from hemicycle.ui import territories
from hemicycle.ui.languages import listed
from hemicycle.ui.words import speaks, tidy

LONGEST_MEETING = timedelta(hours=14)
YEARS = range(1945, 2200)
"""The years in which a hearing can be held; at the calendar's limits, arithmetic would fail."""


def read(data: Any) -> Document:
    """Return a complete document from `data`, its times as local datetimes in the hearing's zone.

    Raises `InvalidDocument` with every problem, each at its place.
    """
    validation = Validation()
    document: Document = HEARING.check(validation, (), data)
    if not validation.problems:
        _give_tracks(document)
    if not validation.problems:
        for row, _at in translated_rows(document):
            row["translations"] = tidy(row["translations"])
        _check_zone(validation, document)
        _place_times(validation, document)
    if not validation.problems:
        _check_programme(validation, document)
        _check_rules(validation, document)
    if validation.problems:
        raise InvalidDocument(validation.problems)
    document["deadlines"].sort(key=lambda deadline: (deadline["closes"], deadline["track"]))
    return document


def _give_tracks(document: Document) -> None:
    """Add default tracks if the hearing names none, and add missing tracks to the rule of merging.

    If the rule has counts, it is not completed.
    """
    document["tracks"] = document["tracks"] or default_tracks()
    merge = document["merge"]
    if not merge["counts"]:
        keys = [track["key"] for track in document["tracks"]]
        named = merge["tracks"]
        merge["tracks"] = [*named, *(key for key in keys if key not in named)]


def _check_zone(validation: Validation, document: Document) -> None:
    zone = document["time_zone"]
    if zone and zone not in available_timezones():
        near = _nearest_zone(zone)
        hint = _(" Did you mean “%(near)s”?") % {"near": near} if near else ""
        sentence = _("The time zone “%(zone)s” is not known. Use a name such as America/New_York.")
        validation.refuse(("time_zone",), sentence % {"zone": zone} + hint)
    elif not zone and (
        document["meetings"] or document["deadlines"] or document["statements"]["closes"]
    ):
        validation.refuse(("time_zone",), _("Times need a time zone, such as America/New_York."))


def _nearest_zone(zone: str) -> str:
    wanted = zone.casefold().replace(" ", "_")
    cities = {name.casefold().rsplit("/", 1)[-1]: name for name in sorted(available_timezones())}
    return cities.get(wanted.rsplit("/", 1)[-1], "")


def _place_times(validation: Validation, document: Document) -> None:
    zone = (
        ZoneInfo(document["time_zone"])
        if not validation.problems and document["time_zone"]
        else UTC
    )
    for index, deadline in enumerate(document["deadlines"]):
        at: Path = ("deadlines", index, "closes")
        deadline["closes"] = _local(validation, at, deadline["closes"], None, zone)
    statements = document["statements"]
    if statements["closes"]:
        at = ("statements", "closes")
        statements["closes"] = _local(validation, at, statements["closes"], None, zone)
    for index, meeting in enumerate(document["meetings"]):
        place: Path = ("meetings", index)
        for row, path in timed(meeting, place):
            for key in ("starts", "ends"):
                row[key] = _local(validation, (*path, key), row[key], meeting["date"], zone)


def _local(
    validation: Validation, at: Path, value: Any, on: date | None, zone: tzinfo
) -> datetime | None:
    """Return `value` as a local datetime without zone; refuse a time that the clocks skip."""
    told = on if isinstance(value, time) else value
    if isinstance(told, date) and told.year not in YEARS:
        sentence = _("The year %(year)d is out of range. Use a year from %(first)d to %(last)d.")
        years = {"year": told.year, "first": YEARS[0], "last": YEARS[-1]}
        validation.refuse(at, sentence % years)
        return None
    if isinstance(value, datetime):
        local = value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
    elif isinstance(value, time) and on is not None:
        local = datetime.combine(on, value)
    elif isinstance(value, date) and on is None:
        local = datetime.combine(value, LAST_SECOND)
    else:
        sentence = (
            _("A deadline must be a day, or a day and a time, such as 2021-07-05T17:00:00.")
            if on is None
            else _("This must be a time, such as 10:00:00, or a day and a time.")
        )
        validation.refuse(at, sentence)
        return None
    local = local.replace(microsecond=0, fold=0)
    back = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back != local:
        sentence = _(
            "%(time)s does not exist in this time zone on that day because the clocks change."
        )
        validation.refuse(at, sentence % {"time": local.isoformat(" ")})
    return local


def _check_programme(validation: Validation, document: Document) -> None:
    meetings = document["meetings"]
    for index, meeting in enumerate(meetings):
        at: Path = ("meetings", index)
        if meeting["starts"].date() != meeting["date"]:
            validation.refuse((*at, "starts"), _("The meeting must start on the day set for it."))
        _check_order(validation, meeting, at)
        for number, segment in enumerate(meeting["segments"]):
            place: Path = (*at, "segments", number)
            _check_order(validation, segment, place)
            if not meeting["starts"] <= segment["starts"] <= segment["ends"] <= meeting["ends"]:
                _refuse_outside(validation, place, segment, meeting)
        _check_overlap(validation, meeting["segments"], (*at, "segments"))
    _check_overlap(validation, meetings, ("meetings",))


def _check_order(validation: Validation, item: dict[str, Any], at: Path) -> None:
    if item["ends"] <= item["starts"]:
        sentence = _("“%(title)s” ends at %(ends)s, which is not after its start at %(starts)s.")
        validation.refuse((*at, "ends"), sentence % _told(item))
    elif item["ends"] - item["starts"] > LONGEST_MEETING:
        sentence = _("“%(title)s” would last from %(starts)s to %(ends)s, more than 14 hours.")
        validation.refuse((*at, "ends"), sentence % _told(item))


def _refuse_outside(
    validation: Validation, at: Path, segment: dict[str, Any], meeting: dict[str, Any]
) -> None:
    sentence = _(
        "“%(title)s” (%(starts)s to %(ends)s) does not lie within its meeting, which runs from "
        "%(from)s to %(to)s."
    )
    within = {"from": f"{meeting['starts']:%H:%M}", "to": f"{meeting['ends']:%H:%M}"}
    validation.refuse((*at, "starts"), sentence % {**_told(segment), **within})


def _check_overlap(validation: Validation, items: list[dict[str, Any]], at: Path) -> None:
    for index, (first, second) in enumerate(pairwise(items), start=1):
        if second["starts"] < first["ends"]:
            sentence = _(
                "“%(title)s” starts at %(starts)s, before “%(before)s” has ended at %(until)s. "
                "Items are listed in the order of their times and may not overlap."
            )
            earlier = {"before": first["title"], "until": f"{first['ends']:%H:%M}"}
            validation.refuse((*at, index, "starts"), sentence % {**_told(second), **earlier})


def _told(item: dict[str, Any]) -> dict[str, str]:
    return {
        "title": item["title"] or _("Meeting"),
        "starts": f"{item['starts']:%H:%M}",
        "ends": f"{item['ends']:%H:%M}",
    }


def _check_rules(validation: Validation, document: Document) -> None:
    _check_deadlines(validation, document)
    _check_tracks(validation, document)
    _check_merge(validation, document["merge"])
    for place, sentence in balance.problems(document):
        validation.refuse(("balance", *place), sentence)
    _once(validation, "categories", "key", document["categories"])
    for index, category in enumerate(document["categories"]):
        if not category["key"]:
            validation.refuse(
                ("categories", index, "key"), _("Each category needs a key of its own.")
            )
    _check_languages(validation, document)
    _check_places(validation, document["places"])
    floor = document["floor"]
    shortest = min(
        limit
        for limit in (
            *(floor[f"{kind}_seconds"] for kind in ("time_limit", "high_level", "joint")),
            *(track["limit_seconds"] for track in document["tracks"]),
        )
        if limit is not None
    )
    if floor["warning_seconds"] >= shortest:
        sentence = _("The warning must come before the limit of %(limit)d seconds is reached.")
        at: Path = ("floor", "warning_seconds")
        validation.refuse(at, sentence % {"limit": shortest})
    _check_panellists(validation, document["meetings"], floor["warning_seconds"])
    _check_chairs(validation, document["meetings"], floor["warning_seconds"])
    _check_witnesses(validation, document)


_CODE = re.compile(r"[A-Z]{2}")


def _check_places(validation: Validation, places: list[dict[str, Any]]) -> None:
    for index, place in enumerate(places):
        at: Path = ("places", index)
        if not _CODE.fullmatch(place["code"]):
            sentence = _(
                "“%(code)s” is not a country code. Use two capital letters, as in ISO 3166-1."
            )
            validation.refuse((*at, "code"), sentence % {"code": place["code"]})
        elif not place["names"] and place["code"] not in territories.names("en"):
            sentence = _("Give “%(code)s” a name: ISO 3166-1 has none for it.")
            validation.refuse((*at, "names"), sentence % {"code": place["code"]})
        for tag in place["names"]:
            if not _is_language(tag):
                sentence = _("“%(tag)s” is not a language tag. Use a tag such as en or zh-Hans.")
                validation.refuse((*at, "names", tag), sentence % {"tag": tag})
    _once(validation, "places", "code", places)


def _check_languages(validation: Validation, document: Document) -> None:
    first = document["original_language"]
    tags: list[tuple[Path, str]] = [
        (("languages", index), tag) for index, tag in enumerate(document["languages"])
    ]
    tags += [(("original_language",), first)] if first else []
    for row, at in translated_rows(document):
        for tag in row["translations"]:
            tags.append(((*at, "translations", tag), tag))
            if first and speaks(tag, first):
                sentence = _(
                    "The original is already in this language (%(tag)s). Remove this translation."
                )
                validation.refuse((*at, "translations", tag), sentence % {"tag": tag})
    for at, tag in tags:
        if not _is_language(tag):
            sentence = _("“%(tag)s” is not a language tag. Use a tag such as en or zh-Hans.")
            validation.refuse(at, sentence % {"tag": tag})


def _check_witnesses(validation: Validation, document: Document) -> None:
    named = document["witnesses"]
    for index, witness in enumerate(named):
        if not _is_cosigner(witness["vkey"]):
            sentence = _(
                "This is not the key of a witness. Copy it as the witness prints it, such as "
                "witness.example+1a2b3c4d+B…"
            )
            validation.refuse(("witnesses", index, "vkey"), sentence)
        try:
            if witness["url"]:
                ssrf_guard.check(witness["url"])
        except ssrf_guard.Forbidden as forbidden:
            validation.refuse(("witnesses", index, "url"), str(forbidden))
    _once(validation, "witnesses", "name", named)
    _once(validation, "witnesses", "vkey", named)
    if len(named) > MOST_WITNESSES:
        sentence = _("A hearing has at most %(most)d witnesses.")
        validation.refuse(("witnesses",), sentence % {"most": MOST_WITNESSES})
    if document["witnesses_asked"] > len(named):
        sentence = _(
            "Witnesses required: %(asked)d. Witnesses named: %(named)d. Name more, or "
            "require fewer."
        )
        told = {"asked": document["witnesses_asked"], "named": len(named)}
        validation.refuse(("witnesses_asked",), sentence % told)


def _is_cosigner(vkey: str) -> bool:
    try:
        return notes.VerifierKey.parse(vkey).type == notes.COSIGNATURE
    except notes.InvalidNote:
        return False


def _check_panellists(validation: Validation, meetings: list[dict[str, Any]], warning: int) -> None:
    """Refuse a panellist's limit that leaves no time before the warning."""
    for number, meeting in enumerate(meetings):
        for position, segment in enumerate(meeting["segments"]):
            for seat, member in enumerate(segment["members"]):
                if member["role"] == "panellist" and member["limit_seconds"] <= warning:
                    sentence = _(
                        "%(name)s has %(limit)d seconds, and the warning is %(warning)d "
                        "seconds before the limit. Allow more time, or shorten the warning in "
                        "the rules of the floor."
                    )
                    told = {"name": member["name"], "limit": member["limit_seconds"]}
                    at = ("meetings", number, "segments", position, "members", seat)
                    validation.refuse(
                        (*at, "limit_seconds"), sentence % {**told, "warning": warning}
                    )


def _check_chairs(validation: Validation, meetings: list[dict[str, Any]], warning: int) -> None:
    """Refuse a chair's limit that is not longer than the warning, and a chair with another role."""
    for number, meeting in enumerate(meetings):
        for position, segment in enumerate(meeting["segments"]):
            here: Path = ("meetings", number, "segments", position)
            limit = segment["chair_seconds"]
            if limit is not None and limit <= warning:
                sentence = _(
                    "The chair has %(limit)d seconds, and the warning is %(warning)d seconds "
                    "before the limit. Allow more time, or shorten the warning in the rules of "
                    "the floor."
                )
                values = {"limit": limit, "warning": warning}
                validation.refuse((*here, "chair_seconds"), sentence % values)
            seated = [row for row in segment["members"] if row["name"] != NOBODY]  # not erased
            others = {row["name"] for row in seated if row["role"] != "chair"}
            for seat, member in enumerate(segment["members"]):
                if member["role"] == "chair" and member["name"] in others:
                    sentence = _(
                        "%(name)s has another role in this segment. A moderator who chairs it "
                        "needs no place as its chair."
                    )
                    at = (*here, "members", seat, "role")
                    validation.refuse(at, sentence % {"name": member["name"]})


def _check_deadlines(validation: Validation, document: Document) -> None:
    _once(validation, "deadlines", "track", document["deadlines"])
    ends = [meeting["ends"] for meeting in document["meetings"]]
    dated: list[tuple[Path, datetime | None]] = [
        (("deadlines", index, "closes"), deadline["closes"])
        for index, deadline in enumerate(document["deadlines"])
    ]
    dated.append((("statements", "closes"), document["statements"]["closes"]))
    for at, closes in dated:
        if closes and ends and closes > max(ends):
            validation.refuse(at, _("This deadline is after the end of the hearing."))


def _check_tracks(validation: Validation, document: Document) -> None:
    rows = document["tracks"]
    _once(validation, "tracks", "key", rows)
    if len(rows) > MOST_TRACKS:
        sentence = _("A hearing has at most %(most)d tracks.")
        validation.refuse(("tracks",), sentence % {"most": MOST_TRACKS})
    for index, row in enumerate(rows):
        for tag in row["names"]:
            if not _is_language(tag):
                sentence = _("“%(tag)s” is not a language tag. Use a tag such as en or zh-Hans.")
                validation.refuse(("tracks", index, "names", tag), sentence % {"tag": tag})
        if row["key"] == "statements":  # the deadline for written statements has this name
            sentence = _("A track cannot have the key “%(key)s”. Choose another.")
            validation.refuse(("tracks", index, "key"), sentence % {"key": row["key"]})
    known = {row["key"] for row in rows}
    for at, key in _named_tracks(document):
        if key not in known:
            sentence = _("There is no track “%(key)s”. The tracks are: %(known)s.")
            names = listed(row["key"] for row in rows)
            validation.refuse(at, sentence % {"key": key, "known": names})


def _named_tracks(document: Document) -> Iterator[tuple[Path, str]]:
    """Yield each place of the document that names a track by its key, and that key."""
    for name in ("deadlines", "categories"):
        for index, row in enumerate(document[name]):
            yield (name, index, "track"), row["track"]
    for index, key in enumerate(document["merge"]["tracks"]):
        yield ("merge", "tracks", index), key
    for number, meeting in enumerate(document["meetings"]):
        for index, segment in enumerate(meeting["segments"]):
            at: Path = ("meetings", number, "segments", index, "places_by_track")
            yield from ((at, key) for key in segment["places_by_track"])


def _check_merge(validation: Validation, merge: dict[str, Any]) -> None:
    if len(set(merge["tracks"])) != len(merge["tracks"]) or not merge["tracks"]:
        validation.refuse(
            ("merge", "tracks"), _("Name each track once, in the order in which it comes.")
        )
    if merge["kind"] == "ratio" and len(merge["counts"]) != len(merge["tracks"]):
        sentence = _("A ratio needs one count for each track, such as counts = [2, 1].")
        validation.refuse(("merge", "counts"), sentence)
    if merge["kind"] != "ratio" and merge["counts"]:
        validation.refuse(("merge", "counts"), _("Counts belong to the merge rule “ratio” only."))


def _once(validation: Validation, name: str, key: str, rows: list[dict[str, Any]]) -> None:
    values = [row[key] for row in rows]
    for index, value in enumerate(values):
        if value and value in values[:index]:
            sentence = _("“%(value)s” is here twice. Give it once.")
            validation.refuse((name, index, key), sentence % {"value": value})


def _is_language(tag: str) -> bool:
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True
