"""The office's search through everything in a hearing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from selectolax.lexbor import LexborHTMLParser

from hemicycle.hearing.people.actions import appoint
from hemicycle.hearing.people.models import Person, Role

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database


def found(world: World, words: str) -> dict[str, list[str]]:
    """Return the labels that the search shows, by group."""
    page = world.client().get(f"/office/{world.hearing.slug}/search/", {"q": words}).text
    return {
        section.css_first("h2").text(): [link.text() for link in section.css("li")]  # type: ignore[union-attr]
        for section in LexborHTMLParser(page).css("main .section")
    }


def test_it_finds_rows_of_every_kind(world: World) -> None:
    world.ngo("Open Doors", 0, question="Which doors stay shut?")
    booth = Person.objects.create(name="Dora Doors", email="dora@hearing.example")
    appoint(person=booth, hearing_id=world.hearing.pk, role=Role.INTERPRETER, actor=world.office)
    shown = {title: rows for title, rows in found(world, "doors").items() if title != "Letters"}
    assert {title: [row.strip() for row in rows] for title, rows in shown.items()} == {
        "Registrations": ["Speaker of Open Doors: Open Doors"],
        "Questions": ["Which doors stay shut?"],
        "People": ["Dora Doors: Interpreter"],
    }


def test_it_finds_pages_and_texts_of_the_programme(world: World) -> None:
    assert [row.strip() for row in found(world, "outbox")["Pages"]] == ["Outbox"]
    assert "Panel 1" in found(world, "enduring")["Programme"][0]


def test_each_result_opens(world: World) -> None:
    world.ngo("Open Doors", 0, question="Which doors stay shut?")
    client = world.client()
    page = client.get(f"/office/{world.hearing.slug}/search/", {"q": "doors"}).text
    links = LexborHTMLParser(page).css("main li a")
    assert len(links) >= 2
    for link in links:
        assert client.get(urlsplit(link.attributes["href"] or "").path).status_code == 200


def test_nothing_found_and_nothing_asked(world: World) -> None:
    client, page = world.client(), f"/office/{world.hearing.slug}/search/"
    assert "Nothing found" in client.get(page, {"q": "xyzzy"}).text
    assert "What are you looking for?" in client.get(page, {"q": " \0 "}).text
    assert client.get(page, {"q": "%_" * 500}).status_code == 200


def test_queries_do_not_grow_with_what_is_found(world: World) -> None:
    client, page = world.client(), f"/office/{world.hearing.slug}/search/"

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(page, {"q": "doors"})
        return len(captured)

    world.ngo("Doors 0", 0, question="Which doors?")
    queries()
    few = queries()
    for number in range(1, 6):
        world.ngo(f"Doors {number}", 0, question="Which doors?")
    assert queries() == few
