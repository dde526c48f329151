"""Which event a date of a sentence belongs to, by the table of the sentence's language.

The order matters: a cue right before or after a date decides ("au plus tard le", "前"); then the
paper or the past act that has this day; then the nearest noun of an event, or the first one of the
sentence if a verb such as "tendrá lugar" is between.
"""

import re
from enum import Enum
from functools import lru_cache

from hemicycle.convening.dates import DateMention, dates_in
from hemicycle.convening.hours import hours_in
from hemicycle.convening.languages import Language, alternatives, anywhere, fold, names_of
from hemicycle.convening.languages import language as language_named
from hemicycle.convening.zones import ZONE

_SMALL = re.compile(
    r"(?:(?<!\w)(?:on|at|of|the|le|les|el|l[ao]s?|del?|du|der|den|dem|am|um|ab|d[ií]as?|os?|as|às?"
    r"|para|pour|für|cob|eod|do|da|n[oa]|em|en|a|на|в|يوم|الموافق|في|الساعة|minuit|date|including"
    r"|(?:close|end)\s+of\s+(?:the\s+)?(?:business|play|day)(?:\s+day)?)|[\s,():«\"日于年—–-]"
    rf"|(?:{ZONE}))$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(rf"(?<!\w)(?:{alternatives(list(names_of('weekdays')))})$", re.IGNORECASE)
_OF = r"(?:du|de|del|da|do|vom|от|em|of|in|بتاريخ|المؤرخ[ةه]?(?: في)?|الصادر[ةه]?(?: في)?|,|\()"
_NUMBERED = re.compile(
    r"(?:n[º°o]\.?|№|nr\.?|n\.)\s*[\w/.-]*\d[\w/.-]*\s*,?\s*(?:de|del|от|du|vom)\s*$", re.IGNORECASE
)
"""The number of a law: "nº 101, de"."""
TITLE_EVENT = re.compile(rf"{anywhere('event')}|{anywhere('hearing')}", re.IGNORECASE)
"""The nouns with which a title names the note's own event."""
FAR = 90
"""The most characters between a noun such as "deadline" and its date."""


class DateRole(Enum):
    """The kind of event that a date belongs to."""

    HEARING = "hearing"
    DEADLINE = "deadline"
    OTHER = "other"
    OPEN = "open"
    """The sentence does not tell; the place in the note may."""


def role_of(
    language: Language, text: str, mention: DateMention, own: re.Pattern[str] | None = None
) -> DateRole:
    """Return which event a date belongs to, from its sentence alone.

    `own` matches the note's other name for its event, such as "dialogue".
    """
    return _role_of(language.code, text, mention, own)


# Cached, since claims, deadlines and candidates ask about the same dates.
@lru_cache(maxsize=8192)
def _role_of(code: str, text: str, mention: DateMention, own: re.Pattern[str] | None) -> DateRole:
    language = language_named(code)
    folded = fold(text)
    others = dates_in(text)
    begins = max((other.end for other in others if other.end <= mention.start), default=0)
    ends = min((other.start for other in others if other.start >= mention.end), default=len(text))
    before, after = folded[begins : mention.start], folded[mention.end : ends]
    previous = next((other for other in others if other.end == begins), None)
    if (
        closes(language, before, after)
        or _ends_period(language, folded, mention)
        or (_is_period(mention) and _acts(language, folded))
        or (previous and _follows_opening(language, folded, previous, before))
    ):
        return DateRole.DEADLINE
    if (
        at_end(language, "since", before)
        or at_end(language, "instead", before)
        or _is_shown(language, folded, mention)
        or (previous and "(" in before and ")" not in before)
        or _told_by(language, "opens", before)
        or _of_paper(language, before, after)
        or _opens_period(language, before, after, ends < len(text))
    ):
        return DateRole.OTHER
    return DateRole.OTHER if _is_period(mention) else _by_noun(language, folded, mention, own)


def closes(language: Language, before: str, after: str = "") -> bool:
    """Return whether the words around a date or an hour make it a deadline."""
    if _at_start(language, "closing_after", after):
        return True
    if at_end(language, "closing", before):
        return True
    return told(language, before)


def told(language: Language, before: str) -> bool:
    """Return whether a noun such as "deadline" belongs to the date, with nothing else between."""
    return _told_by(language, "deadline", before)


def _told_by(language: Language, name: str, before: str) -> bool:
    nouns = list(language.pattern(name).finditer(before))
    if not nouns or len(before) - nouns[-1].end() > FAR:
        return False
    between = before[nouns[-1].end() :]
    hearing = language.pattern("hearing").search(between)
    held = hearing and (
        language.pattern("held").search(between, hearing.end())
        or language.pattern("convenes").search(between, 0, hearing.start())
    )
    return not (held or re.search(r"[.;。；]", between))


def at_end(language: Language, name: str, before: str) -> bool:
    """Return whether a text ends with a word of a list, apart from hours and small words."""
    pattern = re.compile(rf"(?:{language.pieces(name)})[\s:(]*$", re.IGNORECASE)
    while before:
        if pattern.search(before):
            return True
        shorter = _shorter(before)
        if shorter == before:
            return False
        before = shorter
    return False


def _shorter(before: str) -> str:
    """Return a text without the hour, the weekday or the small word at its end."""
    tail = before[-40:]
    hours = hours_in(tail)
    if hours and not tail[hours[-1].end :].strip(" ,("):
        return before[: len(before) - len(tail) + hours[-1].start]
    return _SMALL.sub("", _WEEKDAY.sub("", before))


def without_small_words(text: str) -> str:
    """Return a text without the hours, weekdays and small words at its end."""
    while (shorter := _shorter(text)) != text:
        text = shorter
    return text


def _at_start(language: Language, name: str, after: str) -> bool:
    rest = re.sub(r"^\s*(?:года|г\.)", "", after)
    hours = hours_in(rest[:30])
    places = [0, *(span.end for span in hours if not rest[: span.start].strip(" ,de:àas(."))]
    pattern = re.compile(rf"[\s,(]*{language.pieces(name)}", re.IGNORECASE)
    return any(pattern.match(rest, place) for place in places)


def _of_paper(language: Language, before: str, after: str) -> bool:
    past, paper = language.pieces("past"), language.pieces("paper")
    # "Sera tenue le" is in the future, though "tenue le" is past.
    before = language.pattern("held").sub(" ", before)
    if re.search(rf"{past}[^.;,。]{{0,40}}$", before, re.IGNORECASE):
        return not language.pattern("hearing").search(before[-60:]) or at_end(
            language, "past", before
        )
    if re.search(rf"{paper}[^.;。]{{0,60}}?(?<!\w){_OF}\s*$", before, re.IGNORECASE):
        return True
    if _NUMBERED.search(before):
        return True
    reach = 6 if language.code == "zh" else 25
    return bool(re.match(rf"[^.;,。，]{{0,{reach}}}{past}", after, re.IGNORECASE)) and not (
        language.pattern("hearing").search(before)
    )


def _is_shown(language: Language, text: str, mention: DateMention) -> bool:
    """Whether a clause says when a recording can be watched, not when people meet."""
    begins = max((text.rfind(mark, 0, mention.start) for mark in ";。；"), default=0)
    clause = text[max(begins, 0) :]
    return bool(language.pattern("shown").search(clause)) and not any(
        language.pattern(name).search(clause) for name in ("held", "convenes")
    )


def _opens_period(language: Language, before: str, after: str, more: bool) -> bool:
    """Whether a day begins a period: "From 1 June" before "to 15 July"."""
    to = re.match(
        rf"\s*(?:года|г\.)?[\s,]*(?:{language.pieces('to')}|{language.pieces('and')}|{language.pieces('closing')})",
        after,
        re.IGNORECASE,
    )
    return bool(more and to and at_end(language, "opening", before))


def _acts(language: Language, text: str) -> bool:
    """Whether a text is about registering or sending something."""
    return any(language.pattern(name).search(text) for name in ("register", "written"))


def _is_period(mention: DateMention) -> bool:
    """Whether a mention is a range of more days than a hearing lasts."""
    days = [date for day in mention.days if (date := day.in_year(day.year or 2000))]
    apart = (days[-1] - days[0]).days if days else 0
    return apart > _LASTS and len(days) == apart + 1


_LASTS = 6
"""The most days between the first and the last day of a hearing."""


def _ends_period(language: Language, text: str, mention: DateMention) -> bool:
    """Whether a list of two days is a period: "Between 6 December and 19 January"."""
    if len(mention.days) != 2 or not all(day.date for day in mention.days):
        return False
    first, last = (day.date for day in mention.days)
    apart = (last - first).days if first and last else 0
    return apart > 10 and at_end(language, "opening", text[: mention.start])


def _follows_opening(language: Language, text: str, first: DateMention, between: str) -> bool:
    """Whether a day ends the period that another one begins: "from 28 April to 23 May"."""
    to = re.fullmatch(rf"\s*(?:{language.pieces('to')}|-|–)\s*", between, re.IGNORECASE)
    return bool(to) and at_end(language, "opening", text[: first.start])


def nouns_in(
    language: Language, text: str, own: re.Pattern[str] | None = None
) -> list[tuple[int, int, DateRole]]:
    """Return the nouns of events in a folded text, with their positions and roles.

    Of nested nouns, only the outer one is returned.
    """
    found = [
        (match.start(), match.end(), DateRole.HEARING if own and own.search(match[0]) else role)
        for pattern, role in (
            (language.pattern("hearing"), DateRole.HEARING),
            (language.pattern("other"), DateRole.OTHER),
            (own, DateRole.HEARING),
        )
        for match in (pattern.finditer(text) if pattern else ())
    ]
    found.sort(key=lambda noun: (noun[0], -noun[1]))
    return [
        noun
        for place, noun in enumerate(found)
        if not any(o[0] <= noun[0] and noun[1] <= o[1] for o in found[:place])
    ]


def _by_noun(
    language: Language, text: str, mention: DateMention, own: re.Pattern[str] | None
) -> DateRole:
    nouns = nouns_in(language, text, own)
    before = [noun for noun in nouns if noun[1] <= mention.start]
    after = [noun for noun in nouns if noun[0] >= mention.end]
    if not before:
        # In "It takes place on ..., before the summit", "it" refers to the previous sentence.
        told = language.pattern("held").search(text, 0, mention.start)
        surely = after and (after[0][2] is DateRole.HEARING or not told)
        return after[0][2] if surely else DateRole.OPEN
    nearest = before[-1]
    between = text[nearest[1] : mention.start]
    hearing = [noun for noun in before if noun[2] is DateRole.HEARING]
    held = language.pattern("held").search(between)
    relative = held and re.search(r"\b(?:that|which|qui|que)\s+$", between[: held.start()])
    if nearest[2] is DateRole.OTHER and hearing and held and not relative:
        return DateRole.HEARING
    return nearest[2]
