"""The year of a date without one, and the day meant by 05/07/2021.

Both are taken only from evidence in the note.
"""

import datetime
import re
from collections import Counter
from dataclasses import dataclass

from hemicycle.convening.dates import DateMention, Day, dates_in
from hemicycle.convening.hours import hours_in
from hemicycle.convening.note import ConceptNote, mentions_hearing
from hemicycle.convening.roles import DateRole, role_of
from hemicycle.convening.zones import zones_in

_YEAR = re.compile(r"\b(20\d\d)\b")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The time frame of a note: the years that it names, and the day on which it was written."""

    years: tuple[int, ...]
    written: datetime.date | None
    month_first: bool | None
    known: tuple[datetime.date, ...]

    @classmethod
    def of(cls, note: ConceptNote) -> "Calendar":
        dated = [
            (sentence, mention)
            for sentence in note.sentences
            for mention in dates_in(sentence.text)
        ]
        full = [
            day.date for _, mention in dated for day in mention.days if day.date and not day.swapped
        ]
        # The year in which a resolution was adopted says nothing about the hearing.
        timely = [
            day.date
            for sentence, mention in dated
            if role_of(note.language, sentence.text, mention) is not DateRole.OTHER
            for day in mention.days
            if day.date and not day.swapped
        ] or full
        # The most frequent year comes first: a note may mention the years before and after.
        years = tuple(year for year, _ in Counter(date.year for date in timely).most_common())
        # Without any full date, a year in the head ("Forum 2026") is the best evidence.
        if not years:
            head = (
                note.document.title
                + " "
                + " ".join(block.flat for block in note.blocks[: note.head])
            )
            years = tuple(dict.fromkeys(int(year) for year in _YEAR.findall(head)))
        return cls(years, _written(note), _month_first(note), tuple(timely))

    def resolve(self, day: Day) -> datetime.date | None:
        """Return the date of a day as written; None if the year or the order remains unknown."""
        if day.swapped:
            return self._unswap(day)
        if day.date:
            return day.date
        # A note often repeats a date without its year: the full date elsewhere decides.
        same = {date for date in self.known if (date.month, date.day) == (day.month, day.day)}
        candidates = [*sorted(same), *self._candidates(day)]
        if day.weekday is not None:
            candidates = [date for date in candidates if date.weekday() == day.weekday]
        return candidates[0] if candidates else None

    def _unswap(self, day: Day) -> datetime.date | None:
        if self.month_first is None or day.year is None:
            return None
        if self.month_first:
            return Day(day.day, day.month, day.year).date
        return day.date

    def _candidates(self, day: Day) -> list[datetime.date]:
        # A note announces the future: choose the first such day on or after the day of writing.
        if self.written:
            here = [day.in_year(self.written.year), day.in_year(self.written.year + 1)]
            return [date for date in here if date and date >= self.written]
        # If several years are possible, only the weekday can decide between them.
        if len(self.years) == 1 or day.weekday is not None:
            return [date for year in self.years if (date := day.in_year(year))]
        return []

    def dates(self, mention: DateMention) -> list[datetime.date]:
        """Return the dates of a mention that can be determined."""
        return [date for day in mention.days if (date := self.resolve(day))]


_NAME = r"[A-ZÀ-Ý][\w’'.-]*"
_PLACE = re.compile(
    rf"(?:[Dd]ate:?|{_NAME}(?:\s+(?:(?:d[aeo]s?|du|la|les?|el|del|der|am|of|upon|sur)\s+)*{_NAME}){{0,3}})?"
    r"(?:,\s*(?:le|den|em|el|a))?"
)
"""The text before the date of a letter: "Saint-Albin, le".

Place names begin with a capital; a word in lower case would belong to a sentence.
"""


def _written(note: ConceptNote) -> datetime.date | None:
    """Return the day on which the note was written; None if it is unknown.

    It is in a date line without other text in the head, a mail header or a dateline.
    """
    for place, sentence in enumerate(note.sentences):
        # The day of writing is at the very top; a date further below is the hearing's.
        if sentence.block >= min(note.head, 8):
            return None
        mentions = dates_in(sentence.text)
        under_title = (
            place
            and mentions_hearing(note.sentences[place - 1].text)
            and note.sentences[place - 1].is_line
        )
        if mentions and under_title and sentence.text[: mentions[0].start].strip(" ,"):
            continue
        if len(mentions) == 1 and is_dateline(sentence.text, mentions[0]):
            return mentions[0].days[0].date
    return None


def is_dateline(text: str, mention: DateMention) -> bool:
    """Return whether a line only dates the note: "Geneva, 3 May 2024", "Issued: 3 May 2024"."""
    if len(mention.days) != 1 or any(hours.ends for hours in hours_in(text)):
        return False
    before, after = text[: mention.start].strip(" ,("), text[mention.end :].strip(" .,)")
    if re.fullmatch(
        r"(?:issued|published|posted|date issued|date of issue|released?|sent|updated"
        r"|press release)\s*:?(?:\s+on)?",
        before,
        re.I,
    ):
        return True
    if re.match(r"(?:[-–—|]|\d\d:\d\d:\d\d)\s*", after) or (
        re.match(r"[A-ZÀ-Ý][\w .,()’'-]{2,40}$", before)
        and re.match(r"[-–—]", text[mention.end :].strip())
    ):
        return len(before) < 60
    place = _PLACE.fullmatch(before)
    return bool(place) and not after


def _month_first(note: ConceptNote) -> bool | None:
    """Return whether 05/07/2021 is 7 May, by the note's other dates or its origin.

    Return None if they do not tell.
    """
    text = note.document.text
    for match in re.finditer(r"\b(\d{1,2})[/.](\d{1,2})[/.]20\d\d\b", text):
        # A number above 12 can only be the day.
        if int(match[1]) > 12:
            return False
        if int(match[2]) > 12:
            return True
    # Without such a date, the order of dates with a named month shows the writer's habit.
    if re.search(r"[A-Z][a-z]+\s+\d{1,2}(?:st|nd|rd|th)?,\s+20\d\d", text):
        return True
    if re.search(
        r"\d{1,2}\s+(?:[A-Z][a-z]{2,8}|janvier|juin|juillet|de\s+\w+)\s+(?:de\s+)?20\d\d", text
    ):
        return False
    zones = {zone.partition("/")[0] for _, zone in zones_in(text)}
    # America is left out: both orders are common there in English.
    east = zones and zones <= {"Europe", "Africa", "Asia", "Australia"}
    if east or note.language.code != "en":
        return False
    return None
