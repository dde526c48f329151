"""The same point is recognized in six languages; a demand and its denial are different points."""

import numpy as np
import pytest

from hemicycle.outcome.summary.drafting import (
    Citation,
    DraftPart,
    SourceMaterial,
    SourcePanel,
    SourceQuestion,
    SourceStatement,
    draft,
)
from hemicycle.outcome.summary.drafting.embeddings import denies, neighbours, vectors
from hemicycle.outcome.summary.drafting.recommendations import split_request

FIGURES = {
    "ar": "ندعو جميع الدول إلى نشر أرقام عن الاتجار بالأشخاص كل عام.",
    "en": "We urge all States to publish figures on trafficking in persons every year.",
    "es": "Instamos a todos los Estados a publicar cada año cifras sobre la trata de personas.",
    "fr": "Nous demandons à tous les États de publier chaque année des chiffres sur la traite.",
    "ru": "Призываем все государства ежегодно публиковать данные о торговле людьми.",
    "zh": "我们敦促所有国家每年公布贩运人口的数据。",
}
SHELTER = {
    "ar": "يجب أن تكون الملاجئ مفتوحة ليلا ونهارا للناجيات.",
    "en": "Shelters must be open day and night to survivors.",
    "es": "Los refugios deben estar abiertos día y noche para las supervivientes.",
    "fr": "Les refuges doivent être ouverts jour et nuit aux personnes survivantes.",
    "ru": "Приюты должны быть открыты для пострадавших днём и ночью.",
    "zh": "庇护所必须昼夜向幸存者开放。",
}


def statement(language: str, text: str, id: str = "") -> SourceStatement:
    return SourceStatement(
        id=id or language,
        text=text,
        panel="p",
        speaker=f"Speaker {language}",
        category="civil society",
        language=language,
        delivered=True,
    )


def test_a_point_made_in_six_languages_is_one_point_told_in_the_papers_own() -> None:
    joined = [statement(tag, f"{FIGURES[tag]} {SHELTER[tag]}") for tag in sorted(FIGURES)]
    made = draft(SourceMaterial((SourcePanel("p", "Panel"),), (), tuple(joined)))
    [messages] = [section for section in made.sections if section.part == DraftPart.MESSAGES]
    told = sorted(
        (sentence.count, {source.statement for source in sentence.sources})
        for sentence in messages.sentences
    )
    assert told == [(6, set(FIGURES)), (6, set(FIGURES))]
    assert all(sentence.sources[0].statement == "en" for sentence in messages.sentences)
    rows = [
        s
        for section in made.sections
        if section.part == DraftPart.RECOMMENDATIONS
        for s in section.sentences
    ]
    assert {(row.addressee, row.text) for row in rows} == {
        ("All States", "Publish figures on trafficking in persons every year."),
        ("", "Shelters must be open day and night to survivors."),
    }


def test_another_language_alone_is_quoted_in_it_and_nobody_is_guessed() -> None:
    made = draft(
        SourceMaterial((SourcePanel("p", "Panel"),), (), (statement("fr", FIGURES["fr"]),))
    )
    [row] = [
        s
        for section in made.sections
        if section.part == DraftPart.RECOMMENDATIONS
        for s in section.sentences
    ]
    assert (row.text, row.addressee, row.sources) == (
        f"“{FIGURES['fr']}” (in French)",
        "",
        (Citation("fr", 0),),
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "States should not punish victims of trafficking.",
            "States should punish traffickers.",
            False,
        ),
        (
            "States should not punish victims of trafficking.",
            "Victims of trafficking must not be punished.",
            True,
        ),
        ("Shelters must be open at night.", "Publish the budget of the court.", False),
    ],
)
def test_what_is_denied_is_not_what_is_asked_for(one: str, other: str, same: bool) -> None:
    found = [others for others, _nearness in neighbours(vectors([one, other]), [one, other])]
    assert found == ([[1], [0]] if same else [[], []])


@pytest.mark.parametrize(
    "words",
    [
        "Nobody should be prosecuted.",
        "Les victimes ne sont pas coupables.",
        "Nunca más.",
        "Нельзя наказывать пострадавших.",
        "يجب عدم معاقبة الضحايا.",
        "受害者不应受到惩罚。",
    ],
)
def test_denials_in_six_languages(words: str) -> None:
    assert denies(words)
    assert not denies("Shelters and courts help.")


def test_vectors_have_length_one_and_the_same_text_has_the_same() -> None:
    found = vectors(["A shelter.", "A court.", "A shelter.", "\ud800"])
    assert found.shape == (4, 512)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)
    assert (found[0] == found[2]).all()
    assert vectors([]).shape == (0, 512)


def test_points_stand_under_the_question_whose_heading_they_were_made_under() -> None:
    questions = (
        SourceQuestion(1, "How can the root causes be answered?", "Root causes"),
        SourceQuestion(2, "How can survivors be protected?", "Protecting survivors"),
    )
    text = "Root causes\n\nA market place in the square sells bread and candles on Mondays."
    made = draft(SourceMaterial((SourcePanel("p", "Panel"),), questions, (statement("en", text),)))
    assert [
        (section.question, len(section.sentences)) for section in made.sections if section.panel
    ] == [(1, 1)]


@pytest.mark.parametrize(
    ("said", "who", "what"),
    [
        ("We urge States to publish figures.", "States", "Publish figures."),
        ("Online platforms should report recruitment!", "Online platforms", "Report recruitment."),
        ("States must not punish victims.", "States", "Not punish victims."),
        ("We call for a fund.", "", "A fund."),
        (
            "The declaration should name the offices that answer.",
            "The declaration",
            "Name the offices that answer.",
        ),
        ("Nobody should be punished for that.", "", "Nobody should be punished for that."),
        ("Shelters must be funded.", "", "Shelters must be funded."),
        (
            "We call on the Assembly to hear our members.",
            "",
            "We call on the Assembly to hear our members.",
        ),
    ],
)
def test_who_should_do_what_is_taken_from_the_words_or_left_open(
    said: str, who: str, what: str
) -> None:
    assert split_request(said) == (who, what)
