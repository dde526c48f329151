"""Guess the Windows code page of a short text: of names and headings, not of prose.

General detectors compare long texts with the letters of a language. A table of people has a few
words with accents, and such detectors take "Lefèvre" for "Lefčvre". Here each word is rated
separately: its letters are of one script, its capitals are in the usual positions, and its accented
letters are common in the languages that are written in that code page.
"""

import re
from functools import partial

COMMON = {
    "cp1252": "éèêàâçîôûùïëáíóúñüäößãõœ",
    "cp1256": "اليمنرتبةعدسفهكحجقشصطخذزضغثظءأإآىؤئپچژگ",
    "cp1251": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ",
    "gb18030": "",
    "cp1250": "ąćęłńóśźżčěřšžůőűăâîșțáéíý",
    "cp1254": "ğışçöü",
    "cp1253": "αοιετσνηυρπκμλςάέήίόύώθγδβφχξζψ",
}
"""The code pages, the most likely first, each with its common letters other than plain Latin."""
_MARKS = frozenset("’‘“”–—«»… °€·、。，；：（）《》\xa0")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_LINES = 400
_IMPOSSIBLE = float("-inf")


def guess(data: bytes) -> str:
    """Return the code page, by Python's name, in which a text makes most sense."""
    lines = [line for line in data.splitlines() if not line.isascii()]
    sample = b"\n".join(lines[:_MOST_LINES])
    return max(COMMON, key=partial(_sense, sample))  # the first one if several are equal


def _sense(data: bytes, page: str) -> float:
    """Rate a text in a code page, per letter that is not plain Latin; the best rating is 2."""
    try:
        text = data.decode(page)
    except UnicodeDecodeError:
        return _IMPOSSIBLE
    odd = [char for char in text if not char.isascii()]
    signs = sum(not char.isalpha() and char not in _MARKS for char in odd)
    words = sum(_sense_of(word, page) for word in _WORD.findall(text) if not word.isascii())
    return (words - 2 * signs) / max(1, len(odd))


def _sense_of(word: str, page: str) -> float:
    odd = [char for char in word if not char.isascii()]
    scripts = {_script(char) for char in word}
    if len(scripts) > 1:
        return -3 * len(odd)
    if scripts == {"han"}:
        return len(odd) * (2 if len(word) > 1 else 0.5)
    if word not in {word.lower(), word.upper(), word.title()}:
        return -3 * len(odd)
    if scripts == {"latin"} and len(word) > 3 and 2 * len(odd) > len(word):
        return -3 * len(odd)
    return sum(2 * (char.lower() in COMMON[page]) for char in odd)


def _script(char: str) -> str:
    for below, script in (("\u0370", "latin"), ("\u0400", "greek"), ("\u0530", "cyrillic")):
        if char < below:
            return script
    return "han" if char >= "\u2e80" else "arabic"
