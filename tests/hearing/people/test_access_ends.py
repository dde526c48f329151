"""Access ends with its reason (a role, a hearing); old links and sessions get no new access."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from hemicycle.hearing.people import actions, sessions
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import panel_seats
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor
from tests.support.lists import REFERENCE

if TYPE_CHECKING:
    from tests.support.lists import World

SYSTEM = Actor.system("test")
LINK = re.compile(r"/sign-in/[\w-]{43}/")


@pytest.fixture
def other(world: World) -> Hearing:
    """Return another hearing, whose secretariat is somebody else."""
    return hearings.convene(REFERENCE, slug="another", publish=True)


def passkey_of(person: Person) -> Authenticator:
    data = {"name": "Office laptop", "credential": {}}
    kind = Authenticator.Type.WEBAUTHN
    return Authenticator.objects.create(user=person, type=kind, data=data)


def signed_in(client: Client) -> bool:
    return client.get("/office/").status_code == 200


def of(person: Person, hearing: Hearing) -> Appointment:
    return Appointment.every.get(person=person, hearing_id=hearing.id)


def test_with_the_last_role_go_sessions_links_and_passkeys(world: World) -> None:
    person = world.moderator
    clients = [world.client(person), world.client(person)]
    passkey_of(person)
    asked = actions.issue_link(person=person, actor=SYSTEM)  # requested links name no hearing
    assert [signed_in(client) for client in clients] == [True, True]
    actions.dismiss(appointment=of(person, world.hearing), actor=world.office)
    assert [signed_in(client) for client in clients] == [False, False]
    assert not Authenticator.objects.filter(user=person).exists()
    assert Client().post(asked).status_code == 410
    assert sessions.of(person).count() == 0


def test_who_keeps_another_role_stays_signed_in_for_it(world: World, other: Hearing) -> None:
    person = world.moderator
    actions.appoint(person=person, hearing_id=other.id, role=Role.MODERATOR, actor=SYSTEM)
    passkey_of(person)
    client = world.client(person)
    actions.dismiss(appointment=of(person, world.hearing), actor=world.office)
    slugs = (world.hearing.slug, other.slug)
    answers = [client.get(f"/h/{slug}/console/").status_code for slug in slugs]
    assert answers == [403, 302]  # the second redirects to its meeting
    assert Authenticator.objects.filter(user=person).count() == 1


def test_the_roles_in_its_meetings_end_with_a_hearing(world: World) -> None:
    staff = {Role.MODERATOR: world.moderator}
    for role in (Role.PANELLIST, Role.INTERPRETER, Role.CAPTIONER, Role.TECHNICIAN):
        staff[role] = actions.staff_member(name=str(role.label), email=f"{role}@hearing.example")
        actions.appoint(
            person=staff[role], hearing_id=world.hearing.id, role=role, actor=world.office
        )
    clients = [world.client(person) for person in staff.values()]
    office = world.client()
    unused = actions.issue_link(
        person=world.moderator, hearing_id=world.hearing.id, role="moderator", actor=SYSTEM
    )
    office.post(f"/office/{world.hearing.slug}/end/")
    assert [signed_in(client) for client in clients] == [False] * 5
    assert office.get(f"/office/{world.hearing.slug}/").status_code == 200
    assert Client().post(unused).status_code == 410
    taken = Entry.objects.filter(hearing=world.hearing.id, kind="role.taken")
    assert {entry.fields()["role"] for entry in taken} == {role.value for role in staff}


def test_who_is_dismissed_has_no_seat_on_a_panel(world: World) -> None:
    """The programme still names the person, but the seat came with the role."""
    member = panel_seats.members(world.hearing)[0]
    panel_seats.seat(
        hearing=world.hearing, member=member, email="member@hearing.example", actor=world.office
    )
    person = Person.objects.get(email="member@hearing.example")
    actions.appoint(
        person=person, hearing_id=world.hearing.id, role=Role.TECHNICIAN, actor=world.office
    )
    client = world.client(person)
    seat = f"/h/{world.hearing.slug}/seat/"
    assert "hc-link" in client.get(seat).content.decode()
    Appointment.objects.filter(person=person, role=member.role).delete()
    assert "hc-link" not in client.get(seat).content.decode()


def test_erasing_a_person_signs_them_out(world: World) -> None:
    client = world.client(world.moderator)
    erasure.erase(hearing=world.hearing.id, person=world.moderator.id, actor=world.office)
    assert not signed_in(client)
    assert not world.moderator.sessions.exists()


def test_an_appointment_elsewhere_opens_nothing_old(world: World, other: Hearing) -> None:
    """The person accepts another secretariat's appointment by mail before it gives access."""
    person = world.moderator
    old = world.client(person)
    link = actions.issue_link(
        person=person, hearing_id=world.hearing.id, role="moderator", actor=world.office
    )
    by = Actor(world.secretary.id.hex, "secretariat")
    actions.appoint(person=person, hearing_id=other.id, role=Role.MODERATOR, actor=by)
    console = f"/h/{other.slug}/console/"
    by_old_link = Client()
    assert by_old_link.post(link).status_code == 302
    assert old.get(console).status_code == by_old_link.get(console).status_code == 403
    assert old.get(f"/h/{world.hearing.slug}/console/").status_code == 302  # the old role continues

    (letter,) = Message.objects.filter(hearing_id=other.id, person=person)
    assert "has appointed you" in letter.body
    (accept,) = LINK.findall(letter.body)
    new = Client()
    assert new.post(accept).status_code == 302
    assert new.get(console).status_code == 302
    assert old.get(console).status_code == by_old_link.get(console).status_code == 403


def test_who_does_not_accept_holds_nothing_and_is_listed_as_such(
    world: World, other: Hearing
) -> None:
    secretary = actions.staff_member(name="Other", email="other@hearing.example")
    actions.appoint(person=secretary, hearing_id=other.id, role=Role.SECRETARIAT, actor=SYSTEM)
    office = world.client(secretary)
    people = f"/office/{other.slug}/people/"
    new = {"name": "X", "email": world.moderator.email, "role": "technician"}
    said = office.post(people, new, follow=True).content.decode()
    assert "also works for another hearing" in said
    assert "not yet accepted" in said
    assert world.moderator.appointments.count() == 1
    given = of(world.moderator, other)
    office.post(f"{people}{given.pk}/dismiss/")
    assert not Appointment.every.filter(pk=given.pk).exists()
    assert world.client(world.moderator).get("/office/").status_code == 200


def test_a_session_is_known_by_its_network_only(world: World) -> None:
    assert sessions.place_of("192.0.2.77") == "192.0.2.0/24"
    assert sessions.place_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert sessions.place_of("::ffff:192.0.2.77") == "192.0.2.0/24"
    assert sessions.place_of("") == ""
