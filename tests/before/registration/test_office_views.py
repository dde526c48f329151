"""The secretariat's pages of registrations: search, filters, decisions, exports and queries."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from hemicycle.before.registration import changes, links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("ordering")

OFFICE = "/office/2021-trafficking/registrations/"


def found(client: Client, query: str) -> list[str]:
    page = client.get(f"{OFFICE}?{query}").context["page"]
    return [row.organization.name for row in page]


def test_words_are_found_in_any_script_and_case(world: World) -> None:
    world.ngo("Étoile du Nord", 0, speaker="Amina")
    world.ngo("ЗАЩИТА детей", 0)
    world.ngo("منظمة الأمل")
    client = world.client()
    assert found(client, "q=etoile+AMINA") == ["Étoile du Nord"]
    assert found(client, "q=защита") == ["ЗАЩИТА детей"]
    assert found(client, "q=الأمل") == ["منظمة الأمل"]
    row = Registration.objects.get(organization__name="ЗАЩИТА детей")
    assert found(client, f"q={row.reference.lower()}") == ["ЗАЩИТА детей"]
    assert found(client, f"q={row.person.email.upper()}") == ["ЗАЩИТА детей"]
    assert found(client, "q=%25") == []


def test_filters_and_order(world: World) -> None:
    world.ngo("Beta", 0)
    world.ngo("Alpha")
    world.mission("France", 1)
    client = world.client()
    assert found(client, "") == ["Beta", "Alpha", "France"]
    assert found(client, "sort=organization") == ["Alpha", "Beta", "France"]
    assert found(client, "sort=-organization") == ["France", "Beta", "Alpha"]
    assert found(client, "track=member-states") == ["France"]
    assert found(client, "status=accepted") == ["France"]
    assert found(client, "floor=no") == ["Alpha"]
    assert found(client, f"panel={world.panels[0].id}") == ["Beta"]
    category = world.hearing.categories.get(key="civil-society").id
    assert found(client, f"category={category}") == ["Beta", "Alpha"]
    nonsense = "track=x&status=y&panel=z&sort=password&page=99&category=1"
    assert found(client, nonsense) == ["Beta", "Alpha", "France"]


def test_a_page_of_fifty_costs_as_much_as_a_page_of_one(world: World) -> None:
    client = world.client()
    costs = []
    for number in range(55):
        world.ngo(f"Body {number}", 0, co_signers=("Hope",))
        if number in {0, 2, 54}:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                page = client.get(OFFICE).context["page"]
            costs.append(len(queries))
    assert len(page) == 50
    assert costs[0] == costs[1] == costs[2]


def test_the_chosen_are_decided_together(world: World) -> None:
    rows = [world.ngo("A", 0), world.ngo("B", 0), world.ngo("C", 0)]
    chosen = [str(row.pk) for row in rows[:2]]
    data = {"chosen": chosen, "outcome": "accepted", "next": OFFICE}
    client = world.client()
    asked = client.post(f"{OFFICE}decide/", data).content.decode()
    assert "Accept 2 registrations" in asked
    assert Registration.objects.filter(status="accepted").count() == 0
    page = client.post(f"{OFFICE}decide/", {**data, "count": "2"}, follow=True).content.decode()
    assert "2 registrations decided." in page
    assert [row.status for row in Registration.objects.order_by("arrival")] == [
        "accepted",
        "accepted",
        "submitted",
    ]


def test_many_decisions_show_a_letter_in_each_language_first(world: World) -> None:
    rows = [
        world.ngo("A", 0),
        world.ngo("B", 0),
        world.ngo("C", 0, interface_language="fr"),
        world.ngo("D", 0, confirmed=False),
    ]
    chosen = [str(row.pk) for row in rows]
    before = Message.objects.count()
    data = {"chosen": chosen, "outcome": "refused", "reason": "Not about this subject."}
    answer = world.client().post(f"{OFFICE}decide/", data)
    preview = answer.context["preview"]
    assert (preview.count, preview.letters) == (4, 3)
    told = [(language, number) for language, number, _text, _person in preview.samples]
    assert told == [("en", 2), ("fr", 1)]
    page = answer.content.decode()
    assert "Refuse 4 registrations" in page
    assert page.count("Not about this subject.") == 3  # in two letters, and in the form
    assert links.secret_of(rows[0]) not in page
    assert Message.objects.count() == before


def test_a_refusal_needs_a_reason_and_a_choice(world: World) -> None:
    row, client = world.ngo("A", 0), world.client()
    answer = client.post(f"{OFFICE}decide/", {"chosen": str(row.pk), "outcome": "refused"})
    assert (answer.status_code, "Give a reason for the refusal" in answer.content.decode()) == (
        422,
        True,
    )
    answer = client.post(f"{OFFICE}decide/", {"outcome": "accepted"}, follow=True)
    assert "Select the registrations" in answer.content.decode()
    answer = client.post(f"{OFFICE}decide/", {"outcome": "x", "chosen": "y"}, follow=True)
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.status == "submitted"


def test_nobody_is_sent_elsewhere_after_a_decision(world: World) -> None:
    data = {"outcome": "accepted", "next": "https://elsewhere.example/"}
    assert world.client().post(f"{OFFICE}decide/", data)["Location"] == OFFICE


def test_one_registration_with_its_history(world: World) -> None:
    row, client = world.ngo("River Watch", 0, co_signers=("Hope",)), world.client()
    client.post(
        f"{OFFICE}decide/", {"chosen": str(row.pk), "outcome": "refused", "reason": "Not invited."}
    )
    page = client.get(f"{OFFICE}{row.pk}/").content.decode()
    for shown in (row.reference, "Hope", "was received", "Not invited.", "Ana Secretary"):
        assert shown in page


def test_a_link_is_revoked_and_sent_anew(world: World) -> None:
    row, client = world.ngo("River Watch", 0), world.client()
    page = client.post(f"{OFFICE}{row.pk}/link/", {"send_new": "yes"}, follow=True)
    assert "The link has been replaced. The new link is in the outbox." in page.content.decode()
    row.refresh_from_db()
    assert row.link_number == 2


def test_similar_requests_are_listed(world: World) -> None:
    world.ngo("A", 0, co_signers=("Hope",))
    world.ngo("B", 0, co_signers=("HOPE",))
    page = world.client().get(f"{OFFICE}similar/").content.decode()
    assert ("Hope" in page, ">A<" in page, ">B<" in page) == (True, True, True)


def test_exports_hold_what_the_page_shows(world: World) -> None:
    world.ngo('=HYPERLINK("x")', 0, speaker="Ñandú 👩🏽‍💻")
    world.ngo("Other")
    client = world.client()
    csv_file = client.get(f"{OFFICE[:-1]}.csv?floor=yes")
    text = csv_file.content.decode("utf-8-sig")
    assert csv_file.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Organization"] for row in rows] == ['\'=HYPERLINK("x")']
    assert rows[0]["Name"] == "Ñandú 👩🏽‍💻"
    book = load_workbook(io.BytesIO(client.get(f"{OFFICE[:-1]}.xlsx").content))
    sheet = book.worksheets[0]
    assert sheet.max_row == 3
    kinds = {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value}
    assert "f" not in kinds


def test_the_office_erases_a_participant_after_a_preview(world: World) -> None:
    row = world.ngo("River Watch", 0, question="Who pays?", speaker="Ms Unrepeatable")
    office = world.client()
    slug = world.hearing.slug
    erase = f"/office/{slug}/people/{row.person_id}/erase/"
    assert erase in office.get(f"/office/{slug}/registrations/{row.pk}/").text
    preview = office.get(erase).text
    for shown in ("Ms Unrepeatable", row.reference, "What stays", "Copies of recordings"):
        assert shown in preview
    row.person.refresh_from_db()
    assert row.person.name == "Ms Unrepeatable"
    assert "The record can still be verified" in office.post(erase, follow=True).text
    row.person.refresh_from_db()
    assert (row.person.name, row.person.email) == ("", "")
    assert "Ms Unrepeatable" not in office.get(f"/office/{slug}/registrations/{row.pk}/").text


def test_the_office_is_told_when_something_is_left(world: World) -> None:
    row = world.ngo("River Watch", 0)

    def break_down(person: UUID, record: Writer) -> list[str]:
        raise OSError("the disk is gone")

    office, slug = world.client(), world.hearing.slug
    person_erased.connect(break_down)
    try:
        answer = office.post(f"/office/{slug}/people/{row.person_id}/erase/", follow=True)
    finally:
        person_erased.disconnect(break_down)
    assert "not everything could be deleted yet" in answer.text
    assert "break_down" in office.get(f"/office/{slug}/privacy/").text


def test_whom_the_office_erases_gives_up_the_place_but_not_in_mid_turn(world: World) -> None:
    speaking, waiting = world.mission("France", 0), world.mission("Kenya", 0)
    world.open_panel()
    world.press(c.GiveFloor(speaking.inscriptions.get().id.hex))
    office, people = world.client(), f"/office/{world.hearing.slug}/people/"
    for row in (speaking, waiting):
        said = office.post(f"{people}{row.person_id}/erase/", follow=True).text
        row.person.refresh_from_db()
        row.refresh_from_db()
        is_speaking = row == speaking
        assert ("has the floor now" in said) is is_speaking
        assert (row.person.erased_at is None) is is_speaking
        assert (row.status == "withdrawn") is not is_speaking
    world.press(c.EndFloor())
    office.post(f"{people}{speaking.person_id}/erase/")
    speaking.person.refresh_from_db()
    assert speaking.person.erased_at is not None
    assert speaking.inscriptions.get().is_on_list, "the turn was held: that stays true"


def test_a_panellist_is_not_erased_in_mid_turn_either(world: World) -> None:
    member = world.panels[0].members.filter(role=Role.PANELLIST)[0]
    person = Person.objects.create(name=member.name, email="panel@hearing.example")
    Appointment.objects.create(
        person=person, hearing_id=world.hearing.id, role=Role.PANELLIST.value
    )
    PanelMember.objects.filter(pk=member.pk).update(person=person)
    world.open_panel()
    world.press(c.GiveFloor(member.id.hex))
    office, address = world.client(), f"/office/{world.hearing.slug}/people/{person.pk}/erase/"
    assert "has the floor now" in office.post(address, follow=True).text
    person.refresh_from_db()
    assert person.erased_at is None
    world.press(c.EndFloor())
    office.post(address)
    person.refresh_from_db()
    assert person.erased_at is not None


def test_one_who_was_replaced_can_be_erased_too(world: World) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    before = row.person_id
    changes.replace_speaker(
        registration=row, name="Ms Second", email="b@hearing.example", title="", actor=world.office
    )
    office = world.client()
    erase = f"/office/{world.hearing.slug}/people/{before}/erase/"
    assert office.get(erase).status_code == 200
    assert office.post(erase).status_code == 302
    row.refresh_from_db()
    assert (row.person.name, row.status) == ("Ms Second", "accepted")
    assert Person.objects.get(pk=before).name == ""


def test_whoever_took_part_in_a_hearing_that_is_over_did_so(world: World) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    world.clock.advance(100 * 86_400_000)
    world.client().post(f"/office/{world.hearing.slug}/people/{row.person_id}/erase/")
    row.refresh_from_db()
    assert (row.person.name, row.status) == ("", "accepted")
