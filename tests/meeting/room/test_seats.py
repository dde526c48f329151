"""Seats: each has one live connection, which ends when it is silent, and shows its slot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from hemicycle.before.consent import actions as consents
from hemicycle.before.consent.models import Use
from hemicycle.before.registration import changes, links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Appointment, Person, Role
from hemicycle.hearing.setup.models import PanelMember
from hemicycle.meeting.room import presses, ticker
from hemicycle.meeting.room.engine import hearing_config
from hemicycle.procedure import commands as c
from hemicycle.procedure.clock import READY_KEPT_MS
from hemicycle.procedure.refusals import Refused
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.ui.screen_passes import ScreenPass
from tests.support.markup import compact

if TYPE_CHECKING:
    from django.test import Client

    from hemicycle.procedure.state import Floor
    from tests.support.lists import World

ONE, TWO = UUID(int=1), UUID(int=2)


def floor(world: World) -> Floor:
    return floor_of(world.panels[0].meeting_id)


def speaker(world: World, name: str) -> Registration:
    return Registration.objects.select_related("hearing", "person").get(organization__name=name)


def address(registration: Registration) -> str:
    return reverse("room:seat", args=(registration.hearing.slug, links.secret_of(registration)))


def sit(client: Client, url: str, act: str, connection: UUID = ONE) -> str:
    data = {"act": act, "connection": connection.hex, "script": "1"}
    answer = client.post(url, data)
    assert answer.status_code in (200, 204, 409)
    refusal: str = answer.json()["code"] if answer.status_code == 409 else ""
    return refusal


def seat_page(client: Client, registration: Registration) -> Any:
    return client.get(address(registration))


@pytest.fixture
def open_doors(panel: World) -> Registration:
    return speaker(panel, "Open Doors")


def test_a_seat_is_taken_readied_and_left(
    panel: World, open_doors: Registration, client: Client
) -> None:
    slot, url = panel.inscription(open_doors).id.hex, address(open_doors)
    sit(client, url, "join")
    sit(client, url, "ready")
    own = frozenset({slot})
    assert (floor(panel).connected(), floor(panel).ready) == (own, own)
    sit(client, url, "leave", TWO)
    assert floor(panel).connected() == {slot}
    sit(client, url, "leave")
    assert (floor(panel).connected(), floor(panel).ready) == (frozenset(), own)
    panel.clock.advance(READY_KEPT_MS)
    ticker.tick(panel.hearing.id, panel.panels[0].meeting_id)
    assert floor(panel).ready == frozenset()


def test_a_page_that_is_loaded_again_lowers_no_hand(
    panel: World, open_doors: Registration, client: Client
) -> None:
    url = address(open_doors)
    for act, connection in (("join", ONE), ("ready", ONE), ("leave", ONE), ("join", TWO)):
        sit(client, url, act, connection)
    panel.clock.advance(READY_KEPT_MS)
    ticker.tick(panel.hearing.id, panel.panels[0].meeting_id)
    assert floor(panel).ready == {panel.inscription(open_doors).id.hex}


def test_opening_a_seat_elsewhere_takes_it_over_and_keeps_it_ready(
    panel: World, open_doors: Registration, client: Client
) -> None:
    slot, url = panel.inscription(open_doors).id.hex, address(open_doors)
    sit(client, url, "join", ONE)
    sit(client, url, "ready")
    sit(client, url, "join", TWO)
    assert list(floor(panel).seats) == [TWO.hex]
    assert floor(panel).ready == {slot}


def test_who_comes_back_by_itself_leaves_the_seat_to_who_sits_there(
    panel: World, open_doors: Registration, client: Client
) -> None:
    url = address(open_doors)
    sit(client, url, "join", ONE)
    sit(client, url, "join", TWO)
    sit(client, url, "rejoin", ONE)
    assert list(floor(panel).seats) == [TWO.hex]
    sit(client, url, "leave", TWO)
    sit(client, url, "rejoin", ONE)
    assert list(floor(panel).seats) == [ONE.hex]


def test_a_silent_seat_is_left_once(panel: World, open_doors: Registration, client: Client) -> None:
    from hemicycle.meeting.room import screens, seats

    sit(client, address(open_doors), "join")
    panel.clock.advance(30_000)
    screens.report(
        hearing=panel.hearing,
        data={
            "pass": ScreenPass(panel.hearing.id, "seat", ONE).text,
            "server_now_estimate_ms": clock.now_ms(),
            "offset_ms": 0,
            "uncertainty_ms": 1,
        },
    )
    panel.clock.advance(34_000)
    seats.sweep()
    assert list(floor(panel).seats) == [ONE.hex]
    panel.clock.advance(2_000)
    seats.sweep()
    assert floor(panel).seats == {}
    before = floor(panel).seq
    seats.sweep()
    assert floor(panel).seq == before


def test_a_seat_is_swept_after_everything_was_down_for_long(
    panel: World, open_doors: Registration, client: Client
) -> None:
    from hemicycle.meeting.room import screens, seats
    from hemicycle.meeting.room.models import Screen

    sit(client, address(open_doors), "join")
    panel.clock.advance(int(timedelta(hours=1).total_seconds() * 1000))
    hall = {
        "pass": ScreenPass(panel.hearing.id, "hall", TWO).text,
        "server_now_estimate_ms": 0,
        "offset_ms": 0,
        "uncertainty_ms": 1,
    }
    screens.report(hearing=panel.hearing, data=hall)
    seats.sweep()
    assert floor(panel).seats == {}
    assert list(Screen.objects.values_list("kind", flat=True)) == ["hall"]


def test_nobody_joins_under_the_connection_of_another_seat(
    panel: World, open_doors: Registration, client: Client
) -> None:
    """All seats know the ids of all connections, but cannot take a seat by joining under one."""
    sit(client, address(open_doors), "join")
    before = floor(panel).seats
    other = address(speaker(panel, "Safe Harbour"))
    data = {"act": "join", "connection": ONE.hex, "script": "1"}
    assert client.post(other, data).status_code == 400
    assert floor(panel).seats == before


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("waiting", "You are number"),
        ("next", "You are next."),
        ("speaking", "You have the floor."),
        ("delivered", "Thank you."),
        ("absent", "You were called and not heard."),
        ("skipped", "You were skipped for now."),
        ("withdrawn", "You have withdrawn from this list of speakers."),
        ("not_reached", "The panel ended before your turn."),
    ],
)
def test_every_state_is_told_in_words_without_a_script(
    panel: World, client: Client, state: str, words: str
) -> None:
    name = "Late Voices" if state == "waiting" else "Examplia"
    registration = speaker(panel, name)
    slot = panel.inscription(registration).id.hex
    presses: dict[str, tuple[c.Command, ...]] = {
        "speaking": (c.GiveFloor(slot),),
        "delivered": (c.GiveFloor(slot), c.EndFloor()),
        "absent": (c.MarkAbsent(slot),),
        "skipped": (c.Skip(slot),),
        "withdrawn": (c.WithdrawSlot(slot),),
        "not_reached": (c.CloseSegment(),),
    }
    for command in presses.get(state, ()):
        panel.press(command)
    shown = visible(client.get(address(registration)).content.decode())
    assert f'data-value="{state}">' in shown
    assert words in shown.partition(f'data-value="{state}">')[2][:400]


def visible(page: str) -> str:
    """Return the page without the texts of hidden states."""
    parts = compact(page).split("<div data-is")
    return "".join(part for part in parts if " hidden>" not in part[:60])


def test_a_seat_before_the_panel_tells_when_and_where(world: World, client: Client) -> None:
    registration = world.ngo("Open Doors", 0)
    page = client.get(address(registration)).content.decode()
    assert "Your panel opens" in page
    assert "Tuesday, 13 July 2021, 10:25 New York time" in page
    assert "You are number 1 on the list of speakers." in page


def test_a_panellist_and_a_moderator_have_seats_of_their_own(world: World) -> None:
    person = Person.objects.create(name="Pat Panellist", email="pat@hearing.example")
    member = PanelMember.objects.filter(segment=world.panels[0], role=Role.PANELLIST)[0]
    member.person = person
    member.save()
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=Role.PANELLIST)
    PanelMember.objects.filter(segment=world.panels[1], role=Role.MODERATOR).update(
        person=world.moderator
    )
    url = reverse("room:own-seat", args=(world.hearing.slug,))
    world.open_panel()
    sit(world.client(person), url, "join")
    sit(world.client(person), url, "ready")
    assert floor(world).connected() == {member.id.hex}
    assert "You moderate this panel." in world.client(world.moderator).get(url).content.decode()
    sit(world.client(world.moderator), url, "join", TWO)
    assert "You have no seat" in world.client(world.secretary).get(url).content.decode()


def test_strangers_and_garbage(panel: World, open_doors: Registration, client: Client) -> None:
    own = reverse("room:own-seat", args=(panel.hearing.slug,))
    assert client.get(own).status_code == 302
    assert client.get(f"{own}no-such-secret/").status_code == 410
    assert client.get(address(open_doors).replace(panel.hearing.slug, "other")).status_code == 404
    for data in ({}, {"act": "fly"}, {"act": "join"}, {"act": "join", "connection": "x" * 99}):
        assert client.post(address(open_doors), data).status_code == 400
    assert floor(panel).seats == {}


def test_a_point_of_order_is_refused_where_the_rules_have_none(
    panel: World, open_doors: Registration, client: Client
) -> None:
    assert sit(client, address(open_doors), "point") == "points_off"
    page = client.post(address(open_doors), {"act": "point"}, follow=True)
    assert page.redirect_chain == [(address(open_doors), 302)]


def test_a_point_of_order_is_raised_and_ruled_on(world: World, client: Client) -> None:
    world.hearing.points_of_order = True
    world.hearing.save()
    registration = world.ngo("Open Doors", 0)
    world.open_panel()
    sit(client, address(registration), "point")
    (point,) = floor(world).points
    console = world.client(world.moderator).get(
        reverse("room:console-of", args=(world.hearing.slug, world.panels[0].meeting_id))
    )
    assert f"rule_point_of_order:{point}:upheld" in console.content.decode()
    assert f"hear_point_of_order:{point}" in console.content.decode()
    shown = "Your point of order is being heard."
    pages = [seat_page(client, registration)]
    world.press(c.HearPointOfOrder(point))
    pages.append(seat_page(client, registration))
    world.press(c.RulePointOfOrder(point, "dismissed"))
    pages.append(seat_page(client, registration))
    assert [page.context["point"] for page in pages] == ["open", "heard", ""]
    assert all(shown in page.content.decode() for page in pages)
    assert floor(world).rulings == {point: "dismissed"}


def test_a_mission_on_no_list_raises_a_point_of_order(world: World, client: Client) -> None:
    delegate = world.mission("Sylvania")
    assert "You have no seat" in seat_page(client, delegate).content.decode()
    world.hearing.points_of_order = True
    world.hearing.save()
    world.open_panel()
    page = seat_page(client, delegate).content.decode()
    assert "You are not on the list of speakers." in page
    sit(client, address(delegate), "join")
    answer = client.post(
        address(delegate), {"act": "point", "connection": ONE, "script": "1"}
    ).json()
    assert floor(world).points == {answer["point"]: delegate.person_id.hex}
    world.press(c.HearPointOfOrder(answer["point"]))
    assert floor(world).point_raiser == delegate.person_id.hex
    plates = hearing_config(world.hearing)["raisers"]
    assert plates[delegate.person_id.hex]["name"] == delegate.person.name


def test_a_point_of_order_during_a_vote_of_thanks_stops_its_speaker_and_is_heard(
    world: World, client: Client
) -> None:
    world.hearing.points_of_order = True
    world.hearing.save()
    thanks, raises = world.ngo("Open Doors", 0), world.mission("Sylvania")
    world.open_panel()
    world.press(c.GiveFloor(world.inscription(thanks).id.hex))
    sit(client, address(raises), "join")
    asked = {"act": "point", "connection": ONE, "script": "1"}
    point = client.post(address(raises), asked).json()["point"]
    world.press(c.HearPointOfOrder(point))
    assert is_told_to_wait(seat_page(client, thanks))
    assert seat_page(client, raises).context["point"] == "heard"
    world.press(c.RulePointOfOrder(point, "dismissed"))
    world.press(c.Continue())
    assert not is_told_to_wait(seat_page(client, thanks))
    held = floor(world).holder
    assert held is not None
    assert held.running_since is not None


def is_told_to_wait(page: Any) -> bool:
    """Return whether the seat's page shows that a point of order has stopped the clock."""
    said = "Please wait: a point of order is being heard. Your clock is stopped."
    shown = compact(page.content.decode())
    assert said in shown
    return 'data-value="point_of_order" hidden' not in shown


def test_who_stays_out_of_the_webcast_raises_no_point_of_order(
    world: World, client: Client
) -> None:
    world.hearing.points_of_order = True
    world.hearing.save()
    registration = world.ngo("Open Doors", 0)
    withdraw_webcast(registration)
    world.open_panel()
    assert sit(client, address(registration), "point") == "keeps_out"
    assert floor(world).points == {}


def withdraw_webcast(registration: Registration) -> None:
    consents.change(
        registration=registration, use=Use.WEBCAST, is_given=False, actor=actor_of(registration)
    )


def test_who_stays_out_of_the_webcast_since_is_not_heard_with_a_point_of_order(
    world: World,
) -> None:
    world.hearing.points_of_order = True
    world.hearing.save()
    listed, mission = world.ngo("Open Doors", 0), world.mission("Sylvania")
    world.open_panel()
    for registration in (listed, mission):
        point = uuid4().hex
        world.press(c.RaisePointOfOrder(point, registration.person_id.hex))
        withdraw_webcast(registration)
        data = {"press": f"hear_point_of_order:{point}"}
        meeting = world.panels[0].meeting
        with pytest.raises(Refused, match="raiser_keeps_out"):
            presses.press(hearing=world.hearing, meeting=meeting, data=data, actor=world.office)
    assert floor(world).heard_points == ()


def test_who_takes_consent_back_while_heard_with_a_point_of_order_is_cut(world: World) -> None:
    world.hearing.points_of_order = True
    world.hearing.save()
    mission = world.mission("Sylvania")
    world.ngo("Open Doors", 0)
    world.open_panel()
    world.press(c.RaisePointOfOrder("5" * 32, mission.person_id.hex))
    world.press(c.HearPointOfOrder("5" * 32))
    assert hearing_config(world.hearing)["withheld"] == {}
    withdraw_webcast(mission)
    assert list(hearing_config(world.hearing)["withheld"]) == [mission.person_id.hex]
    (cut,) = world.hearing.cuts.all()
    (heard,) = floor(world).heard_points
    assert (cut.slot, cut.giving, cut.to_ms) == ("", heard.giving, None)


def test_who_was_replaced_keeps_the_alias_on_the_console_and_in_the_picture(world: World) -> None:
    world.hearing.points_of_order = True
    world.hearing.save()
    registration = world.ngo("Open Doors", 0, speaker="Amina Otieno", alias="Voice A")
    world.open_panel()
    before = registration.person
    world.press(c.RaisePointOfOrder("5" * 32, before.id.hex))
    changes.replace_speaker(
        registration=registration,
        name="John Kamau",
        email="john@example.org",
        title="",
        actor=world.office,
    )
    told = hearing_config(world.hearing)
    assert told["raisers"][before.id.hex]["name"] == "Voice A"
    assert told["names"]["raisers"][before.id.hex]["alias"] == "Voice A"


def test_a_seat_and_the_practice_room_show_the_public_name_alone(
    world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0, speaker="Amina Otieno", alias="Voice A")
    secret = links.secret_of(row)
    member = world.panels[0].members.filter(role=Role.PANELLIST).first()
    assert member is not None
    person = Person.objects.create(name="Brindle Marrowby", email="seat@hearing.example")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=Role.PANELLIST)
    member.person, member.alias = person, "Voice B"
    member.save()
    own, slug = world.client(person), world.hearing.slug
    pages = {
        "Voice A": [
            client.get(reverse("room:seat", args=(slug, secret))).content.decode(),
            client.get(reverse("room:practice", args=(secret,))).content.decode(),
        ],
        "Voice B": [
            own.get(f"/h/{slug}/seat/").content.decode(),
            own.get(f"/h/{slug}/practice/").content.decode(),
        ],
    }
    for alias, shown in pages.items():
        for page in shown:
            assert f"<bdi>{alias}</bdi>" in page
            assert not any(name in page for name in ("Amina", "Otieno", "Brindle", "Marrowby"))
