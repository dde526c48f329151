"""The outbox shows what is owed, and gives nobody another's link."""

from pathlib import Path

import pytest
from django.test import Client

from hemicycle.correspondence.actions import queue
from hemicycle.correspondence.models import Message
from hemicycle.hearings import actions
from hemicycle.hearings.models import Hearing
from hemicycle.parties import actions as parties
from hemicycle.parties.models import Person, Role
from hemicycle.record.gate import Actor

REFERENCE = Path(__file__).parents[2] / "hearings" / "2021-trafficking.toml"
OFFICE = Actor("0" * 32, "secretariat")


@pytest.fixture
def hearing(db: None) -> Hearing:
    return actions.convene(REFERENCE, publish=True)


@pytest.fixture
def office(hearing: Hearing, client: Client) -> Client:
    person = parties.staff_member(name="Secretariat", email="office@hearing.example")
    parties.appoint(person=person, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=OFFICE)
    client.force_login(person)
    return client


def owe(hearing: Hearing, name: str, subject: str, body: str = "Good day.") -> Message:
    person = Person.objects.create(name=name, email="someone@example.org", language="fr")
    message = queue(
        hearing_id=hearing.id,
        purpose=Message.Purpose.RECEIPT,
        subject=subject,
        body=body,
        person=person,
    )
    assert message is not None
    return message


def test_messages_are_found_by_name_and_subject(hearing: Hearing, office: Client) -> None:
    owe(hearing, "Ana Ruiz", "Your receipt")
    owe(hearing, "Li Wei", "A decision")
    outbox = f"/office/{hearing.slug}/outbox/"
    for asked, found in (("ruiz", "Your receipt"), ("decision", "A decision")):
        page = office.get(outbox, {"q": asked}).content.decode()
        shown = [subject for subject in ("Your receipt", "A decision") if subject in page]
        assert shown == [found]
    assert "No message" in office.get(outbox, {"purpose": "summary"}).content.decode()


def test_a_personal_link_is_shortened(hearing: Hearing, office: Client) -> None:
    secret = "s" * 43
    message = owe(hearing, "Ana", "Link", f"Here: http://localhost:8000/my/{secret}/ soon.")
    page = office.get(f"/office/{hearing.slug}/outbox/{message.id}/").content.decode()
    assert secret not in page
    assert "http://localhost:8000/my/s" in page


def test_a_message_of_another_hearing_is_not_found(hearing: Hearing, office: Client) -> None:
    other = actions.convene(REFERENCE, slug="other")
    message = owe(other, "Ana", "Elsewhere")
    assert office.get(f"/office/{hearing.slug}/outbox/{message.id}/").status_code == 404


@pytest.mark.django_db
def test_who_has_no_address_is_owed_nothing() -> None:
    person = Person.objects.create(name="Ana")
    assert (
        queue(
            hearing_id=None,
            purpose=Message.Purpose.RECEIPT,
            subject="x",
            body="x",
            person=person,
        )
        is None
    )
