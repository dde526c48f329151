"""Which event a date belongs to.

A letter that convenes a hearing names many days: its own, the summit's, a resolution's, a deadline.
The date of a sentence belongs to the event noun that governs it:

1. a cue just before it ("by", "no later than", "adopted on", "of" after a symbol) decides;
2. a finite verb ("will be held on") gives it to the subject, the first noun that is not itself
   inside a phrase such as "in preparation for the ...";
3. a verb form that depends on a noun ("to be held on"), or no verb at all, gives it to the nearest
   noun before it, unless a comma closes the phrase of that noun.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from hemicycle.convening import lexicon
from hemicycle.convening.dates import DateMention
from hemicycle.convening.hours import hours_in
from hemicycle.convening.zones import ZONE

_CLOSING = (
    r"\b(?:by|before|until|till|no\s+later\s+than|not\s+later\s+than"
    r"|at\s+the\s+latest(?:\s+by)?|latest(?:\s+by)?"
    r"|(?:accepted|received|taken|submitted)\s+(?:up\s+)?through|due(?:\s+(?:by|on))?|up\s+to|avant(?:\s+le)?|au\s+plus\s+tard(?:\s+le)?|jusqu['’]au"
    r"|antes\s+del"
    r"|hasta(?:\s+el)?|a\s+más\s+tardar(?:\s+el)?|(?:closes?|closing|close|ends?|end|expires?"
    r"|deadlines?|due\s+dates?|date\s+limite|fecha\s+límite|clôture)"
    r"(?:\s+(?:is|are|will\s+be|date|on|est|for|of|to|at|the|fixed|set|has\s+been\s+\w+"
    r"|[\w-]+(?:ing|ion|ions|ations?|ment|ments|speakers?|submissions?|statements?|requests?"
    r"|stakeholders?|states|member|written|speak|list|des|de|la|le|les|para|inscriptions?"
    r"|participants?|ngos?|comments?|evidence|and|fixée?|au))){0,9})\s*[:–-]?\s*$"
)
_TOLD = (
    r"|\b(?:deadlines?|closing\s+dates?|cut-?off(?:\s+dates?)?|last\s+da(?:y|te))\b[^.;:]{0,90}?"
    r"(?:\b(?:is|are|will\s+be|has\s+been\s+(?:set|fixed|extended))(?:\s+(?:for|to|at|until))?|[:–])"
    r"\s*$"
)
_DEADLINE = re.compile(_CLOSING + _TOLD, re.IGNORECASE)
_DEADLINE_AFTER = re.compile(
    r"^[\s,(]*(?:at\s+the\s+latest|is\s+the\s+(?:deadline|last|closing|final)|\(?deadline\)?"
    r"|is\s+when\s+\w+\s+closes?)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(?:"
    # the date of a paper: "resolution 75/283 of", "the Act of"
    r"\b(?:resolutions?|decisions?|letters?|notes?\s+verbales?|reports?|act|order|directive"
    r"|regulation|circular|memo(?:randum)?|minutes|version)\b[^,;.]{0,40}\s+(?:of|du|de)"
    r"|\d+/\d+(?:\s*\([^)]*\))?,?\s+of"
    # something done by then: "adopted on", "published by the Board on"
    r"|\b(?:adopted|dated|signed|published|issued|posted|updated|enacted|passed|approved|announced"
    r"|launched|sent|received|opened|revised|gazetted|filed|tabled|referred|introduced|released"
    r"|circulated)(?:\s+\w+){0,3}?\s*(?:on|in|of)?"
    r"|\b(?:was|were|had\s+been)\s+(?:\w+\s+){0,2}\w+(?:ed|ld|rd|nt|wn|en)(?:\s+(?:on|for))?"
    r"|\bha(?:s|ve)\s+been\s+(?:\w+\s+){0,2}(?:held|adopted|heard|hosted|given|sent)(?:\s+on)?"
    r"|(?<!be )(?<!being )\b(?:held|convened|hosted|conducted)\s+(?:an?|its|the|their|one|two"
    r"|another)\b[^.;]{0,80}?"
    r"|\b(?:recommended|considered|reviewed|discussed|debated|examined|endorsed|refused"
    r"|rejected)\b[^.;]{0,80}?"
    r"|\b(?:took\s+place|met|heard|agreed|decided|voted)(?:\s+\w+){0,3}?\s+on"
    r"|\b(?:since|born|as\s+of|effective|from\s+its|in\s+force|entered\s+into\s+force\s+on"
    r"|with\s+effect\s+from|adoptée?\s+le|daté[e]?\s+du)"
    # an opening, but not of a meeting
    r"|\b(?:registration|list|inscriptions?|portal|form|window|call|enrolment)\b[^,;.]{0,40}"
    r"\bopens?(?:\s+on)?"
    # the day that was changed
    r"|\b(?:originally|initially|previously|first|earlier)\s+(?:\w+\s+)?(?:scheduled|planned"
    r"|announced|set|due|fixed)\s+(?:for|on|to)"
    r"|\b(?:postponed|moved|rescheduled|changed|deferred|continued|adjourned|carried\s+over)\s+from|\b(?:instead\s+of"
    r"|rather\s+than|and\s+not|not)(?:\s+on)?"
    r")\s*(?:on\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:previous|last|past|earlier|preceding|former|précédente?|own|related|separate)\s+(?:[\w-]+\s+){0,3}$",
    re.IGNORECASE,
)
# Words between a cue and the date it rules: "by 5 p.m. on", "no later than close of business on".
_TRAILING = re.compile(
    r"(?:\b(?:on|the|at|of|cob|close\s+of\s+(?:business|play|day)"
    r"|end\s+of\s+(?:the\s+)?(?:business\s+)?(?:day|business)|eod|midnight|noon"
    r"|le|el|del|à|a|las|das|date|and\s+including)\b|[,(:]|\)|" + ZONE + r")\s*$",
    re.IGNORECASE,
)
_EMBEDDING = re.compile(
    r"\b(?:for|of|to|towards?|before|preceding|following|after|into|at|during|until|from|on"
    r"|inform(?:ing)?|precedes?"
    r"|ahead\s+of|prior\s+to|leading\s+(?:up\s+)?to|in\s+advance\s+of|support(?:ing)?|by|with"
    r"|between|de|du|del|pour|avant|para)\s+"
    r"(?:(?:the|a|an|its|this|that|our|any|all|la|le|les|el|un|une)\s+)?(?:[\w’'-]+\s+){0,3}$",
    re.IGNORECASE,
)
_OWN_VERB = re.compile(rf"(?:{lexicon.CONVENE})\s+(?:[\w’',-]+\s+){{0,6}}$", re.IGNORECASE)
_REFERS = re.compile(
    r"(?:it|this|the\s+event|the\s+day|elle|il)\s+(?:will|is|shall|takes|se|aura)\b", re.IGNORECASE
)
_FINITE = re.compile(lexicon.TAKES_PLACE, re.IGNORECASE)
_RELATIVE = re.compile(rf"\b(?:that|which|qui|que)\s+(?:{lexicon.TAKES_PLACE})", re.IGNORECASE)
_HANGING = re.compile(rf"^[\s,(]*(?:{lexicon.TO_BE_HELD})", re.IGNORECASE)
REACH = 240
"""Letters before a date in which its cue is looked for."""


class DateRole(Enum):
    """What a date is the date of."""

    HEARING = "hearing"
    DEADLINE = "deadline"
    OTHER = "other"
    OPEN = "open"
    """The sentence does not say; its place in the note may."""


@dataclass(frozen=True, slots=True)
class Noun:
    """An event noun in a sentence."""

    start: int
    end: int
    kind: str
    embedded: bool


def nouns_in(text: str, *, own: re.Pattern[str] | None = None) -> list[Noun]:
    """The event nouns of a sentence. `own` matches the note's other name for its event."""
    return list(_nouns_in(text, own))


# Many fields look at the same sentences.
@lru_cache(maxsize=8192)
def _nouns_in(text: str, own: re.Pattern[str] | None) -> tuple[Noun, ...]:
    found: list[Noun] = []
    for match in lexicon.EVENT.finditer(text):
        kind = match.lastgroup or "generic"
        if kind != "hearing" and own and own.search(match.group()):
            kind = "hearing"
        if kind == "inquiry":
            continue
        # "hearing aids", "hard of hearing": the sense and not a meeting.
        if kind == "hearing" and lexicon.NOT_A_MEETING.search(
            text[max(0, match.start() - 12) : match.end() + 12]
        ):
            continue
        before = text[max(0, match.start() - REACH) : match.start()]
        if _PAST.search(before):
            kind = "other"
        embedded = bool(_EMBEDDING.search(before)) and not _OWN_VERB.search(before)
        found.append(Noun(match.start(), match.end(), kind, embedded))
    return tuple(found)


def role_of(text: str, mention: DateMention, *, own: re.Pattern[str] | None = None) -> DateRole:
    """Return what the date of a sentence is the date of, from the sentence alone."""
    before, after = text[max(0, mention.start - REACH) : mention.start], text[mention.end :]
    # Its cue names another event or paper, so no noun of this sentence can win.
    if _ELSEWHERE.search(before):
        return DateRole.OTHER
    if is_deadline(before, after):
        return DateRole.DEADLINE
    # "It will be held on ...": the event is named in the sentence before.
    if _REFERS.match(text) and not any(
        noun.end <= mention.start for noun in nouns_in(text, own=own)
    ):
        return DateRole.OPEN
    nouns = nouns_in(text, own=own)
    noun = _governor(text, mention, nouns)
    if noun is None:
        return DateRole.OPEN
    # "a hearing ahead of the session that opens on ...": the session is another event.
    beside = noun.kind == "generic" and noun.embedded and any(n.kind == "hearing" for n in nouns)
    return DateRole.OTHER if noun.kind == "other" or beside else DateRole.HEARING


def is_deadline(before: str, after: str = "") -> bool:
    """Whether the words before (or just after) a date or time make it a deadline."""
    before = before[-REACH:]
    stripped = strip_trailing(before)
    return bool(
        _DEADLINE.search(stripped) or _DEADLINE.search(before) or _DEADLINE_AFTER.match(after)
    )


def strip_trailing(before: str) -> str:
    """Return a text without the times, zones and small words between a cue and its date."""
    text = before
    while True:
        # Only the end of the text matters, and each turn would otherwise search all of it.
        hours = hours_in(text[-40:])
        tail = hours[-1].end + max(0, len(text) - 40) if hours else 0
        if hours and not text[tail:].strip(" ,(."):
            text = text[: max(0, len(text) - 40) + hours[-1].start]
            continue
        shorter = _TRAILING.sub("", text.rstrip(" ("))
        if _DEADLINE.search(text) or shorter == text:
            return text
        text = shorter


def _governor(text: str, mention: DateMention, nouns: list[Noun]) -> Noun | None:
    before = [noun for noun in nouns if noun.end <= mention.start]
    after = [noun for noun in nouns if noun.start >= mention.end]
    if not before:
        return _first(after)
    nearest, between = before[-1], text[before[-1].end : mention.start]
    if _hangs(between):
        return nearest
    # A comma ends the phrase in which an embedded noun stands; the date then belongs to the
    # subject.
    if _FINITE.search(between) or (nearest.embedded and "," in between and not after):
        return _subject(before)
    # "..., and on 5 May the session ...": a new clause, whose event comes after the date.
    if _new_clause(between) and after and nearest.kind != "hearing":
        return _first(after)
    return _subject(before) if nearest.embedded and "," in between else nearest


def _hangs(between: str) -> bool:
    """Whether a verb form ties a date to the noun just before it: "to be held", "that opens"."""
    own = _HANGING.match(between) and not _FINITE.search(between)
    return bool(own or _RELATIVE.search(between))


def _subject(nouns: list[Noun]) -> Noun:
    free = [noun for noun in nouns if not noun.embedded]
    return free[-1] if free and free[-1] is nouns[-1] else (free[0] if free else nouns[-1])


def _first(nouns: list[Noun]) -> Noun | None:
    free = [noun for noun in nouns if not noun.embedded]
    return free[0] if free else (nouns[0] if nouns else None)


def _new_clause(between: str) -> bool:
    return (
        bool(re.search(r"[;:.]|,\s*(?:and|while|whereas|but)\s|\bon\s*$", between))
        and len(between) > 60
    )
