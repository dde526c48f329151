"""The reporting voice: who said it, how many, and in whose words.

"We call for X" becomes "A called for X" when the rest has no "we" or "our" left in it to
mean somebody else; anything else is quoted as it stands.
"""

import re
from collections.abc import Mapping, Sequence

from hemicycle.summary.drafting.model import Sentence, Source, Statement
from hemicycle.summary.drafting.themes import Point

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


def report(point: Point, statements: Mapping[str, Statement]) -> Sentence:
    """The sentence of the draft that reports `point`."""
    sources = tuple(Source(said.statement, said.index) for said in point.said)
    makers = [statements[said.statement] for said in point.said]
    clause = _clause(makers[0], point.best.core)
    if len(makers) == 1:
        return Sentence(clause, sources)
    return Sentence(f"{_several(makers)} made much the same point. {clause}", sources, len(makers))


def _clause(maker: Statement, words: str) -> str:
    who = maker.speaker + (", not reached for lack of time," if maker.not_reached else "")
    reportable = _REPORTABLE.match(words)
    if reportable and not _FIRST_PERSON.search(reportable[3]):
        how = f"{reportable[1]} " if reportable[1] else ""
        return f"{who} {how}{_PAST[reportable[2]]} {reportable[3]}."
    language = "" if maker.language == "en" else f" (in {language_name(maker.language)})"
    return f"{who} said{language}: “{words}”"


def _several(makers: Sequence[Statement]) -> str:
    number = len(makers)
    kinds = sorted({maker.category for maker in makers})
    names = [maker.speaker for maker in makers[:_NAMED]]
    # Those who were not reached count with the others, and are not called speakers.
    noun = "speakers" if all(maker.delivered for maker in makers) else "participants"
    among = f", among them {listed(names)}," if number > _NAMED else f" ({listed(names)})"
    return f"{in_words(number)} {noun} from {listed(kinds)}{among}"


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
