r"""PURE: split a text into the words that the search compares.

Databases split texts by different rules, which fail for some scripts. So texts and searches are
split here, in the same way for SQLite and PostgreSQL:

- a word is a run of letters, digits and their marks; case, accents, width, Arabic vowel signs and
  the varying spellings of alef, yeh and teh marbuta are ignored (`fold`);
- each word also has its stem, by the Snowball stemmer of its language: Cyrillic counts as
  Russian, Arabic letters as Arabic, Latin letters as the language of the text;
- scripts without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are split into overlapping
  pairs of characters; the last character of a run is also a token. A searched run of characters
  is then a run of pairs, and a single character is the beginning of a pair.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import snowballstemmer

LONGEST: Final = 60
"""The most characters of a word that are used."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06ed\u0900-\u0dff"
)
_LETTER = rf"(?![{_UNSPACED}])[^\W_]"
_CUT = re.compile(rf"(?P<unspaced>[{_UNSPACED}])|(?P<word>{_LETTER}(?:{_LETTER}|[{_MARKS}])*)")
_ARABIC = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None, "ٱ": "ا"})
_ARABIC_LETTER = re.compile("[\u0620-\u064a]")
_ARABIC_FRONT = re.compile("^(?:[وفبك]?ال|لل)(?=..)")
_CYRILLIC_LETTER = re.compile("[\u0400-\u04ff]")
LATIN: Final = {"en": "english", "fr": "french", "es": "spanish"}
"""The languages in Latin letters that have a stemmer here."""


@dataclass(frozen=True, slots=True)
class WordToken:
    """A word of a text: its position, its form for comparing, and its stem ("" if it has none)."""

    start: int
    end: int
    word: str
    stem: str
    unspaced: bool = False


def cut(text: str, language: str = "") -> Iterator[WordToken]:
    """Yield the tokens of a text in NFC, in their order; `language` is a BCP 47 tag, or ""."""
    for found in _CUT.finditer(text):
        start, end = found.span()
        if found["unspaced"]:
            pair = text[start : start + 2]
            together = len(pair) == 2 and _CUT.match(pair[1]) and not _is_spaced(pair[1])
            yield WordToken(start, end, fold(pair if together else pair[0]), "", unspaced=True)
        elif word := fold(found["word"]):
            yield WordToken(start, end, word, stem(found["word"], language))


def _is_spaced(char: str) -> bool:
    found = _CUT.match(char)
    return found is not None and found["unspaced"] is None


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Return a word in the form for comparing."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(_digit(char) for char in apart if not unicodedata.combining(char))
    kept = "".join(char for char in bare.translate(_ARABIC) if char.isalnum())
    return unicodedata.normalize("NFC", kept)[:LONGEST]


def _digit(char: str) -> str:
    return str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """Return the stem of a word for comparing, by its script and the language of its text.

    Return "" if there is no stemmer for it.
    """
    if _ARABIC_LETTER.search(word):
        folded = fold(word)
        return fold(_stemmer("arabic").stemWord(_ARABIC_FRONT.sub("", folded)))
    if _CYRILLIC_LETTER.search(word):
        return fold(_stemmer("russian").stemWord(word.casefold().replace("ё", "е")))
    name = LATIN.get(language.split("-", maxsplit=1)[0].lower())
    return fold(_stemmer(name).stemWord(word.casefold())) if name else ""


@lru_cache(maxsize=1_000)
def stems(word: str) -> frozenset[str]:
    """Return all stems that a searched word can have, since the language of a search is unknown."""
    found = {stem(word, language) for language in LATIN}
    return frozenset(found - {""})


def _stemmer(name: str) -> "snowballstemmer.stemmer":
    # A stemmer has state, so two threads cannot share one. Making one takes 0.2 µs, a word 50 µs.
    return snowballstemmer.stemmer(name)
