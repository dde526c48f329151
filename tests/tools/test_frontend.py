"""The fonts that set-up gathers, and what `check` finds in scripts, styles and templates."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

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


def test_the_arabic_font_of_pages_has_all_letters_joined_and_no_more() -> None:
    file = frontend.VENDOR / "fonts/noto-sans-arabic-400.woff2"
    with TTFont(file) as font:
        drawn = set(font.getBestCmap())
        features = {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert {ord(letter) for letter in "المقرر الخاص پچگ ٢٠٢١ لِلّٰه ﷲ ﷺ"} <= drawn
    assert {"init", "medi", "fina", "rlig"} <= features
    assert not any(0xFB50 <= point <= 0xFDEF or 0xFE70 <= point <= 0xFEFC for point in drawn)
    assert file.stat().st_size < 32_000


def test_each_family_comes_with_its_licence() -> None:
    assert all((frontend.FONTS / family / "LICENSE").is_file() for family in frontend.FACES)


STYLE, SCRIPT, TEMPLATE = "static/a/page.css", "static/a/page.js", "templates/a/page.html"
COLOURS = [
    (STYLE, "p {\n  color: #fff;\n}", "#fff"),
    (STYLE, "\n  p { border: 1px solid rgb(0 0 0 / 50%) }", "rgb("),
    (STYLE, "p {\n  --own: white; }", "white"),
    (SCRIPT, '\nplace.style.background = "#0d1217";', "#0d1217"),
    (SCRIPT, '\nconst dot = `<circle fill="red"/>`;', "red"),
    (TEMPLATE, '<p>\n<b style="margin: 0; color: #1d4f7c">', "#1d4f7c"),
    (TEMPLATE, '<svg>\n<path stroke="black"/>', "black"),
]
PLAIN = [
    (STYLE, "#feed { color: var(--ink); white-space: pre } a:hover #add { margin: 0 } /* #fff */"),
    (STYLE, "p { background: color-mix(in srgb, var(--ink) 9%, transparent); fill: currentColor }"),
    (SCRIPT, 'find("#feed"); x = `<path fill="none" stroke="currentColor"/>`; // color: "#fff"'),
    (TEMPLATE, '<a href="#add" class="red">&#039;</a>{# style="color: #fff" #}'),
]


def misplaced(root: Path, look: Callable[[Path], Iterator[str]], file: str, text: str) -> list[str]:
    place = root / "src/hemicycle/a" / file
    place.parent.mkdir(parents=True)
    place.write_text(text, "utf-8")
    return list(look(root))


@pytest.mark.parametrize(("file", "text", "colour"), COLOURS)
def test_a_colour_outside_the_tokens_is_found(
    tmp_path: Path, file: str, text: str, colour: str
) -> None:
    found = misplaced(tmp_path, frontend.misplaced_colours, file, text)
    assert found == [f"src/hemicycle/a/{file}:2: {colour!r} is a colour outside tokens.css"]


@pytest.mark.parametrize(("file", "text"), PLAIN)
def test_what_only_looks_like_a_colour_is_not(tmp_path: Path, file: str, text: str) -> None:
    assert misplaced(tmp_path, frontend.misplaced_colours, file, text) == []


def test_minutes_that_a_script_makes_by_itself_are_found(tmp_path: Path) -> None:
    text = "// 90 % 60 is 30\nconst shown = `${Math.floor(s / 60)}:${s % 60}`;"
    found = misplaced(tmp_path, frontend.misplaced_formats, SCRIPT, text)
    assert found == [f"src/hemicycle/a/{SCRIPT}:2: use mSs() of js/duration.js"]


def test_a_failing_test_of_a_script_is_shown(tmp_path: Path) -> None:
    node, _ = frontend.find_node()
    text = """
        import assert from "node:assert/strict";
        import { test } from "node:test";
        import { mSs } from "/static/js/duration.js";
        test("a minute", () => assert.equal(mSs(60), "%s"));
    """
    file = tmp_path / "minute.test.mjs"
    file.write_text(text % "1:00", "utf-8")
    frontend.test(node, [file])
    file.write_text(text % "0:60", "utf-8")
    with pytest.raises(SystemExit, match="a minute"):
        frontend.test(node, [file])
