"""The resolutions and decisions that call for the hearing; others in the note are left out."""

import re

from hemicycle.convening.note import ConceptNote, Finding, mentions_hearing

_CODE = (
    r"(?:[A-Z][A-Z0-9]{0,7}(?:\.\d+)?/)*(?:(?:RES|DEC|Res\.?|Dec\.?)/)?(?:(?:S"
    r"|ES)-)?\d{1,4}[/-]\d{1,4}(?:\s?[A-Z](?![\w/]))?"
)
_FULL = r"(?:A|S|E|UNEP|FCCC|CBD|TD|ECE|WHA|EB)(?:/[A-Z0-9][\w.-]*)+/?\d+"
_WORD = (
    r"(?:resolutions?|decisions?|résolutions?|décisions?|resoluci[oó]n(?:es)?|decisi[oó]n(?:es)?"
    r"|resolutionen|resoluç(?:ão|ões)|резолюци\w+|(?:بال|لل|ال)?قرار(?:ها)?|决议)"
)
_NAMED = re.compile(
    rf"\b{_WORD}\s+(?:(?:No|Nos|nº|n°|number)\.?\s*)?(?P<list>(?:{_FULL}"
    rf"|{_CODE})(?:\s*(?:\([^)]*\)|of\s+\d{{1,2}}\s+\w+\s+\d{{4}})?\s*(?:,|and|&|et"
    rf"|y)\s*(?:{_WORD}\s+)?(?:{_FULL}|{_CODE}))*)",
    re.IGNORECASE,
)
_SYMBOL = re.compile(
    r"(?<![\w/])(?:A/RES/[\w/-]*\d(?:\s?[A-Z](?!\w))?|(?:E|S|A|UNEP|WHA)(?:/[\w.]+)*/(?:RES"
    r"|DEC|Res\.?|Dec\.?)[/.]?[\w./-]*\d|WHA\d+\.\d+)"
)
_ONE = re.compile(rf"{_FULL}|{_CODE}|WHA\d+\.\d+")
_CUE = re.compile(
    r"\b(?:pursuant|in\s+accordance|accordance\s+with|mandat\w+|in\s+line\s+with|in\s+response\s+to"
    r"|as\s+(?:requested|decided|called\s+for|set\s+out|provided|stipulated|required)"
    r"|under|following|further\s+to|in\s+keeping|operative\s+paragraph|paragraph|established\s+by"
    r"|called\s+for\s+(?:in|by)|implementation\s+of\s+(?:general\s+assembly\s+)?"
    r"|conformément|en\s+application|en\s+vertu|par\s+sa|por\s+su|en\s+su|de\s+conformidad"
    r"|con\s+arreglo|en\s+cumplimiento|gemäß|nos\s+termos|em\s+conformidade"
    r"|в\s+соответствии|согласно|во\s+исполнение|عملا|وفقا|بموجب)\b|根据|依照|按照"
    r"|^\W*(?:by|in)\s+(?:its\s+)?(?:[\w’]+\s+){0,6}$"
    r"|\b(?:asked|requested|decided|invited|foreseen|called)\s+(?:[\w’]+\s+){0,3}(?:in|by)\s+"
    r"(?:its\s+)?(?:[\w’]+\s+){0,4}$",
    re.IGNORECASE,
)
_DECIDES = re.compile(
    r"^[^.;]{0,140}?\b(?:decid\w+|request\w*|call(?:s|ed)?\s+(?:for|on|upon)|mandat\w+"
    r"|invit\w+|provid\w+\s+for|requir\w+|asks?|directs?|authori[sz]\w+|established|demande"
    r"|solicit\w+)\b",
    re.IGNORECASE,
)
# A reference to the resolution that was named before.
_SAME = re.compile(
    r"\b(?:in|by|under|pursuant\s+to|paragraphs?\s+[\w() ]{1,12}\s+of)\s+(?:the|that|this)\s+"
    r"(?:same\s+)?(?:resolution|decision)\b",
    re.IGNORECASE,
)
_LONGEST_LABEL = 120
"""The most characters of a value such as "Human Rights Council resolution 58/12"."""


def mandate_of(note: ConceptNote) -> Finding[list[str]]:
    """Return the symbols in the order of the note, such as "75/283", without A/RES/."""
    symbols: dict[str, str] = {}
    for label in note.labelled("mandate"):
        # A longer text is a section, whose resolutions are not all part of the mandate.
        for match in _ONE.finditer(label.value) if len(label.value) <= _LONGEST_LABEL else ():
            symbols.setdefault(_tidy(match.group()), label.value)
    last: tuple[str, ...] = ()
    for sentence in note.sentences:
        mentions = _mentions(sentence.text)
        if not mentions and _SAME.search(sentence.text) and mentions_hearing(sentence.text):
            for symbol in last:
                symbols.setdefault(symbol, sentence.text)
        for start, end, listed in mentions:
            last = tuple(_tidy(match.group()) for match in _ONE.finditer(listed))
            if _governs(sentence.text, start, end):
                for symbol in last:
                    symbols.setdefault(symbol, sentence.text)
    return Finding(list(symbols), tuple(dict.fromkeys(symbols.values())))


def _mentions(text: str) -> list[tuple[int, int, str]]:
    """Return where symbols are, with their text: after "resolution", or written in full."""
    found = [(match.start(), match.end(), match["list"]) for match in _NAMED.finditer(text)]
    found = [
        (start, end, re.sub(r"\([^)]*\)|of\s+\d{1,2}\s+\w+\s+\d{4}", " ", listed))
        for start, end, listed in found
    ]
    for match in _SYMBOL.finditer(text):
        if not any(start <= match.start() < end for start, end, _ in found):
            found.append((match.start(), match.end(), match.group()))
    return sorted(found)


def _governs(text: str, start: int, end: int) -> bool:
    """Whether the hearing is held under a symbol, which is not only a source of something else."""
    before = text[:start]
    bracketed = before.count("(") > before.count(")")
    clause = re.split(r"[;:]|\)\s|,\s+(?=in\s+order|with\s+a\s+view)", before)[-1]
    if bracketed:
        inside, outside = before.rpartition("(")[2], before.rpartition("(")[0]
        named = re.search(r"\bresolution\b", outside[-60:], re.IGNORECASE)
        return bool(_CUE.search(inside) or (named and _CUE.search(outside)))
    return bool(_CUE.search(clause) or _DECIDES.match(text[end:]))


def _tidy(symbol: str) -> str:
    return re.sub(r"^A/RES/", "", re.sub(r"\s+", " ", symbol)).strip()
