"""The structure of a hearing's document: its keys, parts, order and dates."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import chain
from typing import Any

from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup import balance
from hemicycle.hearing.setup.schema import (
    Document,
    Key,
    Path,
    choice,
    day,
    listing,
    mail_address,
    mapping,
    moment,
    short_address,
    table,
    text,
    web_address,
    whole,
    yes_no,
)
from hemicycle.ui.words import OUTDATED

LAST_SECOND = time(23, 59, 59)
"""A deadline that names only a day ends at this time in the hearing's zone."""


def translated(**texts: Key) -> Key:
    """Return the key for translations of a row's texts: a table per language, same limits."""
    optional = {name: replace(key, required=False) for name, key in texts.items()}
    return mapping(table({**optional, OUTDATED: listing(choice(*texts))}))


MEMBER = table(
    {
        "role": choice("moderator", "panellist", "chair", default="panellist"),
        "name": text(required=True),
        "title": text(),
        "topic": text(),
        "alias": text(200),
        "limit_seconds": whole(480, least=10, most=7200),
        "translations": translated(title=text(), topic=text()),
    }
)
SEGMENT = table(
    {
        "kind": choice("opening", "panel", "closing", "break", "other"),
        "title": text(required=True),
        "description": text(4000),
        "starts": moment(),
        "ends": moment(),
        "presentations_seconds": whole(0, most=36_000),
        "max_inscriptions": whole(None, least=1, most=10_000),
        "places_by_track": mapping(whole(None, least=1, most=10_000)),
        "waiting_list": yes_no(default=False),
        "public_delay_seconds": whole(None, least=5, most=120, or_none=True),
        "discussion": choice("off", "allowed", "at_once", default="off"),
        "chair_seconds": whole(None, least=10, most=7200),
        "members": listing(MEMBER),
        "translations": translated(title=text(), description=text(4000)),
    }
)
MEETING = table(
    {
        "title": text(200),
        "date": day(),
        "starts": moment(),
        "ends": moment(),
        "segments": listing(SEGMENT),
        "translations": translated(title=text(200)),
    }
)
FLOOR = table(
    {
        "time_limit_seconds": whole(180, least=10, most=7200),
        "high_level_seconds": whole(None, least=10, most=7200),
        "joint_seconds": whole(None, least=10, most=7200),
        "warning_seconds": whole(30, most=3600),
        "extension_seconds": whole(30, least=1, most=3600),
        "at_limit": choice("cut", "signal", default="cut"),
        "grace_seconds": whole(10, most=600),
        "points_of_order": yes_no(default=False),
        "walk_ups": yes_no(default=False),
        "without_connection": choice("run", "stop", default="run"),
        "words_per_minute": whole(120, least=20, most=400),
        "public_delay_seconds": whole(0, least=5, most=120, or_none=True),
        "plate": choice("burnt", "beside", default="burnt"),
        "clock": choice("burnt", "beside", default="burnt"),
    }
)
REGISTRATION = table(
    {
        "list_of_speakers": choice("first-come", "none", default="first-come"),
        "max_per_organization": whole(None, least=1, most=1000),
        "public_list": yes_no(default=False),
        "confirmation_hours": whole(24, least=1, most=720),
    }
)
TRACK_KEY = replace(short_address, required=True)
TRACK = table(
    {
        "key": TRACK_KEY,
        "kind": choice(*TrackKind.values, default=TrackKind.STAKEHOLDERS.value),
        "names": mapping(text(200, required=True)),
        "max_per_panel": whole(None, least=1, most=10_000),
        "limit_seconds": whole(None, least=10, most=7200),
    }
)
MERGE = table(
    {
        "kind": choice("alternate", "ratio", "blocks", "protocol", default="alternate"),
        "tracks": listing(TRACK_KEY),
        "counts": listing(whole(1, least=1, most=100)),
    }
)
BALANCE = table(
    {
        "attribute": choice(*balance.ATTRIBUTES, "", default=""),
        "bound": whole(0, most=balance.LARGEST_BOUND),
        "shares": mapping(whole(0, least=1, most=100)),
    }
)
DEADLINE = table({"track": TRACK_KEY, "closes": moment()})
STATEMENTS = table(
    {
        "closes": replace(moment(), required=False),
        "late": choice("accepted", "refused", default="accepted"),
    }
)
CATEGORY = table(
    {
        "key": short_address,
        "label": text(200, required=True),
        "track": TRACK_KEY,
        "eligibility": text(2000),
        "needs_review": yes_no(default=True),
        "evidence": text(200),
        "focal_point": yes_no(default=False),
        "no_objection": yes_no(default=False),
        "max_registrations": whole(None, least=1, most=100_000),
        "waiting_list": yes_no(default=False),
        "translations": translated(label=text(200), eligibility=text(2000), evidence=text(200)),
    }
)
MANDATE = table({"symbol": text(60, required=True), "title": text(), "url": web_address})
PLACE = table({"code": text(2, required=True), "names": mapping(text(200, required=True))})
WITNESS = table(
    {
        "name": text(120, required=True),
        "vkey": text(400, required=True),
        "url": web_address,
    }
)
MOST_WITNESSES = 20
QUESTION = table(
    {
        "short": text(120),
        "text": text(2000, required=True),
        "translations": translated(short=text(120), text=text(2000)),
    }
)

TEXTS = {
    "title": text(required=True),
    "short_title": text(120),
    "theme": text(4000),
    "objective": text(8000),
    "format": text(8000),
    "outcome": text(8000),
    "convener": text(),
    "venue": text(),
    "platform": text(200),
    "webcast": text(200),
}
HEARING = table(
    {
        "slug": short_address,
        **TEXTS,
        "hashtag": text(80),
        "time_zone": text(64),
        "languages": listing(text(16, required=True)),
        "original_language": text(16),
        "retention_days": whole(365, least=1, most=36_500),
        "mandate": listing(MANDATE),
        "places": listing(PLACE),
        "mailboxes": mapping(mail_address),
        "floor": FLOOR,
        "registration": REGISTRATION,
        "statements": STATEMENTS,
        "tracks": listing(TRACK),
        "merge": MERGE,
        "balance": BALANCE,
        "deadlines": listing(DEADLINE),
        "categories": listing(CATEGORY),
        "meetings": listing(MEETING),
        "guiding_questions": listing(QUESTION),
        "witnesses": listing(WITNESS),
        "witnesses_asked": whole(0, most=MOST_WITNESSES),
        "translations": translated(**TEXTS),
    }
)


def segments(document: Document) -> list[dict[str, Any]]:
    """Return the segments of all meetings, in order."""
    return list(chain.from_iterable(meeting["segments"] for meeting in document["meetings"]))


def translated_rows(document: Document) -> Iterator[tuple[dict[str, Any], Path]]:
    """Yield each table of the document with translations and its path, in the order of pages."""
    yield document, ()
    for index, meeting in enumerate(document["meetings"]):
        for row, at in timed(meeting, ("meetings", index)):
            yield row, at
            for number, member in enumerate(row.get("members", ())):
                yield member, (*at, "members", number)
    for name in ("guiding_questions", "categories"):
        for index, row in enumerate(document[name]):
            yield row, (name, index)


def timed(meeting: dict[str, Any], at: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """Yield a meeting and its segments, which have a beginning and an end, with their paths."""
    yield meeting, at
    for index, segment in enumerate(meeting["segments"]):
        yield segment, (*at, "segments", index)


def shifted(document: Document, to: date) -> Document:
    """Return the document with all dates moved so that its first meeting is on the day `to`."""
    starts = [meeting["starts"] for meeting in document["meetings"]]
    if not starts:
        return document
    by = timedelta(days=(to - min(starts).date()).days)
    return {
        **document,
        "deadlines": [
            {**deadline, "closes": deadline["closes"] + by} for deadline in document["deadlines"]
        ],
        "statements": statements_moved(document["statements"], by),
        "meetings": [_move(meeting, by) for meeting in document["meetings"]],
    }


def statements_moved(rules: dict[str, Any], by: timedelta) -> dict[str, Any]:
    """Return the rules for statements with their deadline, if there is one, moved by `by`."""
    closes = rules["closes"]
    return {**rules, "closes": closes + by if closes else None}


def _move(item: dict[str, Any], by: timedelta) -> dict[str, Any]:
    moved = {**item, "starts": item["starts"] + by, "ends": item["ends"] + by}
    if "date" in item:
        moved["date"] = item["date"] + by
        moved["segments"] = [_move(segment, by) for segment in item["segments"]]
    return moved
