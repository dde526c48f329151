"""Encoders connect with a key: each seat has its own, valid while its person may speak there.

`tests/journeys/test_encoder.py` shows that an encoder is heard.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from hemicycle.before.registration import changes, links
from hemicycle.before.registration.models import Registration
from hemicycle.engine.control import passes as wire
from hemicycle.hearing.people.models import Appointment, Person, Role, SignInSession
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import encoders, passes
from hemicycle.procedure import commands as c

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.support.lists import World

pytestmark = pytest.mark.any_database

NOWHERE = "http://127.0.0.1:9"
OFFER = "v=0\r\n"


@pytest.fixture(autouse=True)
def no_engine(settings: Settings) -> None:
    """Set an engine that does not answer: a request that passes all checks ends with `ADMITTED`."""
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, url=NOWHERE)


def speaker(world: World, name: str = "Open Doors") -> Registration:
    return Registration.objects.select_related("hearing", "person").get(organization__name=name)


def page_of(registration: Registration) -> str:
    secret = links.secret_of(registration)
    return reverse("room:encoder", args=(registration.hearing.slug, secret))


def key_on(client: Client, page: str) -> str:
    """Request a key on a page that shows none yet, and return it."""
    assert client.get(page).context["key"] == ""
    key: str = client.post(page).context["key"]
    return key


def sent(hearing: Hearing, key: str, body: str = OFFER, **more: str) -> tuple[int, str]:
    """Send an encoder's offer, and return the status and the code of the answer."""
    kind = more.pop("kind", "application/sdp")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = reverse("room:whip", args=(hearing.slug,))
    answer = Client().post(url, body, content_type=kind, headers=headers)
    return answer.status_code, answer.json()["code"]


ADMITTED = (503, "unreachable")
REFUSED = (403, "encoder_key")


def test_a_key_opens_the_seat_until_the_link_is_renewed(panel: World) -> None:
    registration = speaker(panel)
    key = key_on(Client(), page_of(registration))
    assert sent(panel.hearing, key) == ADMITTED
    links.renew(registration)
    registration.save()
    assert sent(panel.hearing, key) == REFUSED


def test_who_withdraws_or_is_removed_sends_no_more(panel: World) -> None:
    registration = speaker(panel)
    key = key_on(Client(), page_of(registration))
    panel.press(c.RemoveParticipant(registration.person_id.hex))
    assert sent(panel.hearing, key) == (403, "removed")
    panel.press(c.ReadmitParticipant(registration.person_id.hex))
    changes.withdraw(registration=registration, reason="", actor=panel.office)
    assert sent(panel.hearing, key)[0] == 403


def test_a_key_of_somebody_who_signed_in_ends_with_the_session(panel: World) -> None:
    client = panel.client(panel.moderator)
    key = key_on(client, reverse("room:own-encoder", args=(panel.hearing.slug,)))
    assert sent(panel.hearing, key) == ADMITTED
    SignInSession.objects.filter(person=panel.moderator).delete()
    assert sent(panel.hearing, key) == REFUSED


def test_who_may_not_speak_gets_no_key(panel: World) -> None:
    person = Person.objects.create(name="A technician", email="tech@hearing.example")
    Appointment.objects.create(person=person, hearing_id=panel.hearing.id, role=Role.TECHNICIAN)
    answer = panel.client(person).post(reverse("room:own-encoder", args=(panel.hearing.slug,)))
    assert (answer.status_code, answer.context["key"]) == (403, "")
    assert str(passes.SENTENCES["no_microphone"]) in answer.content.decode()


def test_a_key_opens_no_other_hearing_and_lasts_a_day(
    panel: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_on(Client(), page_of(speaker(panel)))
    other = signing.dumps(["0" * 32, *["1" * 32] * 2, "1", ""], salt=encoders._SALT)
    assert sent(panel.hearing, other) == REFUSED
    monkeypatch.setattr(encoders, "LASTS", timedelta(seconds=-1))
    assert sent(panel.hearing, key) == REFUSED


@pytest.mark.parametrize(
    ("key", "body", "kind", "expected"),
    [
        ("", OFFER, "application/sdp", (401, "pass_needed")),
        ("nonsense", OFFER, "application/sdp", REFUSED),
        ("a:b:c", OFFER, "application/sdp", REFUSED),
        ("nonsense", OFFER, "text/plain", (415, "not_sdp")),
        ("nonsense", "v" * 70_000, "application/sdp", (413, "too_long")),
    ],
)
def test_what_is_no_offer_or_no_key_is_refused(
    panel: World, key: str, body: str, kind: str, expected: tuple[int, str]
) -> None:
    assert sent(panel.hearing, key, body, kind=kind) == expected


def test_an_engine_that_is_being_replaced_is_asked_again_with_a_new_pass(
    panel: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(given: wire.Pass, sdp: bytes) -> encoders.EngineAnswer:
        asked.append(given.id)
        status = 201 if len(asked) == 3 else 307
        return encoders.EngineAnswer(status, {"Location": "/media/session/1"}, sdp)

    monkeypatch.setattr(encoders, "_asked", answer)
    monkeypatch.setattr(encoders, "AGAIN_S", 0)
    key = key_on(Client(), page_of(speaker(panel)))
    assert encoders.offer(panel.hearing, key, b"v=0").status == 201
    assert len(set(asked)) == 3
