"""The published chain, and checking a receipt against it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hemicycle.before.registration import queries
from hemicycle.before.registration.models import Registration
from hemicycle.record import keys, receipts, seals, signing
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

CHECK = "/receipts/"
SLUG = "/h/2021-trafficking"


def receipt_of(row: Registration) -> str:
    seq = row.inscriptions.get().seq
    return json.dumps(queries.signed_receipt(Entry.objects.get(hearing=row.hearing_id, seq=seq)))


def test_a_receipt_holds_and_says_what_it_proves_and_nothing_else(
    world: World, client: Client
) -> None:
    row, other = world.ngo("River Watch", 0), world.ngo("Somebody Else", 0)
    page = client.post(CHECK, {"text": receipt_of(row)}).content.decode()
    for shown in ("This receipt holds.", "Panel 1", "<b>1</b>", "Stakeholders"):
        assert shown in page
    for hidden in ("River Watch", row.person.name, row.reference, other.reference, "Somebody"):
        assert hidden not in page


def test_a_receipt_can_be_sent_as_a_file(world: World, client: Client) -> None:
    file = SimpleUploadedFile("receipt.json", receipt_of(world.ngo("River Watch", 0)).encode())
    assert "This receipt holds." in client.post(CHECK, {"file": file}).content.decode()


def test_one_changed_digit_is_found(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    changed = receipt_of(row).replace('\\"place\\":1', '\\"place\\":0')
    page = client.post(CHECK, {"text": changed}).content.decode()
    assert ("This receipt does not hold." in page, "it has been changed" in page) == (True, True)


def test_a_good_signature_over_another_chain_is_found(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    entry = Entry.objects.get(hearing=row.hearing_id, seq=row.arrival)
    from hemicycle.record.chain import Content

    forged = receipts.receipt(Content.of(entry.__dict__), "00" * 32, keys.signing_key())
    page = client.post(CHECK, {"text": json.dumps(forged)}).content.decode()
    assert "is not the one on this receipt" in page


def test_what_is_no_receipt_gets_a_sentence(world: World, client: Client) -> None:
    for typed in ("hello", "[]", "{}", '{"signature": 5}', "[" * 5000):
        answer = client.post(CHECK, {"text": typed})
        assert (answer.status_code, "does not hold" in answer.content.decode()) == (200, True)
    assert client.post(CHECK, {}).status_code == 422
    large = SimpleUploadedFile("receipt.json", b"x" * 70_000)
    answer = client.post(CHECK, {"file": large})
    assert (answer.status_code, "too large" in answer.content.decode()) == (422, True)


def test_the_published_chain_ends_with_a_seal_and_proves_every_receipt(
    world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0)
    chain = json.loads(client.get(f"{SLUG}/chain.json").content)
    assert chain["format"] == "hemicycle-chain-1"
    assert set(chain["entries"][0]) == {"seq", "digest", "hash"}
    seal = seals.check_chain_seal(json.dumps(chain["seal"]))
    last = chain["entries"][-1]
    assert seal.end == seals.End(world.hearing.id.hex, len(chain["entries"]), last["hash"])
    assert (seal.origin, seal.signer) == (settings.BASE_URL, keys.fingerprint())
    pem = client.get(f"{SLUG}/public-key.pem").content
    checked = receipts.check(receipt_of(row), {signing.fingerprint_of_pem(pem)})
    receipts.check_place(checked, chain["entries"])


def test_the_chain_is_shown_page_by_page(world: World, client: Client) -> None:
    for number in range(60):
        world.ngo(f"Body {number}", 0)
    last = Entry.objects.latest("seq")
    first_page = client.get(f"{SLUG}/chain/").content.decode()
    assert last.hash in first_page
    assert Entry.objects.get(hearing=world.hearing.id, seq=1).hash not in first_page
    assert (
        Entry.objects.get(hearing=world.hearing.id, seq=1).hash
        in client.get(f"{SLUG}/chain/?page=2").content.decode()
    )
