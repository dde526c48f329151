"""The page that grants and removes an officer's duties, and the form that appoints an officer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Duty, Person, Role
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.site.security.labels import EVENTS

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database
NEW = {"name": "Ann", "email": "ann@hearing.example", "role": "secretariat"}


def people(world: World) -> str:
    return f"/office/{world.hearing.slug}/people/"


def appointed(world: World, *duties: str, **more: str) -> Appointment:
    world.client().post(people(world), {**NEW, "duties": list(duties), **more})
    return Appointment.objects.get(person__email=NEW["email"], hearing_id=world.hearing.id)


def test_a_colleague_is_appointed_with_some_duties_and_told(world: World) -> None:
    ann = appointed(world, "media", "letters", send_link="on")
    assert ann.held_duties == {Duty.MEDIA, Duty.LETTERS}
    letter = Message.objects.get(person=ann.person).body
    assert "Your duties in the secretariat: media and letters." in letter
    page = world.client().get(people(world)).text
    assert "<bdi>media</bdi> and <bdi>letters</bdi>" in page


def test_a_colleague_without_a_duty_is_refused_with_a_sentence(world: World) -> None:
    page = world.client().post(people(world), NEW)
    assert "Choose at least one duty." in page.text
    assert not Person.objects.filter(email=NEW["email"]).exists()
    for role in ("moderator", "captioner"):
        assert world.client().post(people(world), {**NEW, "role": role}).status_code == 302


def test_to_appoint_somebody_again_changes_no_duty_and_says_so(world: World) -> None:
    appointed(world, "media")
    page = world.client().post(people(world), {**NEW, "duties": Duty.values}, follow=True)
    assert "Ann already works for the secretariat. Change the duties in the table." in page.text
    assert appointed(world, "media").held_duties == {Duty.MEDIA}


def test_duties_are_changed_on_a_page_and_the_record_says_so(world: World) -> None:
    ann, office = appointed(world, "media"), world.client()
    page = f"{people(world)}{ann.pk}/duties/"
    assert f'href="{page}"' in office.get(people(world)).text
    assert office.get(page).text.count(" checked") == 1
    assert office.post(page, {"duties": Duty.values}).headers["Location"] == people(world)
    assert Appointment.objects.get(pk=ann.pk).held_duties == WHOLE_OFFICE
    office.post(page, {"duties": ["lists"]})
    record = office.get(f"/office/{world.hearing.slug}/record/").text
    assert "Ann now has these duties in the secretariat: lists of speakers." in record
    entry = Entry.objects.filter(hearing=world.hearing.id, kind="duties.set").latest("seq")
    assert (entry.actor, entry.fields()) == (
        world.secretary.id.hex,
        {"person": ann.person.id.hex, "duties": ["lists"]},
    )
    assert EVENTS["duties.set"] == "Duties changed"


def test_the_last_officer_with_all_duties_cannot_give_them_away(world: World) -> None:
    own = Appointment.objects.get(person=world.secretary, role=Role.SECRETARIAT)
    page = f"{people(world)}{own.pk}/duties/"
    answer = world.client().post(page, {"duties": ["lists"]})
    assert answer.status_code == 422
    assert "No other officer has all duties. Give them to someone else first." in answer.text
    appointed(world, *Duty.values)
    answer = world.client().post(page, {"duties": ["lists"]})
    assert answer.headers["Location"] == f"/office/{world.hearing.slug}/"
    assert world.client().get(page).status_code == 403


def test_only_a_member_of_the_secretariat_has_duties(world: World) -> None:
    moderator = appointed(world, role="moderator")
    assert world.client().get(f"{people(world)}{moderator.pk}/duties/").status_code == 404


def test_who_protects_people_sees_the_seats_and_appoints_nobody(world: World) -> None:
    ann = world.client(appointed(world, "protected").person)
    page = ann.get(people(world)).text
    seat = PanelMember.objects.filter(segment__meeting__hearing=world.hearing).first()
    assert seat is None or f"{people(world)}seats/{seat.pk}/" in page
    assert world.secretary.email not in page
    assert "Appoint" not in page
    assert ann.post(people(world), {**NEW, "email": "bob@hearing.example"}).status_code == 403
    assert not Person.objects.filter(email="bob@hearing.example").exists()


def test_the_search_finds_only_what_is_open(world: World) -> None:
    world.ngo("Open Doors", 0, question="Which doors stay shut?")
    search = f"/office/{world.hearing.slug}/search/"
    ann = world.client(appointed(world, "documents").person)
    found = ann.get(search, {"q": "doors"}).text
    assert "Which doors stay shut?" in found
    assert "Speaker of Open Doors" not in found
    assert f"/office/{world.hearing.slug}/people/" not in ann.get(search, {"q": "ann"}).text


def overview(world: World, *duties: Duty) -> str:
    """Return the overview as an officer with these duties sees it."""
    person = Person.objects.create(name="Ann", email=f"{len(duties)}-{duties[0]}@hearing.example")
    Appointment.objects.create(
        person=person,
        hearing_id=world.hearing.id,
        role=Role.SECRETARIAT,
        duties=[duty.value for duty in duties],
    )
    page = world.client(person).get(f"/office/{world.hearing.slug}/").text
    return " ".join(page.split())


def test_the_overview_has_the_figures_of_pages_that_the_duties_open(world: World) -> None:
    world.ngo("River Watch", 0)
    counted = ("accepted", "statements submitted", "In figures")
    found = {
        duty: [f">{words}<" in overview(world, duty) for words in counted]
        for duty in (Duty.REGISTRATION, Duty.DOCUMENTS, Duty.LISTS, Duty.MEDIA)
    }
    assert found == {
        Duty.REGISTRATION: [True, False, True],
        Duty.DOCUMENTS: [False, True, True],
        Duty.LISTS: [False, False, False],
        Duty.MEDIA: [False, False, False],
    }


def test_who_may_not_see_names_is_asked_for_nothing_about_them(world: World) -> None:
    world.accepts = False
    rows = [world.ngo(f"Body {number}") for number in range(3)]
    for row in rows:
        assert (row.status, row.confirmed_at is not None) == ("submitted", True)
    Registration.objects.filter(pk=rows[0].pk).update(alias="Witness A")
    for sender in (rows[0].person.email, "someone@example.org"):
        Mail.objects.create(
            hearing_id=world.hearing.id,
            from_address=sender,
            state=Mail.State.WAITING,
            received_at=clock.now(),
            size=0,
        )
    without = overview(world, Duty.REGISTRATION, Duty.LETTERS)
    assert "2 registrations to decide" in without
    assert "1 message to review" in without
    everything = overview(world, Duty.REGISTRATION, Duty.LETTERS, Duty.PROTECTED)
    assert "3 registrations to decide" in everything
    assert "2 messages to review" in everything
