"""Pages of statements: the participant's, the public's, the secretariat's."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.links import personal_url
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from tests.support.lists import World


def my(registration: Registration) -> str:
    found = re.search(r"/my/[^/]+/", personal_url(registration))
    assert found
    return found.group()


def hand_in(world: World, registration: Registration, text: str) -> Statement:
    taken = actions.hand_in(
        registration=registration,
        inscription=world.inscription(registration),
        file_name="statement.txt",
        data=text.encode(),
        by=registration.person,
        actor=actor_of(registration),
    )
    return taken.version.statement


def test_a_speaker_uploads_a_file_and_sees_it(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    client, place = Client(), world.inscription(ngo)
    file = SimpleUploadedFile("déclaration.txt", "Bonjour à tous.".encode())
    answer = client.post(f"{my(ngo)}statement/{place.id}/", {"file": file}, follow=True)
    assert answer.status_code == 200
    assert "Your statement has been received." in answer.text
    assert "déclaration.txt" in answer.text
    version = StatementVersion.objects.get()
    download = client.get(f"{my(ngo)}statement/file/{version.id}/")
    assert download.getvalue() == "Bonjour à tous.".encode()
    assert download["Content-Disposition"].startswith("attachment;")
    assert download["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("fields", "said"),
    [({}, "Choose a file, or write the text below it."), ({"text": " \n "}, "Choose a file")],
)
def test_nothing_sent_gets_a_sentence(world: World, fields: dict[str, str], said: str) -> None:
    ngo = world.ngo("River Watch", 0)
    answer = Client().post(f"{my(ngo)}statement/", fields)
    assert (answer.status_code, said in answer.text) == (422, True)


def test_ten_megabytes_of_text_get_an_answer_and_no_error(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    answer = Client().post(f"{my(ngo)}statement/", {"text": "word " * 2_000_000})
    assert answer.status_code in {413, 422}
    assert "</html>" in answer.text


def test_a_stranger_reaches_no_file_and_no_page(world: World) -> None:
    ngo, other = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
    hand_in(world, ngo, "Mine alone.")
    version = StatementVersion.objects.get()
    statement = version.statement
    slug = world.hearing.slug
    assert Client().get(f"{my(other)}statement/file/{version.id}/").status_code == 404
    assert Client().get(f"/my/{'x' * 43}/statement/").status_code == 410
    for path in (
        f"/h/{slug}/statements/{statement.id}/",
        f"/h/{slug}/statements/{statement.id}/file/",
    ):
        answer = Client().get(path)
        assert (answer.status_code, "Mine alone." in answer.text) == (404, False)
    assert Client().get(f"/office/{slug}/statements/").status_code == 302


def test_the_library_shows_what_is_delivered_and_allowed(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    statement = hand_in(world, ngo, "Clean water first.")
    client = Client()
    client.post(f"{my(ngo)}statement/{statement.id}/consent/", {"publish": "yes"})
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(ngo).id.hex))
    world.press(c.EndFloor())
    library = client.get(f"/h/{world.hearing.slug}/statements/?q=WATER")
    assert "River Watch" in library.text
    page = client.get(f"/h/{world.hearing.slug}/statements/{statement.id}/")
    assert "Clean water first." in page.text
    assert "Check against delivery" in page.text
    client.post(f"{my(ngo)}statement/{statement.id}/consent/", {"publish": "no"})
    assert "River Watch" not in client.get(f"/h/{world.hearing.slug}/statements/").text


def test_the_office_finds_reads_and_exports(world: World) -> None:
    for name in ("River Watch", "Lake Watch"):
        hand_in(world, world.ngo(name, 0), f"What {name} says.")
    office = f"/office/{world.hearing.slug}/statements/"
    client = world.client()
    assert "Lake Watch" not in client.get(f"{office}?q=river").text
    text = client.get(f"{office}export/csv/").content.decode("utf-8-sig")
    assert len(text.splitlines()) == 3
    assert client.get(f"{office}export/pdf/").status_code == 404
    statement = Statement.objects.first()
    assert statement is not None
    assert "says." in client.get(f"{office}{statement.id}/").text


def test_the_booth_reads_and_changes_nothing(world: World) -> None:
    statement = hand_in(world, world.ngo("River Watch", 0), "For the booth.")
    booth = Person.objects.create(name="Cy Interpreter")
    Appointment.objects.create(person=booth, hearing_id=world.hearing.id, role=Role.INTERPRETER)
    page = f"/office/{world.hearing.slug}/statements/{statement.id}/"
    client = world.client(booth)
    assert "For the booth." in client.get(page).text
    client.post(page, {"text": "Something else."})
    assert StatementVersion.objects.count() == 1
    assert client.get(f"/office/{world.hearing.slug}/statements/missing/").status_code == 403


def test_those_without_a_statement_are_reminded(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    hand_in(world, world.ngo("Lake Watch", 0), "Here it is.")
    page = f"/office/{world.hearing.slug}/statements/missing/"
    client = world.client()
    shown = client.get(page).text
    assert ("River Watch" in shown, "Lake Watch" in shown) == (True, False)
    client.post(page, {"chosen": [str(world.inscription(ngo).id)]})
    letters = Message.objects.filter(purpose=Message.Purpose.MISSING_STATEMENT)
    assert [letter.address for letter in letters] == [ngo.person.email]


def test_the_office_asks_as_often_for_one_as_for_three(world: World) -> None:
    office = f"/office/{world.hearing.slug}/statements/"
    client = world.client()
    counts = []
    for names in (("One",), ("Two", "Three")):
        for name in names:
            hand_in(world, world.ngo(name, 0), f"What {name} says.")
        with CaptureQueriesContext(connection) as captured:
            client.get(office)
        counts.append(len(captured))
    assert counts[0] == counts[1]
