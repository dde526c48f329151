"""The office's pages: a token is shown once; webhooks are listed, switched and sent again."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hemicycle.before.registration.models import Registration
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.site.api.models import Delivery, Token, Webhook
from hemicycle.site.api.webhooks import actions, payload
from tests.support.markup import compact

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("ordering")


def _office(world: World) -> str:
    return f"/office/{world.hearing.slug}/api/"


def _kinds(world: World) -> list[str]:
    rows = Entry.objects.filter(hearing=world.hearing.id, actor=world.secretary.id.hex)
    return list(rows.order_by("seq").values_list("kind", flat=True))


def test_a_token_is_shown_once_and_opens_what_was_ticked(world: World) -> None:
    client = world.client()
    sent = {"make": "", "name": "Badges", "scopes": ["lists:read"], "days": "30"}
    page = client.post(_office(world), sent)
    assert page.status_code == 200
    (secret,) = re.findall(r">(hem_[A-Za-z0-9_-]{43})<", page.content.decode())
    asked = f"/api/v1/hearings/{world.hearing.slug}/office"
    headers = {"authorization": f"Bearer {secret}"}
    assert Client().get(f"{asked}/lists", headers=headers).status_code == 200
    assert Client().get(f"{asked}/record", headers=headers).status_code == 403
    again = client.get(_office(world)).content.decode()
    assert secret not in again
    assert "Badges" in again
    assert "read the lists of speakers" in again
    token = Token.objects.get()
    client.post(f"{_office(world)}tokens/{token.pk}/revoke/")
    assert Client().get(f"{asked}/lists", headers=headers).status_code == 401
    assert _kinds(world) == ["token.made", "token.revoked"]


def test_a_token_that_opens_nothing_is_refused_and_what_was_typed_stays(world: World) -> None:
    page = world.client().post(_office(world), {"make": "", "name": "Badges", "days": "9999"})
    said = page.content.decode()
    assert page.status_code == 422
    assert "Choose at least one permission for the token." in said
    assert 'value="Badges"' in said
    assert Token.objects.count() == 0


def test_a_webhook_from_its_form_to_its_end(world: World) -> None:
    client = world.client()
    inside = client.post(_office(world), {"add": "", "url": "https://10.0.0.1/hook"})
    assert inside.status_code == 422
    assert "in a private network" in inside.content.decode()
    sent = {"add": "", "url": "https://hooks.example.org/told", "kinds": ["floor.given"]}
    page = client.post(_office(world), sent, follow=True)
    webhook = Webhook.objects.get()
    said = unescape(page.content.decode())
    assert payload.secret_of(webhook) in said
    address = f"{_office(world)}webhooks/{webhook.pk}/"
    for press in ("off", "on", "renew", "nonsense", "remove"):
        assert client.post(f"{address}do/", {"do": press}).status_code == 302
    assert client.get(address).status_code == 404
    assert _kinds(world) == [
        "webhook.added",
        "webhook.switched_off",
        "webhook.switched_on",
        "webhook.secret_renewed",
        "webhook.removed",
    ]
    record = client.get(f"/office/{world.hearing.slug}/record/").content.decode()
    assert "was switched on again" in record


def test_what_a_receiver_answered_is_shown_as_text(world: World) -> None:
    webhook = actions.add(
        hearing=world.hearing,
        url="https://hooks.example.org/told",
        kinds_told=[],
        actor=world.office,
    )
    sent = Delivery.objects.create(
        webhook=webhook,
        seq=3,
        kind="floor.given",
        attempts=2,
        status=500,
        problem="refused",
        answer="<script>alert(1)</script>",
        took_ms=12,
        created_at=clock.now(),
        next_at=clock.now(),
        last_at=clock.now(),
    )
    client = world.client()
    page = client.get(f"{_office(world)}webhooks/{webhook.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "it did not accept the message" in page
    answer = client.post(f"{_office(world)}deliveries/{sent.pk}/again/")
    assert answer.status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.attempts) == ("waiting", 0)


def test_a_table_is_tried_and_then_taken(world: World) -> None:
    client, address = world.client(), f"{_office(world)}import/"
    head = "organization,country,category,name,email\n"
    good = head + "Open Doors,KE,civil-society,Amina Example,a@hearing.example\n"
    bad = good + "Far Away,KE,pirates,Jack Example,j@hearing.example\n"

    def send(text: str, press: str, name: str = "table.csv") -> tuple[int, str]:
        sent = {"track": "stakeholders", press: "", "file": SimpleUploadedFile(name, text.encode())}
        answer = client.post(address, sent)
        return answer.status_code, compact(answer.content.decode())

    status, page = send(bad, "keep")
    assert (status, "Nothing was imported" in page, Registration.objects.count()) == (422, True, 0)
    assert '<th scope="row" class="num">3</th><td dir="ltr">category</td>' in page
    status, page = send(good, "try")
    assert (status, "1 row is valid" in page, Registration.objects.count()) == (200, True, 0)
    status, page = send(good, "keep")
    assert (status, "1 registration was imported" in page) == (200, True)
    assert Registration.objects.get().person.name == "Amina Example"
    status, page = send("hello", "try", "table.xlsx")
    assert (status, "workbook cannot be read" in page) == (422, True)
    table = client.get(f"{address}?template=member-states").content.decode("utf-8-sig")
    assert table.startswith("state,delegation,alias,category,")
