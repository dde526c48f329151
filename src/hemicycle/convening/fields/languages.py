"""The languages of the meeting: spoken or interpreted, not those of the form or the documents."""

import re

from hemicycle.convening.languages import fold, names_of, search_for
from hemicycle.convening.note import ConceptNote, Finding

_TAGS = names_of("languages")
_EACH = "|".join(sorted(map(re.escape, _TAGS), key=len, reverse=True))
# In Arabic, "and" is joined to a name; in Chinese, there are no spaces around names.
_NAMES = re.compile(
    rf"(?:\b|(?<=\bو)|(?=[\u4e00-\u9fff]))(?:{_EACH})(?:\b|(?<=[\u4e00-\u9fff]))", re.IGNORECASE
)
_SIX = re.compile(
    r"\b(?:six|all|UN|United\s+Nations|the)\s+(?:(?:six|UN"
    r"|U\.N\.)\s+)*official\s+(?:UN\s+)?languages|\bsix\s+UN\s+languages"
    r"|six\s+langues\s+officielles|seis\s+idiomas\s+oficiales",
    re.IGNORECASE,
)
_UNITED_NATIONS = re.compile(
    r"\bUN\b|United\s+Nations|\bsix\b|Nations\s+Unies|Naciones\s+Unidas|\bseis\b"
)
_SPOKEN = search_for("spoken")
_HEADED = r"\W*(?:\d+\W+)?(?:working\s+)?(?:languages?|interpretation|langues?|idiomas?)\W*"
_NEGATED = re.compile(r"\b(?:no|not|without)\b[^,;.]*$", re.IGNORECASE)
OFFICIAL = ["ar", "zh", "en", "fr", "ru", "es"]
"""The official languages of the United Nations, in their usual order."""


def languages_of(note: ConceptNote) -> Finding[list[str]]:
    """Return BCP 47 tags in the order of the note."""
    for label in note.labelled("languages"):
        tags = _tags(label.value, labelled=True) or _codes(label.value)
        if tags:
            return Finding(tags, (label.value.replace("\n", " "),))
    found: dict[str, str] = {}
    for sentence in note.sentences:
        under = re.fullmatch(_HEADED, sentence.heading, re.IGNORECASE)
        if under or _SPOKEN.search(fold(sentence.text)):
            for tag in _tags(sentence.text):
                found.setdefault(tag, sentence.text)
    return Finding(list(found), tuple(dict.fromkeys(found.values())))


def _codes(text: str) -> list[str]:
    """Return the tags of codes such as "EN, FR, DE"."""
    return [
        code.lower() for code in re.findall(r"\b[A-Z]{2}\b", text) if code.lower() in _TAGS.values()
    ]


def _tags(written: str, *, labelled: bool = False) -> list[str]:
    text = fold(written)
    names = [
        match
        for match in _NAMES.finditer(text)
        if not _NEGATED.search(text[: match.start()]) and (labelled or _is_language(match, text))
    ]
    official = OFFICIAL if _SIX.search(text) and _UNITED_NATIONS.search(text) else []
    return list(dict.fromkeys([*official, *(_TAGS[match.group().lower()] for match in names)]))


def _is_language(match: re.Match[str], text: str) -> bool:
    """Return whether a name is a language here, not an adjective as in "the French delegation"."""
    after = text[match.end() :]
    if re.match(
        r"\s+(?!and\b|or\b|only\b|with\b|on\b|to\b|will\b|in\b|is\b|are\b|from\b|by\b"
        r"|throughout\b|at\b|for\b|sign\b|language|interpret|avec|et?\b|y\b|como?\b|und\b|mit\b"
        r"|simultan)[a-zA-Z]",
        after,
    ):
        return bool(re.match(r"\s+(?:languages?|interpretation|channels?|booths?)", after))
    return not match.group()[0].islower() or bool(
        re.search(
            r"(?:^|\b(?:e[mn]?|vers|au)\s+|l['’]|le\s+|et\s+|y\s+|,\s*|el\s+|al\s+)$",
            text[: match.start()],
        )
    )
