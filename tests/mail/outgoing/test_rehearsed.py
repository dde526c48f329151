"""The letters of a rehearsed hearing carry a mark and are never sent, in any configuration."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hemicycle.hearing.people import actions as people
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import mailings
from hemicycle.mail.outgoing.actions import queue
from hemicycle.mail.outgoing.delivery.sender import Sender
from hemicycle.mail.outgoing.delivery.transport import Smtp
from hemicycle.mail.outgoing.letters import ANNOUNCEMENT
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.record.writer import Actor, writing
from tests.support.lists import REFERENCE
from tests.support.mail_server import MailServer

ACTOR = Actor.system("test")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    running = MailServer(tmp_path)
    running.start()
    yield running
    running.stop()


def hearing(slug: str, *, is_rehearsed: bool) -> Hearing:
    made = hearings.convene(REFERENCE, slug=slug, publish=True)
    made.is_rehearsed = is_rehearsed
    made.save(update_fields=("is_rehearsed",))
    return made


def staff(name: str, *hearings: Hearing) -> Person:
    person = Person.objects.create(name=name, email=f"{name}@hearing.example")
    for own in hearings:
        people.appoint(person=person, hearing_id=own.id, role=Role.TECHNICIAN, actor=ACTOR)
    return person


def owe(of: Hearing | None, address: str, language: str = "en", person: Any = None) -> Message:
    message = queue(
        hearing_id=of.id if of else None,
        purpose=Message.Purpose.SIGN_IN,
        subject="Your link",
        body="Good day.",
        address=address,
        language=language,
        person=person,
    )
    assert message is not None
    return message


@pytest.mark.django_db
def test_no_letter_of_a_rehearsal_leaves_by_a_mail_server_that_is_set(server: MailServer) -> None:
    invented = hearing("invented", is_rehearsed=True)
    real = hearing("real", is_rehearsed=False)
    staff("only", invented)
    staff("both", invented, real)
    Message.objects.all().delete()  # the letters about these appointments
    owe(invented, "invented@example.org")
    owe(real, "real@example.org")
    owe(None, "nobody@example.org")
    for name in ("only", "both"):  # a sign-in link that names no hearing
        person = Person.objects.get(name=name)
        owe(None, person.email, person=person)
    sender = Sender(Smtp(server.settings, "localhost"))
    while sender.round():
        pass
    assert set(server.boxes()) == {"real@example.org", "nobody@example.org", "both@hearing.example"}
    kept = Message.objects.filter(state=Message.State.QUEUED).values_list("address", flat=True)
    assert set(kept) == {"invented@example.org", "only@hearing.example"}


@pytest.mark.django_db
def test_subject_and_text_carry_the_mark_in_the_letters_language() -> None:
    invented = hearing("invented", is_rehearsed=True)
    english, arabic = owe(invented, "a@example.org"), owe(invented, "b@example.org", language="ar")
    assert english.subject == "REHEARSAL: Your link"
    assert english.body == (
        "REHEARSAL. Everyone and everything in this hearing is invented.\n\nGood day."
    )
    assert arabic.subject == "جلسة تجريبية: Your link"
    assert arabic.body.startswith("جلسة تجريبية. ")
    real = owe(hearing("real", is_rehearsed=False), "c@example.org")
    assert (real.subject, real.body) == ("Your link", "Good day.")


@pytest.mark.django_db
def test_letters_to_a_list_carry_it_too() -> None:
    invented = hearing("invented", is_rehearsed=True)
    to = Addressee(address="mission@example.org", name="A mission", organization="A mission")
    found = mailings.plan_for(invented, ANNOUNCEMENT, "a list", [to])
    text = found.samples[0].text
    assert text
    assert text.subject.startswith("REHEARSAL: ")
    with writing(invented.id, actor=ACTOR) as record:
        (message,) = mailings.send(found, record)
    assert message.subject.startswith("REHEARSAL: ")
    assert message.body.startswith("REHEARSAL. ")


@pytest.mark.django_db
def test_the_outbox_says_why_nothing_leaves(client: Client) -> None:
    invented = hearing("invented", is_rehearsed=True)
    person = staff("only", invented)
    people.appoint(person=person, hearing_id=invented.id, role=Role.SECRETARIAT, actor=ACTOR)
    client.force_login(person)
    page = client.get("/office/invented/outbox/").content.decode()
    assert "This hearing is a rehearsal. Its letters stay here" in page
