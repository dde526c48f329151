"""Statements have content, in six languages, and the length that is asked for."""

from random import Random

import pytest

from hemicycle.documents.reading.language import guess
from hemicycle.documents.reading.words import count
from hemicycle.site.rehearsal.speech import LANGUAGES, question, statement, tongue

TOPICS = ["Root causes", "Knowledge", "Working together"]


def made(language: str, seed: int, words: int = 300) -> str:
    return statement(Random(seed), language, "Open Lantern Network", TOPICS, words)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", [200, 360, 500])
def test_a_statement_is_as_long_as_asked_and_at_most_a_paragraph_longer(
    language: str, words: int
) -> None:
    lengths = [count(made(language, seed, words)) for seed in range(20)]
    assert all(words <= length <= words + 110 for length in lengths), lengths


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_its_language_and_names_who_speaks(language: str) -> None:
    text = made(language, 1)
    assert guess(text) == language
    assert "Open Lantern Network" in text
    assert any(topic in text for topic in TOPICS)
    assert "{" not in text


def test_the_same_seed_says_the_same_and_another_something_else() -> None:
    assert made("en", 1) == made("en", 1)
    assert made("en", 1) != made("en", 2)


def test_many_say_the_same_thing_in_different_words() -> None:
    texts = [made("en", seed) for seed in range(30)]
    ask = tongue("en").themes[0].ask
    frames = {line for text in texts for line in text.split(". ") if ask in line}
    assert sum(ask in text for text in texts) >= 10
    assert len(frames) >= 3


def test_a_hearing_without_guiding_questions_is_spoken_at_too() -> None:
    assert count(statement(Random(1), "fr", "Réseau", [], 200)) >= 200


def test_another_language_is_answered_in_english() -> None:
    assert question(Random(1), "de") in tongue("en").words["questions"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_themes(language: str) -> None:
    assert len(tongue(language).themes) == len(tongue("en").themes)
