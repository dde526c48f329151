"""Missions prove their identity; an unproved inscription waits, displaces no one, is reported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from hemicycle.before.registration import confirming, links, mission_list, review
from hemicycle.before.registration.mission_list import MissionLine
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.hearing.setup.models import Category, Segment
from hemicycle.mail.outgoing import invited
from hemicycle.mail.outgoing import lists as distribution
from hemicycle.mail.outgoing.models import Message, Recipient
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

type Typed = Callable[..., dict[str, Any]]
MISSIONS = "/h/2021-trafficking/inscribe/"
OFFICE = "/office/2021-trafficking/missions/"
IMPOSTOR = "impostor@elsewhere.example"


def on_file(world: World, name: str, *addresses: str) -> None:
    lines = [MissionLine(name, address) for address in addresses]
    mission_list.add(hearing=world.hearing, lines=lines, actor=world.office)


def inscribed(client: Client, typed: dict[str, Any]) -> Registration:
    """Send the form, confirm it from the mailbox that was entered, and return the registration."""
    assert client.post(MISSIONS, typed).status_code == 302
    row = Registration.objects.latest("arrival")
    return confirming.confirm(registration=row)


def states(row: Registration) -> list[str]:
    return list(row.inscriptions.values_list("state", flat=True))


def to(address: str) -> list[str]:
    rows = Message.objects.filter(address=address)
    return list(rows.values_list("subject", flat=True))


def accept(world: World, row: Registration) -> None:
    review.decide(
        hearing=world.hearing,
        chosen=[row.pk],
        outcome=Registration.Status.ACCEPTED,
        reason="",
        decided_by=world.secretary,
        actor=world.office,
    )
    row.refresh_from_db()


def invitation(world: World, country: str = "FR", address: str = "fr@example.org") -> Recipient:
    made = distribution.make(
        hearing=world.hearing, name="Missions", of_missions=True, actor=world.office
    )
    line = made.lines.get(country=country)
    line.address = address
    distribution.put(recipients=made, line=line, actor=world.office)
    return line


def token(world: World, line: Recipient) -> str:
    return invited.url(world.hearing, line).partition("invited=")[2]


# ── An impostor ───────────────────────────────────────────────────────────────────────────────
def test_an_impostor_is_neither_listed_nor_seated(
    world: World, client: Client, mission: Typed
) -> None:
    row = inscribed(client, mission(email=IMPOSTOR))
    assert (row.status, row.takes_part, states(row)) == ("submitted", False, ["unproved"])
    secret = links.secret_of(row)
    given = client.post(f"/h/2021-trafficking/seat/{secret}/pass/", {"use": "publish"})
    assert given.status_code == 403
    page = client.get(f"/my/{secret}/").text
    assert ("Not verified yet" in page, "/seat/" in page) == (True, False)
    assert "We do not know this as an address of the mission" in page


def test_an_impostor_does_not_keep_the_mission_out(
    world: World, client: Client, mission: Typed
) -> None:
    on_file(world, "France", "fr@example.org")
    fake = inscribed(client, mission(email=IMPOSTOR))
    real = inscribed(client, mission(email="fr@example.org"))
    assert (fake.takes_part, real.takes_part) == (False, True)
    assert (states(fake), states(real)) == (["unproved"], ["inscribed"])


def test_whoever_types_the_missions_address_does_not_keep_it_out(
    world: World, client: Client, mission: Typed
) -> None:
    on_file(world, "France", "fr@example.org")
    assert client.post(MISSIONS, mission(email="fr@example.org")).status_code == 302
    real = inscribed(client, mission(email="fr@example.org", name="Léa Petit"))
    assert real.takes_part


def test_an_impostor_takes_no_place_of_a_panel_or_a_category(
    world: World, client: Client, mission: Typed
) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1)
    Category.objects.filter(key="member-state").update(max_registrations=1)
    on_file(world, "Kenya", "ke@example.org")
    inscribed(client, mission(email=IMPOSTOR))
    real = inscribed(client, mission(state="KE", email="ke@example.org"))
    assert (real.takes_part, states(real)) == (True, ["inscribed"])


def test_the_mission_on_file_is_told_in_plain_words_once_a_day(
    world: World, client: Client, mission: Typed
) -> None:
    on_file(world, "France", "fr@example.org", "france.example.org")
    inscribed(client, mission(email=IMPOSTOR, name="Buy Watches"))
    inscribed(client, mission(email="second@elsewhere.example"))
    (subject,) = to("fr@example.org")
    assert "could not verify" in subject
    letter = Message.objects.get(address="fr@example.org")
    assert "Watches" not in letter.body
    world.clock.advance(86_400_000)
    inscribed(client, mission(email="third@elsewhere.example"))
    assert len(to("fr@example.org")) == 2


def test_nobody_is_told_before_the_mailbox_has_confirmed(
    world: World, client: Client, mission: Typed
) -> None:
    on_file(world, "France", "fr@example.org")
    client.post(MISSIONS, mission(email=IMPOSTOR))
    assert to("fr@example.org") == []


# ── Proofs ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("email", ["fr@example.org", "Léa@France.example.org".replace("é", "e")])
def test_an_address_or_a_domain_on_the_list_proves_it(
    world: World, client: Client, mission: Typed, email: str
) -> None:
    on_file(world, "France", "fr@example.org", "france.example.org")
    row = inscribed(client, mission(email=email))
    assert (row.vouched_by, row.takes_part, states(row)) == ("list", True, ["inscribed"])
    vouched = Entry.objects.get(kind="registration.vouched")
    assert vouched.fields() == {"registration": row.id.hex, "by": "list"}


def test_anothers_domain_proves_nothing(world: World, client: Client, mission: Typed) -> None:
    on_file(world, "Kenya", "ke@example.org", "kenya.example.org")
    on_file(world, "France", "france.example.org")
    for email in ("x@kenya.example.org", "x@sub.france.example.org", "x@notfrance.example.org"):
        assert not inscribed(client, mission(email=email)).takes_part


def test_the_invitations_link_proves_it_at_once(
    world: World, client: Client, mission: Typed
) -> None:
    line = invitation(world)
    page = client.get(MISSIONS, {"invited": token(world, line)}).text
    assert f'name="invited" value="{token(world, line)}"' in page
    assert 'value="FR" selected' in page
    assert 'value="fr@example.org"' in page
    typed = mission(email="claire@elsewhere.example", invited=token(world, line))
    client.post(MISSIONS, typed)
    row = Registration.objects.get()
    assert (row.vouched_by, states(row), row.takes_part) == ("invitation", ["inscribed"], False)
    assert confirming.confirm(registration=row).takes_part


def test_another_missions_invitation_proves_nothing(
    world: World, client: Client, mission: Typed
) -> None:
    line = invitation(world, "KE", "ke@example.org")
    row = inscribed(client, mission(email=IMPOSTOR, invited=token(world, line)))
    assert row.vouched_by == ""


@pytest.mark.parametrize("given", ["", "x", "0" * 32 + ":forged", "é:é"])
def test_a_forged_invitation_opens_nothing(
    world: World, client: Client, mission: Typed, given: str
) -> None:
    assert client.get(MISSIONS, {"invited": given}).status_code == 410
    assert inscribed(client, mission(email=IMPOSTOR, invited=given)).vouched_by == ""


def test_a_line_that_was_taken_off_the_list_invites_nobody(
    world: World, client: Client, mission: Typed
) -> None:
    line = invitation(world)
    held = token(world, line)
    line.delete()
    assert client.get(MISSIONS, {"invited": held}).status_code == 410


def test_only_missions_find_a_link_in_their_invitation(world: World) -> None:
    from hemicycle.mail.outgoing.letters import named
    from hemicycle.mail.outgoing.lists import addressee
    from hemicycle.mail.outgoing.signals import Addressee

    line = invitation(world)
    assert token(world, line) in named(world.hearing, addressee(line))["inscribe"]
    assert named(world.hearing, Addressee("a@example.org"))["inscribe"] == ""


def test_the_secretariats_word_proves_it(world: World, client: Client, mission: Typed) -> None:
    row = inscribed(client, mission(email="new@elsewhere.example"))
    accept(world, row)
    assert (row.vouched_by, row.takes_part, states(row)) == ("secretariat", True, ["inscribed"])


def test_a_second_delegation_is_not_accepted_beside_the_first(
    world: World, client: Client, mission: Typed
) -> None:
    fake = inscribed(client, mission(email=IMPOSTOR))
    world.mission("France", 0)
    with pytest.raises(RegistrationRefused) as refused:
        accept(world, fake)
    assert refused.value.reason is Reason.INSCRIBED_ALREADY
    fake.refresh_from_db()
    assert (fake.status, fake.vouched_by) == ("submitted", "")


def test_of_two_colleagues_who_confirm_the_first_has_the_place(
    world: World, client: Client, mission: Typed
) -> None:
    on_file(world, "France", "france.example.org")
    for name in "ab":
        client.post(MISSIONS, mission(email=f"{name}@france.example.org"))
    early, late = Registration.objects.order_by("arrival")
    late, early = (confirming.confirm(registration=row) for row in (late, early))
    assert (states(late), states(early)) == (["inscribed"], ["withdrawn"])


def test_a_proved_mission_waits_where_the_panel_is_full(
    world: World, client: Client, mission: Typed
) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1, waiting_list=True)
    world.mission("Kenya", 0)
    on_file(world, "France", "fr@example.org")
    row = inscribed(client, mission(email="fr@example.org"))
    assert (row.takes_part, row.waits.count()) == (True, 1)


def test_the_order_is_that_of_arrival_whenever_it_was_proved(
    world: World, client: Client, mission: Typed
) -> None:
    first = inscribed(client, mission(email="new@elsewhere.example"))
    world.mission("Kenya", 0)
    accept(world, first)
    order = Inscription.objects.order_by("arrival").values_list("delegation", "place")
    assert list(order) == [("france", 1), ("kenya", 2)]


# ── The list ──────────────────────────────────────────────────────────────────────────────────
def test_the_list_is_pasted_and_taken_off_again(world: World) -> None:
    office = world.client()
    pasted = (
        "France, FR@example.org; @france.example.org\n"
        "الصين\tchina.example.org\n\nOrder of X,x@example.org"
    )
    answer = office.post(OFFICE, {"lines": pasted}, follow=True)
    assert "4 addresses added." in answer.text
    rows = world.hearing.mission_addresses.values_list("name", "address")
    assert set(rows) == {
        ("France", "fr@example.org"),
        ("France", "france.example.org"),
        ("China", "china.example.org"),
        ("Order of X", "x@example.org"),
    }
    assert "0 addresses added." in office.post(OFFICE, {"lines": pasted}, follow=True).text
    row = world.hearing.mission_addresses.get(address="x@example.org")
    office.post(f"{OFFICE}{row.pk}/remove/")
    assert world.hearing.mission_addresses.count() == 3
    changes = Entry.objects.filter(kind="missions.listed").order_by("seq")
    assert [entry.fields() for entry in changes] == [
        {"added": 4, "removed": 0},
        {"added": 0, "removed": 1},
    ]


def test_what_is_no_list_comes_back_with_its_faults(world: World) -> None:
    pasted = "France\nKenya, not an address\nfr@example.org, France"
    answer = world.client().post(OFFICE, {"lines": pasted})
    assert answer.status_code == 422
    for said in ("Line 1: enter the State", "Line 2: “not an address” is not", "Line 3: enter the"):
        assert said in answer.text
    assert "not an address" in answer.text
    assert not world.hearing.mission_addresses.exists()
