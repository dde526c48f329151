"""Where the hearing is held, and in which time zone."""

import datetime
import re
from functools import partial
from itertools import dropwhile, pairwise, takewhile

from hemicycle.convening.claims import TELEPHONE
from hemicycle.convening.dates import DateMention, dates_in
from hemicycle.convening.document import flatten
from hemicycle.convening.hours import hours_in
from hemicycle.convening.languages import Language, anywhere, fold
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.roles import TITLE_EVENT, DateRole, nouns_in, role_of
from hemicycle.convening.zones import ZONE, agree, zone_of_place, zones_in

_IN_CITY = re.compile(r"\b(?:in|at|à|en)\s+(?P<city>[A-ZÀ-Ý][\w’'-]+(?:\s+[A-ZÀ-Ý][\w’'-]+)?)")
_WORDS = {
    "virtually": "Virtual",
    "remotely": "Remote",
    "by videoconference": "Videoconference",
    "by video conference": "Videoconference",
}


def venue_of(note: ConceptNote) -> Finding[str | None]:
    """Return the place as the note names it; "Virtual" or "Online" if it is held nowhere else."""
    named = dict.fromkeys(
        re.split(r"[。；;]", label.value)[0]
        for label in note.labelled("venue")
        if not dates_in(label.value)
    )
    # If several places are labelled, the field stays empty and they are candidates.
    if named:
        return Finding(next(iter(named)), tuple(named)) if len(named) == 1 else Finding(None)
    finders = (_beside_the_date, _in_sentence, _beside_the_hour, _city_of_the_date)
    for finder in (*finders, _remote, _city_in_sentence):
        found = finder(note)
        if found.value:
            return found
    return Finding(None)


def _in_sentence(note: ConceptNote) -> Finding[str | None]:
    """Find the place after "in" in a sentence that says when the hearing is held."""
    language = note.language
    inside = (
        r"[^,.;。；，在]{0,30}?" if language.code == "zh" else r"(?:[^\s,.;،]+\s+){0,5}?[«\"“]?"
    )
    room = re.compile(rf"[\s:,]*(?P<place>{inside}(?:{language.pieces('room')}).*)", re.IGNORECASE)
    for place, sentence in enumerate(note.sentences):
        folded = fold(sentence.text)
        told = language.pattern("hearing").search(folded) or (
            (language.pattern("held").search(folded) or language.pattern("convenes").search(folded))
            and (dates_in(folded) or _names_hearing_before(note, place))
        )
        if not told or not (
            dates_in(folded) or hours_in(folded) or language.pattern("held").search(folded)
        ):
            continue
        for start in _insides(language, folded):
            match = room.match(folded, start)
            if match is None:
                continue
            cut = _worded_cut(language, folded, match.start("place"))
            value = sentence.text[match.start("place") : cut].strip(" ,;،")
            if language.code == "ar":
                value = value.removeprefix("ب")
            held_in = fold(sentence.text[match.start("place") : cut])
            names = any(noun[2] is DateRole.HEARING for noun in nouns_in(language, held_in))
            clear = language.pattern("room").search(held_in) and not names
            if clear and _LEAST <= len(value) < 200:
                return Finding(_balanced(value), (sentence.text,))
    return Finding(None)


def _names_hearing_before(note: ConceptNote, place: int) -> bool:
    return place > 0 and bool(
        note.language.pattern("hearing").search(fold(note.sentences[place - 1].text))
    )


def _insides(language: Language, text: str) -> list[int]:
    """Return where words such as "in" end; in Arabic, they are joined to the next word."""
    ends = [match.end() for match in language.pattern("in").finditer(text)]
    if language.code == "ar":
        ends += [match.start() for match in re.finditer(r"(?<!\w)ب(?=\w{3})", text)]
    # A comma after the hour means the same: "At 10 a.m., Room 3".
    hours = [span.end for span in hours_in(text)]
    ends += [end for end in hours if re.match(rf",\s+{language.pieces('room')}", text[end:], re.I)]
    return sorted(ends)


_LEAST = 4
"""The fewest characters of the name of a place."""
_STOP = re.compile(
    r"[;；。؛]|，(?!.{0,12}[路街号室])|[,،]\s+(?!(?:en|n[oa]|au|à|im|in|av|local|sito|piso|bloco|km|andar|n[º°.]|s/n"
    rf"|ул|д|г|каб|зал|актов\w+)\b|{anywhere('room')})[a-zà-ÿа-я]"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_SMALL_TAIL = re.compile(
    r"(?:[\s,،(]+(?:l[ae]s?|el|los|am|um|ab|von|das|às|a|à|de|du|dès|no|d[ií]a|в|с|на|يوم|الساعة|من|على|و|und"
    r"|y|e|et|den|dem))*[\s,،(.]*$",
    re.IGNORECASE,
)


def _worded_cut(language: Language, text: str, start: int) -> int:
    """Return where a place's name ends; it may contain commas: "Salón de Actos, Calle Mayor 40"."""
    place = text[start:]
    gap = "" if language.code == "zh" else r"[\s,،]+"
    ending = re.compile(rf"{gap}{language.pieces('place_end')}", re.IGNORECASE)
    ends = [mention.start for mention in dates_in(place)] + [span.start for span in hours_in(place)]
    # "Centro 15 de Agosto" in quotation marks is not a date.
    ends = [end for end in ends if place.count('"', 0, end) % 2 == 0]
    # A comma in brackets, as in "library (12 Mill Lane, annex)", does not end a name.
    inner = _BRACKETS.sub(lambda found: "(" + "." * (len(found[0]) - 2) + ")", place)
    ends += [found.start() for pattern in (ending, _STOP) if (found := pattern.search(inner, 2))]
    cut = place[: min([*ends, len(place)])]
    tail = _SMALL_TAIL.search(cut)
    return start + (tail.start() if tail else len(cut))


def _city_in_sentence(note: ConceptNote) -> Finding[str | None]:
    """Find the city in "... a public forum in Hobart on 18 August", where no room is named."""
    for sentence in note.sentences:
        for match in _IN_CITY.finditer(sentence.text):
            if zone_of_place(match["city"]) and _of_hearing(note, sentence.text, match.start()):
                return Finding(match["city"], (sentence.text,))
    return Finding(None)


def _beside_the_date(note: ConceptNote) -> Finding[str | None]:
    """Find lines of the head that name a room or city next to the line with the date and time."""
    is_place = partial(_is_place, note.language)
    for index, block in enumerate(note.blocks[: note.head + 2]):
        lines = [flatten(cell) for cell in block.cells] if block.kind == "row" else block.lines
        whole = [block.flat] if block.kind == "row" else []
        dated = any(_dates_the_hearing(line) for line in [*lines, *whole])
        if block.kind == "item" or not (dated or _dates_the_title(note, index)):
            continue
        beside = [line for line in lines if not dates_in(line)]
        if len(lines) == 1 and index + 1 < len(note.blocks):
            beside += note.blocks[index + 1].lines[:3]
        places = list(takewhile(is_place, dropwhile(lambda line: not is_place(line), beside)))
        after = [part for line in lines if (part := _after_hours(line)) and is_place(part)]
        places = places or after[:1]
        if places:
            named = [_balanced(line.strip(" ,.|")) for line in places]
            return Finding(", ".join(named), tuple(places))
    return Finding(None)


def _dates_the_title(note: ConceptNote, index: int) -> bool:
    """Whether a block begins with a date alone right under the title."""
    above = note.blocks[index - 1].flat if index else ""
    line = note.blocks[index].lines[0]
    bare = [
        mention for mention in dates_in(line) if line[: mention.start] + line[mention.end :] == ""
    ]
    return bool(TITLE_EVENT.search(above) and bare)


def _beside_the_hour(note: ConceptNote) -> Finding[str | None]:
    """Find the place in a separate line of the head: "Thatcher Room, at 9.30 a.m."."""
    for block in note.blocks[: note.head]:
        for line in block.lines:
            hours = hours_in(line)
            before = re.sub(r"[\s,]+(?:at|from)?\s*$", "", line[: hours[0].start]) if hours else ""
            if (
                before
                and not TELEPHONE.search(line)
                and not dates_in(line)
                and _is_place(note.language, before)
            ):
                return Finding(before, (line,))
    return Finding(None)


def _city_of_the_date(note: ConceptNote) -> Finding[str | None]:
    """Find the city in "Lisbon, 21 October 2026" under the title."""
    lines = [line for block in note.blocks[: note.head + 2] for line in block.lines]
    for above, line in pairwise(lines):
        city = _city_before(line) if TITLE_EVENT.search(above) else ""
        if city:
            return Finding(city, (line,))
    return Finding(None)


def _city_before(line: str) -> str:
    """Return the city of "Lisbon, 21 October 2026"; "" if the line is none of this kind."""
    mention = dates_in(line)[0] if dates_in(line) else None
    before = re.sub(r"[\s,]+(?:les?|on|el)?$", "", line[: mention.start]) if mention else ""
    return before if before and len(before) < 40 and zone_of_place(before) else ""


def _dates_the_hearing(line: str) -> bool:
    """Whether a line has a weekday, several days or times, which the date of a letter has not."""
    if len(line) > 160 or (line[-1] in ".?" and not line.endswith("m.")):
        return False
    mentions = dates_in(line)
    if not mentions:
        return False
    return bool(
        mentions[0].days[0].weekday is not None
        or len(mentions[0].days) > 1
        or hours_in(line)
        or re.search(r"[|•]", line)
    )


def _after_hours(line: str) -> str:
    """Return the text after the last date or time of a line: "3 May, 10:00-12:00, Town Hall"."""
    ends = [mention.end for mention in dates_in(line)] + [hours.end for hours in hours_in(line)]
    ends += [match.end() for match in re.finditer(ZONE, line)]
    return (
        re.sub(r"^[\s,;|•()–—-]+(?:(?:at|in)\s+(?:the\s+)?)?", "", line[max(ends) :])
        if ends
        else ""
    )


def _is_place(language: Language, line: str) -> bool:
    if (
        len(line) > 150
        or line[-1:] in "?:"
        or "@" in line
        or hours_in(line)
        or TITLE_EVENT.search(line)
    ):
        return False
    if len(line.split()) > 16 or re.search(r"\b(?:will|please|shall)\b", line):
        return False
    told = any(language.pattern(name).search(fold(line)) for name in ("room", "online"))
    return told or bool(zone_of_place(line))


def _of_hearing(note: ConceptNote, text: str, at: int) -> bool:
    """Whether the words at a position in a sentence are about the hearing itself."""
    role = role_of(note.language, text, DateMention(at, at, ()), note.own)
    language, folded = note.language, fold(text)
    said = language.pattern("held").search(folded) or language.pattern("convenes").search(folded)
    return role is DateRole.HEARING and bool(said or dates_in(text))


def _balanced(place: str) -> str:
    """Return a place without an unmatched bracket and, if it was opened, the text after it."""
    if place.count("(") > place.count(")"):
        return place[: place.rindex("(")].strip(" ,")
    return place.rstrip(")") if place.count(")") > place.count("(") else place


def _remote(note: ConceptNote) -> Finding[str | None]:
    """Find the word for a hearing without a place, in a sentence that says that it is held."""
    language = note.language
    for sentence in note.sentences:
        folded = fold(sentence.text)
        match = language.pattern("online").search(folded)
        if match is None:
            continue
        said = dates_in(sentence.text) or any(
            language.pattern(name).search(folded) for name in ("held", "convenes")
        )
        if said and (TITLE_EVENT.search(folded) or re.match(r"it\b", folded, re.IGNORECASE)):
            word = " ".join(match.group().lower().split())
            return Finding(_WORDS.get(word, word[:1].upper() + word[1:]), (sentence.text,))
    return Finding(None)


def zone_of(
    note: ConceptNote, venue: Finding[str | None], meetings: Finding[list[dict[str, str | None]]]
) -> Finding[str | None]:
    """Return the IANA zone.

    It is named beside the hearing's times or for all times of the note, or it is that of the place.
    """
    place = zone_of_place(venue.value) if venue.value else None
    day = datetime.date.fromisoformat(meetings.value[0]["date"] or "") if meetings.value else None
    for passage in [*meetings.passages, *_timed(note)]:
        named = [zone for _, zone in zones_in(passage)]
        if named:
            zone = named[0]
            better = place if place and agree(place, zone, day) else zone
            return Finding(better, (passage,))
    if place:
        return Finding(place, venue.passages)
    return _only_zone(note)


def _only_zone(note: ConceptNote) -> Finding[str | None]:
    """Return the zone of the note if it names only one, even beside a deadline."""
    named = {
        zone: sentence.text for sentence in note.sentences for _, zone in zones_in(sentence.text)
    }
    if len(named) != 1:
        return Finding(None)
    zone, passage = named.popitem()
    return Finding(zone, (passage,))


def _timed(note: ConceptNote) -> list[str]:
    """Return the passages that give a zone for the note's times in general."""
    said = [
        sentence.text
        for sentence in note.sentences
        if re.search(
            r"\ball\s+times\b|\btimes?\s+(?:are|is|shown|indicated|in)\b", sentence.text, re.I
        )
    ]
    labels = [label.value for label in note.labels if {"date", "time", "zone"} & set(label.kinds)]
    spans = [
        sentence.text
        for sentence in note.sentences
        if any(hours.ends for hours in hours_in(sentence.text))
        and not re.search(r"training|briefing|office", sentence.text, re.I)
    ]
    return [*labels, *said, *spans]
