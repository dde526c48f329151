"""When the hearing meets: its days and, for each day, the spans of time.

Every date of the note is weighed by what the sentence says of it and by where it stands. Only days
that the note gives to the hearing itself count; then the times nearest to them are taken, then times
said of the hearing without a date, then the programme's own.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hemicycle.hearings.reader import lexicon
from hemicycle.hearings.reader.calendar import Calendar, is_dateline
from hemicycle.hearings.reader.dates import DateMention, dates_in
from hemicycle.hearings.reader.events import Role, is_deadline, nouns_in, role_of
from hemicycle.hearings.reader.hours import Hours, clock, hours_in
from hemicycle.hearings.reader.note import Found, Note
from hemicycle.hearings.reader.programme import Item
from hemicycle.hearings.reader.sentences import Sentence

_DATE_LABEL = r"dates?|when|day|dates?\s*(?:and|&|/)\s*(?:times?|place|venue)|date\s+of\s+(?:the\s+)?(?:hearing|meeting|event)|hearing\s+dates?|schedule|fecha(?:\s+y\s+hora)?|date\s+et\s+(?:heure|lieu)|quand|cuándo|(?:public\s+)?hearing|jour"
_TIME_LABEL = r"times?|hours?|hearing\s+times?|schedule|when|heures?|horaires?|hora(?:rio)?|duration|meeting\s+times?"
_MEMO = re.compile(r"^(?:from|to|cc|subject|re|ref(?:erence)?|sent)$", re.IGNORECASE)
_REFERS = re.compile(r"^(?:it|this|the\s+event|elle|il)\s+(?:will|is|shall|takes|se|aura)\b", re.IGNORECASE)
_NOT_SITTING = re.compile(
    r"\b(?:doors|registration\s+(?:desk|opens|will\s+open)|arriv\w+|check-?in|security|queue|office\s+hours|opening\s+hours|open\s+(?:from|between|daily|monday)|call\w*\s+(?:the\s+)?(?:office|clerk)|training|test|rehearsal|helpline|available\s+from|sign[-\s]?(?:up|in)\s+(?:sheets?|opens|begins|starts))\b",
    re.IGNORECASE,
)
_LONG_BREAK = 45
"""Minutes between two items of a programme that make two meetings of one."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A passage that gives days to the hearing, with the times said along with them."""

    weight: int
    days: tuple[datetime.date, ...]
    hours: tuple[Hours, ...]
    passage: str
    undated: bool = False


def meetings_of(note: Note, calendar: Calendar, items: list[Item], own: re.Pattern[str] | None) -> Found[list[dict[str, str | None]]]:
    """The meetings in order, each with its local date and times; a time not told is None."""
    claims = list(_claims(note, calendar, own))
    days, passages = _days(claims, items)
    if not days:
        return Found([], tuple(claim.passage for claim in claims if claim.undated)[:1])
    meetings: list[dict[str, str | None]] = []
    for day in days:
        spans, passage = _spans_of(day, days, claims, note, items, own)
        passages += passage
        for starts, ends in spans or [(None, None)]:
            meetings.append({"date": day.isoformat(), "starts": starts, "ends": ends})
    return Found(meetings, tuple(dict.fromkeys(passages)))


def _days(claims: list[Claim], items: list[Item]) -> tuple[list[datetime.date], tuple[str, ...]]:
    best = max((claim.weight for claim in claims if claim.days), default=0)
    if best < 2:
        return [], ()
    # A weaker passage repeats a strong one; by itself it may be of another day.
    chosen = [claim for claim in claims if claim.days and claim.weight >= min(best, 4)]
    days = {day for claim in chosen for day in claim.days}
    programmed = {item.day for item in items if isinstance(item.day, datetime.date)}
    if programmed & days:
        days |= {day for day in programmed if any(abs((day - other).days) <= 3 for other in days)}
    return sorted(days), tuple(claim.passage for claim in chosen)


def _claims(note: Note, calendar: Calendar, own: re.Pattern[str] | None) -> Iterator[Claim]:
    labelled = {(label.block, label.name, label.value) for label in note.labelled(_DATE_LABEL)}
    memo = {label.block for label in note.labels if _MEMO.match(label.name)}
    for place, sentence in enumerate(note.sentences):
        text = sentence.text
        mentions = dates_in(text)
        for mention in mentions:
            weight = _weight(note, place, mention, own, labelled, memo)
            if weight:
                days = tuple(calendar.dates(mention))
                hours = _near(text, mention, mentions)
                yield Claim(weight, days, hours, text, undated=not days)


def _weight(
    note: Note,
    place: int,
    mention: DateMention,
    own: re.Pattern[str] | None,
    labelled: set[tuple[int, str, str]],
    memo: set[int],
) -> int:
    """5: said of the hearing. 4: labelled, or a date line under the title. 2: only its place speaks."""
    sentence = note.sentences[place]
    text = sentence.text
    role = role_of(text, mention, own=own)
    if role in (Role.DEADLINE, Role.OTHER):
        return 0
    if any(block == sentence.block and value.startswith(text.partition(":")[2].strip()[:12]) and _covers(text, value, name) for block, name, value in labelled):
        return 0 if _beside_memo(sentence, memo) or is_mail_date(text) else 4
    if role is Role.HEARING:
        return _weight_of_hearing(text, mention, own)
    return _weight_of_place(note, place, mention, own)


def _covers(text: str, value: str, name: str) -> bool:
    return value.split("\n")[0][:20] in text or text in value or text.startswith(name)


def is_mail_date(text: str) -> bool:
    return bool(re.search(r"\d\d:\d\d:\d\d|[+-]\d{4}\b\s*$", text))


def _beside_memo(sentence: Sentence, memo: set[int]) -> bool:
    return any(abs(block - sentence.block) <= 1 for block in memo)


def _weight_of_hearing(text: str, mention: DateMention, own: re.Pattern[str] | None) -> int:
    nouns = nouns_in(text, own=own)
    if _NOT_SITTING.search(text[: mention.start]) or lexicon.FOLLOWED_BY_US.search(text[: mention.start]):
        return 0
    return 5 if any(noun.kind == "hearing" for noun in nouns) else 3


def _weight_of_place(note: Note, place: int, mention: DateMention, own: re.Pattern[str] | None) -> int:
    sentence = note.sentences[place]
    spans = [hours for hours in hours_in(sentence.text) if hours.ends]
    if place and _REFERS.match(sentence.text):
        nouns = nouns_in(note.sentences[place - 1].text, own=own)
        return 4 if any(noun.kind == "hearing" for noun in nouns[:1]) else 0
    if is_dateline(sentence.text, mention) and mention.days[0].weekday is None:
        return 1 if sentence.block < 3 or sentence.block >= note.head else 2
    if sentence.block < note.head and (sentence.is_line or sentence.kind == "heading"):
        return 4 if spans or mention.days[0].weekday is not None or len(mention.days) > 1 else 2
    if spans and not lexicon.REGISTER.search(sentence.text):
        return 3
    return 2 if sentence.is_line and re.search(r"programme?|agenda|schedule", sentence.heading, re.I) else 0


def _near(text: str, mention: DateMention, mentions: list[DateMention]) -> tuple[Hours, ...]:
    """The times of a sentence that belong to one of its dates: those after it and before the next.

    Times before the first date ("from 10 to 12 on 13 July") are its own too.
    """
    index = mentions.index(mention)
    start = 0 if index == 0 else mention.end
    end = mentions[index + 1].start if index + 1 < len(mentions) else len(text)
    return tuple(hours for hours in _sitting_hours(text) if start <= hours.start < end)


def _sitting_hours(text: str) -> list[Hours]:
    """The times of a text at which people sit, not those at which something closes or opens."""
    found = []
    for hours in hours_in(text):
        clause = re.split(r"[;.]\s|,\s(?:and|with)\s", text[: hours.start])[-1]
        if not (hours.echo or is_deadline(text[: hours.start]) or _NOT_SITTING.search(clause)):
            found.append(hours)
    return found


def _spans_of(
    day: datetime.date,
    days: list[datetime.date],
    claims: list[Claim],
    note: Note,
    items: list[Item],
    own: re.Pattern[str] | None,
) -> tuple[list[tuple[str | None, str | None]], tuple[str, ...]]:
    """The spans of one day from the best source, as clock times."""
    own_items = [item for item in items if _falls_on(item, day, days)]
    said = [(claim.weight, claim.hours, claim.passage) for claim in claims if day in claim.days and claim.hours]
    said += [(3, hours, passage) for hours, passage in _undated(note, own)]
    full = [entry for entry in said if any(hours.ends for hours in entry[1])]
    if full:
        _, hours, passage = max(full, key=lambda entry: (entry[0] >= 3, len([h for h in entry[1] if h.ends])))
        return [(clock(each.starts), clock(each.ends)) for each in hours if each.ends], (passage,)
    blocks = _sittings(own_items)
    if said:
        _, hours, passage = max(said, key=lambda entry: entry[0])
        return _with_ends(hours, blocks), (passage,)
    return [(clock(starts), None if ends is None else clock(ends)) for starts, ends in blocks], tuple(
        item.passage for item in own_items[:1]
    )


def _with_ends(hours: tuple[Hours, ...], blocks: list[tuple[int, int | None]]) -> list[tuple[str | None, str | None]]:
    """Starts told in the text; ends only where the programme tells them."""
    if len(hours) == 1 and blocks and blocks[0][0] == hours[0].starts:
        return [(clock(starts), None if ends is None else clock(ends)) for starts, ends in blocks]
    return [(clock(each.starts), None) for each in hours]


def _falls_on(item: Item, day: datetime.date, days: list[datetime.date]) -> bool:
    if isinstance(item.day, int):
        return 0 < item.day <= len(days) and days[item.day - 1] == day
    return item.day == day or item.day is None and len(days) == 1


def _undated(note: Note, own: re.Pattern[str] | None) -> Iterator[tuple[tuple[Hours, ...], str]]:
    """Times said of the hearing where no date stands beside them."""
    for label in note.labelled(_TIME_LABEL):
        hours = tuple(_sitting_hours(label.value))
        if hours:
            yield hours, label.value.replace("\n", " ")
    for sentence in note.sentences:
        if dates_in(sentence.text) or sentence.kind == "row" or lexicon.REGISTER.search(sentence.text):
            continue
        hours = tuple(_sitting_hours(sentence.text))
        if not hours:
            continue
        mention = DateMention(hours[0].start, hours[0].end, ())
        if role_of(sentence.text, mention, own=own) is Role.HEARING or sentence.block < note.head and sentence.is_line and hours[0].ends:
            yield hours, sentence.text


def _sittings(items: list[Item]) -> list[tuple[int, int | None]]:
    """The stretches of a day's programme between its long breaks."""
    working = [item for item in items if not _long_pause(item)]
    if not working:
        return []
    stretches: list[list[Item]] = [[working[0]]]
    for before, item in pairwise(working):
        ends = before.ends or before.starts
        if item.starts - ends >= _LONG_BREAK and before.ends:
            stretches.append([])
        stretches[-1].append(item)
    return [(part[0].starts, part[-1].ends) for part in stretches]


def _long_pause(item: Item) -> bool:
    length = (item.ends or item.starts) - item.starts
    at_the_door = bool(re.search(r"\b(?:registration|arrival|accueil\s+des|doors)\b", item.title, re.IGNORECASE))
    return item.kind == "break" and length >= _LONG_BREAK or at_the_door
