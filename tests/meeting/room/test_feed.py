"""Stopping and resuming the public feed on pages: permissions, entries in the record, answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.meeting.state.meeting_view import public_view
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry, Note

if TYPE_CHECKING:
    from django.test import Client

    from hemicycle.procedure.state import Floor
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("notifications")


def address(world: World) -> str:
    return reverse("room:feed", args=(world.hearing.slug, world.panels[0].meeting_id))


def floor(world: World) -> Floor:
    return floor_of(world.panels[0].meeting_id)


def staff(world: World, role: Role) -> tuple[Person, Client]:
    person = Person.objects.create(name=f"A {role.label}", email=f"{role}@hearing.example")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=role)
    return person, world.client(person)


def as_script(client: Client, path: str, **data: str) -> tuple[int, str]:
    answer = client.post(path, data, headers={"Accept": "application/json"})
    text = answer.content.decode()
    return answer.status_code, json.loads(text)["error"] if text else ""


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.SECRETARIAT, Role.TECHNICIAN])
def test_who_stops_it_is_on_the_record(panel: World, role: Role) -> None:
    person, client = staff(panel, role)
    assert as_script(client, address(panel), press="stop_feed", note="A name was said.") == (
        204,
        "",
    )
    assert floor(panel).feed_stopped
    entry = Entry.objects.get(kind="feed.stopped")
    assert person.id.hex in entry.actor
    assert json.loads(entry.body)["note"]


def test_the_stop_pressed_twice_is_one_entry(panel: World) -> None:
    _person, first = staff(panel, Role.MODERATOR)
    _person, second = staff(panel, Role.TECHNICIAN)
    assert as_script(first, address(panel), press="stop_feed") == (204, "")
    assert as_script(second, address(panel), press="stop_feed") == (204, "")
    assert Entry.objects.filter(kind="feed.stopped").count() == 1


def test_an_old_sight_of_the_floor_does_not_keep_a_stop_from_being_taken(panel: World) -> None:
    client = panel.client(panel.moderator)
    assert as_script(client, address(panel), press="stop_feed", seen="1") == (204, "")
    assert floor(panel).feed_stopped


def test_only_the_stop_that_was_seen_is_lifted(panel: World) -> None:
    client = panel.client(panel.moderator)
    as_script(client, address(panel), press="stop_feed")
    first = floor(panel).feed_seq
    as_script(client, address(panel), press=f"resume_feed:{first}")
    assert not floor(panel).feed_stopped
    as_script(client, address(panel), press="stop_feed")
    status, sentence = as_script(client, address(panel), press=f"resume_feed:{first}")
    assert (status, sentence) == (
        409,
        "Someone else acted first. Check the floor as it is now, then try again.",
    )
    assert floor(panel).feed_stopped


def test_why_it_was_stopped_may_be_said_when_it_is_resumed(panel: World) -> None:
    client = panel.client(panel.moderator)
    as_script(client, address(panel), press="stop_feed")
    press = f"resume_feed:{floor(panel).feed_seq}"
    assert as_script(client, address(panel), press=press, note="A name was said.") == (204, "")
    key = json.loads(Entry.objects.get(kind="feed.resumed").body)["note"]
    assert Note.objects.get(key=key).text == "A name was said."


@pytest.mark.parametrize("press", ["", "resume_feed", "resume_feed:x", "give_floor", "stop"])
def test_what_is_no_press_of_the_feed_gets_a_sentence(panel: World, press: str) -> None:
    status, sentence = as_script(panel.client(panel.moderator), address(panel), press=press)
    assert status == 409
    assert sentence.endswith(".")
    assert floor(panel).holder is None


def test_others_may_not(panel: World) -> None:
    for role in (Role.INTERPRETER, Role.CAPTIONER):
        _person, client = staff(panel, role)
        assert client.post(address(panel), {"press": "stop_feed"}).status_code == 403
    assert not floor(panel).feed_stopped


def test_without_a_script_it_leads_back_to_the_page(panel: World) -> None:
    _person, client = staff(panel, Role.TECHNICIAN)
    page = client.post(address(panel), {"press": "stop_feed", "back": "technician"}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("room:technician", args=(panel.hearing.slug,))
    assert f'value="resume_feed:{floor(panel).feed_seq}"' in page.content.decode()


def test_the_public_is_told_that_it_is_interrupted(panel: World) -> None:
    client = panel.client(panel.moderator)
    page = reverse("webcast:live", args=(panel.hearing.slug,))
    said = "The webcast is interrupted."
    assert said not in client.get(page).content.decode().partition("hc-messages-webcast")[0]
    as_script(client, address(panel), press="stop_feed")
    assert said in client.get(page).content.decode().partition("hc-messages-webcast")[0]
    assert (public_view(panel.hearing.id) or {})["feed"]["stopped"]
