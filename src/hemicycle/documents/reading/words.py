r"""Count words for the speaking time, in every script that the hearings use.

A word is a run of letters, digits and marks. An apostrophe or hyphen between letters does not end
it ("don't", "multi-stakeholder" and "l'homme" are one word each, as in word processors), nor do
points, commas, colons and slashes between digits ("1,234.5", "10:30", "75/283"). An address (e-mail
or web) is one word. Dashes, punctuation, symbols and emoji do not count. Arabic vowel signs,
tatweel and joiners belong to the word they are in.

Chinese and Japanese are written without spaces, but the limit of a statement is a number of words.
By a convention of this project, which is stated wherever a count is shown, five ideographs or kana
count as three words, and a remainder is rounded up.
"""

import re
from typing import Final

IDEOGRAPHS: Final = 5
WORDS_FOR_IDEOGRAPHS: Final = 3
PER_MINUTE: Final = 120

_CJK = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
)
# \w does not match combining marks; these are the marks of scripts that are not precomposed.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06ed\u0900-\u0903\u093a-\u094f\u0e31-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_BASE = rf"(?![{_CJK}_])\w"
_LETTER = rf"(?:{_BASE}|[{_MARKS}\u00ad\u200c\u200d])"
# Possessive, and anchored at its first character, so that no long word is tried twice.
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[!-;=?-~]+"
    r"|(?<![A-Z0-9._%+-])[A-Z0-9._%+-]++@[A-Z0-9.-]+\.[A-Z]{2,}",
    re.ASCII | re.IGNORECASE,
)
_WORD = re.compile(
    rf"{_BASE}{_LETTER}*(?:(?:['’ʼ\-‐‑]{_LETTER}|(?<=\d)[.,:/٫٬]\d|(?<=[^\W\d_])\.(?=[^\W\d_]\.?)){_LETTER}*)*"
)
_IDEOGRAPH = re.compile(f"[{_CJK}]")


def count(text: str) -> int:
    """Return the number of words in `text` by the rules of this module."""
    rest, addresses = _ADDRESS.subn(" ", text)
    ideographs = len(_IDEOGRAPH.findall(rest))
    spaced = sum(1 for _ in _WORD.finditer(rest))
    return addresses + spaced + -(-ideographs * WORDS_FOR_IDEOGRAPHS // IDEOGRAPHS)


def minutes(words: int, per_minute: int = PER_MINUTE) -> float:
    """Return the speaking time of `words` in minutes, unrounded.

    The default of 120 words a minute is the pace for which interpreters ask. Raises ValueError for
    a pace below one.
    """
    if per_minute < 1:
        raise ValueError("per_minute must be at least 1")
    return words / per_minute
