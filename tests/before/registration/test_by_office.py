"""What the secretariat corrects: late registrations, details, panels, withdrawals for others."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from hemicycle.before.registration import editing, links
from hemicycle.before.registration.actions import OfficeEntry, enter, submit
from hemicycle.before.registration.forms import StakeholderForm
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers.queries import list_of_speakers
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.models import Entry, Head, Note
from hemicycle.record.verify import verify
from tests.support.markup import parsed

if TYPE_CHECKING:
    from collections.abc import Callable

    from hemicycle.record.verify import Report
    from tests.support.lists import World

    Typed = dict[str, Any]

OFFICE = "/office/2021-trafficking/registrations/"
ADD = f"{OFFICE}add/stakeholders/"


@pytest.fixture
def late(world: World) -> World:
    """The hearing one hour after its stakeholders' deadline."""
    closes = facts_of(world.hearing).closes_at("stakeholders")
    world.clock.move_to(clock.to_ms(closes + timedelta(hours=1)))
    return world


def verified(world: World) -> Report:
    """Verify the whole record as `hemicycle verify` does, and return the report."""
    head = Head.objects.filter(hearing=world.hearing.id).values().get()
    entries = Entry.objects.filter(hearing=world.hearing.id).order_by("seq").values()
    ids = {"hearing": world.hearing.id.hex}
    return verify([{**row, **ids} for row in entries], [{**head, **ids}])


def entries(world: World, *kinds: str) -> list[tuple[str, str]]:
    rows = Entry.objects.filter(hearing=world.hearing.id, kind__in=kinds).order_by("seq")
    return [(row.kind, row.role) for row in rows]


def test_a_registration_by_telephone_needs_no_mailbox(
    world: World, stakeholder: Callable[..., Typed]
) -> None:
    typed = stakeholder(email="", way="telephone")
    page = world.client().post(ADD, typed, follow=True)
    row = Registration.objects.get()
    assert (row.is_confirmed, row.way, row.is_late) == (True, "telephone", False)
    assert (row.reference in page.content.decode(), Message.objects.count()) == (True, 0)
    assert "telephone" in page.content.decode()
    assert entries(world, "registration.entered", "registration.received") == [
        ("registration.entered", "secretariat"),
        ("registration.received", "stakeholder"),
    ]


def test_the_office_is_not_asked_about_itself(world: World) -> None:
    legends = re.findall(
        r"<legend[^>]*>\s*([^<]*?)\s*</legend>", world.client().get(ADD).content.decode()
    )
    assert {"Organization", "Participant"} <= {*legends}
    assert not {"Your organization", "You"} & {*legends}


def test_two_without_an_address_are_two_people(
    world: World, stakeholder: Callable[..., Typed]
) -> None:
    client = world.client()
    for name in ("Amina", "Omar"):
        client.post(ADD, stakeholder(email="", way="desk", name=name))
    assert Registration.objects.count() == 2


def test_an_entered_registration_gets_its_receipt(
    world: World, stakeholder: Callable[..., Typed]
) -> None:
    world.client().post(ADD, stakeholder(way="letter"))
    row = Registration.objects.get()
    letter = Message.objects.get()
    assert (letter.purpose, letter.address) == ("receipt", "amina@example.org")
    assert links.personal_url(row) in letter.body


def test_late_is_refused_without_a_reason_and_nothing_typed_is_lost(
    late: World, stakeholder: Callable[..., Typed]
) -> None:
    answer = late.client().post(ADD, stakeholder(way="telephone"))
    page = answer.content.decode()
    assert (answer.status_code, Registration.objects.count()) == (422, 0)
    assert "Give the reason for this exception" in page
    assert "River Watch" in page


def test_admitted_late_leaves_the_public_deadline(
    late: World, stakeholder: Callable[..., Typed]
) -> None:
    closes = facts_of(late.hearing).closes_at("stakeholders")
    reason = "The postal service of the country was on strike."
    late.client().post(ADD, stakeholder(way="telephone", late_reason=reason))
    row = Registration.objects.get()
    assert (row.is_late, row.inscriptions.get().is_late) == (True, True)
    assert facts_of(late.hearing).closes_at("stakeholders") == closes
    assert "closed" in Client().get("/h/2021-trafficking/register/").content.decode()
    kinds = ("registration.admitted_late", "registration.received", "speaker.inscribed")
    assert [kind for kind, _role in entries(late, *kinds)] == list(kinds)
    assert Note.objects.filter(text=reason).exists()
    with pytest.raises(RegistrationRefused) as refused:
        _submit(late, stakeholder(email="other@example.org"))
    assert refused.value.reason == Reason.TOO_LATE


def _submit(world: World, typed: Typed) -> Registration:
    facts = facts_of(world.hearing)
    form = StakeholderForm(facts, typed)
    assert form.is_valid(), form.errors
    return submit(facts=facts, cleaned=form.cleaned(), received_at=clock.now()).registration


def _enter_late(world: World, typed: Typed, reason: str = "The line was down.") -> Registration:
    facts = facts_of(world.hearing)
    form = StakeholderForm(facts, typed)
    assert form.is_valid(), form.errors
    by = OfficeEntry(world.office, Registration.Way.TELEPHONE, reason)
    return enter(facts=facts, cleaned=form.cleaned(), entry=by).registration


def test_the_lists_show_who_was_admitted_late(
    late: World, stakeholder: Callable[..., Typed]
) -> None:
    late.accepts = True
    row = _enter_late(late, stakeholder())
    Registration.objects.filter(pk=row.pk).update(status="accepted")
    late.hearing.public_list = True
    late.hearing.save()
    client = late.client()
    panel = late.panels[0]
    for address in (
        "/h/2021-trafficking/speakers/",
        f"/office/2021-trafficking/lists/{panel.pk}/",
        f"/office/2021-trafficking/lists/{panel.pk}/print/",
        OFFICE,
        f"{OFFICE}{row.pk}/",
    ):
        assert "admitted late" in client.get(address).content.decode(), address
    lines = client.get(f"/office/2021-trafficking/lists/{panel.pk}.csv").content.decode()
    assert "Admitted late" in lines.splitlines()[0]
    assert ",yes," in lines.splitlines()[1]


def test_a_late_one_comes_behind_all_others(
    world: World, stakeholder: Callable[..., Typed]
) -> None:
    world.accepts = True
    first = world.ngo("A", 0)
    closes = facts_of(world.hearing).closes_at("stakeholders")
    world.clock.move_to(clock.to_ms(closes + timedelta(hours=1)))
    row = _enter_late(world, stakeholder())
    Registration.objects.filter(pk=row.pk).update(status="accepted")
    names = [line.organization for line in list_of_speakers(world.panels[0])]
    assert names == [first.organization.name, "River Watch"]


# ── verify ────────────────────────────────────────────────────────────────────────────────────
def test_verify_holds_with_a_late_one_that_was_admitted(
    late: World, stakeholder: Callable[..., Typed]
) -> None:
    _enter_late(late, stakeholder())
    assert verified(late).broken is None


def test_verify_finds_a_late_one_that_nobody_admitted(
    late: World, stakeholder: Callable[..., Typed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hemicycle.before.registration.actions._record_entered", _nothing)
    _enter_late(late, stakeholder())
    received = Entry.objects.get(hearing=late.hearing.id, kind="registration.received")
    broken = verified(late).broken
    assert broken is not None
    assert (broken.seq, broken.problem) == (
        received.seq,
        "it was received after the deadline, and the secretariat did not admit it",
    )


def _nothing(*_args: object) -> None:
    """Record nothing, as a dishonest site would."""


# ── Edited and moved ──────────────────────────────────────────────────────────────────────────
def typed_of(row: Registration, **changes: Any) -> Typed:
    """Return the fields of the editing form as the page fills them in, with `changes`."""
    found = {
        "organization": row.organization.name,
        "country": row.organization.country,
        "category": str(row.category_id),
        "name": row.person.name,
        "title": row.person.title,
        "email": row.person.email,
        "language": row.language,
        "gender": row.gender,
        "rank": row.rank,
        "segments": [str(panel) for panel in editing.panels_of(row)],
    }
    return {**found, **changes}


def test_details_are_corrected_after_the_deadline(world: World) -> None:
    row = world.ngo("Rivver Watch", 0)
    closes = facts_of(world.hearing).closes_at("stakeholders")
    world.clock.move_to(clock.to_ms(closes + timedelta(hours=1)))
    data = typed_of(row, organization="River Watch", name="Amina O.", country="KE")
    page = world.client().post(f"{OFFICE}{row.pk}/edit/", data, follow=True).content.decode()
    row.refresh_from_db()
    assert "The registration has been corrected." in page
    assert (row.organization.name, row.organization.country) == ("River Watch", "KE")
    assert (row.person.name, row.organization_key) == ("Amina O.", "river watch")
    assert row.inscriptions.get().state == "inscribed"
    fields = Entry.objects.get(kind="registration.corrected").fields()["fields"]
    assert fields == ["country", "name", "organization"]


def test_saving_nothing_records_nothing(world: World) -> None:
    row = world.ngo("River Watch", 0)
    before = Entry.objects.count()
    world.client().post(f"{OFFICE}{row.pk}/edit/", typed_of(row))
    assert Entry.objects.count() == before


def test_a_new_address_gets_the_link_and_the_old_one_is_told(world: World) -> None:
    row = world.ngo("River Watch", 0)
    old, address = row.person.email, links.personal_url(row)
    Message.objects.all().delete()
    world.client().post(f"{OFFICE}{row.pk}/edit/", typed_of(row, email="new@hearing.example"))
    row.refresh_from_db()
    sent = {message.address: message.body for message in Message.objects.all()}
    assert sent.keys() == {old, "new@hearing.example"}
    assert links.personal_url(row) in sent["new@hearing.example"]
    assert "/my/" not in sent[old]
    assert Client().get(address.removeprefix(settings.BASE_URL)).status_code == 410
    assert entries(world, "registration.email_changed") == [
        ("registration.email_changed", "secretariat")
    ]


def test_a_speaker_moves_to_another_panel(world: World) -> None:
    row = world.ngo("River Watch", 0)
    world.ngo("Lake Watch", 1)
    second = str(world.panels[1].id)
    world.client().post(f"{OFFICE}{row.pk}/edit/", typed_of(row, segments=[second]))
    assert editing.panels_of(row) == {world.panels[1].id}
    new = row.inscriptions.get(segment=world.panels[1])
    assert (new.place, new.is_late, new.state) == (2, False, "inscribed")
    row.refresh_from_db()
    assert row.wishes_to_intervene


def test_a_panel_added_after_the_deadline_needs_a_reason_and_is_marked(world: World) -> None:
    row = world.ngo("River Watch", 0)
    closes = facts_of(world.hearing).closes_at("stakeholders")
    world.clock.move_to(clock.to_ms(closes + timedelta(hours=1)))
    both = [str(panel.id) for panel in world.panels[:2]]
    client, address = world.client(), f"{OFFICE}{row.pk}/edit/"
    answer = client.post(address, typed_of(row, segments=both))
    assert (answer.status_code, Inscription.objects.count()) == (422, 1)
    client.post(address, typed_of(row, segments=both, reason="Asked at the desk."))
    new = row.inscriptions.get(segment=world.panels[1])
    assert (new.is_late, row.inscriptions.get(segment=world.panels[0]).is_late) == (True, False)
    assert entries(world, "speaker.admitted_late") == [("speaker.admitted_late", "secretariat")]
    assert "Asked at the desk." in client.get(f"{OFFICE}{row.pk}/").content.decode()
    assert verified(world).broken is None


def test_the_participant_is_told_unless_the_officer_says_no(world: World) -> None:
    row = world.ngo("River Watch", 0)
    Message.objects.all().delete()
    client, address = world.client(), f"{OFFICE}{row.pk}/edit/"
    client.post(address, typed_of(row, name="Amina"))
    assert Message.objects.count() == 0
    client.post(address, typed_of(row, name="Amina O.", tell="on"))
    letter = Message.objects.get()
    assert "corrected your registration" in letter.subject
    assert world.panels[0].title in letter.body


def test_a_delegation_is_renamed_with_its_places(world: World) -> None:
    row = world.mission("Frannce", 0)
    taken = world.mission("Kenya", 0)
    client, address = world.client(), f"{OFFICE}{row.pk}/edit/"
    answer = client.post(address, typed_of(row, organization="Kenya"))
    assert (answer.status_code, "already inscribed" in answer.content.decode()) == (422, True)
    client.post(address, typed_of(row, organization="France", country="FR"))
    row.refresh_from_db()
    assert row.inscriptions.get().delegation == "france"
    assert taken.inscriptions.get().delegation == "kenya"


def test_an_edit_read_in_another_language_leaves_the_names_as_they_were_given(world: World) -> None:
    row = world.ngo("River Watch", 0)
    body = row.organization
    body.original_language, body.translations = "en", {"fr": {"name": "Vigie du fleuve"}}
    body.save()
    client, before = world.client(), Entry.objects.count()
    address = f"{OFFICE}{row.pk}/edit/"
    with translation.override("fr"):
        page = client.get(address, headers={"accept-language": "fr"}).content.decode()
    assert parsed(page).xpath("//input[@name='organization']/@value") == ["River Watch"]
    client.post(address, typed_of(row), headers={"accept-language": "fr"})
    assert Entry.objects.count() == before
    client.post(address, typed_of(row, name="Omar"), headers={"accept-language": "fr"})
    row.refresh_from_db()
    assert "fleuve" in row.search_key


def test_a_new_name_takes_the_place_of_all_the_names_before(world: World) -> None:
    row = world.ngo("River Watch", 0)
    body = row.organization
    body.original_language, body.translations = "en", {"fr": {"name": "Vigie du fleuve"}}
    body.save()
    world.client().post(f"{OFFICE}{row.pk}/edit/", typed_of(row, organization="Lake Watch"))
    row.refresh_from_db()
    assert row.organization.names == ("Lake Watch",)
    assert "fleuve" not in row.search_key


def test_the_office_corrects_the_second_name(world: World) -> None:
    row = world.ngo("River Watch", 0, organization_language="en", other_names={"fr": "Vigie"})
    client, address = world.client(), f"{OFFICE}{row.pk}/edit/"
    assert 'value="Vigie"' in client.get(address).content.decode()
    two = {"organization_language": "en", "other_name": "Vigie du fleuve"}
    answer = client.post(address, typed_of(row, **two))
    assert (answer.status_code, "Choose a language." in answer.content.decode()) == (422, True)
    two["other_name_language"] = "fr"
    client.post(address, typed_of(row, **two))
    row.refresh_from_db()
    assert row.organization.names_by_language == {"en": "River Watch", "fr": "Vigie du fleuve"}
    assert "fleuve" in row.search_key
    corrected = Entry.objects.filter(kind="registration.corrected").order_by("seq")
    assert [entry.fields()["fields"] for entry in corrected] == [["other_name"]]
    client.post(address, typed_of(row, **two))  # nothing has changed
    client.post(address, typed_of(row, **two | {"organization": "River Watchers"}))
    row.refresh_from_db()
    assert list(row.organization.names) == ["River Watchers", "Vigie du fleuve"]
    client.post(address, typed_of(row, **two | {"other_name": ""}))
    row.refresh_from_db()
    assert list(row.organization.names) == ["River Watchers"]
    assert corrected.all().count() == 3


def test_a_renamed_member_state_keeps_its_names(world: World) -> None:
    row = world.mission("Frannce", 0)
    changes = {"organization": "Spain", "country": "ES"}
    world.client().post(f"{OFFICE}{row.pk}/edit/", typed_of(row, **changes))
    row.refresh_from_db()
    assert row.organization.names_by_language["es"] == "España"


def test_the_office_withdraws_for_somebody(world: World) -> None:
    row = world.ngo("River Watch", 0)
    data = {"what": "whole", "reason": "Asked by telephone."}
    world.client().post(f"{OFFICE}{row.pk}/withdraw/", data)
    row.refresh_from_db()
    assert (row.status, row.inscriptions.get().state) == ("withdrawn", "withdrawn")
    assert entries(world, "registration.withdrawn") == [("registration.withdrawn", "secretariat")]
    answer = world.client().get(f"{OFFICE}{row.pk}/edit/")
    assert answer.status_code == 302
