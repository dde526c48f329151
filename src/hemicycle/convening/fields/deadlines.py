"""Until when to register, inscribe or send something; each deadline with its track.

Tracks: "stakeholders" (also if no group is named), "member-states", "statements" (written input),
"questions" (for panellists), "attendance" (to attend without speaking, if speaking has its own
deadline), "access" (interpretation and access needs), "media", "training".
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hemicycle.convening import announced, lexicon
from hemicycle.convening.calendar import Calendar
from hemicycle.convening.dates import DateMention, dates_in
from hemicycle.convening.document import NoteBlock
from hemicycle.convening.events import is_deadline, nouns_in, strip_trailing
from hemicycle.convening.hours import Hours, clock, hours_in
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.sentences import NoteSentence
from hemicycle.convening.zones import zones_in

_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "ten": 10,
    "fourteen": 14,
}
_RELATIVE = re.compile(
    rf"\b(?P<count>\d{{1,2}}|{'|'.join(_NUMBERS)})\s*(?:\(\d+\)\s*)?(?:full\s+"
    r"|calendar\s+)?(?P<unit>hours?|days?|weeks?)\s+(?:before|prior\s+to|in\s+advance\s+of"
    r"|ahead\s+of)\s+(?:the\s+)?(?:start\s+of\s+the\s+"
    r"|day\s+of\s+the\s+)?(?:[\w-]+\s+)?(?:hearing|meeting|session|event)",
    re.IGNORECASE,
)
_ACCESS = re.compile(
    r"\b(?:accessib\w+|auxiliary|assistive|interpretation\b[^.]{0,30}\brequest|accommodations?|sign\s+language|interpreters?|special\s+assistance"
    r"|access\s+needs|disabilit\w+|visas?)\b",
    re.IGNORECASE,
)
_ORAL = re.compile(
    r"\b(?:give|giving|present)\s+(?:oral\s+)?(?:evidence|testimony)\b", re.IGNORECASE
)
_MEDIA = re.compile(
    r"\b(?:media\s+accreditation|journalists?|press\s+accreditation|accredited\s+media|accreditation\s+desk"
    r"|media\s+representatives|members\s+of\s+the\s+press)\b",
    re.IGNORECASE,
)
_TRAINING = re.compile(
    r"\b(?:training|technical\s+(?:test|check|rehearsal)|test\s+session)\b", re.IGNORECASE
)
_ATTEND = re.compile(
    r"\b(?:attend\w*|observe\w*|listen\w*|follow\s+the|passes|badges?|in\s+the\s+gallery)\b",
    re.IGNORECASE,
)
_SPEAK = re.compile(
    r"\b(?:speak|speaking|speakers?|interven\w+|floor|testify|heard|oral|orally)\b", re.IGNORECASE
)
_FOREIGN = re.compile(
    r"\b(?:amendments?|zero\s+draft|draft\s+(?:outcome|declaration|resolution|report"
    r"|decision)|political\s+declaration|funding|travel\s+(?:support|grants?)|side\s+events?"
    r"|appeal|ratif\w+|implement\w*|transpos\w+|emissions?|targets?|net\s+zero"
    r"|reply\s+by\s+the\s+government|government\s+(?:must|has\s+to)"
    r"|nominations?\s+for\s+the\s+(?:award|prize)|vote\s+by|applications?\s+for\s+(?:grants?"
    r"|funding|licen[cs]es?|permits?))\b",
    re.IGNORECASE,
)
_OTHER_EVENT = re.compile(
    r"high-level|summit|conference|forum|workshop|webinar|side|plenar|reception|briefing"
    r"|election|haut|sommet|cumbre",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\bcould\s+be\b|\b(?:was|were|had)\s+(?:\w+\s+)?(?:invited|asked|due|required|open|requested|to)\b",
    re.IGNORECASE,
)
_FROM = re.compile(r"\b(?:from|between|open(?:ed|s)?(?:\s+from)?|du|del)\s*$", re.IGNORECASE)
_TO = re.compile(r"\s*(?:to|until|till|through|and|-|–|au|al)\s*", re.IGNORECASE)
# What the organizers themselves put out.
_OURS = re.compile(
    r"\b(?:publication|findings|decision|determination|(?:final\s+)?report|summary|results?|vote)\b",
    re.IGNORECASE,
)
_OURS_DUE = re.compile(
    r"\b(?:report|decision|determination|findings|summary|outcome|response)\s+(?:is|are)\s+due\b",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"\b(?:opens?|will\s+open|opened|begins?|starts?|from)\s*(?:on\s+)?$", re.IGNORECASE
)
_ALL = re.compile(
    r"\b(?:all\s+(?:participants|delegations\s+and|speakers\s+from\s+both)|both\s+tracks)\b",
    re.IGNORECASE,
)

_REQUESTS = re.compile(
    rf"{lexicon.REGISTER.pattern}|\brequests?\s+to\s+\w+"
    r"|\bask\s+for\s+an?\s+(?:\w+\s+)?(?:badge|pass|place|seat)\b",
    re.IGNORECASE,
)
_WRITES = re.compile(
    rf"{lexicon.WRITTEN.pattern}|\b(?:consultation|fil(?:e|ed|ing)|receipt\s+of|replies|letters|e-?mails)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:wish\w*|want|contact|write|e-?mail\w*|names?|inform|intend\w*|ask|tell\s+us|let\s+us\s+know)\b",
    re.IGNORECASE,
)
# In this order: a journalist's registration is the media's, an interpreter's request is for access.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("training", _TRAINING),
    ("media", _MEDIA),
    ("register", _ORAL),
    ("register", _REQUESTS),
    ("access", _ACCESS),
    ("questions", lexicon.QUESTIONS),
    ("statements", _WRITES),
)


@dataclass(frozen=True, slots=True)
class _Context:
    """The context in which every deadline of a note is read."""

    note: ConceptNote
    calendar: Calendar
    zone: str | None
    first: dict[str, str | None] | None
    """The first meeting."""


@dataclass(frozen=True, slots=True)
class _Due:
    tracks: tuple[str, ...]
    at: str
    attend_only: bool
    passage: str


def deadlines_of(
    note: ConceptNote, calendar: Calendar, zone: str | None, meetings: list[dict[str, str | None]]
) -> Finding[list[dict[str, str]]]:
    """Deadlines as the note orders them; `at` is a date, or date, time and offset."""
    context = _Context(note, calendar, zone, meetings[0] if meetings else None)
    dues = [due for place in range(len(note.sentences)) for due in _in_sentence(context, place)]
    # Tables first: they list all deadlines, and the text repeats some of them less exactly.
    dues = [*_in_tables(context), *dues] if note.language.code == "en" else list(_worded(context))
    speaking = any(not due.attend_only and "stakeholders" in due.tracks for due in dues)
    value: list[dict[str, str]] = []
    passages: list[str] = []
    for due in dues:
        for track in due.tracks:
            named = (
                "attendance" if track == "stakeholders" and due.attend_only and speaking else track
            )
            entry = {"track": named, "at": due.at}
            if not _known(entry, value):
                value.append(entry)
                passages.append(due.passage)
    return Finding(value, tuple(dict.fromkeys(passages)))


def _known(entry: dict[str, str], value: list[dict[str, str]]) -> bool:
    """Whether the same moment is there already; a repetition may leave out the hour."""
    for other in value:
        # "2024-05-03" begins "2024-05-03T17:00": the more exact one is kept.
        if other["track"] == entry["track"] and other["at"].startswith(entry["at"]):
            return True
        if other["track"] == entry["track"] and entry["at"].startswith(other["at"]):
            other["at"] = entry["at"]
            return True
    return False


def _in_sentence(context: _Context, place: int) -> list[_Due]:
    note, sentence = context.note, context.note.sentences[place]
    text = sentence.text
    found = []
    mentions = dates_in(text)
    for mention in mentions:
        before, after = text[: mention.start], text[mention.end :]
        closes = (
            is_deadline(before, after)
            or _in_label(note, sentence, mention)
            or _ends_period(text, mention, mentions)
        )
        # "Registration opens on ..." has the same words around its date as a deadline.
        if not closes or _OPENS.search(before):
            continue
        clause = _clause(text, mention, mentions)
        tracks = _tracks(note, place, sentence, clause)
        # Of a period, the last day is the deadline.
        dates = context.calendar.dates(mention)
        if tracks and dates:
            at = _moment(dates[-1], _hour(text, mention, mentions), text, context.zone)
            found.append(_Due(tracks, at, _attends_only(clause), text))
    return found or _relative(context, place)


def _worded(context: _Context) -> Iterator[_Due]:
    """The deadlines that the table of the note's language recognizes."""
    note = context.note
    for place, sentence, mention, label in announced.deadline_mentions(note):
        mentions = dates_in(sentence.text)
        index = next(at for at, other in enumerate(mentions) if other.start == mention.start)
        start = mentions[index - 1].end if index else 0
        end = mentions[index + 1].start if index + 1 < len(mentions) else len(sentence.text)
        before = note.sentences[place - 1].text if place else ""
        name = label.name if label else ""
        narrow = (name, sentence.text[start:end], sentence.text)
        track = announced.track_of(note.language, *narrow, f"{sentence.heading} {before}")
        if track is None and label and set(label.kinds) & set(announced.CLOSING_LABELS):
            track = "stakeholders"
        dates = context.calendar.dates(mention)
        if track and dates:
            hours = announced.hour_beside(sentence.text, mention, start, end)
            at = _moment(dates[-1], hours, sentence.text, context.zone)
            yield _Due((track,), at, False, sentence.text)


def _in_tables(context: _Context) -> list[_Due]:
    """The rows of a table that has a column "By" or "Deadline"."""
    return [
        due
        for index, cell in context.note.due_cells.items()
        for due in _in_row(context, context.note.blocks[index], cell)
    ]


def _in_row(context: _Context, block: NoteBlock, cell: str) -> list[_Due]:
    mentions = dates_in(cell)
    dates = context.calendar.dates(mentions[0]) if mentions else []
    if not dates or _FOREIGN.search(block.flat):
        return []
    kind = _kind(block.flat)
    if kind is None and _OURS.search(block.flat):
        return []
    row = NoteSentence(block.flat, 0, "row", "")
    # A row without any verb ("Member States | 5 July") still names a group.
    tracks = (kind,) if kind and kind != "register" else _parties(block.flat, row, "")
    at = _moment(dates[-1], _hour(cell, mentions[0], mentions), cell, context.zone)
    return [_Due(tracks, at, _attends_only(block.flat), block.flat)]


def _ends_period(text: str, mention: DateMention, mentions: list[DateMention]) -> bool:
    """The second date of "register from 28 April to 23 May", or both if they were read as one."""
    index = mentions.index(mention)
    start = mentions[index - 1].start if index else mention.start
    between = text[mentions[index - 1].end : mention.start] if index else ""
    joined = len(mention.days) > 1 or _TO.fullmatch(between)
    return bool(joined and _FROM.search(text[:start]) and lexicon.REGISTER.search(text[:start]))


def _in_label(note: ConceptNote, sentence: NoteSentence, mention: DateMention) -> bool:
    """A row or line such as "Registration deadline | 5 July" or "Closing date: 5 July"."""
    for label in note.labels:
        if label.block == sentence.block and re.search(
            r"\b(?:deadline|clos(?:es?|ing)|last\s+(?:day|date)|due|no\s+later|register\s+by"
            r"|date\s+limite|fecha\s+límite)\b",
            label.name,
            re.I,
        ):
            return mention.start <= len(label.name) + 30 or sentence.text in label.value
    return False


def _clause(text: str, mention: DateMention, mentions: list[DateMention]) -> str:
    """The part of a sentence around one deadline, where it names several."""
    index = mentions.index(mention)
    start = mentions[index - 1].end if index else 0
    end = len(text) if index + 1 == len(mentions) else mention.end
    return text[start:end]


def _tracks(note: ConceptNote, place: int, sentence: NoteSentence, clause: str) -> tuple[str, ...]:
    """Return the tracks that a deadline binds; empty if it binds no participant."""
    if (
        _FOREIGN.search(clause)
        or _OURS_DUE.search(clause)
        or _OVER.search(clause)
        or lexicon.FOLLOWED_BY_US.search(clause)
        or _of_other_event(clause)
    ):
        return ()
    around = f"{sentence.heading} {_before_in_block(note, place)}"
    # From the narrowest text to the widest: a neighbour's verb must not win over the clause's own.
    for text in (clause, sentence.text, f"{around} {clause}"):
        kind = _kind(text)
        if kind == "statements" and _FOREIGN.search(sentence.text):
            return ()
        if kind == "register":
            return _parties(clause, sentence, around)
        if kind:
            return (kind,)
    return ()


def _of_other_event(clause: str) -> bool:
    """ "Registration for the summit closes on ..."."""
    nouns = nouns_in(clause)
    others = [
        noun
        for noun in nouns
        if noun.kind == "other" and _OTHER_EVENT.match(clause[noun.start : noun.end])
    ]
    return bool(others) and not any(noun.kind == "hearing" for noun in nouns)


def _before_in_block(note: ConceptNote, place: int) -> str:
    block = note.sentences[place].block
    return " ".join(
        sentence.text
        for sentence in note.sentences[max(0, place - 3) : place]
        if sentence.block == block
    )


def _kind(text: str) -> str | None:
    """Return what must be done by the deadline; "register" still needs a group."""
    for kind, pattern in _KINDS:
        if pattern.search(text):
            return kind
    return "register" if _SPEAK.search(text) and _ASKS.search(text) else None


def _parties(clause: str, sentence: NoteSentence, around: str) -> tuple[str, ...]:
    for text in (clause, sentence.text, around):
        states = bool(lexicon.STATES.search(text))
        others = lexicon.STAKEHOLDERS.search(lexicon.STATES.sub(" ", text))
        if states and not others:
            return ("member-states",)
        if states and others:
            return _both(text, clause)
        if others:
            return ("stakeholders",)
    return ("stakeholders",)


def _both(text: str, clause: str) -> tuple[str, ...]:
    """Return the tracks of a text with States and others: both if they share the clause's
    subject.
    """
    subject = re.split(r"\b(?:wish\w*|are|should|must|may|can|is)\b", text)[0]
    states = bool(lexicon.STATES.search(subject))
    others = bool(lexicon.STAKEHOLDERS.search(lexicon.STATES.sub(" ", subject)))
    if states and others:
        return ("member-states", "stakeholders")
    return ("member-states",) if states else ("stakeholders",)


def _attends_only(clause: str) -> bool:
    return bool(_ATTEND.search(clause)) and not _SPEAK.search(clause)


def _hour(text: str, mention: DateMention, mentions: list[DateMention]) -> Hours | None:
    """The time that goes with a date: right after it, or between its cue and it."""
    index = mentions.index(mention)
    stop = mentions[index + 1].start if index + 1 < len(mentions) else len(text)
    start = len(strip_trailing(text[: mention.start]))
    near = [
        hours
        for hours in hours_in(text)
        if not hours.ends and start - 2 <= hours.start < min(stop, mention.end + 30)
    ]
    return near[0] if near else None


def _moment(date: datetime.date, hours: Hours | None, text: str, zone: str | None) -> str:
    if hours is None:
        return date.isoformat()
    own = [name for place, name in zones_in(text) if place >= hours.end - 1]
    return _iso(
        datetime.datetime.combine(date, datetime.time.fromisoformat(clock(hours.starts))),
        own[0] if own else zone,
    )


def _iso(moment: datetime.datetime, zone: str | None) -> str:
    """To the minute, with the offset of the zone on that day, whatever the note calls it."""
    aware = moment.replace(tzinfo=ZoneInfo(zone)) if zone else moment
    return aware.isoformat(timespec="minutes")


def _relative(context: _Context, place: int) -> list[_Due]:
    """ "No later than 48 hours before the hearing", counted back from its first meeting."""
    sentence = context.note.sentences[place]
    match = _RELATIVE.search(sentence.text)
    if not match or not context.first or not context.first["date"]:
        return []
    before = sentence.text[: match.start()]
    tracks = _tracks(context.note, place, sentence, sentence.text)
    if not tracks or not (is_deadline(before) or re.search(r"\bat\s+least\s+$", before, re.I)):
        return []
    at = _counted_back(match, context.first, context.zone)
    return [_Due(tracks, at, _attends_only(sentence.text), sentence.text)] if at else []


def _counted_back(
    match: re.Match[str], first: dict[str, str | None], zone: str | None
) -> str | None:
    """Return a moment some hours before the first meeting starts, or some days before its day."""
    count = _NUMBERS.get(match["count"].lower()) or int(match["count"])
    date = datetime.date.fromisoformat(first["date"] or "")
    unit = match["unit"].lower().rstrip("s")
    if unit != "hour":
        return (date - datetime.timedelta(count * (7 if unit == "week" else 1))).isoformat()
    if not first["starts"]:
        return None
    start = datetime.datetime.combine(date, datetime.time.fromisoformat(first["starts"]))
    return _iso(start - datetime.timedelta(hours=count), zone)
