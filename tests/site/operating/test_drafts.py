"""A draft that was never published can be deleted by its secretariat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.hearing.people.actions import appoint
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(world: World) -> Hearing:
    """A second hearing of the same secretariat."""
    made = actions.convene({"title": "Not yet"}, slug="not-yet", actor=world.office)
    appoint(person=world.secretary, hearing_id=made.pk, role=Role.SECRETARIAT, actor=world.office)
    return made


def test_a_draft_goes_whole_and_its_officer_stays(world: World, draft: Hearing) -> None:
    client, page = world.client(), "/office/not-yet/delete/"
    assert page in client.get("/office/not-yet/").text
    assert client.get(page).status_code == 200
    assert client.post(page)["Location"] == "/office/"
    assert not Hearing.objects.filter(pk=draft.pk).exists()
    assert not Entry.objects.filter(hearing=draft.pk).exists()
    assert Person.objects.filter(pk=world.secretary.pk).exists()
    assert Hearing.objects.filter(pk=world.hearing.pk).exists()


def test_what_was_once_public_is_not_deleted(world: World) -> None:
    page = f"/office/{world.hearing.slug}/delete/"
    assert world.client().post(page).status_code == 404
    actions.unpublish(hearing=world.hearing, actor=world.office)
    assert world.client().post(page).status_code == 404
    assert Hearing.objects.filter(pk=world.hearing.pk).exists()


def test_the_last_hearing_of_an_officer_signs_them_out(world: World, draft: Hearing) -> None:
    only = Person.objects.create(name="Only", email="only@hearing.example")
    appoint(person=only, hearing_id=draft.pk, role=Role.SECRETARIAT, actor=world.office)
    client = world.client(only)
    assert "1 person works for no other hearing" in client.get("/office/not-yet/delete/").text
    assert client.post("/office/not-yet/delete/")["Location"] == "/"
    assert not Person.objects.filter(pk=only.pk).exists()
    assert client.get("/office/").status_code == 302
