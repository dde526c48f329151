"""Compare the terms of the glossaries with the catalogues: one concept, one term in each language.

`glossary.toml` holds, for each English term, the words that a translation may use for it. They are
beginnings of words, so that "audition" finds "auditions". If the English text of a message has the
term and its translation has none of these words, this is a conflict, unless the table lists it as
an exception with its reason. A term inside a longer one ("panel" in "panel name") is not counted
besides the longer one, and phrases in which the word means something else ("you are hearing") are
not counted at all. For each language, only the terms that the table has for it are compared.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog

TABLE = Path(__file__).with_suffix(".toml")
_NO_WORDS = re.compile(
    r"%\(\w+\)[sdf]|\{[^{}]*\}|<[^>]*>|&\w+;|https?://\S+|\S+@\S+|[\w.-]*[_/][\w./-]*"
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A message whose translation uses none of the accepted words for a term."""

    message: str
    term: str
    accepted: tuple[str, ...]

    def __str__(self) -> str:
        said = self.message if len(self.message) <= 60 else f"{self.message[:59]}…"
        return f"{said!r} has “{self.term}”: the glossary says {' or '.join(self.accepted)}"


@dataclass(frozen=True, slots=True)
class Glossary:
    """The accepted words by language and term, and the exceptions."""

    terms: Mapping[str, Mapping[str, tuple[str, ...]]]
    other_meanings: tuple[str, ...]
    exceptions: frozenset[tuple[str, str, str]]

    def conflicts(self, catalog: Catalog, language: str) -> Iterator[Conflict]:
        """Yield the conflicts of a catalogue with the glossary; skip untranslated messages."""
        known = self.terms.get(language, {})
        finder = _finder((*known, *self.other_meanings))
        for message in catalog:
            texts = [message.string] if isinstance(message.string, str) else message.string or [""]
            if not message.id or not all(texts):
                continue
            ids = [message.id] if isinstance(message.id, str) else message.id
            said = folded(" ".join(texts))
            for term in sorted({_singular(found, known) for found in finder(folded(ids[-1]))}):
                if term not in known:
                    continue
                accepted = known[term]
                if any(folded(stem) in said for stem in accepted):
                    continue
                if not self.exceptions & {(language, term, ids[-1]), ("", term, ids[-1])}:
                    yield Conflict(ids[-1], term, accepted)


def _finder(terms: tuple[str, ...]) -> Callable[[str], list[str]]:
    longest_first = sorted(terms, key=len, reverse=True)
    alternatives = "|".join(f"{re.escape(term)}s?" for term in longest_first)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])").findall


def _singular(found: str, known: Mapping[str, object]) -> str:
    return found if found in known else found.removesuffix("s")


@cache
def folded(text: str) -> str:
    """Return a text for comparison: its words, without case and vowel signs, with single spaces."""
    words = unicodedata.normalize("NFKD", _NO_WORDS.sub(" ", text).replace("’", "'"))
    bare = "".join(char for char in words if not unicodedata.combining(char) and char != "ـ")
    return " ".join(bare.casefold().split())


@cache
def read(path: Path = TABLE) -> Glossary:
    """Read the glossary from a table in TOML."""
    table = tomllib.loads(path.read_text("utf-8"))
    terms: dict[str, dict[str, tuple[str, ...]]] = {}
    for term, accepted in table["terms"].items():
        for language, stems in accepted.items():
            terms.setdefault(language, {})[term] = tuple(stems)
    exceptions = frozenset(
        (entry.get("language", ""), term, entry["message"])
        for entry in table.get("exceptions", ())
        for term in entry["terms"]
    )
    return Glossary(terms, tuple(table.get("other_meanings", ())), exceptions)
