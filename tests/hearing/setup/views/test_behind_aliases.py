"""Only officers with the duty of protected data see who is behind an alias.

The tests cover pages about one person, and searches. `tests/test_public_names.py` checks all pages
of the office.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from hemicycle.before.registration import covering
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.people.models import Appointment, Duty, Person, Role
from hemicycle.hearing.setup import aliases
from hemicycle.mail.outgoing.models import Message
from tests.mail.incoming.arriving import arrived, known_as
from tests.mail.incoming.letters import letter

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.lists import World

ANA = "ana@relief.example.org"
NEEDED = "This page needs the duty: protected data. Ask "


@pytest.fixture
def ana(world: World) -> Registration:
    """Register Ana Ruiz of Relief with the alias Ms. Heron; her registration is undecided."""
    registration = world.ngo("Relief", 0, speaker="Ana Ruiz", alias="Ms. Heron", accepted=False)
    return known_as(registration, ANA)


def officer(world: World, *duties: Duty) -> Client:
    """Return the browser of an officer with these duties."""
    person = Person.objects.create(name="Ann", email=f"{len(duties)}@office.example")
    Appointment.objects.create(
        person=person, hearing_id=world.hearing.id, role=Role.SECRETARIAT, duties=list(duties)
    )
    return world.client(person)


def url(world: World, name: str, *args: object) -> str:
    return reverse(name, args=(world.hearing.slug, *args))


def test_a_registration_under_an_alias_is_closed_without_the_duty(
    world: World, ana: Registration
) -> None:
    registrar = officer(world, Duty.REGISTRATION)
    for name in ("detail", "edit", "office-withdraw", "office-co-signers"):
        answer = registrar.get(url(world, f"registration:{name}", ana.pk))
        assert (answer.status_code, NEEDED in answer.text) == (403, True), name
    posted = registrar.post(url(world, "registration:link", ana.pk), {"send_new": "yes"})
    assert posted.status_code == 403
    both = officer(world, Duty.REGISTRATION, Duty.PROTECTED)
    assert "Ana Ruiz" in both.get(url(world, "registration:detail", ana.pk)).text


def test_who_is_behind_an_alias_is_found_by_it_and_not_by_the_name(
    world: World, ana: Registration
) -> None:
    registrar = officer(world, Duty.REGISTRATION)
    for page in ("registration:office", "accreditation:office"):
        for words, is_found in (("ruiz", False), ("relief", False), ("heron", True)):
            text = registrar.get(url(world, page), {"q": words}).text
            assert (ana.reference in text) == is_found, (page, words)
            assert "Ana Ruiz" not in text
        assert "Ana Ruiz" in officer(world, *Duty).get(url(world, page), {"q": "ruiz"}).text
        Person.objects.filter(email="6@office.example").delete()


def test_names_behind_aliases_do_not_order_the_list(world: World, ana: Registration) -> None:
    """“Ms. Heron” is between Lee and Okoro, although “Ana Ruiz” would come first."""
    others = [world.ngo(f"Body {name}", 0, speaker=name) for name in ("Lee", "Okoro")]
    registrar = officer(world, Duty.REGISTRATION)
    text = registrar.get(url(world, "registration:office"), {"sort": "name"}).text
    places = [text.index(row.reference) for row in (others[0], ana, others[1])]
    assert places == sorted(places)


def test_nobody_decides_on_whom_they_may_not_know(world: World, ana: Registration) -> None:
    known = world.ngo("Open Doors", 0, accepted=False)
    registrar, decide = officer(world, Duty.REGISTRATION), url(world, "registration:decide")
    data = {"outcome": "accepted", "next": url(world, "registration:office")}
    for chosen in ([ana.pk], [ana.pk, known.pk]):
        answer = registrar.post(decide, {**data, "chosen": chosen})
        assert (answer.status_code, NEEDED in answer.text) == (403, True)
    registrar.post(decide, {**data, "every": "?", "count": "1"})
    assert Job.objects.get().data["chosen"] == [[known.pk.hex, "submitted"]]
    assert not Registration.objects.filter(status="accepted").exists()


def test_the_boxes_of_decisions_are_for_those_who_decide(world: World, ana: Registration) -> None:
    known = world.ngo("Open Doors", 0, accepted=False)
    page = url(world, "registration:office")
    guardian = officer(world, Duty.PROTECTED).get(page).text
    assert 'name="chosen"' not in guardian
    assert 'name="outcome"' not in guardian
    assert "Ana Ruiz" in guardian
    registrar = officer(world, Duty.REGISTRATION, Duty.LETTERS).get(page).text
    assert f'name="chosen" value="{known.pk}"' in " ".join(registrar.split())
    assert f'value="{ana.pk}"' not in registrar


def test_letters_to_somebody_with_an_alias_need_the_duty(world: World, ana: Registration) -> None:
    known_as(world.ngo("Open Doors", 0), "doors@example.org")
    sent = Message.objects.filter(person=ana.person).first()
    assert sent is not None
    hers = Message.objects.filter(hearing_id=world.hearing.id, person=ana.person).count()
    clerk, outbox = officer(world, Duty.LETTERS), url(world, "outgoing:office")
    for query in ({}, {"q": "ruiz"}, {"q": "relief.example"}):
        text = clerk.get(outbox, query).text
        assert "Ana Ruiz" not in text
        assert sent.address not in text
        assert ("not shown" in text) == (not query)
    assert f"{hers} message" in clerk.get(outbox).text.partition("not shown")[0][-80:]
    answer = clerk.get(url(world, "outgoing:detail", sent.pk))
    assert (answer.status_code, NEEDED in answer.text) == (403, True)
    cancel = clerk.post(url(world, "outgoing:act", sent.pk), {"act": "cancel"})
    assert cancel.status_code == 403
    both = officer(world, Duty.LETTERS, Duty.PROTECTED)
    assert "Ana Ruiz" in both.get(outbox).text
    assert both.get(url(world, "outgoing:detail", sent.pk)).status_code == 200


def test_mail_of_somebody_with_an_alias_needs_the_duty(world: World, ana: Registration) -> None:
    hers = arrived(letter(sender=f"Ana Ruiz <{ANA.upper()}>", subject="Her shelter"))
    other = arrived(letter(sender="Bo <bo@private.example>", subject="A question of mine"))
    for mail in (hers, other):
        mail.hearing_id, mail.state = world.hearing.id, "waiting"
        mail.save()
    clerk, room = officer(world, Duty.LETTERS), url(world, "incoming:office")
    text = clerk.get(room).text
    assert "A question of mine" in text
    assert "Her shelter" not in text
    assert "1 message of somebody with an alias is not shown" in text
    for name, *more in (("detail",), ("file", 0)):
        answer = clerk.get(url(world, f"incoming:{name}", hers.pk, *more))
        assert (answer.status_code, NEEDED in answer.text) == (403, True)
    # A search for a message's sender does not lead from the name to the alias's reference.
    found = clerk.get(url(world, "incoming:detail", other.pk), {"q": "ruiz"}).text
    assert ana.reference not in found
    assign = url(world, "incoming:assign", other.pk)
    assert clerk.post(assign, {"registration": str(ana.pk)}).status_code == 403
    both = officer(world, Duty.LETTERS, Duty.PROTECTED)
    assert "Her shelter" in both.get(room).text
    assert ana.reference in both.get(url(world, "incoming:detail", other.pk), {"q": "ruiz"}).text


def test_an_address_belongs_to_somebody_with_an_alias_in_any_case(
    world: World, ana: Registration
) -> None:
    hidden = aliases.hidden_in(world.hearing.id)
    assert hidden.has(ana.person_id, "")
    assert hidden.has(None, ANA.upper())
    assert not hidden.has(None, "")
    assert not aliases.hidden_in(ana.pk)


def test_a_covered_registration_is_never_saved(ana: Registration) -> None:
    covering.cover([ana])
    assert (ana.person.name, ana.organization.name) == ("Ms. Heron", "")
    with pytest.raises(AssertionError):
        ana.save()
    assert Registration.objects.get(pk=ana.pk).person.name == "Ana Ruiz"
