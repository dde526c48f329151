"""The dates of a hearing, its deadlines and its status, found with its language's table."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hemicycle.convening import roles
from hemicycle.convening.calendar import Calendar, is_dateline
from hemicycle.convening.dates import DateMention, dates_in
from hemicycle.convening.hours import Hours, hours_in
from hemicycle.convening.languages import Language, fold
from hemicycle.convening.note import ConceptNote, Label
from hemicycle.convening.roles import DateRole
from hemicycle.convening.sentences import NoteSentence
from hemicycle.convening.zones import ZONE

CLOSING_LABELS = ("deadline", "register", "written")
_FRONT = 40
"""The number of characters at the front of a sentence in which it may speak of a beginning."""
_BELOW = 3
"""The number of lines below a date in which its hours may be."""
_LISTED = 12
"""The most items of a list for which the line above it counts."""
LONG_BREAK = 45
"""The shortest break, in minutes without a programme item, that separates two meetings."""
_MAIL_DATE = re.compile(r"\d\d:\d\d:\d\d|[+-]\d{4}\b\s*$")
"""Mail programs, not people, write seconds or an offset after a date."""


TELEPHONE = re.compile(
    r"\b(?:tel|phone|tél|fono|fone)|[тТ]ел[.е]|هاتف|[电電][话話]|\d[\d -]{6,}\d", re.IGNORECASE
)

"""Near a telephone number, hours and addresses are those of an office."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A passage that gives days to the hearing, with the times named in it."""

    weight: int
    days: tuple[datetime.date, ...]
    hours: tuple[Hours, ...]
    passage: str
    undated: bool = False
    listed: bool = False
    """Whether it is in a list or table, as are the dates of a hearing in several places."""


def claims_of(note: ConceptNote, calendar: Calendar) -> Iterator[Claim]:
    """Yield every passage that gives days to the hearing, in the order of the note."""
    for place, sentence in enumerate(note.sentences):
        mentions = dates_in(sentence.text)
        for mention in mentions:
            weight = _weight(note, place, mention)
            if weight:
                days = tuple(calendar.dates(mention))
                # A note announces the future; an earlier day belongs to a past hearing.
                if days and calendar.written and days[-1] < calendar.written:
                    continue
                hours = _near(note.language, sentence.text, mention, mentions) or _below(
                    note, place
                )
                if len(hours) == 1 and place + 1 < len(note.sentences):
                    pauses = _pauses(note.language, note.sentences[place + 1].text)
                    hours = tuple(_around(hours[0], pauses))
                listed = sentence.kind in ("item", "row") or (
                    mention.start == 0 and sentence.is_line
                )
                yield Claim(weight, days, hours, sentence.text, undated=not days, listed=listed)


def undated_hours(note: ConceptNote) -> Iterator[tuple[tuple[Hours, ...], str]]:
    """Yield the hours of the hearing that have no date beside them, each with its passage."""
    for label in note.labelled("time"):
        hours = sitting_hours(note.language, label.value)
        beside = note.language.pattern("beside").search(fold(label.name))
        if hours and not beside and not dates_in(label.value):
            yield hours, label.value
    for place, sentence in enumerate(note.sentences):
        text = sentence.text
        if dates_in(text) or note.label_at(sentence) or sentence.kind == "row":
            continue
        if TELEPHONE.search(text):
            continue
        hours = sitting_hours(note.language, text)
        begins = note.language.pattern("begins").search(fold(text), 0, _FRONT)
        named = note.language.pattern("hearing").search(fold(text))
        held = note.language.pattern("held").search(fold(text))
        room = hours and (hours[0].ends or note.language.pattern("room").search(fold(text)))
        headed = room and sentence.block < note.head and sentence.is_line
        if hours and (named or begins or headed or (held and _refers(note, place))):
            yield hours, text


def sitting_hours(language: Language, text: str) -> tuple[Hours, ...]:
    """Return the hours of a text at which people meet, without those of doors, lists and breaks."""
    folded = fold(text)
    found: list[Hours] = []
    pauses = []
    last = 0
    for hours in hours_in(text):
        clause = re.split(r"[.;。；]|,\s(?!\d)", folded[last : hours.start])[-1]
        last = hours.end
        if language.pattern("break_item").search(clause):
            pauses.append(hours)
        elif not hours.ends and (
            roles.at_end(language, "ends", clause)
            or (language.code == "zh" and language.pattern("ends").match(folded, hours.end))
        ):
            # "At 14:00, and ends at 18:00" is one span.
            if found and not found[-1].ends and found[-1].starts < hours.starts:
                found[-1] = replace(found[-1], end=hours.end, ends=hours.starts)
        elif not (
            hours.echo
            or language.pattern("beside").search(clause)
            or (not hours.ends and roles.closes(language, clause))
        ):
            found.append(hours)
    return tuple(part for hours in found for part in _around(hours, pauses))


def _pauses(language: Language, text: str) -> list[Hours]:
    """Return the hours of a sentence about a break: "There will be a break between 12 and 1"."""
    return list(hours_in(text)) if language.pattern("break_item").search(fold(text)) else []


def _around(hours: Hours, pauses: list[Hours]) -> list[Hours]:
    """Return a span in two parts if it contains a long break, or else as it is."""
    for pause in pauses:
        if pause.ends is None or hours.ends is None or pause.ends - pause.starts < LONG_BREAK:
            continue
        if hours.starts < pause.starts and pause.ends < hours.ends:
            return [replace(hours, ends=pause.starts), replace(hours, starts=pause.ends)]
    return [hours]


def end_of_sitting(note: ConceptNote) -> int | None:
    """Return the time at which the hearing ends, if a separate sentence says so."""
    for sentence in note.sentences:
        text = fold(sentence.text)
        for hours in hours_in(text):
            before = text[: hours.start]
            foreign = note.language.pattern("register").search(before)
            if not foreign and not hours.ends and roles.at_end(note.language, "ends", before):
                return hours.starts
    return None


def _near(
    language: Language, text: str, mention: DateMention, mentions: list[DateMention]
) -> tuple[Hours, ...]:
    index = mentions.index(mention)
    start = 0 if index == 0 else mention.end
    end = mentions[index + 1].start if index + 1 < len(mentions) else len(text)
    return tuple(hours for hours in sitting_hours(language, text) if start <= hours.start < end)


def _below(note: ConceptNote, place: int) -> tuple[Hours, ...]:
    """Return the hours of the next lines, as in "Fecha: ..." and then "Hora: ..."."""
    sentence = note.sentences[place]
    if not sentence.is_line:
        return ()
    for following in note.sentences[place + 1 : place + 1 + _BELOW]:
        label = note.label_at(following)
        if dates_in(following.text) or (label and set(label.kinds) & set(CLOSING_LABELS)):
            return ()
        if not following.is_line and not label:
            return ()
        hours = sitting_hours(note.language, following.text)
        if hours and (label or not _names_something(note.language, following.text, hours)):
            return hours
    return ()


def _names_something(language: Language, text: str, hours: tuple[Hours, ...]) -> bool:
    """Whether a line has words besides its hours and place, as an item of a programme has."""
    rest = re.sub(ZONE, " ", text[hours[-1].end :], flags=re.IGNORECASE)
    if language.pattern("room").match(fold(rest).lstrip(" ,;|–-")):
        return False
    return bool(re.search(r"[^\W\d_]{3,}|[\u4e00-\u9fff]{2,}", rest))


def _weight(note: ConceptNote, place: int, mention: DateMention) -> int:
    """Return how surely a date is the hearing's: 0 for no claim, to 5.

    5 means that the sentence speaks of the hearing, 4 a labelled date or a sentence after the one
    that names the hearing, 3 a date of the hearing in the head. Below that, the place in the note
    counts.
    """
    sentence = note.sentences[place]
    role = role_in(note, place, mention)
    if role in (DateRole.DEADLINE, DateRole.OTHER) or _opens_release(sentence.text, mention):
        return 0
    if label := note.label_at(sentence, mention.start):
        dated = {"date", "time"} & set(label.kinds) and not _of_mail(note, sentence)
        return 4 if dated else 0
    held = note.language.pattern("held").search(fold(sentence.text))
    convened = held or note.language.pattern("convenes").search(fold(sentence.text))
    if role is DateRole.HEARING:
        return 5 if convened or hours_in(sentence.text) else 3 if sentence.block < note.head else 1
    if is_dateline(sentence.text, mention) and mention.days[0].weekday is None:
        # Under the title, a bare date is the hearing's; elsewhere it dates the note or the page.
        titled = place and note.sentences[place - 1].is_line and _refers(note, place)
        return 2 if titled else 1
    if convened and _refers(note, place) and (held or hours_in(sentence.text)):
        return 4
    return _weight_of_place(note, sentence, mention)


def _opens_release(text: str, mention: DateMention) -> bool:
    """Return whether a date opens a press release: "Ville, le 3 mai 2026 – " and a text."""
    dashed = re.match(r"\s*[-–—]\s", text[mention.end :])
    return bool(dashed) and is_dateline(text, mention)


def _of_mail(note: ConceptNote, sentence: NoteSentence) -> bool:
    """Whether a mail program wrote the day, or it is beside a memorandum's "From:"."""
    memo = any(
        abs(label.block - sentence.block) <= 1 and "sender" in label.kinds for label in note.labels
    )
    return memo or bool(_MAIL_DATE.search(sentence.text))


def _weight_of_place(note: ConceptNote, sentence: NoteSentence, mention: DateMention) -> int:
    """Return the weight of a date by its place in the note.

    In the head, a date with a weekday, hours or several days is hardly ever that of a letter.
    """
    if note.language.pattern("register").search(fold(sentence.text)):
        return 0
    listed = sentence.is_line or sentence.kind in ("heading", "item", "row")
    if sentence.block < note.head and listed:
        timed = sitting_hours(note.language, sentence.text)
        return 3 if timed or mention.days[0].weekday is not None or len(mention.days) > 1 else 1
    return 2 if any(hours.ends for hours in hours_in(sentence.text)) else 0


def _refers(note: ConceptNote, place: int) -> bool:
    """Whether the previous sentence names the hearing, so that this one may continue about it."""
    before = note.sentences[place - 1] if place else None
    return bool(before and note.language.pattern("hearing").search(fold(before.text)))


def role_in(note: ConceptNote, place: int, mention: DateMention) -> DateRole:
    """Return which event a date belongs to, by its sentence, its label and the note's status."""
    sentence = note.sentences[place]
    # A cell of a column "Until" or "Deadline" is a last day, never the day of the hearing.
    if sentence.block in note.due_cells:
        return DateRole.DEADLINE
    if (moved := _moved_role(note, sentence, mention)) is not None:
        return moved
    label = note.label_at(sentence, mention.start)
    if label and set(label.kinds) & set(CLOSING_LABELS):
        # "Registration: 20 October to 5 November" ends on its second day.
        opens = _opens_range(note.language, sentence.text, mention)
        return DateRole.OTHER if opens else DateRole.DEADLINE
    role = roles.role_of(note.language, sentence.text, mention, note.own)
    if label and {"date", "time"} & set(label.kinds) and role is DateRole.OPEN:
        return DateRole.HEARING
    return _introduced(note, place) if role is DateRole.OPEN and sentence.kind == "item" else role


def _opens_range(language: Language, text: str, mention: DateMention) -> bool:
    """Whether only a word such as "to" is between a day and the next one."""
    after = [other.start for other in dates_in(text) if other.start >= mention.end]
    between = fold(text[mention.end : after[0]]) if after else ""
    to = rf"\s*(?:{language.pieces('to')}|[-–—])\s*"
    return bool(re.fullmatch(to, between, re.IGNORECASE))


def _introduced(note: ConceptNote, place: int) -> DateRole:
    """Return the role that the line above a list, as "Visits to the site:", gives its items."""
    near = reversed(note.sentences[max(0, place - _LISTED) : place])
    above = next((sentence.text for sentence in near if sentence.kind != "item"), "")
    nouns = roles.nouns_in(note.language, fold(above), note.own) if above.endswith(":") else []
    return nouns[-1][2] if nouns else DateRole.OPEN


def _moved_role(note: ConceptNote, sentence: NoteSentence, mention: DateMention) -> DateRole | None:
    """Return the role of a day of a moved or cancelled hearing, if it is its new or former day."""
    if not note.status:
        return None
    before = fold(sentence.text[: mention.start])
    for name, role in (("moved_to", DateRole.HEARING), ("was_set", DateRole.OTHER)):
        if re.search(rf"{note.language.pieces(name)}[^.;。；]{{0,30}}$", before, re.IGNORECASE):
            return role
    return None


def deadline_mentions(
    note: ConceptNote,
) -> Iterator[tuple[int, NoteSentence, DateMention, Label | None]]:
    """Yield the dates by which something must be done, with their places, sentences and labels."""
    for place, sentence in enumerate(note.sentences):
        for mention in dates_in(sentence.text):
            if role_in(note, place, mention) is DateRole.DEADLINE:
                yield place, sentence, mention, note.label_at(sentence, mention.start)
