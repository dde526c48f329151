"""From a note to a draft: read in a separate process, shown beside its passages, confirmed."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hemicycle.hearing.jobs import queue
from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import actions, document_mapping, drafts
from hemicycle.hearing.setup.models import Hearing, Reading
from hemicycle.hearing.setup.schema import Document
from hemicycle.record.writer import Actor
from tests.hearing.setup.conftest import REFERENCE
from tests.hearing.setup.office import fields
from tests.support.jobs import outcome, work_off

ANNOUNCEMENTS = Path(__file__).parents[3] / "convening" / "announcements"
NOTE = """\
# Concept note: public hearing on clean rivers

The Chair of the Committee on Water will convene a public hearing on Tuesday, 7 May 2030, from
10 a.m. to 1 p.m. (Geneva time), in Room XX, Palais des Nations, Geneva.

## Programme

10:00 - 10:20 Opening
10:20 - 12:45 Panel: Rivers and those who live by them
12:45 - 13:00 Closing

## Registration

Non-governmental organizations are invited to register by 22 April 2030 at 6 p.m. Geneva time.
Interventions from the floor are limited to two minutes.
"""

FOUND: dict[str, Any] = {
    "title": "Public hearing on clean rivers",
    "convener": "Chair of the Committee on Water",
    "venue": None,
    "time_zone": "Europe/Zurich",
    "mandate": ["75/283", "HRC/2030/1"],
    "meetings": [{"date": "2030-05-07", "starts": "10:00", "ends": "13:00"}],
    "segments": [
        {"kind": "opening", "title": "Opening", "starts": "10:00", "ends": "10:20"},
        {"kind": "panel", "title": "Rivers", "starts": "10:20", "ends": None},
    ],
    "panels": ["Rivers"],
    "deadlines": [
        {"track": "stakeholders", "at": "2030-04-22T18:00+02:00"},
        {"track": "member-states", "at": "2030-04-25"},
    ],
    "categories": ["Member States", "non-governmental organizations"],
    "floor_time_limit_seconds": 120,
    "languages": [],
    "platform": None,
    "webcast": None,
    "hashtag": None,
    "mailboxes": ["rivers@hearing.example"],
    "guiding_questions": ["Whose rivers?"],
    "max_per_organization": None,
    "list_of_speakers": None,
    "missing": ["venue", "languages", "platform", "webcast", "hashtag"],
    "sources": {"title": "Concept note: public hearing on clean rivers"},
}


@pytest.fixture
def person(hearing: Hearing) -> Person:
    made = parties.staff_member(name="Secretariat", email="office@hearing.example")
    by = Actor.system("test")
    parties.appoint(person=made, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=by)
    return made


@pytest.fixture
def office(person: Person, client: Client) -> Client:
    client.force_login(person)
    return client


def document(hearing: Hearing | None) -> Document:
    assert hearing is not None
    return document_mapping.to_document(actions.whole(hearing.id))


def upload(client: Client, name: str, content: bytes) -> Any:
    return client.post("/office/convene/", {"file": SimpleUploadedFile(name, content)})


def read(client: Client, name: str, content: bytes) -> str:
    """Return the address of the draft's page that the worker makes from a note."""
    answer = outcome(client, upload(client, name, content))
    (hop,) = answer.redirect_chain  # type: ignore[attr-defined] # followed
    return str(hop[0])


@pytest.mark.django_db
def test_a_reading_becomes_a_draft_without_guesses() -> None:
    reading = drafts.store_reading(file_name="note.docx", found=FOUND)
    draft = document(reading.hearing)
    assert reading.hearing is not None
    assert reading.hearing.status == Hearing.Status.DRAFT
    assert (draft["venue"], draft["platform"], draft["languages"]) == ("", "", [])
    assert draft["mandate"] == [
        {"symbol": "A/RES/75/283", "title": "", "url": "https://undocs.org/A/RES/75/283"},
        {"symbol": "HRC/2030/1", "title": "", "url": ""},
    ]
    assert [segment["title"] for segment in draft["meetings"][0]["segments"]] == ["Opening"]
    assert [(deadline["track"], deadline["closes"]) for deadline in draft["deadlines"]] == [
        ("stakeholders", datetime.fromisoformat("2030-04-22T18:00")),
        ("member-states", datetime.fromisoformat("2030-04-25T23:59:59")),
    ]
    assert [(category["key"], category["track"]) for category in draft["categories"]] == [
        ("member-states", "member-states"),
        ("non-governmental-organizations", "stakeholders"),
    ]
    assert draft["floor"]["time_limit_seconds"] == 120
    assert draft["mailboxes"] == {"rivers": "rivers@hearing.example"}


@pytest.mark.django_db
def test_only_the_dates_that_close_something_become_deadlines() -> None:
    given = [
        {"track": "questions", "at": "2030-04-19"},
        {"track": "statements", "at": "2030-04-20"},
        {"track": "stakeholders", "at": "2030-04-21"},
        {"track": "access", "at": "2030-04-22"},
        {"track": "stakeholders", "at": "2030-04-23"},
        {"track": "member-states", "at": "2030-04-24"},
    ]
    reading = drafts.store_reading(file_name="note.md", found={**FOUND, "deadlines": given})
    assert [
        (deadline["track"], deadline["closes"].date().isoformat())
        for deadline in document(reading.hearing)["deadlines"]
    ] == [("stakeholders", "2030-04-21"), ("member-states", "2030-04-24")]
    assert document(reading.hearing)["statements"] == {
        "closes": datetime.fromisoformat("2030-04-20T23:59:59"),
        "late": "accepted",
    }
    assert drafts.other_deadlines(reading.found) == [given[0], given[3], given[4]]


def test_the_date_for_statements_is_offered_to_the_secretariat(office: Client) -> None:
    note = NOTE + "\nWritten statements must be sent by 30 April 2030.\n"
    page = office.get(read(office, "note.md", note.encode())).content.decode()
    assert 'value="2030-04-30"' in page  # offered as the deadline for statements


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"time_zone": None},
        {"title": None},
        {"meetings": [{"date": None, "starts": "10:00", "ends": None}]},
        {"meetings": [{"date": "2030-05-07", "starts": "13:00", "ends": "10:00"}]},
        {"title": "x" * 900, "mailboxes": ["no address"], "languages": ["no language"]},
        {"deadlines": [{"track": "public", "at": None}], "categories": ["A", "a", "A"]},
        {name: None if name != "sources" else {} for name in FOUND},
    ],
)
def test_what_is_half_said_never_breaks_the_draft(changed: dict[str, Any]) -> None:
    reading = drafts.store_reading(file_name="note.txt", found={**FOUND, **changed})
    assert document(reading.hearing)["title"]


def test_a_note_is_read_that_is_no_file_of_this_machine(office: Client, settings: Any) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}
    sent = upload(office, "note.md", NOTE.encode())
    assert "From the note" in outcome(office, sent).text
    assert Reading.objects.count() == 1


def test_a_note_is_read_compared_and_confirmed(office: Client, person: Person) -> None:
    sent = upload(office, "note.md", NOTE.encode())
    waiting = office.get(sent.headers["Location"]).content.decode()
    assert "Place in the queue: 1." in waiting
    assert Reading.objects.count() == 0
    where = outcome(office, sent).redirect_chain[0][0]  # type: ignore[attr-defined] # followed
    page = office.get(where)
    text = page.content.decode()
    assert "From the note" in text
    assert "Interventions from the floor are limited to two minutes." in text
    assert "Not found in the note" in text
    sent = fields(page.content)
    assert sent["meetings-meetings-0-date"] == "2030-05-07"
    assert sent["floor-time_limit_seconds"] == "2"
    saved = office.post(where, {**sent, "facts-venue": "Room XX"})
    assert saved.status_code == 302
    reading = Reading.objects.get()
    draft = document(reading.hearing)
    assert draft["venue"] == "Room XX"
    assert draft["floor"]["time_limit_seconds"] == 120
    assert [segment["kind"] for segment in draft["meetings"][0]["segments"]] == [
        "opening",
        "panel",
        "closing",
    ]
    again = office.get(where)
    assert again.status_code == 302
    assert "/programme/" in again.headers["Location"]
    assert person.appointments.count() == 2


def test_a_wrong_correction_is_told_at_its_field(office: Client) -> None:
    where = read(office, "note.md", NOTE.encode())
    sent = fields(office.get(where).content)
    wrong = {"meetings-meetings-0-segments-1-starts": "10:10", "facts-title": "Kept"}
    page = office.post(where, {**sent, **wrong})
    assert "before “Opening” has ended at 10:20" in page.content.decode()
    assert fields(page.content)["facts-title"] == "Kept"
    assert Reading.objects.get().confirmed_at is None


def test_only_its_secretariat_confirms_a_draft(office: Client, hearing: Hearing) -> None:
    where = read(office, "note.md", NOTE.encode())
    other = parties.staff_member(name="Other", email="other@hearing.example")
    by = Actor.system("test")
    parties.appoint(person=other, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=by)
    stranger = Client()
    stranger.force_login(other)
    assert stranger.get(where).status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("virus.exe", b"MZ", "This kind of file cannot be read."),
        ("h.toml", b"sluck = 1", "The key “sluck” is not known here. Did you mean “slug”?"),
    ],
)
def test_what_need_not_be_read_is_refused_at_once(
    office: Client, name: str, content: bytes, says: str
) -> None:
    page = upload(office, name, content)
    text = page.content.decode()
    assert page.status_code == 422
    assert "No draft was made from this file." in text
    assert says in text
    assert Hearing.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("note.docx", b"PK\x03\x04 broken", "The file is damaged"),
        ("note.pdf", b"%PDF-1.4 broken", "The file is damaged"),
        ("empty.txt", b"", "The file is empty."),
    ],
)
def test_what_is_no_note_gets_a_sentence_once_it_was_read(
    office: Client, name: str, content: bytes, says: str
) -> None:
    text = outcome(office, upload(office, name, content)).content.decode()
    assert f"“{name}” was not accepted." in text
    assert says in text
    assert "Traceback" not in text
    assert Hearing.objects.count() == 1


def confirmed_at(office: Client, name: str, content: bytes) -> str:
    """Return the address of the confirm page for the draft made from a note."""
    outcome(office, upload(office, name, content))
    return f"/office/convene/{Reading.objects.get().pk}/"


def test_what_may_be_no_note_is_drafted_with_a_banner(office: Client) -> None:
    where = confirmed_at(office, "poem.txt", b"Roses are red, violets are blue. " * 20)
    assert (
        "It is not certain that this text convenes a hearing." in office.get(where).content.decode()
    )


def test_a_postponed_hearing_gets_a_draft_without_a_meeting(office: Client) -> None:
    note = (ANNOUNCEMENTS / "ar-tajil.md").read_bytes()
    where = confirmed_at(office, "note.md", note)
    assert "The note says that the hearing is postponed." in office.get(where).content.decode()
    assert Reading.objects.get().found["meetings"] == []


CONTENDERS = """\
# Public hearing on the ferry

The hearing will be held in May. 4 May 2030 and 11 May 2030 are free in the diary.

The Ferry Board
"""


def test_the_secretariat_ticks_which_days_are_the_hearings(office: Client) -> None:
    where = confirmed_at(office, "note.md", CONTENDERS.encode())
    reading = Reading.objects.get()
    days = [candidate["value"]["date"] for candidate in reading.found["candidates"]]
    assert (days, reading.found["meetings"]) == (["2030-05-04", "2030-05-11"], [])
    assert "11 May 2030 are free in the diary" in office.get(where).content.decode()
    office.post(where, {"choose": "1", "candidate": ["1"]})
    reading.refresh_from_db()
    assert [meeting["date"] for meeting in reading.found["meetings"]] == ["2030-05-11"]
    assert (reading.found["candidates"], "meetings" in reading.found["missing"]) == ([], False)
    assert "diary" in reading.found["sources"]["meetings"]


def test_a_note_of_somebody_dismissed_meanwhile_drafts_nothing(
    office: Client, person: Person
) -> None:
    where = upload(office, "note.md", NOTE.encode()).headers["Location"]
    for held in person.appointments.all():
        parties.dismiss(appointment=held, actor=Actor.system("test"))
    work_off()
    assert Hearing.objects.count() == 1
    assert office.get(where).status_code in {302, 403}


def test_one_secretariat_has_so_many_notes_waiting(office: Client) -> None:
    for _ in range(queue.MOST_OF_ONE):
        assert upload(office, "note.md", NOTE.encode()).status_code == 302
    answer = upload(office, "note.md", NOTE.encode())
    assert answer.status_code == 429
    assert "are still being read" in answer.content.decode()


def test_a_hearing_begins_from_a_file_of_its_own_or_from_nothing(office: Client) -> None:
    text = REFERENCE.read_text().replace('"2021-trafficking"', '"another"')
    assert upload(office, "h.toml", text.encode()).headers["Location"] == "/office/another/"
    assert "Choose a file first." in office.post("/office/convene/").content.decode()
    empty = office.post("/office/convene/", {"empty": "1"})
    assert empty.headers["Location"] == "/office/new-hearing/programme/"
    assert office.get("/office/new-hearing/").status_code == 200
