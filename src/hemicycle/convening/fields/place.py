"""Where the hearing is held, and in which time zone."""

import datetime
import re
from itertools import dropwhile, pairwise, takewhile

from hemicycle.convening import lexicon
from hemicycle.convening.dates import DateMention, dates_in
from hemicycle.convening.document import flatten
from hemicycle.convening.events import DateRole, role_of
from hemicycle.convening.hours import hours_in
from hemicycle.convening.languages import Language, fold
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.zones import ZONE, agree, names_by_place, zone_of_place, zones_in

_ROOM = rf"{lexicon.ROOM}|Street|Avenue|Road|Boulevard"
_COMMON = (
    r"chambers?|hall|rooms?|headquarters|building|cent(?:re|er)|library|auditorium|theat(?:re|er)"
    r"|school|offices|church|courtroom|gymnasium|hotel"
)
_NAMED = re.compile(
    r"\b(?:in|at|à|au|aux|dans|en|held\s+at|to)\s+(?:the\s+|la\s+|le\s+|l['’]\s*|el\s+"
    r"|its\s+|our\s+)?(?P<place>(?:[A-ZÀ-Ý0-9][\w’'./-]*\s+|of\s+|the\s+|de\s+|la\s+|des\s+"
    rf"|du\s+|d['’]|and\s+){{0,8}}?(?:[a-z’'-]+\s+){{0,2}}?(?P<room>[A-ZÀ-Ý]?[\w’'-]*\b"
    rf"(?:{_ROOM}|{_COMMON}))\b.*)"
)
_PLACE_END = re.compile(
    rf";|,\s+(?=[a-zà-ÿ])(?!in\s+(?:the\s+)?[A-Z][^,.;]{{0,40}}\b(?:{_ROOM})\b)|\.(?:\s|$)|\s\((?!Room|Building)|\s[-–—]\s|,?\s+\b(?:on|from|and"
    r"|with|where|which|who|as|will|starting|beginning|pursuant|to|by|via|through|is|are"
    r"|until|for|le|de\s+\d|between|while|but|before|after|during|under|you|or)\b"
    rf"|,?\s+\bat\s+(?:\d|noon|its)|{ZONE}",
)
_IN_CITY = re.compile(r"\b(?:in|at|à|en)\s+(?P<city>[A-ZÀ-Ý][\w’'-]+(?:\s+[A-ZÀ-Ý][\w’'-]+)?)")
_REMOTE = re.compile(
    r"\b(?:(?:fully|entirely|exclusively|held)\s+)?(?P<word>virtual(?:ly)?|online"
    r"|remote(?:ly)?|by\s+video\s?conference|en\s+ligne|en\s+visioconférence|en\s+línea"
    r"|hybrid)\b",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"(?:it|this|elle|the\s+event|the\s+day)\s+(?:will|is|shall|takes|se|aura)\b", re.IGNORECASE
)
_WORDS = {
    "virtually": "Virtual",
    "remotely": "Remote",
    "by videoconference": "Videoconference",
    "by video conference": "Videoconference",
}
_LABEL = (
    r"venues?|places?|locations?|where|lieu|lugar|where\s+to\s+(?:attend|go)"
    r"|meeting\s+(?:place|venue|location)|address|room|place\s+of\s+(?:the\s+)?hearing"
    r"|hearing\s+(?:location|venue)|format\s+and\s+venue|dónde|sede"
)


def venue_of(note: ConceptNote) -> Finding[str | None]:
    """The place as the note names it; "Virtual" or "Online" where it is held nowhere else."""
    for label in note.labelled(_LABEL):
        lines = label.value.split("\n")
        return Finding(
            ", ".join(line.strip(" ,") for line in lines), (label.value.replace("\n", " "),)
        )
    if note.language.code != "en":
        worded = _worded(note)
        if worded.value or note.language.code not in lexicon.TONGUES:
            return worded
    for finder in (_beside_the_date, _in_sentence, _beside_the_hour, _city_of_the_date):
        found = finder(note)
        if found.value:
            return found
    remote = _remote(note)
    return remote if remote.value else _city_in_sentence(note)


def _worded(note: ConceptNote) -> Finding[str | None]:
    """The place by the table of the note's language: a label, or after "in" beside the date."""
    named = dict.fromkeys(
        re.split(r"[。；;]", label.value)[0]
        for label in note.labelled_as("venue")
        if not dates_in(label.value)
    )
    if len(named) == 1:
        return Finding(next(iter(named)), tuple(named))
    if named:
        return Finding(None)
    language = note.language
    inside = (
        r"[^,.;。；，在]{0,30}?" if language.code == "zh" else r"(?:[^\s,.;،]+\s+){0,5}?[«\"“]?"
    )
    room = re.compile(rf"[\s:]*(?P<place>{inside}(?:{language.pieces('room')}).*)", re.IGNORECASE)
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
            clear = language.pattern("room").search(held_in) and not (
                language.pattern("hearing").search(held_in)
            )
            if clear and _LEAST <= len(value) < 200:
                return Finding(_balanced(value), (sentence.text,))
    return _worded_line(note)


def _names_hearing_before(note: ConceptNote, place: int) -> bool:
    return place > 0 and bool(
        note.language.pattern("hearing").search(fold(note.sentences[place - 1].text))
    )


def _insides(language: Language, text: str) -> list[int]:
    """Where a word such as "in" ends, which Arabic joins to the next one."""
    ends = [match.end() for match in language.pattern("in").finditer(text)]
    if language.code == "ar":
        ends += [match.start() for match in re.finditer(r"(?<!\w)ب(?=\w{3})", text)]
    return sorted(ends)


_LEAST = 4
"""Letters of the shortest name of a place."""
_STOP = re.compile(
    r"[;；。؛]|，(?!.{0,12}[路街号室])|[,،]\s+(?!(?:en|n[oa]|au|à|im|in|calle|rue|av|local|sito|sala|salle|piso"
    r"|bloco|ул|д|г|каб|зал)\b)[a-zà-ÿа-я]"
)
_SMALL_TAIL = re.compile(
    r"(?:[\s,،(]+(?:l[ae]s?|el|los|am|um|ab|von|das|às|a|à|de|du|dès|no|d[ií]a|в|с|на|يوم|الساعة|من|على|و|und"
    r"|y|e|et|den|dem))*[\s,،(.]*$",
    re.IGNORECASE,
)


def _worded_cut(language: Language, text: str, start: int) -> int:
    """Where the name of a place ends, which may hold commas: "Salón de Actos, Calle Mayor 40"."""
    place = text[start:]
    gap = "" if language.code == "zh" else r"[\s,،]+"
    ending = re.compile(rf"{gap}{language.pieces('place_end')}", re.IGNORECASE)
    ends = [mention.start for mention in dates_in(place)] + [span.start for span in hours_in(place)]
    ends += [found.start() for pattern in (ending, _STOP) if (found := pattern.search(place, 2))]
    cut = place[: min([*ends, len(place)])]
    tail = _SMALL_TAIL.search(cut)
    return start + (tail.start() if tail else len(cut))


def _worded_line(note: ConceptNote) -> Finding[str | None]:
    """A line of the head that names a room, beside the line with the day."""
    language = note.language
    lines = [line for block in note.blocks[: note.head] for line in block.lines]
    # Several days have a place each.
    if sum(_dates_the_hearing(line) for line in lines) > 1:
        return Finding(None)
    for index, block in enumerate(note.blocks[: note.head + 2]):
        near = [*note.blocks[max(0, index - 1) : index], block, *note.blocks[index + 1 : index + 2]]
        if block.kind == "row" or not any(
            _dates_the_hearing(line) for neighbour in near for line in neighbour.lines
        ):
            continue
        for line in block.lines:
            after = _after_hours(line) if dates_in(line) or hours_in(line) else line
            folded = fold(after)
            if (
                language.pattern("room").search(folded)
                and _LEAST <= len(after.strip(" ,.،")) < 150
                and not dates_in(after)
                and not hours_in(after)
                and not language.pattern("hearing").search(folded)
                and not re.search(r"[:@?!]", folded)
                and not language.pattern("convenes").search(folded)
                and (folded[-1:] not in ".。" or len(folded.split()) < 10)
            ):
                return Finding(after.strip(" ,.،"), (after,))
    return Finding(None)


def _city_in_sentence(note: ConceptNote) -> Finding[str | None]:
    """ "... a public forum in Hobart on 18 August", where no room is named."""
    for sentence in note.sentences:
        for match in _IN_CITY.finditer(sentence.text):
            if zone_of_place(match["city"]) and _of_hearing(note, sentence.text, match.start()):
                return Finding(match["city"], (sentence.text,))
    return Finding(None)


def _beside_the_date(note: ConceptNote) -> Finding[str | None]:
    """The lines of the head that name a room or a city, next to the line with the date and time."""
    for index, block in enumerate(note.blocks[: note.head + 2]):
        lines = [flatten(cell) for cell in block.cells] if block.kind == "row" else block.lines
        whole = [block.flat] if block.kind == "row" else []
        dated = any(_dates_the_hearing(line) for line in [*lines, *whole])
        if block.kind == "item" or not (dated or _dates_the_title(note, index)):
            continue
        beside = [line for line in lines if not dates_in(line)]
        if len(lines) == 1 and index + 1 < len(note.blocks):
            beside += note.blocks[index + 1].lines[:3]
        places = list(takewhile(_is_place, dropwhile(lambda line: not _is_place(line), beside)))
        after = [part for line in lines if (part := _after_hours(line)) and _is_place(part)]
        places = places or after[:1]
        if places:
            named = [_balanced(line.strip(" ,.|")) for line in places]
            return Finding(", ".join(named), tuple(places))
    return Finding(None)


def _dates_the_title(note: ConceptNote, index: int) -> bool:
    """Whether a block begins with a bare date right under the title."""
    above = note.blocks[index - 1].flat if index else ""
    line = note.blocks[index].lines[0]
    bare = [
        mention for mention in dates_in(line) if line[: mention.start] + line[mention.end :] == ""
    ]
    return bool(lexicon.TITLE_EVENT.search(above) and bare)


def _beside_the_hour(note: ConceptNote) -> Finding[str | None]:
    """ "Thatcher Room, at 9.30 a.m." on a line of its own in the head."""
    for block in note.blocks[: note.head]:
        for line in block.lines:
            hours = hours_in(line)
            before = re.sub(r"[\s,]+(?:at|from)?\s*$", "", line[: hours[0].start]) if hours else ""
            if before and not dates_in(line) and _is_place(before) and re.search(_ROOM, before):
                return Finding(before, (line,))
    return Finding(None)


def _city_of_the_date(note: ConceptNote) -> Finding[str | None]:
    """ "Lisbon, 21 October 2026" under the title."""
    lines = [line for block in note.blocks[: note.head + 2] for line in block.lines]
    for above, line in pairwise(lines):
        city = _city_before(line) if lexicon.TITLE_EVENT.search(above) else ""
        if city:
            return Finding(city, (line,))
    return Finding(None)


def _city_before(line: str) -> str:
    """The city of "Lisbon, 21 October 2026"; a letter's own date line is no such line."""
    mention = dates_in(line)[0] if dates_in(line) else None
    before = re.sub(r"[\s,]+(?:les?|on|el)?$", "", line[: mention.start]) if mention else ""
    return before if before and len(before) < 40 and zone_of_place(before) else ""


def _dates_the_hearing(line: str) -> bool:
    """Whether a line is a date line with a weekday, several days or times: no letter's date."""
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
    """What follows the last date or time of a line: "3 May, 10:00-12:00, Town Hall"."""
    ends = [mention.end for mention in dates_in(line)] + [hours.end for hours in hours_in(line)]
    ends += [match.end() for match in re.finditer(ZONE, line)]
    return (
        re.sub(r"^[\s,;|•()–—-]+(?:(?:at|in)\s+(?:the\s+)?)?", "", line[max(ends) :])
        if ends
        else ""
    )


def _is_place(line: str) -> bool:
    if (
        len(line) > 150
        or line[-1:] in "?:"
        or "@" in line
        or hours_in(line)
        or lexicon.TITLE_EVENT.search(line)
    ):
        return False
    if len(line.split()) > 16 or re.search(r"\b(?:will|please|shall)\b", line):
        return False
    return bool(re.search(rf"\b(?:{_ROOM})\b", line) or _REMOTE.search(line) or zone_of_place(line))


def _in_sentence(note: ConceptNote) -> Finding[str | None]:
    """ "... will be held in the Council Chamber", said of the hearing; the fullest such place."""
    found: list[tuple[str, str]] = []
    for sentence in note.sentences:
        for match in _NAMED.finditer(sentence.text):
            place = _cut(match["place"], match.end("room") - match.start("place"))
            if place and _of_hearing(note, sentence.text, match.start()):
                found.append((place, sentence.text))
    if not found:
        return Finding(None)
    first = found[0][0]
    place, passage = max(found, key=lambda pair: len(pair[0]) * pair[0].startswith(first[:8]))
    return Finding(place, (passage,))


def _of_hearing(note: ConceptNote, text: str, at: int) -> bool:
    """Whether the words at a place in a sentence are about the hearing's sitting."""
    role = role_of(text, DateMention(at, at, ()), own=note.own)
    refers = role is DateRole.OPEN and _REFERS.match(text)
    return bool(role is DateRole.HEARING or refers) and _about_sitting(text)


def _about_sitting(text: str) -> bool:
    verbs = rf"(?:{lexicon.TAKES_PLACE}|{lexicon.TO_BE_HELD}|{lexicon.CONVENE})"
    return bool(re.search(verbs, text, re.IGNORECASE) or dates_in(text)) and not re.search(
        r"\b(?:copies|inspect\w*|collect\w*|mail\w*\s+to|sent?d?\s+to|deliver\w*)\b", text
    )


def _cut(place: str, room: int) -> str:
    """A place without what the sentence says after it; `room` is where its main word ends."""
    ends = [mention.start for mention in dates_in(place)] + [
        hours.start for hours in hours_in(place)
    ]
    end = _PLACE_END.search(place, room)
    ends += [end.start()] if end else []
    cut = place[: min([*ends, len(place)])]
    cut = re.sub(r"(?:[\s,]+(?:on|at|from|in|le|el|the))*[\s,]*$", "", cut)
    return _balanced(cut)


def _balanced(place: str) -> str:
    """Return a place without an unmatched bracket around it."""
    return place.rstrip(")") if place.count(")") > place.count("(") else place


def _remote(note: ConceptNote) -> Finding[str | None]:
    for sentence in note.sentences:
        match = _REMOTE.search(sentence.text)
        said = match and (
            dates_in(sentence.text)
            or re.search(
                rf"{lexicon.TAKES_PLACE}|{lexicon.TO_BE_HELD}|{lexicon.CONVENE}",
                sentence.text,
                re.IGNORECASE,
            )
        )
        if (
            match
            and said
            and (
                lexicon.TITLE_EVENT.search(sentence.text)
                or re.match(r"it\b|elle\b", sentence.text, re.I)
            )
        ):
            word = " ".join(match["word"].lower().split())
            return Finding(_WORDS.get(word, word[:1].upper() + word[1:]), (sentence.text,))
    return Finding(None)


def zone_of(
    note: ConceptNote, venue: Finding[str | None], meetings: Finding[list[dict[str, str | None]]]
) -> Finding[str | None]:
    """Return the IANA zone: beside the hearing's times, for all times of the note, or of its
    place.
    """
    place = zone_of_place(venue.value) if venue.value else None
    day = datetime.date.fromisoformat(meetings.value[0]["date"] or "") if meetings.value else None
    for passage in [*meetings.passages, *_timed(note)]:
        if place and names_by_place(passage):
            return Finding(place, (passage,))
        named = [zone for _, zone in zones_in(passage)] or _city_in_brackets(passage)
        if named:
            zone = named[0]
            better = place if place and agree(place, zone, day) else zone
            return Finding(better, (passage,))
    if place:
        return Finding(place, venue.passages)
    for passage in meetings.passages:
        for match in re.finditer(
            r"\b(?:in|at|à|en)\s+(?P<city>[A-ZÀ-Ý][\w’'-]+(?:\s+[A-ZÀ-Ý][\w’'-]+)?)", passage
        ):
            zone_there = zone_of_place(match["city"])
            if zone_there and not re.search(r"summit|high-level", passage, re.I):
                return Finding(zone_there, (passage,))
    for passage in meetings.passages:
        city = _city_before(passage)
        if city:
            return Finding(zone_of_place(city), (passage,))
    return _only_zone(note)


def _city_in_brackets(passage: str) -> list[str]:
    """The zone of "13:15–14:45 (Geneva)"."""
    match = re.search(r"(?:\d|m\.?|noon)\s*\((?P<city>[A-ZÀ-Ý][\w’' -]+)\)", passage)
    zone = zone_of_place(match["city"]) if match else None
    return [zone] if zone else []


def _only_zone(note: ConceptNote) -> Finding[str | None]:
    """The one zone that a note names anywhere, if only beside a deadline."""
    named = {
        zone: sentence.text for sentence in note.sentences for _, zone in zones_in(sentence.text)
    }
    if len(named) != 1:
        return Finding(None)
    zone, passage = named.popitem()
    return Finding(zone, (passage,))


def _timed(note: ConceptNote) -> list[str]:
    """Passages of the note that tell a zone for its times in general."""
    said = [
        sentence.text
        for sentence in note.sentences
        if re.search(
            r"\ball\s+times\b|\btimes?\s+(?:are|is|shown|indicated|in)\b", sentence.text, re.I
        )
    ]
    labels = [
        label.value
        for label in note.labelled(
            r"times?|time\s+zone|hours?|when|date\s+and\s+time|fuseau\s+horaire"
        )
    ]
    spans = [
        sentence.text
        for sentence in note.sentences
        if any(hours.ends for hours in hours_in(sentence.text))
        and not re.search(r"training|briefing|office", sentence.text, re.I)
    ]
    return [*labels, *said, *spans]
