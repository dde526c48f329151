"""Why two requests for the floor are alike: pure functions over what was typed."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hemicycle.before.registration.names import search_key

LEAST_LETTERS, LEAST_SHARED, LEAST_SHARE = 5, 3, 0.4
"""The conditions under which two subjects are alike.

They share at least `LEAST_SHARED` words of at least `LEAST_LETTERS` letters each, and these are at
least the part `LEAST_SHARE` of the shorter subject's words.
"""
COMMON_FROM = 4
"""From this number of requests on, words that more than half of them use are left out."""
_WORDS = re.compile(r"[^\W\d_]+")
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


class Likeness(StrEnum):
    """What two requests have in common."""

    NAMED = "named"
    SHARED = "shared"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class FloorRequest:
    """A request as it is compared: its organization, its co-signers, the words of its subject."""

    organization: str
    co_signers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Alike:
    """Why two requests are alike; `words` are the words that both subjects contain."""

    reasons: tuple[Likeness, ...]
    words: tuple[str, ...] = ()


def subject_words(text: str) -> frozenset[str]:
    """Return the words that say what a text is about, case-folded.

    Chinese and Japanese text is split into pairs of characters.
    """
    found = set()
    for word in _WORDS.findall(search_key(text)):
        if _WITHOUT_SPACES.search(word):
            found |= {word[index : index + 2] for index in range(len(word) - 1)}
        elif len(word) >= LEAST_LETTERS:
            found.add(word)
    return frozenset(found)


def common_words(requests: Iterable[FloorRequest]) -> frozenset[str]:
    """Return the words of more than half of the requests, which are about the panel itself."""
    rows = [request.words for request in requests if request.words]
    if len(rows) < COMMON_FROM:
        return frozenset()
    counts = Counter(word for words in rows for word in words)
    return frozenset(word for word, count in counts.items() if 2 * count > len(rows))


def alike(
    first: FloorRequest, second: FloorRequest, common: frozenset[str] = frozenset()
) -> Alike | None:
    """Return why two requests are alike; None if they are not, or if one organization made both.

    The order of the two does not matter. `common` are words that are left out.
    """
    if first.organization == second.organization:
        return None
    reasons = []
    if first.organization in second.co_signers or second.organization in first.co_signers:
        reasons.append(Likeness.NAMED)
    if first.co_signers & second.co_signers:
        reasons.append(Likeness.SHARED)
    own, other = first.words - common, second.words - common
    shared = own & other
    least = min(len(own), len(other))
    if len(shared) >= LEAST_SHARED and len(shared) >= LEAST_SHARE * least:
        reasons.append(Likeness.SUBJECT)
    else:
        shared = frozenset()
    return Alike(tuple(reasons), tuple(sorted(shared))) if reasons else None
