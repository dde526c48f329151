"""The search on every database: which statements it finds, and in which order."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from hemicycle.before.registration import aliases, changes
from hemicycle.before.registration.access import actor_of
from hemicycle.before.statements import actions
from hemicycle.before.statements.library import publication, queries
from hemicycle.before.statements.models import Listing, Statement
from hemicycle.record import erasure, writer
from tests.before.statements.library.libraries import FilledLibrary, filled
from tests.support.lists import World

pytestmark = pytest.mark.postgresql("search")


def found(library: FilledLibrary, query: str) -> list[str]:
    hearing = library.world.hearing
    asked = queries.read_filter(QueryDict(query), queries.choices(hearing, "in writing"))
    rows = queries.details(hearing, queries.search(hearing, asked))
    return [publication.names(row.statement)[0] for row in rows]


ALL = [
    *("River Watch", "Eau pour tous", "دار الأمان", "光明", "Голос", "Casa Abierta"),
    *("Safe Harbour", "Estmere", "Paper Only"),
]
BY_PANEL = ["Safe Harbour", "Estmere", *ALL[:-3]]
"""Statements that contain the word, then the others of the panel whose title contains it."""


SOUGHT = {
    "water": ["River Watch", "Eau pour tous"],  # both have it in their texts; no name has it
    "WATERS": ["River Watch"],  # the French text is not stemmed as English
    "trafficker": BY_PANEL,
    "victimes protegees": ["Eau pour tous"],
    "protéger": ["Eau pour tous"],
    "النساء": ["دار الأمان"],
    "نساء": ["دار الأمان"],
    "دار الامان": ["دار الأمان"],
    "受害者": ["光明"],
    "害": ["光明"],
    "者受": [],
    "торговля": ["Голос"],
    "ТОРГОВЛЕЙ людьми": ["Голос"],
    "детей": ["Голос"],
    "niñas": ["Casa Abierta"],
    "ninas": ["Casa Abierta"],
    '"clean water"': ["River Watch"],
    '"water clean"': [],
    "traff*": BY_PANEL,
    "river": ["River Watch", "Estmere"],  # a name that matches comes first
    "nothing at all of this": [],
    "!!!": [],
    "NOT OR AND * ( ) : ^ ' \" - &&& | <->": [],
    "h:water": [],
    "wa'ter": [],
}


def test_every_database_finds_the_same(library: FilledLibrary) -> None:
    assert {typed: found(library, _query(q=typed)) for typed in SOUGHT} == SOUGHT


def _query(**values: str) -> str:
    data = QueryDict(mutable=True)
    data.update(values)
    return data.urlencode()


NARROWED = {
    "": ALL,
    "panel=written": ["Paper Only"],
    "panel=999&language=xx&status=embargoed&category=nobody": ALL,
    "category=member-states": ["Estmere"],
    "category=civil-society&language=ru": ["Голос"],
    "language=zh": ["光明"],
    "status=not_reached": ["Safe Harbour", "Estmere"],
    "status=written&q=paper": ["Paper Only"],
    "q=casa": ["Casa Abierta"],
    "q=Watch+water": ["River Watch"],
    "q=Speaker": ALL[:-1],
}


def test_the_library_is_narrowed(library: FilledLibrary) -> None:
    assert {query: found(library, query) for query in NARROWED} == NARROWED


def test_words_next_to_each_other_come_before_words_apart(world: World) -> None:
    texts = {"One": "Legal words, then aid.", "Two": "We ask for legal aid."}
    library = filled(world, texts)
    assert found(library, "q=legal+aid") == ["Two", "One"]


def test_a_search_asks_as_often_for_one_as_for_all(library: FilledLibrary) -> None:
    counts = []
    for query in ("q=clean", "q=water"):
        with CaptureQueriesContext(connection) as captured:
            found(library, query)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def searchable(library: FilledLibrary) -> int:
    """Return the number of rows in the search index itself, whatever the other tables hold."""
    table = "statements_listing_search" if connection.vendor == "sqlite" else "statements_listing"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        (number,) = cursor.fetchone()
    return int(number)


def test_what_is_taken_back_leaves_the_index_in_the_same_turn(library: FilledLibrary) -> None:
    statement, registration = (
        library.statements["River Watch"],
        library.registrations["River Watch"],
    )
    before = searchable(library)
    actions.set_consent(statement=statement, publish=False, actor=actor_of(registration))
    assert searchable(library) == before - 1
    assert found(library, "q=clean") == []
    actions.set_consent(statement=statement, publish=True, actor=actor_of(registration))
    assert found(library, "q=clean") == ["River Watch"]


def test_a_turn_that_fails_changes_no_index(library: FilledLibrary) -> None:
    by = actor_of(library.registrations["River Watch"])

    def fail() -> None:
        with writer.writing(library.world.hearing.id, actor=by):
            statement = library.statements["River Watch"]
            actions.set_consent(statement=statement, publish=False, actor=by)
            assert found(library, "q=clean") == []
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert found(library, "q=clean") == ["River Watch"]


def test_who_withdraws_is_erased_or_refused_is_found_no_more(library: FilledLibrary) -> None:
    gone = library.registrations["River Watch"]
    changes.withdraw(registration=gone, reason="", actor=actor_of(gone))
    erased = library.registrations["Eau pour tous"]
    before = searchable(library)
    erasure.erase(
        hearing=library.world.hearing.id, person=erased.person_id, actor=library.world.office
    )
    assert searchable(library) == before - 1
    assert found(library, "q=water") == []
    assert publication.tidy() == 0


def test_a_new_version_is_found_by_its_own_words(library: FilledLibrary) -> None:
    registration = library.registrations["River Watch"]
    actions.hand_in(
        registration=registration,
        inscription=library.world.inscription(registration),
        file_name="second.txt",
        data=b"Cleaner rivers now.",
        by=registration.person,
        actor=actor_of(registration),
    )
    assert found(library, "q=water") == ["Eau pour tous"]
    assert found(library, "q=cleaner") == ["River Watch"]


def test_an_alias_stands_in_place_of_every_name(library: FilledLibrary) -> None:
    statement = library.statements["River Watch"]
    office = library.world.office
    aliases.set_alias(registration=statement.registration, alias="A survivor", actor=office)
    actions.release_words(statement=statement, number=1, actor=office)
    assert found(library, "q=clean") == ["A survivor"]
    assert found(library, "q=river+watch") == []
    assert found(library, "q=survivor") == ["A survivor"]
    actions.set_naming(statement=statement, naming="withheld", actor=office)
    assert found(library, "q=clean") == []


def test_housekeeping_puts_right_what_no_turn_did(library: FilledLibrary) -> None:
    Listing.objects.all().delete()
    Statement.objects.filter(pk=library.statements["River Watch"].pk).update(release="embargoed")
    assert (searchable(library), publication.tidy()) == (0, len(ALL) - 1)
    assert found(library, "q=water") == ["Eau pour tous"]


def test_words_of_a_panels_title_find_its_statements(library: FilledLibrary) -> None:
    panel = library.world.panels[0]
    panel.title = "Panel 1: Shelters near rivers"
    panel.translations = {"fr": {"title": "Table ronde 1 : des abris"}}
    panel.save()
    in_panel = ALL[:-1]
    assert found(library, "q=shelters") == in_panel
    assert found(library, "q=abris") == in_panel
    # Each word may be in another field, but a statement whose text has both comes first.
    assert found(library, "q=shelter+water") == ["River Watch", "Eau pour tous"]
    assert found(library, "q=river") == ["River Watch", "Estmere", *in_panel[1:-1]]
    assert found(library, "q=shelters+nowhere") == []
