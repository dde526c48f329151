"""Whether a text convenes a hearing at all."""

from hemicycle.convening.languages import fold
from hemicycle.convening.note import ConceptNote
from hemicycle.convening.roles import DateRole, nouns_in


def convenes(note: ConceptNote, *, meets: bool) -> bool:
    """Return whether a sentence names the hearing and announces it, or names it and its day is
    known.

    `meets` says whether the reader has found the day of a meeting.
    """
    language = note.language
    for sentence in note.sentences:
        text = fold(sentence.text)
        named = any(noun[2] is DateRole.HEARING for noun in nouns_in(language, text, note.own))
        ahead = language.pattern("held").search(text) or language.pattern("convenes").search(text)
        if named and (meets or ahead):
            return True
    return False
