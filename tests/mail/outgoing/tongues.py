"""A hearing whose own words exist in six languages, and a search for words in a wrong language."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from hemicycle.hearing.setup import translations
from hemicycle.ui.languages import OFFICIAL, base, locale_of, spoken
from tests.support.untranslated import ISOLATED, english

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.lists import World

MARK = re.compile(r"⟦(\w+)⟧")
SCRIPTS = {"ru": "CYRILLIC", "zh": "CJK", "ar": "ARABIC"}
MONTHS = (6, 7)
"""The months of the reference hearing's dates."""


def translate(world: World) -> None:
    """Translate each text of the hearing, except aliases, into each language, with its mark."""
    others = [tag for tag in OFFICIAL if tag != "en"]
    entries = translations.entries(world.hearing)
    changes = [
        translations.TextChange(entry, {tag: f"⟦{tag}⟧ {number}" for tag in others})
        for number, entry in enumerate(entries)
    ]
    translations.save(world.hearing, changes, actor=world.office)
    world.hearing.refresh_from_db()


def originals(world: World) -> list[str]:
    """Return the hearing's English texts of several words, which tests can recognize."""
    return [
        entry.original for entry in translations.entries(world.hearing) if " " in entry.original
    ]


def strange(text: str, language: str, own: list[str], acting: str) -> Iterator[str]:
    """Yield what a text for readers of `language` says in another language.

    `own` are the hearing's words in English, `acting` is the language of the person who acts.
    """
    tag = base(language)
    yield from (found for found in MARK.findall(text) if found != tag)
    yield from (name for other, name in _months() if other != tag and name in text)
    if script := SCRIPTS.get(base(acting)):
        yield from (char for char in text if unicodedata.name(char, "").startswith(script))
    if tag == "en":
        return
    yield from (words for words in own if words in text)
    known = english(spoken(language))
    lines = (ISOLATED.sub("", line).strip() for line in text.splitlines())
    yield from (line for line in lines if known.has(line))


@cache
def _months() -> list[tuple[str, str]]:
    names = [
        (tag, locale_of(tag).months[form]["wide"][month])
        for tag in OFFICIAL
        if tag != "zh"
        for form in ("format", "stand-alone")
        for month in MONTHS
    ]
    return list(dict.fromkeys(names))
