"""PURE: parse a search.

Every term must be found. A term is a word (also matched by its stem), a run of words that belong
together ("l'homme", a quoted phrase), or a run of characters of a script without spaces. `word*` is
a prefix.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from hemicycle.before.statements.library.tokenizer import WordToken, cut, stems

LONGEST: Final = 200
"""The most characters of a search that are used."""
MOST: Final = 16
"""The most parts of a search that are used."""

_CHUNK = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]|([^\s\"“”„«»]+)")


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """Words to be found next to each other; with `begins`, the last one is only a prefix.

    `stems` are the possible stems of a single word; a phrase has none.
    """

    words: tuple[str, ...]
    stems: frozenset[str] = frozenset()
    begins: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search: its text and the terms parsed from it."""

    text: str
    parts: tuple[SearchTerm, ...]

    @property
    def is_vain(self) -> bool:
        """Whether text was typed that contains no word, so that nothing can be found."""
        return bool(self.text) and not self.parts

    @property
    def phrase(self) -> SearchTerm | None:
        """Return all words as one phrase, for ranking; None if that adds nothing."""
        words = tuple(word for part in self.parts for word in part.words)
        return SearchTerm(words, begins=self.parts[-1].begins) if len(self.parts) > 1 else None


def read(typed: str) -> SearchQuery:
    """Parse the typed text of a search."""
    text = unicodedata.normalize("NFC", " ".join(typed.replace("\0", " ").split()))[:LONGEST]
    found: list[SearchTerm] = []
    for quoted, plain in _CHUNK.findall(text):
        found += _parts(quoted or plain, quoted=bool(quoted))
    return SearchQuery(text, tuple(dict.fromkeys(found))[:MOST])


def _parts(chunk: str, *, quoted: bool) -> list[SearchTerm]:
    runs = groupby(cut(chunk), key=lambda token: token.unspaced)
    return [
        _unspaced(list(run)) if apart else _spaced(list(run), chunk, quoted) for apart, run in runs
    ]


def _unspaced(run: list[WordToken]) -> SearchTerm:
    """Return a run of characters as pairs; a single character counts only if there is no pair."""
    if len(run) == 1:
        return SearchTerm((run[0].word,), begins=True)
    return SearchTerm(tuple(token.word for token in run[:-1]))


def _spaced(run: list[WordToken], chunk: str, quoted: bool) -> SearchTerm:
    words = tuple(token.word for token in run)
    begins = not quoted and chunk.endswith("*")
    alone = len(words) == 1 and not quoted and not begins
    return SearchTerm(
        words, stems(chunk[run[0].start : run[0].end]) if alone else frozenset(), begins
    )
