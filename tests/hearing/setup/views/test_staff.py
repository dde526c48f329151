"""The office edits everything in a hearing without scripts; nothing is lost or unrecorded."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import actions, document_mapping, toml_io
from hemicycle.hearing.setup.models import Hearing, PanelMember, Segment
from hemicycle.hearing.setup.parts import PARTS
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.models import Entry
from hemicycle.record.verify import verify
from hemicycle.record.writer import Actor
from tests.hearing.setup.office import errors, fields, send

SYSTEM = Actor.system("test")
OFFICE = "/office/2021-trafficking/"
PROGRAMME = f"{OFFICE}programme/"


@pytest.fixture
def secretariat(hearing: Hearing) -> Person:
    person = parties.staff_member(name="Secretariat", email="office@hearing.example")
    parties.appoint(person=person, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=SYSTEM)
    return person


@pytest.fixture
def office(secretariat: Person, client: Client) -> Client:
    client.force_login(secretariat)
    return client


def document(hearing: Hearing) -> dict[str, Any]:
    return document_mapping.to_document(actions.whole(hearing.id))


def kinds(hearing: Hearing) -> list[str]:
    entries = Entry.objects.filter(hearing=hearing.id).order_by("seq")
    return list(entries.values_list("kind", flat=True))[3:]


def test_rules_of_the_floor_leave_what_the_floors_page_edits(
    hearing: Hearing, office: Client
) -> None:
    Hearing.objects.filter(pk=hearing.pk).update(plate="beside")
    send(office, f"{PROGRAMME}floor/", **{"floor-time_limit_seconds": "2"})
    floor = document(hearing)["floor"]
    assert (floor["time_limit_seconds"], floor["plate"]) == (120, "beside")


@pytest.mark.parametrize("part", [part.slug for part in PARTS])
def test_sending_a_part_as_it_stands_changes_nothing(
    hearing: Hearing, office: Client, part: str
) -> None:
    before = document(hearing)
    answer = send(office, f"{PROGRAMME}{part}/")
    assert answer.status_code == 302
    assert (document(hearing), kinds(hearing)) == (before, [])


def test_each_part_is_edited_and_recorded(hearing: Hearing, office: Client) -> None:
    facts = {"facts-venue": "Hall 4", "facts-languages": ["en", "fr"]}
    send(office, f"{PROGRAMME}facts/", **facts, **{"facts-other_languages": "sw, pt"})
    send(office, f"{PROGRAMME}registration/", **{"registration-deadlines-0-time": "18:00:00"})
    send(office, f"{PROGRAMME}floor/", **{"floor-time_limit_seconds": "2"})
    send(office, f"{PROGRAMME}questions/", **{"questions-guiding_questions-0-number": "9"})
    send(office, f"{PROGRAMME}meetings/", **{"meetings-meetings-0-segments-1-title": "Panel one"})
    now = document(hearing)
    assert (now["venue"], now["languages"]) == ("Hall 4", ["en", "fr", "sw", "pt"])
    assert now["deadlines"][0]["closes"].isoformat() == "2021-07-05T18:00:00"
    assert now["floor"]["time_limit_seconds"] == 120
    assert now["guiding_questions"][-1]["short"] == "Civil society, academia, companies"
    assert now["meetings"][0]["segments"][1]["title"] == "Panel one"
    assert kinds(hearing) == [
        "hearing.changed",
        "deadline.changed",
        "hearing.changed",
        "hearing.changed",
        "programme.changed",
    ]


def test_a_row_is_added_filled_and_sorted_by_its_time(hearing: Hearing, office: Client) -> None:
    path = f"{PROGRAMME}meetings/"
    typed = {"meetings-meetings-0-segments-0-ends": "10:10", "meetings-meetings-0-title": "Early"}
    page = send(office, path, **typed, add="meetings-meetings-0-segments")
    assert page.status_code == 200
    sent = fields(page.content)
    assert sent["meetings-meetings-0-title"] == "Early"
    assert sent["meetings-meetings-0-segments-count"] == "3"
    sent |= {
        "meetings-meetings-0-segments-2-kind": "break",
        "meetings-meetings-0-segments-2-title": "Break",
        "meetings-meetings-0-segments-2-starts": "10:10",
        "meetings-meetings-0-segments-2-ends": "10:25",
    }
    assert office.post(path, sent).status_code == 302
    segments = document(hearing)["meetings"][0]["segments"]
    assert [segment["title"][:7] for segment in segments] == ["High-le", "Break", "Panel 1"]


def test_a_blank_row_is_no_row_and_a_removed_one_goes(hearing: Hearing, office: Client) -> None:
    path = f"{PROGRAMME}questions/"
    page = send(office, path, add="questions-guiding_questions")
    sent = fields(page.content) | {"questions-guiding_questions-7-remove": "on"}
    assert office.post(path, sent).status_code == 302
    assert len(document(hearing)["guiding_questions"]) == 7


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    hearing: Hearing, office: Client
) -> None:
    before = document(hearing)
    typed = {
        "meetings-meetings-0-segments-1-starts": "10:20",
        "meetings-meetings-1-title": "Later meeting",
    }
    page = send(office, f"{PROGRAMME}meetings/", **typed)
    assert page.status_code == 422
    assert errors(page.content) == [
        (
            "“Panel 1: The Global Plan of Action and enduring trafficking issues and gaps” "
            "starts at 10:20, before “High-level opening” has ended at 10:25. Items are listed "
            "in the order of their times and may not overlap."
        )
    ]
    sent = fields(page.content)
    assert {name: sent[name] for name in typed} == typed
    assert document(hearing) == before


MISTAKES = {
    "facts": (
        ({"facts-title": ""}, "“title” must not be empty."),
        ({"facts-other_languages": "Klingon!"}, "is not a language tag"),
        ({"facts-mailboxes-0-address": "nowhere"}, "is not an e-mail address"),
        ({"facts-mandate-1-url": "undocs"}, "is not a web address"),
        ({"facts-slug": "a b"}, "letters without accents"),
        ({"facts-slug": "convene"}, "used by a page of this site"),
        ({"facts-title": "x" * 401}, "401 characters long. The limit is 400"),
    ),
    "floor": (
        ({"floor-warning_seconds": "180"}, "before the limit of 180 seconds"),
        ({"floor-time_limit_seconds": "many"}, "Enter minutes, such as"),
    ),
    "registration": (
        ({"registration-merge_kind": "ratio"}, "needs one count for each track"),
        ({"registration-merge_counts": "a,b"}, "Enter whole numbers"),
        ({"registration-balance_bound": "3"}, "Choose what to balance"),
        ({"registration-balance_bound": "101"}, "from 0 to 100"),
        ({"registration-balance_shares": "civil-society"}, "Enter groups with"),
        ({"registration-categories-0-key": "observer"}, "is here twice"),
        ({"registration-deadlines-0-day": "2031-01-01"}, "after the end"),
        ({"registration-deadlines-0-day": ""}, "“closes” is missing."),
    ),
    "meetings": (
        ({"meetings-meetings-0-date": ""}, "“date” is missing."),
        ({"meetings-meetings-0-starts": "25:00"}, "Enter a valid time."),
        ({"meetings-meetings-0-ends": "09:00"}, "more than 14 hours"),
    ),
    "questions": (({"questions-guiding_questions-0-text": ""}, "“text” must not be empty."),),
}


@pytest.mark.parametrize("part", MISTAKES)
def test_each_mistake_has_its_sentence(hearing: Hearing, office: Client, part: str) -> None:
    sent = fields(office.get(f"{PROGRAMME}{part}/").content)
    for typed, says in MISTAKES[part]:
        page = office.post(f"{PROGRAMME}{part}/", {**sent, **typed})
        assert (page.status_code, says in " ".join(errors(page.content))) == (422, True), typed
    assert kinds(hearing) == []


# ── Tracks ────────────────────────────────────────────────────────────────────────────────────
TRACKS = f"{PROGRAMME}registration/"
YOUTH = {
    "registration-tracks-2-name_en": "Youth organizations",
    "registration-tracks-2-max_per_panel": "4",
}


def add_row(office: Client, name: str, **typed: str) -> Any:
    """Send a form with one more row in a list and the typed values."""
    page = send(office, TRACKS, add=f"registration-{name}")
    return office.post(TRACKS, {**fields(page.content), **typed})


def test_the_office_adds_a_track_and_gives_it_a_deadline_and_categories(
    hearing: Hearing, office: Client
) -> None:
    assert add_row(office, "tracks", **YOUTH).status_code == 302
    closes = {
        "registration-deadlines-2-track": "youth-organizations",
        "registration-deadlines-2-day": "2021-07-02",
    }
    assert add_row(office, "deadlines", **closes).status_code == 302
    send(office, TRACKS, **{"registration-categories-5-track": "youth-organizations"})
    now = document(hearing)
    assert now["tracks"][2] == {
        "key": "youth-organizations",
        "kind": "stakeholders",
        "names": {"en": "Youth organizations"},
        "max_per_panel": 4,
        "limit_seconds": None,
    }
    assert next(row["track"] for row in now["deadlines"]) == "youth-organizations"
    assert now["categories"][5]["track"] == "youth-organizations"
    assert now["merge"]["tracks"] == ["member-states", "stakeholders", "youth-organizations"]
    assert Client().get("/h/2021-trafficking/").content.decode().count("Youth organizations") > 0


def test_tracks_are_renamed_and_put_in_order(hearing: Hearing, office: Client) -> None:
    add_row(office, "tracks", **YOUTH)
    renamed = {"registration-tracks-1-name_en": "Civil society"}
    moved = {"registration-tracks-2-number": "1", "registration-tracks-0-number": "3"}
    send(office, TRACKS, **renamed, **moved)
    now = document(hearing)
    assert [row["key"] for row in now["tracks"]] == [
        *("youth-organizations", "stakeholders", "member-states")
    ]
    assert now["tracks"][1]["names"] == {"en": "Civil society"}
    assert [row["track"] for row in now["deadlines"]] == ["stakeholders", "member-states"]


def test_a_rule_with_an_order_of_its_own_stays_when_the_form_is_sent_as_it_stands(
    hearing: Hearing, office: Client
) -> None:
    add_row(office, "tracks", **YOUTH)
    order = ["youth-organizations", "stakeholders", "member-states"]
    data = {**document(hearing), "merge": {"kind": "blocks", "tracks": order, "counts": []}}
    actions.change(hearing=hearing, data=data, actor=SYSTEM)
    send(office, TRACKS)
    assert document(hearing)["merge"]["tracks"] == order


def test_an_empty_track_is_removed_with_its_deadline(hearing: Hearing, office: Client) -> None:
    moved = {f"registration-categories-{row}-track": "stakeholders" for row in range(2)}
    answer = send(office, TRACKS, **{"registration-tracks-0-remove": "on"}, **moved)
    assert answer.status_code == 302
    now = document(hearing)
    assert [row["key"] for row in now["tracks"]] == ["stakeholders"]
    assert [row["track"] for row in now["deadlines"]] == ["stakeholders"]
    assert now["merge"]["tracks"] == ["stakeholders"]


def test_a_track_with_categories_is_not_removed(hearing: Hearing, office: Client) -> None:
    answer = send(office, TRACKS, **{"registration-tracks-0-remove": "on"})
    assert answer.status_code == 422
    assert "There is no track “member-states”" in " ".join(errors(answer.content))


def test_a_deadline_in_the_past_is_saved_and_named(hearing: Hearing, office: Client) -> None:
    send(office, TRACKS, **{"registration-deadlines-0-day": "2021-01-04"})
    page = office.get(TRACKS).content.decode()
    assert "has passed: nobody can register on it now." in page


def test_places_by_track_are_typed_for_a_panel(hearing: Hearing, office: Client) -> None:
    place = "meetings-meetings-0-segments-1-places_by_track"
    answer = send(office, f"{PROGRAMME}meetings/", **{place: "stakeholders many"})
    assert "Enter tracks with their places" in " ".join(errors(answer.content))
    send(office, f"{PROGRAMME}meetings/", **{place: "stakeholders 5, member-states 3"})
    segment = document(hearing)["meetings"][0]["segments"][1]
    assert segment["places_by_track"] == {"stakeholders": 5, "member-states": 3}


def test_two_tabs_do_not_overwrite_each_other_unseen(hearing: Hearing, office: Client) -> None:
    path = f"{PROGRAMME}facts/"
    first = fields(office.get(path).content)
    send(office, path, **{"facts-venue": "Theirs"})
    late = office.post(path, {**first, "facts-venue": "Mine"})
    assert late.status_code == 422
    assert "Someone else has changed this part" in late.content.decode()
    assert document(hearing)["venue"] == "Theirs"
    again = fields(late.content)
    assert again["facts-venue"] == "Mine"
    assert office.post(path, again).status_code == 302
    assert document(hearing)["venue"] == "Mine"


def test_the_file_goes_out_and_comes_back(hearing: Hearing, office: Client) -> None:
    text = office.get(f"{PROGRAMME}hearing.toml").content.decode()
    assert toml_io.loads(text) == document(hearing)
    ids = list(Segment.objects.values_list("id", flat=True))
    changed = text.replace("2021-07-05T17:00:00", "2021-07-06T12:00:00")
    file = SimpleUploadedFile("hearing.toml", changed.encode())
    assert office.post(f"{PROGRAMME}file/", {"file": file}).status_code == 302
    assert document(hearing) == toml_io.loads(changed)
    assert list(Segment.objects.values_list("id", flat=True)) == ids
    assert kinds(hearing) == ["deadline.changed"]


def test_a_wrong_file_changes_nothing_and_says_where(hearing: Hearing, office: Client) -> None:
    before = document(hearing)
    text = toml_io.dumps(before).replace("hashtag =", "hash_tag =")
    answer = office.post(f"{PROGRAMME}file/", {"file": SimpleUploadedFile("h.toml", text.encode())})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "The key “hash_tag” is not known here. Did you mean “hashtag”?" in said
    assert "Line " in said
    assert document(hearing) == before
    assert "Choose a file first." in office.post(f"{PROGRAMME}file/").content.decode()


def test_a_draft_says_what_it_lacks_and_is_then_published(db: None, client: Client) -> None:
    draft = actions.convene({"title": "Water"})
    person = parties.staff_member(name="S", email="s@hearing.example")
    parties.appoint(person=person, hearing_id=draft.id, role=Role.SECRETARIAT, actor=SYSTEM)
    client.force_login(person)
    page = client.get("/office/water/").content.decode().replace("<bdi>", "").replace("</bdi>", "")
    assert "time zone, programme, categories of participants and deadlines" in page
    assert (
        "Complete these fields"
        in client.post("/office/water/publish/", follow=True).content.decode()
    )
    draft.refresh_from_db()
    assert draft.status == Hearing.Status.DRAFT


def test_a_draft_is_seen_as_the_public_will_see_it(
    hearing: Hearing, office: Client, client: Client
) -> None:
    public = f"/h/{hearing.slug}/"
    published = " ".join(Client().get(public).text.split())
    Hearing.objects.update(status=Hearing.Status.DRAFT)
    page = f"{OFFICE}publish/preview/"
    shown = " ".join(office.get(page).text.split())
    assert "Only the secretariat sees this page" in shown
    assert Client().get(public).status_code == 404
    main = published[published.index('<header class="title">') : published.index("</main>")]
    assert main in shown
    assert page in office.get(f"{OFFICE}publish/").text
    Hearing.objects.update(status=Hearing.Status.PUBLISHED)
    assert office.get(page).headers["Location"] == public


def test_people_are_appointed_sent_links_and_dismissed(hearing: Hearing, office: Client) -> None:
    people = f"{OFFICE}people/"
    new = {"name": "Moderator A", "email": "mod@hearing.example", "role": "moderator"}
    assert office.post(people, new).status_code == 302
    assert office.post(people, new).status_code == 302  # a repetition changes nothing
    (appointment,) = Person.objects.get(email="mod@hearing.example").appointments.all()
    office.post(f"{people}{appointment.id}/link/")
    letter = Message.objects.get(person=appointment.person).body
    moderator = Client()
    (link,) = re.findall(r"/sign-in/\S+", letter)
    answer = moderator.post(link)
    assert answer.headers["Location"] == "/h/2021-trafficking/console/"
    office.post(f"{people}{appointment.id}/link/")
    office.post(f"{people}{appointment.id}/dismiss/")
    assert moderator.get("/h/2021-trafficking/console/").status_code == 302  # signed out
    assert kinds(hearing) == [
        "role.given",
        "link.issued",
        "link.used",
        "link.issued",
        "link.revoked",
        "role.taken",
    ]


def test_who_is_appointed_is_sent_a_link_at_once_if_the_office_says_so(
    hearing: Hearing, office: Client
) -> None:
    people = f"{OFFICE}people/"
    assert 'name="send_link"' in office.get(people).text
    new = {"name": "Moderator A", "email": "mod@hearing.example", "role": "moderator"}
    said = [office.post(people, {**new, "send_link": "on"}, follow=True).text for _ in range(2)]
    assert ["is in the outbox" in page for page in said] == [True, False]
    letter = Message.objects.get(address="mod@hearing.example").body
    assert re.search(r"/sign-in/\S+", letter)
    assert kinds(hearing) == ["role.given", "link.issued"]


def test_the_role_that_nobody_has_is_offered_first(hearing: Hearing, office: Client) -> None:
    people = f"{OFFICE}people/"
    chosen = '<option value="{}" selected>'
    assert chosen.format("moderator") in office.get(people).text
    office.post(people, {"name": "A", "email": "mod@hearing.example", "role": "moderator"})
    assert chosen.format("interpreter") in office.get(people).text


def test_a_wrong_appointment_gets_sentences(hearing: Hearing, office: Client) -> None:
    page = office.post(f"{OFFICE}people/", {"name": "A", "email": "x", "role": "moderator"})
    assert errors(page.content) == ["Enter an e-mail address in the format name@hearing.example."]


def test_nobody_locks_themselves_out(hearing: Hearing, office: Client, secretariat: Person) -> None:
    own = secretariat.appointments.get()
    office.post(f"{OFFICE}people/{own.id}/dismiss/")
    assert secretariat.appointments.count() == 1
    assert office.get(f"{OFFICE}people/{secretariat.id}/erase/").status_code == 404


def test_erasure_is_shown_first_and_leaves_the_record_whole(
    hearing: Hearing, office: Client
) -> None:
    person = parties.staff_member(name="Ana Ruiz", email="ana@example.org")
    parties.appoint(person=person, hearing_id=hearing.id, role=Role.INTERPRETER, actor=SYSTEM)
    page = office.get(f"{OFFICE}people/{person.id}/erase/").content.decode()
    assert "Ana Ruiz" in page
    assert "ana@example.org" in page
    assert Person.objects.get(pk=person.pk).name == "Ana Ruiz"
    assert office.post(f"{OFFICE}people/{person.id}/erase/").status_code == 302
    erased = Person.objects.get(pk=person.pk)
    assert (erased.name, erased.email, erased.is_active) == ("", "", False)
    told = office.get(f"{OFFICE}record/").content.decode()
    assert "erased person was given the role: Interpreter." in told
    assert "Ana Ruiz" not in told
    assert verify(Entry.objects.filter(hearing=hearing.id).order_by("seq").values()).holds


def test_the_record_is_read_in_words_and_searched(hearing: Hearing, office: Client) -> None:
    send(office, f"{PROGRAMME}facts/", **{"facts-venue": "Hall 4"})
    record = f"{OFFICE}record/"
    page = office.get(record).content.decode()
    for said in (
        "The hearing was convened. Meetings: 2. Segments: 4.",
        "The hearing was changed: venue.",
        "Secretariat was given the role: Secretariat.",
        "the system (convene)",
    ):
        assert said in page
    found = office.get(record, {"q": "published"}).content.decode()
    assert "The hearing was published." in found
    assert "The hearing was changed" not in found
    assert "No entry matches" in office.get(record, {"q": "999999"}).content.decode()
    assert "role.given" in office.get(record, {"q": "secretariat"}).content.decode()


def test_the_record_is_checked_from_the_overview(hearing: Hearing, office: Client) -> None:
    assert "never" in office.get(OFFICE).content.decode()
    page = office.post(f"{OFFICE}verify/", follow=True).content.decode()
    assert "Every entry of the record is intact." in page
    assert "verified" in page


def test_ending_asks_first(hearing: Hearing, office: Client) -> None:
    assert "cannot be undone" in office.get(f"{OFFICE}end/").content.decode()
    office.post(f"{OFFICE}end/")
    hearing.refresh_from_db()
    assert hearing.status == Hearing.Status.ENDED


def panellist(hearing: Hearing) -> PanelMember:
    found = PanelMember.objects.filter(segment__meeting__hearing=hearing, role=Role.PANELLIST)
    member = found.select_related("person").order_by("pk").first()
    assert member is not None
    return member


def test_a_seat_on_a_panel_is_given_to_an_address_and_taken_back(
    hearing: Hearing, office: Client
) -> None:
    member = panellist(hearing)
    page = f"{OFFICE}people/seats/{member.pk}/"
    assert f'href="{page}"' in office.get(f"{OFFICE}people/").content.decode()
    assert member.name in office.get(page).content.decode()
    for _twice in range(2):
        assert office.post(page, {"email": "prof@hearing.example"}).status_code == 302
    person = panellist(hearing).person
    assert person is not None
    assert (person.name, person.email) == (member.name, "prof@hearing.example")
    (appointment,) = person.appointments.all()
    assert appointment.role == Role.PANELLIST
    shown = office.get(f"{OFFICE}people/").content.decode()
    assert shown.count('dir="ltr">prof@hearing.example<') == 2
    office.post(f"{OFFICE}people/{appointment.pk}/dismiss/")
    assert panellist(hearing).person is None
    assert kinds(hearing) == ["role.given", "panel.seated", "panel.seated", "role.taken"]


def test_an_empty_address_leaves_a_seat_to_nobody(hearing: Hearing, office: Client) -> None:
    page = f"{OFFICE}people/seats/{panellist(hearing).pk}/"
    office.post(page, {"email": "prof@hearing.example"})
    office.post(page, {"email": ""})
    assert panellist(hearing).person is None
    assert errors(office.post(page, {"email": "prof"}).content) == [
        "Enter an e-mail address in the format name@hearing.example."
    ]


def test_a_form_has_no_more_rows_than_fields_were_sent_for(
    hearing: Hearing, office: Client
) -> None:
    """A form of 6 KB once claimed nested lists of hundreds of rows, and the page had 161 MB."""
    claims = {"meetings-meetings-count": "300"} | {
        f"meetings-meetings-{number}-segments-count": "300" for number in range(140)
    }
    size = sum(len(name) + len(value) + 2 for name, value in claims.items())
    assert 4_000 < size < 7_000
    answer = office.post(f"{PROGRAMME}meetings/", claims)
    assert (answer.status_code, len(answer.content) < 20_000) == (400, True)
    assert kinds(hearing) == []
