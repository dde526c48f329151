"""Translations keep to their texts through every change and show when they are outdated."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from django.utils.html import conditional_escape
from django.utils.translation import override

from hemicycle.hearing.setup import actions, document_mapping, toml_io, translations
from hemicycle.hearing.setup.models import Hearing, PanelMember, Segment
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor
from hemicycle.ui.words import Words, original

if TYPE_CHECKING:
    from hemicycle.hearing.setup.schema import Document

OFFICE = Actor("0" * 32, "secretariat")
TITLE = {"fr": {"title": "Traite des personnes"}, "ar": {"title": "الاتجار بالأشخاص"}}


@pytest.fixture
def document(hearing: Hearing) -> Document:
    """Return the reference hearing, in English, with titles in French and Arabic."""
    data = whole(hearing)
    data["original_language"] = "en"
    data["translations"] = deepcopy(TITLE)
    data["meetings"][0]["segments"][1]["translations"] = {"fr": {"title": "Première table"}}
    actions.change(hearing=hearing, data=data, actor=OFFICE)
    return whole(hearing)


def whole(hearing: Hearing) -> Document:
    return document_mapping.to_document(actions.whole(hearing.id))


def change(hearing: Hearing, data: Document) -> Document:
    actions.change(hearing=hearing, data=data, actor=OFFICE)
    return whole(hearing)


def bare(data: Any) -> Any:
    """Return the document as the office's forms send it, without translations."""
    if isinstance(data, dict):
        return {key: bare(value) for key, value in data.items() if key != "translations"}
    return [bare(item) for item in data] if isinstance(data, list) else data


def test_a_row_reads_in_the_active_language_and_else_in_its_own(
    hearing: Hearing, document: Document
) -> None:
    fresh = Hearing.objects.get(pk=hearing.pk)
    read = {}
    for language in ("fr", "fr-ca", "ar", "es", "en", "en-gb"):
        with override(language):
            title = fresh.title
            assert isinstance(title, Words)
            read[language] = (str(title), title.language)
    english = (document["title"], "en")
    assert read == {
        "fr": ("Traite des personnes", "fr"),
        "fr-ca": ("Traite des personnes", "fr"),
        "ar": ("الاتجار بالأشخاص", "ar"),
        "es": english,
        "en": english,
        "en-gb": english,
    }


def test_saving_and_reloading_in_another_language_changes_no_text(
    hearing: Hearing, document: Document
) -> None:
    with override("fr"):
        fresh = Hearing.objects.get(pk=hearing.pk)
        fresh.save()
        fresh.refresh_from_db()
        Hearing.objects.bulk_update([fresh], ["title"])
        assert Hearing.objects.filter(title=fresh.title).exists()
        assert whole(hearing) == document
        assert actions.change(hearing=hearing, data=document, actor=OFFICE) == []


def test_html_names_the_language_of_a_foreign_text(hearing: Hearing, document: Document) -> None:
    fresh = Hearing.objects.get(pk=hearing.pk)
    with override("es"):
        marked = f'<span lang="en" dir="ltr">{document["title"]}</span>'
        assert conditional_escape(fresh.title) == marked
    with override("fr"):
        assert conditional_escape(fresh.title) == "Traite des personnes"
    fresh.title = "<b>"
    with override("es"):
        assert conditional_escape(fresh.title) == '<span lang="en" dir="ltr">&lt;b&gt;</span>'


def test_the_file_has_all_translations_and_brings_them_back(
    hearing: Hearing, document: Document
) -> None:
    text = toml_io.dumps(document)
    assert '[translations.fr]\ntitle = "Traite des personnes"' in text
    assert toml_io.loads(text) == document
    Hearing.objects.all().delete()
    again = actions.convene(text, slug="again")
    assert whole(again) == {**document, "slug": "again"}


def test_a_form_without_translations_keeps_them(hearing: Hearing, document: Document) -> None:
    assert change(hearing, bare(document)) == document
    moved = bare(document)
    moved["meetings"][0]["segments"][1]["max_inscriptions"] = 7
    assert change(hearing, moved)["meetings"][0]["segments"][1]["translations"] == {
        "fr": {"title": "Première table"}
    }


def test_a_changed_original_marks_its_translations_as_outdated(
    hearing: Hearing, document: Document
) -> None:
    data = bare(document)
    data["title"] = "Another title"
    data["meetings"][0]["segments"][1]["title"] = "Another panel"
    found = change(hearing, data)
    assert found["translations"]["fr"] == {**TITLE["fr"], "outdated": ["title"]}
    assert found["meetings"][0]["segments"][1]["translations"] == {
        "fr": {"title": "Première table", "outdated": ["title"]}
    }
    found["translations"]["fr"] = {"title": "Un autre titre"}
    assert change(hearing, found)["translations"]["fr"] == {"title": "Un autre titre"}


def test_what_becomes_the_original_is_no_translation_any_more(
    hearing: Hearing, document: Document
) -> None:
    data = bare(document)
    data["original_language"] = "fr"
    found = change(hearing, data)
    assert found["translations"] == {"ar": TITLE["ar"]}
    assert toml_io.loads(toml_io.dumps(found)) == found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"xx-": {"title": "a"}}, "“xx-” is not a language tag"),
        ({"fr": {"titel": "a"}}, "Did you mean “title”?"),
        ({"fr": {"title": "a" * 401}}, "401 characters long. The limit is 400."),
        ({"en": {"title": "a"}}, "The original is already in this language (en)"),
        ({"fr": {"outdated": ["slug"]}}, "must be one of"),
    ],
)
def test_a_wrong_translation_gets_a_sentence(
    hearing: Hearing, document: Document, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidDocument) as caught:
        actions.change(hearing=hearing, data={**document, "translations": given}, actor=OFFICE)
    assert says in str(caught.value)
    assert whole(hearing) == document


def test_progress_counts_what_is_missing_and_what_is_outdated(
    hearing: Hearing, document: Document
) -> None:
    listed = translations.entries(actions.whole(hearing.id))
    assert translations.targets(hearing, listed) == [
        tag for tag in document["languages"] if tag != "en"
    ]
    french = translations.progress(listed, "fr")
    assert (french.done, french.missing, french.outdated) == (2, len(listed) - 2, 0)
    change(hearing, {**bare(document), "title": "Another title"})
    listed = translations.entries(actions.whole(hearing.id))
    assert translations.progress(listed, "fr").outdated == 1


def test_saving_is_on_the_record_without_the_words(hearing: Hearing, document: Document) -> None:
    listed = translations.entries(actions.whole(hearing.id))
    entry = next(entry for entry in listed if entry.name == "theme")
    changes = [translations.TextChange(entry, {"fr": "Le thème", "ar": ""})]
    assert translations.save(hearing, changes, actor=OFFICE) == 1
    assert whole(hearing)["translations"]["fr"] == {**TITLE["fr"], "theme": "Le thème"}
    last = Entry.objects.filter(hearing=hearing.id).order_by("-seq")[0]
    assert (last.kind, last.body) == ("hearing.changed", '{"fields":["translations"]}')
    assert translations.save(hearing, changes, actor=OFFICE) == 0


def test_nobody_is_named_in_any_language_behind_an_alias(
    hearing: Hearing, document: Document
) -> None:
    data = whole(hearing)
    member = data["meetings"][0]["segments"][1]["members"][0]
    member |= {"name": "Amina Otieno", "title": "Director, River Watch", "alias": "Speaker 1"}
    member["topic"] = "What Amina Otieno saw"
    member["translations"] = {
        "fr": {"title": "Directrice, Veille du fleuve", "topic": "Ce qu’a vu Amina Otieno"}
    }
    data["meetings"][0]["segments"][1]["description"] = "All about water."
    data["meetings"][0]["segments"][1]["translations"] = {
        "fr": {"description": "Amina Otieno de la Veille du fleuve"}
    }
    change(hearing, data)
    row = PanelMember.objects.get(alias="Speaker 1")
    panel = Segment.objects.get(pk=row.segment_id)
    public = document_mapping.to_document(actions.whole(hearing.id), in_public=True)
    with override("fr"):
        seen = [row.public.titled, row.public_topic, panel.public_description, repr(public)]
    assert "vu Speaker 1" in seen[1]
    for text in seen:
        assert not any(word in text for word in ("Amina", "River Watch", "Veille", "Directrice"))
    listed = translations.entries(actions.whole(hearing.id))
    assert not any("Amina" in entry.about for entry in listed)
    hidden = [entry.name for entry in listed if entry.hides]
    assert hidden == ["description", "topic"]


def test_the_original_is_what_others_store(hearing: Hearing, document: Document) -> None:
    with override("fr"):
        assert original(Hearing.objects.get(pk=hearing.pk).title) == document["title"]
    assert original("plain") == "plain"
    assert original(None) is None
