"""How the floor is given: time limit, speakers per organization, how the list is made.

`list_of_speakers` is one of: "first-come" (order of registration), "none" (no list is made
beforehand), "selection" (chosen among applicants), "lottery" (drawn), "balanced" (ordered for
balance of region, gender, category or view), "protocol" (rank), "moderator" (called by the chair).
"""

import re

from hemicycle.hearings.reader import lexicon
from hemicycle.hearings.reader.note import Found, Note

_COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "fifteen": 15, "a single": 1, "single": 1, "une": 1, "un": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "uno": 1, "una": 1, "ninety": 90, "sixty": 60,
}  # fmt: skip
_COUNT = rf"(?:\d{{1,3}}(?:[.,]5)?|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})"
_DURATION = re.compile(
    rf"\b(?P<count>{_COUNT})(?:\s+and\s+a\s+half)?[\s-]*(?:\(\s*(?P<digits>\d+(?:\.5)?)\s*\)\s*)?[\s-]*(?P<unit>minutes?|mins?|minutos?|seconds?|secondes?|segundos?)(?:\s+and\s+(?P<seconds>30|thirty)\s+seconds)?\b",
    re.IGNORECASE,
)
_FLOOR = re.compile(
    r"\b(?:interventions?|interven(?:e|ing)|floor|speak(?:s|ers?|ing)?|statements?|remarks|comments?|testimon(?:y|ies)|oral|limit(?:ed|s)?|each|per\s+(?:speaker|person|intervention|organi[sz]ation)"
    r"|contributions?|presentations?|address|exceed|maximum|prise\s+de\s+parole|intervenants?|orateurs?|parole|oradores?|intervenciones|intervención|turn)\b",
    re.IGNORECASE,
)
_OTHER_TIME = re.compile(
    r"\b(?:panell?ists?|keynote|experts?|opening\s+(?:remarks|statements?)|introductory|arrive|before|prior|early|in\s+advance|earlier|late|break|duration\s+of\s+the\s+(?:hearing|panel|session)|q\s?&\s?a|questions?\s+and\s+answers?|walk|drive|discussion|applicants?|staff|presentation\s+by|ministers?|committee\s+members|warning|remaining|session\s+of|every|yellow|amber|light)\b",
    re.IGNORECASE,
)
_LONGEST_S = 1200
"""A limit for the floor above twenty minutes is not one; the figure belongs to something else."""
_UNIT = r"(?:organi[sz]ations?|entity|entities|institutions?|associations?|group|company|ngo|stakeholder|body|firm|organisme|organización|member|applicant|party|household|team|school|union)"
_PEOPLE = r"(?:representatives?|participants?|speakers?|persons?|people|delegates?|members?|attendees?|individuals?|witnesses|spokespersons?|spokespeople|seats?|places|représentants?|personnes|orateurs?|representantes|intervenants?|interventions?|registrations?|statements?|slots?)"
_PER = (
    re.compile(rf"\b(?P<count>{_COUNT})\s*(?:\(\s*\d+\s*\)\s*)?(?:[\w-]+\s+){{0,2}}?{_PEOPLE}\s+(?:\w+\s+){{0,3}}?(?:per|from\s+each|for\s+each|of\s+each|from\s+any(?:\s+one)?|par|por|from\s+the\s+same)\s+(?:[\w-]+\s+){{0,2}}?{_UNIT}\b", re.IGNORECASE),
    re.compile(rf"\b(?:each|every|an?|any|per|chaque|cada)\s+(?:[\w-]+\s+){{0,3}}?{_UNIT}\b[^.;]{{0,70}}?\b(?P<count>{_COUNT})\s*(?:\(\s*\d+\s*\)\s*)?(?:[\w-]+\s+){{0,2}}?{_PEOPLE}\b", re.IGNORECASE),
    re.compile(rf"\b{_UNIT}\s+(?:may|can|are|is|should|must|will|wishing)\b[^.;]{{0,70}}?\b(?:up\s+to|limited\s+to|no\s+more\s+than|not\s+more\s+than|maximum\s+of|at\s+most|only|a\s+maximum\s+of|more\s+than)\s+(?P<count>{_COUNT})\s*(?:\(\s*\d+\s*\)\s*)?(?:[\w-]+\s+){{0,2}}?{_PEOPLE}\b", re.IGNORECASE),
    re.compile(rf"\b(?:limit(?:ed)?|maximum|up\s+to|restricted)\b[^.;]{{0,40}}?\b(?P<count>{_COUNT})\s*(?:\(\s*\d+\s*\)\s*)?(?:{_PEOPLE}\s+)?(?:per|for\s+each|from\s+each)\s+(?:[\w-]+\s+){{0,2}}?{_UNIT}\b", re.IGNORECASE),
)
_LISTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("none", re.compile(r"\b(?:no|not\s+(?:be\s+)?(?:any|a)|without\s+an?y?)\s+(?:[\w-]+\s+){0,2}(?:list\s+of\s+speakers|speakers?['’]?\s+list)|\b(?:list\s+of\s+speakers|speakers?['’]?\s+list)\s+(?:will|shall)\s+not\s+be|pas\s+de\s+liste\s+d['’]orateurs|aucune\s+liste|no\s+habrá\s+lista", re.I)),
    ("lottery", re.compile(r"\b(?:lottery|draw(?:ing)?\s+lots|drawn?\s+(?:by\s+lot|at\s+random)|drawing\s+of\s+lots|by\s+lot|random(?:ly)?\s+(?:order|draw|select\w*)|random\s+order|tirage\s+au\s+sort|sorteo)\b", re.I)),
    ("first-come", re.compile(r"\bfirst[-\s,]*come\b|\b(?:in\s+the\s+|in\s+|by\s+|according\s+to\s+(?:the\s+)?|on\s+the\s+basis\s+of\s+(?:the\s+)?)order\s+(?:of|in\s+which|that|they|people|speakers)\s+(?:\w+\s+){0,3}(?:registration|inscription|arrival|receipt|received|sign\w*|register\w*|requests?|application)|premier\s+(?:arrivé|inscrit)|ordre\s+d['’](?:inscription|arrivée)|orden\s+de\s+(?:inscripción|llegada)", re.I)),
    ("balanced", re.compile(r"\b(?:list|order|speakers)\b[^.]{0,80}\b(?:balanc\w+|alternat\w+|equitable|diversity)\b|\b(?:balanc\w+|alternat\w+|equilibr\w+)\b[^.]{0,60}\b(?:list\s+of\s+speakers|speaking\s+order|order\s+of\s+speakers|orateurs|oradores)\b", re.I)),
    ("selection", re.compile(r"\b(?:speakers?|organi[sz]ations|witnesses|applicants|participants|candidates|interventions)\b[^.]{0,60}\b(?:will|to|are|be)\b[^.]{0,20}\b(?:selected|chosen|shortlisted)\b|\bselection\s+(?:of\s+(?:the\s+)?speakers|committee|will)|\bselect(?:s|ed)?\s+(?:the\s+)?speakers|sélectionné|seleccionad", re.I)),
    ("protocol", re.compile(r"\b(?:order\s+of\s+(?:precedence|protocol)|protocol\s+order|in\s+protocol)\b", re.I)),
    ("moderator", re.compile(r"\b(?:moderator|chair\w*|president|presiding\s+officer|mayor|facilitator)\b[^.]{0,50}\b(?:will|shall|may)\b[^.]{0,30}\b(?:give\s+the\s+floor|call\s+(?:on|upon|speakers)|recogni[sz]e)|\braise\s+(?:their|your)\s+hands?\b|\bat\s+the\s+discretion\s+of\s+the\s+(?:chair|moderator)|donner\w*\s+la\s+parole", re.I)),
)  # fmt: skip


def floor_time_limit_of(note: Note) -> Found[int | None]:
    """The limit for one intervention from the floor, in seconds."""
    best: tuple[int, int, str] | None = None
    for sentence in note.sentences:
        for match in _DURATION.finditer(sentence.text):
            weight = _weight(sentence.text, match)
            seconds = _seconds(match)
            if weight > 0 and 0 < seconds <= _LONGEST_S and (best is None or weight > best[0]):
                best = (weight, seconds, sentence.text)
    return Found(best[1], (best[2],)) if best else Found(None)


def _weight(text: str, match: re.Match[str]) -> int:
    """How surely a duration limits the floor: the words of its own clause decide."""
    start = max((text.rfind(mark, 0, match.start()) for mark in (";", ", while", ", and ", ":", " but ")), default=0)
    clause = text[max(0, start, match.start() - 110) : match.end() + 70]
    after = text[match.end() : match.end() + 25]
    if re.match(r"\s*(?:before|prior|in\s+advance|early|ahead|late\b|break|walk|avant|antes)", after, re.I) or re.search(r"\bfor\s+(?:about|approximately)\s+$", text[: match.start()], re.I):
        return 0
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
    return float(_COUNTS[word]) if word in _COUNTS else float(word.replace(",", "."))


def max_per_organization_of(note: Note) -> Found[int | None]:
    """The most people that one organization may register."""
    for sentence in note.sentences:
        for pattern in _PER:
            match = pattern.search(sentence.text)
            if match and not _of_time(sentence.text, match):
                return Found(int(_number(match["count"])), (sentence.text,))
    return Found(None)


def _of_time(text: str, match: re.Match[str]) -> bool:
    if re.match(r"\s*(?:minutes?|hours?|days?|pages?)", text[match.end("count") :], re.I):
        return True
    return bool(lexicon.STATES.search(match.group()))


def list_of_speakers_of(note: Note) -> Found[str | None]:
    """How the list is made, in the words of this module's vocabulary."""
    for kind, pattern in _LISTS:
        for sentence in note.sentences:
            match = pattern.search(sentence.text)
            if match and _of_speakers(sentence.text, kind):
                return Found(kind, (sentence.text,))
    return Found(None)


def _of_speakers(text: str, kind: str) -> bool:
    """Seats can be first-come too; only what is said of speaking counts where both are named."""
    if kind == "selection":
        return not re.search(r"\bpanell?ists?\b", text, re.I) or bool(re.search(r"\bfloor\b", text, re.I))
    if kind == "first-come":
        seats = re.search(r"\b(?:seat\w*|parking|admission|admitted|overflow|capacity|entry|places?\s+in\s+the)\b", text, re.I)
        return not seats or bool(re.search(r"\bspeak\w*|\binterven\w+|\bfloor\b|\bheard\b", text, re.I))
    return True
