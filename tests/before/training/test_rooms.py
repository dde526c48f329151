"""The room of a training session: who enters it, how it resembles the hearing, and its privacy."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client, TestCase
from django.urls import reverse

from hemicycle.before.on_air import choices
from hemicycle.before.on_air.choices import Subject
from hemicycle.before.registration import aliases, links, review
from hemicycle.before.registration.access import actor_of
from hemicycle.before.training import actions, rooms
from hemicycle.engine.protection import OPEN, Protection
from hemicycle.hearing.people import actions as people
from hemicycle.hearing.people.models import Appointment, Role
from hemicycle.hearing.setup.models import Hearing, Meeting, PanelMember
from hemicycle.meeting.interpretation import actions as interpretation
from hemicycle.meeting.interpretation import queries as places
from hemicycle.meeting.room import engine, practice
from hemicycle.meeting.room.access import holder_by_link, welcome_at_seats
from hemicycle.meeting.state.meeting_view import live_view, public_view
from hemicycle.record import clock, erasure
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.before.training.sessions import plan

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from hemicycle.before.training.models import Session
    from tests.support.lists import World

pytestmark = [pytest.mark.postgresql("constraints"), pytest.mark.django_db]


@pytest.fixture
def session(world: World) -> Session:
    """A session whose room is open, at a time at which people may still register."""
    tomorrow = plan(starts_at=clock.now() + timedelta(days=1))
    made = actions.schedule(hearing=world.hearing, plan=tomorrow, actor=world.office)
    world.clock.move_to(clock.to_ms(made.starts_at - timedelta(minutes=10)))
    return made


def enter(session: Session, row: Registration) -> Hearing:
    return rooms.enter(session=session, registration=row, actor=actor_of(row))


def seat(room: Hearing, row: Registration, part: str = "") -> str:
    return f"/h/{room.slug}/seat/{links.secret_of(row)}/{part}"


def sit(room: Hearing, row: Registration) -> int:
    data = {"act": "join", "connection": row.id.hex, "script": "1"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        return Client().post(seat(room, row), data).status_code


def place(room: Hearing, row: Registration) -> PanelMember:
    return PanelMember.objects.get(segment__meeting__hearing=room, person=row.person)


def press(world: World, room: Hearing, *presses: str) -> None:
    """Press keys of the console as the trainer."""
    meeting = room.meetings.get()
    for name in presses:
        seen = floor_of(meeting.id).act_seq
        data = {"press": name, "seen": str(seen)}
        url = reverse("room:press", args=(room.slug, meeting.id))
        assert world.client().post(url, data).status_code == 302


def opened(world: World, session: Session) -> Hearing:
    """Open the room with its trainer, its meeting and its panel; return its hearing."""
    room = rooms.preside(session=session, trainer=world.secretary)
    segment = room.meetings.get().segments.get()
    press(world, room, "open_meeting", f"open_segment:{segment.id}")
    return room


def kinds(hearing: Hearing, *of: str) -> list[str]:
    rows = Entry.objects.filter(hearing=hearing.id, kind__in=of).order_by("seq")
    return list(rows.values_list("kind", flat=True))


def test_a_trainer_gives_the_floor_from_the_real_console_and_takes_it_back(
    world: World, session: Session
) -> None:
    early, late = world.ngo("A"), world.ngo("B")
    enter(session, early)
    room = opened(world, session)
    enter(session, late)
    sit(room, early)
    meeting = room.meetings.get()
    floor = floor_of(meeting.id)
    listed = [place(room, row).id.hex for row in (early, late)]
    assert [floor.slots[slot].role for slot in floor.order] == ["speaker", "speaker"]
    assert list(floor.order) == listed
    press(world, room, "give_floor")
    held_floor = floor_of(meeting.id).holder
    assert held_floor is not None
    assert held_floor.slot == listed[0]
    rules = floor_of(meeting.id).rules
    assert rules.time_limit_ms == world.hearing.floor_time_limit_s * 1000
    page = Client().get(seat(room, early)).content.decode()
    assert "data-own" in page
    press(world, room, "end_floor")
    assert floor_of(meeting.id).slots[listed[0]].state == "delivered"


def test_the_room_is_nowhere_in_public_nor_in_the_hearings_record(
    world: World, session: Session, client: Client
) -> None:
    before = Meeting.objects.filter(hearing=world.hearing).count()
    row = world.ngo("A")
    room = opened(world, session)
    enter(session, row)
    sit(room, row)
    press(world, room, "give_floor")
    assert not Hearing.objects.filter(room_of=world.hearing).exists()
    assert Meeting.objects.filter(hearing=world.hearing).count() == before
    assert not Entry.objects.filter(hearing=world.hearing.id).exclude(meeting="").exists()
    assert kinds(world.hearing, "training.room_opened") == ["training.room_opened"]
    for name in ("hearing:page", "webcast:live", "room:hall", "hearing:calendar"):
        assert client.get(reverse(name, args=(room.slug,))).status_code == 404
    for name in ("hearing:office", "room:technician", "training:office", "hearing:people"):
        assert world.client().get(reverse(name, args=(room.slug,))).status_code == 404
    assert room.slug not in client.get("/").content.decode()
    assert room.slug not in client.get("/api/v1/hearings/").content.decode()
    assert public_view(room.id) is None
    assert live_view(room.id) is not None


def test_the_engine_runs_the_room_and_keeps_it_out_of_the_webcast(
    world: World, session: Session
) -> None:
    room = opened(world, session)
    assert room.id in engine.on_air()
    config = engine.hearing_config(room)
    assert (config["in_public"], config["mark"]) == (False, "TRAINING")
    assert config["languages"] == ["en"]
    assert set(config["moderators"]) == {world.secretary.id.hex}
    assert engine.hearing_config(world.hearing)["in_public"] is True
    world.clock.move_to(clock.to_ms(session.ends_at + timedelta(minutes=31)))
    assert room.id not in engine.on_air()


def test_only_who_took_a_seat_has_attended(world: World, session: Session) -> None:
    came, waits = world.ngo("A"), world.ngo("B")
    room = enter(session, came)
    enter(session, waits)
    assert sit(room, came) == 204
    assert [row.organization.name for row in attended(session)] == ["A"]


def attended(session: Session) -> list[Registration]:
    rows = session.sign_ups.filter(attended_at__isnull=False)
    return [row.registration for row in rows.select_related("registration__organization")]


def test_a_seat_is_only_for_those_who_have_entered(
    world: World, session: Session, client: Client
) -> None:
    own, other = world.ngo("A"), world.ngo("B")
    room = enter(session, own)
    assert client.get(seat(room, own)).status_code == 200
    assert "You have no seat" in client.get(seat(room, other)).content.decode()
    asked = {"use": "publish", "connection": own.id.hex}
    assert client.post(seat(room, own, "pass/"), asked).status_code == 200
    assert client.post(seat(room, other, "pass/"), asked).status_code == 403
    holders = {holder_by_link(row): row for row in (own, other)}
    assert [holders[found] for found in welcome_at_seats(room.id, frozenset(holders))] == [own]
    assert welcome_at_seats(room.id, frozenset({holder_by_link(other)})) == frozenset()


def test_a_full_session_and_a_closed_door_let_nobody_in(world: World, session: Session) -> None:
    rows = [world.ngo(name) for name in "ABC"]
    for row in rows[:2]:
        enter(session, row)
    with pytest.raises(actions.TrainingRefused, match="places in this session are taken"):
        enter(session, rows[2])
    world.clock.move_to(clock.to_ms(session.ends_at))
    with pytest.raises(actions.TrainingRefused, match="not open now"):
        rooms.preside(session=session, trainer=world.secretary)


def test_aliases_and_protection_hold_in_the_room_from_the_first_moment(
    world: World, session: Session, client: Client
) -> None:
    row = world.ngo("Open Doors", speaker="Ana Lima")
    aliases.set_alias(registration=row, alias="Voice A", actor=actor_of(row))
    row.refresh_from_db()
    room = enter(session, row)
    slot = place(room, row).id.hex
    assert choices.protected(room.id)[slot] == Protection("card", "changed")
    sit(room, row)
    press(world, opened(world, session), "give_floor")
    said = json.dumps(engine.hearing_config(room)["places"]) + json.dumps(live_view(room.id))
    console = reverse("room:console-of", args=(room.slug, room.meetings.get().id))
    for text in (said, world.client().get(console).content.decode()):
        assert "Voice A" in text
        assert "Ana Lima" not in text
        assert "Open Doors" not in text


def test_a_later_alias_and_a_later_choice_reach_an_open_room(
    world: World, session: Session
) -> None:
    row = world.ngo("A")
    room = enter(session, row)
    slot = place(room, row).id.hex
    assert choices.protected(room.id) == {}
    subject = Subject.of_registration(row)
    choices.choose(subject, Protection("off", "changed"), actor=actor_of(row))
    assert choices.protected(room.id)[slot] == Protection("off", "changed")
    aliases.set_alias(registration=row, alias="Voice B", actor=actor_of(row))
    assert place(room, row).alias == "Voice B"
    assert "on_air.chosen" in kinds(room, "on_air.chosen")
    choices.choose(Subject.of_registration(row), OPEN, actor=actor_of(row))
    assert choices.protected(room.id)[slot] != OPEN  # the room stays protected


def test_the_engine_of_the_room_learns_who_may_no_longer_enter(
    world: World, session: Session, client: Client
) -> None:
    row = world.ngo("A")
    room = enter(session, row)
    old = seat(room, row)
    review.revoke_link(registration=row, reason="lost", send_new=False, actor=world.office)
    assert kinds(room, "registration.link_revoked") == ["registration.link_revoked"]
    assert client.get(old).status_code == 410
    row.refresh_from_db()
    erasure.erase(hearing=world.hearing.id, person=row.person_id, actor=world.office)
    assert "person.erased" in kinds(room, "person.erased")
    assert not PanelMember.objects.filter(segment__meeting__hearing=room).exists()


def test_booked_interpreters_have_their_booths_until_they_are_dismissed(
    world: World, session: Session
) -> None:
    booths = {
        tag: interpretation.assign_new(
            hearing=world.hearing,
            language=tag,
            name=tag,
            email=f"{tag}@hearing.example",
            actor=world.office,
        ).person
        for tag in ("fr", "es")
    }
    session.interpretation = ["fr"]
    session.save(update_fields=["interpretation"])
    room = rooms.preside(session=session, trainer=world.secretary)
    assert room.languages == ["en", "fr"]
    assert places.language_of(room, booths["fr"]) == "fr"
    assert places.language_of(room, booths["es"]) == ""
    french = world.client(booths["fr"])
    assert french.get(f"/h/{room.slug}/booth/fr/").status_code == 200
    shown = french.get(f"/h/{world.hearing.slug}/booth/fr/").content.decode()
    assert f"/h/{room.slug}/booth/" in shown
    held = Appointment.objects.get(person=booths["fr"], hearing_id=world.hearing.id)
    people.dismiss(appointment=held, actor=world.office)
    assert world.client(booths["fr"]).get(f"/h/{room.slug}/booth/fr/").status_code == 403
    assert "role.taken" in kinds(room, "role.taken")


def test_a_check_passed_in_the_room_counts_for_the_hearing(
    world: World, session: Session, client: Client
) -> None:
    row = world.ngo("A")
    room = enter(session, row)
    told = engine_tells(client, room, row)
    assert told == 200
    assert practice.check_of(world.hearing.id, row.person_id) is not None
    assert practice.check_of(room.id, row.person_id) is None
    shown = client.get(seat(room, row)).content.decode()
    assert "Checked" in shown


def engine_tells(client: Client, room: Hearing, row: Registration) -> int:
    from django.conf import settings

    from hemicycle.engine.control.passes import Pass, sign

    given = Pass(hearing=room.id.hex, use="service", role="technician", seat="engine")
    figures: dict[str, Any] = {"level_db": -20, "echo_db": -99, "rtt_ms": 9, "loss": 0}
    answer = client.post(
        f"/media-api/{room.id.hex}/check",
        {"person": row.person_id.hex, "camera": True, **figures},
        content_type="application/json",
        headers={"Authorization": f"Bearer {sign(given, settings.MEDIA_ENGINE.secret)}"},
    )
    return answer.status_code


def test_a_room_is_emptied_when_its_session_is_long_over(world: World, session: Session) -> None:
    row = world.ngo("A")
    room = opened(world, session)
    enter(session, row)
    assert rooms.clear() == 0
    world.clock.move_to(clock.to_ms(session.ends_at + timedelta(days=2, minutes=1)))
    assert rooms.clear() == 1
    assert not PanelMember.objects.filter(segment__meeting__hearing=room).exists()
    assert not Appointment.every.filter(hearing_id=room.id).exists()
    assert Appointment.every.filter(person=world.secretary, role=Role.SECRETARIAT).exists()
    assert Client().get(seat(room, row)).status_code == 404
    assert rooms.clear() == 0
