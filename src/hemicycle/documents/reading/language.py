"""Guess the language of a statement, among the six of the United Nations.

The script decides. Among languages in Latin script, words decide that are too common to be missing
from any page. The sender's own answer always takes precedence, so an unclear text gets no guess.
"""

import re
from collections import Counter

_SAMPLE = 20_000
_SCRIPTS = {
    "ar": re.compile("[\u0620-\u064a\u066e-\u06d3]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "latin": re.compile("[A-Za-z\u00c0-\u024f]"),
}
_KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
# Letters of Ukrainian and Serbian that Russian does not have, and of Persian and Urdu that Arabic
# does not have.
_NOT_RUSSIAN = re.compile("[іїєґўјљњћџђ]", re.IGNORECASE)
_NOT_ARABIC = re.compile("[پچژگکیۀںے]")
# An ideograph counts as much as two letters.
_WEIGHT = {"zh": 2}
_COMMON_WORDS = {
    "en": "the of and to in that is for we are with have be this",
    "fr": "le les des et la du est que pour dans nous une aux sur",
    "es": "el los de y la del que para en las por una con su",
}
_COMMON = {language: frozenset(words.split()) for language, words in _COMMON_WORDS.items()}
_ENOUGH = 0.08
_SEVERAL = 2


def guess(text: str) -> str | None:
    """Return one of ar, zh, en, fr, ru, es, or None for an unclear text."""
    sample = text[:_SAMPLE]
    found = {
        name: len(script.findall(sample)) * _WEIGHT.get(name, 1)
        for name, script in _SCRIPTS.items()
    }
    script = max(found, key=lambda name: found[name])
    if found[script] * 3 <= sum(found.values()) * 2:
        return None
    if script == "latin":
        return _latin(sample)
    return None if _another(script, sample, found[script]) else script


def _another(script: str, sample: str, letters: int) -> bool:
    telling = {"ru": _NOT_RUSSIAN, "ar": _NOT_ARABIC, "zh": _KANA_OR_HANGUL}[script]
    return len(telling.findall(sample)) * 100 > letters


def _latin(sample: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", sample.lower())
    counted = Counter(words)
    shares = {
        language: sum(counted[word] for word in common) / len(words)
        for language, common in _COMMON.items()
    }
    best, second = sorted(shares, key=lambda name: shares[name], reverse=True)[:2]
    several = len(_COMMON[best] & counted.keys()) >= _SEVERAL
    clear = shares[best] >= _ENOUGH and shares[best] > shares[second] * 1.3
    return best if several and clear else None
