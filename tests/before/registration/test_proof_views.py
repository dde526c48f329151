"""The pages of the published chain, and those that check a receipt against it."""

from __future__ import annotations

import html
import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hemicycle.before.registration import confirming, links, queries
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup import checkpointing
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import keys, portable, receipts, seals, signing, verify
from hemicycle.record.chain import Content
from hemicycle.record.log import checkpoints, merkle, notes, store
from hemicycle.record.log.notes import SignedNote
from hemicycle.record.models import Checkpoint, Entry

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
    for shown in ("This receipt is valid.", "Panel 1", "<b>1</b>", "Stakeholders"):
        assert shown in page
    for hidden in ("River Watch", row.person.name, row.reference, other.reference, "Somebody"):
        assert hidden not in page


def test_the_page_of_receipts_leads_to_the_one_that_checks_without_a_server(
    world: World, client: Client
) -> None:
    device = f'href="{SLUG}/verify.html#key={keys.fingerprint()}&amp;language=en'
    assert f'{device}"' in client.get(CHECK).content.decode()
    text = receipt_of(world.ngo("River Watch", 0))
    page = client.post(CHECK, {"text": text}).content.decode()
    carried = html.unescape(page).partition("&receipt=")[2].partition('"')[0]
    assert urlsafe_b64decode(unquote(carried)).decode() == text
    assert f"{SLUG}/verify.html" in client.get(f"{SLUG}/statements/").content.decode()
    world.hearing.status = world.hearing.Status.DRAFT
    world.hearing.save()
    assert "verify.html" not in client.get(CHECK).content.decode()


def test_a_receipt_can_be_sent_as_a_file(world: World, client: Client) -> None:
    file = SimpleUploadedFile("receipt.json", receipt_of(world.ngo("River Watch", 0)).encode())
    assert "This receipt is valid." in client.post(CHECK, {"file": file}).content.decode()


def test_one_changed_digit_is_found(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    changed = receipt_of(row).replace('\\"place\\":1', '\\"place\\":0')
    page = client.post(CHECK, {"text": changed}).content.decode()
    assert ("This receipt is not valid." in page, "it has been changed" in page) == (True, True)


def test_a_good_signature_over_another_chain_is_found(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    entry = Entry.objects.get(hearing=row.hearing_id, seq=row.arrival)
    forged = receipts.receipt(Content.of(entry.__dict__), "00" * 32, keys.signing_key())
    page = client.post(CHECK, {"text": json.dumps(forged)}).content.decode()
    assert "is not the one on this receipt" in page


def test_what_is_no_receipt_gets_a_sentence(world: World, client: Client) -> None:
    for typed in ("hello", "[]", "{}", '{"signature": 5}', "[" * 5000):
        answer = client.post(CHECK, {"text": typed})
        assert (answer.status_code, "is not valid" in answer.content.decode()) == (200, True)
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


def _log(world: World) -> Checkpoint:
    made = checkpoints.make(world.hearing.id, checkpointing.origin(world.hearing))
    assert made is not None
    return made


def test_a_receipt_is_renewed_by_one_press_and_carries_its_proof_then(
    world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0)
    old = receipt_of(row)
    page = client.post(CHECK, {"text": old}).content.decode()
    assert "No checkpoint covers this entry yet." in page
    made = _log(world)
    page = client.post(CHECK, {"text": old}).content.decode()
    assert "does not contain this proof yet" in page
    answer = client.post(CHECK, {"text": old, "renew": "1"})
    renewed = receipts.check(answer.content.decode(), {keys.fingerprint()})
    name = f'attachment; filename="receipt-{renewed.content.seq}.json"'
    assert answer["Content-Disposition"] == name
    assert renewed.proved is not None
    assert renewed.proved.checkpoint.size == made.size
    page = client.post(CHECK, {"text": answer.content.decode()}).content.decode()
    assert "Your receipt contains this proof." in page
    own = client.get(f"/received/{links.receipt_secret(row)}/receipt-{renewed.content.seq}.json")
    assert receipts.check(own.content.decode(), {keys.fingerprint()}).proved == renewed.proved


def test_a_receipt_that_does_not_hold_is_not_renewed(world: World, client: Client) -> None:
    changed = receipt_of(world.ngo("River Watch", 0)).replace('\\"place\\":1', '\\"place\\":0')
    answer = client.post(CHECK, {"text": changed, "renew": "1"})
    assert "This receipt is not valid." in answer.content.decode()
    assert "Content-Disposition" not in answer


def test_a_checkpoint_that_was_never_published_here_is_found(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0)
    entry = Entry.objects.get(hearing=row.hearing_id, seq=row.arrival)
    tree = merkle.Tree(store.leaves(row.hearing_id, 0, entry.seq))
    text = notes.CheckpointText("elsewhere.example/h/x", tree.size, tree.root())
    note = SignedNote(str(text), (notes.sign(str(text), text.origin, keys.signing_key()),))
    before = Entry.objects.get(hearing=row.hearing_id, seq=entry.seq - 1)
    alien = receipts.proved_receipt(
        Content.of(entry.__dict__),
        before.hash,
        note,
        tree.inclusion(entry.seq - 1),
        signing.encoded(keys.signing_key().public_key()),
    )
    page = client.post(CHECK, {"text": json.dumps(alien)}).content.decode()
    assert "does not belong to this hearing’s log" in page


def test_the_page_of_the_chain_tells_a_witness_what_to_follow(world: World, client: Client) -> None:
    made = _log(world)
    page = client.get(f"{SLUG}/chain/").content.decode()
    assert f"http://testserver{SLUG}/log/checkpoint" in page
    key = html.escape(str(checkpoints.key_of(made)))
    assert key in page


def test_a_receipt_with_three_witnesses_and_a_long_record_is_small(world: World) -> None:
    row = world.mission("Ruritania", 0)
    entry = Entry.objects.get(hearing=row.hearing_id, seq=row.inscriptions.get().seq)
    before = Entry.objects.get(hearing=row.hearing_id, seq=entry.seq - 1)
    text = notes.CheckpointText("hearing.example/h/2021-trafficking", 131_071, b"\xff" * 32)
    signed = notes.sign(str(text), text.origin, keys.signing_key())
    witnesses = [
        notes.cosign(str(text), f"witness-{number}.example.org/hearings", keys.signing_key(), 2**31)
        for number in range(3)
    ]
    note = SignedNote(str(text), (signed, *witnesses))
    key = signing.encoded(keys.signing_key().public_key())
    content = Content.of(entry.__dict__)
    made = receipts.proved_receipt(content, before.hash, note, [b"\xff" * 32] * 17, key)
    assert len(receipts.spelled(made).encode()) <= receipts.MOST_BYTES
    assert made["proof"]["checkpoint"] == str(note)
