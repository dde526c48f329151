"""What participants change themselves: e-mail address, speaker, panels and co-signers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from hemicycle.before.registration import editing, links, pending
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import CoSigner, PendingChange
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock, erasure
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from hemicycle.before.registration.models import Registration
    from tests.support.lists import World

NEW = "new@hearing.example"


def my(row: Registration, part: str = "") -> str:
    return f"/my/{links.secret_of(row)}/{part}"


def link_to(address: str) -> str:
    """Return the path of the link in the latest letter to an address."""
    body = Message.objects.filter(address=address).latest("queued_at").body
    found = re.search(r"https?://[^/\s]+(/change/\S+)", body)
    assert found
    return found[1]


@pytest.fixture
def row(world: World) -> Registration:
    return world.ngo("River Watch", 0, speaker="Amina")


# ── The address ───────────────────────────────────────────────────────────────────────────────
def test_a_new_address_changes_nothing_before_it_has_confirmed(
    row: Registration, client: Client
) -> None:
    old, page = row.person.email, my(row)
    said = client.post(my(row, "address/"), {"email": NEW}, follow=True).content.decode()
    assert f"We have sent a link to {NEW}" in said
    other = Client()
    assert "Is this your new e-mail address?" in other.get(link_to(NEW)).content.decode()
    row.person.refresh_from_db()
    assert (row.person.email, client.get(page).status_code) == (old, 200)
    assert other.post(link_to(NEW)).status_code == 302
    row.refresh_from_db()
    row.person.refresh_from_db()
    assert (row.person.email, client.get(page).status_code) == (NEW, 410)
    assert Message.objects.filter(address=old, body__contains="another e-mail address").exists()
    entries = Entry.objects.filter(kind__startswith="registration.").order_by("seq")
    kinds = list(entries.values_list("kind", flat=True))
    assert kinds[-2:] == ["registration.change_asked", "registration.email_changed"]


def test_a_link_confirms_once(row: Registration, client: Client) -> None:
    client.post(my(row, "address/"), {"email": NEW})
    path = link_to(NEW)
    assert [client.post(path).status_code for _ in range(2)] == [302, 410]


def test_a_link_expires_and_its_row_is_deleted(
    world: World, row: Registration, client: Client
) -> None:
    client.post(my(row, "address/"), {"email": NEW})
    world.clock.advance(int(timedelta(days=pending.DAYS, seconds=1).total_seconds() * 1000))
    assert client.post(link_to(NEW)).status_code == 410
    assert (pending.lapse(), PendingChange.objects.count()) == (1, 0)


def test_a_cancelled_change_confirms_nothing(row: Registration, client: Client) -> None:
    client.post(my(row, "address/"), {"email": NEW})
    assert NEW in client.get(my(row, "address/")).content.decode()
    client.post(my(row, "address/"), {"cancel": "email"})
    assert client.post(link_to(NEW)).status_code == 410
    assert Entry.objects.filter(kind="registration.change_cancelled").count() == 1


def test_a_second_address_replaces_the_first(row: Registration, client: Client) -> None:
    for address in (NEW, "other@hearing.example"):
        client.post(my(row, "address/"), {"email": address})
    assert client.post(link_to(NEW)).status_code == 410
    assert client.post(link_to("other@hearing.example")).status_code == 302


def test_erasure_takes_the_pending_address_and_the_contact(row: Registration) -> None:
    row.contact_email = "contact@hearing.example"
    row.save()
    pending.ask(registration=row, kind=PendingChange.Kind.EMAIL, email=NEW, actor=actor_of(row))
    erasure.erase(hearing=row.hearing_id, person=row.person_id, actor=actor_of(row))
    row.refresh_from_db()
    assert (row.contact_email, PendingChange.objects.count()) == ("", 0)


# ── The speaker ───────────────────────────────────────────────────────────────────────────────
SPEAKER = {"name": "Léa Martin", "title": "", "email": "lea@hearing.example"}


def test_the_old_link_works_until_the_new_speaker_has_confirmed(
    row: Registration, client: Client
) -> None:
    page = my(row)
    said = client.post(f"{page}replace/", SPEAKER).content.decode()
    assert "You stay the speaker" in said
    row.refresh_from_db()
    assert (row.person.name, client.get(page).status_code) == ("Amina", 200)
    asked = Message.objects.filter(address=SPEAKER["email"]).get()
    assert ("/my/" in asked.body, "River Watch" in asked.body) == (False, False)
    answer = Client().post(link_to(SPEAKER["email"]))
    row.refresh_from_db()
    assert answer.headers["Location"].startswith("/my/")
    assert (row.person.name, client.get(page).status_code) == ("Léa Martin", 410)
    assert row.inscriptions.get().speaker_id == row.person_id


def test_the_contact_is_told_who_speaks_and_stays(row: Registration, client: Client) -> None:
    row.contact_email = "contact@hearing.example"
    row.save()
    client.post(my(row, "replace/"), SPEAKER)
    assert not Message.objects.filter(address=row.contact_email).exists()
    Client().post(link_to(SPEAKER["email"]))
    told = Message.objects.get(address=row.contact_email)
    assert ("Léa Martin" in told.body, "/my/" in told.body) == (True, False)
    row.refresh_from_db()
    assert row.contact_email == "contact@hearing.example"


def test_the_contact_of_an_alias_learns_no_name(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, alias="Witness 4")
    row.contact_email = "contact@hearing.example"
    row.save()
    client.post(my(row, "replace/"), SPEAKER)
    Client().post(link_to(SPEAKER["email"]))
    told = Message.objects.get(address=row.contact_email)
    assert "Léa" not in told.subject + told.body


def test_nobody_confirms_for_a_withdrawn_registration(row: Registration, client: Client) -> None:
    client.post(my(row, "replace/"), SPEAKER)
    client.post(my(row, "withdraw/"), {"what": "whole"})
    answer = Client().post(link_to(SPEAKER["email"]))
    assert (answer.status_code, "withdrawn" in answer.content.decode()) == (409, True)


# ── Panels ────────────────────────────────────────────────────────────────────────────────────
def test_a_participant_moves_to_another_panel(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    second = world.panels[1].id
    client.post(my(row, "panels/"), {"segments": [str(second)]})
    row.refresh_from_db()
    assert (editing.panels_of(row), row.wishes_to_intervene) == ({second}, True)
    assert not row.inscriptions.get(segment=second).is_late


def test_only_missions_speak_in_several_panels(world: World, client: Client) -> None:
    both = {"segments": [str(panel.id) for panel in world.panels[:2]]}
    row, mission = world.ngo("River Watch", 0), world.mission("Kenya", 0)
    assert client.post(my(row, "panels/"), both).status_code == 422
    client.post(my(mission, "panels/"), both)
    assert len(editing.panels_of(mission)) == 2


def test_a_participant_may_attend_only(row: Registration, client: Client) -> None:
    client.post(my(row, "panels/"), {})
    row.refresh_from_db()
    assert (editing.panels_of(row), row.wishes_to_intervene, row.is_live) == (set(), False, True)


def test_panels_are_closed_after_the_deadline(
    world: World, row: Registration, client: Client
) -> None:
    closes = facts_of(world.hearing).closes_at("stakeholders")
    world.clock.move_to(clock.to_ms(closes) + 1000)
    said = client.post(my(row, "panels/"), {"segments": [str(world.panels[1].id)]})
    assert "no longer change your panels" in said.content.decode()
    assert editing.panels_of(row) == {world.panels[0].id}


# ── Co-signers ────────────────────────────────────────────────────────────────────────────────
def test_co_signers_are_added_asked_removed_and_told(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, co_signers=("Hope",))
    hope = row.co_signers.get()
    typed = {"co_signer_1": "Lake Watch", "co_signer_1_email": "lake@hearing.example"}
    page = client.post(my(row, "co-signers/"), typed, follow=True).content.decode()
    assert ("Lake Watch" in page, "lake@hearing.example" in page) == (True, True)
    row.co_signers.update(state=CoSigner.State.CONSENTED)
    page = client.get(my(row)).content.decode()
    assert ("Lake Watch" in page, "lake@hearing.example" in page) == (True, False)
    row.co_signers.update(state=CoSigner.State.ASKED)
    asked = row.co_signers.get()
    assert (asked.organization_name, asked.state) == ("Lake Watch", CoSigner.State.ASKED)
    assert links.co_signer_url(asked) in Message.objects.get(address=asked.email).body
    assert Message.objects.filter(address=hope.email, subject__contains="no longer").exists()
    assert Client().get(f"/co-sign/{links.derive(hope.id, 1)}/").status_code == 410


def test_those_who_stay_keep_their_answer(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, co_signers=("Hope",))
    hope = row.co_signers.get()
    CoSigner.objects.update(state=CoSigner.State.CONSENTED)
    before = Message.objects.count()
    typed = {"co_signer_1": "Hope", "co_signer_1_email": hope.email}
    said = client.post(my(row, "co-signers/"), typed, follow=True).content.decode()
    assert "Nothing was changed." in said
    assert row.co_signers.get().state == CoSigner.State.CONSENTED
    assert Message.objects.count() == before


def test_the_form_keeps_addresses_that_only_the_secretariat_reads(
    world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0, co_signers=("Hope", "Lake Watch", "Relief"))
    emails = {"Hope": "hope@example.org", "Lake Watch": "l@example.org", "Relief": "r@example.org"}
    for name, email in emails.items():
        row.co_signers.filter(organization_name=name).update(email=email)
    row.co_signers.filter(organization_name="Hope").update(state=CoSigner.State.CONSENTED)
    row.co_signers.filter(organization_name="Relief").update(is_brought=True)
    page = my(row, "co-signers/")
    sent: dict[str, str] = {}
    html = client.get(page).content.decode()
    assert shown_rows(html) == [("Hope", ""), ("Lake Watch", emails["Lake Watch"]), ("Relief", "")]
    assert "only the secretariat can see" in html
    for number, (name, email) in enumerate(shown_rows(html), start=1):
        sent |= {f"co_signer_{number}": name, f"co_signer_{number}_email": email}
    said = client.post(page, sent, follow=True).content.decode()
    assert "Nothing was changed." in said
    assert (emails["Hope"] in said, emails["Relief"] in said) == (False, False)
    assert dict(row.co_signers.values_list("organization_name", "email")) == emails
    renamed = client.post(page, {**sent, "co_signer_1": "Another"})
    assert (renamed.status_code, row.co_signers.count()) == (422, 3)
    office = f"/office/2021-trafficking/registrations/{row.pk}/co-signers/"
    shown = shown_rows(world.client().get(office).content.decode())
    assert shown == list(emails.items())


def test_co_signers_stay_once_the_meeting_has_started(
    world: World, row: Registration, client: Client
) -> None:
    world.clock.move_to(clock.to_ms(world.panels[0].meeting.starts_at) + 1000)
    typed = {"co_signer_1": "Lake Watch", "co_signer_1_email": "lake@hearing.example"}
    assert client.post(my(row, "co-signers/"), typed).status_code == 422
    assert row.co_signers.count() == 0


def test_rows_are_added_and_removed_without_a_script(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    typed = {
        "co_signer_1": "Hope",
        "co_signer_1_email": "hope@hearing.example",
        "co_signer_2": "Lake Watch",
        "co_signer_2_email": "not an address",
    }
    page = my(row, "co-signers/")
    assert shown_rows(client.get(page).content.decode()) == [("", "")]
    more = client.post(page, {**typed, "add_co_signer": "1"})
    both = [("Hope", "hope@hearing.example"), ("Lake Watch", "not an address")]
    assert (more.status_code, shown_rows(more.content.decode())) == (200, [*both, ("", "")])
    fewer = client.post(page, {**typed, "remove_co_signer": "1"})
    assert shown_rows(fewer.content.decode()) == [("Lake Watch", "not an address")]
    assert not row.co_signers.exists()  # nothing is saved before the form is sent


def test_a_joint_intervention_of_many_keeps_each_of_them(world: World, client: Client) -> None:
    names = tuple(f"Body {letter}" for letter in "ABCDEF")
    row = world.ngo("River Watch", 0, co_signers=names)
    page = my(row, "co-signers/")
    shown = shown_rows(client.get(page).content.decode())
    assert [name for name, _email in shown] == [*names]
    sent: dict[str, str] = {}
    for number, (name, email) in enumerate(shown, start=1):
        sent |= {f"co_signer_{number}": name, f"co_signer_{number}_email": email}
    client.post(page, sent)
    assert row.co_signers.count() == 6


def shown_rows(page: str) -> list[tuple[str, str]]:
    """Return name and e-mail address in each visible row."""
    rows = LexborHTMLParser(page).css("[data-row]:not([hidden])")
    fields = [[field.attributes.get("value") or "" for field in row.css("input")] for row in rows]
    return [(name, email) for name, email in fields]


def test_the_office_names_co_signers_too(world: World, row: Registration) -> None:
    typed = {"co_signer_1": "Lake Watch", "co_signer_1_email": "lake@hearing.example"}
    address = f"/office/2021-trafficking/registrations/{row.pk}/co-signers/"
    page = world.client().post(address, typed, follow=True).content.decode()
    assert ("Lake Watch" in page, "lake@hearing.example" in page) == (True, True)
    assert row.co_signers.get().organization_name == "Lake Watch"
    entry = Entry.objects.get(kind="co_signer.asked")
    assert entry.role == "secretariat"
