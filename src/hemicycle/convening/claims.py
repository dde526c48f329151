"""Passages that give days or times to the hearing, weighed by their words and their place."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hemicycle.convening import lexicon
from hemicycle.convening.calendar import Calendar, is_dateline
from hemicycle.convening.dates import DateMention, dates_in
from hemicycle.convening.events import DateRole, nouns_in, role_of
from hemicycle.convening.hours import Hours, hours_in
from hemicycle.convening.note import ConceptNote, mentions_hearing
from hemicycle.convening.sentences import NoteSentence
from hemicycle.convening.sitting import is_beside, sitting_hours
from hemicycle.convening.zones import ZONE

_DATE_LABEL = (
    r"dates?|when|day|dates?\s*(?:and|&|/)\s*(?:times?|place|venue)"
    r"|date\s+of\s+(?:the\s+)?(?:hearing|meeting|event)|hearing\s+dates?|schedule"
    r"|fecha(?:\s+y\s+hora)?|date\s+et\s+(?:heure|lieu)|quand|cuándo|(?:public\s+)?hearing"
    r"|jour"
)
_TIME_LABEL = (
    r"times?|hours?|hearing\s+times?|schedule|when|heures?|horaires?|hora(?:rio)?|duration"
    r"|meeting\s+times?"
)
_MEMO = re.compile(r"^(?:from|to|cc|sent)$", re.IGNORECASE)
_REFERS = re.compile(
    r"^(?:it|this|the\s+event|the\s+day|elle|il)\s+(?:will|is|shall|takes|se|aura)\b", re.IGNORECASE
)

_SITS = re.compile(
    r"^(?:it|the\s+(?:hearing|inquiry|session)|each\s+day)\s+(?:will|shall|is\s+expected\s+to)\s+"
    r"(?:\w+\s+)?(?:sit|meet|run|last)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A passage that gives days to the hearing, with the times named in it."""

    weight: int
    days: tuple[datetime.date, ...]
    hours: tuple[Hours, ...]
    passage: str
    undated: bool = False
    listed: bool = False
    """Whether it stands in a list or table, as the dates of a hearing in several places do."""


def claims_of(note: ConceptNote, calendar: Calendar) -> Iterator[Claim]:
    """Every passage that gives days to the hearing, in the order of the note."""
    labelled = {(label.block, label.name, label.value) for label in note.labelled(_DATE_LABEL)}
    memo = {label.block for label in note.labels if _MEMO.match(label.name)}
    for place, sentence in enumerate(note.sentences):
        # A cell of a column "Until" or "Deadline" names a last day, never the day of the hearing.
        if sentence.block in note.due_cells:
            continue
        text = sentence.text
        mentions = dates_in(text)
        for mention in mentions:
            weight = _weight(note, place, mention, labelled, memo)
            if weight:
                days = tuple(calendar.dates(mention))
                hours = _near(text, mention, mentions) or _below(note, place)
                listed = sentence.kind in ("item", "row")
                yield Claim(weight, days, hours, text, undated=not days, listed=listed)


def _below(note: ConceptNote, place: int) -> tuple[Hours, ...]:
    """The times of the next lines, as in "Date: ..." and then "Time: ..."."""
    # Only a short line is completed by the next ones; running text says its times itself.
    if not note.sentences[place].is_line:
        return ()
    # Two lines, as in "Date: ..." with "Venue: ..." between it and "Time: ...".
    for sentence in note.sentences[place + 1 : place + 3]:
        if (
            dates_in(sentence.text)
            or not sentence.is_line
            or (sentence.kind == "row" and not _only_times(sentence.text))
        ):
            return ()
        hours = tuple(span for span in sitting_hours(sentence.text) if span.ends)
        if hours:
            return hours
    return ()


def _only_times(text: str) -> bool:
    """Whether a row says when and nothing else: "10 a.m. to 1 p.m. (EDT)", "Time | 14:00-16:00"."""
    hours = hours_in(text)
    rest = re.sub(ZONE, " ", text[hours[-1].end :], flags=re.IGNORECASE) if hours else text
    return bool(re.match(_TIME_LABEL, text, re.I)) or not re.search(r"\w{3,}", rest)


def _weight(
    note: ConceptNote,
    place: int,
    mention: DateMention,
    labelled: set[tuple[int, str, str]],
    memo: set[int],
) -> int:
    """5: said of the hearing. 4: labelled, or under the title. 2: only its place speaks."""
    sentence = note.sentences[place]
    text = sentence.text
    role = role_of(text, mention, own=note.own)
    # "3 May 2024 - " before a text is the dateline of a press release.
    if re.match(r"\s*[-–—]\s", text[mention.end :]) and is_dateline(text, mention):
        return 0
    if role in (DateRole.DEADLINE, DateRole.OTHER):
        return 0
    if any(
        block == sentence.block
        and value.startswith(text.partition(":")[2].strip()[:12])
        and _covers(text, value, name)
        for block, name, value in labelled
    ):
        # In a memorandum, "Date:" beside "From:" and "To:" is the day it was written.
        return 0 if _beside_memo(sentence, memo) or _is_mail_date(text) else 4
    if role is DateRole.HEARING:
        return _weight_of_hearing(note, text, mention)
    return _weight_of_place(note, place, mention)


def _covers(text: str, value: str, name: str) -> bool:
    return value.split("\n", maxsplit=1)[0][:20] in text or text in value or text.startswith(name)


def _is_mail_date(text: str) -> bool:
    # Seconds or an offset behind the date are written by mail programs, not by people.
    return bool(re.search(r"\d\d:\d\d:\d\d|[+-]\d{4}\b\s*$", text))


def _beside_memo(sentence: NoteSentence, memo: set[int]) -> bool:
    return any(abs(block - sentence.block) <= 1 for block in memo)


def _weight_of_hearing(note: ConceptNote, text: str, mention: DateMention) -> int:
    nouns = nouns_in(text, own=note.own)
    if is_beside(text[: mention.start]) or lexicon.FOLLOWED_BY_US.search(text[: mention.start]):
        return 0
    # The word "hearing" itself is surer than the note's other noun for its event.
    return 5 if any(noun.kind == "hearing" for noun in nouns) else 3


def _weight_of_place(note: ConceptNote, place: int, mention: DateMention) -> int:
    sentence = note.sentences[place]
    spans = [hours for hours in hours_in(sentence.text) if hours.ends]
    # "It will take place on ...": what "it" means is in the sentence before.
    if place and _REFERS.match(sentence.text):
        nouns = nouns_in(note.sentences[place - 1].text, own=note.own)
        return 4 if any(noun.kind == "hearing" for noun in nouns[:1]) else 0
    if is_dateline(sentence.text, mention) and mention.days[0].weekday is None:
        if (
            place
            and mentions_hearing(note.sentences[place - 1].text)
            and note.sentences[place - 1].is_line
        ):
            # Under its title a note tells where and when; a bare date may be the page's own.
            return 3 if sentence.text[: mention.start].strip(" ,") else 2
        # A bare date in the letterhead, or far below the head, mostly dates the page.
        return 1 if sentence.block < 3 or sentence.block >= note.head else 2
    # In the head of a note, a weekday, a span of hours or several days hardly ever date a letter.
    if sentence.block < note.head and (sentence.is_line or sentence.kind == "heading"):
        return 4 if spans or mention.days[0].weekday is not None or len(mention.days) > 1 else 2
    if spans and not lexicon.REGISTER.search(sentence.text):
        return 3
    return (
        2
        if sentence.is_line and re.search(r"programme?|agenda|schedule", sentence.heading, re.I)
        else 0
    )


def _near(text: str, mention: DateMention, mentions: list[DateMention]) -> tuple[Hours, ...]:
    """Return the times of a sentence that belong to one of its dates: after it, before the next
    date.

    Times before the first date ("from 10 to 12 on 13 July") belong to it too.
    """
    index = mentions.index(mention)
    start = 0 if index == 0 else mention.end
    end = mentions[index + 1].start if index + 1 < len(mentions) else len(text)
    return tuple(hours for hours in sitting_hours(text) if start <= hours.start < end)


def undated_hours(note: ConceptNote) -> Iterator[tuple[tuple[Hours, ...], str]]:
    """Times said of the hearing where no date stands beside them."""
    for label in note.labelled(_TIME_LABEL):
        hours = tuple(sitting_hours(label.value))
        if hours and not dates_in(label.value):
            yield hours, label.value.replace("\n", " ")
    for sentence in note.sentences:
        if (
            dates_in(sentence.text)
            or sentence.kind == "row"
            or lexicon.REGISTER.search(sentence.text)
        ):
            continue
        hours = tuple(sitting_hours(sentence.text))
        if not hours:
            continue
        # `role_of` needs a mention of a date only for its place in the sentence.
        mention = DateMention(hours[0].start, hours[0].end, ())
        refers = hours[0].ends and _SITS.match(sentence.text)
        if (
            refers
            or role_of(sentence.text, mention, own=note.own) is DateRole.HEARING
            or (
                sentence.block < note.head
                and sentence.is_line
                and (hours[0].ends or re.search(rf"\b(?:{lexicon.ROOM})\b", sentence.text))
            )
        ):
            yield hours, sentence.text
