"""The hearing's title: a line of the head that names it, or else the phrase that announces it."""

import re

from hemicycle.convening.calendar import is_dateline
from hemicycle.convening.dates import dates_in
from hemicycle.convening.document import NoteBlock
from hemicycle.convening.fields.convener import is_body_alone
from hemicycle.convening.hours import hours_in
from hemicycle.convening.languages import Language, anywhere, fold
from hemicycle.convening.note import ConceptNote, Finding, mentions_hearing
from hemicycle.convening.roles import TITLE_EVENT, without_small_words
from hemicycle.convening.segments import without_kind

_PREFIX = re.compile(
    r"^(?:(?:re|subject|objet|asunto|fwd?|title|event)\s*:\s*|(?:draft\s+)?(?:concept\s+note"
    r"|programme|press\s+release|media\s+advisory|save\s+the\s+date|announcement|invitation"
    r"|communiqué(?:\s+de\s+presse)?|note\s+conceptuelle|agenda)\s*[:–—|-]\s*"
    r"|(?:now\s+open\s*[:–—-]?\s*)?registrations?(?:\s+(?:is|are))?(?:\s+now)?(?:\s+open)?\s*[:–—-]?"
    r"\s*(?:for|to)\s+(?:the\s+|an?\s+)?)+",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^\W*(?:(?:official\s+)?(?:public\s+)?notice(?:\s+of)?(?:\s+an?)?\s*(?:public\s+)?"
    r"(?:hearing|meeting|(?:local\s+)?inquiry)?s?(?:\s+(?:no\.?\s*)?[\w/-]*\d[\w/-]*)?|(?:virtual\s+|informal\s+|interactive\s+|multi-?stakeholder\s+"
    r"|joint\s+|special\s+|oral\s+evidence\s+)*(?:public\s+)?(?:hearings?|meetings?"
    r"|consultations?|forums?)"
    r"|(?:public\s+)?(?:hearing|meeting)\s+notice|concept\s+note|(?:draft\s+"
    r"|provisional\s+)?programme|agenda"
    rf"|{anywhere('bare')})\W*$",
    re.IGNORECASE,
)
_PHRASE_END = re.compile(
    r"\s*(?:[,;.]|\s[-–—]\s|\bwhich\b|\bthat\s+will\b|\b(?:to\s+be\s+)?(?:held|convened)\b"
    r"|\bwill\b|\bis\b|\bpursuant\b|\bas\s+part\s+of\b|\bin\s+accordance\b"
    r"|\bfrom\s+\d|\bat\s+(?:the|\d|noon|its)\b|\bstarting\b|\bbeginning\b|\btakes?\s+place\b"
    r"|\bqui\s+(?:se|aura)\b|\bde\s+\d+\s*h\b|\s\()",
    re.IGNORECASE,
)
# The kind of paper, not its subject.
_PAPER = re.compile(
    r"^(?:draft\s+|provisional\s+)?(?:concept|information|background)\s+(?:note|paper)(?:\s+for\s+.*|\s*\(.*\))?$"
    r"|^(?:draft\s+|provisional\s+)?(?:programme|agenda)$|^note\s+conceptuelle$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:convened|organi[sz]ed|hosted|held|presented)\s+(?:jointly\s+)?by\b", re.IGNORECASE
)
_ENTITLED = re.compile(
    r"^.*\bhearing\s*,?\s+(?:entitled|titled|on\s+the\s+theme(?:\s+of)?)\s*:?\s*[“\"«‘'](?P<name>[^”\"»]+?)"
    r"[.,]?[”\"»’']\W*$",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"\s*(?:[-–—:|]|\s\()\s*(?:registration(?:\s+is)?(?:\s+now)?\s+open|how\s+to\s+\w+|register\s+now"
    r"|save\s+the\s+date|concept\s+note|(?:draft\s+|provisional\s+)?programme|invitation|agenda)\)?$",
    re.IGNORECASE,
)
_FACT = re.compile(
    r"(?:dates?|times?|venue|place|location|when|where|contact|from|to|file|docket|case|applicant"
    r"|ref(?:erence)?|site|proposal|address|phone|tel|e-?mail|chair|broadcast|deadline|status"
    r"|owner|convener|organi[sz]er|posted|published)\b[\w ]{0,20}:\s",
    re.IGNORECASE,
)
_QUOTES = '"“”«» '
_SKIP = re.compile(
    r"^.*\bdates?\s+(?:of|for)\s+the\b|^(?:guiding|key)\s+questions|^(?:how\s+to|about|(?:speaking|taking\s+part|participat\w+"
    r"|after|before|what)\b)",
    re.IGNORECASE,
)


_FIRST = 8
"""The number of first sentences in which a notice says what the hearing is about."""
_TELLING = ("held", "convenes", "cancelled", "postponed")
"""Lists of verbs in a sentence that names the hearing."""
_TOPIC = 6
"""The number of characters after the noun from which a phrase has a topic."""


def title_of(note: ConceptNote) -> Finding[str | None]:
    """Return the title as the note writes it, without "Subject:" and the like."""
    for label in note.labelled("title"):
        named = TITLE_EVENT.search(fold(label.value)) and label.block < note.head
        if (
            named
            and not _is_bare(note.language, label.value)
            and not _SKIP.match(_clean(label.value))
        ):
            return Finding(_clean(label.value), (label.value,))
    best = max(_candidates(note), key=lambda pair: pair[0], default=None)
    best = best and (best[0], _unlabelled(note.language, best[1]))
    if best and note.language.code != "en" and _is_bare(note.language, best[1].value or ""):
        subject = next((label for label in note.labelled("title") if label.block < note.head), None)
        if subject and not TITLE_EVENT.search(fold(subject.value)):
            return Finding(f"{best[1].value}: {subject.value}", (*best[1].passages, subject.value))
        phrase = _phrase(note)
        return phrase if phrase.value else Finding(None)
    if best:
        return best[1]
    declared = note.document.title
    if mentions_hearing(declared):
        return Finding(_clean(re.split(r"\s[|–—]\s", declared)[0]), (declared,))
    return _said(note) if note.language.code == "en" else _phrase(note)


def _unlabelled(language: Language, found: Finding[str | None]) -> Finding[str | None]:
    """Return a title without "Asunto:" or "Invitation:" before it."""
    name, colon, rest = (found.value or "").partition(":")
    folded = fold(name).strip()
    calls = language.label("title").fullmatch(folded) or language.pattern("call").fullmatch(folded)
    if not (colon and calls and rest.strip()):
        return found
    title = rest.strip()
    return Finding(title[:1].upper() + title[1:], found.passages)


def _is_bare(language: Language, title: str) -> bool:
    """Whether a title says only that a paper convenes a hearing: "Avis d'audience"."""
    folded = fold(title)
    nouns = list(language.pattern("hearing").finditer(folded))
    if not nouns or _BARE.match(title):
        return bool(nouns)
    # "Harbour quarter: invitation to a forum" has its topic before the colon.
    told, _, before = folded[: nouns[-1].start()].rpartition(":")
    calls = [language.pattern(name) for name in ("paper", "call")]
    topic = told and not any(pattern.search(told) for pattern in calls)
    whole = not _ARTICLE.sub("", before).strip() or any(pattern.search(before) for pattern in calls)
    return whole and not topic and _says_nothing(folded[nouns[-1].end() :])


def _says_nothing(after: str) -> bool:
    """Whether the words after the noun are not a topic, but a day, a number or the people heard."""
    after = after[: min((mention.start for mention in dates_in(after)), default=len(after))]
    rest = without_small_words(_OPEN.sub("", _NUMBER.sub("", after))).strip(" .!,:")
    return not rest or bool(_WITH.match(rest))


_ARTICLE = re.compile(r"^\s*(?:the|l[ae]s?|l'|el|los|[oa]s?|d(?:ie|er|as))\s*$", re.IGNORECASE)
_OPEN = re.compile(
    r"(?:\b(?:au|al|ao|to\s+the|für\s+die)\s+)?\b(?:p[úu]bli[ck]\w*|öffentlich\w*|ouvert\w*|abiert\w*|abert\w*|открыт\w*|публичн\w*)"
    r"|ال(?:عامة|علنية|مفتوحة)|(?:عامة|علنية|مفتوحة)",
    re.IGNORECASE,
)
_WITH = re.compile(r"(?:with|avec|con|com|mit|с|со|مع)\s(?!.*\b(?:on|sur|sobre|über|zu|о|об)\s)")
"""The words before the people heard: "a hearing with fishers" has no topic."""
_NUMBER = re.compile(r"(?:n[.º°o]*|№|nr\.?)?\s*\d[\d/.-]*", re.IGNORECASE)


def _phrase(note: ConceptNote) -> Finding[str | None]:
    """Find the phrase that names the hearing in the first such sentence, up to its day or verb."""
    language = note.language
    for sentence in note.sentences[:_FIRST]:
        folded = fold(sentence.text)
        if not any(language.pattern(name).search(folded) for name in _TELLING):
            continue
        for noun in language.pattern("hearing").finditer(folded):
            if phrase := _phrase_from(language, sentence.text, folded, noun):
                return Finding(phrase[:1].upper() + phrase[1:], (sentence.text,))
    return Finding(None)


def _phrase_from(language: Language, text: str, folded: str, noun: re.Match[str]) -> str:
    """Return the phrase that begins with a noun, or "" if it has no topic."""
    # In Chinese, the topic is between the verb and the noun.
    about = _HAN_TOPIC.search(folded, 0, noun.end()) if language.code == "zh" else None
    if about:
        return text[about.end() : noun.end()]
    name = text[noun.start() :]
    ends = [mention.start for mention in dates_in(name)]
    ends += [match.start() for match in re.finditer(r"[.;,،。]|\s[-–—]\s", name)]
    verb = language.pattern("held").search(folded, noun.end())
    ends += [verb.start() - noun.start()] if verb else []
    phrase = without_small_words(name[: min([*ends, len(name)])])
    named = noun.end() - noun.start()
    topical = len(phrase) > named + _TOPIC and not _says_nothing(fold(phrase[named:]))
    return phrase if topical else ""


_HAN_TOPIC = re.compile(r"(?:召开|举行|举办|组织)(?=[^,。;()]{6,40}$)")


def _said(note: ConceptNote) -> Finding[str | None]:
    """Find the phrase that announces the hearing, or the headline if the phrase has no topic."""
    announced = _announced(note)
    if announced.value and _BARE.match(announced.value):
        headline = _headline(note)
        return headline if headline.value or " " not in announced.value else announced
    return announced if announced.value else _headline(note, hears=True)


_POINT = re.compile(r"[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|附件|\d+[.、]")
"""The beginning of a numbered point, or of an annex, in a Chinese notice."""


def _headline(note: ConceptNote, *, hears: bool = False) -> Finding[str | None]:
    """Find a press release's headline; with `hears`, one that has "to hear", not "hearing"."""
    for block in note.blocks[:6]:
        long = block.is_heading and len(block.flat.split()) >= 4
        if hears and not re.search(r"\b(?:hears?|evidence|witnesses)\b", block.flat, re.IGNORECASE):
            continue
        if long and not _BARE.match(block.flat) and not is_body_alone(note.language, block.flat):
            return Finding(_clean(block.flat), (block.flat,))
    return Finding(None)


def _candidates(note: ConceptNote) -> list[tuple[int, Finding[str | None]]]:
    found = []
    for index, block in enumerate(note.blocks[: max(note.head, 10)]):
        score = _score(note.language, block, index)
        if score > 0:
            found.append((score, _with_subtitle(note, index)))
    return found


def _score(language: Language, block: NoteBlock, index: int) -> int:
    """Return how much a block looks like the title of the note."""
    text = block.flat
    # Rows and items are parts of the text, not its title.
    if len(text) > 300 or _SKIP.match(text) or block.kind in ("row", "item"):
        return 0
    named = TITLE_EVENT.search(text) or mentions_hearing(text)
    if not named or is_body_alone(language, text):
        return 0
    # A full stop ends a sentence; titles have none, but a heading may end with one.
    told = not block.is_heading and language.pattern("held").search(fold(text))
    if (text.endswith((".", ",", "。")) and not block.is_heading) or re.match(
        r"(?:dear|excellenc)", text, re.I
    ):
        return 0
    # Pages address their readers ("We hear you!"); titles do not.
    spoken = re.search(r"!$|\b(?:we|you|our|let['’]s|was|were)\b", text, re.I)
    if _POINT.match(fold(text)) or (told and language.code != "zh"):
        return 0
    said = re.search(r"\b(?:will\s+be\s+held|is\s+hereby\s+given)\b|@", text)
    if said or (spoken and not block.is_heading):
        return 0
    # A title that names a hearing wins over a larger heading that does not; five blocks further
    # down cost one point.
    score = 4 if block.kind == "heading" and block.level == 1 else 3 if block.is_heading else 1
    score += 4 if mentions_hearing(text) else 0
    score += 1 if len(text.split()) > 4 else 0
    return score - index // 5


def _with_subtitle(note: ConceptNote, index: int) -> Finding[str | None]:
    """Return the title, with the next line if the first says only "Notice of public hearing"."""
    lines = _title_lines(note.blocks[index])
    title, passages = _clean(_named(lines)), (note.blocks[index].flat,)
    following = _following(note, index)
    # A sentence with "the following matter:" may be between "Notice of public hearing" and its
    # subject.
    if _BARE.match(title) and following and not _is_subtitle(following):
        following = _matter(note, index)
    if lines and _BARE.match(title) and following and _is_subtitle(following):
        subtitle = _matter_line(following).strip('"“”«»')
        joint = (
            " "
            if re.match(r"(?:on|for|regarding|concerning|about|sur|sobre)\b", subtitle, re.I)
            else ": "
        )
        return Finding(f"{title}{joint}{subtitle}", (*passages, following.flat))
    if len(lines) > 1 and _BARE.match(lines[0]):
        joint = (
            " "
            if re.match(r"(?:on|for|regarding|concerning|about|sur|sobre|to)\b", lines[1], re.I)
            else ": "
        )
        title = _clean(lines[0] + joint + " ".join(lines[1:]))
    return Finding(title or None, passages)


def _following(note: ConceptNote, index: int) -> NoteBlock | None:
    """Return the next block that is not only the note's date line."""
    for block in note.blocks[index + 1 : index + 3]:
        mentions = dates_in(block.flat)
        if not (len(mentions) == 1 and is_dateline(block.flat, mentions[0])):
            return block
    return None


def _named(lines: list[str]) -> str:
    """Return the lines as one; a quoted name on its own line comes after a colon."""
    if len(lines) > 1 and lines[1][:1] in '"“«':
        return f"{lines[0]}: {' '.join(lines[1:]).strip(_QUOTES)}"
    return " ".join(lines)


def _matter(note: ConceptNote, index: int) -> NoteBlock | None:
    """Return the block after "... on the following matter:"."""
    for place in range(index + 1, min(index + 5, len(note.blocks) - 1)):
        if re.search(r"\bfollowing\b[^.]{0,40}:\s*$", note.blocks[place].flat):
            return note.blocks[place + 1]
    return None


def _matter_line(block: NoteBlock) -> str:
    """Return the line that says what the hearing is about, among dates, places and labels."""
    if len(block.lines) == 1:
        return block.lines[0]
    lines = [
        line
        for line in block.lines
        if not (dates_in(line) or hours_in(line) or re.match(r"[\w ]{2,40}:\s", line))
    ]
    themed = [line for line in lines if not re.match(r"[A-ZÀ-Ý][\w ]+,\s[A-ZÀ-Ý]", line)]
    return (themed or lines or [""])[0]


def _title_lines(block: NoteBlock) -> list[str]:
    """Return the lines of a title block up to its date, place or time."""
    lines = [line for line in block.lines if not _PAPER.match(line)] or block.lines
    first = next((place for place, line in enumerate(lines) if TITLE_EVENT.search(line)), 0)
    lines = lines[first:] or lines
    ends = next((place for place, line in enumerate(lines) if place and _sets(line)), len(lines))
    return lines[:ends]


def _sets(line: str) -> bool:
    """Whether a line of a title block has the date, the hours or the convener."""
    told = (bool(dates_in(line)) and len(line) < 90) or bool(hours_in(line))
    return (told and not mentions_hearing(line)) or bool(_BY.match(line))


def _is_subtitle(block: NoteBlock) -> bool:
    text = _matter_line(block)
    if not text or block.kind in ("row", "item") or _FACT.match(text) or len(text) > 200:
        return False
    if dates_in(text) or hours_in(text) or _BARE.match(text):
        return False
    return (
        block.is_heading
        or text[0] in '"“«'
        or bool(re.match(r"(?:on|for|regarding|sur|sobre)\b", text, re.I))
        or (
            text[-1] not in ".:,;?"
            and not re.match(r"(?:dear|pursuant|notice|the\s+\w+\s+(?:will|of))", text, re.I)
        )
    )


def _clean(text: str) -> str:
    parts = _PREFIX.sub("", text.replace("\n", " ")).strip(" *:–—-|")
    first, *others = re.split(r"\s+[·•|]\s+", parts)
    # "Hearing · 5 May · Town Hall" contains more than a title.
    title = first if any(dates_in(part) for part in others) else parts
    title = re.sub(r"\s*\([^()]*\d{1,2}\s[A-Z][a-z]+[^()]*\)$|(?<=[a-z]{3})\.$", "", title)
    title = without_kind(_SUFFIX.sub("", title))
    entitled = _ENTITLED.match(title)
    if entitled:
        return entitled["name"].strip()
    return title[:1].upper() + title[1:]


def _announced(note: ConceptNote) -> Finding[str | None]:
    """Find "Public hearing on fares" in "the Board will hold a public hearing on fares on ..."."""
    nouns = note.language.pieces("hearing") if note.speaks_of_hearing else TITLE_EVENT.pattern
    pattern = re.compile(
        rf"\b(?:(?:an?|its|the|this|une?|la|su)\s+|l['’]\s*)(?P<name>[“\"«]?(?:[\w’'+-]+\s+){{0,4}}?"
        rf"(?:{nouns})\b.*)$",
        re.IGNORECASE,
    )
    for sentence in note.sentences:
        match = pattern.search(sentence.text)
        if not match or not (mentions_hearing(sentence.text) or note.own):
            continue
        name = _cut(match["name"])
        if not re.search(
            rf"(?:{note.language.pieces('convenes')}|{note.language.pieces('held')}|\bto\b|\bis\b)",
            sentence.text,
            re.IGNORECASE,
        ):
            continue
        return Finding(name[:1].upper() + name[1:], (sentence.text,))
    return Finding(None)


def _cut(name: str) -> str:
    ends = [mention.start for mention in dates_in(name)]
    ends += [hours.start for hours in hours_in(name)]
    quoted = re.search(r"[“\"«‘'][^”\"»’]+[”\"»’]", name)
    after = quoted.end() if quoted else 0
    boundary = _PHRASE_END.search(name, after)
    ends += [boundary.start()] if boundary else []
    cut = name[: min(end for end in [*ends, len(name)] if end >= after)]
    return re.sub(
        r"(?:\s+(?:on|at|from|for|le|el|du|de|in|the|this|next|coming))+\s*$",
        "",
        cut.strip(" ,(.–—-"),
    ).strip(" ,")
