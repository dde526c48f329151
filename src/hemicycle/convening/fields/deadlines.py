"""Deadlines to register, inscribe or send something; each with its track.

Tracks: "stakeholders" (also if no group is named), "member-states", "statements" (written input),
"questions" (for panellists), "attendance" (to attend without speaking, if speaking has its own
deadline), "access" (interpretation and access needs), "media", "training".
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from hemicycle.convening import languages
from hemicycle.convening.calendar import Calendar
from hemicycle.convening.claims import CLOSING_LABELS, deadline_mentions
from hemicycle.convening.dates import DateMention, dates_in
from hemicycle.convening.hours import Hours, clock, hours_in
from hemicycle.convening.languages import Language, fold
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.roles import FAR, DateRole, closes, nouns_in
from hemicycle.convening.zones import zones_in

_NUMBERS = languages.names_of("numbers")
_RELATIVE = re.compile(
    rf"\b(?P<count>\d{{1,2}}|{'|'.join(_NUMBERS)})\s*(?:\(\d+\)\s*)?(?:full\s+"
    r"|calendar\s+)?(?P<unit>hours?|days?|weeks?)\s+(?:before|prior\s+to|in\s+advance\s+of"
    r"|ahead\s+of)\s+(?:the\s+)?(?:start\s+of\s+the\s+|day\s+of\s+the\s+)?(?:[\w-]+\s+)?"
    r"(?:hearing|meeting|session|event)",
    re.IGNORECASE,
)
# The order matters: a journalist's registration is for the media track, and an interpreter's
# request is for access.
_KINDS = ("training", "media", "register", "access", "questions", "written")


@dataclass(frozen=True, slots=True)
class _Context:
    """The data with which every deadline of a note is read."""

    note: ConceptNote
    calendar: Calendar
    zone: str | None
    first: dict[str, str | None] | None
    """The first meeting; None if unknown."""
    convener: str


@dataclass(frozen=True, slots=True)
class _Due:
    tracks: tuple[str, ...]
    at: str
    attend_only: bool
    passage: str


def deadlines_of(
    note: ConceptNote,
    calendar: Calendar,
    zone: str | None,
    meetings: list[dict[str, str | None]],
    convener: str | None,
) -> Finding[list[dict[str, str]]]:
    """Return the deadlines, those in tables first; `at` is a date, or date, time and offset."""
    first = meetings[0] if meetings else None
    # Without a convener, it may be any body that the head names.
    ours = convener or " ".join(block.flat for block in note.blocks[:_NAMED])
    context = _Context(note, calendar, zone, first, fold(ours).lower())
    tabled = {note.blocks[block].flat for block in note.due_cells}
    # Tables first: they list all deadlines, and the text repeats some of them less exactly.
    dues = sorted(_dues(context), key=lambda due: due.passage not in tabled)
    speaking = any(not due.attend_only and "stakeholders" in due.tracks for due in dues)
    value: list[dict[str, str]] = []
    passages: list[str] = []
    for due in dues:
        for track in due.tracks:
            named = (
                "attendance" if track == "stakeholders" and due.attend_only and speaking else track
            )
            entry = {"track": named, "at": due.at}
            if not _known(entry, value):
                value.append(entry)
                passages.append(due.passage)
    return Finding(value, tuple(dict.fromkeys(passages)))


def _known(entry: dict[str, str], value: list[dict[str, str]]) -> bool:
    """Whether the same deadline is already known; a repetition may lack the hour.

    A more exact repetition replaces the time of the known one.
    """
    for other in value:
        # "2024-05-03" begins "2024-05-03T17:00": keep the more exact one.
        if other["track"] == entry["track"] and other["at"].startswith(entry["at"]):
            return True
        if other["track"] == entry["track"] and entry["at"].startswith(other["at"]):
            other["at"] = entry["at"]
            return True
    return False


def _dues(context: _Context) -> Iterator[_Due]:
    note, language = context.note, context.note.language
    told = set()
    for place, sentence, mention, label in deadline_mentions(note):
        text = sentence.text
        start, end = _clause(text, mention)
        clause, said = text[start:end], text
        listed = sentence.block in note.due_cells
        if listed:
            clause = said = note.blocks[sentence.block].flat
        name = label.name if label else ""
        tracks = _tracks(language, (name, clause, said, _around(note, place)))
        if not tracks and (listed or (label and set(label.kinds) & set(CLOSING_LABELS))):
            tracks = () if _is_ours(language, clause) else _parties(language, said)
        # Beside a deadline, an address says where to write, whatever the act is called.
        if not tracks and "@" in said and not _is_ours(language, clause):
            tracks = _parties(language, said)
        near = (max(start, mention.start - FAR), min(end, mention.end + FAR))
        if not sentence.is_line and _of_other_body(context, text, near):
            continue
        # The last day of a period is the deadline.
        dates = _dates(context, mention)
        if tracks and dates:
            told.add(place)
            at = _moment(dates[-1], _hour(text, mention, start, end), text, context.zone)
            yield _Due(tracks, at, _attends_only(language, clause), said)
    for place in range(len(note.sentences)):
        if place not in told:
            yield from _relative(context, place)


def _dates(context: _Context, mention: DateMention) -> list[datetime.date]:
    """Return the days of a mention; without a year, it is the last such day before the hearing.

    A day after the hearing is accepted if it is less than `_MONTHS_AFTER` days later.
    """
    dates = context.calendar.dates(mention)
    if mention.days[-1].year or not context.first or not context.first["date"]:
        return dates
    meets = datetime.date.fromisoformat(context.first["date"])
    if dates and (dates[-1] - meets).days < _MONTHS_AFTER:
        return dates
    found = [mention.days[-1].in_year(year) for year in (meets.year, meets.year - 1)]
    return [date for date in found if date and date <= meets][:1]


_NAMED = 4
"""The number of blocks at the top that name the body of a note."""
_MONTHS_AFTER = 183
"""The number of days after the hearing in which a deadline may be."""


def _clause(text: str, mention: DateMention) -> tuple[int, int]:
    """Return the part of a sentence around one of its dates."""
    mentions = dates_in(text)
    index = next(at for at, other in enumerate(mentions) if other.start == mention.start)
    start = mentions[index - 1].end if index else 0
    return start, mentions[index + 1].start if index + 1 < len(mentions) else len(text)


def _around(note: ConceptNote, place: int) -> str:
    """Return the heading of a sentence and the text before it; "" for a row of a table."""
    sentence = note.sentences[place]
    if sentence.kind == "row":
        return ""
    near = note.sentences[max(0, place - 3) : place]
    same = [other.text for other in near if other.block == sentence.block]
    return " ".join([sentence.heading, *(same or [other.text for other in near[-1:]])])


def _tracks(language: Language, texts: tuple[str, str, str, str]) -> tuple[str, ...]:
    """Return the tracks that a deadline applies to; empty if it applies to no participant.

    The texts are the label, the clause, the sentence, and the text before it: from the narrowest to
    the widest, so that the clause's own verb has priority over a neighbour's.
    """
    clause, sentence = texts[1], texts[2]
    if _is_ours(language, clause) or _of_other(language, texts[0], clause):
        return ()
    for text in texts:
        kind = _kind(language, fold(text))
        if kind == "register":
            return _parties(language, clause, sentence, texts[3])
        if kind == "written":
            return () if language.pattern("foreign").search(fold(sentence)) else ("statements",)
        if kind:
            return (kind,)
    return ()


def _of_other(language: Language, label: str, clause: str) -> bool:
    """Whether a clause names another event or procedure, and no act that the hearing asks for."""
    roles = {noun[2] for noun in nouns_in(language, fold(clause))}
    return roles == {DateRole.OTHER} and not any(
        _kind(language, fold(text)) for text in (label, clause)
    )


def _of_other_body(context: _Context, text: str, around: tuple[int, int]) -> bool:
    """Whether text near a day names another body, without an address to write to."""
    language = context.note.language
    near = fold(text[around[0] : around[1]])
    if "@" in text or language.pattern("hearing").search(near):
        return False
    bodies = language.pattern("body").finditer(near)
    return any(body.group().lower() not in context.convener for body in bodies)


def _is_ours(language: Language, text: str) -> bool:
    """Whether a text is about acts of the convener, or about something else than the hearing."""
    return any(language.pattern(name).search(fold(text)) for name in ("foreign", "ours"))


# Cached, so that a sentence with many dates is searched only once.
@lru_cache(maxsize=1024)
def _kind(language: Language, text: str) -> str | None:
    """Return what must be done by the deadline; for "register", the group is still unknown."""
    for kind in _KINDS:
        if language.pattern(kind).search(text):
            return kind
    told = language.pattern("speak").search(text) and language.pattern("asks").search(text)
    return "register" if told else None


def _hour(text: str, mention: DateMention, start: int, end: int) -> Hours | None:
    """Return the hour of a deadline: right after or before its day, within its clause."""
    near = [
        hours
        for hours in hours_in(text)
        if not hours.ends
        and start <= hours.start < end
        and (0 <= hours.start - mention.end <= 25 or 0 <= mention.start - hours.end <= 25)
    ]
    return near[0] if near else None


def _parties(language: Language, *texts: str) -> tuple[str, ...]:
    for text in texts:
        states, others = _names(language, text)
        if states and others:
            # Both, if they share the clause's subject.
            subject = re.split(r"\b(?:wish\w*|are|should|must|may|can|is)\b", text)[0]
            states, others = _names(language, subject)
            if states and others:
                return ("member-states", "stakeholders")
        if states or others:
            return ("member-states",) if states else ("stakeholders",)
    return ("stakeholders",)


def _names(language: Language, text: str) -> tuple[bool, bool]:
    """Whether a text names States, and whether it names anybody else."""
    states = language.pattern("states")
    others = language.pattern("stakeholders").search(states.sub(" ", text))
    return bool(states.search(text)), bool(others)


def _attends_only(language: Language, clause: str) -> bool:
    attends = language.pattern("attend").search(clause)
    return bool(attends) and not language.pattern("speak").search(clause)


def _moment(date: datetime.date, hours: Hours | None, text: str, zone: str | None) -> str:
    if hours is None:
        return date.isoformat()
    own = [name for place, name in zones_in(text) if place >= hours.end - 1]
    return _iso(
        datetime.datetime.combine(date, datetime.time.fromisoformat(clock(hours.starts))),
        own[0] if own else zone,
    )


def _iso(moment: datetime.datetime, zone: str | None) -> str:
    """Return the time to the minute, with the offset that the zone has on that day."""
    aware = moment.replace(tzinfo=ZoneInfo(zone)) if zone else moment
    return aware.isoformat(timespec="minutes")


def _relative(context: _Context, place: int) -> list[_Due]:
    """Return the deadline of "No later than 48 hours before the hearing", by the first meeting."""
    sentence = context.note.sentences[place]
    match = _RELATIVE.search(sentence.text)
    if not match or not context.first or not context.first["date"]:
        return []
    before = sentence.text[: match.start()]
    language = context.note.language
    around = _around(context.note, place)
    tracks = _tracks(language, ("", sentence.text, sentence.text, around))
    if not tracks or not (closes(language, before) or re.search(r"\bat\s+least\s+$", before, re.I)):
        return []
    at = _counted_back(match, context.first, context.zone)
    return [_Due(tracks, at, _attends_only(language, sentence.text), sentence.text)] if at else []


def _counted_back(
    match: re.Match[str], first: dict[str, str | None], zone: str | None
) -> str | None:
    """Return a time some hours before the first meeting, or a day some days before it."""
    count = _NUMBERS.get(match["count"].lower()) or int(match["count"])
    date = datetime.date.fromisoformat(first["date"] or "")
    unit = match["unit"].lower().rstrip("s")
    if unit != "hour":
        return (date - datetime.timedelta(count * (7 if unit == "week" else 1))).isoformat()
    if not first["starts"]:
        return None
    start = datetime.datetime.combine(date, datetime.time.fromisoformat(first["starts"]))
    return _iso(start - datetime.timedelta(hours=count), zone)
