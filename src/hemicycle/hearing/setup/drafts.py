"""Turn the reading of a concept note into a draft that the secretariat confirms.

Nothing is guessed: what the note does not say stays empty, and an incomplete part (a meeting
without its end) is shown on the confirm page but is not in the draft.
"""

import re
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction

from hemicycle.hearing.people.actions import appoint
from hemicycle.hearing.people.models import Person, Role, TrackKind
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup import document as documents
from hemicycle.hearing.setup.document import LAST_SECOND
from hemicycle.hearing.setup.models import Hearing, Reading
from hemicycle.hearing.setup.schema import Document, InvalidDocument
from hemicycle.record import clock
from hemicycle.record.writer import Actor

_RESOLUTION = re.compile(r"^(?:A/RES/)?(\d{1,3}/\d{1,4})$")
_MISSIONS = re.compile(r"\b(member states?|observers?|permanent missions?)\b", re.IGNORECASE)
RULES = ("first-come", "none")
_WORDS = ("title", "convener", "venue", "platform", "webcast", "hashtag")


def loose(found: dict[str, Any]) -> Document:
    """Return the reading as a document for forms; it is incomplete where the note is."""
    empty: Document = documents.HEARING.default()
    zone = found.get("time_zone") or ""
    return {
        **empty,
        **{name: found.get(name) or "" for name in _WORDS},
        "time_zone": zone if zone in available_timezones() else "",
        "languages": list(found.get("languages") or ()),
        "mandate": [_mandate(symbol) for symbol in found.get("mandate") or ()],
        "mailboxes": {_purpose(box): box for box in found.get("mailboxes") or ()},
        "floor": {**empty["floor"], "time_limit_seconds": found.get("floor_time_limit_seconds")},
        "registration": {
            **empty["registration"],
            "max_per_organization": found.get("max_per_organization"),
            "list_of_speakers": said if (said := found.get("list_of_speakers")) in RULES else None,
        },
        "deadlines": [_deadline(deadline, zone) for deadline in _registrations(found)],
        "statements": _statements(found, zone),
        "categories": _categories(found.get("categories") or ()),
        "meetings": _meetings(found),
        "guiding_questions": [
            {"short": "", "text": text} for text in found.get("guiding_questions") or ()
        ],
    }


def _mandate(symbol: str) -> dict[str, str]:
    resolution = _RESOLUTION.match(symbol)
    if not resolution:
        return {"symbol": symbol, "title": "", "url": ""}
    whole = f"A/RES/{resolution[1]}"
    return {"symbol": whole, "title": "", "url": f"https://undocs.org/{whole}"}


def _purpose(mailbox: str) -> str:
    return mailbox.partition("@")[0]


def _deadline(deadline: dict[str, Any], zone: str) -> dict[str, Any]:
    at = str(deadline.get("at") or "")
    closes: datetime | None = None
    if len(at) == len("2021-07-09"):
        closes = datetime.combine(date.fromisoformat(at), LAST_SECOND)
    elif at:
        closes = datetime.fromisoformat(at)
        if closes.tzinfo:
            closes = closes.astimezone(ZoneInfo(zone) if zone else closes.tzinfo)
        closes = closes.replace(tzinfo=None)
    return {"track": deadline.get("track"), "closes": closes}


def _registrations(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the deadlines of registration: the first one that the note gives for each track."""
    first: dict[str, dict[str, Any]] = {}
    for deadline in found.get("deadlines") or ():
        if deadline.get("track") in TrackKind.values:
            first.setdefault(deadline["track"], deadline)
    return list(first.values())


def _for_statements(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in found.get("deadlines") or () if row.get("track") == "statements"]


def _statements(found: dict[str, Any], zone: str) -> dict[str, Any]:
    """Return the rules for statements, with the first deadline that the note gives for them."""
    first = _for_statements(found)[:1]
    closes = _deadline(first[0], zone)["closes"] if first else None
    return {**documents.STATEMENTS.default(), "closes": closes}


def other_deadlines(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the note's dates for other things, which are shown and do not become deadlines."""
    closing = [*_registrations(found), *_for_statements(found)[:1]]
    return [deadline for deadline in found.get("deadlines") or () if deadline not in closing]


STEPS = {
    "evidence": "",
    "focal_point": False,
    "no_objection": False,
    "max_registrations": None,
    "waiting_list": False,
}
"""Rules that a concept note never gives: the secretariat turns them on."""


def _categories(labels: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for label in labels:
        taken = {row["key"] for row in rows}
        stem = re.sub(r"[^a-z0-9]+", "-", label.casefold())[:48].strip("-") or "category"
        key = next(
            key
            for n in range(1, len(rows) + 2)
            if (key := stem if n == 1 else f"{stem}-{n}") not in taken
        )
        missions = bool(_MISSIONS.search(label))
        track = TrackKind.MISSIONS if missions else TrackKind.STAKEHOLDERS
        rows.append(
            {
                "key": key,
                "label": label[:1].upper() + label[1:],
                "track": track.value,
                "eligibility": "",
                **STEPS,
                "needs_review": not missions,
            }
        )
    return rows


def _meetings(found: dict[str, Any]) -> list[dict[str, Any]]:
    meetings: list[dict[str, Any]] = [
        {
            "title": "",
            "date": date.fromisoformat(meeting["date"]) if meeting.get("date") else None,
            "starts": _time(meeting.get("starts"), meeting.get("date")),
            "ends": _time(meeting.get("ends"), meeting.get("date")),
            "segments": [],
        }
        for meeting in found.get("meetings") or ()
    ]
    for segment in found.get("segments") or ():
        meeting = _meeting_of(segment, meetings)
        if meeting is not None:
            meeting["segments"].append(_segment(segment, meeting))
    return meetings


def _meeting_of(segment: dict[str, Any], meetings: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the meeting in which the segment starts; the first if the note gives no time."""
    day = segment.get("date")
    for meeting in meetings:
        starts = _time(segment.get("starts"), meeting["date"] and meeting["date"].isoformat())
        on_day = not day or not meeting["date"] or day == meeting["date"].isoformat()
        timed = on_day and starts and meeting["starts"] and meeting["ends"]
        if timed and meeting["starts"] <= starts < meeting["ends"]:
            return meeting
    return meetings[0] if meetings and not segment.get("starts") else None


def _segment(segment: dict[str, Any], meeting: dict[str, Any]) -> dict[str, Any]:
    day = meeting["date"].isoformat() if meeting["date"] else None
    kinds = {"opening", "panel", "closing", "break"}
    return {
        "kind": segment.get("kind") if segment.get("kind") in kinds else "other",
        "title": segment.get("title") or "",
        "description": "",
        "starts": _time(segment.get("starts"), day),
        "ends": _time(segment.get("ends"), day),
        "presentations_seconds": 0,
        "max_inscriptions": None,
        "places_by_track": {},
        "waiting_list": False,
        "public_delay_seconds": None,
        "discussion": "off",
        "members": [],
    }


def _time(hour: str | None, day: str | None) -> datetime | None:
    """Return a local time on a day; None if the note does not give both."""
    if not hour or not day:
        return None
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(hour))


def _complete(data: Document) -> Document:
    """Return the document with only its complete rows, which a draft can hold."""
    meetings = [
        {
            **meeting,
            "segments": [row for row in meeting["segments"] if row["starts"] and row["ends"]],
        }
        for meeting in data["meetings"]
        if meeting["starts"] and meeting["ends"]
    ]
    timed = bool(data["time_zone"])
    return {
        **data,
        "meetings": meetings if timed else [],
        "deadlines": [deadline for deadline in data["deadlines"] if deadline["closes"]]
        if timed
        else [],
        "statements": data["statements"] if timed else documents.STATEMENTS.default(),
    }


def store_reading(
    *, file_name: str, found: dict[str, Any], actor: Actor | None = None, by: Person | None = None
) -> Reading:
    """Store a reading and a draft hearing made from it; `by`, if given, is its secretariat."""
    data = loose(found)
    data["title"] = data["title"] or file_name
    acting = actor or Actor.system("convene")
    with transaction.atomic():
        hearing = _draft(_complete(data), acting)
        if by:
            appoint(person=by, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=acting)
        return Reading.objects.create(
            file_name=file_name[:255], found=found, read_at=clock.now(), hearing=hearing
        )


def _draft(data: Document, actor: Actor) -> Hearing:
    """Return the draft without invalid parts of the reading, which the confirm page shows."""
    while True:
        try:
            return actions.convene(data, actor=actor)
        except InvalidDocument as invalid:
            parts = {str(problem.at[0]) for problem in invalid.problems if problem.at}
            if not parts:
                raise
            data = _without(data, parts)


def _without(data: Document, parts: set[str]) -> Document:
    empty = documents.HEARING.default()
    data = {**data, **{part: empty.get(part) for part in parts}}
    if "time_zone" in parts:
        data = {**data, "meetings": [], "deadlines": [], "statements": empty["statements"]}
    if "title" in parts:
        data["title"] = "?"
    return data


LISTED = ("meetings", "deadlines")
"""Fields for which several candidates can be chosen together."""


def take(*, reading: Reading, chosen: set[int]) -> None:
    """Use the candidates at the positions `chosen` of the reading's list, and drop the others.

    For a field with one value, the first chosen candidate is used.
    """
    found = dict(reading.found)
    for place, candidate in enumerate(found.get("candidates") or ()):
        name = candidate["field"]
        if place not in chosen or (found.get(name) and name not in LISTED):
            continue
        value = candidate["value"]
        found[name] = [*(found.get(name) or ()), value] if name in LISTED else value
        passages = dict.fromkeys(
            [*found["sources"].get(name, "").split("\n"), candidate["passage"]]
        )
        found["sources"] = {**found["sources"], name: "\n".join(filter(None, passages))}
        found["missing"] = [other for other in found["missing"] if other != name]
    if found.get("meetings"):
        found["meetings"] = sorted(found["meetings"], key=lambda meeting: str(meeting["date"]))
    reading.found = {**found, "candidates": []}
    reading.save(update_fields=["found"])


def confirm(*, reading: Reading) -> None:
    """Note that the secretariat has checked the reading."""
    reading.confirmed_at = clock.now()
    reading.save(update_fields=["confirmed_at"])
