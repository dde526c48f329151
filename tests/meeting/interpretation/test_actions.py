"""Interpreters are assigned and released: rows, roles, links and record change together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.access import roles_in
from hemicycle.hearing.people.models import Person, Role
from hemicycle.meeting.interpretation import actions, queries
from hemicycle.meeting.interpretation.models import Interpreter
from hemicycle.record import erasure, labels
from hemicycle.record.models import Entry
from tests.meeting.interpretation.booth_world import BoothWorld, assign, told

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tests.support.lists import World

pytestmark = pytest.mark.django_db
KINDS = ("interpreter.assigned", "interpreter.released", "role.given", "role.taken")


def members(world: World, language: str = "fr") -> list[str]:
    found = next(booth for booth in queries.booths(world.hearing) if booth.language == language)
    return [member.person.name for member in found.members]


def test_who_is_assigned_has_the_role_and_a_place_on_the_record(booths: BoothWorld) -> None:
    assert members(booths.world) == ["Ada", "Bea"]
    assert roles_in(booths.ada.person, booths.world.hearing.id) == {Role.INTERPRETER}
    ada, bea = booths.ada.person.id.hex, booths.bea.person.id.hex
    assert told(booths.world, *KINDS) == [
        ("role.given", ada, "interpreter"),
        ("interpreter.assigned", ada, "fr"),
        ("role.given", bea, "interpreter"),
        ("interpreter.assigned", bea, "fr"),
    ]


def test_assigning_twice_is_assigning_once(booths: BoothWorld) -> None:
    before = Entry.objects.count()
    assert assign(booths.world, "Ada") == booths.ada
    assert (Entry.objects.count(), Interpreter.objects.count()) == (before, 2)


def test_a_booth_has_three_interpreters_at_most(booths: BoothWorld) -> None:
    assign(booths.world, "Cid")
    people = Person.objects.count()
    with pytest.raises(
        actions.AssignmentRefused, match="This booth is full: French has 3 interpreters"
    ):
        assign(booths.world, "Dan")
    assert Person.objects.count() == people


def test_nobody_sits_in_two_booths(booths: BoothWorld) -> None:
    with pytest.raises(actions.AssignmentRefused, match="Ada works in another booth: French"):
        assign(booths.world, "Ada", "es")


def test_a_language_that_is_none_of_the_hearings(world: World) -> None:
    with pytest.raises(actions.AssignmentRefused, match="no booth for that language"):
        assign(world, "Ada", "sw")


def test_any_language_can_have_a_booth(world: World) -> None:
    world.hearing.languages = ["sr-Latn-RS", "ase"]
    assign(world, "Ada", "sr-Latn-RS")
    assign(world, "Bea", "ase")
    assert (members(world, "sr-Latn-RS"), members(world, "ase")) == (["Ada"], ["Bea"])


def test_who_is_released_loses_role_links_and_place(booths: BoothWorld) -> None:
    world, person = booths.world, booths.ada.person
    parties.issue_link(
        person=person, hearing_id=world.hearing.id, role="interpreter", actor=world.office
    )
    actions.release(interpreter=booths.ada, actor=world.office)
    actions.release(interpreter=booths.ada, actor=world.office)
    assert members(world) == ["Bea"]
    assert roles_in(person, world.hearing.id) == frozenset()
    assert person.sign_in_links.get().revoked_at is not None
    assert told(world, *KINDS)[4:] == [
        ("interpreter.released", person.id.hex, "fr"),
        ("role.taken", person.id.hex, "interpreter"),
    ]


def test_who_lost_the_role_elsewhere_has_no_place_and_can_come_back_in_another(
    booths: BoothWorld,
) -> None:
    world, person = booths.world, booths.ada.person
    parties.dismiss(appointment=person.appointments.get(), actor=world.office)
    assert members(world) == ["Bea"]
    assert queries.place_of(world.hearing, person) is None
    parties.appoint(
        person=person, hearing_id=world.hearing.id, role=Role.TECHNICIAN, actor=world.office
    )
    assign(world, "Ada", "es")
    assert (members(world), members(world, "es")) == (["Bea"], ["Ada"])


def test_a_booth_whose_language_was_taken_out_is_closed(booths: BoothWorld) -> None:
    hearing = booths.world.hearing
    hearing.languages = ["en"]
    found = [(booth.language, booth.closed) for booth in queries.booths(hearing)]
    assert found == [("en", False), ("fr", True)]
    assert queries.language_of(hearing, booths.ada.person) == ""


def test_erasing_an_interpreter_frees_the_place_and_the_record_stands(booths: BoothWorld) -> None:
    world, person = booths.world, booths.ada.person
    before = Entry.objects.filter(hearing=world.hearing.id).count()
    erasure.erase(hearing=world.hearing.id, person=person.id, actor=world.office)
    assert members(world) == ["Bea"]
    assert Entry.objects.filter(hearing=world.hearing.id).count() == before + 1


def test_the_record_is_told_in_words(booths: BoothWorld) -> None:
    row = Entry.objects.filter(kind="interpreter.assigned").earliest("seq")
    names = labels.names_for([row.fields()])
    sentence = labels.describe(row.kind, row.fields(), names)
    assert sentence == "Ada was assigned to the booth: French."


def test_the_booths_cost_one_query_however_many_work_there(
    booths: BoothWorld, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assign(booths.world, "Cid", "es")
    with django_assert_num_queries(1):
        assert sum(len(booth.members) for booth in queries.booths(booths.world.hearing)) == 3
