"""The security log of a hearing, and who can read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from hemicycle.before.registration import confirming, review
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people import actions, sessions
from hemicycle.hearing.people.models import Person, Role
from hemicycle.record import clock, erasure
from hemicycle.record.writer import Actor
from hemicycle.security_log import SecurityEvent
from hemicycle.site.security.labels import EVENTS
from hemicycle.site.security.log_files import lines_in

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = re.compile(r"[A-Za-z0-9_-]{40,}")


def seen(world: World, client: Client | None = None) -> str:
    page = (client or world.client()).get(f"/office/{world.hearing.slug}/security/")
    assert page.status_code == 200
    return page.content.decode()


def logged(world: World) -> list[tuple[str, str]]:
    """Return the event and object of each line about the hearing, in order."""
    lines = [
        line
        for line in lines_in(settings.SECURITY_LOG_DIR)
        if line.get("hearing") == world.hearing.id.hex
    ]
    return [(line["event"], line.get("what", "")) for line in reversed(lines)]


def test_every_event_has_words() -> None:
    assert set(EVENTS) == set(SecurityEvent)


def test_a_sign_in_from_appointment_to_dismissal(world: World) -> None:
    person = Person.objects.create(name="Kim Example", email="kim@hearing.example")
    appointment = actions.appoint(
        person=person, hearing_id=world.hearing.id, role=Role.TECHNICIAN, actor=world.office
    )
    path = actions.issue_link(
        person=person, hearing_id=world.hearing.id, role="technician", actor=world.office
    )
    client = Client(REMOTE_ADDR="2001:db8:1:2:3::4")
    assert client.post(path).status_code == 302
    assert client.post(path).status_code == 410
    client.get(f"/office/{world.hearing.slug}/people/")
    client.post("/sign-out/")
    text = seen(world)
    actions.dismiss(appointment=appointment, actor=world.office)
    found = [
        ("role.given", "sign-in"), ("link.made", "sign-in"), ("link.used", "sign-in"),
        ("session.refused", "sign-in"), ("access.refused", "hearing:people"),
        ("role.taken", "sign-in"),
    ]  # fmt: skip
    assert [line for line in logged(world) if line in found] == found
    for words in ("Kim Example", "Signed in", "Signed out", "2001:db8:1:2::/64", "technician"):
        assert words in text
    secret = path.strip("/").rpartition("/")[2]
    files = "".join(file.read_text() for file in settings.SECURITY_LOG_DIR.iterdir())
    assert secret not in files
    assert SECRET.findall(files) == []


def test_what_leaves_an_office_and_who_is_erased(world: World) -> None:
    registration = world.ngo("An organization", 0)
    client = world.client()
    assert client.get(f"/office/{world.hearing.slug}/registrations.csv").status_code == 200
    assert client.get(f"/office/{world.hearing.slug}/registrations/").status_code == 200
    erasure.erase(hearing=world.hearing.id, person=registration.person_id, actor=world.office)
    assert logged(world)[-2:] == [("data.exported", "registration:csv"), ("person.erased", "")]
    assert "erased person" in seen(world)


def test_only_the_secretariat_of_that_hearing_reads_it(world: World) -> None:
    moderator = world.client(world.moderator)
    assert moderator.get(f"/office/{world.hearing.slug}/security/").status_code == 403
    assert Client().get(f"/office/{world.hearing.slug}/security/").status_code == 302


def test_another_hearings_lines_are_not_shown(world: World) -> None:
    other = Person.objects.create(name="Other Example", email="other@hearing.example")
    stranger = Client()
    stranger.force_login(other, backend=sessions.BACKEND)
    assert "Other Example" not in seen(world)
    assert other.id.hex in {line.get("person") for line in lines_in(settings.SECURITY_LOG_DIR)}


def test_who_is_who_is_logged_and_shown_to_the_office(world: World) -> None:
    world.mission("Estmere", 0)  # its address is on file
    impostor = world.mission("Normere", 0, on_file=False, accepted=False)
    late = world.ngo("Late Voices", 0, confirmed=False, accepted=False)
    assert late.confirm_by is not None
    world.clock.move_to(clock.to_ms(late.confirm_by) + 1)
    confirming.lapse_due()
    identity = [line for line in logged(world) if line[0].startswith("identity.")]
    assert identity == [
        ("identity.confirmed", "mission"),
        ("identity.confirmed", "mailbox"),
        ("identity.disputed", "mission"),
        ("identity.confirmed", "mailbox"),
        ("identity.lapsed", "mailbox"),
    ]
    review.decide(
        hearing=world.hearing,
        chosen=[impostor.pk],
        outcome=Registration.Status.ACCEPTED,
        reason="",
        decided_by=world.secretary,
        actor=world.office,
    )
    assert logged(world)[-1] == ("identity.confirmed", "mission")
    text = seen(world)
    for words in ("Identity not proved", "Address not confirmed in time", "mission · secretariat"):
        assert words in text


def test_what_is_undone_is_not_logged(world: World) -> None:
    """A form whose transaction is rolled back disputes nothing."""
    with transaction.atomic():
        world.mission("Normere", 0, on_file=False, accepted=False)
        transaction.set_rollback(True)
    assert [line for line in logged(world) if line[0].startswith("identity.")] == []


def test_a_reset_of_a_sign_in_is_shown_wherever_the_person_works(world: World) -> None:
    actions.reset_sign_in(person=world.moderator, actor=Actor.system("reset"))
    assert "Sign-in reset" in seen(world)


def test_the_office_is_told_of_copies_before_it_erases(world: World) -> None:
    registration, client = world.ngo("An organization", 0), world.client()
    preview = f"/office/{world.hearing.slug}/people/{registration.person_id}/erase/"
    assert "Staff exported data" not in client.get(preview).text
    client.get(f"/office/{world.hearing.slug}/registrations.csv")
    client.get(f"/office/{world.hearing.slug}/registrations.csv")
    for page in (preview, f"/office/{world.hearing.slug}/privacy/"):
        text = client.get(page).text
        assert "Staff exported data 2 times" in text
        assert "registration:csv" in text
