"""What counts as a word, script by script."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.documents.reading.words import count, minutes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("  \n ", 0),
        ("— … ! 😀 👩‍👩‍👧 ✊🏽 § %", 0),
        ("Mr. President, thank you.", 4),
        ("multi-stakeholder hearing", 2),
        ("don't — won’t", 2),
        ("l'homme et la femme", 4),
        ("and/or", 2),
        ("resolution 75/283, 1,234.5 cases at 10:30, 12.5%", 7),
        ("U.N. and N.G.O.s", 3),
        ("write to info@hearing.example or https://hearing.example/a/b?c=d", 5),
        ("请写信给info@hearing.example谢谢", 5),
        ("@handle and a@b", 4),
        ("end.Start", 1),
        ("السيد الرئيس، شكراً جزيلاً لكم", 5),
        ("ٱلسَّلَامُ عَلَيْكُمْ", 2),
        ("می‌خواهم", 1),
        ("Господин Председатель, торговля людьми", 4),
        ("çok güzel naïve cafe\u0301", 4),
        ("soft\u00adhyphen", 1),
        ("主席先生", 3),
        ("一二三四五", 3),
        ("一二三四五六", 4),
        ("第3次", 3),
        ("在UN工作", 3),
        ("わたしは", 3),
        ("हिन्दी भाषा", 2),
    ],
)
def test_count(text: str, words: int) -> None:
    assert count(text) == words


@given(st.lists(st.sampled_from(["peace", "شكرا", "мир", "don't", "75/283"]), max_size=30))
def test_spaced_words_add_up(parts: list[str]) -> None:
    assert count(" ".join(parts)) == len(parts)


@given(st.text())
def test_any_text_has_a_count(text: str) -> None:
    assert 0 <= count(text) <= len(text)


@pytest.mark.parametrize("character", ["a", "主", ".", "@", "'", "-", "1", "\u0301", " ", "ا"])
def test_a_long_text_of_one_character_is_counted_at_once(character: str) -> None:
    started = time.thread_time()
    count(character * 500_000)
    assert time.thread_time() - started < 2


def test_minutes() -> None:
    assert (minutes(360), minutes(0), minutes(90, per_minute=60)) == (3.0, 0.0, 1.5)
    with pytest.raises(ValueError, match="at least 1"):
        minutes(10, per_minute=0)
