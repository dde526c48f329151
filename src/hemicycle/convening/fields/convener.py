"""Who convenes the hearing."""

import re
from itertools import takewhile

from hemicycle.convening.dates import dates_in
from hemicycle.convening.hours import hours_in
from hemicycle.convening.languages import Language, anywhere, fold
from hemicycle.convening.note import ConceptNote, Finding, mentions_hearing
from hemicycle.convening.roles import TITLE_EVENT, DateRole, nouns_in

_ASKED = re.compile(
    r"\b(?:request(?:s|ed)?|ask(?:s|ed)?|mandated|tasked|demande|demandé|solicit\w+"
    r"|pide)\s+(?:the\s+|au\s+|à\s+la\s+|à\s+l['’]|al\s+"
    r"|a\s+la\s+)?(?P<name>(?-i:[A-ZÀ-Ý])[^,;.]*?)\s+(?:to\s+(?:hold|convene|organi[sz]e"
    r"|host)|(?:d['’]|de\s+)(?:organiser|tenir|convoquer)|(?:que\s+)?(?:organice|convoque"
    r"|celebre))\b(?P<object>.*)",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:^|,\s+|\b(?=the\s))(?P<name>(?:[Tt]he\s+)?(?-i:[A-Z])[^,;.]{3,90}?(?:,\s[^;:]{3,60},)?)\s+"
    r"(?:has\s+|have\s+|is\s+pleased\s+to\s+|wishes\s+to\s+|hereby\s+|today\s+)*"
    r"(?:announce[ds]?|(?:is|are)\s+announcing|gives?\s+notice)\s+(?:that\s+)?(?P<what>.*)"
)
_HEARING_OF = re.compile(
    rf"(?:[\w-]+\s+){{0,3}}(?:{anywhere('hearing')})\s+(?:of|by)\s+the\s+(?P<name>[^:–—,]+?)\s*"
    r"(?:[:–—,]|\s(?:on|about)\s+(?:the\s+)?[a-z]|$)",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?:[A-Z]\w+\s+){0,2}(?:sub-?)?committee\b|(?:Sous-?)?Comm?(?:it|is)|Ausschuss|Комит|Комисс|لجنة",
    re.IGNORECASE,
)
_LEGAL = re.compile(r",?\s+(?:in\s+accordance|pursuant|under|as\s+part)\b", re.IGNORECASE)
_AUTHORED = re.compile(
    r"^.*\b(?:note|paper|programme|letter)\s+(?:by|of|from)\s+(?:the\s+)?"
    r"|^[\w-]+(?:st|nd|rd|th)\s+(?:regular\s+|special\s+)?(?:session|meeting)\s+of\s+(?:the\s+)?",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:I|we|you|me|us|je|nous)\b")
_NAME_END = re.compile(
    r",|;|\.(?:\s|$)|\s\(|\s[-–—]\s|\b(?:on|at|ahead|before|prior|in\s+(?:accordance|cooperation"
    r"|collaboration|partnership|person|room|preparation|advance|support|line|view"
    r"|the\s+(?:run|lead|context|framework))|from|with|under|pursuant|will|is|to|as|through|which"
    r"|following|today|le|el|at|has|have|and\s+(?:has|will|is"
    r"|are))\b(?!\s+(?:the\s+)?(?:Rights|Peace|Future|Environment|[A-Z]))",
)
_OPENERS = re.compile(
    r"^(?:(?:notice\s+is\s+(?:hereby\s+)?given|please\s+(?:note|be\s+advised)|be\s+advised"
    r"|we\s+are\s+pleased\s+to\s+(?:inform\s+you|announce))\s+that\s+|(?:accordingly"
    r"|therefore|today|and)\s*,?\s+)",
    re.IGNORECASE,
)


def convener_of(note: ConceptNote) -> Finding[str | None]:
    """Return the office or body that convenes, without its article; None if only a person signs."""
    for label in note.labelled("convener"):
        return Finding(_tidy(_LEGAL.split(label.value)[0]), (label.value,))
    finders = (_active, _agent, _asked, _announcer, _titled, _sender, _letterhead, _page)
    found = next((found for finder in finders if (found := finder(note)).value), Finding(None))
    named = _fuller(note, found)
    alone = named is found and " " not in (named.value or " ")
    return Finding(None) if alone and (named.value or "").islower() else named


_ARTICLE = (
    r"(?:the\s+|an?\s+|our\s+|l[ea]s?\s+|l'\s*|el\s+|los\s+|[oa]s?\s+|d(?:er|ie|as|es|em|en)\s+"
    r"|un[ea]?\s+)"
)
_CLITIC = re.compile(r"\s+(?:l[aeo]s?|lhes?|os|as|nos|se|te|vos|vous)$", re.IGNORECASE)
"""A pronoun as the object, before its verb: "La Comisión le invita"."""
_BEFORE = 120
"""The number of characters before a verb in which a Chinese name is searched.

It is limited because the name may begin at each of them.
"""
_OWN_NAME = re.compile(r"[我本该贵](?!\w{0,3}级)\w{1,4}$|^[在由于与和]")


def _is_body(language: Language, text: str) -> bool:
    return bool(language.pattern("body").search(fold(text)))


def _active(note: ConceptNote) -> Finding[str | None]:
    """Find the body that is the subject of a verb of convening; in Arabic it follows its verb."""
    language = note.language
    bare = Finding[str | None](None)
    for place, sentence in enumerate(note.sentences):
        text, folded = sentence.text, fold(sentence.text)
        sure = place < _SURE or bool(language.pattern("hearing").search(folded))
        for verb in language.pattern("convenes").finditer(folded):
            if not _is_hearing(note, folded[verb.end() :], sure=sure):
                continue
            name = _subject_of(language, text, folded, verb)
            if not name or _OWN_NAME.match(name):
                continue
            found = Finding(_tidy(name), (text,))
            # A later sentence may have the full name of "The Committee".
            if language.code == "zh" or " " in _tidy(name):
                return found
            bare = bare if bare.value else found
            break
    return bare


_SURE = 8
"""The number of first sentences in which a verb of convening does not need to name the hearing."""


def _is_hearing(note: ConceptNote, after: str, *, sure: bool) -> bool:
    """Whether the first event in the object of a verb is the hearing, not another event."""
    nouns = nouns_in(note.language, _object(after), note.own)
    return nouns[0][2] is DateRole.HEARING if nouns else sure and note.language.code != "en"


def _subject_of(language: Language, text: str, folded: str, verb: re.Match[str]) -> str | None:
    if language.code == "ar":
        span = _after_verb(language, folded, verb.end())
        return text[span[0] : span[1]] if span else None
    if language.code == "zh":
        begins = max(0, verb.start() - _BEFORE)
        named = re.search(
            rf"([\u4e00-\u9fff()、]{{2,40}}?{language.pieces('body')})(?:\([^)]*\))?(?:关于|[,于\s])*$",
            folded[begins : verb.start()],
        )
        return text[begins + named.start(1) : begins + named.end(1)] if named else None
    subject = _CLITIC.sub("", re.split(r"[.;:]\s", text[: verb.start()])[-1].rstrip(" ,"))
    return None if _PERSON.search(subject[-40:]) else _subject(language, subject)


def _after_verb(language: Language, text: str, verb: int) -> tuple[int, int] | None:
    """Return the span of an Arabic subject after its verb, up to a preposition or the object."""
    stop = (
        rf"(?<=\w)\s+ال\w+ين(?!\w)|\s+(?:عن|أن|ان|بأن|بان|إلى|الى|على|في|من|لكافة|كافة|جميع|عموم|يوم|بعقد|بتنظيم|عقد|تنظيم|بشأن|حول|"
        rf"{language.pieces('hearing')})(?!\w)|[،,.;:(]|\s[بل](?:عقد|تنظيم|إجراء|دعوت\w*|توجيه)"
    )
    # "هيئة تنظيم الاتصالات": the word after a noun without an article belongs to the name.
    named = re.match(
        rf"\s+(?={language.pieces('body')})((?:ال\w+|\w+\s+\w+).*?)(?={stop})", text[verb:]
    )
    return (verb + named.start(1), verb + named.end(1)) if named else None


def _agent(note: ConceptNote) -> Finding[str | None]:
    """Find the body after "convened by"."""
    language = note.language
    by = re.compile(
        rf"{language.pieces('by')}\s*(?:jointly\s+)?(?P<name>{_ARTICLE}?(?-i:[^\Wa-zà-ÿа-я]).*)",
        re.IGNORECASE,
    )
    for sentence in note.sentences:
        match = by.search(fold(sentence.text))
        about = match and (
            match.start() == 0
            or re.match(r"it\b|elle\b", sentence.text, re.IGNORECASE)
            or TITLE_EVENT.search(sentence.text)
        )
        name = sentence.text[match.start("name") :] if match else ""
        if language.code == "zh":
            # The acting body follows "由"; the verb alone says that it convenes.
            verb = language.pattern("convenes").search(name)
            name = name[: verb.start()] if verb else ""
        if about and _is_body(language, name):
            return Finding(_tidy(_cut(name)), (sentence.text,))
    return Finding(None)


_CAPITAL = r"(?-i:[A-ZÀ-ÝА-Я])[\w’'-]+"
_SMALL = (
    r"(?:on|for|of|the|and|sur|d[aeo]s?|del|du|la|el|les?|et|y|e|für|der|und|по|и|(?=[dl]['’]))"
)
_BARE_NAME = 3
"""The most words of a name that may be short for a longer one: "Municipal Council"."""


def _fuller(note: ConceptNote, found: Finding[str | None]) -> Finding[str | None]:
    """Find the full name of "the Committee" elsewhere in the note: "the Committee on Fisheries"."""
    name = found.value
    if not name or len(name.split()) > _BARE_NAME or note.language.code in ("zh", "ar"):
        return found
    word = re.escape(name)
    headed = _letterhead(note) if len(name.split()) < _BARE_NAME else Finding[str | None](None)
    if re.search(rf"\w\s+{word}$|^{word}\s+(?:on|for|of|de)\s", headed.value or "", re.IGNORECASE):
        return headed
    before = rf"(?:{_CAPITAL}\s+)" if note.language.code in ("en", "de") else r"(?!)"
    after = rf"(?:\s+(?:{_SMALL}\s+){{0,2}}(?:[dl]['’])?{_CAPITAL})"
    full = re.compile(rf"{before}+{word}\b{after}*|\b{word}{after}+", re.IGNORECASE)
    for sentence in note.sentences:
        match = full.search(sentence.text)
        if match and _tidy(match.group()) != name and not match.group().isupper():
            return Finding(_tidy(match.group()), (sentence.text, *found.passages))
    return found


def _asked(note: ConceptNote) -> Finding[str | None]:
    """Find the body in "requested the President to hold a hearing": the President."""
    for sentence in note.sentences:
        match = _ASKED.search(sentence.text)
        if (
            match
            and TITLE_EVENT.search(match["object"][:120])
            and _is_body(note.language, match["name"])
        ):
            return Finding(_tidy(match["name"]), (sentence.text,))
    return Finding(None)


def _object(text: str) -> str:
    """Return the object of the verb, up to the next clause."""
    return re.split(
        r"\b(?:after|before|following|ahead\s+of|in\s+preparation|to\s+discuss\s+the)\b|;",
        text[:220],
    )[0]


def _subject(language: Language, text: str) -> str | None:
    """Return the body at the end of a clause: "Pursuant to ..., the Committee on Fares"."""
    text = re.sub(
        r"\s+(?:today\s+|ha(?:s|ve)\s+)*(?:announce[sd]?|decided|agreed|confirmed)(?:\s+today)?"
        r"\s+(?:that\s+)?(?:it|they)$",
        "",
        _OPENERS.sub("", re.split(r"\d\s+[-–—]\s", text.strip())[-1]),
    )
    parts = re.split(r",\s+|\b(?:that|que|dass|что)\s+", text)
    for count in range(1, len(parts) + 1):
        phrase = ", ".join(parts[-count:]).strip()
        inner = re.match(
            r"(?:in|at|by|pursuant|under|on|with)\b.*?(?<!of )(?<!to )\bthe\s+"
            r"(?P<body>(?:co-|(?-i:[A-Z])).*)$",
            phrase,
            re.IGNORECASE,
        )
        phrase = f"the {inner['body']}" if inner else phrase
        start = re.match(_ARTICLE, phrase, re.IGNORECASE)
        if not _is_body(language, phrase) or (
            count > 1 and _is_body(language, ", ".join(parts[-count + 1 :]))
        ):
            continue
        if start or phrase[:1].isupper():
            return _tidy(_timeless(phrase))
    return None


def _timeless(name: str) -> str:
    """Return a name without the day and the hour after it."""
    ends = [mention.start for mention in dates_in(name)] + [hours.start for hours in hours_in(name)]
    return name[: min([*ends, len(name)])]


def _cut(name: str) -> str:
    """Return a name without the rest of its sentence."""
    name = _timeless(name)
    end = _NAME_END.search(name, 4)
    return re.sub(r"\s+(?:on|at|from|le|el)\s*$", "", name[: end.start() if end else None])


def _announcer(note: ConceptNote) -> Finding[str | None]:
    """Find the body in "the President has announced that the hearing will take place"."""
    for sentence in note.sentences:
        match = _ANNOUNCES.search(sentence.text)
        if match and _is_body(note.language, match["name"]) and mentions_hearing(match["what"]):
            return Finding(_tidy(match["name"]), (sentence.text,))
    return Finding(None)


def _titled(note: ConceptNote) -> Finding[str | None]:
    """Find the body in a title such as "Hearing of the Committee on Fares: ..."."""
    for block in note.blocks[: note.head]:
        match = _HEARING_OF.match(block.flat) if block.is_heading else None
        if match and _is_body(note.language, match["name"]):
            return Finding(_tidy(match["name"]), (block.flat,))
    for sentence in note.sentences:
        match = _HEARING_OF.match(re.sub(r"^(?:The|A)\s+", "", sentence.text))
        if match and _is_body(note.language, match["name"]) and len(match["name"]) < 90:
            return Finding(_tidy(match["name"]), (sentence.text,))
    return Finding(None)


def _sender(note: ConceptNote) -> Finding[str | None]:
    """Find the body in the "From:" line of a memorandum."""
    for label in note.labelled("sender"):
        if _is_body(note.language, label.value) and "@" not in label.value:
            # "Secretariat, Board of Fisheries": the unit that writes comes before its body.
            unit, _, body = label.value.split("\n")[0].partition(", ")
            bare = " " not in unit and _is_body(note.language, body)
            return Finding(_tidy(body if bare else f"{unit}, {body}"), (label.value,))
    return Finding(None)


def _letterhead(note: ConceptNote) -> Finding[str | None]:
    """Find the body whose name is alone on a line at the top: a committee before its parliament.

    Chinese notices are signed above their date, at the end.
    """
    room = note.language.pattern("room")
    top = takewhile(lambda block: block.flat[-1:] not in ".?!,", note.blocks[:5])
    lines = [line for block in top if not block.cells for line in block.lines[:3]]
    # "Green Room, Seed Authority" below the title is a place.
    lines = [line for line in lines if not (", " in line and room.search(fold(line)))]
    if note.language.code == "zh":
        lines = [line for block in reversed(note.blocks[-3:]) for line in block.lines] + lines
    bodies = {
        _tidy(body): line
        for line in lines
        if is_body_alone(
            note.language,
            body := _AUTHORED.sub("", re.split(r"\s[-–—|]\s(?!.*:)", line)[0]),
        )
    }
    named = [name for name in bodies if _PART.match(name)] or list(bodies)
    # If a parliament and its section are both named, it is unknown which of them convenes.
    return Finding(named[0], (bodies[named[0]],)) if len(named) == 1 else Finding(None)


def _page(note: ConceptNote) -> Finding[str | None]:
    """Find the body whose page it is: "Public forum on charges | Energy Commission"."""
    parts = re.split(r"\s+[-–—|]\s+|:\s", note.document.title)
    named = [part for part in parts if is_body_alone(note.language, part)]
    return Finding(_tidy(named[-1]), (named[-1],)) if named else Finding(None)


def is_body_alone(language: Language, line: str) -> bool:
    """Whether a line of a letterhead contains only the name of a body."""
    if len(line.split()) > 12 or line[-1:] in ".?:," or re.search(r"\d{4}|@|:|\bto\s+[a-z]", line):
        return False
    if re.search(
        r"\b(?:act|notice|bill|law|code|regulations?|page|website|channel)\b", line, re.IGNORECASE
    ):
        return False
    folded = fold(line)
    if language.code == "zh":
        return bool(re.fullmatch(rf"[\u4e00-\u9fff]{{2,24}}{language.pieces('body')}", folded))
    event = TITLE_EVENT.search(folded)
    told = event and not re.search(r"\b(?:of|du|de|del|da|für)\s+$", folded[: event.start()])
    return not told and _is_body(language, line.title() if line.isupper() else line)


def _tidy(name: str) -> str:
    name = re.sub(r"^(?:the\s+)?staff\s+of\s+|\s*\([^()]*\)$", "", name.strip(" ,.*"))
    return re.sub(
        rf"^(?:{_ARTICLE}?(?:members|membros|membres|miembros|mitglieder)\s+(?:of|d[aeo]s?|du|del|der?)\s+)?"
        rf"{_ARTICLE}?",
        "",
        name.strip(" ,.*").replace("’", "'", 1) if name[1:2] == "’" else name.strip(" ,.*"),
        flags=re.IGNORECASE,
    )
