"""The pages of training sessions: what they show, accept and refuse."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from hemicycle.before.registration import links
from hemicycle.before.training import actions, queries
from hemicycle.before.training.actions import SessionPlan
from hemicycle.before.training.models import Session, SignUp
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from tests.before.training.sessions import plan
from tests.before.training.test_actions import join, leave

if TYPE_CHECKING:
    from django.test import Client

    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

pytestmark = pytest.mark.django_db
TYPED = {
    "day": "2021-07-08",
    "time": "10:30",
    "minutes": "45",
    "capacity": "20",
    "language": "fr",
    "how": "Apportez un casque.",
}


def office(world: World) -> str:
    return f"/office/{world.hearing.slug}/training/"


def own(registration: Registration, session: Session, press: str = "") -> str:
    return f"/my/{links.secret_of(registration)}/training/{session.pk}/{press}"


def test_the_office_schedules_in_the_hearings_zone(world: World) -> None:
    answer = world.client().post(office(world), TYPED, follow=True)
    assert "The session has been scheduled." in answer.content.decode()
    made = Session.objects.get()
    assert SessionPlan.of(made) == SessionPlan(
        starts_at=made.starts_at,
        minutes=45,
        language="fr",
        capacity=20,
        how="Apportez un casque.",
    )
    assert made.starts_at.isoformat() == "2021-07-08T14:30:00+00:00"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"day": ""}, "This field is required."),
        ({"day": "2021-06-30"}, "This time has passed."),
        ({"day": "2022-03-13", "time": "02:30"}, "02:30 does not exist on that day"),
        ({"minutes": "5"}, "greater than or equal to 10"),
        ({"capacity": "0"}, "greater than or equal to 1"),
        ({"language": "tlh"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_scheduled_gets_a_sentence_and_keeps_the_rest(
    world: World, change: dict[str, str], says: str
) -> None:
    answer = world.client().post(office(world), TYPED | change)
    said = answer.content.decode()
    assert (answer.status_code, Session.objects.count()) == (422, 0)
    assert says in said
    assert "Apportez un casque." in said


def test_the_office_changes_and_cancels(world: World, session: Session) -> None:
    client, page = world.client(), f"{office(world)}{session.pk}/"
    client.post(page, TYPED)
    session.refresh_from_db()
    assert (session.language, session.capacity) == ("fr", 20)
    assert client.post(page, TYPED | {"minutes": "4"}).status_code == 422
    assert "Nothing was changed." in client.post(page, TYPED, follow=True).content.decode()
    answer = client.post(f"{page}cancel/", {"reason": "The trainer is ill."}, follow=True)
    said = answer.content.decode()
    assert "The session has been cancelled." in said
    assert "The trainer is ill." in said
    late = client.post(page, TYPED | {"minutes": "50"})
    assert (late.status_code, "was cancelled" in late.content.decode()) == (422, True)


def test_the_attendance_is_what_is_checked(world: World, session: Session) -> None:
    here, absent = (join(session, world.ngo(name)) for name in "AB")
    client, mark = world.client(), f"{office(world)}{session.pk}/attendance/"
    early = client.post(mark, {"there": [str(here.pk)]}, follow=True)
    assert "attendance cannot be recorded" in early.content.decode()
    world.clock.move_to(clock.to_ms(session.starts_at))
    client.post(mark, {"there": [str(here.pk), "no id"]})
    rows = {sign_up.pk: sign_up.attended_at is not None for sign_up in SignUp.objects.all()}
    assert rows == {here.pk: True, absent.pk: False}


def test_the_table_tells_who_signed_up_and_came(world: World, session: Session) -> None:
    row = world.ngo("=Shelter", speaker="Ana Lima")
    join(session, row)
    address = office(world).rstrip("/")
    lines = world.client().get(f"{address}.csv").content.decode("utf-8-sig").splitlines()
    assert lines == [
        "Session,Language,Organization,Name,E-mail,Reference,State,Signed up,Attended",
        ",".join(
            (
                *("2021-07-06 08:00", "en", "'=Shelter", "Ana Lima", "person0@hearing.example"),
                *(row.reference, "signed up", "2021-07-01 08:00", ""),
            )
        ),
    ]
    book = load_workbook(BytesIO(world.client().get(f"{address}.xlsx").content))
    assert [cell.value for cell in book.worksheets[0][2]][2:4] == ["=Shelter", "Ana Lima"]


def test_one_press_on_the_personal_page_signs_up(
    world: World, session: Session, client: Client
) -> None:
    row = world.ngo("A")
    page = f"/my/{links.secret_of(row)}/"
    said = client.get(page).content.decode()
    assert "2 places left" in said
    assert own(row, session, "sign-up/") in said
    assert (
        "You have a place"
        in client.post(own(row, session, "sign-up/"), follow=True).content.decode()
    )
    assert own(row, session, "sign-off/") in client.get(page).content.decode()
    client.post(own(row, session, "sign-off/"))
    assert session.sign_ups.get().state == "signed-off"


def test_one_who_waits_sees_their_place_on_the_waiting_list(
    world: World, session: Session, client: Client
) -> None:
    rows = [world.ngo(name) for name in "ABCD"]
    for row in rows:
        join(session, row)
    page = client.get(own(rows[3], session)).content.decode()
    assert "You are number 2 on the waiting list." in page
    leave(session, rows[2])
    page = client.get(own(rows[3], session)).content.decode()
    assert "You are number 1 on the waiting list." in page


def test_the_door_opens_at_its_time_and_leads_to_the_seat_in_the_room(
    world: World, session: Session, client: Client
) -> None:
    row = world.ngo("A")
    join(session, row)
    door = own(row, session, "come-in/")
    assert door not in client.get(own(row, session)).content.decode()
    assert "This session is not open now." in client.post(door, follow=True).content.decode()
    world.clock.move_to(clock.to_ms(session.starts_at - timedelta(minutes=10)))
    assert door in client.get(own(row, session)).content.decode()
    answer = client.post(door)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/h/training-{session.id.hex}/seat/{links.secret_of(row)}/",
    )
    assert session.sign_ups.get().attended_at is None  # only the seat counts


def calendar(client: Client, registration: Registration, session: Session) -> list[str]:
    answer = client.get(own(registration, session, "calendar.ics"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return answer.content.decode().replace("\r\n ", "").split("\r\n")


def test_a_rehearsed_session_says_so_in_calendars(
    world: World, session: Session, client: Client
) -> None:
    Hearing.objects.update(is_rehearsed=True)
    lines = calendar(client, world.ngo("A"), session)
    assert "SUMMARY:REHEARSAL: Hearing on trafficking in persons: training session" in "\r\n".join(
        lines
    ).replace("\r\n ", "")


def test_a_calendar_follows_the_session(world: World, session: Session, client: Client) -> None:
    row = world.ngo("A")
    first = calendar(client, row, session)
    assert first == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hemicycle//Hearing//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{session.id.hex}@localhost",
        "SEQUENCE:0",
        "DTSTAMP:20210701T120001Z",
        "DTSTART:20210706T120000Z",
        "DTEND:20210706T123000Z",
        "STATUS:CONFIRMED",
        "SUMMARY:Hearing on trafficking in persons: training session",
        "DESCRIPTION:Bring a headset.",
        f"URL:{links.absolute(own(row, session))}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    actions.change(session=session, plan=plan(minutes=60), actor=world.office)
    actions.cancel(session=session, reason="", actor=world.office)
    last = calendar(client, row, session)
    wanted = ("METHOD", "UID", "SEQUENCE", "STATUS")
    assert [line for line in last if line.startswith(wanted)] == [
        "METHOD:CANCEL",
        f"UID:{session.id.hex}@localhost",
        "SEQUENCE:2",
        "STATUS:CANCELLED",
    ]


def test_sessions_stand_in_order_of_time(world: World, session: Session) -> None:
    sooner, later = (
        actions.schedule(
            hearing=world.hearing,
            plan=plan(starts_at=clock.now() + timedelta(days=days)),
            actor=world.office,
        )
        for days in (1, 9)
    )
    assert list(queries.sessions_of(world.hearing)) == [sooner, session, later]


def test_only_what_concerns_them_is_on_the_personal_page(world: World, session: Session) -> None:
    row = world.ngo("A")
    assert [offer.session for offer in queries.offers(row)] == [session]
    actions.cancel(session=session, reason="", actor=world.office)
    assert queries.offers(row) == []


@pytest.mark.parametrize("number", [1, 3])
def test_the_offers_cost_the_same_however_many_they_are(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    row = world.ngo("A")
    for _each in range(number):
        made = actions.schedule(hearing=world.hearing, plan=plan(), actor=world.office)
        join(made, row)
    row.hearing  # noqa: B018 - read before counting
    with django_assert_num_queries(2):
        assert len(queries.offers(row)) == number
