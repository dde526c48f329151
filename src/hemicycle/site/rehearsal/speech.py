"""Texts of synthetic participants, composed from `texts/`; equal seeds give equal texts.

A statement is an opening, paragraphs under some of the hearing's guiding questions, and a closing.
Its demands come from a short list of themes, each worded in several ways, as at real hearings: so a
summary finds common demands.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from hemicycle.documents.reading.words import count

LANGUAGES = {"en": 45, "fr": 17, "es": 15, "ar": 9, "zh": 7, "ru": 7}
"""Languages that have phrases, and how many of a hundred participants speak each."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A demand, worded so that it follows a verb, and sentences that give reasons for it."""

    ask: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """The phrases of one language."""

    language: str
    words: dict[str, Any]
    themes: tuple[Theme, ...]

    def pick(self, random: Random, name: str) -> str:
        """Return one of the phrases under `name`."""
        word: str = random.choice(self.words[name])
        return word

    @property
    def joiner(self) -> str:
        """Return the text between two sentences: a blank or nothing."""
        return str(self.words.get("joiner", " "))


@cache
def tongue(language: str) -> Tongue:
    """Return the phrases of a language, or of English if there are none."""
    known = language if language in LANGUAGES else "en"
    text = files("hemicycle.site.rehearsal").joinpath("texts", f"{known}.toml").read_text("utf-8")
    words = tomllib.loads(text)
    themes = tuple(Theme(theme["ask"], tuple(theme["reasons"])) for theme in words.pop("themes"))
    return Tongue(known, words, themes)


def statement(
    random: Random, language: str, organization: str, topics: Sequence[str], words: int
) -> str:
    """Return a statement of about `words` words (at most one paragraph more), on some of
    `topics`.
    """
    own = tongue(language)
    paragraphs = [own.pick(random, "openings").format(organization=organization)]
    themes = random.sample(own.themes, len(own.themes))
    asked = random.sample(list(topics), len(topics)) or [""]
    said = count(paragraphs[0])
    for number, theme in enumerate(_endless(themes)):
        if number % 3 == 0 and (topic := asked[number // 3 % len(asked)]):
            paragraphs.append(topic)
        paragraphs.append(_paragraph(random, own, theme))
        said += count(paragraphs[-1])
        if said >= words:
            break
    return "\n\n".join([*paragraphs, own.pick(random, "closings")])


def _endless(themes: list[Theme]) -> Any:
    while True:
        yield from themes


def _paragraph(random: Random, own: Tongue, theme: Theme) -> str:
    asks = own.pick(random, "asks").format(ask=theme.ask)
    sentences = [random.choice(theme.reasons), asks]
    if random.random() < 0.4:
        sentences.append(_example(random, own))
    return own.joiner.join(sentences)


def _example(random: Random, own: Tongue) -> str:
    values = {"n": random.randint(3, 38), "m": random.randint(2, 9)}
    return own.pick(random, "examples").format(**values)


def question(random: Random, language: str) -> str:
    """Return a question for panellists."""
    return tongue(language).pick(random, "questions")
