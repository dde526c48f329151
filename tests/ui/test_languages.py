"""Names of languages."""

import pytest
from django.utils import translation

from hemicycle.ui import languages
from hemicycle.ui.languages import in_order, language_name, listed, name_in, own_name, spoken


@pytest.mark.parametrize(
    ("tag", "language", "name"),
    [
        ("fr", "en", "French"),
        ("zh-Hans", "en", "Chinese"),
        ("zh-Hans", "fr", "chinois"),
        ("pt-BR", "es", "portugués"),
        ("AR", "fr", "arabe"),
        ("xx", "en", "xx"),
        ("en", "xx", "English"),
    ],
)
def test_a_language_is_named_in_another(tag: str, language: str, name: str) -> None:
    assert name_in(tag, language) == name


def test_the_reader_sees_their_own_language() -> None:
    with translation.override("ar"):
        assert language_name("en") == "الإنجليزية"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh", "zh-hans"),
        ("zh-Hans", "zh-hans"),
        ("zh_CN", "zh-hans"),
        ("fr-CA", "fr"),
        ("AR", "ar"),
        ("xx", "en"),
        ("", "en"),
    ],
)
def test_the_interface_speaks_a_language_or_english(tag: str, code: str) -> None:
    assert spoken(tag) == code
    with languages.speaking(tag):
        assert translation.get_language() == code


@pytest.mark.parametrize(
    ("tag", "label", "line"),
    [
        ("en", "Date", "Date: x"),
        ("en", "Do you wish to take the floor?", "Do you wish to take the floor? x"),
        ("fr", "Date", "Date\u00a0: x"),
        ("fr", "Prenez-vous la parole\u202f?", "Prenez-vous la parole\u202f? x"),
        ("ar", "هل ترغبون؟", "هل ترغبون؟ x"),
        ("zh", "日期", "日期：x"),
        ("zh", "您要发言吗？", "您要发言吗？x"),
    ],
)
def test_a_value_follows_its_label_or_question(tag: str, label: str, line: str) -> None:
    with languages.speaking(tag):
        assert languages.labelled(label, "x") == line


def test_languages_name_themselves() -> None:
    assert [own_name(tag) for tag in ("ar", "zh-hans", "en", "fr", "ru", "es", "pt", "xx")] == [
        *("العربية", "中文", "English", "Français", "Русский", "Español", "Português", "xx")
    ]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "A, B and C"),
        ("fr", "A, B et C"),
        ("es", "A, B y C"),
        ("ru", "A, B и C"),
        ("zh-hans", "A、B和C"),
        ("ar", "A وB وC"),
    ],
)
def test_a_list_is_that_of_the_language(language: str, sentence: str) -> None:
    with translation.override(language):
        assert listed("ABC") == sentence


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("fr", ["Espagne", "Éthiopie", "Fidji", "Îles Salomon", "Iran"]),
        ("es", ["Canadá", "caña", "Capitán", "nube", "ñandú", "oso"]),
        ("ru", ["Ежи", "ёлка", "Жук"]),
        ("ar", ["أفغانستان", "ألبانيا", "باكستان", "تونس"]),
        ("zh-hans", ["阿富汗", "巴西", "法国", "喀麦隆", "中国"]),
        ("en", ["Åland", "Albania", "Zambia"]),
    ],
)
def test_names_are_in_the_order_of_the_alphabet(language: str, names: list[str]) -> None:
    assert in_order(reversed(names), language=language) == names


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("French", "fr"),
        (" français ", "fr"),
        ("FR", "fr"),
        ("fr-CA", "fr-ca"),
        ("العربية", "ar"),
        ("Испанский", "es"),
        ("de", "de"),
        ("Klingon", ""),
        ("", ""),
    ],
)
def test_a_language_is_known_by_its_tag_and_by_its_names(said: str, tag: str) -> None:
    assert languages.recognize(said) == tag
