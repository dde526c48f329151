"""Registrations that come while what holds the record's key is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import Client

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup import checkpointing
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import keys, receipts
from hemicycle.record.key_stores import process
from tests.support.signer import needs_root, signing_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.lists import World

FORM = "/h/2021-trafficking/register/"
AWAY = "Nothing can be signed at this moment"


def register(client: Client, typed: dict[str, Any]) -> Registration:
    """Send the form, and see the page of what was received."""
    answer = client.post(FORM, typed, follow=True)
    assert answer.status_code == 200, "the registrant is told what was received"
    row = Registration.objects.latest("arrival")
    assert row.reference in answer.content.decode()
    return row


def see_receipt(client: Client, row: Registration, status: int) -> None:
    """Ask for the receipt's file, and check it where it comes."""
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
    """It never saw the signing process, and knows the key by the last checkpoint."""
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
