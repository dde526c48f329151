"""Whether a text convenes a hearing at all."""

import re

from hemicycle.hearings.reader import lexicon
from hemicycle.hearings.reader.note import Note, mentions_hearing
from hemicycle.hearings.reader.programme import Item

ENOUGH = 4
"""Points from which a text counts as a convening note; see `points`."""

_NOTICE = re.compile(r"\b(?:notice\s+is\s+hereby\s+given|concept\s+note|notice\s+of\s+(?:a\s+)?(?:public\s+)?(?:hearing|meeting)|save\s+the\s+date|note\s+conceptuelle|avis\s+d['’]audience|invitation)\b", re.IGNORECASE)
_AHEAD = re.compile(
    rf"\b(?:{lexicon.TAKES_PLACE}|to\s+be\s+(?:held|convened)|(?:will|shall|is\s+to|are\s+to)\s+(?:also\s+)?(?:convene|organi[sz]e|hold|host|conduct)|(?:is|are)\s+(?:convening|organi[sz]ing|holding|hosting)|invit\w+|holds?|convenes?|announces?|organise\w*|tiendra|convoque|celebrará|convoca)\b",
    re.IGNORECASE,
)
_TAKE_PART = re.compile(
    r"\b(?:regist\w+|inscri\w+|sign\s+up|rsvp|submit|written\s+(?:statements?|evidence|comments?|submissions?)|wish(?:ing|es)?\s+to\s+(?:speak|attend|participate|intervene|be\s+heard)|webcast|take\s+part|s['’]inscri\w+|open\s+to)\b",
    re.IGNORECASE,
)


def points(note: Note, items: list[Item], *, meets: bool, floor_limit: bool, questions: bool) -> int:
    """How much speaks for a convening note: 3 for the announcement, fewer for each usual part."""
    announced = any(
        mentions_hearing(sentence.text) and _AHEAD.search(sentence.text) for sentence in note.sentences
    )
    head = " ".join(
        sentence.text for sentence in note.sentences if sentence.block < note.head and (sentence.is_line or sentence.kind == "heading")
    )
    titled = bool(mentions_hearing(head) or lexicon.TITLE_EVENT.search(head))
    if not note.speaks_of_hearing and not titled:
        return 0
    text = note.document.text
    return (
        3 * announced
        + 2 * titled
        + bool(_NOTICE.search(text))
        + bool(_TAKE_PART.search(text))
        + meets
        + (len(items) >= 3)
        + floor_limit
        + questions
    )
