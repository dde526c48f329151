"""The mailroom's pages: waiting mail is shown safely, and a person decides, on the record."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import Statement
from hemicycle.mail.incoming.models import Mail
from hemicycle.record.models import Entry, Note
from tests.mail.incoming.arriving import arrived, known_as
from tests.mail.incoming.letters import FRONT, TEXT, docx, letter, with_file
from tests.support.lists import World

ANA = "ana@relief.example.org"


def at(world: World, mail: Mail, rest: str = "") -> str:
    return f"/office/{world.hearing.slug}/mail/{mail.pk}/{rest}"


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def decisions(world: World) -> list[tuple[str, str, str]]:
    rows = Entry.objects.filter(hearing=world.hearing.id, kind="mail.decided").order_by("seq")
    return [(entry.actor, entry.fields()["state"], entry.fields()["purpose"]) for entry in rows]


def test_a_message_is_shown_as_text_alone(world: World) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    message = letter(subject=f"{evil} hello", text=f"Text {evil}", sender=f'"{evil}" <x@y.example>')
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename="a<b>.html")
    mail = arrived(message)
    office = world.client()
    for address in (at(world, mail), f"/office/{world.hearing.slug}/mail/"):
        page = shown(office, address)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    file = office.get(at(world, mail, "file/1/"))
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert b"".join(file) == b"<script>"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert b"".join(office.get(at(world, mail, "file/0/"))) == mail.raw()
    assert office.get(at(world, mail, "file/2/")).status_code == 404


def test_an_unsure_match_is_proposed_and_a_person_takes_it(world: World) -> None:
    relief = known_as(world.ngo("Relief International", 0, speaker="Ana Ruiz"), ANA)
    mail = arrived(
        with_file(
            letter(
                sender='"Ruiz, Ana" <ana.ruiz@private.example>', text="From Relief International."
            )
        )
    )
    assert (mail.state, mail.why) == ("waiting", "unsure")
    office = world.client()
    page = shown(office, at(world, mail))
    assert "Relief International" in page
    assert "<bdi>same name</bdi>, <bdi>the organization is named</bdi> and " in page
    assert office.get(at(world, mail, "as/statements/")).status_code == 302  # who is it from?
    office.post(at(world, mail, "assign/"), {"registration": str(relief.id)})
    form = shown(office, at(world, mail, "as/statements/"))
    assert "statement.docx" in form
    place = str(world.inscription(relief).id)
    sent = office.post(at(world, mail, "as/statements/"), {"file": "1", "place": place})
    assert sent.status_code == 302
    statement = Statement.objects.get(registration=relief)
    assert statement.inscription_id == world.inscription(relief).id
    mail.refresh_from_db()
    assert (mail.state, mail.why, mail.decided_by) == ("done", "by_person", world.secretary)
    assert mail.answer is not None
    assert mail.answer.person == relief.person
    secretary = world.secretary.id.hex
    assert decisions(world) == [
        (secretary, "waiting", "statements"),
        (secretary, "done", "statements"),
    ]


def test_the_text_itself_can_be_taken_as_the_statement(world: World) -> None:
    relief = known_as(world.ngo("Relief"), ANA)
    mail = arrived(letter(text=TEXT))
    office = world.client()
    bad = office.post(at(world, mail, "as/statements/"), {"file": "9"})
    assert bad.status_code in {302, 422}
    office.post(at(world, mail, "assign/"), {"registration": str(relief.id)})
    assert office.post(at(world, mail, "as/statements/"), {"file": "9"}).status_code == 422
    sent = office.post(at(world, mail, "as/statements/"), {"file": "text", "place": "written"})
    assert sent.status_code == 302
    assert "a fund that lasts" in Statement.objects.get(registration=relief).versions.get().text


def test_put_aside_with_a_reason_and_taken_up_again(world: World) -> None:
    mail = arrived(letter())
    office = world.client()
    assert office.post(at(world, mail, "aside/"), {"reason": " "}).status_code == 422
    assert (
        office.post(at(world, mail, "aside/"), {"reason": "An advertisement."}).status_code == 302
    )
    mail.refresh_from_db()
    assert (mail.state, Note.objects.get(key=mail.note).text) == ("aside", "An advertisement.")
    assert "An advertisement." in shown(office, at(world, mail))
    assert "Our statement" in shown(office, f"/office/{world.hearing.slug}/mail/?state=aside")
    office.post(at(world, mail, "reopen/"))
    mail.refresh_from_db()
    assert (mail.state, mail.why) == ("waiting", "reopened")
    late = office.post(at(world, mail, "aside/"), {"reason": "Again."})
    assert late.status_code == 302
    assert office.post(at(world, mail, "aside/"), {"reason": "Twice."}).status_code == 422


def test_a_person_decides_about_publication(world: World) -> None:
    relief = known_as(world.ngo("Relief", 0), ANA)
    arrived(with_file(letter()))
    unknown = f"{FRONT}; dmarc=none header.from=relief.example.org"
    asked = letter(
        to="publication@hearing.example",
        text="Please publish it.",
        Authentication_Results=unknown,
    )
    mail = arrived(asked)
    assert (mail.why, mail.confidence) == ("unchecked", 0)
    office, statement = world.client(), Statement.objects.get(registration=relief)
    office.post(at(world, mail, "assign/"), {"registration": str(relief.id)})
    data = {"statements": [str(statement.pk)], "publish": "yes"}
    assert office.post(at(world, mail, "as/publication/"), data).status_code == 302
    statement.refresh_from_db()
    assert statement.consents_to_publish


def test_a_message_of_another_hearing_is_not_found(world: World) -> None:
    mail = arrived(letter())
    Mail.objects.filter(pk=mail.pk).update(hearing_id=None)
    assert world.client().get(at(world, mail)).status_code == 404


def test_the_list_asks_the_database_as_often_for_three_as_for_one(world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    office, counted = world.client(), []
    for number in (1, 2, 3):
        arrived(with_file(letter(subject=f"No {number}"), data=docx(f"{TEXT} {number}")))
        with CaptureQueriesContext(connection) as queries:
            shown(office, f"/office/{world.hearing.slug}/mail/?state=done")
        counted.append(len(queries))
    assert counted[0] == counted[2]


def test_only_the_secretariat_comes_in(world: World) -> None:
    mail = arrived(letter())
    assert world.client(world.moderator).get(at(world, mail)).status_code == 403
    assert Client().get(at(world, mail)).status_code == 302
    assert Registration.objects.count() == 0
