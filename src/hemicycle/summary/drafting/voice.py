"""The reporting voice: who said it, how many, and in whose words.

"We call for X" becomes "A called for X" when the rest has no "we" or "our" left in it to
mean somebody else; anything else is quoted as it stands.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hemicycle.summary.drafting.model import Sentence, Source, Statement
from hemicycle.summary.drafting.themes import Point

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
_FIRST_PERSON = re.compile(r"\b(?:we|us|our|ours|i|me|my|mine|you|your)\b|[“”\"]", re.IGNORECASE)
_LANGUAGES = {
    "ar": "Arabic",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "ru": "Russian",
    "zh": "Chinese",
}
_NUMBERS = ("", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
_NAMED = 3


def readable(point: Point, statements: Mapping[str, Statement]) -> Point:
    """The point as somebody put it in the paper's own language, if anybody did."""
    own = [said for said in point.said if statements[said.statement].language == LANGUAGE]
    if not own or own[0] == point.best:
        return point
    rest = tuple(said for said in point.said if said != own[0])
    return replace(point, best=own[0], said=(own[0], *rest))


def report(point: Point, statements: Mapping[str, Statement]) -> Sentence:
    """The sentence of the draft that reports `point`."""
    makers = [statements[said.statement] for said in point.said]
    clause = _clause(makers[0], point.best.core)
    if len(makers) == 1:
        return Sentence(clause, sources(point))
    several = f"{_several(makers)} made much the same point. {clause}"
    return Sentence(several, sources(point), len(makers))


def sources(point: Point) -> tuple[Source, ...]:
    """All sentences that make a point, the one that is quoted first."""
    return tuple(Source(said.statement, said.index) for said in point.said)


def quoted(maker: Statement, words: str) -> str:
    """Words as they were said, with the language if it is not the paper's."""
    language = "" if maker.language == LANGUAGE else f" (in {language_name(maker.language)})"
    return f"“{words}”{language}"


def _clause(maker: Statement, words: str) -> str:
    who = maker.speaker + (", not reached for lack of time," if maker.not_reached else "")
    reportable = _REPORTABLE.match(words)
    if reportable and not _FIRST_PERSON.search(reportable[3]):
        how = f"{reportable[1]} " if reportable[1] else ""
        return f"{who} {how}{_PAST[reportable[2]]} {reportable[3]}."
    language = "" if maker.language == LANGUAGE else f" (in {language_name(maker.language)})"
    return f"{who} said{language}: “{words}”"


def _several(makers: Sequence[Statement]) -> str:
    number = len(makers)
    kinds = sorted({maker.category for maker in makers})
    names = [maker.speaker for maker in makers[:_NAMED]]
    # Those who were not reached count with the others, and are not called speakers.
    noun = "speakers" if all(maker.delivered for maker in makers) else "participants"
    among = f", among them {listed(names)}," if number > _NAMED else f" ({listed(names)})"
    where = listed(kinds)
    if len(kinds) > _NAMED:
        where = f"{in_words(len(kinds)).lower()} categories"
    return f"{in_words(number)} {noun} from {where}{among}"


def language_name(tag: str) -> str:
    """The English name of a language of the United Nations; another's tag as it is."""
    return _LANGUAGES.get(tag, tag)


def in_words(number: int) -> str:
    """A number at the head of a sentence: in letters up to ten."""
    return _NUMBERS[number] if 0 < number < len(_NUMBERS) else f"{number:,}"


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *head, last = items
    return f"{', '.join(head)} and {last}" if head else last
