"""A statement's title in two languages: the form, who sees which, alias, search, and erasure."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils.translation import override

from hemicycle.before.registration import aliases, changes, links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions, titles
from hemicycle.before.statements.forms import TitledStatementForm, TitleForm
from hemicycle.before.statements.models import Statement
from hemicycle.before.statements.titles import UNTITLED, GivenTitle
from hemicycle.outcome.summary import references
from hemicycle.outcome.summary.sources import statements as sources
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry, Note
from tests.support.jobs import outcome

if TYPE_CHECKING:
    from tests.support.lists import World

CHINESE, ENGLISH = "水与生命", "Water and life"
TITLE = GivenTitle(CHINESE, "zh", ENGLISH, "en")
TYPED = {
    "title": CHINESE,
    "title_language": "zh",
    "other_title": ENGLISH,
    "other_title_language": "en",
}
SAYS = "Rivers belong to everyone."


@pytest.fixture
def statement(world: World) -> Statement:
    """A confidential contribution in writing by River Watch, with a title in two languages."""
    row = world.ngo("River Watch", speaker="Amina Otieno", consents_to_list="yes")
    return hand_in(row, TITLE)


def hand_in(row: Registration, title: GivenTitle | None = None) -> Statement:
    taken = actions.hand_in(
        registration=row,
        inscription=None,
        file_name="words.txt",
        data=SAYS.encode(),
        by=row.person,
        actor=actor_of(row),
        title=title,
    )
    return taken.version.statement


def release(statement: Statement) -> None:
    """Release the statement: its author consents, and the last meeting counts as closed."""
    row = statement.registration
    Statement.objects.filter(pk=statement.pk).update(release=Statement.Release.WRITTEN)
    actions.set_consent(statement=statement, publish=True, actor=actor_of(row))
    statement.refresh_from_db()


def address(statement: Statement) -> str:
    return f"/h/{statement.registration.hearing.slug}/statements/{statement.pk}/"


def read(path: str, language: str = "en", **query: str) -> str:
    answer = Client(headers={"accept-language": language}).get(path, query)
    assert answer.status_code == 200
    return answer.text


def form(data: dict[str, str]) -> TitleForm:
    return TitleForm(data)


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"title_language": ""}, {"title_language": ["Choose a language."]}),
        ({"other_title_language": ""}, {"other_title_language": ["Choose a language."]}),
        ({"title_language": "en"}, {"other_title_language": ["Choose another language here."]}),
        ({"title": ""}, {"title": ["Enter the title itself too."]}),
        ({"title": "a" * 301}, {"title": ["Use at most 300 characters. You have used 301."]}),
        ({"title": "", "other_title": ""}, {}),
    ],
)
def test_a_title_has_a_language_and_a_second_one_another(
    changed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    assert dict(form(TYPED | changed).errors) == errors


def test_languages_without_a_title_are_not_kept() -> None:
    asked = form({"title": "", "title_language": "fr", "other_title_language": "es"})
    assert asked.is_valid()
    assert asked.given_title() == UNTITLED
    both = TitledStatementForm({"text": SAYS} | TYPED)
    assert both.is_valid()
    assert both.given_title() == TITLE


@pytest.mark.any_database
def test_a_title_comes_with_the_statement_and_is_corrected_on_the_personal_page(
    world: World,
) -> None:
    row = world.ngo("River Watch", speaker="Amina Otieno")
    page, client = f"/my/{links.secret_of(row)}/", Client()
    wrong = client.post(f"{page}statement/", {"text": "", **TYPED})
    assert wrong.status_code == 422
    assert CHINESE in wrong.text  # nothing that was typed is lost
    taken = outcome(client, client.post(f"{page}statement/", {"text": SAYS, **TYPED}))
    shown = f'<span lang="zh" dir="ltr">{CHINESE}</span>'
    assert (ENGLISH in taken.text, shown in taken.text) == (True, True)
    statement = Statement.objects.get()
    assert GivenTitle.of(statement) == TITLE
    again = f"{page}statement/{statement.pk}/title/"
    assert f'value="{CHINESE}"' in client.get(again).text
    refused = client.post(again, TYPED | {"title_language": ""})
    assert (refused.status_code, "Choose a language." in refused.text) == (422, True)
    done = client.post(again, {"title": "Water", "title_language": "en"}, follow=True)
    assert "The title has been saved." in done.text
    statement.refresh_from_db()
    assert GivenTitle.of(statement) == GivenTitle("Water", "en")
    other = world.ngo("Lake Watch", 0)
    assert (
        client.get(f"/my/{links.secret_of(other)}/statement/{statement.pk}/title/").status_code
        == 404
    )


@pytest.mark.any_database
def test_the_office_corrects_it_and_finds_it_by_either_language(
    world: World, statement: Statement
) -> None:
    office = f"/office/{world.hearing.slug}/"
    page = f"{office}statements/{statement.pk}/"
    client = world.client()
    for asked in (CHINESE, "water AND"):
        assert "River Watch" in client.get(f"{office}statements/", {"q": asked}).text
        assert page in client.get(f"{office}search/", {"q": asked}).text
    done = client.post(f"{page}title/", TYPED | {"title": "水和生命"}, follow=True)
    assert (done.redirect_chain, "水和生命" in done.text) == ([(page, 302)], True)
    table = client.get(f"{office}statements/export/csv/").content.decode("utf-8-sig")
    (row,) = csv.DictReader(table.splitlines())
    assert (row["Title"], row["Language of the title"]) == ("水和生命", "zh")
    assert (row["Other title"], row["Its language"]) == (ENGLISH, "en")


@pytest.mark.any_database
def test_who_comes_too_late_corrects_no_title(world: World, statement: Statement) -> None:
    hearing = world.hearing
    hearing.statements_close_at, hearing.late_statements = clock.now(), "refused"
    hearing.save(update_fields=["statements_close_at", "late_statements"])
    world.clock.advance(60_000)
    row = statement.registration
    with pytest.raises(actions.StatementRefused):
        actions.set_title(statement=statement, title=UNTITLED, actor=actor_of(row))
    actions.set_title(statement=statement, title=UNTITLED, actor=world.office)
    statement.refresh_from_db()
    assert GivenTitle.of(statement) == UNTITLED


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("zh-hans", f"<strong>{CHINESE}</strong>"),
        ("en", f"<strong>{ENGLISH}</strong>"),
        ("ar", f'<strong><span lang="zh" dir="ltr">{CHINESE}</span></strong>'),
    ],
)
def test_each_reader_sees_the_title_for_them(
    statement: Statement, language: str, shown: str
) -> None:
    release(statement)
    where = address(statement)
    library = where.removesuffix(f"{statement.pk}/")
    for page in (read(where, language), read(library, language)):
        assert shown in re.sub(r">\s+|\s+<", lambda found: found.group().strip(), page)
    for asked in ("生命", "water"):
        assert CHINESE in read(library, "zh-hans", q=asked)


@pytest.mark.any_database
def test_tables_and_search_engines_have_both_titles(statement: Statement) -> None:
    release(statement)
    slug = statement.registration.hearing.slug
    names = ("title", "title_language", "other_title", "other_title_language")
    told = json.loads(read(f"/api/v1/hearings/{slug}/statements"))["items"][0]
    assert [told[name] for name in names] == [CHINESE, "zh", ENGLISH, "en"]
    page = read(address(statement))
    data = json.loads(page.partition('application/ld+json">')[2].partition("</script>")[0])
    assert (data["headline"], data["alternativeHeadline"]) == (ENGLISH, CHINESE)


@pytest.mark.any_database
def test_a_title_is_as_confidential_as_the_text(world: World, statement: Statement) -> None:
    actions.set_consent(statement=statement, publish=True, actor=actor_of(statement.registration))
    slug = world.hearing.slug
    for path in (
        f"/h/{slug}/statements/",
        f"/h/{slug}/speakers/",
        f"/api/v1/hearings/{slug}/statements",
    ):
        page = read(path)
        assert (CHINESE in page, ENGLISH in page) == (False, False), path
    (source,) = sources(world.hearing)
    assert source.title_in_public == ""
    entry = Entry.objects.get(kind="statement.titled")
    assert CHINESE not in entry.body
    assert "Water" not in entry.body
    fields = entry.fields()
    notes = Note.objects.in_bulk([fields["title"], fields["other_title"]])
    assert [notes[fields[name]].text for name in ("title", "other_title")] == [CHINESE, ENGLISH]


@pytest.mark.any_database
def test_the_sources_of_the_summary_name_it_for_their_readers(
    world: World, statement: Statement
) -> None:
    release(statement)
    (source,) = sources(world.hearing)
    numbers = references.ReferenceNumbers([{"statement": source.id}], {source.id: source})
    (note,) = references.notes(world.hearing, numbers)
    assert f"“{ENGLISH}”" in note.text
    actions.set_consent(statement=statement, publish=False, actor=actor_of(statement.registration))
    (source,) = sources(world.hearing)
    assert source.title_in_public == ""


@pytest.mark.any_database
def test_under_an_alias_names_are_replaced_and_a_new_title_waits(
    world: World, statement: Statement
) -> None:
    release(statement)
    row = aliases.set_alias(
        registration=statement.registration, alias="Voice A", actor=world.office
    )
    naming = GivenTitle("Amina Otieno on water", "en", "Амина Отьено, River Watch", "ru")
    actions.set_title(statement=statement, title=naming, actor=actor_of(row))
    assert statement.is_held
    before = titles.fingerprint(statement)
    page, client = f"/my/{links.secret_of(row)}/", Client()
    assert f'value="1.{before}"' in client.get(page).text
    newer = GivenTitle("Amina Otieno on rivers", "en")
    actions.set_title(statement=statement, title=newer, actor=actor_of(row))
    consent = f"{page}statement/{statement.pk}/consent/"
    refused = client.post(consent, {"words": f"1.{before}"}, follow=True)
    assert "The title has been changed." in refused.text
    assert client.get(address(statement)).status_code == 410
    client.post(consent, {"words": f"1.{titles.fingerprint(statement)}"})
    shown = read(address(statement))
    assert "Voice A on rivers" in shown
    assert "Amina" not in shown


@pytest.mark.any_database
def test_erasure_forgets_titles_and_those_of_a_replaced_speaker(
    world: World, statement: Statement
) -> None:
    row, first = statement.registration, statement.registration.person_id
    changes.replace_speaker(
        registration=row, name="Ana Lima", email="ana@river.example", title="", actor=world.office
    )
    row.refresh_from_db()
    own = GivenTitle("Rivers", "en")
    actions.set_title(statement=statement, title=own, actor=actor_of(row))
    erasure.erase(hearing=world.hearing.pk, person=first, actor=world.office)
    statement.refresh_from_db()
    assert GivenTitle.of(statement) == own
    kept = Note.objects.exclude(erased_at=None).exclude(text="")
    assert (kept.count(), Note.objects.filter(text="Rivers").count()) == (0, 1)
    assert not Note.objects.filter(text__in=[CHINESE, ENGLISH]).exists()
    erasure.erase(hearing=world.hearing.pk, person=row.person_id, actor=world.office)
    statement.refresh_from_db()
    assert GivenTitle.of(statement) == UNTITLED
    assert not Note.objects.filter(text="Rivers").exists()


@pytest.mark.any_database
def test_each_reads_it_in_the_language_of_the_page(statement: Statement) -> None:
    for language, shown in (("zh-hans", CHINESE), ("en", ENGLISH), ("fr", CHINESE)):
        with override(language):
            assert statement.title == shown
