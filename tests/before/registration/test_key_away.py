"""Registrations are received while the process that holds the record's key is unavailable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.test import Client

from hemicycle.before.registration import links, queries
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup import checkpointing
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import keys, receipts, signing
from hemicycle.record.chain import Content
from hemicycle.record.key_stores import process
from hemicycle.record.models import Entry
from tests.support.signer import needs_root, signing_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.lists import World

FORM = "/h/2021-trafficking/register/"
AWAY = "This page is not available at the moment"


def register(client: Client, typed: dict[str, Any]) -> Registration:
    """Send the form, check the page that follows, and return the registration."""
    answer = client.post(FORM, typed, follow=True)
    assert answer.status_code == 200, "the registrant is told what was received"
    row = Registration.objects.latest("arrival")
    assert row.reference in answer.content.decode()
    return row


def see_receipt(client: Client, row: Registration, status: int) -> None:
    """Request the file of the receipt, and check the file or the refusal."""
    seq = row.inscriptions.get().seq
    answer = client.get(f"/received/{links.receipt_secret(row)}/receipt-{seq}.json")
    assert answer.status_code == status
    text = answer.content.decode()
    if status == 503:
        assert (AWAY in text, answer["Retry-After"]) == (True, "30")
    else:
        assert receipts.check(text, {keys.fingerprint()}).content.seq == seq


@needs_root
def test_a_registrant_is_received_while_the_signing_process_is_away(
    world: World, client: Client, settings: Any, stakeholder: Callable[..., dict[str, Any]]
) -> None:
    with signing_process() as signer:
        signer.start()
        settings.RECORD_KEY = signer.place
        fingerprint = keys.fingerprint()
        signer.stop()
        row = register(client, stakeholder())
        assert fingerprint in Message.objects.latest("pk").body
        see_receipt(client, row, 503)
        signer.start()
        see_receipt(client, row, 200)


def test_a_web_process_that_was_started_meanwhile_receives_registrations_too(
    world: World,
    client: Client,
    settings: Any,
    stakeholder: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> None:
    """The process never reached the signing process, and reads the key from the last checkpoint."""
    fingerprint = keys.fingerprint()
    checkpointing.make_due()
    settings.RECORD_KEY = f"unix:{tmp_path}/signer.sock"
    row = register(client, stakeholder())
    assert fingerprint in Message.objects.latest("pk").body
    assert client.get("/receipts/").status_code == 200
    see_receipt(client, row, 503)
    settings.RECORD_KEY = ""
    see_receipt(client, row, 200)


def test_where_no_key_was_ever_seen_nothing_is_lost(
    world: World,
    client: Client,
    settings: Any,
    stakeholder: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> None:
    settings.RECORD_KEY = f"unix:{tmp_path}/signer.sock"
    process._last_known.clear()
    before = Registration.objects.count()
    assert client.get("/receipts/").status_code == 200
    answer = client.post(FORM, typed := stakeholder())
    assert (answer.status_code, AWAY in answer.content.decode()) == (503, True)
    assert Registration.objects.count() == before, "the transaction was undone"
    settings.RECORD_KEY = ""
    register(client, typed)


def test_what_is_published_is_served_by_a_process_that_never_saw_the_key(
    world: World, client: Client, settings: Any, tmp_path: Path
) -> None:
    """The record and its checkpoints name the key; only a new signature needs the private key."""
    row = world.ngo("River Watch", 0)
    checkpointing.make_due()
    entry = Entry.objects.get(hearing=world.hearing.id, seq=row.arrival)
    content = Content.of(entry.__dict__)
    receipt = receipts.spelled(queries.signed_receipt(entry))
    elsewhere = receipts.receipt(replace(content, hearing="0" * 32), "0" * 64, keys.signing_key())
    key, hearing = keys.fingerprint(), f"/h/{world.hearing.slug}"
    shown, log_key = (client.get(f"{hearing}/{path}").content for path in ("chain/", "log/key"))
    settings.RECORD_KEY = f"unix:{tmp_path}/signer.sock"
    process._last_known.clear()
    again = client.get(f"{hearing}/chain/").content
    assert again.count(key.encode()) == shown.count(key.encode()) > 0
    assert client.get(f"{hearing}/log/key").content == log_key
    pem = client.get(f"{hearing}/public-key.pem").content
    assert signing.fingerprint_of_pem(pem) == key
    assert client.get(f"/api/v1/hearings/{world.hearing.slug}/chain").json()["fingerprint"] == key
    for sent, says in (
        (receipt, "This receipt is valid."),
        (receipt.replace('"seq":', '"seq":1'), "does not lead from the entry"),
        (receipts.spelled(elsewhere), "this site does not have the hearing"),
    ):
        answer = client.post("/receipts/", {"text": sent})
        assert answer.status_code == 200
        assert says in answer.content.decode()
    assert client.get(f"{hearing}/chain.json").status_code == 503, "its end is signed again"
