"""Confirming by e-mail: an unconfirmed registration has no effect, and expires."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from hemicycle.before.registration import confirming, links, lists, published, review
from hemicycle.before.registration.models import CoSigner, Inscription, Registration, Waiting
from hemicycle.before.registration.registration_rules import AT_LEAST, BEFORE_PANEL, facts_of
from hemicycle.hearing.setup.models import Category, Hearing, Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, keys, receipts, verify
from hemicycle.record.models import Entry, Head
from tests.support.markup import compact

if TYPE_CHECKING:
    from tests.support.lists import World

type Typed = Callable[..., dict[str, Any]]
FORM = "/h/2021-trafficking/register/"
MISSIONS = "/h/2021-trafficking/inscribe/"
HERE = "localhost:8000"


def kinds() -> list[str]:
    return list(Entry.objects.order_by("seq").values_list("kind", flat=True))


def confirm_page(row: Registration) -> str:
    return f"/confirm/{links.confirmation_secret(row)}/"


def purposes() -> list[str]:
    return sorted(Message.objects.values_list("purpose", flat=True))


# ── Before anybody has confirmed ──────────────────────────────────────────────────────────────
def test_only_one_plain_letter_leaves_before_the_mailbox_has_answered(
    world: World, client: Client, stakeholder: Typed
) -> None:
    Category.objects.filter(key="civil-society").update(evidence="A register")
    typed = stakeholder(
        organization="Buy Cheap Watches at scam.example",
        name="Click Here Now",
        title="http://scam.example/",
        question="Who pays for http://scam.example/ ?",
        co_signer_1="Visit scam.example",
        co_signer_1_email="other@example.org",
    )
    assert client.post(FORM, typed).status_code == 302
    (letter,) = Message.objects.all()
    assert (letter.address, letter.purpose) == ("amina@example.org", "confirmation")
    said = letter.subject + letter.body
    assert not re.search("scam|watches|click|pays", said, re.IGNORECASE)
    assert links.confirmation_url(Registration.objects.get()) in letter.body
    assert links.secret_of(Registration.objects.get()) not in letter.body
    assert CoSigner.objects.get().state == CoSigner.State.NAMED


def test_the_redirect_gives_out_no_personal_link(
    world: World, client: Client, stakeholder: Typed
) -> None:
    address = client.post(FORM, stakeholder())["Location"]
    secret = links.secret_of(Registration.objects.get())
    page = client.get(address).text
    assert secret not in address + page
    opened = address.removeprefix("/received/").partition("/")[0]
    for path in (f"/my/{opened}/", f"/h/2021-trafficking/seat/{opened}/"):
        assert client.get(path).status_code == 410


def test_a_personal_link_opens_one_page_until_it_is_confirmed(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, confirmed=False)
    secret = links.secret_of(row)
    for path in ("", "details/", "replace/", "withdraw/", "statement/", "questions/", "practice/"):
        answer = client.get(f"/my/{secret}/{path}")
        assert (answer.status_code, answer["Location"]) == (302, confirm_page(row)), path
    answer = client.post(f"/my/{secret}/withdraw/", {"what": "whole"})
    assert (answer.status_code, answer["Location"]) == (302, confirm_page(row))
    row.refresh_from_db()
    assert row.is_live


def test_looking_at_the_page_confirms_nothing(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, confirmed=False)
    for method in (client.get, client.head, client.options):
        method(confirm_page(row))
    row.refresh_from_db()
    assert not row.is_confirmed
    assert "registration.confirmed" not in kinds()


def test_an_acceptance_alone_gives_no_seat_and_sends_no_letter(
    world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0, confirmed=False)
    review.decide(
        hearing=world.hearing,
        chosen=[row.pk],
        outcome=Registration.Status.ACCEPTED,
        reason="",
        decided_by=world.secretary,
        actor=world.office,
    )
    row.refresh_from_db()
    assert (row.status, row.takes_part) == ("accepted", False)
    assert purposes() == ["confirmation"]
    given = client.post(f"/h/2021-trafficking/seat/{links.secret_of(row)}/pass/", {"use": "listen"})
    assert given.status_code == 403
    confirming.confirm(registration=row)
    given = client.post(f"/h/2021-trafficking/seat/{links.secret_of(row)}/pass/", {"use": "listen"})
    assert given.status_code == 200


def test_no_list_of_recipients_holds_an_address_that_has_not_answered(world: World) -> None:
    world.ngo("River Watch", 0, confirmed=False)
    found = [to for source in lists.sources(world.hearing) for to in source.addressees()]
    assert found == []


def test_an_address_gets_three_letters_at_most(
    world: World, client: Client, stakeholder: Typed
) -> None:
    client.post(FORM, stakeholder())
    for _ in range(5):
        world.clock.advance(400_000)
        assert client.post(FORM, stakeholder()).status_code == 409
    assert purposes() == ["confirmation"] * 3


# ── Confirmed ─────────────────────────────────────────────────────────────────────────────────
def test_the_button_confirms_and_leads_to_the_personal_page(
    world: World, client: Client, stakeholder: Typed
) -> None:
    client.post(FORM, stakeholder(co_signer_1="Hope", co_signer_1_email="hope@example.org"))
    row = Registration.objects.get()
    answer = client.post(confirm_page(row), follow=True)
    assert "Your registration is confirmed. This is your personal page." in answer.text
    row.refresh_from_db()
    assert row.is_confirmed
    assert kinds()[-2:] == ["registration.confirmed", "co_signer.asked"]
    assert purposes() == ["co-signer", "confirmation", "receipt"]
    asked = Message.objects.get(purpose="co-signer")
    assert "River Watch" not in asked.subject + asked.body
    assert "Hope" not in asked.subject + asked.body


def test_confirming_twice_is_confirming_once(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, confirmed=False)
    first = client.post(confirm_page(row))
    second = client.post(confirm_page(row))
    assert (first.status_code, second.status_code) == (302, 302)
    assert kinds().count("registration.confirmed") == 1
    assert purposes() == ["confirmation", "receipt"]


def test_the_address_that_confirmed_opens_nothing_afterwards(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, confirmed=False)
    here = client.post(confirm_page(row))["Location"]
    assert links.secret_of(row) not in here
    assert client.get(here).status_code == 200
    back = client.get(confirm_page(row))
    assert back["Location"] == here.partition("?")[0]
    elsewhere = Client()
    for answer in (elsewhere.get(confirm_page(row)), elsewhere.post(confirm_page(row))):
        assert answer["Location"] == f"/received/{links.receipt_secret(row)}/"
        assert not elsewhere.cookies
    assert elsewhere.get(here).status_code == 410


def test_a_new_link_makes_the_address_in_the_old_letter_void(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, confirmed=False)
    sent_before = confirm_page(row)
    links.renew(row)
    row.save()
    assert client.post(sent_before).status_code == 410
    assert client.get(confirm_page(row)).status_code == 200


def test_no_address_confirms_that_was_not_given_out(world: World, client: Client) -> None:
    row, other = (world.ngo(name, 0, confirmed=False) for name in "AB")
    own, foreign = links.confirmation_secret(row), links.confirmation_secret(other)
    swapped = own[:22] + foreign[22:]
    for made_up in (swapped, own[:-2], own + "AA", links.receipt_secret(row), "x", "ä", "~"):
        assert client.post(f"/confirm/{made_up}/").status_code == 410, made_up
    row.refresh_from_db()
    assert not row.is_confirmed


def test_the_page_shows_each_their_own_words_and_nobody_elses(world: World) -> None:
    rows = [world.ngo(name, 0, confirmed=False) for name in ("A & B", "Çiçek <b>")]
    first, second = (Client().get(confirm_page(row)).text for row in rows)
    assert "A &amp; B" in first
    assert "Çiçek &lt;b&gt;" in second
    for row, own, other in ((rows[0], first, second), (rows[1], second, first)):
        for words in (row.reference, f"place {row.inscriptions.get().place} by"):
            assert (words in own, words in other) == (True, False)
    assert "{kept" not in first + second


def test_the_place_is_the_one_of_arrival(world: World) -> None:
    first = world.ngo("A", 0, confirmed=False)
    world.ngo("B", 0)
    confirming.confirm(registration=first)
    places = Inscription.objects.order_by("place").values_list(
        "registration__organization__name", "place"
    )
    assert list(places) == [("A", 1), ("B", 2)]


# ── Lapsed ────────────────────────────────────────────────────────────────────────────────────
def test_what_nobody_confirms_lapses_and_the_next_moves_up(world: World, client: Client) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1, waiting_list=True)
    row = world.ngo("A", 0, confirmed=False)
    second = world.ngo("B", 0)
    assert row.confirm_by is not None
    world.clock.move_to(clock.to_ms(row.confirm_by))
    assert confirming.lapse_due() == 0
    world.clock.advance(1)
    assert confirming.lapse_due() == 1
    row.refresh_from_db()
    assert (row.status, row.inscriptions.get().state) == ("lapsed", "lapsed")
    assert second.inscriptions.get().state == "inscribed"
    assert not Waiting.objects.exists()
    assert kinds()[-4:] == [
        *("registration.lapsed", "speaker.withdrawn", "speaker.inscribed"),
        "registration.promoted",
    ]
    assert confirming.lapse_due() == 0
    answer = client.post(confirm_page(row))
    assert (answer.status_code, "no longer valid" in answer.text) == (410, True)
    assert purposes().count("receipt") == 1  # the receipt of the confirmed registration


def test_the_last_moment_still_confirms_and_the_next_one_does_not(world: World) -> None:
    early, late = (world.ngo(name, 0, confirmed=False) for name in "AB")
    assert early.confirm_by is not None
    assert late.confirm_by is not None
    world.clock.move_to(clock.to_ms(early.confirm_by))
    assert confirming.confirm(registration=early).is_confirmed
    world.clock.move_to(clock.to_ms(late.confirm_by) + 1)
    assert confirming.confirm(registration=late).status == Registration.Status.LAPSED


def test_who_lapsed_may_register_again(world: World, client: Client, stakeholder: Typed) -> None:
    client.post(FORM, stakeholder())
    world.clock.advance(25 * 3_600_000)
    confirming.lapse_due()
    assert client.post(FORM, stakeholder()).status_code == 302
    assert Registration.objects.count() == 2


def test_how_long_a_place_is_kept(world: World) -> None:
    Hearing.objects.filter(pk=world.hearing.pk).update(confirmation_hours=48)
    facts = facts_of(world.hearing)
    panel, at = world.panels[0], clock.now()
    assert facts.kept_until((panel.id,), at) == at + timedelta(hours=48)
    near = panel.starts_at - timedelta(hours=3)
    assert facts.kept_until((panel.id,), near) == panel.starts_at - BEFORE_PANEL
    assert facts.kept_until((panel.id,), panel.starts_at) == panel.starts_at + AT_LEAST


def test_the_published_chain_holds_with_what_lapsed(world: World, client: Client) -> None:
    row = world.ngo("A", 0, confirmed=False)
    world.ngo("B", 0)
    world.clock.advance(25 * 3_600_000)
    confirming.lapse_due()
    rows = Entry.objects.filter(hearing=world.hearing.id).order_by("seq").values()
    assert verify.verify(rows, Head.objects.values()).holds
    receipt = client.get(f"/received/{links.receipt_secret(row)}/receipt-{row.arrival}.json")
    chain = json.loads("".join(published.as_json(world.hearing)))
    checked = receipts.check(receipt.text, {keys.fingerprint()})
    receipts.check_place(checked, chain["entries"])


# ── On a trial ────────────────────────────────────────────────────────────────────────────────
def test_a_trial_shows_the_letter_and_says_that_nothing_is_delivered(
    world: World, stakeholder: Typed
) -> None:
    client = Client(HTTP_HOST=HERE)
    address = client.post(FORM, stakeholder())["Location"]
    page = client.get(address).text
    row = Registration.objects.get()
    assert "no e-mail is sent" in page
    assert f'href="{confirm_page(row)}"' in page
    client.post(confirm_page(row))
    page = client.get(address).text
    assert ("no e-mail is sent" in page, links.secret_of(row) in page) == (False, False)


def test_a_shown_letter_is_written_in_the_direction_of_its_language(
    world: World, stakeholder: Typed
) -> None:
    client = Client(HTTP_HOST=HERE, HTTP_ACCEPT_LANGUAGE="ar")
    page = compact(client.get(client.post(FORM, stakeholder())["Location"]).text)
    # The paragraph begins with the English title of the hearing.
    assert 'lang="ar" dir="rtl"><p><strong>Hearing on' in page


@pytest.mark.parametrize(
    ("changes", "host"),
    [
        ({"BASE_URL": "https://hearing.example"}, HERE),
        ({"SMTP": "smtp://mail.hearing.example"}, HERE),
        ({}, "testserver"),
    ],
)
def test_no_letter_is_shown_where_people_may_be_strangers(
    world: World, stakeholder: Typed, settings: Any, changes: dict[str, str], host: str
) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    client = Client(HTTP_HOST=host)
    page = client.get(client.post(FORM, stakeholder())["Location"]).text
    assert links.confirmation_secret(Registration.objects.get()) not in page
    assert "We have written to" in page
