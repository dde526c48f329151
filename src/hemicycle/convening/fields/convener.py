"""Who convenes the hearing."""

import re

from hemicycle.convening import lexicon
from hemicycle.convening.dates import dates_in
from hemicycle.convening.events import nouns_in
from hemicycle.convening.hours import hours_in
from hemicycle.convening.languages import Language, fold
from hemicycle.convening.note import ConceptNote, Finding, mentions_hearing

_BODY = (
    r"Committee|Sub-?committee|Council|Commission|Authority|Ministry|Ministère|Assembly"
    r"|Agency|Office|Board|Parliament|President|Secretariat"
    r"|Secrétariat|Secretaría|Department|Bureau|Tribunal|Panel|Regulator|Senate|House"
    r"|Municipality|City|County|Mayor|Government|Chair(?:person|man)?|Speaker|Director|Union"
    r"|Group"
    r"|Commissioner|Rapporteur|Ombudsman|Institute|Forum|Programme|Organization|Service"
    r"|Conseil|Comité|Assemblée|Autorité|Présidente?|Comisión|Consejo|Ayuntamiento|Taskforce"
    r"|Task\s+Force|Court|District|Corporation|Trust|Network|Alliance|Federation|Conference"
    r"|Town|Borough|Inquiry|Administration|Inspector|Co-?[Ff]acilitators?|Co-?[Cc]hairs?"
)
_COMMON = (
    r"council|committee|commission|authority|board|ministry|agency|parliament|assembly|secretariat"
    r"|co-?facilitators?|co-?chairs?"
)
_IS_BODY = re.compile(rf"\b(?:{_BODY}|{_COMMON})\b")
_CONVENES = re.compile(rf"(?<=\s)(?:{lexicon.CONVENE})\b", re.IGNORECASE)
_PASSIVE = re.compile(
    r"\b(?:convened|organi[sz]ed|hosted|held|conducted|chaired|called|organisée?|convoquée?"
    r"|organizada?|convocada)\s+(?:jointly\s+)?(?:by|par|por)\s+(?P<name>(?:the\s+|la\s+"
    r"|le\s+|l['’]|el\s+)?(?-i:[A-ZÀ-Ý]).*)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:request(?:s|ed)?|ask(?:s|ed)?|mandated|tasked|demande|demandé|solicit\w+"
    r"|pide)\s+(?:the\s+|au\s+|à\s+la\s+|à\s+l['’]|al\s+"
    r"|a\s+la\s+)?(?P<name>(?-i:[A-ZÀ-Ý])[^,;.]*?)\s+(?:to\s+(?:hold|convene|organi[sz]e"
    r"|host)|(?:d['’]|de\s+)(?:organiser|tenir|convoquer)|(?:que\s+)?(?:organice|convoque"
    r"|celebre))\b(?P<object>.*)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    rf"\b(?:{lexicon.HEARING})\b[^.;]{{0,90}}?,?\s+(?:which"
    rf"|that)\s+the\s+(?P<name>[A-Z][^,.;]*?)\s+(?:{lexicon.CONVENE})\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"(?:^|,\s+|\b(?=the\s))(?P<name>(?:[Tt]he\s+)?(?-i:[A-Z])[^,;.]{3,90}?(?:,\s[^;:]{3,60},)?)\s+"
    r"(?:has\s+|have\s+|is\s+pleased\s+to\s+|wishes\s+to\s+|hereby\s+|today\s+)*"
    r"(?:announce[ds]?|(?:is|are)\s+announcing|gives?\s+notice)\s+(?:that\s+)?(?P<what>.*)"
)
_HEARING_OF = re.compile(
    rf"(?:[\w-]+\s+){{0,3}}(?:{lexicon.HEARING})\s+(?:of|by)\s+the\s+(?P<name>[^:–—,]+?)\s*"
    r"(?:[:–—,]|\s(?:on|about)\s+(?:the\s+)?[a-z]|$)",
    re.IGNORECASE,
)
_PART = re.compile(r"(?:[A-Z]\w+\s+){0,2}(?:sub-?)?committee\b", re.IGNORECASE)
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
    """The office or body that convenes, without its article; None where only a person signs."""
    for label in note.labelled(
        r"conven(?:er|or|ed\s+by)|organi[sz]ers?|organi[sz]ed\s+by|hosts?|hosted\s+by"
        r"|host\s+body|organisat(?:eur|rice)|convocante|organiza|organisé\s+par"
        r"|lead\s+committee|committee|agency|presented\s+by"
    ):
        name = _LEGAL.split(label.value.split("\n")[0])[0]
        return Finding(_tidy(name), (label.value.replace("\n", " "),))
    if note.language.code != "en":
        worded = _worded(note)
        if worded.value or note.language.code not in lexicon.TONGUES:
            return worded
    for finder in (
        _active,
        _relative,
        _passive,
        _asked,
        _announcer,
        _titled,
        _sender,
        _letterhead,
    ):
        found = finder(note)
        if found.value:
            return _fuller(note, found)
    return Finding(None)


_SURE = 8
"""Sentences at the beginning in which a verb of convening need not name the hearing."""
_BEFORE = 120
"""Letters before a verb in which a Chinese name is looked for; each letter may begin one."""
_ARTICLE = r"(?:l[ea]s?\s+|l'\s*|el\s+|los\s+|[oa]s?\s+|d(?:er|ie|as|es|em|en)\s+|un[ea]?\s+)?"
_NAME_STOP = re.compile(r"\s*[,;:.،؛(（]|\s+[-–—]\s")
_OWN_NAME = re.compile(r"[我本该贵](?!\w{0,3}级)\w{1,4}$|^[在由于与和]")
_MEMBERS = (
    r"(?:(?:membros|membres|miembros|mitglieder)\s+(?:d[aeo]s?|du|de\s+la|del|de|der?s?)\s+)?"
)


def _worded(note: ConceptNote) -> Finding[str | None]:
    """The convener by the table of the language: a label, a subject, an agent, a letterhead."""
    for label in note.labelled_as("convener"):
        return Finding(_tidy(label.value), (label.value,))
    finders = (_worded_subject, _worded_agent, _worded_letterhead)
    found = next((found for finder in finders if (found := finder(note)).value), Finding(None))
    # For "the Committee" alone, its name on the letterhead.
    bare = found.value and len(found.value.split()) == 1 and note.language.code != "zh"
    whole = _worded_letterhead(note) if bare else found
    return whole if whole.value else found


def _worded_subject(note: ConceptNote) -> Finding[str | None]:
    """The body before (in Arabic after) a verb of convening."""
    language = note.language
    body = language.pieces("body")
    for place, sentence in enumerate(note.sentences):
        text, folded = sentence.text, fold(sentence.text)
        if place >= _SURE and not language.pattern("hearing").search(folded):
            continue
        if language.code == "zh" and (opening := _chinese_opening(body, folded)):
            return Finding(_tidy(text[: opening.end(1)]), (text,))
        for verb in language.pattern("convenes").finditer(folded):
            if language.code == "zh":
                found = re.search(
                    rf"([\u4e00-\u9fff()、]{{2,40}}?{body})(?:\([^)]*\))?[,于\s]*$",
                    folded[(begins := max(0, verb.start() - _BEFORE)) : verb.start()],
                )
                span = (begins + found.start(1), begins + found.end(1)) if found else None
            elif language.code == "ar":
                span = _after_verb(language, folded, verb.end())
            else:
                span = _before_verb(body, folded, verb.start())
            if span and not _OWN_NAME.match(text[span[0] : span[1]]):
                return Finding(_tidy(text[span[0] : span[1]]), (text,))
    return Finding(None)


def _chinese_opening(body: str, text: str) -> re.Match[str] | None:
    """The body at the very beginning of a sentence that goes on with its legal basis."""
    return re.match(
        rf"([\u4e00-\u9fff]{{2,24}}?{body})(?=根据|依据|按照|拟|决定|定于|将于)(?!我|本)", text
    )


def _before_verb(body: str, text: str, verb: int) -> tuple[int, int] | None:
    """The last part of the subject, between commas, that begins with the name of a body."""
    subject = text[:verb].rstrip(" ,")
    start = max((match.end() for match in re.finditer(r"[.;:]\s+(?=[^\W\d_])", subject)), default=0)
    parts = [(match.start(), match.end()) for match in re.finditer(r"[^,()]+", subject[start:])]
    for begins, ends in reversed(parts):
        part = subject[start + begins : start + ends]
        named = re.match(
            rf"\s*(?:que\s+|Que\s+)?{_ARTICLE}{_MEMBERS}({body}.*?)\s*$", part, re.IGNORECASE
        )
        if named and named[1][:1].isupper():
            first = start + begins + named.start(1)
            return first, first + len(named[1])
    return None


def _after_verb(language: Language, text: str, verb: int) -> tuple[int, int] | None:
    """In Arabic the subject follows its verb, up to a preposition or the object."""
    stop = (
        rf"\s+(?:عن|أن|ان|بأن|بان|إلى|الى|على|في|من|لكافة|كافة|جميع|عموم|يوم|بعقد|بتنظيم|عقد|تنظيم|بشأن|حول|"
        rf"{language.pieces('hearing')})(?!\w)|[،,.;:(]|\s[بل](?:عقد|تنظيم|إجراء)"
    )
    named = re.match(rf"\s+({language.pieces('body')}.*?)(?={stop})", text[verb:])
    return (verb + named.start(1), verb + named.end(1)) if named else None


def _worded_agent(note: ConceptNote) -> Finding[str | None]:
    """The body after "convocada por"."""
    language = note.language
    pattern = re.compile(
        rf"{language.pieces('by')}\s*{_ARTICLE}(?P<name>{language.pieces('body')}[^,;.:()،]*)",
        re.IGNORECASE,
    )
    for sentence in note.sentences:
        match = pattern.search(fold(sentence.text))
        if match and (
            language.pattern("hearing").search(fold(sentence.text)) or sentence.block < note.head
        ):
            name = sentence.text[match.start("name") : match.end("name")]
            ends = re.search(
                rf"\s(?:{language.pieces('held')}|{language.pieces('place_end')})",
                fold(name),
                re.IGNORECASE,
            )
            return Finding(_tidy(name[: ends.start()] if ends else name), (sentence.text,))
    return Finding(None)


def _worded_letterhead(note: ConceptNote) -> Finding[str | None]:
    """The body whose name alone stands on a line at the top, or, in Chinese, above the date."""
    lines = [line for block in note.blocks[:5] for line in block.lines[:4]]
    if note.language.code == "zh":
        lines = [line for block in reversed(note.blocks[-3:]) for line in block.lines] + lines
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        if _names_a_body(note, line):
            part = _names_a_body(note, below) and _COMMITTEE.match(fold(below))
            return Finding(_tidy(below if part else line), (below if part else line,))
    return Finding(None)


_COMMITTEE = re.compile(
    r"(?:Sous-?|Sub-?)?Com(?:it|iss|is)|Ausschuss|Комит|Комисс|لجنة", re.IGNORECASE
)


def _names_a_body(note: ConceptNote, line: str) -> bool:
    language, folded = note.language, fold(line)
    if len(folded) > 110 or dates_in(line) or re.search(r"[:.?!@]", folded):
        return False
    if language.pattern("hearing").search(folded) or language.pattern("convenes").search(folded):
        return language.code == "zh" and bool(
            re.fullmatch(rf"[\u4e00-\u9fff]{{2,24}}{language.pieces('body')}", folded)
        )
    ends = language.code == "zh"
    pattern = (
        rf".{{2,24}}{language.pieces('body')}"
        if ends
        else rf"{_ARTICLE}{language.pieces('body')}.*"
    )
    return bool(re.fullmatch(pattern, folded, re.IGNORECASE)) and (
        ends or folded[:1].upper() == folded[:1]
    )


def _fuller(note: ConceptNote, found: Finding[str | None]) -> Finding[str | None]:
    """For "the Committee" its name elsewhere in the note: "the Committee on Fisheries"."""
    if not found.value or not re.fullmatch(_BODY, found.value):
        return found
    word = re.escape(found.value)
    for block in note.blocks[:5]:
        for line in block.lines[:3]:
            named = re.search(rf"\w\s+{word}$|^{word}\s+(?:on|for|of)\s", line)
            if named and is_body_alone(line):
                return Finding(_tidy(line), (line, *found.passages))
    full = re.compile(
        rf"(?:[A-ZÀ-Ý][\w’'-]+\s+)*{word}\s+(?:on|for|of|sur"
        r"|de)\s+(?:the\s+)?[A-ZÀ-Ý][\w’'-]+(?:\s+(?:and\s+|of\s+|the\s+)*[A-ZÀ-Ý][\w’'-]+)*"
        rf"|(?:[A-ZÀ-Ý][\w’'-]+\s+)+{word}\b"
    )
    for sentence in note.sentences:
        match = full.search(sentence.text)
        capitals = (
            sentence.block < 5
            and sentence.text.isupper()
            and re.search(rf"\w\s+{word}$", sentence.text, re.IGNORECASE)
        )
        if capitals:
            return Finding(sentence.text, (sentence.text, *found.passages))
        if match and _tidy(match.group()) != found.value:
            return Finding(_tidy(match.group()), (sentence.text, *found.passages))
    return found


def _active(note: ConceptNote) -> Finding[str | None]:
    for sentence in note.sentences:
        for verb in _CONVENES.finditer(sentence.text):
            subject = re.split(r"[.;:]", sentence.text[: verb.start()])[-1].rstrip(" ,")
            name = None if _PERSON.search(subject[-40:]) else _subject(subject)
            if name and _is_hearing(note, _object(sentence.text[verb.end() :])):
                return Finding(name, (sentence.text,))
    return Finding(None)


def _is_hearing(note: ConceptNote, text: str) -> bool:
    """Whether the first event that an object names is the hearing, not the summit before it."""
    nouns = [noun for noun in nouns_in(text, own=note.own) if noun.kind != "generic"]
    return bool(nouns) and nouns[0].kind == "hearing"


def _relative(note: ConceptNote) -> Finding[str | None]:
    for sentence in note.sentences:
        match = _RELATIVE.search(sentence.text)
        if match and _IS_BODY.search(match["name"]):
            return Finding(_tidy(match["name"]), (sentence.text,))
    return Finding(None)


def _asked(note: ConceptNote) -> Finding[str | None]:
    """From "requested the President to hold a hearing": the President."""
    for sentence in note.sentences:
        match = _ASKED.search(sentence.text)
        if (
            match
            and lexicon.TITLE_EVENT.search(match["object"][:120])
            and _IS_BODY.search(match["name"])
        ):
            return Finding(_tidy(match["name"]), (sentence.text,))
    return Finding(None)


def _object(text: str) -> str:
    """The object of the verb, up to the next clause."""
    return re.split(
        r"\b(?:after|before|following|ahead\s+of|in\s+preparation|to\s+discuss\s+the)\b|;",
        text[:220],
    )[0]


def _subject(text: str) -> str | None:
    """The noun phrase that ends a clause: "Pursuant to ..., the Committee on Fares" -> its name."""
    text = re.sub(
        r"\s+(?:today\s+|ha(?:s|ve)\s+)*(?:announce[sd]?|decided|agreed|confirmed)(?:\s+today)?"
        r"\s+(?:that\s+)?(?:it|they)$",
        "",
        _OPENERS.sub("", re.split(r"\d\s+[-–—]\s", text.strip())[-1]),
    )
    parts = re.split(r",\s+|\bthat\s+", text)
    for count in range(1, len(parts) + 1):
        phrase = ", ".join(parts[-count:]).strip()
        inner = re.match(
            r"(?:in|at|by|pursuant|under|on|with)\b.*?(?<!of )(?<!to )\bthe\s+"
            r"(?P<body>(?:co-|(?-i:[A-Z])).*)$",
            phrase,
            re.IGNORECASE,
        )
        phrase = f"the {inner['body']}" if inner else phrase
        start = re.match(r"(?:the|an?|la|le|les|el|our)\s+|l['’]", phrase, re.IGNORECASE)
        if not _IS_BODY.search(phrase) or (
            _IS_BODY.search(", ".join(parts[-count + 1 :])) and count > 1
        ):
            continue
        if start or phrase[:1].isupper():
            return _tidy(_appositive(phrase))
    return None


def _appositive(phrase: str) -> str:
    """The office without the holder's name: "President of the Assembly, H.E. Ms. X"."""
    return re.split(r",\s*(?:H\.?\s?E\.?|Mr|Ms|Mrs|Dr|Prof|Hon|Mme|M\.|Her|His)\b", phrase)[0]


def _passive(note: ConceptNote) -> Finding[str | None]:
    for sentence in note.sentences:
        match = _PASSIVE.search(sentence.text)
        about = match and (
            match.start() == 0
            or re.match(r"it\b|elle\b", sentence.text, re.IGNORECASE)
            or lexicon.TITLE_EVENT.search(sentence.text)
        )
        if match and about and _IS_BODY.search(match["name"]):
            return Finding(_tidy(_cut(match["name"])), (sentence.text,))
    return Finding(None)


def _cut(name: str) -> str:
    """A name without what the sentence says after it."""
    ends = [mention.start for mention in dates_in(name)] + [hours.start for hours in hours_in(name)]
    end = _NAME_END.search(name, 4)
    ends += [end.start()] if end else []
    return re.sub(r"\s+(?:on|at|from|le|el)\s*$", "", name[: min([*ends, len(name)])])


def _announcer(note: ConceptNote) -> Finding[str | None]:
    """From "the President has announced that the hearing will take place": the President."""
    for sentence in note.sentences:
        match = _ANNOUNCES.search(sentence.text)
        if match and _IS_BODY.search(match["name"]) and mentions_hearing(match["what"]):
            return Finding(_tidy(_appositive(match["name"])), (sentence.text,))
    return Finding(None)


def _titled(note: ConceptNote) -> Finding[str | None]:
    """From a title such as "Hearing of the Committee on Fares: ..."."""
    for block in note.blocks[: note.head]:
        match = _HEARING_OF.match(block.flat) if block.is_heading else None
        if match and _IS_BODY.search(match["name"]):
            return Finding(_tidy(match["name"]), (block.flat,))
    for sentence in note.sentences:
        match = _HEARING_OF.match(re.sub(r"^(?:The|A)\s+", "", sentence.text))
        if match and _IS_BODY.search(match["name"]) and len(match["name"]) < 90:
            return Finding(_tidy(match["name"]), (sentence.text,))
    return Finding(None)


def _sender(note: ConceptNote) -> Finding[str | None]:
    """The body in the "From:" line of a memorandum."""
    for label in note.labelled("from|de"):
        if _IS_BODY.search(label.value) and "@" not in label.value:
            return Finding(_tidy(label.value.split("\n")[0]), (label.value,))
    return Finding(None)


def _letterhead(note: ConceptNote) -> Finding[str | None]:
    """The body whose name alone stands at the top; a committee rather than its parliament."""
    lines = [line for block in note.blocks[:5] for line in block.lines[:3]]
    for place, line in enumerate(lines):
        body = _AUTHORED.sub("", _appositive(re.split(r"\s[-–—|]\s", line)[0]))
        if is_body_alone(body):
            below = lines[place + 1] if place + 1 < len(lines) else ""
            if _PART.match(below) and is_body_alone(below):
                return Finding(_tidy(below), (below,))
            return Finding(_tidy(body), (line,))
    return Finding(None)


def is_body_alone(line: str) -> bool:
    """Whether a line of a letterhead names a body and says nothing else."""
    if len(line.split()) > 12 or line[-1:] in ".?:," or re.search(r"\d{4}|@|:|\bto\s+[a-z]", line):
        return False
    if re.search(
        r"\b(?:act|notice|bill|law|code|regulations?|page|website|channel)\b", line, re.IGNORECASE
    ):
        return False
    names = _IS_BODY.search(line.title() if line.isupper() else line)
    return bool(names) and not lexicon.TITLE_EVENT.search(line)


def _tidy(name: str) -> str:
    name = re.sub(r"^(?:the\s+)?staff\s+of\s+|\s*\([^()]*\)$", "", name.strip(" ,.*"))
    return re.sub(
        r"^(?:(?:the\s+)?members\s+of\s+)?(?:the|an?|la|le|les|el|our)\s+|^l['’]|^members\s+of\s+",
        "",
        name.strip(" ,.*"),
        flags=re.IGNORECASE,
    )
