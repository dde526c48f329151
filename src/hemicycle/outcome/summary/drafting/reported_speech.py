"""Reported speech: who said it, how many, and in whose words.

"We call for X" becomes "A called for X" if the rest contains no "we" or "our" that would change its
meaning, and "The fund should do X" becomes "A held that the fund should do X"; anything else is
quoted unchanged. If several said nearly the same, the words are those of one of them, and the
sentence says so.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hemicycle.outcome.summary.drafting.key_points import KeyPoint
from hemicycle.outcome.summary.drafting.model import Citation, DraftSentence, SourceStatement
from hemicycle.ui.languages import name_in

LANGUAGE = "en"
"""The language of the draft."""

_PAST = {
    "ask": "asked",
    "believe": "believed",
    "call": "called",
    "condemn": "condemned",
    "demand": "demanded",
    "emphasize": "emphasized",
    "encourage": "encouraged",
    "invite": "invited",
    "note": "noted",
    "propose": "proposed",
    "recall": "recalled",
    "recommend": "recommended",
    "reiterate": "reiterated",
    "request": "requested",
    "stress": "stressed",
    "suggest": "suggested",
    "support": "supported",
    "underline": "underlined",
    "urge": "urged",
    "welcome": "welcomed",
}
_REPORTABLE = re.compile(
    rf"^(?:We|I)(?: (also|strongly|further)| therefore)? ({'|'.join(_PAST)}) (.+?)[.!]?$"
)
_HELD = re.compile(
    r"^(The|A|An|All|Every|Each|Any|No) (?=.+\b(?:should|must|ought to|needs? to)\b)(.+?)[.!]?$"
)
"""A demand with "should", in a sentence that does not begin with a name."""
_FIRST_PERSON = re.compile(r"\b(?:we|us|our|ours|i|me|my|mine|you|your)\b|[“”\"]", re.IGNORECASE)
_NUMBERS = ("", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_NAMED = 3


def readable(point: KeyPoint, statements: Mapping[str, SourceStatement]) -> KeyPoint:
    """Choose, as the point's best sentence, one in the draft's language, if there is one.

    Prefer a sentence that can be reported without quotation.
    """
    own = [said for said in point.said if statements[said.statement].language == LANGUAGE]
    best = next((said for said in own if _reported(said.core)), own[0] if own else point.best)
    if best == point.best:
        return point
    rest = tuple(said for said in point.said if said != best)
    return replace(point, best=best, said=(best, *rest))


def report(point: KeyPoint, statements: Mapping[str, SourceStatement]) -> DraftSentence:
    """Write the sentence of the draft that reports `point`."""
    makers = [statements[said.statement] for said in point.said]
    if len(participants(makers)) == 1:
        return DraftSentence(_clause(makers[0], point.best.core), sources(point))
    return DraftSentence(
        _shared(makers, point.best.core), sources(point), len(participants(makers))
    )


def participants(makers: Sequence[SourceStatement]) -> list[SourceStatement]:
    """Return one statement for each participant."""
    return list({maker.participant or maker.id: maker for maker in reversed(makers)}.values())[::-1]


def sources(point: KeyPoint) -> tuple[Citation, ...]:
    """Cite all sentences that make a point, the quoted one first."""
    return tuple(Citation(said.statement, said.index) for said in point.said)


def quoted(maker: SourceStatement, words: str) -> str:
    """Return a quotation, with the language if it is not the paper's."""
    return f"“{words}”{_in_language(maker)}"


def _clause(maker: SourceStatement, words: str) -> str:
    who = maker.speaker + (", not reached for lack of time," if maker.not_reached else "")
    if reported := _reported(words):
        return f"{who} {' '.join(reported)}."
    return f"{who} said{_in_language(maker)}: “{words}”"


def _shared(makers: Sequence[SourceStatement], words: str) -> str:
    who = _several(participants(makers))
    if reported := _reported(words):
        verb, rest = reported
        return f"{who} {verb}, in similar terms, {rest}."
    first = f"{_within(makers[0])}{_in_language(makers[0])}"
    return f"{who} made much the same point, in the words of {first}: “{words}”"


def _reported(words: str) -> tuple[str, str] | None:
    """Split a sentence into a reporting verb and the rest; None if it must be quoted."""
    if (said := _REPORTABLE.match(words)) and not _FIRST_PERSON.search(said[3]):
        how = f"{said[1]} " if said[1] else ""
        return f"{how}{_PAST[said[2]]}", said[3]
    if (held := _HELD.match(words)) and not _FIRST_PERSON.search(held[2]):
        return "held", f"that {held[1].lower()} {held[2]}"
    return None


def _in_language(maker: SourceStatement) -> str:
    return "" if maker.language == LANGUAGE else f" (in {language_name(maker.language)})"


def _within(maker: SourceStatement) -> str:
    """Who made a statement, in the middle of a sentence."""
    return f"{maker.speaker[:1].lower()}{maker.speaker[1:]}" if maker.unnamed else maker.speaker


def _several(makers: Sequence[SourceStatement]) -> str:
    """Return how many, from how many categories, and some names, of those who may be named
    first.
    """
    number = len(makers)
    named = [maker for maker in makers if not maker.unnamed]
    shown = makers if number <= _NAMED else named[:_NAMED]
    names = listed(list(dict.fromkeys(_within(maker) for maker in shown)))
    # Participants who were not reached are counted too, and are not called speakers.
    noun = "speakers" if all(maker.delivered for maker in makers) else "participants"
    if number <= _NAMED:
        return f"{in_words(number)} {noun} ({names})"
    kinds = len({maker.category for maker in makers})
    where = f"from {in_words(kinds).lower()} categories" if kinds > 1 else "of one category"
    among = f", among them {names}," if names else ""
    return f"{in_words(number)} {noun} {where}{among}"


def language_name(tag: str) -> str:
    """The English name of a language; the tag itself for an unknown one."""
    return name_in(tag, "en")


def in_words(number: int) -> str:
    """A number at the head of a sentence: in letters up to ten."""
    return _NUMBERS[number] if 0 < number < len(_NUMBERS) else f"{number:,}"


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *head, last = items or ("",)
    return f"{', '.join(head)} and {last}" if head else last
