"""The programme: timed items in tables, lists or lines, with the day of each."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hemicycle.convening import segments
from hemicycle.convening.calendar import Calendar
from hemicycle.convening.dates import dates_in
from hemicycle.convening.document import NoteBlock, flatten
from hemicycle.convening.hours import Hours, clock, hours_in
from hemicycle.convening.note import ConceptNote
from hemicycle.convening.roles import DateRole, role_of
from hemicycle.convening.zones import ZONE

_DOTTED = re.compile(r"^(?P<h>[01]?\d|2[0-3])[.:h](?P<m>[0-5]\d)(?!\d)(?:\s?(?:hrs|hours|h)\b)?")
_AFTER_TIME = re.compile(rf"^(?:\s*\(?(?:{ZONE})\)?)?[\s:.,|)–—-]*(?:{ZONE})?[\s:|]*")
_DAY = re.compile(
    r"\b(?:day|jour|día|journée)\s*(?P<n>\d|one|two|three|un|deux|trois|uno|dos|tres)\b"
    r"|\b(?P<o>first|second|third|premier|deuxième|primer|segundo)\s+(?:day|jour|día)\b",
    re.IGNORECASE,
)
_ORDINALS = {
    "one": 1, "first": 1, "un": 1, "premier": 1, "uno": 1, "primer": 1, "two": 2, "second": 2,
    "deux": 2, "deuxième": 2, "dos": 2, "segundo": 2, "three": 3, "third": 3, "trois": 3,
    "tres": 3,
}  # fmt: skip
# "Time | 10:00-12:00" says when the hearing meets; it is not an item of its programme.
_FIELD = re.compile(
    r"(?:(?:date|day)\s*(?:and|&|/)\s*)?(?:times?|when|date|duration|hours?|schedule|meeting\s+times?"
    r"|horaires?|heures?|hora(?:rio)?)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?:end|fin)\b|(?:close|adjourn(?:ment)?)(?:\s+of\s+.*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProgrammeEntry:
    """A timed item. `day` is a date, its number if the note says "Day 2", or None."""

    kind: str
    title: str
    starts: int
    ends: int | None
    day: datetime.date | int | None
    passage: str
    block: int
    sure: bool = True


def _entry(title: str, hours: Hours, passage: str, block: int) -> ProgrammeEntry:
    kind = segments.kind_of(title)
    title = segments.without_kind(title) if kind == "panel" else title
    return ProgrammeEntry(kind, title, hours.starts, hours.ends, None, passage, block, hours.sure)


def programme_of(note: ConceptNote, calendar: Calendar) -> list[ProgrammeEntry]:
    """Return the timed items of a note in its order; empty if it has no programme."""
    items = list(_items(note, calendar))
    if len(items) < 2 and not any(item.kind != "other" for item in items):
        items = []
    prose = list(_in_prose(note)) if all(item.ends for item in items) and len(items) < 8 else []
    known = {item.starts for item in items}
    items += [item for item in prose if item.starts not in known]
    if prose and len({item.day for item in items}) == 1:
        items.sort(key=lambda item: item.starts)
    return _ended(_filled(_once(items)))


def _items(note: ConceptNote, calendar: Calendar) -> Iterator[ProgrammeEntry]:
    day: datetime.date | int | None = None
    for index, block in enumerate(note.blocks):
        day = _day_of(note, block, calendar) or day
        item = _of_cells(block, index) if len(block.cells) > 1 else None
        if item:
            yield replace(item, day=day)
            continue
        if block.cells and len(block.cells) > 1:
            continue
        for item in _of_lines(note, block, index):
            yield replace(item, day=day)


def _day_of(note: ConceptNote, block: NoteBlock, calendar: Calendar) -> datetime.date | int | None:
    """Return the day that a separate line announces for the items below; None for other lines."""
    text = block.flat
    if len(text) > 140 or block.kind == "item":
        return None
    mentions = dates_in(text)
    if len(mentions) == 1 and len(mentions[0].days) == 1:
        role = role_of(note.language, text, mentions[0])
        dates = calendar.dates(mentions[0])
        if dates and dates[0] != calendar.written and role in (DateRole.OPEN, DateRole.HEARING):
            return dates[0]
    named = _DAY.search(text)
    if named and (named.start() < 12 or len(text) < 40):
        word = (named["n"] or named["o"]).lower()
        return int(word) if word.isdigit() else _ORDINALS[word]
    return None


def _of_cells(block: NoteBlock, index: int) -> ProgrammeEntry | None:
    """Return the item of a table row: its time in one or two cells, its name in another."""
    times = [
        (place, hours) for place, cell in enumerate(block.cells) if (hours := _whole_time(cell))
    ]
    if not times:
        return None
    hours = times[0][1]
    ends = hours.ends
    # The table may have separate columns for start and end.
    if ends is None and len(times) > 1:
        ends = times[1][1].starts
    taken = {place for place, _ in times}
    words = [cell for place, cell in enumerate(block.cells) if place not in taken and _wordy(cell)]
    # A cell that contains only a date is a heading of the table, not an item.
    if words and dates_in(words[0]) and not _wordy(_undated(words[0])):
        return None
    title = segments.clean_title(words[0]) if words else ""
    if len(words) > 1 and segments.is_bare_label(title):
        title = f"{title}: {segments.clean_title(words[1])}"
    if not title or _FIELD.fullmatch(title):
        return None
    return replace(_entry(title, hours, block.flat, index), ends=ends)


def _undated(text: str) -> str:
    for mention in reversed(dates_in(text)):
        text = text[: mention.start] + text[mention.end :]
    return text


def _wordy(cell: str) -> bool:
    # A Chinese character counts twice: two of them can name an item.
    letters = sum(1 + ("\u4e00" <= sign <= "\u9fff") for sign in cell if sign.isalpha())
    return letters >= 3 and not re.fullmatch(r"\W*\d+\s*min\w*\.?\W*", cell)


def _whole_time(cell: str) -> Hours | None:
    """Return the hours of a cell that contains nothing else; None for other cells."""
    hours, rest = leading_hours(flatten(cell))
    return hours if hours and not _wordy(rest) else None


def leading_hours(line: str) -> tuple[Hours | None, str]:
    """Return the time at the beginning of a line, if any, and the rest of the line."""
    text = re.sub(r"^\W*(?:from|de|at)\s+", "", line, flags=re.IGNORECASE)
    text = re.sub(r"^[^\w]+", "", text)
    hours = next(iter(hours_in(text)), None)
    if hours and hours.start == 0:
        return hours, _AFTER_TIME.sub("", text[hours.end :])
    # "9.30" with a point is read as a time only here: elsewhere it may be any number.
    dotted = _DOTTED.match(text)
    if dotted:
        hour = int(dotted["h"])
        found = Hours(
            0, dotted.end(), hour * 60 + int(dotted["m"]), sure=hour > 12 or len(dotted["h"]) == 2
        )
        return found, _AFTER_TIME.sub("", text[dotted.end() :])
    return None, line


def _of_lines(note: ConceptNote, block: NoteBlock, index: int) -> Iterator[ProgrammeEntry]:
    lines = block.lines
    for place, line in enumerate(lines):
        hours, rest = leading_hours(line)
        if hours:
            below = "\n".join([*lines[place + 1 :], *_below(note, index, place == len(lines) - 1)])
            title = segments.clean_title(f"{rest}\n{below}")
            rest = rest if _wordy(rest) else title
            if (
                rest
                and _wordy(rest)
                and _plausible(hours, rest, listed=block.kind in ("item", "row"))
            ):
                yield _entry(title, hours, line, index)
        else:
            yield from _with_time_last(note, line, index)
            if block.kind == "item":
                yield from _announced(note, line, index)


def _below(note: ConceptNote, index: int, last_line: bool) -> list[str]:
    """Return the first line of the next block, which may be the theme of a bare "Panel 1"."""
    if (
        last_line
        and index + 1 < len(note.blocks)
        and note.blocks[index + 1].kind in ("paragraph", "heading")
    ):
        return note.blocks[index + 1].lines[:1]
    return []


def _plausible(hours: Hours, rest: str, *, listed: bool) -> bool:
    # A single time before a lower-case letter is in the middle of a wrapped sentence.
    return listed or hours.ends is not None or not rest[0].islower()


def _with_time_last(note: ConceptNote, line: str, index: int) -> Iterator[ProgrammeEntry]:
    """Yield the item of a line with its time at the end: "Panel 1: Rivers (10:30-12:00)"."""
    spans = [hours for hours in hours_in(line) if hours.ends and not hours.echo]
    # A line that is long or has two spans is a sentence about the programme, not an item.
    if len(spans) != 1 or len(line) > 220:
        return
    before, after = line[: spans[0].start].strip(" ([,:–—-"), line[spans[0].end :].strip(" )],:–—-")
    if segments.is_bare_label(before) and _wordy(after):
        title = segments.clean_title(f"{before}: {after}")
        yield _entry(title, spans[0], line, index)
        return


def _announced(note: ConceptNote, line: str, index: int) -> Iterator[ProgrammeEntry]:
    """Yield the item "(i) Rivers (10:15-11:30)" of a list announced as panels or segments."""
    above = next((b for b in reversed(note.blocks[:index]) if b.kind != "item"), None)
    spans = [hours for hours in hours_in(line) if hours.ends]
    if above is None or len(spans) != 1 or not _PARTS.search(above.flat):
        return
    # In such a list, a name needs no word such as "panel".
    title = segments.clean_title(line[: spans[0].start].strip(" ([,:–—-"))
    if title and segments.kind_of(title) == "other" and not _wordy(line[spans[0].end :]):
        yield replace(_entry(title, spans[0], line, index), kind="panel")


_PARTS = re.compile(
    r"\b(?:panels?|segments|sessions|clusters|round\s?tables|dialogues)\b[^.?]*:\s*$", re.IGNORECASE
)


_PROSE = re.compile(
    r"(?P<title>(?:opening|closing|introductory|concluding)\s+(?:segment|session|remarks"
    r"|statements?|ceremony)"
    r"|(?:panel|session|round\s?table)\s+(?:\d|[IVX]+|[A-D]|one|two|three"
    r"|four)\b(?:\s*[:,(–—-]?\s*[“\"'‘][^”\"’]+[”\"’]|\s+on\s+[^(,;]+)?"
    r"|(?:first|second|third|fourth)\s+(?:panel|session)(?:\s+on\s+[^(,;]+)?|(?:lunch"
    r"|coffee)\s+break|lunch)"
    r"[^.;]{0,40}?$",
    re.IGNORECASE,
)


def _in_prose(note: ConceptNote) -> Iterator[ProgrammeEntry]:
    """Yield the items in a sentence: "an opening (10:00-10:30), Panel 1 (10:30-12:00)"."""
    for sentence in note.sentences:
        last = 0
        for hours in hours_in(sentence.text):
            named = _PROSE.search(sentence.text[last : hours.start]) if hours.ends else None
            if named:
                title = segments.clean_title(
                    re.sub(r"\s+(?:from|will.*|runs?)$", "", named["title"])
                )
                yield _entry(title, hours, sentence.text, sentence.block)
            last = hours.end


def _ended(items: list[ProgrammeEntry]) -> list[ProgrammeEntry]:
    """Return items without lines such as "13:00 End of the hearing", which are no items."""
    return [item for item in items if item.ends or not _ENDS.match(item.title)]


def aligned(
    items: list[ProgrammeEntry], meetings: list[dict[str, str | None]]
) -> list[ProgrammeEntry]:
    """Return items without a.m. and p.m. in the half of the day in which the hearing is held."""
    starts = {meeting["starts"] for meeting in meetings}
    if (
        not items
        or items[0].sure
        or clock(items[0].starts) in starts
        or clock(items[0].starts + 720) not in starts
    ):
        return items
    return [
        # A time that is surely in the afternoon stays.
        item
        if item.sure and item.starts >= 720
        else replace(item, starts=item.starts + 720, ends=item.ends and item.ends + 720)
        for item in items
    ]


def _once(items: list[ProgrammeEntry]) -> list[ProgrammeEntry]:
    """Return items without those that an outline repeats."""
    seen: dict[tuple[object, int, str], ProgrammeEntry] = {}
    for item in items:
        seen.setdefault((item.day, item.starts, item.title.lower()), item)
    return list(seen.values())


def _filled(items: list[ProgrammeEntry]) -> list[ProgrammeEntry]:
    """Return a programme with missing ends filled in.

    An item without an end lasts until the next one of its day.
    """
    filled = []
    for item, following in zip(items, [*items[1:], None], strict=False):
        if (
            item.ends is None
            and following
            and following.day == item.day
            and following.starts > item.starts
        ):
            filled.append(replace(item, ends=following.starts))
        else:
            filled.append(item)
    return filled
