"""Finds what a page says in English although it is in another language."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

from babel.messages.pofile import read_po
from django.utils.translation import to_locale
from lxml import html
from lxml.etree import _Comment, _Element

from tools.catalogues import LOCALES, ROOT

PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TAGS = re.compile(r"<[^>]+>")
ISOLATED = re.compile("\u2068.*?\u2069")
NO_WORDS = {"title", "code", "kbd", "pre", "script", "style", "template", "textarea", "bdi", "svg"}
_TELLING = 20
"""A text with placeholders is recognized only if it has more characters than this beside them."""
SAID_IN = ("aria-label", "placeholder", "title", "alt")


@dataclass(frozen=True)
class English:
    """English texts of the interface: whole ones, and a pattern of those with placeholders."""

    whole: frozenset[str]
    others: re.Pattern[str]

    def has(self, text: str) -> bool:
        """Return whether a text is one of them."""
        return text in self.whole or self.others.fullmatch(text) is not None


@cache
def english(language: str) -> English:
    """Return the interface's English texts that differ in a language."""
    folder = to_locale(language)
    with (LOCALES / folder / "LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file, locale=folder)
    whole, others, said = set[str](), dict[str, str](), set[str]()
    for message in catalog:
        ids = [message.id] if isinstance(message.id, str) else message.id
        texts = [message.string] if isinstance(message.string, str) else message.string or ()
        said |= {text.strip() for text in texts}
        for part in (part for text in ids for part in TAGS.split(text)):
            words = [re.escape(" ".join(phrase.split())) for phrase in PLACES.split(part.strip())]
            literal = "".join(words)
            if re.search("[A-Za-z]{2}", literal) and len(words) == 1:
                whole.add(part.strip())
            elif re.search("[A-Za-z]{2}", literal) and len(literal) > _TELLING:
                others[part.strip()] = ".+".join(words)
    return English(
        frozenset(" ".join(part.split()) for part in whole - said),
        re.compile("|".join(sorted(words for part, words in others.items() if part not in said))),
    )


@cache
def of_the_hearing() -> set[str]:
    """Return the reference hearing's own words."""
    return set(texts(tomllib.loads((ROOT / "hearings/2021-trafficking.toml").read_text())))


def texts(value: object) -> Iterator[str]:
    """Yield all texts in a value read from TOML."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(texts, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(texts, value))


def said_by(page: str) -> set[str]:
    """Return a page's own texts: no names, titles or code, and nothing marked with its language."""
    root = html.document_fromstring(page if page.strip() else "<html></html>")
    return {*(root.findtext(".//title") or "").split(" · "), *filter(None, _said_in(root))}


def _said_in(element: _Element) -> Iterator[str | None]:
    if isinstance(element, _Comment) or _is_apart(element):
        return
    yield from (element.get(name) for name in SAID_IN)
    yield element.text
    for child in element:
        yield from _said_in(child)
        yield child.tail


def _is_apart(element: _Element) -> bool:
    return (
        element.tag in NO_WORDS
        or (element.get("dir") == "auto" and "choice__label" not in (element.get("class") or ""))
        or bool(element.tag != "html" and element.get("lang"))
    )


def left_in_english(page: str, language: str) -> set[str]:
    """Return the English texts of a page that the interface has translated into its language."""
    trimmed = {" ".join(ISOLATED.sub("", text).split()) for text in said_by(page)}
    return {text for text in trimmed if _is_english(text, language)} - of_the_hearing()


@cache
def _is_english(text: str, language: str) -> bool:
    return english(language).has(text)
