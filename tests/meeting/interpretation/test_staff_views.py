"""The secretariat's page of booths: what it shows, accepts and refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.commands.links import role_links
from hemicycle.meeting.interpretation import cards, queries
from hemicycle.meeting.interpretation.models import Interpreter
from tests.meeting.interpretation.booth_world import BoothWorld, assign

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db
TYPED = {"language": "fr", "name": "Ada Lovewell", "email": "ada@hearing.example"}


def office(world: World, press: str = "") -> str:
    return f"/office/{world.hearing.slug}/booths/{press}"


def test_an_interpreter_is_assigned_and_shown_in_the_booth(world: World) -> None:
    said = world.client().post(office(world), TYPED, follow=True).content.decode()
    assert "Ada Lovewell has been assigned." in said
    assert "only one interpreter" in said
    assert Interpreter.objects.get().language == "fr"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"language": ""}, "Choose the booth."),
        ({"language": "tlh"}, "not one of the available choices"),
        ({"name": " "}, "Enter the interpreter’s name."),
        ({"email": ""}, "Enter the address for the sign-in link."),
        ({"email": "ada"}, "Enter an e-mail address"),
    ],
)
def test_what_cannot_be_taken_gets_a_sentence_and_keeps_the_rest(
    world: World, change: dict[str, str], says: str
) -> None:
    answer = world.client().post(office(world), TYPED | change)
    said = answer.content.decode()
    assert (answer.status_code, Interpreter.objects.count()) == (422, 0)
    assert says in said
    kept = {*TYPED.values()} - {TYPED[name] for name in change} - {"fr"}
    assert all(f'value="{value}"' in said for value in kept)


def test_a_full_booth_is_told_on_the_form(booths: BoothWorld) -> None:
    assign(booths.world, "Cid")
    answer = booths.world.client().post(
        office(booths.world), TYPED | {"email": "d@hearing.example"}
    )
    assert answer.status_code == 422
    assert "This booth is full" in answer.content.decode()


def test_somebody_with_the_role_is_placed(world: World) -> None:
    person = Person.objects.create(name="Eve", email="eve@hearing.example")
    given = parties.appoint(
        person=person, hearing_id=world.hearing.id, role=Role.INTERPRETER, actor=world.office
    )
    assert "Interpreters without a booth" in world.client().get(office(world)).content.decode()
    world.client().post(office(world, f"{given.pk}/place/"), {"language": "ru"})
    assert queries.language_of(world.hearing, person) == "ru"
    again = world.client().post(office(world, f"{given.pk}/place/"), {"language": "ru"})
    assert again.status_code == 404


def test_placing_in_no_booth_is_refused_with_a_sentence(world: World) -> None:
    person = Person.objects.create(name="Eve", email="eve@hearing.example")
    given = parties.appoint(
        person=person, hearing_id=world.hearing.id, role=Role.INTERPRETER, actor=world.office
    )
    url = office(world, f"{given.pk}/place/")
    said = world.client().post(url, {"language": "?"}, follow=True).content.decode()
    assert "no booth for that language" in said


def test_an_interpreter_is_taken_out(booths: BoothWorld) -> None:
    url = office(booths.world, f"{booths.ada.pk}/release/")
    said = booths.world.client().post(url, follow=True).content.decode()
    assert "Ada no longer works in this booth" in said
    assert Interpreter.objects.get() == booths.bea


def test_booths_that_lack_somebody_are_a_task(booths: BoothWorld) -> None:
    hearing = booths.world.hearing
    assert [task.text for task in cards.tasks(hearing, by_real_names=True)] == [
        "5 booths have fewer than two interpreters."
    ]
    hearing.languages = ["fr"]
    assert list(cards.tasks(hearing, by_real_names=True)) == []
    Interpreter.objects.all().delete()
    assert list(cards.tasks(hearing, by_real_names=True)) == []


def test_what_is_held_about_an_interpreter(booths: BoothWorld) -> None:
    found = list(cards.holdings(booths.world.hearing, booths.ada.person))
    assert found == ["The place in a booth (French): deleted."]
    assert list(cards.holdings(booths.world.hearing, booths.world.secretary)) == []


def test_the_printed_links_lead_each_interpreter_to_their_booth(booths: BoothWorld) -> None:
    ways = dict(role_links(booths.world.hearing))
    client = booths.world.client()
    client.logout()
    answer = client.post(ways["Booth: French 2"])
    assert (answer.status_code, answer["Location"]) == (302, booths.url)
    assert str(booths.bea.person.pk) == client.session["_auth_user_id"]
