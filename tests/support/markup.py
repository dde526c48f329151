"""Reads a page as markup, whatever white space its template has between tags and attributes."""

from __future__ import annotations

import re
from typing import Any

from lxml import html as lxml_html

SPACE = re.compile(r"\s+")
TAG = re.compile(r"<[^<>]+>")
BESIDE_TAGS = re.compile(r" ?([<>]) ?")


def tags_in_line(html: str) -> str:
    """The page with each tag on one line; the text between tags is as it was."""
    return TAG.sub(lambda tag: SPACE.sub(" ", tag[0]).replace(" >", ">"), html)


def compact(html: str) -> str:
    """The page with no white space beside its tags, and single spaces elsewhere."""
    return BESIDE_TAGS.sub(r"\1", SPACE.sub(" ", html))


def parsed(page: str | bytes) -> Any:
    """A page as lxml's tree, to be asked with XPath."""
    return lxml_html.fromstring(page)
