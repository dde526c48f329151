"""Who may take part: the categories in the sentence that opens the hearing to them, as written."""

import re

from hemicycle.convening.languages import search_for
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.roles import TITLE_EVENT

_KIND = search_for("category")
_OPENS = search_for("open_to")
_AFTER = re.compile(
    r"\b(?:open\s+to|attended\s+by|participation\s+of|together|invit(?:es?|ed|ing|ation\s+to)"
    r"|representatives?\s+(?:of|from)|input\s+from|(?:wants?\s+to\s+)?hear\s+from|wants?\s+to\s+hear|we\s+(?:expect|hear)|lets(?=\s[^.]*,[^.]*\band\b)|participants\s+from|hearings?\s+with|views\s+of"
    r"|welcomes?|include|includes?|ouverte?\s+(?:à|aux)|abiert[ao]s?\s+a|podrán\s+participar"
    r"|:)\s*(?:representatives\s+(?:of|from)\s+|all\s+|the\s+following\s*)?",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\s*,?\s+\b(?:who|which|that\s+(?:would|wish|want|are|have)|comment(?=\s)|in\s+turn|before|ahead\s+of|prior\s+to|(?:pre-)?register|inscribe|sign\s+up|wish(?:ing|es)?|are|is|may"
    r"|can|should|must|will|to\s+(?:a|an|the(?=\s+(?:[\w-]+\s+){0,3}(?:hearing|event|meeting"
    r"|dialogue))|attend|take|participate|speak|submit|share|join"
    r"|give|present|register|make|provide|contribute|discuss)|including\s+the"
    r"|in\s+(?:the\s+process|an?\s+)|with\s+an?\s+interest|interested\s+in|on\s+how|during"
    r"|concerned|affected\s+by|peuvent|qui|souhait\w+|pueden|que|at\s+the|for\s+(?:a|an)"
    r"|on\s+(?:the|all|how|whether)|about|working\s+(?:on|in)|from\s+all|and\s+will"
    r"|responding|registered|via|through)\b.*$",
    re.IGNORECASE,
)
_QUALIFIER = re.compile(
    r"\s*\([^)]*\)|\s+compliant\s+with\s+the\s+principles\s+relating\s+to\s+the\s+status\s+of"
    r"\s+national\s+institutions\s+for\s+the\s+promotion\s+and\s+protection\s+of\s+human"
    r"\s+rights",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:and|or|of|the|only|au|delegations\s+of|as\s+well\s+as|both|representatives\s+(?:of"
    r"|from)|all|other|including|also|et|ou|y|e|des|les|aux|à|la|le|los|las|l['’]|d['’]"
    r"|de\s+la|du|relevant\s+(?=stakeholders)|any|interested(?=\s+(?:organi|residents|members"
    r"|parties|groups)))\b\s*)+",
    re.IGNORECASE,
)
_GENERAL = re.compile(r"(?:\w+\s+)?(?:stakeholders?|participants)(?:\s+groups?)?", re.IGNORECASE)
_SUBJECT = re.compile(r"(?:subject|re|objet|asunto)\s*:", re.IGNORECASE)
_UNLIKE = re.compile(r"[\d@]|\b(?:not|has|have|because|number)\b")
_FINITE = re.compile(r"\b(?:will|is|are|was|were|may|must|shall|should|can|please|has|have)\b|:")
_LISTED = search_for("who")


def categories_of(note: ConceptNote) -> Finding[list[str]]:
    """Return the categories of participants in the note's words, each once, in order."""
    found: dict[str, str] = {}
    for label in note.labelled("participants"):
        _take(found, label.value, label.value)
    for index, sentence in enumerate(note.sentences):
        if (
            sentence.kind == "item"
            and _LISTED.search(sentence.heading)
            and len(sentence.text) < 160
        ):
            _take(found, _VERB.sub("", sentence.text), sentence.text)
        elif _LISTED.search(sentence.heading) and not _FINITE.search(sentence.text):
            _take(found, sentence.text, sentence.text)
        elif (
            sentence.kind != "heading"
            and not _SUBJECT.match(sentence.text)
            and _OPENS.search(sentence.text)
            and not _elsewhere(sentence.text)
        ):
            for stretch in _stretches(sentence.text):
                _take(found, stretch, note.sentences[index].text)
    names = _most_precise(list(found))
    return Finding(names, tuple(dict.fromkeys(found[name] for name in names)))


def _most_precise(names: list[str]) -> list[str]:
    """Return names without "stakeholders" or "civil society" if the note is more precise."""
    kept = [
        name
        for name in names
        if not any(name != other and _bare(name) in _bare(other) for other in names)
    ]
    precise = [name for name in kept if not _GENERAL.fullmatch(_bare(name))]
    return precise or kept


def _bare(name: str) -> str:
    return re.sub(r"^(?:the|invited|other|relevant|all)\s+", "", name.lower())


def _elsewhere(text: str) -> bool:
    """Whether a text is about another meeting, or about the topics of the hearing."""
    return bool(
        re.search(
            r"\?$|\b(?:view|watch|follow)\s+(?:the|it)\b|\bneed\s+not\b|\bquestion\s+\d|\b(?:coordination|cooperation)\s+between\b",
            text,
        )
    ) or (
        bool(
            re.search(
                r"\b(?:negotiations|summit|high-level\s+meeting)\b.*\b(?:attended|open|invited)\b",
                text,
                re.I,
            )
        )
    )


def _stretches(text: str) -> list[str]:
    """Return the parts of a sentence that list: before "may register", or after "open to"."""
    parts = []
    text = re.sub(r"^[A-Z][\w ]{2,30}:\s+", "", text)
    subject = re.split(
        r"\s*,?\s+\b(?:who\s+(?:wish|are|have|want)|wish(?:ing)?\s+to|(?:pre-)?register"
        r"|inscribe|sign\s+up|may|are|can|should|peuvent|pueden|souhait\w+)\b",
        text,
    )[0]
    if len(subject) < len(text) and not _AFTER.search(subject):
        parts.append(subject)
    return [*parts, *(text[match.end() :] for match in _AFTER.finditer(text))]


def _take(found: dict[str, str], stretch: str, passage: str) -> None:
    """Add the categories of a list; a text that is not such a list adds nothing."""
    names = _split(stretch)
    kinds = [name for name in names if _is_kind(name)]
    if not kinds or len(kinds) * 2 < len(names):
        return
    for name in names if len(kinds) > 1 else kinds:
        # Beside "universities" and "hospitals", an unknown third noun is a category too.
        if name in kinds or (not _UNLIKE.search(name) and len(name.split()) <= 4):
            _add(found, _lowered(name), passage)


def _is_kind(name: str) -> bool:
    other = re.search(r"\b(?:because|number)\b", name) or TITLE_EVENT.search(name)
    return bool(_KIND.search(name)) and not other


def _add(found: dict[str, str], name: str, passage: str) -> None:
    lowered = [other.lower() for other in found]
    if not any(other.endswith(name.lower()) or name.lower().endswith(other) for other in lowered):
        found[name] = passage


def _lowered(name: str) -> str:
    """Return a name without the capital of a sentence's first word; proper names keep theirs.

    "Residents" becomes "residents"; "Member States" stays.
    """
    first, _, rest = name.partition(" ")
    proper = (
        first[1:] != first[1:].lower() or rest[:1].isupper() or first in ("States", "Indigenous")
    )
    return name if proper else name[:1].lower() + name[1:]


def _split(stretch: str) -> list[str]:
    text = _VERB.sub("", _QUALIFIER.sub("", stretch.split(". ", maxsplit=1)[0])).strip(" .;:")
    if len(text) > 700:
        return []
    pieces = re.split(
        r"\s*[;,]\s*|\s+(?:as\s+well\s+as|et|y)\s+|\s+and\s+(?!Social\b|Cultural\b|Economic\b"
        r"|their\b|its\b|local\s+communities\b"
        r"|Protection\b|medium\b|protection\b)|\s+or\s+",
        text,
    )
    return [
        name
        for piece in pieces
        if (name := _LEADING.sub("", piece.strip()).strip(" .;:")) and len(name) < 140
    ]
