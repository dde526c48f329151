"""The secretariat's pages: found, filtered, decided, exported, at a steady cost."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from hemicycle.before.registration.models import Registration

if TYPE_CHECKING:
    from tests.support.lists import World

OFFICE = "/office/2021-trafficking/registrations/"


def found(client: Client, query: str) -> list[str]:
    page = client.get(f"{OFFICE}?{query}").context["page"]
    return [row.organization.name for row in page]


def test_only_the_secretariat_may_look(world: World) -> None:
    assert Client().get(OFFICE).status_code == 302
    assert world.client(world.moderator).get(OFFICE).status_code == 403
    assert world.client().get(OFFICE).status_code == 200


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
    page = world.client().post(f"{OFFICE}decide/", data, follow=True).content.decode()
    assert "2 registrations decided." in page
    assert [row.status for row in Registration.objects.order_by("arrival")] == [
        "accepted",
        "accepted",
        "submitted",
    ]


def test_a_refusal_needs_a_reason_and_a_choice(world: World) -> None:
    row, client = world.ngo("A", 0), world.client()
    answer = client.post(f"{OFFICE}decide/", {"chosen": str(row.pk), "outcome": "refused"})
    assert (answer.status_code, "A refusal needs a reason" in answer.content.decode()) == (
        422,
        True,
    )
    answer = client.post(f"{OFFICE}decide/", {"outcome": "accepted"}, follow=True)
    assert "Tick the registrations" in answer.content.decode()
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
    assert "A new one is in the outbox." in page.content.decode()
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
