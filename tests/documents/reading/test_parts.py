"""Cleaning text, dividing it into paragraphs and detecting its language, each tested alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.documents.reading.language import guess
from hemicycle.documents.reading.normalise import clean
from hemicycle.documents.reading.wrapping import paragraphs


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  a \t b\u00a0c ", "a b c"),
        ("one \r\n  two\r three\n\n\nfour", "one\ntwo\nthree\nfour"),
        ("extra\u00adordinary, distin\u00ad\n  guish", "extraordinary, distinguish"),
        ("cafe\u0301", "café"),
        ("a\x00b\x07\ufeffc\u200b", "abc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_clean(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.lists(st.text(alphabet="ab c.-\u00ad", max_size=12), max_size=12))
def test_no_letter_is_lost_between_lines_and_paragraphs(lines: list[str]) -> None:
    letters = [c for line in lines for c in line if c in "abc"]
    assert [c for found in paragraphs(lines) for c in found if c in "abc"] == letters


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", None),
        ("12345", None),
        ("We are here for the survivors and this is what we ask of you.", "en"),
        ("Nous sommes ici pour les survivants et nous vous demandons que la loi change.", "fr"),
        ("Estamos aquí por los supervivientes y pedimos que la ley cambie para todos.", "es"),
        ("Мы здесь ради пострадавших.", "ru"),
        ("Ми тут заради постраждалих і їхніх сімей.", None),
        ("نحن هنا من أجل الناجين.", "ar"),
        ("ما برای بازماندگان اینجا هستیم و می‌گوییم چه کنید.", None),
        ("我们为幸存者而来。", "zh"),
        ("私たちは生存者のためにここにいます。", None),
        ("Vi är här för de överlevande.", None),
        ("我们 welcome the 报告 of the 秘书长", None),
    ],
)
def test_guess(text: str, language: str | None) -> None:
    assert guess(text) == language
