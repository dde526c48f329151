"""Combine lines into paragraphs.

PDF and wrapped plain text have lines, not paragraphs. A paragraph ends where a line is shorter than
necessary: after a full stop well before the margin, after the short line of a heading, before a
bullet or a number.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_ENDS_SENTENCE = re.compile(r"[.!?…:;。！？：；؟۔؛][\"'”’»)\]]*$")
_OPENS_ITEM = re.compile(r"^(?:[•·▪●○◦‣–—*-]|\(?\d{1,3}[.)]|\(?[a-zA-Zivx]{1,4}\))\s+\S")
_SHORT_AFTER_STOP = 0.9
_SHORT = 0.6
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-‐]$")
_IDEOGRAPHIC = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]")


def paragraphs(lines: Iterable[str]) -> list[str]:
    """Return the paragraphs of `lines`; an empty line always ends one."""
    found: list[str] = []
    for block in _blocks(lines):
        found.extend(_split(block))
    return found


def _blocks(lines: Iterable[str]) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in lines:
        stripped = line.strip()
        if stripped:
            blocks[-1].append(stripped)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _split(block: Sequence[str]) -> list[str]:
    margin = sorted(len(line) for line in block)[int(len(block) * 0.9)]
    found = [[block[0]]]
    for before, line in pairwise(block):
        if _ends(before, line, margin):
            found.append([line])
        else:
            found[-1][-1] = _leading_to(found[-1][-1], line)
            found[-1].append(line)
    return ["".join(pieces) for pieces in found]


def _ends(before: str, line: str, margin: int) -> bool:
    if _OPENS_ITEM.match(line):
        return True
    if _ENDS_SENTENCE.search(before):
        return len(before) < margin * _SHORT_AFTER_STOP
    return len(before) < margin * _SHORT and not line[0].islower()


def _leading_to(before: str, line: str) -> str:
    """Return a line prepared for joining with the next: with a space, or without its hyphen."""
    if before.endswith("\u00ad"):
        return before[:-1]
    if _HYPHENATED.search(before[-2:]) and line[0].islower():
        return before[:-1]
    if _IDEOGRAPHIC.match(before[-1]) and _IDEOGRAPHIC.match(line[0]):
        return before
    return f"{before} "
