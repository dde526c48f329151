"""The page for the day of the hearing, and the list of a person's hearings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from selectolax.lexbor import LexborHTMLParser

from hemicycle.hearing.people.actions import appoint
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database


def day(world: World) -> dict[str, list[str]]:
    """Return each section of the day's page: its lines, or else its first paragraph."""
    page = world.client().get(f"/office/{world.hearing.slug}/day/").text
    found = {}
    for section in LexborHTMLParser(page).css("main .section"):
        heading = section.css_first("h2")
        assert heading is not None
        lines = section.css("li") or section.css("p")[:1]
        found[heading.text().strip()] = [" ".join(line.text().split()) for line in lines]
    return found


def test_what_is_missing_is_named(world: World) -> None:
    world.ngo("Open Doors", 0)
    world.ngo("Lake Watch", 1)
    shown = day(world)
    assert list(shown) == [
        "Meetings",
        "Statements that are missing",
        "Not connected",
        "Booths that need interpreters",
    ]
    assert shown["Meetings"] == ["No meeting is late."]
    missing = shown["Statements that are missing"]
    assert [line.rpartition(", ")[2] for line in missing] == ["Open Doors", "Lake Watch"]
    assert any(line.endswith("Open Doors") for line in shown["Not connected"])
    assert "French: no one." in shown["Booths that need interpreters"]


def test_a_hearing_in_one_language_lacks_no_interpreters(world: World) -> None:
    Hearing.objects.update(languages=["en"])
    said = "The hearing is held in one language: it needs no booth."
    assert day(world)["Booths that need interpreters"] == [said]


def test_queries_do_not_grow_with_the_lists(world: World) -> None:
    page, client = f"/office/{world.hearing.slug}/day/", world.client()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(page)
        return len(captured)

    world.ngo("Doors 0", 0)
    queries()
    few = queries()
    for number in range(1, 4):
        world.ngo(f"Doors {number}", 0)
    assert queries() == few


def test_a_meeting_that_is_late_is_named_until_it_opens(world: World) -> None:
    world.clock.move_to(clock.to_ms(world.panels[0].meeting.starts_at + timedelta(minutes=5)))
    assert "should have been opened: 13 July 2021, 10:00" in day(world)["Meetings"][0]
    world.open_panel(0)
    assert day(world)["Meetings"] == ["No meeting is late."]


def test_a_draft_without_meetings_has_an_empty_day(world: World) -> None:
    made = actions.convene({"title": "Not yet"}, slug="not-yet", actor=world.office)
    appoint(person=world.secretary, hearing_id=made.pk, role=Role.SECRETARIAT, actor=world.office)
    assert "No meeting yet" in world.client().get("/office/not-yet/day/").text


def test_my_hearings_stand_by_when_they_are(world: World) -> None:
    for slug, title in (("not-yet", "Not yet"), ("long-ago", "Long ago")):
        made = actions.convene({"title": title}, slug=slug, actor=world.office)
        appoint(
            person=world.secretary, hearing_id=made.pk, role=Role.SECRETARIAT, actor=world.office
        )
    Hearing.objects.filter(slug="long-ago").update(status=Hearing.Status.ENDED)
    page = LexborHTMLParser(world.client().get("/office/").text)
    assert [node.text() for node in page.css("main h2")] == ["Upcoming", "Drafts", "Past"]
    assert "13 July 2021" in page.css("main .card")[0].text()
    copies = [link.attributes["href"] for link in page.css("main .card a[href*='from=']")]
    assert copies[1] == "/office/convene/?from=not-yet#copy"


def test_the_menu_has_few_groups_and_a_way_to_the_console(world: World) -> None:
    page = LexborHTMLParser(world.client().get(f"/office/{world.hearing.slug}/").text)
    assert [node.text() for node in page.css("nav .side__heading")] == [
        "Before the meeting",
        "The meeting",
        "After the meeting",
        "The system",
    ]
    links = [link.attributes["href"] for link in page.css("nav.office__side a")]
    assert links[0] == f"/office/{world.hearing.slug}/"
    assert f"/h/{world.hearing.slug}/console/" in links


def test_each_link_says_what_it_opens(world: World) -> None:
    page = world.client().get(f"/office/{world.hearing.slug}/day/").text
    links = LexborHTMLParser(page).css("main .section a")
    assert [" ".join(link.text().split()) for link in links] == [
        "Open the console",
        "Open the statements",
        "Open the page “Floor”",
        "Open the booths",
    ]
