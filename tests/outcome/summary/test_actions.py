"""The summary is drafted, edited by several people and published; nobody's words are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.before.statements.models import Statement
from hemicycle.outcome.summary import actions, versions
from hemicycle.outcome.summary.models import Section, Sentence, Summary, SummaryVersion
from hemicycle.outcome.summary.sources import name_of
from hemicycle.record import erasure
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.finished import Finished

pytestmark = pytest.mark.postgresql("transactions")


TOLD = """
In “{first}”, 1 speaker was not reached for lack of time; what they sent in writing is
weighed with all the rest.

In “{first}”, 1 question that a participant had sent beforehand was put to the panel; marked
as answered: 0.

7 written statements are weighed here (delivered, 5; not delivered for lack of time, 1; sent in
writing, 1).

By category: Invited civil society organization, 5; Member State, 2.

By language: English, 7.

In the hearing, 5 interventions were made from the floor (Stakeholders, 3; Member States and
observers, 2), 12 minutes in all.

In “{first}”, 4 interventions were made from the floor (Member States and observers, 2;
Stakeholders, 2), 10 minutes in all.

In “{second}”, 1 intervention was made from the floor (Stakeholders, 1), 2 minutes in all.
"""


def _line(told: str, first: str, second: str) -> str:
    return " ".join(told.split()).format(first=first, second=second)


def shown(summary: Summary) -> list[tuple[str, list[str]]]:
    """Return the sections that are not empty, with their sentences."""
    found = []
    for section in summary.sections.order_by("ordinal"):
        texts = [sentence.text for sentence in section.sentences.filter(removed_at=None)]
        if texts:
            found.append((section.heading, texts))
    return found


def entries(finished: Finished) -> list[tuple[str, dict[str, Any]]]:
    rows = Entry.objects.filter(hearing=finished.world.hearing.id, kind__startswith="summary.")
    return [(row.kind, row.fields()) for row in rows.order_by("seq")]


def drafted(finished: Finished) -> Summary:
    return actions.draft(hearing=finished.world.hearing, actor=finished.world.office)


def test_draft_recounts_the_hearing(finished: Finished) -> None:
    summary = drafted(finished)
    letter, messages, (heading, told) = shown(summary)[:3]
    assert (letter[0], messages[0], heading) == ("Cover letter", "Key messages", "Participation")
    first, second = (panel.title for panel in finished.world.panels)
    assert told == [
        "The meeting of 13 July 2021 was opened at 10:25 and closed at 10:36.",
        "The meeting of 13 July 2021 was opened at 15:00 and closed at 15:02.",
        *(_line(line, first, second) for line in TOLD.split("\n\n")),
    ]


def test_each_sentence_has_sources_of_this_hearing(finished: Finished) -> None:
    drafted(finished)
    statements = {finished.statement(name).id.hex for name in finished.registrations}
    seqs = set(
        Entry.objects.filter(hearing=finished.world.hearing.id).values_list("seq", flat=True)
    )
    for sentence in Sentence.objects.exclude(section__key=Section.LETTER):
        assert sentence.sources
        for source in sentence.sources:
            assert source.get("statement") in statements or source.get("seq") in seqs


def test_not_reached_and_in_writing_weigh_as_much_as_delivered(finished: Finished) -> None:
    summary = drafted(finished)
    cited = {
        source["statement"]
        for section in summary.sections.exclude(key=Section.PARTICIPATION)
        for sentence in section.sentences.all()
        for source in sentence.sources
    }
    assert cited == {finished.statement(name).id.hex for name in finished.registrations}


def test_drafting_is_on_the_record(finished: Finished) -> None:
    summary = drafted(finished)
    sentences = Sentence.objects.count()
    sections = Section.objects.count()
    counts = {"sections": sections, "sentences": sentences, "kept": 0, "statements": 7}
    assert entries(finished) == [
        ("summary.drafted", {"summary": summary.id.hex, "language": "en", **counts})
    ]


def test_drafting_again_changes_nothing_that_has_not_changed(finished: Finished) -> None:
    before = list(_rows(drafted(finished)))
    assert list(_rows(drafted(finished))) == before


def _rows(summary: Summary) -> list[tuple[object, ...]]:
    rows = Sentence.objects.filter(section__summary=summary).order_by("section__ordinal", "ordinal")
    return list(rows.values_list("pk", "section", "ordinal", "text", "revision"))


def test_drafting_again_keeps_what_people_have_touched(finished: Finished) -> None:
    world, summary = finished.world, drafted(finished)
    section = summary.sections.filter(segment__isnull=False, sentences__isnull=False)[0]
    hearing, office = world.hearing, world.office
    first = section.sentences.all()[0]
    original = first.text
    actions.edit(hearing=hearing, sentence=first.pk, text="Edited.", revision=1, actor=office)
    actions.write(section=section, text="By hand.", actor=office)
    participation = summary.sections.get(key=Section.PARTICIPATION)
    counted = participation.sentences.get(text__startswith="By language")
    actions.remove(hearing=hearing, sentence=counted.pk, revision=1, actor=office)
    again = drafted(finished)
    texts = [sentence.text for sentence in section.sentences.all()]
    assert (texts[0], texts.count("By hand.")) == ("Edited.", 1)
    body = again.sections.exclude(key=Section.MESSAGES)
    everything = [row.text for row in Sentence.objects.filter(section__in=body, removed_at=None)]
    assert original not in everything
    assert not any(text.startswith("By language") for text in everything)
    kind, told = entries(finished)[-1]
    assert (kind, told["kept"]) == ("summary.drafted", 2)


def test_whoever_saves_second_keeps_their_words_and_sees_both(finished: Finished) -> None:
    world, _summary = finished.world, drafted(finished)
    row = Sentence.objects.all()[0]
    save: dict[str, Any] = {"hearing": world.hearing, "sentence": row.pk, "actor": world.office}
    actions.edit(**save, text="First.", revision=row.revision)
    with pytest.raises(actions.EditConflict) as overtaken:
        actions.edit(**save, text="Second.", revision=row.revision)
    assert overtaken.value.yours == "Second."
    assert overtaken.value.row is not None
    assert overtaken.value.row.text == "First."
    actions.edit(**save, text="Second.", revision=overtaken.value.row.revision)
    row.refresh_from_db()
    assert (row.text, row.revision, row.origin) == ("Second.", 3, "edited")


def test_a_removed_sentence_can_be_brought_back(finished: Finished) -> None:
    world = finished.world
    before = shown(drafted(finished))
    row = Sentence.objects.all()[0]
    act: dict[str, Any] = {"hearing": world.hearing, "sentence": row.pk, "actor": world.office}
    actions.remove(**act, revision=1)
    actions.restore(**act, revision=2)
    assert shown(Summary.objects.get()) == before


def test_moving_reorders_and_is_kept(finished: Finished) -> None:
    world, summary = finished.world, drafted(finished)
    participation = summary.sections.get(key=Section.PARTICIPATION)
    first, two, three = participation.sentences.all()[:3]
    actions.move(
        hearing=world.hearing,
        sentence=three.pk,
        section=participation.pk,
        before=first.pk,
        revision=1,
        actor=world.office,
    )
    order = list(participation.sentences.values_list("pk", flat=True))[:3]
    assert order == [three.pk, first.pk, two.pk]
    drafted(finished)
    assert list(participation.sentences.values_list("pk", flat=True))[:3] == order


def test_citing_reports_a_sentence_of_a_statement(finished: Finished) -> None:
    summary = drafted(finished)
    section = summary.sections.get(key=Section.PARTICIPATION)
    row = actions.cite(
        section=section,
        statement=finished.statement("Normere"),
        sentence=4,
        actor=finished.world.office,
    )
    assert row.text == (
        "Normere urged all States to publish figures on trafficking every second year."
    )
    assert row.sources == [{"statement": finished.statement("Normere").id.hex, "sentence": 4}]


def test_who_is_under_an_alias_or_withheld_is_not_named(finished: Finished) -> None:
    """The statement was submitted in writing only, so the name is known from nothing else."""
    statement = finished.statement("Paper Only")
    told = {}
    for naming in Statement.Naming:
        statement.naming = naming
        told[str(naming)] = name_of(statement)
    statement.naming, statement.registration.alias = Statement.Naming.NAMED, "A survivor"
    told["alias"] = name_of(statement)
    assert told == {
        "named": "Paper Only",
        "alias": "A survivor",
        "withheld": f"A participant ({statement.registration.category.label})",
    }


def test_who_did_not_speak_in_public_and_did_not_consent_is_not_named(finished: Finished) -> None:
    summary = drafted(finished)
    row = actions.cite(
        section=summary.sections.get(key=Section.PARTICIPATION),
        statement=finished.statement("Late Voices"),
        sentence=4,
        actor=finished.world.office,
    )
    assert row.text.startswith(
        "A participant (Invited civil society organization), not reached for lack of time, said: "
    )
    everything = [text for _heading, texts in shown(summary) for text in texts]
    assert not any("Late Voices" in text for text in everything)


@pytest.mark.parametrize(
    ("text", "sources", "said"),
    [
        ("  \n ", [], "Enter a sentence. To delete a sentence, use “Remove”."),
        ("x" * 4001, [], "A sentence has at most 4000 characters; this one has 4001."),
        ("Words.", [{"seq": 10**6}], "A source is not in this hearing, or is still confidential."),
        (
            "Words.",
            [{"statement": "0" * 32}],
            "A source is not in this hearing, or is still confidential.",
        ),
    ],
)
def test_refusals_change_nothing(
    finished: Finished, text: str, sources: list[dict[str, Any]], said: str
) -> None:
    summary = drafted(finished)
    before = shown(summary)
    with pytest.raises(actions.SummaryRefused) as refused:
        actions.write(
            section=summary.sections.all()[0],
            text=text,
            sources=sources,
            actor=finished.world.office,
        )
    assert refused.value.sentence == said
    assert shown(Summary.objects.get()) == before


def test_a_published_summary_is_fixed_until_it_is_taken_back(finished: Finished) -> None:
    world, summary = finished.world, drafted(finished)
    act: dict[str, Any] = {"hearing": world.hearing, "actor": world.office}
    actions.publish(**act)
    row = Sentence.objects.all()[0]
    for change in (
        lambda: actions.draft(**act),
        lambda: actions.edit(**act, sentence=row.pk, text="Other.", revision=1),
        lambda: actions.remove(**act, sentence=row.pk, revision=1),
        lambda: actions.write(section=row.section, text="More.", actor=world.office),
    ):
        with pytest.raises(actions.SummaryRefused):
            change()
    actions.take_back(**act)
    actions.edit(**act, sentence=row.pk, text="Other.", revision=1)
    assert [kind for kind, _body in entries(finished)] == [
        "summary.drafted",
        "summary.version_kept",
        "summary.published",
        "summary.taken_back",
        "summary.edited",
    ]
    assert Summary.objects.get().revision == summary.revision + 1


def test_nothing_is_published_before_it_is_drafted(finished: Finished) -> None:
    with pytest.raises(actions.SummaryRefused):
        actions.publish(hearing=finished.world.hearing, actor=finished.world.office)


def test_erasing_a_person_blanks_the_sentences_that_hold_their_words(finished: Finished) -> None:
    world = finished.world
    drafted(finished)
    own = finished.statement("Open Doors").id.hex
    quoting = [
        row.pk
        for row in Sentence.objects.all()
        if row.sources and row.sources[0].get("statement") == own and "sentence" in row.sources[0]
    ]
    edited = Sentence.objects.exclude(pk__in=quoting).filter(sources__icontains=own)[0]
    actions.edit(
        hearing=world.hearing,
        sentence=edited.pk,
        text="Open Doors told us something.",
        revision=1,
        actor=world.office,
    )
    erasure.erase(hearing=world.hearing.id, person=finished.person.id, actor=world.office)
    blank = Sentence.objects.exclude(erased_at=None)
    assert set(blank.values_list("pk", flat=True)) == {*quoting, edited.pk}
    assert set(blank.values_list("text", "drafted_as")) == {("", "")}
    texts = " ".join(Sentence.objects.values_list("text", flat=True))
    assert "obliged to report recruitment" not in texts
    drafted(finished)
    assert set(blank.values_list("text", flat=True)) == {""}


def test_words_of_a_source_that_was_taken_from_an_edited_sentence_are_erased(
    finished: Finished,
) -> None:
    world = finished.world
    drafted(finished)
    own = finished.statement("Open Doors").id.hex
    row = Sentence.objects.filter(sources__icontains=own).exclude(drafted_as="")[0]
    said = f"Also: {row.text}"
    act: dict[str, Any] = {"hearing": world.hearing, "sentence": row.pk, "actor": world.office}
    for revision, text in enumerate((said, f"{said} Again."), start=1):
        actions.edit(**act, text=text, sources=[], revision=revision)
    versions.keep(hearing=world.hearing, label="", actor=world.office)
    row.refresh_from_db()
    assert row.sources == []
    assert own in row.once_cited
    erasure.erase(hearing=world.hearing.id, person=finished.person.id, actor=world.office)
    row.refresh_from_db()
    assert (row.text, row.once_cited) == ("", [])
    assert said not in str([version.content for version in SummaryVersion.objects.all()])
