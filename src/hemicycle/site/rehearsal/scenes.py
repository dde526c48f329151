"""The source of a rehearsed hearing, and the days on which it is played."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hemicycle.hearing.setup import toml_io
from hemicycle.hearing.setup.document import statements_moved
from hemicycle.hearing.setup.schema import Document, InvalidDocument, Problem

LEAST_LIMIT_S = 10
"""The shortest time limit that a hearing may have."""
Move = Callable[[datetime], datetime]
RECESS = timedelta(minutes=5)
"""The pause between two meetings when people are watching."""


def invented() -> Path:
    """Return the file of the invented hearing, in the package or in a checkout."""
    packed = Path(str(files("hemicycle.site.rehearsal"))) / "hearings" / "rehearsal.toml"
    return packed if packed.exists() else packed.parents[5] / "hearings" / packed.name


def read(path: Path | None = None) -> Document:
    """Return the hearing in a TOML file, by default the invented one. Raises `InvalidDocument`."""
    return toml_io.loads((path or invented()).read_bytes())


def check(document: Document) -> None:
    """Raise `InvalidDocument` for a hearing without meetings, categories or a time zone."""
    if not document["meetings"] or not document["categories"] or not document["time_zone"]:
        sentence = "A hearing can be rehearsed when it has a time zone, meetings and categories."
        raise InvalidDocument([Problem((), sentence)])


def first_date(document: Document) -> datetime:
    """Return the first deadline or meeting, the earlier of both, as an aware datetime."""
    times = [deadline["closes"] for deadline in document["deadlines"]]
    times += [meeting["starts"] for meeting in document["meetings"]]
    first: datetime = min(times)
    return first.replace(tzinfo=ZoneInfo(document["time_zone"]))


def panel_start(document: Document) -> datetime:
    """Return the local time at which the first panel begins or, without panels, a meeting."""
    meetings = document["meetings"]
    segments = [segment for meeting in meetings for segment in meeting["segments"]]
    panels = [segment["starts"] for segment in segments if segment["kind"] == "panel"]
    first: datetime = min(panels or [meeting["starts"] for meeting in meetings])
    return first


def with_panel_at(document: Document, at: datetime) -> Document:
    """Return the hearing, moved so that its first panel begins at the moment `at`."""
    local = at.astimezone(ZoneInfo(document["time_zone"])).replace(tzinfo=None, microsecond=0)
    return moved(document, local - panel_start(document))


def moved(document: Document, by: timedelta) -> Document:
    """Return the document with every local time moved by `by`."""
    deadlines = [
        {**deadline, "closes": deadline["closes"] + by} for deadline in document["deadlines"]
    ]
    return {
        **_with_times(document, lambda moment: moment + by),
        "deadlines": deadlines,
        "statements": statements_moved(document["statements"], by),
    }


def ended_ago(document: Document, days: int, today: date) -> Document:
    """Return the hearing, moved by whole days, whose last meeting was this many `days` before
    `today`.
    """
    last: datetime = max(meeting["ends"] for meeting in document["meetings"])
    return moved(document, today - timedelta(days=days) - last.date())


def quickened(document: Document, speed: float) -> Document:
    """Return the hearing with each duration divided by `speed`, to be watched in less time.

    Meetings follow each other after a short recess. Time limits are divided, but not below what the
    rules of a hearing allow. Deadlines do not change.
    """
    meetings: list[Document] = []
    for meeting in document["meetings"]:
        start = meetings[-1]["ends"] + RECESS / speed if meetings else meeting["starts"]
        meetings.append(_shortened(meeting, start, speed))
    floor = {key: _short(key, value, speed) for key, value in document["floor"].items()}
    tracks = [
        {key: _short(key, value, speed) for key, value in track.items()}
        for track in document["tracks"]
    ]
    return {**document, "meetings": meetings, "floor": floor, "tracks": tracks}


def _shortened(meeting: Document, start: datetime, speed: float) -> Document:
    def move(moment: datetime) -> datetime:
        since: timedelta = moment - meeting["starts"]
        return start + since / speed

    segments = [_segment(segment, move, speed) for segment in meeting["segments"]]
    return {**_timed(meeting, move), "segments": segments}


def _segment(segment: Document, move: Move, speed: float) -> Document:
    members = [
        {**member, "limit_seconds": max(LEAST_LIMIT_S, round(member["limit_seconds"] / speed))}
        for member in segment["members"]
    ]
    kept = round(segment["presentations_seconds"] / speed)
    return {**_timed(segment, move), "members": members, "presentations_seconds": kept}


def _short(key: str, value: Any, speed: float) -> Any:
    limits = ("time_limit_seconds", "high_level_seconds", "joint_seconds", "limit_seconds")
    least = {**dict.fromkeys(limits, LEAST_LIMIT_S), "extension_seconds": 1}
    if value is None or not key.endswith("_seconds"):
        return value
    return max(least.get(key, 0), round(value / speed))


def _with_times(document: Document, move: Move) -> Document:
    meetings = [
        {
            **_timed(meeting, move),
            "segments": [_timed(segment, move) for segment in meeting["segments"]],
        }
        for meeting in document["meetings"]
    ]
    return {**document, "meetings": meetings}


def _timed(item: Document, move: Move) -> Document:
    timed = {**item, "starts": move(item["starts"]), "ends": move(item["ends"])}
    return timed | ({"date": timed["starts"].date()} if "date" in item else {})
