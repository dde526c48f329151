"""Whether a text convenes a hearing at all."""

import re

from hemicycle.convening import lexicon
from hemicycle.convening.dates import dates_in
from hemicycle.convening.events import nouns_in
from hemicycle.convening.hours import hours_in
from hemicycle.convening.languages import fold
from hemicycle.convening.note import ConceptNote, mentions_hearing
from hemicycle.convening.programme import ProgrammeEntry

ENOUGH = 4
"""Points from which a text counts as a convening note; see `points`."""

_NOTICE = re.compile(
    r"\b(?:notice\s+is\s+hereby\s+given|concept\s+note"
    r"|notice\s+of\s+(?:a\s+)?(?:public\s+)?(?:hearing|meeting)|save\s+the\s+date"
    r"|note\s+conceptuelle|avis\s+d['’]audience|invitation)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    rf"\b(?:{lexicon.TAKES_PLACE}|to\s+be\s+(?:held|convened)|(?:will|shall|is\s+to"
    r"|are\s+to)\s+(?:also\s+)?(?:convene|organi[sz]e|hold|host|conduct|devote)|(?:is"
    r"|are)\s+(?:convening|organi[sz]ing|holding|hosting)|invit\w+|holds?|convenes?"
    r"|announces?|(?:takes|hears|will\s+take|will\s+hear)|organise\w*|tiendra|convoque|celebrará|convoca)\b",
    re.IGNORECASE,
)
_TAKE_PART = re.compile(
    r"\b(?:regist\w+|inscri\w+|sign\s+up|rsvp|submit|written\s+(?:statements?|evidence"
    r"|comments?|submissions?)|wish(?:ing|es)?\s+to\s+(?:speak|attend|participate|intervene"
    r"|be\s+heard)|webcast|take\s+part|s['’]inscri\w+|open\s+to)\b",
    re.IGNORECASE,
)


def _set(text: str) -> bool:
    """Whether a sentence fixes a day and a span of time."""
    return bool(dates_in(text)) and any(hours.ends for hours in hours_in(text))


def _names_it(note: ConceptNote, text: str) -> bool:
    """Whether a text names a hearing, or the event in the note's own word for it."""
    return mentions_hearing(text) or any(
        noun.kind == "hearing" for noun in nouns_in(text, own=note.own)
    )


def _announces(note: ConceptNote, *, meets: bool) -> bool:
    """Whether a note in another language names a hearing and sets its day, or says that it will."""
    language = note.language
    for sentence in note.sentences:
        text = fold(sentence.text)
        verb = language.pattern("held").search(text) or language.pattern("convenes").search(text)
        if language.pattern("hearing").search(text) and (meets or verb):
            return True
    return False


def points(
    note: ConceptNote,
    items: list[ProgrammeEntry],
    *,
    meets: bool,
    floor_limit: bool,
    questions: bool,
) -> int:
    """Return the evidence for a convening note:

    3 for the announcement, fewer for each usual part.
    """
    if note.language.code != "en" and _announces(note, meets=meets):
        return ENOUGH
    ahead = [sentence for sentence in note.sentences if _names_it(note, sentence.text)]
    announced = any(_AHEAD.search(sentence.text) or _set(sentence.text) for sentence in ahead)
    fixed = any(_AHEAD.search(sentence.text) and dates_in(sentence.text) for sentence in ahead)
    head = " ".join(
        sentence.text
        for sentence in note.sentences
        if sentence.block < note.head and (sentence.is_line or sentence.kind == "heading")
    )
    titled = bool(mentions_hearing(head) or lexicon.TITLE_EVENT.search(head))
    if not note.speaks_of_hearing and not titled and not note.own:
        return 0
    text = note.document.text
    return (
        3 * announced
        + fixed
        + 2 * titled
        + bool(_NOTICE.search(text))
        + bool(_TAKE_PART.search(text))
        + meets
        + (len(items) >= 3)
        + floor_limit
        + questions
    )
