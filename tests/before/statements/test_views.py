"""Pages of statements: those of participants, of the public and of the secretariat."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from hemicycle.before.registration import quota
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.links import personal_url
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.signals import NextStep
from hemicycle.before.statements import actions, cards, uploads
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.hearing.jobs import queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.record import erasure
from hemicycle.record.models import Note
from tests.support.jobs import outcome, work_off
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
    sent = client.post(f"{my(ngo)}statement/{place.id}/", {"file": file})
    waiting = client.get(sent.headers["Location"])
    assert "Place in the queue: 1." in waiting.text
    assert "déclaration.txt" in waiting.text
    assert not StatementVersion.objects.exists()
    assert "waiting to be read" in client.get(my(ngo)).text
    answer = outcome(client, sent)
    assert answer.status_code == 200
    assert "Your statement has been received." in answer.text
    assert "waiting to be read" not in answer.text
    assert "déclaration.txt" in answer.text
    version = StatementVersion.objects.get()
    download = client.get(f"{my(ngo)}statement/file/{version.id}/")
    assert download.getvalue() == "Bonjour à tous.".encode()
    assert download["Content-Disposition"].startswith("attachment;")
    assert download["X-Content-Type-Options"] == "nosniff"


def test_what_is_no_statement_is_refused_with_its_sentence_and_given_back(world: World) -> None:
    ngo, client = world.ngo("River Watch", 0), Client()
    page = f"{my(ngo)}statement/"
    picture = SimpleUploadedFile("photo.docx", b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    answer = outcome(client, client.post(page, {"file": picture, "text": "Typed beside it."}))
    assert "is a picture" in answer.text
    assert "Typed beside it." in answer.text
    assert "not accepted" in client.get(my(ngo)).text
    assert not StatementVersion.objects.exists()
    assert quota.used(ngo) == 0
    after = outcome(client, client.post(page, {"text": "Clean water first."}))
    assert "Your statement has been received." in after.text
    assert "not accepted" not in after.text


def test_a_file_without_text_is_kept_and_its_sender_told(world: World) -> None:
    ngo, client = world.ngo("River Watch", 0), Client()
    broken = SimpleUploadedFile("half.pdf", b"%PDF-1.7 cut off")
    answer = outcome(client, client.post(f"{my(ngo)}statement/", {"file": broken}))
    assert "Your file has been saved, but:" in answer.text
    assert StatementVersion.objects.get().state == StatementVersion.State.UNREADABLE


def test_who_sent_only_a_text_that_cannot_be_read_is_asked_for_another(world: World) -> None:
    ngo, client = world.ngo("River Watch", 0), Client()
    form = f"{my(ngo)}statement/{world.inscription(ngo).pk}/"
    broken = SimpleUploadedFile("half.pdf", b"%PDF-1.7 cut off")
    answer = outcome(client, client.post(form, {"file": broken}))
    assert "Your file has been saved, but:" in answer.text
    asked = step(ngo)
    assert asked is not None
    assert asked.text.startswith("We could not read the text of your file.")
    assert (asked.button and asked.button.path, asked.by) == (form, world.panels[0].starts_at)
    assert client.get(my(ngo)).text.count(asked.text) == 2  # as the next step, and beside the file
    outcome(client, client.post(form, {"text": "Clean water first."}))
    assert step(ngo) is None


def step(registration: Registration) -> NextStep | None:
    """Return the next step that the card of statements puts on the personal page."""
    request = RequestFactory().get(my(registration))
    request.resolver_match = resolve(request.path)
    card = cards.personal(request, registration)
    assert card is not None
    return card.step


def test_versions_keep_the_order_in_which_they_were_sent(world: World) -> None:
    ngo, client = world.ngo("River Watch", 0), Client()
    sent = ["First thoughts.", "Better thoughts.", "Last thoughts."]
    for text in sent:
        client.post(f"{my(ngo)}statement/", {"text": text})
    assert quota.used(ngo) == sum(
        map(len, ("First thoughts.", "Better thoughts.", "Last thoughts."))
    )
    assert work_off() == 3
    texts = StatementVersion.objects.order_by("number").values_list("text", flat=True)
    assert list(texts) == sent


def test_one_participant_has_so_many_files_waiting_and_loses_no_word(world: World) -> None:
    ngo, client = world.ngo("River Watch", 0), Client()
    page = f"{my(ngo)}statement/"
    for number in range(queue.MOST_OF_ONE):
        assert client.post(page, {"text": f"Version {number}."}).status_code == 302
    answer = client.post(page, {"text": "One word more."})
    assert answer.status_code == 429
    assert "are still being read" in answer.text
    assert "One word more." in answer.text
    assert Job.objects.count() == queue.MOST_OF_ONE


def test_what_waits_of_an_erased_person_is_gone(world: World) -> None:
    ngo, client = world.ngo("River Watch", 0), Client()
    client.post(f"{my(ngo)}statement/", {"text": "Mine alone."})
    under_way = queue.claim()
    assert under_way is not None
    erasure.erase(hearing=world.hearing.id, person=ngo.person_id, actor=world.office)
    assert not Job.objects.exists()
    with pytest.raises(queue.JobGone):
        uploads.take(under_way)  # the upload was being read during the erasure
    assert not StatementVersion.objects.exists()


def test_nobody_sees_how_far_anothers_file_is(world: World) -> None:
    ngo, other = world.ngo("River Watch", 0), world.ngo("Lake Watch", 0)
    client = Client()
    where = client.post(f"{my(ngo)}statement/", {"text": "Mine."}).headers["Location"]
    token = where.partition("?job=")[2]
    for asked in (token, "nonsense", "", "0" * 32):
        page = client.get(f"{my(other)}statement/?job={asked}")
        assert (page.status_code, "Place in the queue" in page.text) == (200, False)


def test_the_part_that_asks_again_has_the_page_loaded_at_the_end(world: World) -> None:
    ngo, client = world.ngo("River Watch", 0), Client()
    where = client.post(f"{my(ngo)}statement/", {"text": "Mine."}).headers["Location"]
    part = client.get(where, headers={"HX-Request": "true"})
    assert ("Place in the queue: 1." in part.text, "<html" in part.text) == (True, False)
    work_off()
    assert client.get(where, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_the_page_says_so_where_nothing_is_read(world: World) -> None:
    ngo, client = world.ngo("River Watch", 0), Client()
    where = client.post(f"{my(ngo)}statement/", {"text": "Mine."}).headers["Location"]
    told = "No file has been read for several minutes."
    assert told not in client.get(where).text
    world.clock.advance(3 * 60_000)
    assert told in client.get(where).text


def test_the_secretariat_adds_a_version(world: World) -> None:
    statement = hand_in(world, world.ngo("River Watch", 0), "As it was sent.")
    client = world.client()
    page = f"/office/{world.hearing.slug}/statements/{statement.id}/"
    sent = client.post(page, {"text": "As it was corrected."})
    assert "Place in the queue: 1." in client.get(sent.headers["Location"]).text
    answer = outcome(client, sent)
    assert "The new version has been saved." in answer.text
    assert "As it was corrected." in answer.text
    newest = StatementVersion.objects.get(number=2)
    assert newest.handed_in_by == world.secretary
    picture = SimpleUploadedFile("photo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    assert "is a picture" in outcome(client, client.post(page, {"file": picture})).text


@pytest.mark.parametrize(
    ("fields", "said"),
    [({}, "Choose a file, or enter the text below."), ({"text": " \n "}, "Choose a file")],
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


def test_limits_are_said_before_and_in_the_error_in_the_same_words(world: World) -> None:
    rule = "PDF, DOCX, ODT or plain text, up to 20 MB."
    ngo, client = world.ngo("River Watch", 0), Client()
    page = f"{my(ngo)}statement/"
    assert rule in client.get(page).text
    large = SimpleUploadedFile("large.pdf", b"%PDF-1.7 " + b"0" * 20 * 2**20)
    answer = client.post(page, {"file": large})
    assert answer.status_code == 422
    assert f"This file is too large. Allowed: {rule}" in answer.text
    unread = client.post(page, CONTENT_LENGTH=str(60 * 2**20))  # the server drops so large a body
    assert unread.status_code == 413
    assert f"This file is too large. Allowed: {rule}" in unread.text


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


def test_the_page_says_who_was_reminded_and_reminds_nobody_twice(world: World) -> None:
    ngo = world.ngo("River Watch", 0)
    page = f"/office/{world.hearing.slug}/statements/missing/"
    client = world.client()
    chosen = {"chosen": [str(world.inscription(ngo).id)]}
    letters = Message.objects.filter(purpose=Message.Purpose.MISSING_STATEMENT)
    before = client.get(page).text.count("<time")
    client.post(page, chosen)
    said = client.post(page, chosen, follow=True).text
    assert (letters.count(), "was reminded in the last 24 hours" in said) == (1, True)
    assert " checked" not in said
    assert said.count("<time") > before
    world.clock.advance(25 * 3_600_000)
    client.post(page, chosen)
    assert letters.count() == 2


def test_the_secretariat_releases_by_hand_with_a_reason(world: World) -> None:
    statement = hand_in(world, world.ngo("River Watch", 0), "Read instead.")
    page = f"/office/{world.hearing.slug}/statements/{statement.id}/"
    client = world.client()
    assert "Release by hand" in client.get(page).text
    refused = client.post(f"{page}release/", {"release": "written", "reason": ""})
    assert (refused.status_code, "Give a reason" in refused.text) == (422, True)
    sent = {"release": "written", "reason": "Their line failed."}
    said = client.post(f"{page}release/", sent, follow=True).text
    assert "The release of the statement has been set." in said
    statement.refresh_from_db()
    assert statement.release == Statement.Release.WRITTEN
    reasons = Note.objects.filter(text="Their line failed.")
    assert reasons.count() == 1
    person = statement.registration.person_id
    erasure.erase(hearing=world.hearing.id, person=person, actor=world.office)
    assert reasons.count() == 0


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
