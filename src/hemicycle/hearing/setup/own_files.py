"""A hearing's own file (TOML) in place of a concept note: its content needs no interpretation."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from hemicycle.convening import FIELDS, NoteReading
from hemicycle.hearing.setup import actions, toml_io
from hemicycle.hearing.setup.schema import Document
from hemicycle.record.writer import Actor


def load(path: Path) -> Document:
    """Return the document in a file. Raises `InvalidDocument` with each problem and its line."""
    with path.open("rb") as file:
        return toml_io.loads(file.read(toml_io.LONGEST + 1))


def store(data: Document) -> str:
    """Draft the hearing; return the address of its office page."""
    hearing = actions.convene(data, actor=Actor.system("convene"))
    return f"/office/{hearing.slug}/"


def as_reading(data: Document) -> NoteReading:
    """Return the document as a reading without passages, so that both can be shown alike."""
    values: dict[str, Any] = {name: data.get(name) or None for name in FIELDS}
    segments = [segment for meeting in data["meetings"] for segment in meeting["segments"]]
    values |= {
        "mandate": [text["symbol"] for text in data["mandate"]],
        "mailboxes": list(data["mailboxes"].values()),
        "meetings": [_meeting(meeting) for meeting in data["meetings"]],
        "segments": [_segment(segment) for segment in segments],
        "panels": [segment["title"] for segment in segments if segment["kind"] == "panel"],
        "deadlines": [_deadline(deadline) for deadline in _deadlines(data)],
        "categories": [category["label"] for category in data["categories"]],
        "floor_time_limit_seconds": data["floor"]["time_limit_seconds"],
        "languages": list(data["languages"]),
        "guiding_questions": [question["text"] for question in data["guiding_questions"]],
        "max_per_organization": data["registration"]["max_per_organization"],
        "list_of_speakers": data["registration"]["list_of_speakers"],
    }
    return NoteReading(values, {}, convenes=True)


def _clock(moment: datetime | None) -> str | None:
    return moment.strftime("%H:%M") if moment else None


def _meeting(meeting: dict[str, Any]) -> dict[str, str | None]:
    day: date | None = meeting["date"]
    starts, ends = _clock(meeting["starts"]), _clock(meeting["ends"])
    return {"date": day.isoformat() if day else None, "starts": starts, "ends": ends}


def _segment(segment: dict[str, Any]) -> dict[str, str | None]:
    starts, ends = _clock(segment["starts"]), _clock(segment["ends"])
    return {"kind": segment["kind"], "title": segment["title"], "starts": starts, "ends": ends}


def _deadlines(data: Document) -> list[dict[str, Any]]:
    closes = data["statements"]["closes"]
    return [*data["deadlines"], *([{"track": "statements", "closes": closes}] if closes else [])]


def _deadline(deadline: dict[str, Any]) -> dict[str, str]:
    closes: datetime = deadline["closes"]
    return {"track": deadline["track"], "at": closes.isoformat(timespec="minutes")}
