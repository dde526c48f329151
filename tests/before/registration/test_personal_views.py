"""The personal page, its actions, links that are no longer valid, and the co-signer's page."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.test import Client
from django.utils.html import escape
from selectolax.lexbor import LexborHTMLParser

from hemicycle.before.registration import changes, links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import CoSigner, Draft, Inscription, Registration
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import document_mapping
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.record import clock, keys, receipts
from hemicycle.record.models import Entry
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer
from tests.support.markup import compact

if TYPE_CHECKING:
    from tests.support.lists import World


def my(row: Registration, part: str = "") -> str:
    return f"/my/{links.secret_of(row)}/{part}"


def received(row: Registration, part: str = "") -> str:
    return f"/received/{links.receipt_secret(row)}/{part}"


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_page_shows_receipt_status_and_acts(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, co_signers=("Hope",))
    page = text(client, my(row))
    for shown in (row.reference, "River Watch", "received", "Hope", "Your place on the list"):
        assert shown in page
    for part in ("details/", "replace/", "withdraw/", "hearing.ics"):
        assert my(row, part) in page
    assert "/seat/" not in page  # the registration is not accepted yet


def test_an_accepted_speaker_finds_the_seat(world: World, client: Client) -> None:
    row = world.mission("France", 0)
    assert f"/h/2021-trafficking/seat/{links.secret_of(row)}/" in text(client, my(row))


def test_the_receipt_page_keeps_nobodys_link(world: World) -> None:
    rows = [world.ngo("A", 0), world.ngo("B", 0)]
    first, second = (text(Client(), received(row)) for row in rows)
    assert links.receipt_secret(rows[0]) in first
    assert links.receipt_secret(rows[0]) not in second
    assert not any(links.secret_of(row) in page for row in rows for page in (first, second))


def test_another_similar_request_is_pointed_out_without_a_name(
    world: World, client: Client
) -> None:
    ours = world.ngo("Hope Kenya", 0)
    assert "A similar request" not in text(client, my(ours))
    world.ngo("Sunrise", 0, co_signers=("Hope Kenya",))
    page = text(client, my(ours))
    assert ("A similar request" in page, "Sunrise" in page) == (True, False)


def test_a_receipt_is_signed_and_proves_the_place(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    request = row.inscriptions.get()
    answer = client.get(my(row, f"receipt-{request.seq}.json"))
    assert f"receipt-{row.reference}.json" in answer["Content-Disposition"]
    checked = receipts.check(answer.content.decode(), {keys.fingerprint()})
    assert (checked.content.seq, checked.body["place"]) == (request.seq, 1)


def test_nobody_gets_a_receipt_for_anothers_place(world: World, client: Client) -> None:
    row, other = world.ngo("A", 0), world.ngo("B", 0)
    assert client.get(my(row, f"receipt-{other.arrival}.json")).status_code == 404


def test_the_calendar_file_has_the_panel(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    answer = client.get(my(row, "hearing.ics"))
    lines = answer.content.decode().split("\r\n")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "DTSTART:20210713T142500Z" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    follower = world.ngo("Follower")
    assert text(client, my(follower, "hearing.ics")).count("BEGIN:VEVENT") == 2


def test_details_are_corrected_on_the_page(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    data = {"name": "Élodie", "title": "", "language": "fr"}
    answer = client.post(my(row, "details/"), data, follow=True)
    assert "Your details have been corrected." in answer.content.decode()
    row.person.refresh_from_db()
    assert row.person.name == "Élodie"
    answer = client.post(my(row, "details/"), data | {"name": ""})
    assert (answer.status_code, "Enter the name" in answer.content.decode()) == (422, True)


def test_after_the_deadline_the_page_says_how_to_go_on(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    closes = world.hearing.deadlines.get(track=TrackKind.STAKEHOLDERS).at
    world.clock.move_to(clock.to_ms(closes) + 1000)
    assert "The deadline has passed" in text(client, my(row, "details/"))
    answer = client.post(my(row, "details/"), {"name": "Late", "language": "en"})
    assert "The deadline has passed" in answer.content.decode()
    row.person.refresh_from_db()
    assert row.person.name != "Late"


def link_in(address: str) -> str:
    """Return the path of the link in the latest letter to an address."""
    body = Message.objects.filter(address=address).latest("queued_at").body
    found = re.search(r"https?://[^/\s]+(/change/\S+)", body)
    assert found
    return found[1]


def test_a_replaced_speakers_link_opens_nothing(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    old = my(row)
    data = {"name": "Léa Martin", "title": "", "email": "lea@example.org"}
    answer = client.post(old + "replace/", data)
    assert "You stay the speaker" in answer.content.decode()
    assert client.get(old).status_code == 200
    assert Client().post(link_in("lea@example.org")).status_code == 302
    assert client.get(old).status_code == 410


def test_withdrawing_asks_what_and_is_final(world: World, client: Client) -> None:
    row = world.mission("France", 0, 1)
    page = text(client, my(row, "withdraw/"))
    assert page.count('type="radio"') == 3
    assert client.post(my(row, "withdraw/"), {}).status_code == 422
    first = world.panels[0].id.hex
    client.post(my(row, "withdraw/"), {"what": first, "reason": "Clash"})
    assert [place.segment_id for place in row.inscriptions.filter(state="inscribed")] == [
        world.panels[1].id
    ]
    answer = client.post(my(row, "withdraw/"), {"what": "whole"}, follow=True)
    assert "The withdrawal has been recorded." in answer.content.decode()
    answer = client.post(my(row, "withdraw/"), {"what": "whole"})
    assert "This registration has been withdrawn. A withdrawal is final." in answer.content.decode()


def test_a_stale_link_shows_a_way_on(world: World, client: Client) -> None:
    for path in ("/my/unknown/", "/my/unknown/details/", "/my/x/receipt-1.json"):
        answer = client.get(path)
        assert (answer.status_code, 'href="/my/"' in answer.content.decode()) == (410, True)


def test_asking_for_the_link_always_gets_the_same_answer(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    spoken = row.reference.lower().replace("-", " ")
    asked = [
        {"reference": spoken, "email": row.person.email.upper()},
        {"reference": row.reference, "email": "stranger@example.org"},
        {"reference": "HC-222-222", "email": row.person.email},
    ]
    pages = {client.post("/my/", data).content.decode() for data in asked}
    assert len({re.sub(r'middlewaretoken" value="\w+', "", page) for page in pages}) == 1
    letter = Message.objects.get(purpose=Message.Purpose.SIGN_IN)
    assert links.personal_url(row) in letter.body
    assert client.post("/my/", {"reference": "", "email": "x"}).status_code == 422


# ── Co-signers ────────────────────────────────────────────────────────────────────────────────
def test_a_co_signer_sees_what_it_joins_and_answers(world: World, client: Client) -> None:
    asked = world.ngo("River Watch", 0, co_signers=("Hope",)).co_signers.get()
    path = f"/co-sign/{links.derive(asked.id, 1)}/"
    page = text(client, path)
    for shown in ("River Watch asks you to join its intervention", "Hope", "Panel 1"):
        assert shown in page
    for answer, state in (("agree", "consented"), ("decline", "declined")):
        assert f'name="answer" value="{answer}"' in compact(text(client, path))
        assert client.post(path, {"answer": answer}).status_code == 302
        asked.refresh_from_db()
        assert asked.state == state


def test_a_co_signers_answer_stands_once_the_meeting_has_started(
    world: World, client: Client
) -> None:
    asked = world.ngo("River Watch", 0, co_signers=("Hope",)).co_signers.get()
    world.clock.move_to(clock.to_ms(world.panels[0].meeting.starts_at))
    path = f"/co-sign/{links.derive(asked.id, 1)}/"
    assert 'name="answer"' not in text(client, path)
    answer = client.post(path, {"answer": "agree"})
    assert (answer.status_code, CoSigner.objects.get().state) == (409, "asked")


def test_a_co_signers_stale_link_says_so(world: World, client: Client) -> None:
    answer = client.get("/co-sign/unknown/")
    assert (answer.status_code, "This link is not valid" in answer.content.decode()) == (410, True)


def test_what_a_receipt_says_is_json(world: World, client: Client) -> None:
    row = world.ngo("Follower")
    body = json.loads(client.get(my(row, f"receipt-{row.arrival}.json")).content)
    assert body["entry"]["kind"] == "registration.received"


def test_receipts_that_are_kept_show_each_their_own(world: World, client: Client) -> None:
    names = ("Amina {kept:secret}", "<b>Bo</b>")
    rows = [world.ngo(name, 0) for name in names]
    for row, name in zip(rows, names, strict=True):
        page = compact(text(client, received(row)))
        place = row.inscriptions.get()
        shown = (
            *(escape(name), row.reference, received(row, f"receipt-{place.seq}.json")),
            f'receipt__place"><b>{place.place}</b>',
        )
        for words in shown:
            assert words in page
        moment = re.search(r'<dd><span class="when">.*?</dd>', compact(text(client, my(row))))
        assert moment
        assert moment[0] in page
        assert "kept:" not in page.replace(escape(name), "")


# ── Erasing one's own data ────────────────────────────────────────────────────────────────────
def test_the_page_says_beforehand_what_goes_and_what_stays(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, question="Who pays?")
    assert my(row, "erase/") in text(client, my(row))
    page = text(client, my(row, "erase/"))
    for shown in ("What is erased", row.reference, "What stays", "Copies of recordings"):
        assert shown in page
    refused = client.post(my(row, "erase/"))
    assert (refused.status_code, "Tick the box" in refused.text) == (422, True)
    row.person.refresh_from_db()
    assert row.person.erased_at is None


def test_who_erases_their_data_sees_it_done(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, question="Who pays?", speaker="Ms Unrepeatable")
    other = world.ngo("Lake Watch", 0)
    email, path = row.person.email, my(row)
    answer = client.post(f"{path}erase/", {"sure": "on"})
    last = Entry.objects.filter(hearing=world.hearing.id, kind="person.erased").get()
    assert answer.status_code == 200
    assert "Your data has been erased" in answer.text
    assert f"Entry {last.seq} of the record" in answer.text
    assert "Ms Unrepeatable" not in answer.text
    row.refresh_from_db()
    assert (row.person.name, row.person.email, row.status) == ("", "", "withdrawn")
    assert row.inscriptions.get().state == Inscription.State.WITHDRAWN
    assert [question.text for question in row.questions.all()] == [""]
    assert not Message.objects.filter(address=email).exists()
    assert client.get(path).status_code == 410
    assert client.post(f"{path}erase/", {"sure": "on"}).status_code == 410
    assert other.inscriptions.get().is_on_list


def test_one_who_has_the_floor_is_erased_once_the_turn_is_over(
    world: World, client: Client
) -> None:
    row = world.mission("France", 0)
    world.open_panel()
    world.press(c.GiveFloor(row.inscriptions.get().id.hex))
    answer = client.post(my(row, "erase/"), {"sure": "on"})
    assert (answer.status_code, "has the floor now" in answer.text) == (422, True)
    row.person.refresh_from_db()
    assert row.person.erased_at is None
    world.press(c.EndFloor())
    assert "Your data has been erased" in client.post(my(row, "erase/"), {"sure": "on"}).text
    row.person.refresh_from_db()
    assert row.person.erased_at is not None


def test_one_who_is_not_wholly_erased_is_told_so(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)

    def break_down(person: UUID, record: Writer) -> list[str]:
        raise OSError("the disk is gone")

    person_erased.connect(break_down)
    try:
        answer = client.post(my(row, "erase/"), {"sure": "on"})
    finally:
        person_erased.disconnect(break_down)
    assert answer.status_code == 200
    assert "Your name has been erased" in answer.text
    assert "We try again every day" in answer.text
    assert client.get(my(row)).status_code == 410


def test_a_draft_in_the_persons_mailbox_goes_too(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    kept = {"hearing": world.hearing, "track": TrackKind.STAKEHOLDERS, "saved_at": clock.now()}
    Draft.objects.create(key="theirs", sent_to=row.person.email.upper(), **kept)
    Draft.objects.create(key="another", sent_to="another@example.org", **kept)
    client.post(my(row, "erase/"), {"sure": "on"})
    assert list(Draft.objects.values_list("key", flat=True)) == ["another"]


def test_the_day_of_deletion_is_that_of_the_hearings_place(world: World, client: Client) -> None:
    """When it is noon in London, the next day has begun in Auckland."""
    data = document_mapping.to_document(hearings.whole(world.hearing.id))
    data["time_zone"] = "Pacific/Auckland"
    hearings.change(hearing=world.hearing, data=data, actor=world.office)
    row = world.ngo("River Watch", 0)
    assert row.keep_until == date(2022, 7, 13)
    shown = client.get(my(row)).text
    assert "13 July 2022" in shown
    assert "14 July 2022" not in shown


def test_after_withdrawal_nothing_remains_to_press(world: World, client: Client) -> None:
    """The page still links to the receipt, the consents, the erasure, and public pages."""
    world.accepts = True
    registration = world.ngo("River Watch", 0, question="Who pays?", co_signers=("Delta",))
    changes.withdraw(registration=registration, reason="", actor=actor_of(registration))
    main = LexborHTMLParser(text(client, my(registration))).css_first("main")
    assert main is not None
    assert [one.text(strip=True) for one in main.css("button, input:not([type=hidden])")] == []
    paths = {one.attributes.get("href") or "" for one in main.css("a")}
    own = {path.removeprefix(my(registration)).partition("-")[0] for path in paths}
    assert {path for path in own if not path.startswith("/h/")} == {
        *("receipt", "/receipts/", "consents/", "erase/")
    }


def test_the_page_tells_times_in_the_readers_own_zone_without_a_script(
    world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    assert "your time" not in visible(client, my(row))
    data = {"name": "Amina", "language": "en", "time_zone": "Africa/Nairobi"}
    client.post(my(row, "details/"), data)
    assert "17:25 your time" in visible(client, my(row))  # the panel is at 10:25 in New York
    data["time_zone"] = "America/Toronto"
    client.post(my(row, "details/"), data)
    assert "your time" not in visible(client, my(row))  # New York and Toronto have the same time


def visible(client: Client, path: str) -> str:
    """Return the text of a page that is visible without scripts."""
    page = LexborHTMLParser(text(client, path))
    for hidden in page.css("script, [hidden]"):
        hidden.decompose()
    assert page.body is not None
    return page.body.text(separator=" ", strip=True)
