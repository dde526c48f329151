"""The outbox shows queued messages and keeps other people's links secret."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import actions
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import outbox
from hemicycle.mail.outgoing.actions import bounced, queue
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor

pytestmark = pytest.mark.postgresql("ordering")

REFERENCE = Path(__file__).parents[3] / "hearings" / "2021-trafficking.toml"
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
    assert "No messages" in office.get(outbox, {"purpose": "summary"}).content.decode()


def test_a_personal_link_is_shortened(hearing: Hearing, office: Client) -> None:
    secret = "s" * 43
    place = f"http://localhost:8000/my/{secret}/training/{'a' * 36}/"
    message = owe(hearing, "Ana", "Link", f"Here: http://localhost:8000/my/{secret}/. {place}")
    page = office.get(f"/office/{hearing.slug}/outbox/{message.id}/").content.decode()
    assert secret not in page
    assert secret[:7] not in page
    assert f"http://localhost:8000/my/ssssss…/training/{'a' * 36}/" in page


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


def act(office: Client, message: Message, what: str) -> Message:
    assert message.hearing_id is not None
    hearing = Hearing.objects.get(pk=message.hearing_id)
    url = f"/office/{hearing.slug}/outbox/{message.id}/act/"
    assert office.post(url, {"act": what}).status_code == 302
    message.refresh_from_db()
    return message


def test_a_message_is_cancelled_and_sent_after_all(hearing: Hearing, office: Client) -> None:
    message = owe(hearing, "Ana", "Receipt")
    assert act(office, message, "cancel").state == "cancelled"
    assert act(office, message, "cancel").state == "cancelled"
    assert act(office, message, "retry").state == "queued"
    assert act(office, message, "dance").state == "queued"
    told = Entry.objects.filter(hearing=hearing.id, kind__startswith="message.").order_by("seq")
    assert [(entry.kind, entry.fields()) for entry in told] == [
        ("message.cancelled", {"message": message.id.hex}),
        ("message.retried", {"message": message.id.hex}),
    ]
    Message.objects.update(state="sent")
    assert act(office, message, "retry").state == "sent"


@pytest.mark.parametrize(("answer", "state"), [("arrived", "sent"), ("lost", "queued")])
def test_what_is_unclear_is_settled_by_a_person(
    hearing: Hearing, office: Client, answer: str, state: str
) -> None:
    message = owe(hearing, "Ana", "Receipt")
    Message.objects.update(state="sending", claimed_until=clock.now() + timedelta(minutes=5))
    assert act(office, message, answer).state == "sending"  # its sender may still be working
    Message.objects.update(claimed_until=clock.now())
    page = office.get(f"/office/{hearing.slug}/outbox/?state=unclear").content.decode()
    assert "Receipt" in page
    assert act(office, message, answer).state == state
    assert [event.outcome for event in message.history.all()] == ["settled"]


@pytest.mark.parametrize(
    ("before", "status", "after"),
    [
        ("sent", "5.1.1", "bounced"),
        ("sending", "5.2.2", "bounced"),
        ("sending", "2.0.0", "sent"),
        ("sent", "4.4.7", "sent"),
        ("queued", "5.1.1", "queued"),
    ],
)
def test_a_report_of_delivery_is_taken_down(
    hearing: Hearing, before: str, status: str, after: str
) -> None:
    message = owe(hearing, "Ana", "Receipt")
    Message.objects.update(state=before)
    assert bounced(message.id.hex, status, "as the server says")
    message.refresh_from_db()
    assert (message.state, message.history.get().answer) == (
        after,
        f"{status} as the server says",
    )
    assert not bounced("0" * 32, status, "")
    assert not bounced("junk", status, "")


def test_who_asks_twice_for_what_comes_once_gets_one(hearing: Hearing) -> None:
    asked = [
        queue(
            hearing_id=hearing.id,
            purpose=Message.Purpose.SUMMARY,
            subject="x",
            body="x",
            address="ana@example.org",
            once="summary:ana",
        )
        for _time in range(2)
    ]
    assert [message is not None for message in asked] == [True, False]


def test_erasure_takes_messages_and_says_which_entries_named_them(
    hearing: Hearing, office: Client
) -> None:
    message = owe(hearing, "Ana", "Receipt")
    owe(hearing, "Bob", "Another's at the same address")
    act(office, message, "cancel")
    assert message.person_id is not None
    erasure.erase(hearing=hearing.id, person=message.person_id, actor=OFFICE)
    assert [message.subject for message in Message.objects.all()] == [
        "Another's at the same address"
    ]
    assert "was cancelled" in office.get(f"/office/{hearing.slug}/record/").content.decode()


def test_mail_by_state_is_a_picture_with_its_figures() -> None:
    assert outbox.picture({}) is None
    found = outbox.picture({"queued": 3, "sent": 6})
    assert found is not None
    assert found.rows == (("to be sent", "3"), ("sent", "6"))
    assert re.findall(r'<rect x="0".*?width="(\d+)"', " ".join(found.svg.split())) == ["160", "320"]


def test_the_outbox_has_the_picture_of_its_states(hearing: Hearing, office: Client) -> None:
    owe(hearing, "Ana", "One")
    page = office.get(f"/office/{hearing.slug}/outbox/").text
    assert "Messages by state" in page
    assert "The numbers as a table" in page
