"""Quotations: which words of a sentence are a source's own, and in which language.

A sentence is plain text that people edit. If it contains a sentence of its sources that is in
another language, these words are marked with that language, by which pages and papers choose
direction, font and hyphens, and screen readers the voice (WCAG 3.1.2).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from hemicycle.outcome.summary.drafting.sentences import quotable
from hemicycle.outcome.summary.sources import StatementText
from hemicycle.ui.words import direction, speaks


@dataclass(frozen=True, slots=True)
class SentencePiece:
    """A run of words; `language` is "" if it is that of the sentence."""

    text: str
    language: str = ""


class Quotations:
    """Finds the quotations from statements in sentences; each statement is read once."""

    def __init__(self, texts: Mapping[str, StatementText]) -> None:
        self._texts = texts
        self._read: dict[str, list[tuple[str, ...]]] = {}

    def passages(
        self, text: str, language: str, sources: Iterable[Mapping[str, Any]]
    ) -> list[SentencePiece]:
        """Split a sentence in `language` into its own words and quotations in other languages."""
        found = {
            words: tag for words, tag in self._foreign(language, sources) if words and words in text
        }
        if not found:
            return [SentencePiece(text)]
        longest_first = sorted(found, key=lambda words: (-len(words), words))
        pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
        return [SentencePiece(piece, found.get(piece, "")) for piece in pieces if piece]

    def as_html(self, text: str, language: str, sources: Iterable[Mapping[str, Any]]) -> SafeString:
        """Return a sentence as HTML, with the languages of its quotations."""
        return format_html_join(
            "", "{}", ((_marked(piece),) for piece in self.passages(text, language, sources))
        )

    def _foreign(
        self, language: str, sources: Iterable[Mapping[str, Any]]
    ) -> Iterator[tuple[str, str]]:
        for source in sources:
            found = self._texts.get(source.get("statement", ""))
            number = source.get("sentence")
            if found is None or number is None or speaks(found.language, language):
                continue
            said = self._said(found)
            if 0 <= number < len(said):
                yield from ((words, found.language) for words in said[number])

    def _said(self, found: StatementText) -> list[tuple[str, ...]]:
        if found.id not in self._read:
            self._read[found.id] = quotable(found.text_under_alias)
        return self._read[found.id]


def _marked(piece: SentencePiece) -> SafeString | str:
    if not piece.language:
        return piece.text
    tag = piece.language
    return format_html('<span lang="{}" dir="{}">{}</span>', tag, direction(tag), piece.text)
