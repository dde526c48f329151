"""The pages of the office and the public: who sees what, and that no input is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hemicycle.before.statements.models import Statement
from hemicycle.hearing.people.models import Person
from hemicycle.outcome.summary import actions
from hemicycle.outcome.summary.models import Section, Sentence, Summary
from hemicycle.record.models import Entry
from tests.support.jobs import work_off
from tests.support.markup import compact

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.finished import Finished


@pytest.fixture
def office(finished: Finished) -> Client:
    """The secretariat's browser; a summary is drafted."""
    actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    return finished.world.client()


def url(finished: Finished, name: str, **kwargs: object) -> str:
    name = name if ":" in name else f"summary:{name}"
    return reverse(name, kwargs={"slug": finished.world.hearing.slug, **kwargs})


def test_the_office_page_before_anything_is_drafted_offers_to_draft(finished: Finished) -> None:
    client = finished.world.client()
    page = client.get(url(finished, "office"))
    assert (page.status_code, "7 statements can be considered" in page.text) == (200, True)
    done = client.post(url(finished, "draft"), follow=True)
    assert (done.status_code, Summary.objects.count()) == (200, 1)


def test_the_office_page_shows_each_sentence_with_its_sources(
    finished: Finished, office: Client
) -> None:
    page = office.get(url(finished, "office")).text
    for sentence in Sentence.objects.all():
        assert f"s-{sentence.pk.hex}" in page
    own = finished.statement("Paper Only").id.hex
    assert f"statement={own}&amp;sentence=" in page


@pytest.mark.parametrize(
    "name",
    ["office", "coverage", "source", "docx", "pdf", "archive:office-zip", "draft", "publish"],
)
def test_only_the_secretariat_comes_in(finished: Finished, name: str) -> None:
    world = finished.world
    stranger = Person.objects.create(name="Nobody", email="nobody@hearing.example")
    for person in (world.moderator, stranger):
        assert world.client(person).get(url(finished, name)).status_code == 403
    from django.test import Client  # Django's settings are loaded later

    assert Client().get(url(finished, name)).status_code == 302


def test_a_source_opens_beside_the_sentences(finished: Finished, office: Client) -> None:
    own = finished.statement("Normere").id.hex
    for name in ("source", "office"):
        page = office.get(f"{url(finished, name)}?statement={own}&sentence=4").text
        assert (
            '<mark id="said">We urge all States to publish figures on trafficking every second '
            "year.</mark>"
        ) in page
    seq = Sentence.objects.filter(sources__icontains="seq")[0].sources[0]["seq"]
    assert "The meeting was opened." in office.get(url(finished, "source"), {"seq": seq}).text


@pytest.mark.parametrize(
    "query", ["seq=999999", "seq=x", "statement=nothing", "statement=" + "0" * 32, "", "seq=²"]
)
def test_a_source_that_is_not_there_is_not_found(
    finished: Finished, office: Client, query: str
) -> None:
    assert office.get(f"{url(finished, 'source')}?{query}").status_code == 404
    assert office.get(f"{url(finished, 'office')}?{query}").status_code == 200


def test_a_sentence_is_edited_with_its_sources(finished: Finished, office: Client) -> None:
    row = Sentence.objects.filter(sources__icontains='"sentence"')[0]
    where = url(finished, "sentence", pk=row.pk)
    assert row.text[:20] in office.get(where).text
    reference = finished.registrations["Normere"].reference
    data = {"text": "Rewritten.", "revision": 1, "more": f"#3, {reference}/5"}
    done = office.post(where, data)
    assert (done.status_code, done["Location"].endswith(f"#s-{row.pk.hex}")) == (302, True)
    row.refresh_from_db()
    own = finished.statement("Normere").id.hex
    assert (row.text, row.sources) == (
        "Rewritten.",
        [{"seq": 3}, {"statement": own, "sentence": 4}],
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": " "}, "Enter a sentence"),
        ({"text": "x" * 5000}, "at most 4000 characters"),
        ({"more": "#99999"}, "The record has no entry 99999."),
        ({"more": "HC-AAA-AAA/5"}, "There is no statement of HC-AAA-AAA"),
        ({"more": "last Tuesday"}, "is neither an entry"),
    ],
)
def test_bad_input_is_told_and_kept(
    finished: Finished, office: Client, change: dict[str, str], said: str
) -> None:
    row = Sentence.objects.all()[0]
    data: dict[str, Any] = {"text": "My own long thoughts", "revision": 1, "more": "", **change}
    page = office.post(url(finished, "sentence", pk=row.pk), data)
    assert page.status_code == 422
    assert said in page.text
    assert data["text"].strip() in page.text
    assert data["more"] in page.text


def test_the_second_of_two_editors_sees_both_texts(finished: Finished, office: Client) -> None:
    row = Sentence.objects.all()[0]
    where = url(finished, "sentence", pk=row.pk)
    office.post(where, {"text": "Of the first.", "revision": 1})
    page = office.post(where, {"text": "Of the second.", "revision": 1})
    assert page.status_code == 409
    shown = compact(page.text)
    assert '<p lang="en" dir="ltr" id="theirs">Of the first.</p>' in shown
    assert '<p lang="en" dir="ltr" id="yours">Of the second.</p>' in shown
    assert 'name="revision" value="2"' in page.text
    office.post(where, {"text": "Of both.", "revision": 2})
    row.refresh_from_db()
    assert row.text == "Of both."


def test_words_for_a_sentence_drafted_anew_are_offered_as_one_of_their_own(
    finished: Finished, office: Client
) -> None:
    row = Sentence.objects.all()[0]
    section, where = row.section, url(finished, "sentence", pk=row.pk)
    row.delete()
    page = office.post(where, {"text": "Still here.", "revision": 1, "section": section.pk})
    assert (page.status_code, "Still here." in page.text) == (409, True)
    assert url(finished, "add", pk=section.pk) in page.text
    assert office.get(where).status_code == 404


def test_remove_bring_back_move_and_add(finished: Finished, office: Client) -> None:
    section = Section.objects.get(key=Section.PARTICIPATION)
    first, two, *_rest = section.sentences.all()
    where = url(finished, "sentence", pk=first.pk)
    office.post(where, {"do": "remove", "revision": 1})
    assert "1 removed sentence" in office.get(url(finished, "office")).text
    office.post(where, {"do": "restore", "revision": 2})
    move = {"section": section.pk, "revision": 3, "do": "down"}
    office.post(url(finished, "move", pk=first.pk), move)
    assert list(section.sentences.values_list("pk", flat=True))[:2] == [two.pk, first.pk]
    office.post(url(finished, "move", pk=first.pk), {**move, "revision": 4, "do": "up"})
    assert list(section.sentences.values_list("pk", flat=True))[:2] == [first.pk, two.pk]
    office.post(url(finished, "add", pk=section.pk), {"text": "And more.", "more": "#1"})
    last = section.sentences.last()
    assert last is not None
    assert (last.text, last.sources, last.origin) == ("And more.", [{"seq": 1}], "written")


def test_coverage_lists_who_is_not_reflected_and_helps_to_cite(
    finished: Finished, office: Client
) -> None:
    statement = finished.statement("Normere")
    for row in Sentence.objects.filter(sources__icontains=statement.id.hex):
        row.sources = [
            source for source in row.sources if source.get("statement") != statement.id.hex
        ]
        row.save()
    page = office.get(url(finished, "coverage")).text
    assert "Not yet reflected" in page
    where = url(finished, "cite", pk=statement.pk)
    assert where in page
    section = Section.objects.get(key=Section.PARTICIPATION)
    assert "figures on trafficking" in office.get(where).text
    office.post(where, {"section": section.pk, "sentence": 4})
    assert "Not yet reflected" not in office.get(url(finished, "coverage")).text


def test_coverage_counts_interventions_and_leads_to_the_recording_of_those_without_a_text(
    finished: Finished, office: Client
) -> None:
    assert "Spoken without a text" not in office.get(url(finished, "coverage")).text
    statement = finished.statement("Normere")
    place, meeting = statement.inscription, finished.world.panels[0].meeting_id
    assert place is not None
    statement.versions.all().delete()
    page = office.get(url(finished, "coverage")).text
    assert "Spoken without a text" in page
    watch = reverse("webcast:watch", args=(finished.world.hearing.slug, meeting))
    assert page.count(f"{watch}#slot-") == 1
    assert f"{watch}#slot-{place.pk.hex}" in page
    statement.delete()
    assert f"{watch}#slot-{place.pk.hex}" in office.get(url(finished, "coverage")).text


def test_search_finds_sentences_by_words_and_by_sources(finished: Finished, office: Client) -> None:
    page = office.get(url(finished, "office"), {"q": "PROSECUTED"}).text
    assert "prosecuted" in page
    assert "By language" not in page
    assert "No sentence matches" in office.get(url(finished, "office"), {"q": "zebra"}).text


def test_public_page_is_there_only_while_published(finished: Finished, office: Client) -> None:
    from django.test import Client  # Django's settings are loaded later

    everybody = Client()
    names = ("public", "public-docx", "public-pdf", "archive:public-zip")
    assert {everybody.get(url(finished, name)).status_code for name in names} == {404}
    office.post(url(finished, "publish"), {"do": "publish"})
    work_off()
    assert {everybody.get(url(finished, name)).status_code for name in names} == {200}
    page = everybody.get(url(finished, "public")).text
    assert "Summary of the hearing" in page
    assert "Late Voices" not in page
    arabic = everybody.get(url(finished, "public"), headers={"Accept-Language": "ar"}).text
    assert "The intervention of Estmere ended after 2:30." in arabic  # the summary is in English
    office.post(url(finished, "publish"), {"do": "take-back"})
    assert everybody.get(url(finished, "public")).status_code == 404


def test_pages_take_as_many_queries_for_more_sentences(finished: Finished, office: Client) -> None:
    section = Section.objects.get(key=Section.PARTICIPATION)
    own: list[dict[str, Any]] = [
        {"statement": finished.statement("Normere").id.hex, "sentence": 4},
        {"seq": 3},
    ]
    counts: dict[str, list[int]] = {"office": [], "coverage": []}
    for _more in range(2):
        for name, found in counts.items():
            with CaptureQueriesContext(
                connection,
            ) as queries:
                office.get(url(finished, name))
            found.append(len(queries))
        for _each in range(3):
            actions.write(
                section=section, text="One more.", sources=own, actor=finished.world.office
            )
    assert counts["office"][0] == counts["office"][1] <= 12
    assert counts["coverage"][0] == counts["coverage"][1] <= 40


def test_each_source_leads_to_its_entry_and_proof(finished: Finished, office: Client) -> None:
    hearing = finished.world.hearing
    office.post(url(finished, "publish"), {"do": "publish"})
    page = office.get(url(finished, "public")).text
    sources = re.findall(r'<li id="source-[0-9]+">.*?</li>', page, re.S)
    linked = [re.search(r"/log/entry/([0-9]+)/", source) for source in sources]
    assert sources
    seqs = {int(found[1]) for found in linked if found}
    entries = Entry.objects.filter(hearing=hearing.id, seq__in=seqs)
    kinds = set(entries.values_list("kind", flat=True))
    assert all(found for found, text in zip(linked, sources, strict=True) if "together" not in text)
    assert "statement.handed_in" in kinds
    statement = Statement.objects.filter(hearing_id=hearing.id)[0]
    beside = office.get(url(finished, "source"), {"statement": statement.pk.hex}).text
    assert re.search(r"/log/entry/[0-9]+/", beside)
