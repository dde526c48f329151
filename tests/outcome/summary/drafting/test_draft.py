"""A draft invents nothing, counts correctly, and says whom it leaves out."""

import dataclasses
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.outcome.summary.drafting import (
    Citation,
    DraftCoverage,
    DraftPart,
    DraftSection,
    DraftSentence,
    SourceIntervention,
    SourceMaterial,
    SourceStatement,
    SummaryDraft,
    draft,
)
from hemicycle.outcome.summary.drafting.figures import heading
from hemicycle.outcome.summary.drafting.reported_speech import in_words
from hemicycle.outcome.summary.drafting.sentences import split
from tests.outcome.summary.drafting import hearings
from tests.support.examples import examples


def statement(identity: str, text: str, **changed: object) -> SourceStatement:
    made = SourceStatement(
        id=identity,
        text=text,
        panel="p1",
        speaker=identity.upper(),
        category="civil society",
        language="en",
        delivered=True,
    )
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def drafted(
    *statements: SourceStatement, interventions: tuple[SourceIntervention, ...] = ()
) -> SummaryDraft:
    return draft(SourceMaterial(hearings.PANELS, hearings.QUESTIONS, statements, interventions))


def of(made: SummaryDraft, part: DraftPart) -> list[DraftSentence]:
    return [
        sentence
        for section in made.sections
        if section.part == part
        for sentence in section.sentences
    ]


FUND = "We call for a trust fund that pays for the legal aid of survivors in all provinces."
SAME = "We call for a trust fund which pays for legal aid to survivors in all of the provinces."
SHARED = "Responsibility must be shared equitably between rich and poor countries of the world."


def test_a_small_hearing_whole() -> None:
    made = drafted(
        statement("a", f"Mr. President, I thank you. {FUND}"),
        statement("b", f"{SAME} {SHARED}", category="academia", delivered=False, not_reached=True),
        statement("c", "I thank you."),
        interventions=(SourceIntervention(7, "p1", "stakeholders", 125_400),),
    )
    everyone = (Citation("a"), Citation("b"), Citation("c"))
    assert made == SummaryDraft(
        sections=(
            DraftSection(
                None,
                None,
                "Key messages",
                (
                    DraftSentence(
                        "Two participants (A and B) called, in similar terms, for a trust fund "
                        "that pays for the legal aid of survivors in all provinces.",
                        (Citation("a", 1), Citation("b", 0)),
                        2,
                    ),
                ),
                DraftPart.MESSAGES,
            ),
            DraftSection(
                None,
                None,
                heading(),
                (
                    DraftSentence(
                        "3 written statements are weighed here (delivered, 2; not delivered for "
                        "lack of time, 1).",
                        everyone,
                        3,
                    ),
                    DraftSentence("By category: civil society, 2; academia, 1.", everyone, 3),
                    DraftSentence("By language: English, 3.", everyone, 3),
                    DraftSentence(
                        "In the hearing, 1 intervention was made from the floor "
                        "(stakeholders, 1), 2 minutes in all.",
                        (Citation(seq=7),),
                        1,
                    ),
                    DraftSentence(
                        "In “Enduring gaps”, 1 intervention was made from the floor "
                        "(stakeholders, 1), 2 minutes in all.",
                        (Citation(seq=7),),
                        1,
                    ),
                ),
            ),
            DraftSection(
                "p1",
                2,
                hearings.QUESTIONS[1].text,
                (
                    DraftSentence(
                        f"B, not reached for lack of time, said: “{SHARED}”", (Citation("b", 1),)
                    ),
                ),
            ),
            DraftSection(
                "p1",
                None,
                "Other points",
                (
                    DraftSentence(
                        "Two participants (A and B) called, in similar terms, for a trust fund "
                        "that pays for the legal aid of survivors in all provinces.",
                        (Citation("a", 1), Citation("b", 0)),
                        2,
                    ),
                ),
            ),
            DraftSection(
                None,
                2,
                hearings.QUESTIONS[1].text,
                (DraftSentence(SHARED, (Citation("b", 1),)),),
                DraftPart.RECOMMENDATIONS,
            ),
            DraftSection(
                None,
                None,
                "Other points",
                (
                    DraftSentence(
                        "A trust fund that pays for the legal aid of survivors in all provinces.",
                        (Citation("a", 1), Citation("b", 0)),
                    ),
                ),
                DraftPart.RECOMMENDATIONS,
            ),
        ),
        coverage=DraftCoverage(reflected=("a", "b"), not_yet=("c",), without_text=("c",)),
    )


def test_many_are_counted_and_three_are_named() -> None:
    made = drafted(*(statement(name, FUND) for name in "abcd"))
    said = (
        "Four participants (from 1 category, among them A, B and C) called, in similar terms, for "
    )
    assert of(made, DraftPart.MESSAGES)[0].text.startswith(said)


def test_one_who_speaks_twice_is_one_participant() -> None:
    made = drafted(
        *(statement(name, FUND, participant=who) for name, who in (("a", "x"), ("b", "x"))),
        statement("c", FUND, participant="y"),
    )
    message = of(made, DraftPart.MESSAGES)[0]
    assert (message.text[:33], message.count) == ("Two participants (A and C) called", 2)
    assert message.sources == (Citation("a", 0), Citation("b", 0), Citation("c", 0))


def test_who_has_no_name_is_not_put_among_the_named() -> None:
    nobody = {"speaker": "A participant (academia)", "unnamed": True}
    four = [statement("a", FUND, **nobody), *(statement(name, FUND) for name in "bcd")]
    said = of(drafted(*four), DraftPart.MESSAGES)[0].text
    assert said.startswith("Four participants (from 1 category, among them B, C and D) called")
    two = of(drafted(*four[:2]), DraftPart.MESSAGES)[0].text
    assert two.startswith("Two participants (a participant (academia) and B) called")


def test_what_many_say_in_two_languages_is_said_once() -> None:
    french = "Nous demandons un fonds fiduciaire pour l’aide juridique aux survivants partout."
    made = drafted(
        *(statement(f"e{n}", FUND) for n in range(3)),
        *(statement(f"f{n}", french, language="fr") for n in range(3)),
    )
    assert [message.count for message in of(made, DraftPart.MESSAGES)] == [6]
    assert len(of(made, DraftPart.RECOMMENDATIONS)) == 1


def test_one_statement_alone_does_not_fill_a_panel() -> None:
    words = (
        "Labour inspectors rarely reach the farms and ships of the north.",
        "Online platforms should be obliged to report recruitment at once.",
        "Nobody who escapes should be prosecuted for forced deeds of theirs.",
        "Judges in small towns have never seen the protocol in print.",
        "A telephone line that answers at night costs less than a trial.",
        "Border posts keep paper files that no other office can read.",
    )
    body = of(drafted(statement("a", " ".join(words))), DraftPart.BODY)
    assert sum(sentence.sources[0].sentence >= 0 for sentence in body) == 3


@pytest.mark.parametrize(
    "words",
    [
        "Mesdames et Messieurs, notre collectif vous remercie de lui donner la parole.",
        "各位代表，我们的倡议感谢给予发言的机会。",
        "Notre texte complet a été remis par écrit au secrétariat.",
        "El texto completo de esta declaración fue entregado por escrito.",
    ],
)
def test_courtesy_is_no_point_in_any_language(words: str) -> None:
    assert drafted(statement("a", words, language="fr")).coverage.without_text == ("a",)


@pytest.mark.parametrize(
    ("words", "language", "reported"),
    [
        (
            "We strongly urge all States to ratify the protocol this year!",
            "en",
            "A strongly urged all States to ratify the protocol this year.",
        ),
        (
            "We urge all States to help our members in the provinces.",
            "en",
            "A said: “We urge all States to help our members in the provinces.”",
        ),
        (
            "Therefore, we stress that the police must be trained at last.",
            "en",
            "A stressed that the police must be trained at last.",
        ),
        (
            "Nous demandons un fonds pour les survivants dans chaque pays.",
            "fr",
            "A said (in French): “Nous demandons un fonds pour les survivants dans chaque pays.”",
        ),
        (
            "我们请会员国保护所有幸存者并设立基金。",
            "zh",
            "A said (in Chinese): “我们请会员国保护所有幸存者并设立基金。”",
        ),
    ],
)
def test_the_reporting_voice(words: str, language: str, reported: str) -> None:
    made = drafted(statement("a", words, language=language))
    assert of(made, DraftPart.BODY)[-1:] == [DraftSentence(reported, (Citation("a", 0),))]


def test_nothing_from_nothing() -> None:
    assert draft(SourceMaterial((), (), ())) == SummaryDraft((), DraftCoverage((), (), ()))


def test_at_least_one_sentence_a_section() -> None:
    with pytest.raises(ValueError, match="per_section"):
        draft(SourceMaterial((), (), ()), per_section=0)


def check_invents_nothing(made: SummaryDraft, material: SourceMaterial) -> None:
    said = {statement.id: split(statement.text) for statement in material.statements}
    floor = {intervention.seq for intervention in material.interventions}
    for section in made.sections:
        for sentence in section.sentences:
            assert sentence.sources
            assert len(set(sentence.sources)) == len(sentence.sources)
            assert sentence.count in {0, len(sentence.sources)}
            for source in sentence.sources:
                if source.seq >= 0:
                    assert source.seq in floor
                elif source.sentence >= 0:
                    assert source.sentence < len(said[source.statement])
            if section.heading != heading():
                check_words(sentence, said)


def check_words(sentence: DraftSentence, said: dict[str, list[str]]) -> None:
    best = sentence.sources[0]
    spoken = said[best.statement][best.sentence].rstrip(".!?”")
    quoted = sentence.text.rpartition("“")[2].rstrip(".!?”")
    # The quotation or, in reported speech, the last five words.
    tail = quoted if "“" in sentence.text else sentence.text.rstrip(".").split()[-5:]
    words = tail if isinstance(tail, str) else " ".join(tail)
    assert words[1:] in spoken
    if sentence.count:
        assert sentence.text.startswith(in_words(sentence.count))
        assert len({source.statement for source in sentence.sources}) == sentence.count


def check_coverage(made: SummaryDraft, material: SourceMaterial) -> None:
    cited = {
        source.statement
        for section in made.sections
        for sentence in section.sentences
        for source in sentence.sources
        if source.sentence >= 0
    }
    everyone = [statement.id for statement in material.statements]
    assert made.coverage.reflected == tuple(id for id in everyone if id in cited)
    assert made.coverage.not_yet == tuple(id for id in everyone if id not in cited)
    assert set(made.coverage.without_text) <= set(made.coverage.not_yet)


@examples(25)
@given(st.integers(0, 25), st.integers(0, 10**6), st.integers(0, 8))
def test_made_up_hearings(statements: int, seed: int, each: int) -> None:
    material = hearings.material(statements, seed, each)
    made = draft(material)
    check_invents_nothing(made, material)
    check_coverage(made, material)
    assert made == draft(material)


@examples(40)
@given(st.lists(st.text(max_size=200), max_size=6))
def test_any_text(texts: list[str]) -> None:
    material = SourceMaterial(
        hearings.PANELS,
        hearings.QUESTIONS,
        tuple(statement(f"s{n}", text) for n, text in enumerate(texts)),
    )
    check_coverage(draft(material), material)


def test_whether_it_was_delivered_changes_no_choice() -> None:
    material = hearings.material(30, seed=5)
    turned = tuple(
        dataclasses.replace(
            statement, delivered=not statement.delivered, not_reached=statement.delivered
        )
        for statement in material.statements
    )
    other = draft(dataclasses.replace(material, statements=turned))
    chosen = [[s.sources for s in section.sentences] for section in draft(material).sections]
    assert chosen == [[s.sources for s in section.sentences] for section in other.sections]


def test_150_statements_within_three_seconds() -> None:
    material = hearings.material(150, per_statement=20)
    started = time.thread_time()
    made = draft(material)
    assert time.thread_time() - started < 3
    check_invents_nothing(made, material)


def test_sources_as_json() -> None:
    assert [s.as_json() for s in (Citation("a", 3), Citation("a"), Citation(seq=9))] == [
        {"statement": "a", "sentence": 3},
        {"statement": "a"},
        {"seq": 9},
    ]
