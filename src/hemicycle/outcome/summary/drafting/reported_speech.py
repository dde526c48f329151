"""Reported speech: who said it, how many, and in whose words.

All text is in the active language, which is the draft's. In English, "We call for X" becomes "A
called for X" if the rest contains no "we" or "our" that would change its meaning, and "The fund
should do X" becomes "A held that the fund should do X"; anything else, and everything in other
languages, is quoted unchanged. If several authors said nearly the same, the words are those of one
of them, and the sentence says so.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.outcome.summary.drafting.key_points import KeyPoint
from hemicycle.outcome.summary.drafting.model import Citation, DraftSentence, SourceStatement
from hemicycle.ui import times
from hemicycle.ui.languages import SOURCE, base, language_name, listed

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


def language() -> str:
    """Return the language of the draft, without its script."""
    return base(times.language())


def readable(point: KeyPoint, statements: Mapping[str, SourceStatement]) -> KeyPoint:
    """Choose, as the point's best sentence, one in the draft's language, if there is one.

    Prefer a sentence that can be reported without quotation.
    """
    own = [said for said in point.said if statements[said.statement].language == language()]
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
    """Return a quotation, with the name of its language if it is not the draft's."""
    if maker.language == language():
        return _("“%(words)s”") % {"words": words}
    told = {"words": words, "language": language_name(maker.language)}
    return _("“%(words)s” (in %(language)s)") % told


def _clause(maker: SourceStatement, words: str) -> str:
    who = maker.speaker
    if maker.not_reached:
        who = _("%(speaker)s, not reached for lack of time,") % {"speaker": who}
    if reported := _reported(words):
        return f"{who} {' '.join(reported)}."
    told = {"speaker": who, "words": words, "language": language_name(maker.language)}
    if maker.language == language():
        return _("%(speaker)s said: “%(words)s”") % told
    return _("%(speaker)s said (in %(language)s): “%(words)s”") % told


def _shared(makers: Sequence[SourceStatement], words: str) -> str:
    several = participants(makers)
    number, who = len(several), _several(several)
    if reported := _reported(words):
        verb, rest = reported
        return f"{in_words(number)} participants ({who}) {verb}, in similar terms, {rest}."
    said = ngettext(
        "%(n)s participant (%(who)s) made much the same point, in the words of %(first)s: "
        "“%(words)s”",
        "%(n)s participants (%(who)s) made much the same point, in the words of %(first)s: "
        "“%(words)s”",
        number,
    )
    return said % {"n": in_words(number), "who": who, "first": _first(makers[0]), "words": words}


def _first(maker: SourceStatement) -> str:
    if maker.language == language():
        return _within(maker)
    told = {"speaker": _within(maker), "language": language_name(maker.language)}
    return _("%(speaker)s (in %(language)s)") % told


def _reported(words: str) -> tuple[str, str] | None:
    """Split a sentence into a reporting verb and the rest; None if it must be quoted."""
    if language() != SOURCE:
        return None
    if (said := _REPORTABLE.match(words)) and not _FIRST_PERSON.search(said[3]):
        how = f"{said[1]} " if said[1] else ""
        return f"{how}{_PAST[said[2]]}", said[3]
    if (held := _HELD.match(words)) and not _FIRST_PERSON.search(held[2]):
        return "held", f"that {held[1].lower()} {held[2]}"
    return None


def _within(maker: SourceStatement) -> str:
    """Return the author of a statement, as written in the middle of a sentence."""
    return f"{maker.speaker[:1].lower()}{maker.speaker[1:]}" if maker.unnamed else maker.speaker


def _several(makers: Sequence[SourceStatement]) -> str:
    """Return the authors' names, or of many, their categories' number and some public names."""
    named = [maker for maker in makers if not maker.unnamed]
    shown = makers if len(makers) <= _NAMED else named[:_NAMED]
    names = listed(dict.fromkeys(_within(maker) for maker in shown))
    if len(makers) <= _NAMED:
        return names
    kinds = len({maker.category for maker in makers})
    if not names:
        said = ngettext("from %(n)s category", "from %(n)s categories", kinds)
    else:
        said = ngettext(
            "from %(n)s category, among them %(names)s",
            "from %(n)s categories, among them %(names)s",
            kinds,
        )
    return said % {"n": times.number(kinds), "names": names}


def in_words(number: int) -> str:
    """Return a number for the beginning of a sentence, in English spelled out up to ten."""
    spelled = language() == SOURCE and 0 < number < len(_NUMBERS)
    return _NUMBERS[number] if spelled else times.number(number)
