"""The published chain, and checking a receipt against it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hemicycle.before.registration import confirming, links, queries
from hemicycle.before.registration.models import Registration
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import keys, portable, receipts, seals, signing, verify
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


def test_the_fingerprint_of_the_key_is_where_people_look(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, confirmed=False)
    assert keys.fingerprint() in client.get(f"{SLUG}/chain/").content.decode()
    received = client.get(f"/received/{links.receipt_secret(row)}/").content.decode()
    assert f'<code dir="ltr">{keys.fingerprint()}</code>' in received
    assert signing.fingerprint_of(json.loads(receipt_of(row))["key"]) == keys.fingerprint()
    assert confirming.confirm(registration=row).is_confirmed
    letters = {message.purpose: message.body for message in Message.objects.all()}
    for purpose in (Message.Purpose.CONFIRMATION, Message.Purpose.RECEIPT):
        assert keys.fingerprint() in letters[purpose]
    first = Entry.objects.get(hearing=world.hearing.id, seq=1)
    assert first.fields()["key"] == keys.fingerprint()


def test_a_published_chain_is_verified_offline(
    world: World, client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = world.ngo("River Watch", 0)
    (path := tmp_path / "chain.json").write_bytes(client.get(f"{SLUG}/chain.json").content)
    (receipt := tmp_path / "receipt.json").write_text(receipt_of(row))
    key = ("--key", keys.fingerprint())
    assert verify.main([str(path), *key]) == 0
    assert verify.main([str(path)]) == 3
    assert verify.main(["--receipt", str(receipt), "--chain", str(path), *key]) == 0
    assert verify.main(["--receipt", str(receipt), "--chain", str(path)]) == 3
    assert verify.main(["--receipt", str(receipt), "--key", "0" * 64]) == 1
    chain = json.loads(path.read_text())
    capsys.readouterr()
    for changes, reason in (
        ({"entries": chain["entries"][:-1]}, "the record should end at entry"),
        ({"hearing": "0" * 32}, "its hash does not follow from the one before"),
        ({"seal": {**chain["seal"], "at": 1}}, "it has been changed"),
        ({"seal": json.loads(receipt.read_text())}, "it is a receipt, not the seal of a chain"),
    ):
        path.write_text(json.dumps(chain | changes))
        assert verify.main([str(path), *key]) == 1
        assert reason in capsys.readouterr().out
        assert verify.main(["--receipt", str(receipt), "--chain", str(path), *key]) == 1
        assert reason in capsys.readouterr().err


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


def test_the_program_that_checks_is_there_apart_from_what_it_checks(
    world: World, client: Client
) -> None:
    assert f'href="{SLUG}/verify.pyz"' in client.get(f"{SLUG}/chain/").content.decode()
    answer = client.get(f"{SLUG}/verify.pyz")
    assert (answer.status_code, answer.content) == (200, portable.packed())
