"""Who gets which pass, and the reason for each refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.engine.control import passes as wire
from hemicycle.hearing.people.models import Appointment, Person, Role, SignInSession
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.meeting.room import passes, seats
from hemicycle.meeting.room.models import Airtime
from hemicycle.procedure import commands as c
from hemicycle.record.floor import act
from hemicycle.signals import Signal

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.any_database

CONNECTION = "c" * 32


def appointed(world: World, role: Role) -> Person:
    person = Person.objects.create(name=f"The {role}")
    Appointment.objects.create(person=person, hearing_id=world.hearing.id, role=role)
    return person


def speaker(world: World, name: str = "Open Doors") -> Registration:
    return Registration.objects.select_related("hearing", "person").get(organization__name=name)


def own(world: World) -> str:
    return reverse("room:own-pass", args=(world.hearing.slug,))


def behind(registration: Registration) -> str:
    secret = links.secret_of(registration)
    return reverse("room:pass", args=(registration.hearing.slug, secret))


def granted(client: Client, path: str, use: str, **more: str) -> wire.Pass:
    answer = client.post(path, {"use": use, **more})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    given = wire.read(told["token"], settings.MEDIA_ENGINE.secret)
    doors = {door: f"/media/{door}/{given.hearing}" for door in ("whip", "whep", "attend")}
    rest: dict[str, Any] = {
        "hearing": given.hearing,
        "seat": given.seat,
        "relays": [],
        "edge": None,
    }
    assert told == {"token": told["token"], **rest, **doors}
    return given


def refused(client: Client, path: str, use: str, status: int = 403, **more: str) -> str:
    answer = client.post(path, {"use": use, **more})
    assert answer.status_code == status, answer.content
    assert "token" not in answer.json()
    sentence: str = answer.json()["error"]
    return sentence


def shown(given: wire.Pass) -> dict[str, Any]:
    kept = ("use", "role", "seat", "person", "connection", "slot", "booth", "name")
    return {name: getattr(given, name) for name in kept if getattr(given, name)}


def test_a_speaker_comes_in_by_their_own_link_and_sits_on_one_seat(panel: World) -> None:
    registration = speaker(panel)
    slot, person = panel.inscription(registration).id.hex, registration.person_id.hex
    path, client = behind(registration), Client()
    for use in ("publish", "screen", "listen", "attend"):
        given = granted(client, path, use, connection=CONNECTION)
        assert given.hearing == panel.hearing.id.hex
        assert shown(given) == {
            "use": use,
            "role": "speaker",
            "seat": slot,
            "person": person,
            "connection": CONNECTION,
            "slot": slot,
            "name": "Speaker of Open Doors",
        }
    assert granted(client, path, "practice").seat == person


def test_a_pass_names_the_registration_and_the_link_that_it_was_asked_for_by(panel: World) -> None:
    """The engine needs both to know whose connection to end when one of them ends."""
    registration = speaker(panel)
    by_link = granted(Client(), behind(registration), "publish")
    practising = granted(Client(), behind(registration), "practice")
    signed_in = granted(panel.client(registration.person), own(panel), "publish")
    assert [(given.registration, given.link) for given in (by_link, practising, signed_in)] == [
        (registration.id.hex, "1"),
        (registration.id.hex, "1"),
        (registration.id.hex, ""),
    ]
    assert granted(panel.client(), own(panel), "listen").registration == ""


def test_a_pass_names_the_session_of_who_has_signed_in(panel: World) -> None:
    client = panel.client(panel.moderator)
    (session,) = SignInSession.objects.filter(person=panel.moderator)
    assert granted(client, own(panel), "publish").sign_in == session.pk.hex
    assert granted(client, own(panel), "practice").sign_in == session.pk.hex


def test_who_registered_without_wishing_to_speak_follows_the_webcast(world: World) -> None:
    registration = world.ngo("Quiet Ears")
    world.open_panel()
    path, client = behind(registration), Client()
    assert refused(client, path, "publish") == (
        "Only people registered to speak have a microphone here."
    )
    assert refused(client, path, "listen") == (
        "Only people registered to speak can enter the room. Follow the meeting on the live page."
    )
    assert granted(client, path, "practice").role == "listener"


def test_a_panellist_is_known_by_their_place_on_the_panel(panel: World) -> None:
    person = appointed(panel, Role.PANELLIST)
    person.name = "Prof. Example"
    person.save()
    member = PanelMember.objects.create(
        segment=panel.panels[0], role=Role.PANELLIST, name="Prof. Example", person=person
    )
    given = granted(panel.client(person), own(panel), "publish")
    assert (given.role, given.slot, given.seat) == ("panellist", member.id.hex, member.id.hex)
    assert granted(panel.client(person), own(panel), "screen").role == "panellist"


def test_a_moderator_presides_without_a_slot_and_may_have_several_screens(panel: World) -> None:
    client, person = panel.client(panel.moderator), panel.moderator.id.hex
    given = granted(client, own(panel), "publish")
    assert (given.role, given.seat, given.slot) == ("moderator", person, "")
    first, second = (granted(client, own(panel), "listen") for _ in range(2))
    assert (first.role, second.role) == ("moderator", "moderator")
    assert first.seat != second.seat
    assert granted(client, own(panel), "attend", connection=CONNECTION).seat == CONNECTION


@pytest.mark.parametrize(
    ("role", "uses", "as_what"),
    [
        (Role.TECHNICIAN, ("listen", "attend", "practice"), "technician"),
        (Role.SECRETARIAT, ("listen", "attend", "practice", "captions"), "technician"),
        (Role.CAPTIONER, ("listen", "attend", "practice", "captions"), "captioner"),
        (Role.INTERPRETER, ("listen", "attend", "practice"), "interpreter"),
        (Role.MODERATOR, ("publish", "screen", "listen", "attend", "practice"), "moderator"),
        (Role.PANELLIST, ("practice",), ""),  # who is on no panel
    ],
)
def test_each_appointment_has_its_uses(
    panel: World, role: Role, uses: tuple[str, ...], as_what: str
) -> None:
    client = panel.client(appointed(panel, role))
    answers = {
        use: client.post(own(panel), {"use": use, "booth": "fr"}) for use in sorted(passes.USES)
    }
    given = {
        use: wire.read(answer.json()["token"], settings.MEDIA_ENGINE.secret).role
        for use, answer in answers.items()
        if answer.status_code == 200
    }
    own_words = {"practice": "listener", "captions": "captioner"}
    assert given == {use: own_words.get(use, as_what) for use in uses}
    assert {answer.status_code for answer in answers.values()} <= {200, 403}


def test_an_officer_without_the_duty_for_media_follows_as_a_listener(panel: World) -> None:
    person = appointed(panel, Role.SECRETARIAT)
    Appointment.objects.filter(person=person).update(duties=["lists"])
    client = panel.client(person)
    assert {granted(client, own(panel), use).role for use in ("listen", "attend")} == {"listener"}
    for use in ("captions", "publish", "screen"):
        assert client.post(own(panel), {"use": use, "booth": "fr"}).status_code == 403
    Appointment.objects.create(person=person, hearing_id=panel.hearing.id, role=Role.CAPTIONER)
    assert granted(client, own(panel), "listen").role == "captioner"
    assert granted(client, own(panel), "captions", booth="fr").role == "captioner"


def test_a_captioner_writes_in_a_language_of_the_hearing(panel: World) -> None:
    client = panel.client(appointed(panel, Role.CAPTIONER))
    assert granted(client, own(panel), "captions", booth="fr").booth == "fr"
    assert refused(client, own(panel), "captions", booth="xx") == (
        "This hearing has no captions in that language."
    )


def test_an_interpreter_speaks_from_a_booth(panel: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = appointed(panel, Role.INTERPRETER)
    client = panel.client(person)
    assert refused(client, own(panel), "publish") == (
        "You have no booth yet. Ask the secretariat to assign one to you."
    )
    placed = {person: "fr"}
    asked = Signal[[Hearing, Person], str]("booth_of_interpreter")
    asked.connect(lambda hearing, who: placed.get(who, ""))
    monkeypatch.setattr(passes, "booth_of_interpreter", asked)
    for use in ("publish", "attend", "listen"):
        given = granted(client, own(panel), use)
        assert (given.role, given.booth, given.seat) == ("interpreter", "fr", person.id.hex)
    technician = appointed(panel, Role.TECHNICIAN)
    placed[technician] = "fr"
    assert granted(panel.client(technician), own(panel), "attend").booth == ""


def test_who_was_removed_stays_out_until_readmitted(panel: World) -> None:
    registration = speaker(panel)
    path, person = behind(registration), registration.person_id.hex
    panel.press(c.RemoveParticipant(person))
    assert refused(Client(), path, "publish") == (
        "You have been removed from this meeting. Ask the secretariat to readmit you."
    )
    panel.press(c.ReadmitParticipant(person))
    assert granted(Client(), path, "publish").person == person


def test_a_withdrawn_place_and_a_withdrawn_registration_open_nothing(panel: World) -> None:
    registration = speaker(panel)
    path = behind(registration)
    panel.press(c.WithdrawSlot(panel.inscription(registration).id.hex))
    assert refused(Client(), path, "publish") == (
        "Your place on the list of speakers has been withdrawn. Follow the meeting on the live "
        "page."
    )
    registration.refresh_from_db()
    registration.status = Registration.Status.WITHDRAWN
    registration.save()
    assert refused(Client(), path, "listen") == (
        "Your registration is no longer valid. Follow the meeting on the live page."
    )


def test_a_link_that_was_replaced_opens_nothing(panel: World) -> None:
    registration = speaker(panel)
    path = behind(registration)
    registration.link_hash = "0" * 64
    registration.save()
    assert refused(Client(), path, "publish", 410) == (
        "This link is no longer valid. Ask for a new one."
    )


def test_a_closed_meeting_and_a_hearing_that_is_over(panel: World) -> None:
    registration = speaker(panel)
    panel.press(c.CloseSegment())
    panel.press(c.CloseMeeting())
    assert refused(Client(), behind(registration), "listen", 200) == (
        "This meeting is closed. Watch the recording on the live page."
    )
    panel.hearing.status = Hearing.Status.ENDED
    panel.hearing.save()
    assert refused(panel.client(), own(panel), "listen", 200) == "This hearing is over."


def test_visitors_and_strange_wishes_get_a_sentence(panel: World) -> None:
    sentence = "Sign in, or open your personal link, to enter the meeting."
    assert refused(Client(), own(panel), "listen") == sentence
    for use in ("", "service", "everything"):
        assert refused(panel.client(), own(panel), use) == (
            "The page asked for something that is not available. Reload the page."
        )
    stranger = Person.objects.create(name="Nobody")
    for use in ("listen", "practice"):
        refused(panel.client(stranger), own(panel), use)
    assert Client().get(own(panel)).status_code == 405


def test_nobody_comes_in_under_the_connection_of_somebody_else(panel: World) -> None:
    other = speaker(panel, "Safe Harbour")
    seat = seats.of_registration(other).at()
    assert seat is not None
    act(
        hearing=panel.hearing.id,
        meeting=panel.panels[0].meeting_id,
        command=c.Join(CONNECTION, other.person_id.hex, seat.assignment.slot),
        actor=panel.chair,
    )
    path = behind(speaker(panel))
    assert granted(Client(), path, "publish", connection=CONNECTION).connection == ""
    assert granted(Client(), behind(other), "publish", connection=CONNECTION).connection
    assert granted(Client(), path, "publish", connection="not an id").connection == ""


def test_practising_puts_a_hearing_on_the_air(world: World) -> None:
    registration = world.ngo("Early Bird", 0)
    granted(Client(), behind(registration), "practice")
    assert Airtime.objects.get().hearing_id == world.hearing.id


def test_a_pass_needs_the_token_of_a_form(panel: World) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(behind(speaker(panel)), {"use": "listen"}).status_code == 403
