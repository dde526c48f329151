"""How the floor is given: time limit, speakers per organization, how the list is made.

`list_of_speakers` is one of: "first-come" (order of registration), "none" (no list is made
beforehand), "selection" (chosen among applicants), "lottery" (drawn), "balanced" (ordered for
balance of region, gender, category or view), "moderator" (called by the chair).
"""

import re

from hemicycle.convening.dates import han_number
from hemicycle.convening.languages import fold, language, names_of, search_for
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.sentences import NoteSentence

_COUNTS = {**names_of("numbers"), "a single": 1, "single": 1}
_COUNT = rf"(?:\d{{1,3}}(?:[.,]5)?|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})"
_HAN = "一二三四五六七八九十"
_DURATION = re.compile(
    rf"(?:(?<![^\W\u4e00-\u9fff])|(?<=\bب))(?P<count>{_COUNT}|[{_HAN}])(?:\s+and\s+a\s+half)?[\s-]*"
    r"(?:\(\s*(?P<digits>\d+(?:\.5)?)\s*\)\s*)?[\s-]*(?P<unit>minutes?|mins?|minutos?|Minuten?"
    r"|минут\w*|мин|دقائق|دقيقة|分[钟鐘]|seconds?|secondes?|segundos?|Sekunden)"
    r"(?:\s+and\s+(?P<seconds>30|thirty)\s+seconds)?(?![^\W\u4e00-\u9fff])",
    re.IGNORECASE,
)
_FLOOR = search_for("floor")
_OTHER_TIME = search_for("other_time")
_LONGEST_S = 1200
"""The longest limit in seconds; a longer duration belongs to something else."""
_UNIT = (
    r"(?:organi[sz]ations?|entity|entities|institutions?|associations?|group|company|ngo"
    r"|stakeholder|body|firm|organisme|organización|member|applicant|party|household|team"
    r"|school|union)"
)
_PEOPLE = (
    r"(?:representatives?|participants?|speakers?|persons?|people|delegates?|members?"
    r"|attendees?|individuals?|witnesses|spokespersons?|spokespeople|seats?|places"
    r"|représentants?|personnes|orateurs?|representantes|intervenants?|interventions?"
    r"|registrations?|statements?|slots?)"
)
_PER = (
    re.compile(
        rf"\b{_UNIT}\b[^.;]{{0,60}}?\b(?P<count>{_COUNT})\s+{_PEOPLE}\s+each\b", re.IGNORECASE
    ),
    re.compile(
        rf"\beach\s+(?:of\s+(?:them|these)|one)\b[^.;]{{0,40}}?\b(?P<count>{_COUNT})\s+{_PEOPLE}\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<count>{_COUNT})\s*(?:\(\s*\d+\s*\)\s*)?(?:[\w-]+\s+){{0,2}}?{_PEOPLE}\s+"
        rf"(?:\w+\s+){{0,3}}?(?:per|from\s+each|for\s+each|of\s+each|from\s+any(?:\s+one)?"
        rf"|par|por|from\s+the\s+same)\s+(?:[\w-]+\s+){{0,2}}?{_UNIT}\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:each|every|an?|any|per|chaque|cada)\s+(?:[\w-]+\s+){{0,3}}?{_UNIT}"
        rf"\b[^.;]{{0,70}}?\b(?P<count>{_COUNT})\s*(?:\(\s*\d+\s*\)\s*)?(?:[\w-]+"
        rf"\s+){{0,2}}?{_PEOPLE}\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_UNIT}\s+(?:may|can|are|is|should|must|will"
        rf"|wishing)\b[^.;]{{0,70}}?\b(?:up\s+to|limited\s+to|no\s+more\s+than"
        r"|not\s+more\s+than|maximum\s+of|at\s+most|only|a\s+maximum\s+of"
        rf"|more\s+than)\s+(?P<count>{_COUNT})\s*(?:\(\s*\d+\s*\)\s*)?(?:[\w-]+"
        rf"\s+){{0,2}}?{_PEOPLE}\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:limit(?:ed)?|maximum|up\s+to|restricted)\b[^.;]{{0,40}}?\b(?P<count>{_COUNT})"
        rf"\s*(?:\(\s*\d+\s*\)\s*)?(?:{_PEOPLE}\s+)?(?:per|for\s+each"
        rf"|from\s+each)\s+(?:[\w-]+\s+){{0,2}}?{_UNIT}\b",
        re.IGNORECASE,
    ),
)
# In the order in which they are searched: the surest first.
_STATES = language("en").pattern("states")
_LISTS = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "none": (
            r"\b(?:no|not\s+(?:be\s+)?(?:any|a)|without\s+an?y?)\s+(?:[\w-]+\s+){0,3}"
            r"(?:list\s+of\s+speakers|speakers?['’]?\s+list)"
            r"|\b(?:list\s+of\s+speakers|speakers?['’]?\s+list)\s+(?:will|shall)\s+not\s+be"
            r"|\bno\s+list\s+(?:is|will\s+be)\s+(?:kept|made|drawn)|pas\s+de\s+liste\s+d['’]orateurs|aucune\s+liste|no\s+habrá\s+lista"
        ),
        "lottery": (
            r"\b(?:lottery|draw(?:ing)?\s+lots|drawn?\s+(?:by\s+lot|at\s+random)|drawing\s+of\s+lots|lots\s+(?:will|shall|are)"
            r"|by\s+lot|random(?:ly)?\s+(?:order|draw|select\w*)|tirage\s+au\s+sort|sorteo)\b"
        ),
        "first-come": (
            r"\bfirst[-\s,]*come\b|\b(?:who|that)\s+(?:ask|register|apply|sign\s+up)s?\s+first\b"
            r"|\border\s+(?:is\s+that\s+of|of|in\s+which|that|they|people|speakers)\s+(?:\w+\s+){0,3}"
            r"(?:registration|inscription|arrival|receipt|received|sign\w*|register\w*|requests?"
            r"|application)"
            r"|premier\s+(?:arrivé|inscrit)|ordre\s+(?:d['’]|des\s+)(?:inscription|arrivée)"
            r"|orden\b[^.]{0,40}\bde\s+(?:inscripción|llegada)"
        ),
        "balanced": (
            r"\b(?:list|order|speakers)\b[^.]{0,80}\b(?:balanc\w+|alternat\w+|equitable|diversity)\b"
            r"|\b(?:balanc\w+|alternat\w+|equilibr\w+)\b[^.]{0,60}"
            r"\b(?:list\s+of\s+speakers|speaking\s+order|order\s+of\s+speakers|orateurs|oradores)\b"
        ),
        "selection": (
            r"\b(?:speakers?|organi[sz]ations|witnesses|applicants|participants|candidates"
            r"|interventions)\b[^.]{0,60}\b(?:will|to|are|be)\b[^.]{0,20}"
            r"\b(?:selected|chosen|shortlisted)\b"
            r"|\bselection\s+(?:of\s+(?:the\s+)?speakers|committee|will)"
            r"|\b(?:select|choose)(?:s|ed)?\s+(?:the\s+speakers|speakers|who\s+(?:may\s+)?speaks?)|sélectionné|seleccionad"
        ),
        "moderator": (
            r"\b(?:moderator|chair\w*|president|presiding\s+officer|mayor|facilitator)\b[^.]{0,50}"
            r"\b(?:will|shall|may)\b[^.]{0,30}"
            r"\b(?:give\s+the\s+floor|call\s+(?:on|upon|speakers)|recogni[sz]e)"
            r"|\braise\s+(?:their|your)\s+hands?\b|donner\w*\s+la\s+parole"
            r"|\bat\s+the\s+discretion\s+of\s+the\s+(?:chair|moderator)"
        ),
    }.items()
}


def floor_time_limit_of(note: ConceptNote) -> Finding[int | None]:
    """Return the limit for one intervention from the floor, in seconds."""
    best: tuple[int, int, str] | None = None
    above = ""
    for sentence in note.sentences:
        text = fold(sentence.text)
        # "Redezeit" on one line, and "drei Minuten" on the next.
        if _DURATION.fullmatch(text):
            text = f"{above}: {text}"
        above = fold(sentence.text)
        for match in _DURATION.finditer(text):
            weight = _weight(text, match) or _told_you(note, sentence)
            seconds = _seconds(match)
            if weight > 0 and 0 < seconds <= _LONGEST_S and (best is None or weight > best[0]):
                best = (weight, seconds, sentence.text)
    return Finding(best[1], (best[2],)) if best else Finding(None)


def _told_you(note: ConceptNote, sentence: NoteSentence) -> int:
    """Return whether "You will have 3 minutes." is about speaking, by its heading, as 1 or 0."""
    if not re.match(r"you\s+(?:will\s+)?(?:have|get)\b", sentence.text, re.IGNORECASE):
        return 0
    near = [other.text for other in note.sentences if other.heading == sentence.heading]
    return int(
        any(re.search(r"\bspeak|\bheard\b", text, re.I) for text in (sentence.heading, *near))
    )


def _weight(text: str, match: re.Match[str]) -> int:
    """Return how surely a duration limits the floor, by the words of its clause."""
    start = max(
        (text.rfind(mark, 0, match.start()) for mark in (";", ", while", ", and ", ":", " but ")),
        default=0,
    )
    if text[start : start + 1] == ":" and _FLOOR.search(text[max(0, start - 60) : start]):
        start -= 60
    tail = text[match.end() : match.end() + 70].split(";", maxsplit=1)[0]
    clause = text[max(0, start, match.start() - 110) : match.end()] + tail
    clause = re.sub(r"\b(?:after|following)\s+(?:the\s+)?\w+", " ", clause, flags=re.IGNORECASE)
    weight = len({found.group().lower() for found in _FLOOR.finditer(clause)})
    if re.search(r"\b(?:interven\w+|floor|speaking\s+time|limit\w*)\b", clause, re.I):
        weight += 2
    return weight - 3 * len({found.group().lower() for found in _OTHER_TIME.finditer(clause)})


def _seconds(match: re.Match[str]) -> int:
    count = float(match["digits"]) if match["digits"] else _number(match["count"])
    if re.search(r"and\s+a\s+half", match.group(), re.I):
        count += 0.5
    seconds = count if match["unit"].lower().startswith("s") else count * 60
    return int(seconds) + (30 if match["seconds"] else 0)


def _number(written: str) -> float:
    word = " ".join(written.lower().split())
    if word in _HAN:
        return han_number(word)
    return float(_COUNTS[word]) if word in _COUNTS else float(word.replace(",", "."))


def max_per_organization_of(note: ConceptNote) -> Finding[int | None]:
    """Return the most people that one organization may register."""
    for sentence in note.sentences:
        for pattern in _PER:
            match = pattern.search(sentence.text)
            if match and not _STATES.search(match.group()):
                return Finding(int(_number(match["count"])), (sentence.text,))
    return Finding(None)


def list_of_speakers_of(note: ConceptNote) -> Finding[str | None]:
    """Return how the list is made, in the vocabulary of this module."""
    for kind, pattern in _LISTS.items():
        for sentence in note.sentences:
            match = pattern.search(sentence.text)
            if match and _of_speakers(sentence.text, kind):
                return Finding(kind, (sentence.text,))
    return Finding(None)


def _of_speakers(text: str, kind: str) -> bool:
    """Whether a text is about speakers. Seats can be first-come too, so speaking must be named."""
    if kind == "selection":
        return not re.search(r"\bpanell?ists?\b", text, re.I) or bool(
            re.search(r"\bfloor\b", text, re.I)
        )
    if kind == "first-come":
        seats = re.search(
            r"\b(?:seat\w*|parking|admission|admitted|overflow|capacity|entry"
            r"|places?\s+in\s+the)\b",
            text,
            re.I,
        )
        return not seats or bool(
            re.search(r"\bspeak\w*|\binterven\w+|\bfloor\b|\bheard\b", text, re.I)
        )
    return True
