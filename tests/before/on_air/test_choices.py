"""How a person is seen and heard on air: who chooses, until when, and what the engine receives."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from hemicycle.before.on_air import choices, receivers
from hemicycle.before.on_air.choices import SUGGESTED, ChoiceRefused, Subject
from hemicycle.before.on_air.models import OnAirChoice
from hemicycle.before.registration import aliases, links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.forms import StakeholderForm
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.engine.control import passes as wire
from hemicycle.engine.protection import OPEN, Protection
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup import aliases as seats
from hemicycle.hearing.setup.models import NOBODY
from hemicycle.meeting.room import engine
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.models import Entry
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

CARD = Protection("card", "live")


def chosen(registration: Registration, wanted: Protection) -> Protection:
    """Choose as the person, and return the protection that then applies."""
    subject = Subject.of_registration(registration)
    return choices.choose(subject, wanted, actor=actor_of(registration))


def told(world: World) -> dict[str, dict[str, str]]:
    """Return what the media engine must protect: camera and voice for each slot."""
    config = engine.hearing_config(world.hearing)
    found: dict[str, dict[str, str]] = config["protected"]
    return found


def given(registration: Registration, use: str, **more: str) -> wire.Pass:
    """Return the pass that the person's page receives for a use."""
    address = reverse("room:pass", args=(registration.hearing.slug, links.secret_of(registration)))
    answer = Client().post(address, {"use": use, **more})
    assert answer.status_code == 200, answer.content
    return wire.read(answer.json()["token"], settings.MEDIA_ENGINE.secret)


def test_an_alias_protects_until_something_else_is_chosen(world: World) -> None:
    row = world.ngo("River Watch", 0)
    slot = world.inscription(row).id.hex
    assert (told(world), given(row, "publish").protection) == ({}, OPEN)
    aliases.set_alias(registration=row, alias="Voice A", actor=actor_of(row))
    assert told(world) == {slot: {"camera": "card", "voice": "changed"}}
    assert given(row, "publish").protection == SUGGESTED
    row.refresh_from_db()
    assert chosen(row, CARD) == CARD
    assert told(world) == {slot: {"camera": "card", "voice": "live"}}
    assert given(row, "publish").protection == CARD
    chosen(row, OPEN)
    assert (told(world), given(row, "publish").protection) == ({}, OPEN)


@pytest.mark.parametrize(
    ("alias", "camera", "voice", "expected"),
    [
        ("Voice A", "", "", SUGGESTED),
        ("Voice A", "live", "", Protection("live", "changed")),
        ("", "off", "", Protection("off", "live")),
        ("", "", "", OPEN),
    ],
)
def test_the_form_of_registration_asks_for_it(
    world: World, alias: str, camera: str, voice: str, expected: Protection
) -> None:
    form = StakeholderForm(facts_of(world.hearing), {"camera": "mirror", "voice": "changed"})
    assert "camera" in form.errors
    assert form.cleaned_data["voice"] == "changed"
    row = world.ngo("River Watch", 0, alias=alias, camera=camera, voice=voice)
    assert Subject.of_registration(row).protection == expected


def test_the_record_holds_ids_and_not_what_was_chosen(world: World) -> None:
    row = world.ngo("River Watch", 0)
    chosen(row, SUGGESTED)
    chosen(row, SUGGESTED)  # nothing has changed, so there is no second entry
    (entry,) = Entry.objects.filter(kind="on_air.chosen")
    slot = world.inscription(row).id.hex
    assert entry.fields() == {"owner": row.id.hex, "slots": [slot]}
    assert "changed" not in entry.body


def test_once_the_floor_was_given_more_is_held_back_and_not_less(world: World) -> None:
    row = world.ngo("River Watch", 0)
    chosen(row, CARD)
    world.open_panel()
    chosen(row, OPEN)
    chosen(row, CARD)
    world.press(c.GiveFloor(world.inscription(row).id.hex))
    with pytest.raises(ChoiceRefused):
        chosen(row, OPEN)
    with pytest.raises(ChoiceRefused):
        chosen(row, Protection("live", "changed"))
    assert Subject.of_registration(row).protection == CARD
    assert chosen(row, SUGGESTED) == SUGGESTED


def test_who_shows_no_picture_shares_no_screen(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    address = reverse("room:pass", args=(row.hearing.slug, links.secret_of(row)))
    refused = Client().post(address, {"use": "screen"})
    assert (refused.status_code, refused.json()["code"]) == (403, "no_screen")
    assert given(row, "practice").protection == SUGGESTED


def test_whoever_practises_may_try_the_changed_voice(world: World) -> None:
    row = world.ngo("River Watch", 0)
    assert given(row, "practice").protection == OPEN
    assert given(row, "practice", voice="changed").protection == Protection("live", "changed")
    assert given(row, "publish", voice="changed").protection == OPEN


def test_a_panellist_is_protected_in_every_seat(world: World) -> None:
    member = world.panels[0].members.all()[0]
    seats.set_alias(hearing=world.hearing, member=member, alias="Voice P", actor=world.office)
    assert told(world)[member.id.hex] == {"camera": "card", "voice": "changed"}
    page = reverse("on_air:member", args=(world.hearing.slug, member.pk))
    client = world.client()
    assert client.get(page).status_code == 200
    assert client.post(page, {"camera": "off", "voice": "changed"}).status_code == 302
    assert told(world)[member.id.hex] == {"camera": "off", "voice": "changed"}


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────
def test_the_person_and_the_office_choose_on_their_pages(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    own = f"/my/{links.secret_of(row)}/on-air/"
    page = Client().get(own)
    assert "Because there is an alias" in page.text
    assert Client().post(own, {"camera": "nothing"}).status_code == 422
    assert OnAirChoice.objects.count() == 0
    assert Client().post(own, {"camera": "live", "voice": "changed"}).status_code == 302
    assert "Changed, so that no one recognizes it" in Client().get(own[: -len("on-air/")]).text
    office = reverse("on_air:registration", args=(world.hearing.slug, row.pk))
    client = world.client()
    assert "Because there is an alias" not in client.get(office).text
    assert client.post(office, {"camera": "off", "voice": "changed"}).status_code == 302
    assert Subject.of_registration(row).protection == Protection("off", "changed")


def test_a_panellist_chooses_on_their_own_page(world: World) -> None:
    person = Person.objects.create(name="Ana Panellist", email="ana@hearing.example")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=Role.PANELLIST)
    address = reverse("on_air:seat", args=(world.hearing.slug,))
    client = world.client(person)
    assert client.get(address).status_code == 302  # the person has no seat yet
    member = world.panels[0].members.filter(role=Role.PANELLIST)[0]
    member.person = person
    member.save()
    assert client.post(address, {"camera": "card", "voice": "live"}).status_code == 302
    assert told(world)[member.id.hex] == {"camera": "card", "voice": "live"}


def test_the_technician_protects_in_mid_sentence_and_shows_nobody(world: World) -> None:
    row = world.ngo("River Watch", 0)
    slot = world.inscription(row).id.hex
    world.open_panel()
    world.press(c.GiveFloor(slot))
    person = Person.objects.create(name="Tess Technician")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=Role.TECHNICIAN)
    client = world.client(person)
    address = reverse("room:protect", args=(world.hearing.slug,))
    assert client.post(address, {"slot": "nobody"}).status_code == 400
    assert client.post(address, {"slot": "0" * 32}).status_code == 404
    assert client.post(address, {"slot": slot}).status_code == 302
    assert told(world)[slot] == {"camera": "card", "voice": "changed"}
    page = client.get(reverse("room:technician", args=(world.hearing.slug,)))
    assert f'<option value="{slot}" disabled>' in page.text
    chosen(row, Protection("off", "changed"))
    client.post(address, {"slot": slot})
    assert told(world)[slot] == {"camera": "off", "voice": "changed"}
    entries = Entry.objects.filter(kind="on_air.chosen").order_by("seq")
    assert [entry.actor for entry in entries] == [person.id.hex, row.person_id.hex]


def test_an_erased_person_has_no_choices_left(world: World) -> None:
    row = world.ngo("River Watch", 0, alias="Voice A")
    chosen(row, OPEN)
    erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
    assert OnAirChoice.objects.count() == 0
    row.refresh_from_db()
    assert Subject.of_registration(row).protection == SUGGESTED


def failing(person: UUID, record: Writer) -> list[str]:
    raise OSError("the disk is gone")


def test_an_erasure_tried_again_finds_what_a_panellist_chose(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = world.panels[0].members.filter(role=Role.PANELLIST)[0]
    person = Person.objects.create(name="P", email="p@hearing.example")
    member.person = person
    member.save(update_fields=("person",))
    choices.choose(Subject.of_member(world.hearing, member), CARD, actor=world.office)
    with monkeypatch.context() as patched:
        others = [eraser for eraser in person_erased if eraser is not receivers.erase_choices]
        patched.setattr(person_erased, "_receivers", [*others, failing])
        erasure.erase(hearing=world.hearing.id, person=person.id, actor=world.office)
    member.refresh_from_db()
    assert (member.name, OnAirChoice.objects.count()) == (NOBODY, 1)
    erasure.erase(hearing=world.hearing.id, person=person.id, actor=world.office)
    assert not type(member).objects.filter(person=person).exists()
    assert (OnAirChoice.objects.count(), told(world)) == (0, {})
