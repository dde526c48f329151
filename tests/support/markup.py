"""Reads the markup of a page, regardless of white space between its tags and attributes."""

from __future__ import annotations

import re
from typing import Any

from lxml import html as lxml_html

SPACE = re.compile(r"\s+")
TAG = re.compile(r"<[^<>]+>")
BESIDE_TAGS = re.compile(r" ?([<>]) ?")


def tags_in_line(html: str) -> str:
    """Return the page with each tag on one line, and the text between tags unchanged."""
    return TAG.sub(lambda tag: SPACE.sub(" ", tag[0]).replace(" >", ">"), html)


def compact(html: str) -> str:
    """Return the page without white space beside its tags, and with single spaces elsewhere."""
    return BESIDE_TAGS.sub(r"\1", SPACE.sub(" ", html))


def parsed(page: str | bytes) -> Any:
    """Return a page as a tree of lxml, for queries in XPath."""
    return lxml_html.fromstring(page)


_AS_TEXT = re.compile(
    r"&(?:amp;)?lt;/?bdi"  # escaped, once or twice
    r"|=\"[^\"<>]*</?bdi"  # in an attribute, which is read aloud or shown as a hint
    r"|<(?:title|textarea)\b[^>]*>[^<]*</?bdi",
    re.IGNORECASE,
)
_BDI = re.compile(r"(?:<|&lt;|\\u003c)/?bdi", re.IGNORECASE)


def markup_shown(text: str, *, is_html: bool) -> str:
    """Return the surroundings of the first `<bdi>` that would be read as text; "" without one."""
    found = (_AS_TEXT if is_html else _BDI).search(text)
    return text[max(0, found.start() - 80) : found.end() + 80] if found else ""
