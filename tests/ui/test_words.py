"""Words keep their language through copies and changes, for one reader and for all."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from django.utils.html import conditional_escape, format_html
from django.utils.translation import override

from hemicycle.ui import words
from hemicycle.ui.words import Words

TEXTS = {"fr": "Fleuves", "ar": "أنهار", "zh-Hans": "河流"}


def rivers(reader: str) -> Words:
    return Words.of("Rivers", "en", TEXTS, reader)


@pytest.mark.parametrize(
    ("reader", "text", "language"),
    [
        ("fr", "Fleuves", "fr"),
        ("fr-be", "Fleuves", "fr"),
        ("zh-hans", "河流", "zh-Hans"),
        ("en-gb", "Rivers", "en"),
        ("es", "Rivers", "en"),
    ],
)
def test_a_reader_gets_the_best_language(reader: str, text: str, language: str) -> None:
    found = rivers(reader)
    assert (str(found), found.language, found.original) == (text, language, "Rivers")


def test_an_exact_tag_is_better_than_its_language() -> None:
    texts = {"zh-Hant": "傳統", "zh-Hans": "简体"}
    assert Words.of("a", "en", texts, "zh-hans") == "简体"
    assert words.best("zh-hk", texts) == "zh-Hant"
    assert words.best("ru", texts) == ""


def test_copies_are_the_same() -> None:
    for again in (copy.deepcopy(rivers("fr")), pickle.loads(pickle.dumps(rivers("fr")))):
        assert (again, again.language, again.original) == ("Fleuves", "fr", "Rivers")
        assert again.translations == TEXTS


def test_html_marks_a_foreign_text_once() -> None:
    with override("ar"):
        assert conditional_escape(rivers("es")) == '<span lang="en" dir="ltr">Rivers</span>'
        assert format_html("<b>{}</b>", rivers("ar")) == "<b>أنهار</b>"
    with override("en"):
        assert conditional_escape(rivers("ar")) == '<span lang="ar" dir="rtl">أنهار</span>'
        assert conditional_escape(Words.of("<i>", "", {}, "en")) == "&lt;i&gt;"
        assert conditional_escape(words.plain(rivers("ar"))) == "أنهار"


def test_a_change_is_made_in_each_language() -> None:
    longer = words.mapped(rivers("fr"), lambda text: text + "!")
    assert isinstance(longer, Words)
    assert (longer, longer.original) == ("Fleuves!", "Rivers!")
    assert longer.translations == {tag: text + "!" for tag, text in TEXTS.items()}
    assert words.mapped("a", str.upper) == "A"


def test_data_for_all_readers_has_originals_and_a_dictionary() -> None:
    data = {"title": rivers("fr"), "lines": [{"name": Words.of("Lakes", "en", {}, "fr")}, 1]}
    assert json.dumps(words.originals(data)) == (
        '{"title": "Rivers", "lines": [{"name": "Lakes"}, 1]}'
    )
    assert words.dictionary(data) == {
        "language": "en",
        "languages": {},
        "texts": {"Rivers": TEXTS, "Lakes": {}},
    }
    named = {**data, "organization": Words.of("دار", "ar", {}, "fr")}
    assert words.dictionary(named) == {
        "language": "en",
        "languages": {"دار": "ar"},
        "texts": {"Rivers": TEXTS, "Lakes": {}, "دار": {}},
    }
    assert words.dictionary({"name": "Ada"}) == {"language": "", "languages": {}, "texts": {}}


def test_empty_translations_and_stray_marks_are_dropped() -> None:
    assert words.tidy(
        {"fr": {"title": "a", "theme": "", "outdated": ["theme", "title"]}, "ar": {"title": ""}}
    ) == {"fr": {"title": "a", "outdated": ["title"]}}
