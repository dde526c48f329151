"""Mentions of an author in a text are found in several scripts and inflections, and replaced."""

from __future__ import annotations

import json

import pytest

from hemicycle.mentions import OMISSION, Bearer, Names, as_json, find, read, replaced

ALIAS = "Voice A"
AMINA = Names(
    person="Amina Otieno",
    organizations=("River Watch International",),
    email="amina@riverwatch.example",
    colleagues=("John Kamau",),
)


def under_alias(text: str, names: Names = AMINA) -> str:
    return replaced(text, Bearer(names, ALIAS))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I am Amina Otieno.", "I am Voice A."),
        ("I, AMINA OTIENO, speak.", "I, Voice A, speak."),
        ("Otieno, Amina: statement", "Voice A: statement"),
        ("Ms. Otieno said so", "Ms. Voice A said so"),
        ("Amina’s story", "Voice A’s story"),
        ("We of River Watch International ask", "We of Voice A ask"),
        ("at river watch international", "at Voice A"),
        ("RWI asks", "Voice A asks"),
        ("Amina Otieno, River Watch International", "Voice A"),
        ("I am Amina Otieno. River Watch International acts.", "I am Voice A. Voice A acts."),
        ("Write to amina@riverwatch.example!", f"Write to {OMISSION}!"),
        ("Write to someone.else@other.example", f"Write to {OMISSION}"),
        ("See https://www.riverwatch.example/team and", f"See {OMISSION} and"),
        ("Call +254 20 123 4567 now", f"Call {OMISSION} now"),
        ("The ambassador and the river", "The ambassador and the river"),
        ("Tel. 020 123 4567", OMISSION),
        ("My colleague John Kamau agrees", f"My colleague {OMISSION} agrees"),
        (
            "John agrees; in 2020 there were 12 345 678.",
            "John agrees; in 2020 there were 12 345 678.",
        ),
        ("The river must be watched.", "The river must be watched."),
        ("", ""),
    ],
)
def test_names_are_replaced_by_the_alias_and_contacts_left_out(text: str, told: str) -> None:
    assert under_alias(text) == told


@pytest.mark.parametrize(
    ("person", "text", "told"),
    [
        ("Светлана Примерова", "Слово Светланы Примеровой.", "Слово Voice A."),
        ("Светлана Примерова", "Мы дали слово Светлане.", "Мы дали слово Voice A."),
        ("Павел Иванов", "Рассказ Павла Иванова", "Рассказ Voice A"),
        ("Janusz Kowalski", "Wniosek Janusza Kowalskiego", "Wniosek Voice A"),
        ("Marta Nováková", "Paní NOVÁKOVÉ děkuji", "Paní Voice A děkuji"),
        ("José Núñez", "Habla Jose Nunez aquí", "Habla Voice A aquí"),
        ("王小明", "我叫王小明，来自北京。", "我叫Voice A，来自北京。"),
        ("أحمد الأحمد", "كلمة لأحمد الأحمد اليوم", "كلمة Voice A اليوم"),
        ("نور الهدى السيد", "تحدثت نورُ الهدى عن الأمر", "تحدثت Voice A عن الأمر"),
        ("نور الهدى السيد", "رأينا نور الشمس", "رأينا نور الشمس"),
        ("محمد الهاشمي", "رأيت محمداً الهاشمي أمس", "رأيت Voice A أمس"),
        ("محمد الهاشمي", "وبمحمدٍ الهاشميِّ نبدأ", "Voice A نبدأ"),
        (
            "王小明",
            "王 小明说完以后轮到下一位，王女士说",
            "Voice A说完以后轮到下一位，Voice A女士说",
        ),
        ("欧阳小明", "欧阳先生，小阳先生", "Voice A先生，小阳先生"),
        ("王小明", "国王先说", "国王先说"),
        ("김민수", "김민수는 말했다", "Voice A는 말했다"),
        ("Пётр Чайкин", "Слушали Петра Чайкина", "Слушали Voice A"),
        ("Łukasz Nowak", "I am Lukasz Nowak", "I am Voice A"),
        ("Søren Ørsted", "Soren Orsted, Soeren Oersted", "Voice A"),
        ("Işık Yılmaz", "ISIK YILMAZ konuştu, sonra Isik", "Voice A konuştu, sonra Voice A"),
        ("Jürgen Müller", "Juergen Muellers Rede", "Voice A Rede"),
        ("Juergen Mueller", "Jürgen Müller spricht", "Voice A spricht"),
        ("Kate O’Brien", "Kate OBrien said so", "Voice A said so"),
        ("Amina Otieno", "I am Ami\u00adna Otie\u200bno.", "I am Voice A."),
        ("Amina Otieno", "I am Amina Otie-\nno.", "I am Voice A."),
        ("Marie-Claire Dubois", "Marie-\nClaire parle", "Voice A-\nVoice A parle"),
    ],
)
def test_names_are_found_in_other_scripts_and_inflected(person: str, text: str, told: str) -> None:
    assert under_alias(text, Names(person=person)) == told


def test_a_name_that_is_a_common_word_stays_a_word() -> None:
    names = Names(person="Hope Park", organizations=("Hope",))
    said = "We hope that the park stays. Hope speaks; so does Ms. Park."
    assert under_alias(said, names) == (
        "We hope that the park stays. Voice A speaks; so does Ms. Voice A."
    )


def test_mentions_lie_where_the_words_are() -> None:
    text = "I am Amina Otieno, a@b.example."
    assert [text[hit.start : hit.end] for hit in find(text, AMINA)] == [
        "Amina Otieno",
        "a@b.example",
    ]


def test_titles_and_particles_of_a_name_are_everybody_s() -> None:
    names = Names(person="The Hon. Mrs. Ana von der Leyden")
    said = "The Ambassador thanks Mrs. Leyden, der Minister von Ana."
    assert (
        under_alias(said, names) == "The Ambassador thanks Mrs. Voice A, der Minister von Voice A."
    )


def test_each_bearer_has_an_alias_of_their_own() -> None:
    joins = Names(organizations=("Gantry Wold",), email="g@joins.example", hides_contacts=False)
    text = "Amina Otieno and Gantry Wold: call +254 20 123 4567 or write to g@joins.example"
    assert replaced(text, Bearer(joins, "Friend")) == (
        f"Amina Otieno and Friend: call +254 20 123 4567 or write to {OMISSION}"
    )
    assert replaced(text, Bearer(AMINA, ALIAS), Bearer(joins, "Friend")) == (
        f"Voice A and Friend: call {OMISSION} or write to {OMISSION}"
    )
    assert replaced(text) == text


def test_names_go_to_another_process_and_back() -> None:
    bearer = Bearer(AMINA, ALIAS)
    assert read(json.loads(json.dumps(as_json(bearer)))) == bearer
