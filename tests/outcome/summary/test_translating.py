"""Sentences are translated one by one, and no translator's words are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.hearing.people.models import Person
from hemicycle.outcome.summary import actions, translating, translations, versions
from hemicycle.outcome.summary.models import (
    Section,
    Sentence,
    SentenceTranslation,
    Summary,
    SummaryTranslation,
    SummaryVersion,
)
from hemicycle.outcome.summary.translating import TranslationConflict, state_of
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry
from tests.support.translated import WORDS, published_in, translate_all

if TYPE_CHECKING:
    from tests.support.finished import Finished


@pytest.fixture
def summary(finished: Finished) -> Summary:
    """A drafted summary."""
    return actions.draft(hearing=finished.world.hearing, actor=finished.world.office)


def by(finished: Finished) -> dict[str, Any]:
    return {"hearing": finished.world.hearing, "actor": finished.world.office}


def save(finished: Finished, row: Sentence, text: str, revision: int = 0) -> SentenceTranslation:
    return translating.translate(
        **by(finished),
        sentence=row.pk,
        language="fr",
        text=text,
        state=state_of(row),
        revision=revision,
    )


def spoken_of(finished: Finished) -> Sentence:
    """Return a sentence that quotes Open Doors."""
    own = "Online platforms should be obliged to report recruitment by traffickers"
    return Sentence.objects.filter(section__segment__isnull=False, text__contains=own)[0]


def test_a_translation_tells_who_wrote_it_and_when(finished: Finished, summary: Summary) -> None:
    row = Sentence.objects.all()[0]
    saved = save(finished, row, "  Une\0 phrase \n entière. ")
    assert (saved.text, saved.of_text, saved.revision) == ("Une phrase entière.", row.text, 1)
    now = clock.from_ms(finished.world.clock())
    assert (saved.written_by, saved.written_at) == (finished.world.secretary, now)
    entry = Entry.objects.filter(hearing=finished.world.hearing.id).latest("seq")
    assert (entry.kind, entry.fields()) == (
        "summary.translated",
        {
            "summary": summary.id.hex,
            "sentence": row.id.hex,
            "language": "fr",
            "revision": 1,
        },
    )
    assert save(finished, row, "Une phrase entière.", 1).revision == 1, "nothing changed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" \n ", "Enter the translation of the sentence."),
        ("x" * 4001, "A sentence has at most 4000 characters; this one has 4001."),
    ],
)
def test_a_text_that_is_no_sentence_is_refused(
    finished: Finished, summary: Summary, text: str, said: str
) -> None:
    with pytest.raises(actions.SummaryRefused) as refused:
        save(finished, Sentence.objects.all()[0], text)
    assert (refused.value.sentence, SentenceTranslation.objects.count()) == (said, 0)


def test_who_saves_second_gets_both_texts(finished: Finished, summary: Summary) -> None:
    row = Sentence.objects.all()[0]
    save(finished, row, "Une.")
    with pytest.raises(TranslationConflict) as conflict:
        save(finished, row, "Autre.")
    assert (conflict.value.sentence, conflict.value.yours) == (row, "Autre.")
    assert save(finished, row, "Autre.", 1).revision == 2


def test_who_translates_what_changed_meanwhile_is_shown_it(
    finished: Finished, summary: Summary
) -> None:
    row = Sentence.objects.all()[0]
    actions.edit(**by(finished), sentence=row.pk, text="Other words.", revision=1)
    with pytest.raises(TranslationConflict) as conflict:
        save(finished, row, "Une.")
    assert conflict.value.sentence is not None
    assert conflict.value.sentence.text == "Other words."
    row.pk = summary.pk  # the id of no sentence
    with pytest.raises(TranslationConflict) as gone:
        save(finished, row, "Une.")
    assert (gone.value.sentence, gone.value.yours) == (None, "Une.")


def test_a_changed_original_makes_it_outdated_until_it_is_confirmed(
    finished: Finished, summary: Summary
) -> None:
    row = Sentence.objects.all()[0]
    save(finished, row, "Une.")
    edited = actions.edit(**by(finished), sentence=row.pk, text="Other words.", revision=1)
    found = translations.progress(summary, "fr")
    assert (found.done, found.outdated, found.missing) == (0, 1, Sentence.objects.count() - 1)
    save(finished, edited, "Une.", 1)
    assert translations.progress(summary, "fr").done == 1
    who = actions.edit(
        **by(finished), sentence=row.pk, text="Other words.", addressee="States", revision=2
    )
    assert (who.addressee, translations.progress(summary, "fr").outdated) == ("States", 1)


def test_drafting_again_keeps_translations(finished: Finished, summary: Summary) -> None:
    translate_all(summary, "fr")
    before = dict(SentenceTranslation.objects.values_list("sentence_id", "text"))
    actions.draft(**by(finished))
    assert dict(SentenceTranslation.objects.values_list("sentence_id", "text")) == before
    counted = Sentence.objects.get(text__startswith="7 written statements are weighed")
    own = before[counted.pk]
    finished.registrations["Paper Only"].delete()
    actions.draft(**by(finished))
    follows = SentenceTranslation.objects.select_related("sentence").get(text=own)
    assert follows.sentence.text.startswith("6 written statements are weighed")
    assert not follows.follows(follows.sentence)
    assert follows.revision == 2
    kept = SummaryVersion.objects.filter(language="fr", reason="drafted").first()
    assert kept is not None
    said = [sentence["text"] for part in kept.content for sentence in part["sentences"]]
    assert own in said


def test_a_translation_follows_no_sentence_that_quotes_someone_else(
    finished: Finished, summary: Summary
) -> None:
    """Otherwise, erasing the person who is quoted would not find the translation."""
    row = spoken_of(finished)
    save(finished, row, "Les plateformes devraient signaler.")
    finished.statement("Open Doors").delete()
    actions.draft(**by(finished))
    assert not SentenceTranslation.objects.exists()


def test_erasing_a_person_reaches_translations(finished: Finished) -> None:
    world = finished.world
    published_in(world.hearing, world.office, "fr")
    row = spoken_of(finished)
    own = row.translations.get().text
    translating.keep(**by(finished), language="fr", label="")
    erasure.erase(hearing=world.hearing.id, person=finished.person.id, actor=world.office)
    assert not row.translations.exists()
    for version in SummaryVersion.objects.filter(language="fr"):
        said = [one["text"] for part in version.content for one in part["sentences"]]
        assert own not in said
        assert f"{WORDS['fr']} 0." in said
        assert (version.pdf, version.docx) == (None, None)


def test_who_translates_a_sentence_that_is_erased_meanwhile_cannot_save(
    finished: Finished, summary: Summary
) -> None:
    """The text may contain the erased words."""
    world, row = finished.world, spoken_of(finished)
    erasure.erase(hearing=world.hearing.id, person=finished.person.id, actor=world.office)
    for seen in (row, Sentence.objects.get(pk=row.pk)):
        with pytest.raises(TranslationConflict) as conflict:
            save(finished, seen, "Les plateformes devraient signaler.")
        assert conflict.value.sentence is None
    assert not row.translations.exists()


def test_erasing_a_translator_keeps_the_words_without_the_name(
    finished: Finished, summary: Summary
) -> None:
    world = finished.world
    row = Sentence.objects.all()[0]
    save(finished, row, "Une.")
    other = Person.objects.create(name="Mx Translator", email="translator@hearing.example")
    SentenceTranslation.objects.update(written_by=other)
    erasure.erase(hearing=world.hearing.id, person=other.id, actor=world.office)
    saved = SentenceTranslation.objects.get()
    assert (saved.text, saved.written_by) == ("Une.", None)


def test_versions_of_a_language_are_counted_and_kept_apart(
    finished: Finished, summary: Summary
) -> None:
    with pytest.raises(actions.SummaryRefused, match="No sentence of the summary is translated"):
        translating.keep(**by(finished), language="fr", label="")
    row = Sentence.objects.all()[0]
    save(finished, row, "Une.")
    translating.keep(**by(finished), language="fr", label="Before review")
    versions.keep(**by(finished), label="")
    save(finished, row, "Une autre.", 1)
    translating.keep(**by(finished), language="fr", label="")
    found = SummaryVersion.objects.order_by("language", "number")
    assert list(found.values_list("language", "number", "label")) == [
        ("", 1, ""),
        ("fr", 1, "Before review"),
        ("fr", 2, ""),
    ]
    old, new = (version.content for version in found.filter(language="fr"))
    (section,) = versions.compare(old, new)
    assert [change.kind for change in section.changes] == ["changed"]


# ── Publication ───────────────────────────────────────────────────────────────────────────────


def test_a_translation_is_published_when_it_is_whole(finished: Finished, summary: Summary) -> None:
    publish = {**by(finished), "language": "fr"}
    with pytest.raises(actions.SummaryRefused, match="No sentence"):
        translating.publish(**publish)
    left = translate_all(summary, "fr", but=2)
    with pytest.raises(actions.SummaryRefused, match="Publish the summary first"):
        translating.publish(**publish)
    actions.publish(**by(finished))
    with pytest.raises(actions.SummaryRefused, match="2 sentences are not translated"):
        translating.publish(**publish)
    version = translating.publish(**publish, incomplete=True)
    languages = {
        one["id"]: one["language"] for part in version.content for one in part["sentences"]
    }
    assert {id for id, tag in languages.items() if tag == "en"} == {row.id.hex for row in left}
    entry = Entry.objects.filter(kind="summary.translation_published").latest("seq")
    assert entry.fields()["untranslated"] == 2


def test_what_is_outdated_is_published_in_the_original(
    finished: Finished, summary: Summary
) -> None:
    translate_all(summary, "fr")
    row = Sentence.objects.all()[0]
    actions.edit(**by(finished), sentence=row.pk, text="Other words.", revision=1)
    actions.publish(**by(finished))
    version = translating.publish(**by(finished), language="fr", incomplete=True)
    said = {one["text"]: one["language"] for part in version.content for one in part["sentences"]}
    assert said["Other words."] == "en"


def test_what_is_public_stays_until_it_is_published_again(finished: Finished) -> None:
    world = finished.world
    summary = published_in(world.hearing, world.office, "fr")
    (row,) = [one for one in translations.overview(summary) if one.language == "fr"]
    assert (row.is_changed, row.is_behind, row.progress.left) == (False, False, 0)
    sentence = Sentence.objects.all()[0]
    save(finished, sentence, "Mieux dit.", sentence.translations.get().revision)
    (row,) = [one for one in translations.overview(summary) if one.language == "fr"]
    assert row.is_changed
    assert row.version is not None
    assert "Mieux dit." not in str(row.version.content)
    again = translating.publish(**by(finished), language="fr")
    assert (again.number, "Mieux dit." in str(again.content)) == (2, True)
    translating.take_back(**by(finished), language="fr")
    assert SummaryTranslation.objects.get().published_at is None


def test_drafting_and_citing_are_in_the_language_of_the_original(finished: Finished) -> None:
    """This holds whatever the language of the secretary's pages is."""
    from django.utils.translation import override  # Django's settings are loaded later

    with override("fr"):
        summary = actions.draft(**by(finished))
        section = summary.sections.get(key=Section.PARTICIPATION)
        late = actions.cite(
            section=section,
            statement=finished.statement("Late Voices"),
            sentence=4,
            actor=finished.world.office,
        )
    figures = Sentence.objects.get(text__startswith="In the hearing, 5 interventions")
    assert "Stakeholders, 3; Member States and observers, 2" in figures.text
    assert late.text.startswith("A participant (Invited civil society organization), not reached")
