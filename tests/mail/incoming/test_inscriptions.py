"""A mission inscribes by mail: drafted, confirmed by a person, in the order of arrival."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from hemicycle.before.registration.by_mail.reading import understood
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers.ordering import ids_in_order
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from tests.mail.incoming.arriving import arrived
from tests.mail.incoming.letters import letter
from tests.support.lists import World

SPEAKERS = "speakers@hearing.example"
ASKED = """The Permanent Mission of Estmere to the United Nations presents its compliments and
wishes to inscribe in Panel 2 of the hearing.

Speaker: H.E. Mr. Juma Otieno, Permanent Representative
Language: French

The Permanent Mission of Estmere avails itself of this opportunity ...
"""


def from_estmere(**more: str) -> Mail:
    options = {
        "sender": "Permanent Mission of Estmere <mission@estmere.example>",
        "to": SPEAKERS,
        "text": ASKED,
    }
    return arrived(letter(**{**options, "subject": "Inscription", **more}))


def test_a_plain_letter_is_understood_whole(world: World) -> None:
    mail = from_estmere()
    assert (mail.state, mail.why) == ("waiting", "confirm")
    assert mail.draft == {
        "state": "another",
        "delegation": "Estmere",
        "name": "Juma Otieno",
        "title": "Permanent Representative",
        "rank": 7,
        "email": "mission@estmere.example",
        "language": "fr",
        "segments": [str(world.panels[1].id)],
    }
    assert Registration.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            ("Inscription, deux panels : France\nIntervenant : Mme Claire Petit, Ministre"),
            {"state": "FR", "name": "Claire Petit", "title": "Ministre", "rank": 5, "panels": 2},
        ),
        (
            ("Papua New Guinea, panel I: H.E. Ms. Ruth Kila, Deputy Permanent Representative."),
            {
                "state": "PG",
                "name": "Ruth Kila",
                "title": "Deputy Permanent Representative",
                "rank": 8,
                "panels": 1,
            },
        ),
        (
            "The Delegation of the Order of Lanterns would like to speak.",
            {"state": "another", "delegation": "Order of Lanterns would like to speak"},
        ),
        ("Niger and Nigeria would both like to know more.", {}),
        ("Please put us on the list.", {}),
    ],
)
def test_what_is_not_said_is_not_guessed(
    world: World, text: str, expected: dict[str, object]
) -> None:
    from hemicycle.mail.incoming.reading.parsed import ParsedMail

    found = understood(ParsedMail(text=text), facts_of(world.hearing))
    panels = found.pop("segments", [])
    assert {**found, **({"panels": len(panels)} if panels else {})} == expected


@pytest.mark.parametrize(("who", "known"), [("France", True), ("Estmere", False)])
def test_a_member_state_of_the_list_brings_its_category(
    who: str, known: bool, world: World
) -> None:
    mail = arrived(
        letter(
            sender="mission@hearing.example",
            to=SPEAKERS,
            subject="Inscription",
            text=f"Inscription, panel 1: {who}\nSpeaker: Mme Claire Petit, Ministre",
        )
    )
    page = f"/office/{world.hearing.slug}/mail/{mail.pk}/as/inscriptions/"
    form = world.client().get(page).content.decode()
    chosen = re.findall(r'<input[^>]*name="category"[^>]*checked[^>]*>', form)
    assert [_category(world) in radio for radio in chosen] == [True] * known


def test_confirmed_it_counts_from_the_mails_arrival(world: World) -> None:
    mail = from_estmere()
    world.clock.advance(60_000)
    faster = world.mission("Normere", 1)
    client = world.client()
    page = f"/office/{world.hearing.slug}/mail/{mail.pk}/as/inscriptions/"
    assert "Juma Otieno" in client.get(page).content.decode()
    world.clock.move_to(clock.to_ms(facts_of(world.hearing).closes_at("member-states")))
    world.clock.advance(60_000)  # the deadline has passed since the mail arrived
    data = {**mail.draft, "category": _category(world), "language": "fr"}
    assert client.post(page, data).status_code == 302
    estmere = Registration.objects.get(organization__name="Estmere")
    assert estmere.arrived_at == mail.received_at
    order = ids_in_order(world.panels[1], floor_of(world.panels[1].meeting_id))
    places = {place.id.hex: place.registration_id for place in Inscription.objects.all()}
    assert [places[place] for place in order] == [estmere.id, faster.id]
    receipt = Message.objects.get(
        address="mission@estmere.example", purpose="receipt", person=estmere.person
    )
    assert estmere.reference in receipt.body
    mail.refresh_from_db()
    assert (mail.state, mail.why, mail.registration_id) == ("done", "by_person", estmere.id)
    again = client.post(page, data)
    assert (again.status_code, Registration.objects.count()) == (302, 2)


def test_a_mail_after_the_deadline_is_refused_with_the_sentence(world: World) -> None:
    world.clock.move_to(clock.to_ms(facts_of(world.hearing).closes_at("member-states")))
    world.clock.advance(int(timedelta(hours=1).total_seconds() * 1000))
    mail = from_estmere()
    page = f"/office/{world.hearing.slug}/mail/{mail.pk}/as/inscriptions/"
    data = {**mail.draft, "category": _category(world), "language": "fr"}
    answer = world.client().post(page, data)
    assert answer.status_code == 422
    assert "Registration closed on" in answer.content.decode()
    mail.refresh_from_db()
    assert mail.state == "waiting"


def _category(world: World) -> str:
    return str(facts_of(world.hearing).categories_of("member-states")[0].id)
