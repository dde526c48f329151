"""The translators' pages: both texts side by side, one sentence after another; no input is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from hemicycle.hearing.people.models import Person
from hemicycle.outcome.summary import actions, translating
from hemicycle.outcome.summary.models import Sentence, SentenceTranslation, Summary
from tests.support.markup import parsed
from tests.support.translated import WORDS, translate_all

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.finished import Finished

pytestmark = pytest.mark.any_database


@pytest.fixture
def office(finished: Finished) -> Client:
    """The secretariat's browser; a summary is drafted."""
    actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    return finished.world.client()


def url(finished: Finished, name: str, *args: object) -> str:
    return reverse(f"summary:{name}", args=(finished.world.hearing.slug, *args))


def in_order() -> list[Sentence]:
    rows = Sentence.objects.select_related("section")
    return list(rows.order_by("section__ordinal", "ordinal"))


def form_of(page: str) -> dict[str, str]:
    """Return the values of a sentence's form, as a browser reads them: without a first line end."""
    (form,) = (one for one in parsed(page).forms if "state" in set(one.inputs.keys()))
    return {
        name: (value or "").removeprefix("\n")
        for name, value in form.fields.items()
        if name != "do"
    }


@pytest.mark.parametrize("name", ["translations", "translation", "translate", "translation-pdf"])
def test_only_the_secretariat_comes_in(finished: Finished, office: Client, name: str) -> None:
    from django.test import Client  # Django's settings are loaded later

    more = {"translations": (), "translate": ("fr", in_order()[0].pk)}.get(name, ("fr",))
    where = url(finished, name, *more)
    stranger = Person.objects.create(name="Nobody", email="nobody@hearing.example")
    for person in (finished.world.moderator, stranger):
        assert finished.world.client(person).get(where).status_code == 403
    assert Client().get(where).status_code == 302
    assert office.get(where).status_code == 200


def test_the_languages_are_those_of_the_hearing(finished: Finished, office: Client) -> None:
    page = office.get(url(finished, "translations")).text
    for name in ("العربية", "Español", "Français", "Русский", "中文"):
        assert name in page
    assert "Publish the summary first." in page
    for language in ("en", "pt", "xx", "fr-CA"):
        assert office.get(url(finished, "translation", language)).status_code == 404


def test_sentences_stand_beside_their_translations(finished: Finished, office: Client) -> None:
    rows = in_order()
    translate_all(Summary.objects.get(), "ar", but=3)
    actions.edit(
        hearing=finished.world.hearing,
        sentence=rows[1].pk,
        text="Other words.",
        revision=1,
        actor=finished.world.office,
    )
    page = parsed(office.get(url(finished, "translation", "ar")).text)
    pairs = page.xpath("//ol/li[starts-with(@id, 's-')]")
    assert [pair.get("id") for pair in pairs] == [f"s-{row.pk.hex}" for row in rows]
    original, translation = pairs[0].xpath(".//p[@lang]")
    assert (original.get("lang"), original.get("dir")) == ("en", "ltr")
    assert (translation.get("lang"), translation.get("dir")) == ("ar", "rtl")
    assert translation.text_content().strip() == f"{WORDS['ar']} 0."
    states = [
        badge.text_content()
        for pair in pairs
        for badge in pair.xpath(".//span[@class]")
        if "badge" in badge.get("class")
    ]
    assert states == ["outdated", "missing", "missing", "missing"]
    left = parsed(office.get(url(finished, "translation", "ar"), {"show": "left"}).text)
    assert len(left.xpath("//ol/li[starts-with(@id, 's-')]")) == 4


def test_search_finds_words_of_both_languages(finished: Finished, office: Client) -> None:
    translate_all(Summary.objects.get(), "ar")
    for name, more in (("translation", ("ar",)), ("office", ())):
        where = url(finished, name, *more)
        for words in (f"{WORDS['ar']} {len(in_order()) - 1}.", "opened 10:25"):
            found = parsed(office.get(where, {"q": words}).text)
            assert len(found.xpath("//ol/li[starts-with(@id, 's-')]")) == 1, (name, words)
        assert "No sentence matches" in office.get(where, {"q": "zebra"}).text


def test_a_translator_goes_from_sentence_to_sentence(finished: Finished, office: Client) -> None:
    rows = in_order()
    where = url(finished, "translate", "fr", rows[0].pk)
    data = form_of(office.get(where).text)
    assert data["text"] == ""
    done = office.post(where, {**data, "text": "Une phrase.", "do": "next"})
    assert done["Location"] == url(finished, "translate", "fr", rows[1].pk)
    saved = SentenceTranslation.objects.get()
    assert (saved.text, saved.written_by) == ("Une phrase.", finished.world.secretary)
    again = form_of(office.get(where).text)
    assert (again["text"], again["revision"]) == ("Une phrase.", "1")
    back = office.post(where, {**again, "text": "Une autre."})
    assert back["Location"].endswith(f"/translation/fr/#s-{rows[0].pk.hex}")
    part = office.get(where, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "Une autre." in part
    translate_all(Summary.objects.get(), "es", but=1)
    last = url(finished, "translate", "es", rows[-1].pk)
    end = office.post(last, {**form_of(office.get(last).text), "text": "Fin.", "do": "next"})
    assert end["Location"].endswith(f"/translation/es/#s-{rows[-1].pk.hex}")


def test_the_same_words_elsewhere_are_offered(finished: Finished, office: Client) -> None:
    """A key message may also be a sentence of a panel."""
    first, *_others, last = (row for row in in_order() if not row.addressee)
    second = actions.write(section=last.section, text=first.text, actor=finished.world.office)
    where = url(finished, "translate", "fr", first.pk)
    office.post(where, {**form_of(office.get(where).text), "text": "La même phrase."})
    page = office.get(url(finished, "translate", "fr", second.pk)).text
    assert "The same sentence is translated elsewhere" in page
    assert form_of(page)["text"] == "La même phrase."
    assert SentenceTranslation.objects.count() == 1, "offered, not saved"


@pytest.mark.parametrize(
    ("typed", "said"),
    [(" ", "Enter the translation of the sentence."), ("x" * 5000, "at most 4000 characters")],
)
def test_bad_input_is_told_and_kept(
    finished: Finished, office: Client, typed: str, said: str
) -> None:
    where = url(finished, "translate", "fr", in_order()[0].pk)
    answer = office.post(where, {**form_of(office.get(where).text), "text": typed})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert typed.strip() in answer.text


def test_nobody_saves_over_another(finished: Finished, office: Client) -> None:
    row = in_order()[0]
    where = url(finished, "translate", "fr", row.pk)
    opened = form_of(office.get(where).text)
    office.post(where, {**opened, "text": "La première."})
    second = office.post(where, {**opened, "text": "La deuxième."})
    assert (second.status_code, "La première." in second.text) == (409, True)
    data = form_of(second.text)
    assert data["text"] == "La deuxième."
    assert office.post(where, data).status_code == 302
    assert SentenceTranslation.objects.get().text == "La deuxième."


def test_a_changed_original_is_shown_with_what_changed(finished: Finished, office: Client) -> None:
    row = next(row for row in in_order() if row.text.startswith("By language"))
    where = url(finished, "translate", "fr", row.pk)
    opened = form_of(office.get(where).text)
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    actions.edit(**act, sentence=row.pk, text="By language: English, 8.", revision=1)
    late = office.post(where, {**opened, "text": "Par langue : anglais, 7."})
    assert late.status_code == 409
    assert "The original was changed while you were translating." in late.text
    assert "By language: English, 8." in late.text
    assert office.post(where, form_of(late.text)).status_code == 302
    actions.edit(**act, sentence=row.pk, text="By language: English, 9.", revision=2)
    page = parsed(office.get(where).text)
    assert page.xpath("string(//del)").strip().endswith("8.")
    assert page.xpath("string(//ins)").strip().endswith("9.")
    row.delete()
    gone = office.post(where, {**opened, "text": "Mes mots."})
    assert (gone.status_code, "Mes mots." in gone.text) == (409, True)


def test_who_else_translates_it_is_told(finished: Finished, office: Client) -> None:
    row = in_order()[0]
    status = url(finished, "translation-standing", "fr", row.pk)
    other = Person.objects.create(name="Mx Other", email="other@hearing.example")
    actions.mark_present(row, other, "fr")
    assert "Mx Other" in office.get(status, {"revision": "0"}).text
    assert "Mx Other" not in office.get(url(finished, "standing", row.pk), {"revision": "1"}).text
    translate_all(Summary.objects.get(), "fr")
    assert f"{WORDS['fr']} 0." in office.get(status, {"revision": "0"}).text


def test_it_is_published_and_withdrawn(finished: Finished, office: Client) -> None:
    from django.test import Client  # Django's settings are loaded later

    where = url(finished, "publish-translation", "fr")
    translate_all(Summary.objects.get(), "fr", but=1)
    office.post(url(finished, "publish"), {"do": "publish"})
    refused = office.post(where, {"do": "publish"}, follow=True).text
    assert "1 sentence is not translated, or its translation is out of date." in refused
    assert "Publish with 1 sentence in the language of the original" in refused
    done = office.post(where, {"do": "publish", "incomplete": "on"}, follow=True).text
    assert "The translation is now public: French." in done
    page = reverse("summary:public-pdf-in", args=(finished.world.hearing.slug, "fr"))
    assert Client().get(page).status_code == 200
    office.post(where, {"do": "take-back"})
    assert Client().get(page).status_code == 404


def test_versions_are_shown_language_by_language(finished: Finished, office: Client) -> None:
    where = url(finished, "versions")
    assert parsed(office.get(where).text).xpath("//main//nav") == [], "the original alone"
    translate_all(Summary.objects.get(), "fr")
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    office.post(f"{where}?language=fr", {"label": "Relecture"})
    assert "Relecture" in office.get(where, {"language": "fr"}).text
    assert "Relecture" not in office.get(where).text
    row = in_order()[0]
    translating.translate(
        **act,
        sentence=row.pk,
        language="fr",
        text="Autres mots.",
        state=translating.state_of(row),
        revision=1,
    )
    compared = office.get(url(finished, "compare"), {"language": "fr", "to": "now"}).text
    assert "Autres mots." in compared
    assert 'lang="fr" dir="ltr"' in compared
