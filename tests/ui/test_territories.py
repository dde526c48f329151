"""States have the names that the United Nations uses, and are found by what people write."""

from __future__ import annotations

from collections import Counter

import pytest
from babel import Locale

from hemicycle.ui import territories

SIX = ("ar", "zh", "en", "fr", "ru", "es")


def test_there_are_193_members_and_three_observers_in_six_languages() -> None:
    assert set(territories.LANGUAGES) == set(SIX)
    assert len(territories.MEMBERS) == 193
    for language in (*SIX, "zh-hans", "de"):
        named = territories.missions(language)
        assert set(named) == {*territories.MEMBERS, "VA", "PS", "EU"}
        assert list(named)[-3:] == ["VA", "PS", "EU"]
        assert len(set(named.values())) == 196
        assert all(territories.formal_name(code, language) for code in named)


def test_with_the_territories_they_are_all_of_iso_3166() -> None:
    listed = {*territories.MEMBERS, *territories.OBSERVER_STATES} | territories.OTHERS
    assert len(listed) == 249
    assert not {*territories.MEMBERS, *territories.OBSERVER_STATES} & territories.OTHERS
    cldr = Locale("en").territories
    assert listed <= set(cldr)


@pytest.mark.parametrize(
    ("code", "language", "short", "formal"),
    [
        ("VA", "en", "Holy See", "Holy See"),
        ("KR", "en", "Republic of Korea", "Republic of Korea"),
        ("TR", "en", "Türkiye", "Republic of Türkiye"),
        ("CI", "fr", "Côte d’Ivoire", "République de Côte d’Ivoire"),
        ("PS", "ar", "دولة فلسطين", "دولة فلسطين"),
        ("US", "zh-hans", "美利坚合众国", "美利坚合众国"),
        ("RU", "ru", "Российская Федерация", "Российская Федерация"),
        ("BO", "es", "Bolivia (Estado Plurinacional de)", "Estado Plurinacional de Bolivia"),
        ("GL", "en", "Greenland", "Greenland"),
        ("FR", "de", "Frankreich", "Frankreich"),
    ],
)
def test_names_are_those_of_the_united_nations(
    code: str, language: str, short: str, formal: str
) -> None:
    assert territories.name(code, language) == short
    assert territories.formal_name(code, language) == formal


def test_members_come_in_the_order_of_each_language() -> None:
    first = {language: territories.in_protocol_order(language)[0] for language in SIX}
    assert first == {"ar": "RU", "zh": "AL", "en": "AF", "fr": "AF", "ru": "AU", "es": "AF"}
    english = [territories.folded(name) for name in territories.missions("en").values()]
    assert english[:-3] == sorted(english[:-3])


WRITTEN = {
    "RU": ("Russian Federation", "Russia", "RUSSIA", "Россия", "Russie", "俄罗斯", "RU", "RUS"),
    "US": ("United States of America", "USA", "U.S.A.", "The United States", "Estados Unidos"),
    "KR": ("Republic of Korea", "South Korea", "Korea, Republic of", "ROK", "Corée du Sud"),
    "KP": ("DPRK", "North Korea", "Democratic People's Republic of Korea", "КНДР"),
    "VA": ("Holy See", "Vatican City", "The Holy See", "Saint-Siège", "Santa Sede"),
    "PS": ("State of Palestine", "Palestine", "Palestine, State of", "فلسطين"),
    "TR": ("Türkiye", "Turkey", "Turkiye", "Republic of Turkiye", "Turquie", "土耳其"),
    "CI": ("Côte d’Ivoire", "Cote d'Ivoire", "Ivory Coast", "CÔTE D’IVOIRE", "Кот-д’Ивуар"),
    "GB": ("United Kingdom", "UK", "Great Britain", "Royaume-Uni", "المملكة المتحدة"),
    "BO": ("Bolivia", "Bolivia (Plurinational State of)", "Bolivia, Plurinational State of"),
    "IR": ("Iran", "Islamic Republic of Iran", "Iran (Islamic Republic of)"),
    "TZ": ("Tanzania", "United Republic of Tanzania", "Tanzania, United Republic of"),
    "CD": ("DRC", "Congo (Kinshasa)", "Democratic Republic of the Congo", "RDC"),
    "CG": ("Congo", "Congo-Brazzaville", "Republic of the Congo"),
    "LA": ("Laos", "Lao People's Democratic Republic", "Lao PDR"),
    "VN": ("Viet Nam", "Vietnam"),
    "CZ": ("Czechia", "Czech Republic"),
    "SZ": ("Eswatini", "Swaziland"),
    "CV": ("Cabo Verde", "Cape Verde"),
    "TL": ("Timor-Leste", "East Timor"),
    "MK": ("North Macedonia", "Macedonia"),
    "NL": ("Netherlands", "The Netherlands", "Kingdom of the Netherlands", "Pays-Bas"),
    "SY": ("Syria", "Syrian Arab Republic"),
    "VE": ("Venezuela", "Venezuela (Bolivarian Republic of)"),
    "GM": ("Gambia", "The Gambia"),
    "KN": ("Saint Kitts and Nevis", "St. Kitts & Nevis"),
    "EG": ("Egypt", "مصر", "Permanent Mission of Egypt to the United Nations"),
    "BR": ("Brazil", "Brasil", "Permanent Mission of Brazil"),
    "SN": ("Mission permanente du Sénégal auprès de l’ONU",),
    "AR": ("Misión Permanente de Argentina ante las Naciones Unidas",),
    "EU": ("European Union", "Union européenne"),
    "CN": ("China", "中国", "People's Republic of China"),
}


@pytest.mark.parametrize("code", WRITTEN)
def test_what_people_write_is_recognized(code: str) -> None:
    assert {spelling: territories.recognize(spelling) for spelling in WRITTEN[code]} == (
        dict.fromkeys(WRITTEN[code], code)
    )


@pytest.mark.parametrize("language", [*SIX, "zh-hans"])
def test_every_name_that_we_print_is_recognized(language: str) -> None:
    for code, name in territories.names(language).items():
        assert territories.recognize(name) == code, name
        assert territories.recognize(territories.formal_name(code, language)) == code


def test_no_spelling_means_two_states() -> None:
    claimed: dict[str, set[str]] = {}
    for code, spelling in territories._spelled():
        claimed.setdefault(territories.folded(spelling), set()).add(code)
    assert {spelling: codes for spelling, codes in claimed.items() if len(codes) > 1} == {}


@pytest.mark.parametrize("text", ["", "River Watch", "Brasilien", "XX", "ABC", "Korea", "us"])
def test_other_words_are_no_state(text: str) -> None:
    assert territories.recognize(text) in {"", "US" if text == "us" else ""}


def test_lists_of_choices_name_each_once() -> None:
    for language in SIX:
        counts = Counter(territories.names(language).values())
        assert [name for name, count in counts.items() if count > 1] == []
