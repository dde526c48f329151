"""The glossary: the table that the secretariat keeps, and the terms that light up in the booth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from hemicycle.meeting.interpretation import actions
from hemicycle.meeting.interpretation.glossary import (
    MOST,
    GlossaryRefused,
    Lexicon,
    as_table,
    lexicon,
    read_table,
)
from hemicycle.meeting.interpretation.models import Glossary
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from hemicycle.meeting.interpretation.glossary import Term
    from tests.meeting.interpretation.booth_world import BoothWorld
    from tests.support.lists import World

LANGUAGES = ["en", "fr", "zh"]
TRADE = {"en": "trafficking in persons", "fr": "traite des personnes", "zh": "贩运人口"}


def lit(text: str, *terms: Term, booth: str = "fr", language: str = "en") -> list[tuple[str, str]]:
    """Return the parts of a text that light up, each with the term in the booth's language."""
    known = Lexicon(booth)
    for term in terms:
        known.add(term)
    return [(text[start:end], said) for start, end, said in known.find(text, language)]


# ── The table ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("between", [";", "\t", ","])
def test_a_table_is_read_as_it_was_typed_or_pasted(between: str) -> None:
    rows = [["fr", "en"], ["traite", "trafficking"], [" ", ""], ["refuge  sûr", "shelter"], ["x"]]
    typed = "\r\n".join(between.join(row) for row in rows)
    assert read_table(typed, LANGUAGES) == [
        {"fr": "traite", "en": "trafficking"},
        {"fr": "refuge sûr", "en": "shelter"},
        {"fr": "x"},
    ]


def test_a_table_that_is_shown_is_the_one_that_is_read() -> None:
    terms = [TRADE, {"fr": "a; b"}, {"en": 'the "Protocol"'}]
    assert read_table(as_table(terms, LANGUAGES), LANGUAGES) == terms
    assert as_table([], LANGUAGES) == "en;fr;zh\n"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("trafficking;traite", "must name languages of this hearing, such as en; fr; zh."),
        ("en;;fr\na;b;c", "must name languages"),
        ("en;fr\na;b;c", "“a”: this line has more terms"),
        ("en;fr\n" + "x" * 201, "is longer than 200 characters"),
        ('en;fr\n"a;b', "cannot be read"),
        ("en\n" + "x\n" * (MOST + 1), "at most 2000 terms"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_a_reason(typed: str, says: str) -> None:
    with pytest.raises(GlossaryRefused, match=says):
        read_table(typed, LANGUAGES)


# ── What lights up ────────────────────────────────────────────────────────────────────────────


def test_a_term_lights_up_whatever_its_case_and_ending() -> None:
    text = "Trafficking in Persons is a crime; shelters help."
    assert lit(text, TRADE, {"en": "shelter", "fr": "refuge"}) == [
        ("Trafficking in Persons", "traite des personnes"),
        ("shelters", "refuge"),
    ]


def test_every_booth_gets_its_own_language() -> None:
    assert lit("反对贩运人口的行动", TRADE, language="zh") == [("贩运人口", "traite des personnes")]
    assert lit("la traite des personnes", TRADE, booth="zh", language="fr") == [
        ("traite des personnes", "贩运人口")
    ]
    arabic = {"ar": "الاتجار بالأشخاص", "en": "trafficking"}
    assert lit("مكافحة الاتجار بالاشخاص", arabic, booth="en", language="ar") == [
        ("الاتجار بالاشخاص", "trafficking")
    ]
    russian = {"ru": "торговля людьми", "fr": "traite"}
    assert lit("о торговле людьми", russian, language="ru") == [("торговле людьми", "traite")]


def test_a_term_in_the_booths_own_language_lights_up_alone() -> None:
    assert lit("la traite des personnes", TRADE, language="fr") == [("traite des personnes", "")]
    assert lit("a Global Plan", {"en": "global plan"}) == [("Global Plan", "")]


def test_the_longest_term_counts_and_the_first_of_two_that_are_the_same() -> None:
    short, again = {"en": "persons", "fr": "gens"}, {"en": "persons", "fr": "êtres"}
    assert lit("trafficking in persons, persons", short, TRADE, again) == [
        ("trafficking in persons", "traite des personnes"),
        ("persons", "gens"),
    ]
    assert lit("trafficking in", TRADE) == []


def test_a_name_is_one_only_with_a_capital() -> None:
    hope = {"": "Hope"}
    assert lit("We hope that Hope speaks.", hope) == [("Hope", "")]


def test_what_the_booth_says_stands_after_the_first_and_all_is_escaped() -> None:
    known = Lexicon("ar")
    known.add({"en": "shelter", "ar": "<مأوى>"})
    assert known.marked("<b>shelter & shelter", "en") == (
        '&lt;b&gt;<mark class="term">shelter <span class="term__said" lang="ar" dir="rtl">'
        '(&lt;مأوى&gt;)</span></mark> &amp; <mark class="term">shelter</mark>'
    )


# ── In a hearing ──────────────────────────────────────────────────────────────────────────────


def page(world: World) -> str:
    return f"/office/{world.hearing.slug}/booths/glossary/"


@pytest.mark.django_db
def test_the_secretariat_keeps_the_glossary(world: World) -> None:
    client = world.client()
    assert "en;" in client.get(page(world)).content.decode()
    typed = {"terms": "en;fr\nshelter;refuge"}
    said = client.post(page(world), typed, follow=True).content.decode()
    assert "The glossary has 1 term." in said
    assert "shelter;refuge" in said
    client.post(page(world), typed)  # nothing has changed, so the record gets no second entry
    changed = Entry.objects.filter(hearing=world.hearing.id, kind="hearing.changed")
    assert [row.fields() for row in changed] == [{"fields": ["glossary"]}]
    assert client.post(page(world), {}).status_code == 422
    client.post(page(world), {"terms": "en;fr"})
    assert Glossary.objects.get().terms == []


@pytest.mark.django_db
def test_a_refused_table_stays_in_the_form(world: World) -> None:
    answer = world.client().post(page(world), {"terms": "shelter;refuge"})
    said = answer.content.decode()
    assert (answer.status_code, Glossary.objects.count()) == (422, 0)
    assert "must name languages of this hearing" in said
    assert "shelter;refuge" in said


@pytest.mark.django_db
def test_a_text_lights_up_in_the_booth(booths: BoothWorld) -> None:
    from tests.meeting.interpretation.test_views import hand_in

    world = booths.world
    actions.keep_glossary(
        hearing=world.hearing, terms=[{"en": "shelters", "fr": "refuges"}], actor=world.office
    )
    slot = hand_in(world, world.mission("Examplia", 0))
    client = world.client(booths.ada.person)
    said = client.get(f"{booths.url}text/{slot.hex}/").content.decode()
    assert "(refuges)" in said
    assert 'data-words="16"' in said  # the glossary's terms do not count as words of the speaker


@pytest.mark.django_db
def test_states_titles_organizations_and_speakers_light_up_without_a_glossary(
    world: World,
) -> None:
    world.ngo(
        "River Watch",
        0,
        speaker="Amina Otieno",
        organization_language="en",
        other_names={"fr": "Veille fluviale"},
    )
    world.ngo("Night Shelter", 0, speaker="Grace Mbeki", alias="Speaker A")
    world.panels[0].translations = {"fr": {"title": "Premier groupe"}}
    world.panels[0].original_language = "en"
    world.panels[0].title = "First panel"
    world.panels[0].save()
    text = "After the First Panel, Amina Otieno of River Watch thanks Egypt, not Night Shelter."
    with translation.override("ru"):  # the language of the interpreter's page does not matter
        found = [
            (text[start:end], said)
            for start, end, said in lexicon(world.hearing, "fr").find(text, "en")
        ]
    assert found == [
        ("First Panel", "Premier groupe"),
        ("Amina Otieno", ""),
        ("River Watch", "Veille fluviale"),
        ("Egypt", "Égypte"),
    ]
