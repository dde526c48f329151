"""One-time links: who they sign in, and that a request for one reveals nothing."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.models import Person, Role
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, writer
from hemicycle.record.models import Entry
from hemicycle.record.writer import Actor

pytestmark = pytest.mark.django_db
OFFICE = Actor("0" * 32, "secretariat")
TOKEN = re.compile(r"csrfmiddlewaretoken[^>]*")
HOUR = 3_600_000


@pytest.fixture
def moderator() -> Person:
    hearing = uuid4()
    writer.begin(hearing)
    person = Person.objects.create(name="Moderator A", email="moderator@hearing.example")
    actions.appoint(person=person, hearing_id=hearing, role=Role.MODERATOR, actor=OFFICE)
    return person


def link_for(person: Person) -> str:
    hearing = person.appointments.get().hearing_id
    return actions.issue_link(
        person=person, hearing_id=hearing, role="moderator", next_url="/after/", actor=OFFICE
    )


def told(person: Person) -> list[str]:
    about = Entry.objects.filter(body__contains=person.id.hex).order_by("seq")
    return list(about.values_list("kind", flat=True))


def test_looking_at_a_link_uses_nothing_up(moderator: Person, client: Client) -> None:
    path = link_for(moderator)
    for _ in range(3):
        page = client.get(path)
        assert (page.status_code, "Moderator A" in page.content.decode()) == (200, True)
    assert "_auth_user_id" not in client.session
    assert told(moderator) == ["role.given", "link.issued"]


def test_one_press_signs_in_and_the_second_is_too_late(moderator: Person, client: Client) -> None:
    path = link_for(moderator)
    assert client.post(path).headers["Location"] == "/after/"
    assert client.session["_auth_user_id"] == str(moderator.pk)
    other = Client()
    again = other.post(path)
    assert (again.status_code, "already been used" in again.content.decode()) == (410, True)
    assert "_auth_user_id" not in other.session
    assert told(moderator) == ["role.given", "link.issued", "link.used"]


def test_a_link_lapses(moderator: Person, client: Client) -> None:
    now = clock.Virtual(1_800_000_000_000)
    with clock.using(now):
        path = link_for(moderator)
        now.advance(7 * 24 * HOUR - 1)
        assert client.get(path).status_code == 200
        now.advance(1)
        stale = client.post(path)
    assert (stale.status_code, "It has expired." in stale.content.decode()) == (410, True)


def test_a_withdrawn_link_and_an_unknown_one(moderator: Person, client: Client) -> None:
    path = link_for(moderator)
    hearing = moderator.appointments.get().hearing_id
    count = actions.revoke_links(
        person=moderator, hearing_id=hearing, role=Role.MODERATOR, actor=OFFICE
    )
    assert count == 1
    assert "has revoked it" in client.get(path).content.decode()
    assert client.get("/sign-in/" + "x" * 43 + "/").status_code == 410


def test_dismissal_takes_the_links_along(moderator: Person, client: Client) -> None:
    path = link_for(moderator)
    actions.dismiss(appointment=moderator.appointments.get(), actor=OFFICE)
    assert client.post(path).status_code == 410
    assert told(moderator) == ["role.given", "link.issued", "link.revoked", "role.taken"]


def test_asking_answers_the_same_whether_one_is_known(moderator: Person, client: Client) -> None:
    answers = [
        TOKEN.sub("", client.post("/sign-in/", {"email": address}).content.decode()).replace(
            address, "A"
        )
        for address in ("Moderator@hearing.example", "nobody@example.org")
    ]
    assert answers[0] == answers[1]
    (message,) = Message.objects.all()
    assert (message.person, message.purpose) == (moderator, Message.Purpose.SIGN_IN)
    (path,) = [word for word in message.body.split() if "/sign-in/" in word]
    assert client.post(path.removeprefix("http://localhost:8000")).status_code == 302


def test_nobody_fills_a_mailbox_by_asking(moderator: Person, client: Client) -> None:
    for _ in range(9):
        client.post("/sign-in/", {"email": moderator.email})
    assert Message.objects.count() == actions.MOST_ASKED


def test_one_caller_asks_so_often_and_no_more(client: Client) -> None:
    answers = [client.post("/sign-in/", {"email": "a@example.org"}).status_code for _ in range(22)]
    assert answers == [200] * 20 + [429] * 2


def test_a_wrong_address_gets_a_sentence_and_stays_in_the_field(client: Client) -> None:
    page = client.post("/sign-in/", {"email": "me at home"}).content.decode()
    assert "in the format name@hearing.example" in page
    assert 'value="me at home"' in page


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "javascript:1"])
def test_a_link_leads_nowhere_else(moderator: Person, client: Client, elsewhere: str) -> None:
    path = actions.issue_link(person=moderator, next_url=elsewhere, actor=OFFICE)
    assert client.post(path).headers["Location"] == "/"


def test_signing_out_ends_the_session(moderator: Person, client: Client) -> None:
    client.post(link_for(moderator))
    assert client.get("/office/").status_code == 200
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/office/").headers["Location"] == "/sign-in/?next=/office/"
