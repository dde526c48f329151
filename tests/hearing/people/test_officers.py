"""The duties of officers: given and taken on the record; one officer always keeps them all."""

from uuid import UUID, uuid4

import pytest

from hemicycle.hearing.people import actions, officers
from hemicycle.hearing.people.access import HeldRoles, roles_in, standing_in
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Duty, Person, Role
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import writer
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor

pytestmark = pytest.mark.django_db
OFFICE = Actor("0" * 32, "secretariat")
LETTERS = frozenset({Duty.LETTERS})


@pytest.fixture
def hearing() -> UUID:
    id = uuid4()
    writer.begin(id)
    return id


def officer(
    hearing: UUID, name: str, duties: frozenset[Duty] = WHOLE_OFFICE, actor: Actor = OFFICE
) -> Appointment:
    person = Person.objects.create(name=name, email=f"{name.lower()}@hearing.example")
    return actions.appoint(
        person=person, hearing_id=hearing, role=Role.SECRETARIAT, duties=duties, actor=actor
    )


def told(hearing: UUID) -> list[tuple[str, list[str]]]:
    entries = Entry.objects.filter(hearing=hearing, kind="duties.set").order_by("seq")
    return [(entry.fields()["person"], entry.fields()["duties"]) for entry in entries]


def test_an_officer_has_all_duties_unless_some_are_named(hearing: UUID) -> None:
    ann, bob = officer(hearing, "Ann"), officer(hearing, "Bob", LETTERS)
    assert standing_in(ann.person, hearing) == HeldRoles(
        frozenset({Role.SECRETARIAT}), WHOLE_OFFICE
    )
    assert standing_in(bob.person, hearing) == HeldRoles(frozenset({Role.SECRETARIAT}), LETTERS)
    assert [row.person.name for row in officers.full_officers(hearing)] == ["Ann"]
    assert told(hearing) == [(bob.person.id.hex, ["letters"])]


def test_another_role_gives_no_duty_and_asks_for_none(hearing: UUID) -> None:
    person = officer(hearing, "Bob", LETTERS).person
    actions.appoint(person=person, hearing_id=hearing, role=Role.MODERATOR, actor=OFFICE)
    assert standing_in(person, hearing).duties == LETTERS
    both = {Role.SECRETARIAT, Role.MODERATOR}
    assert roles_in(person, hearing) == both
    assert roles_in(person, hearing, needs=LETTERS) == both
    assert roles_in(person, hearing, needs={Duty.LETTERS, Duty.MEDIA}) == {Role.MODERATOR}
    assert standing_in(None, hearing) == standing_in(person, uuid4()) == HeldRoles()


def test_duties_are_given_and_taken_once(hearing: UUID) -> None:
    officer(hearing, "Ann")
    bob = officer(hearing, "Bob")
    given = {Duty.MEDIA, Duty.REGISTRATION}
    for changed in (True, False):
        assert officers.set_duties(appointment=bob, duties=given, actor=OFFICE) is changed
    assert standing_in(bob.person, hearing).duties == given
    assert officers.set_duties(appointment=bob, duties=list(Duty), actor=OFFICE)
    bob.refresh_from_db()
    assert bob.duties is None
    every = [duty.value for duty in Duty]
    hex = bob.person.id.hex
    assert told(hearing) == [(hex, ["registration", "media"]), (hex, every)]
    by = Entry.objects.filter(hearing=hearing, kind="duties.set").values_list("actor", flat=True)
    assert set(by) == {OFFICE.id}


def test_the_last_officer_with_all_duties_keeps_them(hearing: UUID) -> None:
    ann = officer(hearing, "Ann")
    bob = officer(hearing, "Bob", LETTERS)
    with pytest.raises(officers.LastOfficer):
        officers.set_duties(appointment=ann, duties=LETTERS, actor=OFFICE)
    with pytest.raises(officers.LastOfficer):
        actions.dismiss(appointment=ann, actor=OFFICE)
    assert standing_in(ann.person, hearing).has_whole_office
    officers.set_duties(appointment=bob, duties=WHOLE_OFFICE, actor=OFFICE)
    officers.set_duties(appointment=ann, duties=LETTERS, actor=OFFICE)
    actions.dismiss(appointment=ann, actor=OFFICE)
    assert [row.person.name for row in officers.full_officers(hearing)] == ["Bob"]


def test_who_cannot_sign_in_is_no_officer_to_rely_on(hearing: UUID) -> None:
    ann, bob = officer(hearing, "Ann"), officer(hearing, "Bob")
    actions.disable(person=bob.person, actor=Actor.system("admin"))
    with pytest.raises(officers.LastOfficer):
        officers.set_duties(appointment=ann, duties=LETTERS, actor=OFFICE)
    Appointment.every.filter(pk=bob.pk).update(is_pending=True)
    actions.enable(person=bob.person, actor=Actor.system("admin"))
    with pytest.raises(officers.LastOfficer):
        officers.set_duties(appointment=ann, duties=LETTERS, actor=OFFICE)


def test_the_operator_of_the_site_may_take_the_last_role(hearing: UUID) -> None:
    ann = officer(hearing, "Ann")
    actions.dismiss(appointment=ann, actor=Actor.system("admin"))
    assert not officers.full_officers(hearing).exists()


def test_an_officer_has_at_least_one_duty(hearing: UUID) -> None:
    officer(hearing, "Ann")
    bob = officer(hearing, "Bob", LETTERS)
    with pytest.raises(ValueError, match="at least one duty"):
        officers.set_duties(appointment=bob, duties=(), actor=OFFICE)
    Appointment.every.filter(pk=bob.pk).delete()
    with pytest.raises(Appointment.DoesNotExist):
        officers.set_duties(appointment=bob, duties=WHOLE_OFFICE, actor=OFFICE)


def test_the_letter_names_the_duties(hearing: UUID) -> None:
    elsewhere = uuid4()
    writer.begin(elsewhere)
    bob = officer(elsewhere, "Bob").person
    actions.appoint(
        person=bob,
        hearing_id=hearing,
        role=Role.SECRETARIAT,
        duties={Duty.LETTERS, Duty.LISTS},
        actor=OFFICE,
    )
    body = Message.objects.get(person=bob).body
    assert "Your duties in the secretariat: lists of speakers and letters." in body
    actions.appoint(person=bob, hearing_id=hearing, role=Role.CAPTIONER, actor=OFFICE)
    assert "duties" not in Message.objects.exclude(body=body).get(person=bob).body
