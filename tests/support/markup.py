"""Reads a page as markup, whatever white space its template has between tags and attributes."""

from __future__ import annotations

import re

SPACE = re.compile(r"\s+")
BESIDE_TAGS = re.compile(r" ?([<>]) ?")


def compact(html: str) -> str:
    """The page with no white space beside its tags, and single spaces elsewhere."""
    return BESIDE_TAGS.sub(r"\1", SPACE.sub(" ", html))
