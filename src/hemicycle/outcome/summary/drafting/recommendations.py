"""Recommendations: who should do what, in the words of the statements.

A sentence is split only where it is explicit. "We urge States to publish figures" names who should
act; "Shelters must be funded" does not, and the draft does not guess. A sentence that cannot be
split, or is in another language than English, is kept unchanged.
"""

import re
from collections.abc import Mapping, Sequence

from hemicycle.outcome.summary.drafting import reported_speech
from hemicycle.outcome.summary.drafting.key_points import KeyPoint
from hemicycle.outcome.summary.drafting.model import DraftSentence, SourceStatement

PER_QUESTION = 10
_ASKS = re.compile(
    r"\bcall(?:s|ed|ing)? (?:up)?(?:on|for|to)\b"
    r"|\b(?:urge|recommend|propose|must|should|needs?\b|request|demand|ask)\w*\b"
    r"|\b(?:appelons|demandons|recommandons|exhortons|invitons|proposons|doi(?:t|vent)"
    r"|devrai\w+)\b"
    r"|\b(?:pedimos|recomendamos|instamos|exhortamos|proponemos|deben?|deber[ií]an?)\b"
    r"|\b(?:призываем|рекомендуем|предлагаем|просим|настаиваем|следует|необходимо"
    r"|должн[аоы]|должен)\b"
    r"|ندعو|نوصي|نطالب|ينبغي|يجب|نحث|نقترح|呼吁|建议|应当|应该|必须|要求|敦促",
    re.IGNORECASE,
)
_URGED = re.compile(
    r"^(?:We|I)(?: (?:also|strongly|further|therefore))? "
    r"(?:urge|call (?:up)?on|ask|invite|encourage|request) (?P<who>.{3,90}?) to (?P<what>.+)$"
)
_SHOULD = re.compile(
    r"^(?P<who>(?!We\b|I\b|It\b|There\b|This\b|That\b|These\b|Those\b|Nobody\b|No\b).{3,90}?) "
    r"(?:should|must|ought to|have to|has to|need to|needs to) "
    r"(?!be\b|not be\b|never be\b|have been\b)(?P<what>.+)$"
)
_WANTED = re.compile(
    r"^(?:We|I)(?: (?:also|strongly|further|therefore))? "
    r"(?:call for|recommend|propose|demand|request|ask for|suggest) (?P<what>.+)$"
)
_OUTCOME = re.compile(
    r"^(?P<who>The (?:outcome|declaration|political declaration)\b.{0,60}?) "
    r"should (?P<what>.+)$",
    re.IGNORECASE,
)
_ASKED = re.compile(r"^(?:ask|call) for ", re.IGNORECASE)
"""The beginning to remove from what an outcome document "should" do: it only repeats the request.
"""
_SUBJECT = re.compile(r"\b(?:we|our|us|my|I|you|your)\b|[“”\"]", re.IGNORECASE)


def is_request(point: KeyPoint) -> bool:
    """Whether a point asks for something."""
    return _ASKS.search(point.best.core) is not None


def most_shared(found: Sequence[KeyPoint]) -> list[KeyPoint]:
    """Return the most widely shared points, at most `PER_QUESTION`."""
    ranked = sorted(found, key=lambda point: (-len(point.said), -point.relevance))
    return ranked[:PER_QUESTION]


def row(point: KeyPoint, statements: Mapping[str, SourceStatement]) -> DraftSentence:
    """Make a recommendation, with all statements that asked for it as sources."""
    who, what = split_request(point.best.core)
    maker = statements[point.best.statement]
    if maker.language != reported_speech.language():
        who, what = "", reported_speech.quoted(maker, point.best.core)
    return DraftSentence(what, reported_speech.sources(point), addressee=who)


def split_request(words: str) -> tuple[str, str]:
    """Return who should act and what they should do; ("", words) if the sentence does not say."""
    for pattern in (_URGED, _OUTCOME, _SHOULD, _WANTED):
        if found := pattern.match(words.rstrip(".! ")):
            parts = found.groupdict()
            who, what = parts.get("who", ""), parts["what"]
            what = _ASKED.sub("", what)
            if not _SUBJECT.search(f"{who} {what}"):
                return _begun(who), f"{_begun(what)}."
    return "", words


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
