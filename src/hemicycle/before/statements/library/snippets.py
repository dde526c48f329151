"""PURE: the passage of a text that shows why it was found."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final
from unicodedata import normalize

from hemicycle.before.statements.library.search_index import MOST_WORDS
from hemicycle.before.statements.library.search_query import SearchQuery, SearchTerm
from hemicycle.before.statements.library.tokenizer import WordToken, cut

BEFORE: Final = 60
LONG: Final = 260
"""The most characters before the first hit and in the whole passage, give or take a word."""


@dataclass(frozen=True, slots=True)
class SnippetPart:
    """A part of the passage as unescaped text; `hit` marks a match."""

    text: str
    hit: bool = False


def passage(text: str, wanted: SearchQuery, language: str) -> list[SnippetPart]:
    """Return the passage around the first hit, or the beginning of the text if there is none."""
    text = normalize("NFC", text)
    hits = sorted(set(_hits(islice(cut(text, language), MOST_WORDS), wanted.parts)))
    start, end = _window(text, hits[0][0] if hits else 0)
    return list(_pieces(text, start, end, hits))


def parts_in(text: str, parts: Sequence[SearchTerm], language: str) -> set[SearchTerm]:
    """Return those of `parts` that a text contains."""
    tokens = list(islice(cut(normalize("NFC", text), language), MOST_WORDS))
    return {
        part
        for part in parts
        for end in range(len(part.words), len(tokens) + 1)
        if _stands(tokens[end - len(part.words) : end], part)
    }


def _hits(tokens: Iterable[WordToken], parts: Sequence[SearchTerm]) -> Iterator[tuple[int, int]]:
    """Yield the positions of parts, as far as the passage around the first hit can reach."""
    last: deque[WordToken] = deque(maxlen=max((len(part.words) for part in parts), default=1))
    reach: int | None = None if parts else 0
    for token in tokens:
        if reach is not None and token.start > reach:
            return
        last.append(token)
        for part in parts:
            many = len(part.words)
            if many <= len(last) and _stands([*last][-many:], part):
                begins = last[-many].start
                reach = begins + LONG if reach is None else reach
                yield begins, _end(token, part)


def _stands(tokens: Sequence[WordToken], part: SearchTerm) -> bool:
    *firsts, last = part.words
    token = tokens[-1]
    found = token.word.startswith(last) if part.begins else token.word == last
    found = found or token.stem in part.stems
    return found and all(token.word == word for token, word in zip(tokens, firsts, strict=False))


def _end(last: WordToken, part: SearchTerm) -> int:
    """Return where a hit ends: a pair of characters ends one character after its token."""
    return last.end + (len(part.words[-1]) - 1 if last.unspaced else 0)


def _window(text: str, hit: int) -> tuple[int, int]:
    start = max(0, hit - BEFORE)
    if start:
        space = text.find(" ", start, hit)
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + LONG)
    if end < len(text):
        space = text.rfind(" ", start + LONG // 2, end)
        end = space if space >= 0 else end
    return start, end


def _pieces(text: str, start: int, end: int, hits: list[tuple[int, int]]) -> Iterator[SnippetPart]:
    at = start
    if start:
        yield SnippetPart("… ")
    for begins, ends in hits:
        if begins < at or ends > end:
            continue
        if begins > at:
            yield SnippetPart(text[at:begins])
        yield SnippetPart(text[begins:ends], hit=True)
        at = ends
    if at < end:
        yield SnippetPart(text[at:end])
    if end < len(text):
        yield SnippetPart(" …")
