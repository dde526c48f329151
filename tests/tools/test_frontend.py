"""Fonts that set-up gathers: whole families, with a list of what each can draw."""

import json
from itertools import pairwise

import pytest

from tools import frontend


def drawable(family: str) -> set[int]:
    ranges = json.loads((frontend.FONTS / family / "covered.json").read_text())
    return {point for first, last in ranges for point in range(first, last + 1)}


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("noto-serif", "Côte d’Ivoire, Łódź, Žižek, Ελλάδα, Российская Федерация"),
        ("amiri", "المقرر الخاص: ٢٠٢١"),
        ("noto-sans-arabic", "المقرر الخاص"),
        ("noto-sans", "अनिता शर्मा, Российская Федерация"),
        ("noto-serif-sc", "轷姓與龍門，喆䶮"),
        ("noto-sans-sc", "轷姓與龍門，喆䶮"),
    ],
)
def test_a_family_draws_the_names_that_are_set_in_it(family: str, text: str) -> None:
    assert {character for character in text if ord(character) not in drawable(family)} <= {" "}


def test_what_a_font_covers_is_told_in_ranges() -> None:
    file = next((frontend.FONTS / "amiri").glob("*400Regular.ttf"))
    found = frontend.covered(file)
    assert found == sorted(found)
    assert all(last < after for (_, last), (after, _) in pairwise(found))
    assert any(first <= ord("ش") <= last for first, last in found)


def test_each_family_comes_with_its_licence() -> None:
    assert all((frontend.FONTS / family / "LICENSE").is_file() for family in frontend.FACES)
