"""Tables of registrations: read, checked, entered, continued; and letters to the people in them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hemicycle.before.accreditation.models import FocalPoint
from hemicycle.before.registration import actions, housekeeping, lists
from hemicycle.before.registration.importing import entering, outcomes, reading, release
from hemicycle.before.registration.models import ImportRow, Registration, RegistrationImport
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.hearing.jobs import queue
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Person
from hemicycle.mail.outgoing import holding
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World

IMPORT = "/office/2021-trafficking/registrations/import/"
HEAD = "Organization;Country;Name;E-mail;Panel;Language"
INVALID = "Row 7, “E-mail”: Enter an e-mail address in the format name@example.org."


@pytest.fixture
def office(world: World) -> Client:
    return world.client()


def lines(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join((head, *rows)).encode("utf-8-sig")


def given(office: Client, data: bytes, name: str = "people.csv") -> str:
    """Upload a file and return the address of the import's page."""
    answer = office.post(IMPORT, {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def typed(office: Client, page: str, **changes: Any) -> dict[str, Any]:
    """Return what the form of a page would send."""
    form = office.get(page).context["form"]
    found = {field.name: field.value() or "" for field in form}
    return {**found, "shown_track": form.key, **changes}


def entered(office: Client, data: bytes, world: World, **changes: Any) -> RegistrationImport:
    """Upload a file, enter its rows, and return the import."""
    page = given(office, data)
    about = {"category": civil(world), **changes}
    answer = office.post(page, typed(office, page, act="begin", **about))
    assert answer.status_code == 302, answer.context["form"].errors
    work_off()
    return RegistrationImport.objects.get(pk=page.rstrip("/").rpartition("/")[2])


def civil(world: World) -> str:
    return str(world.hearing.categories.get(key="civil-society").pk)


def became(table: RegistrationImport) -> list[tuple[int, str, str]]:
    return list(table.rows.values_list("number", "outcome", "sentence"))


# ── Entering ──────────────────────────────────────────────────────────────────────────────────
def test_rows_become_registrations_and_nobody_is_written_to(world: World, office: Client) -> None:
    table = entered(
        office,
        lines(
            "River Watch;Kenya;Amina Otieno;amina@example.org;1;French",
            "Open Doors;FR;Zoé Martin;zoe@example.org;;fr",
            "Без границ;Россия;Иван Петров;;Panel 2;русский",
        ),
        world,
    )
    found = Registration.objects.order_by("arrival").select_related("person", "organization")
    assert [
        (
            row.organization.name,
            row.organization.country,
            row.person.name,
            row.person.email,
            row.language,
            row.person.language,
            [place.segment_id for place in row.inscriptions.all()],
        )
        for row in found
    ] == [
        (
            "River Watch",
            "KE",
            "Amina Otieno",
            "amina@example.org",
            "fr",
            "fr",
            [world.panels[0].pk],
        ),
        ("Open Doors", "FR", "Zoé Martin", "zoe@example.org", "fr", "fr", []),
        ("Без границ", "RU", "Иван Петров", "", "ru", "ru", [world.panels[1].pk]),
    ]
    assert {(row.way, row.is_confirmed, row.is_unwritten) for row in found} == {
        ("file", True, True)
    }
    assert became(table) == [(2, "entered", ""), (3, "entered", ""), (4, "entered", "")]
    assert not any(row.cells for row in table.rows.all())
    assert Message.objects.count() == 0
    told = Entry.objects.filter(kind="registration.entered").order_by("seq")
    assert [(entry.role, entry.fields()["way"]) for entry in told] == [("secretariat", "file")] * 3


def test_each_row_that_fails_is_named_and_keeps_nobody_else_out(
    world: World, office: Client
) -> None:
    world.ngo("River Watch", email="amina@example.org", speaker="Amina Otieno")
    before = Registration.objects.get()
    Message.objects.all().delete()
    table = entered(
        office,
        lines(
            "river watch;KE;Somebody Else;AMINA@example.org;;en",
            "River Watch;KE;amina otieno;other@example.org;;en",
            "Open Doors;Atlantis;Zoé Martin;zoe@example.org;;en",
            "Open Doors;FR;;zoe@example.org;;en",
            ";FR;Nobody;;;en",
            "Open Doors;FR;Zoé Martin;not an address;;en",
            "Open Doors;FR;Zoé Martin;zoe@example.org;9;Klingon",
            "Open Doors;FR;Zoé Martin;zoe@example.org;1;en",
            "Open Doors;FR;ZOÉ MARTIN;;2;en",
            "Open Doors;FR;Ann;;1 and 2;en",
        ),
        world,
    )
    known = f"already registered for this organization, reference {before.reference}."
    assert became(table) == [
        (2, "known", f"Row 2: {known}"),
        (3, "known", f"Row 3: {known}"),
        (4, "refused", "Row 4, “Country”: “Atlantis” is not one of the choices here."),
        (5, "refused", "Row 5, “Name”: Enter the name of the person."),
        (6, "refused", "Row 6, “Organization”: Enter the name of the organization."),
        (7, "refused", INVALID),
        (
            8,
            "refused",
            (
                "Row 8, “Language”: “Klingon” is not one of the choices here.\n"
                "Row 8, “Panel”: “9” is not one of the choices here."
            ),
        ),
        (9, "entered", ""),
        (10, "known", "Row 10: the same person for the same organization as in row 9."),
        (11, "refused", "Row 11, “Panel”: “1 and 2” is not one of the choices here."),
    ]
    assert Registration.objects.count() == 2
    assert Message.objects.count() == 0  # the existing person gets no second personal link either


def test_what_was_not_entered_is_downloaded_corrected_and_imported(
    world: World, office: Client
) -> None:
    data = lines("Open Doors;Atlantis;Zoé;zoe@example.org;;en", "River Watch;KE;Amina;;;en")
    table = entered(office, data, world)
    file = office.get(f"{IMPORT}{table.pk}/not-entered.csv").content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(file))) == [
        [*HEAD.split(";"), "Reason"],
        [
            *("Open Doors", "Atlantis", "Zoé", "zoe@example.org", "", "en"),
            "Row 2, “Country”: “Atlantis” is not one of the choices here.",
        ],
    ]
    again = entered(office, file.replace("Atlantis", "France").encode(), world)
    assert became(again) == [(2, "entered", "")]
    whole = entered(office, data.replace(b"Atlantis", b"France"), world)
    assert [outcome for _row, outcome, _why in became(whole)] == ["known", "known"]


def test_a_place_that_is_taken_refuses_its_row_alone(world: World, office: Client) -> None:
    world.hearing.categories.filter(key="civil-society").update(max_registrations=2)
    table = entered(office, lines(*(f"Body {n};FR;Person {n};;;en" for n in range(4))), world)
    found = became(table)
    assert [outcome for _row, outcome, _why in found] == ["entered"] * 2 + ["refused"] * 2
    assert found[2][2].startswith("Row 4: All 2 places for")
    numbers = [entry.seq for entry in Entry.objects.order_by("seq")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_missions_are_imported_by_their_state(world: World, office: Client) -> None:
    data = lines(
        "Permanent Mission of France;Claire Martin;5;1; 2",
        "Egypt;Omar Hassan;;",
        head="Delegation;Name;Rank;Panel",
    ).replace(b"1; 2", b'"1; 2"')
    table = entered(
        office, data, world, category=str(world.hearing.categories.get(key="member-state").pk)
    )
    assert table.options["track"] == "member-states"
    rows = Registration.objects.order_by("arrival")
    assert [
        (row.organization.country, row.rank, row.inscriptions.count(), row.takes_part)
        for row in rows
    ] == [("FR", 5, 2, True), ("EG", 7, 0, True)]
    assert Message.objects.count() == 0
    assert {row.vouched_by for row in rows} == {"secretariat"}


def test_rows_are_entered_in_the_order_of_their_dates(world: World, office: Client) -> None:
    data = lines(
        "Late;FR;A;13/06/2021",
        "Undated;FR;B;",
        "Early;FR;C;02/06/2021",
        "Wrong;FR;D;soon",
        head="Organization;Country;Name;Date",
    )
    table = entered(office, data, world)
    assert table.options["dates"] == "day"
    rows = Registration.objects.order_by("arrival")
    assert [row.organization.name for row in rows] == ["Early", "Late", "Undated"]
    assert table.rows.get(number=5).sentence == (
        "Row 5, “Date”: “soon” is not a date that we can read. Write it as 2025-03-14."
    )


def test_after_the_deadline_a_reason_is_needed(world: World, office: Client) -> None:
    closes = facts_of(world.hearing).closes_at("stakeholders")
    world.clock.move_to(clock.to_ms(closes + timedelta(hours=1)))
    page = given(office, lines("River Watch;KE;Amina;;;en"))
    sent = typed(office, page, act="begin", category=civil(world))
    refused = office.post(page, sent)
    assert refused.status_code == 422
    assert refused.context["form"].errors["late_reason"]
    assert not Job.objects.exists()
    office.post(page, {**sent, "late_reason": "Lost in the post."})
    work_off()
    assert Registration.objects.get().is_late


# ── Before ────────────────────────────────────────────────────────────────────────────────────
def test_the_first_rows_are_shown_before_anything_is_entered(world: World, office: Client) -> None:
    page = given(office, lines("River Watch;KE;Amina;amina@example.org;;en", ";FR;Nobody;;;en"))
    assert typed(office, page)["language"] == "en"  # the language of the hearing, not the first one
    rows = office.get(page).context["rows"]  # nobody has chosen a category yet
    assert [(row.number, row.cells, row.problems) for row in rows] == [
        (2, ("Amina", "River Watch", "amina@example.org", "English", "no"), ()),
        (
            3,
            ["", "FR", "Nobody", "", "", "en"],
            ["Row 3, “Organization”: Enter the name of the organization."],
        ),
    ]
    assert Registration.objects.count() == 0
    assert Job.objects.count() == 0


def test_columns_are_chosen_by_hand(world: World, office: Client) -> None:
    page = given(office, lines("River Watch;Amina", head="Who;Spokesperson"))
    sent = typed(office, page, act="begin", category=civil(world))
    refused = office.post(page, sent)
    assert {*refused.context["form"].errors} == {"column_organization", "column_name"}
    office.post(page, {**sent, "column_organization": "0", "column_name": "1"})
    work_off()
    assert Registration.objects.get().organization.name == "River Watch"


def test_a_file_is_read_again_in_another_encoding(world: World, office: Client) -> None:
    page = given(office, "Organization;Name\r\nWater;Dvořák\r\n".encode("cp1250"))
    office.post(page, typed(office, page, act="check", encoding="cp1252"))
    assert "Dvoøák" in office.get(page).content.decode()
    office.post(page, typed(office, page, act="check", encoding="cp1250"))
    assert "Dvořák" in office.get(page).content.decode()
    answer = office.post(page, typed(office, page, act="check", encoding="utf_8"), follow=True)
    assert "The file is not in this encoding. Choose another one." in answer.content.decode()
    assert ImportRow.objects.get().cells == ["Water", "Dvořák"]


@pytest.mark.parametrize(
    ("encoding", "organization", "name"),
    [
        ("utf-8-sig", "Eau vive, “Genève”", "Zoë Dvořák"),  # “CSV UTF-8”
        ("utf-16", "نهر نظيف", "李明"),  # “Unicode text”
        ("cp1252", "Société des rivières", "François Müller"),  # “CSV” in western Europe
        ("cp1256", "جمعية الأنهار النظيفة في المدينة", "نور الحداد"),  # “CSV” in Arabic
    ],
)
def test_a_table_is_read_as_excel_saves_it(
    world: World, office: Client, encoding: str, organization: str, name: str
) -> None:
    between = "\t" if encoding == "utf-16" else ";"
    rows = (HEAD.split(";"), [organization, "FR", name, "a@example.org", "", "en"])
    table = "\r\n".join(between.join(row) for row in rows)
    page = given(office, table.encode(encoding))
    office.post(page, typed(office, page, act="begin", category=civil(world)))
    work_off()
    entered = Registration.objects.get()
    assert (entered.organization.name, entered.person.name) == (organization, name)


def test_another_track_has_other_columns(world: World, office: Client) -> None:
    page = given(office, lines("River Watch;KE;Amina;;;en"))
    form = office.get(page).context["form"]
    other = next(track for track in form.facts.tracks if track.kind != form.kind)
    answer = office.post(page, typed(office, page, act="check", track=other.key), follow=True)
    assert "column_delegation" in answer.context["form"].fields


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"Organization;Name\n", b"%PDF-1.7\0\1\2", b"PK\x03\x04junk"],
)
def test_what_is_no_table_is_refused_with_a_sentence(
    world: World, office: Client, data: bytes
) -> None:
    answer = office.post(IMPORT, {"file": SimpleUploadedFile("x.csv", data)})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"][0].endswith(".")


# ── Twice, cancelled, continued ───────────────────────────────────────────────────────────────
def test_two_presses_enter_once(world: World, office: Client) -> None:
    page = given(office, lines("River Watch;KE;Amina;;;en"))
    sent = typed(office, page, act="begin", category=civil(world))
    office.post(page, sent)
    office.post(page, sent)
    office.post(page, {"act": "continue"})
    assert Job.objects.count() == 1
    work_off()
    office.post(page, sent)
    work_off()
    assert Registration.objects.count() == 1


def test_an_import_is_cancelled_and_continued(
    world: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering, "STEP", 2)
    page = given(office, lines(*(f"Body {n};FR;Person {n};;;en" for n in range(5))))
    office.post(page, typed(office, page, act="begin", category=civil(world)))
    shown = office.get(page).content.decode()
    assert "waiting to begin" in shown
    assert 'value="cancel"' in shown
    Job.objects.update(stop_asked=True)  # as if an officer had cancelled during the first step
    work_off()
    job = Job.objects.get()
    assert (job.state, job.done, job.total) == (Job.State.STOPPED, 2, 5)
    assert Registration.objects.count() == 2
    shown = office.get(page).content.decode()
    for words in (
        *("The import was cancelled. What was entered stays.", "Enter 3 rows"),
        *("Download these rows (CSV)", "Delete the rows that were not entered"),
    ):
        assert words in shown
    assert "need a correction" not in shown
    left = office.get(f"{page}not-entered.csv").content.decode("utf-8-sig")
    assert [f"Body {n}" in left for n in range(5)] == [False, False, True, True, True]
    office.post(page, {"act": "continue"})
    office.post(page, {"act": "cancel"})  # before the continued import has begun
    assert work_off() == 0
    office.post(page, {"act": "continue"})
    work_off()
    assert "The import was cancelled" not in office.get(page).content.decode()
    assert Registration.objects.count() == 5
    assert [row.organization.name for row in Registration.objects.order_by("arrival")] == [
        f"Body {n}" for n in range(5)
    ]


def test_an_import_cancelled_at_once_or_after_a_refused_row_says_so(
    world: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering, "STEP", 2)
    page = given(
        office, lines("Body 0;FR;Ann;no address;;en", *[f"Body {n};FR;B;;;en" for n in "123"])
    )
    office.post(page, typed(office, page, act="begin", category=civil(world)))
    office.post(page, {"act": "cancel"})
    assert "cancelled before any row was entered" in office.get(page).content.decode()
    office.post(page, {"act": "continue"})
    Job.objects.update(stop_asked=True)
    work_off()
    shown = office.get(page).content.decode()
    assert "2 rows have not been processed. The others need a correction:" in shown
    office.post(page, {"act": "delete"})
    shown = office.get(page).content.decode()
    assert ("The import was cancelled" in shown, "Enter 2 rows" in shown) == (False, False)
    assert Registration.objects.get().organization.name == "Body 1"


def test_a_worker_that_ends_hands_on_after_its_step(
    world: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entering, "STEP", 2)
    page = given(office, lines(*(f"Body {n};FR;Person {n};;;en" for n in range(5))))
    office.post(page, typed(office, page, act="begin", category=civil(world)))
    job = queue.claim()
    assert job is not None
    job.is_ending = lambda: True
    with pytest.raises(queue.JobInterrupted):
        entering.run(job)
    queue.put_back(job)
    assert Registration.objects.count() == 2
    work_off()
    assert Registration.objects.count() == 5


def test_a_fault_in_one_row_is_told_and_the_others_are_entered(
    world: World, office: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def enter(**options: Any) -> Any:
        if options["cleaned"].name == "Bad":
            raise ZeroDivisionError
        return actions.enter(**options)

    monkeypatch.setattr(entering, "enter", enter)
    table = entered(office, lines("A;FR;Good;;;en", "B;FR;Bad;;;en", "C;FR;Fine;;;en"), world)
    assert became(table) == [
        (2, "entered", ""),
        (3, "refused", "Row 3: Because of an error on our side, this row could not be entered."),
        (4, "entered", ""),
    ]
    assert "ZeroDivisionError" in caplog.text


# ── Letters ───────────────────────────────────────────────────────────────────────────────────
def test_people_are_written_to_once_the_office_says_so(world: World, office: Client) -> None:
    table = entered(
        office,
        lines(
            "River Watch;KE;Amina;amina@example.org;1;en",
            "Open Doors;FR;Zoé;zoe@example.org;;fr",
            "Water;FR;Ann;;;en",
        ),
        world,
    )
    page = f"{IMPORT}{table.pk}/"
    shown = office.get(page)
    assert [(one.language, one.count) for one, _name in shown.context["samples"]] == [
        ("en", 1),
        ("fr", 1),
    ]
    assert shown.context["without_address"] == 1
    assert Message.objects.count() == 0
    office.post(page, {"act": "write"})
    office.post(page, {"act": "write"})
    work_off()
    letters = Message.objects.order_by("address")
    assert [(row.address, row.language, row.purpose) for row in letters] == [
        ("amina@example.org", "en", "receipt"),
        ("zoe@example.org", "fr", "receipt"),
    ]
    assert {row.due_at for row in letters} == {holding.until(clock.now())}
    assert not Registration.objects.filter(is_unwritten=True).exists()
    office.post(page, {"act": "stop"})
    assert {row.state for row in Message.objects.all()} == {Message.State.CANCELLED}
    assert release.unwritten(table).count() == 2
    office.post(page, {"act": "write"})
    work_off()
    office.post(page, {"act": "release"})
    due = Message.objects.exclude(state=Message.State.CANCELLED)
    assert {(row.address, row.due_at) for row in due} == {
        ("amina@example.org", clock.now()),
        ("zoe@example.org", clock.now()),
    }
    assert release.unwritten(table).count() == 0


def test_nothing_goes_out_by_itself_before(world: World, office: Client) -> None:
    category = world.hearing.categories.get(key="civil-society")
    category.focal_point = True
    category.save()
    focal = Person.objects.create(name="Fatou Focal", email="focal@hearing.example")
    FocalPoint.objects.create(
        hearing=world.hearing, person=focal, category=category, named_at=clock.now()
    )
    table = entered(office, lines("River Watch;KE;Amina;amina@example.org;;en"), world)
    registration = Registration.objects.get()
    assert not registration.approvals.exists()
    registration.status = Registration.Status.ACCEPTED
    registration.save()
    assert not list(lists.attending(world.hearing))  # so that no calendar entry is sent
    registration.status = Registration.Status.SUBMITTED
    registration.save()
    assert Message.objects.count() == 0
    office.post(f"{IMPORT}{table.pk}/", {"act": "write"})
    work_off()
    assert registration.approvals.count() == 1
    registration.refresh_from_db()
    registration.status = Registration.Status.ACCEPTED
    registration.save()
    assert {person.name for person, _meeting in lists.attending(world.hearing)} == {"Amina"}


# ── Erasing ───────────────────────────────────────────────────────────────────────────────────
def test_rows_of_an_erased_person_are_blanked(world: World, office: Client) -> None:
    table = entered(
        office,
        lines(
            "River Watch;KE;Amina;amina@example.org;;en",
            "River Watch;KE;Amina O.;AMINA@example.org;;en",
            "Open Doors;Atlantis;Zoé;zoe@example.org;;fr",
        ),
        world,
    )
    person = Registration.objects.get().person
    erasure.erase(hearing=world.hearing.pk, person=person.pk, actor=world.office)
    assert [row.cells for row in table.rows.all()] == [
        [],
        [],
        ["Open Doors", "Atlantis", "Zoé", "zoe@example.org", "", "fr"],
    ]


def test_rows_that_were_not_entered_are_deleted(world: World, office: Client) -> None:
    table = entered(office, lines("A;FR;Good;;;en", "B;Atlantis;Bad;;;en"), world)
    office.post(f"{IMPORT}{table.pk}/", {"act": "delete"})
    assert [row.number for row in table.rows.all()] == [2]
    other = reading.read(hearing=world.hearing, file_name="x.csv", data=lines("A;FR;B;;;en"))
    office.post(f"{IMPORT}{other.pk}/", {"act": "delete"})
    assert not RegistrationImport.objects.filter(pk=other.pk).exists()


def test_tables_go_with_the_retention_of_the_hearing(world: World, office: Client) -> None:
    reading.read(hearing=world.hearing, file_name="x.csv", data=lines("A;FR;B;;;en"))
    world.clock.move_to(clock.to_ms(clock.now() + timedelta(days=4000)))
    housekeeping.clear_hearings()
    assert ImportRow.objects.count() == 0


def test_the_list_of_imports_counts_with_one_query(
    world: World, office: Client, django_assert_num_queries: Any
) -> None:
    entered(office, lines("A;FR;Good;;;en", "B;Atlantis;Bad;;;en"), world)
    with django_assert_num_queries(1):
        (row,) = outcomes.imports_of(world.hearing)
    found = vars(row)
    assert (found["whole"], found["entered"], found["left"]) == (2, 1, 0)
