"""The page that verifies an archive in the reader's browser, from a folder, without a network."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from hemicycle.record import keys, receipts, signing, verify
from hemicycle.record.chain import Content, canonical, genesis
from hemicycle.record.log import merkle, notes
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.signing import InvalidProof, fingerprint
from hemicycle.ui.verifier import page as verifier
from tests.outcome.archive import forgeries
from tests.outcome.archive.archived import written

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.outcome.archive.archived import Witnessed
    from tests.support.browser import Pages

pytestmark = pytest.mark.django_db

PHONE = {"width": 390, "height": 844}
type Verdict = tuple[int, str]
"""A status as `hemicycle verify` returns it, and the reason."""


@pytest.fixture
def folder(witnessed: Witnessed, tmp_path: Path) -> Path:
    """The public's archive."""
    return written(witnessed.archive, tmp_path / "archive")


@pytest.fixture
def chain(witnessed: Witnessed, tmp_path: Path) -> Path:
    """The published chain."""
    (path := tmp_path / "chain.json").write_bytes(witnessed.chain)
    return path


class Record:
    """The entries of an archive, and the checkpoint of all of them."""

    def __init__(self, folder: Path) -> None:
        lines = (folder / "record.jsonl").read_text("utf-8").splitlines()
        self.rows = [json.loads(line) for line in lines]
        self.hashes = [genesis(self.rows[0]["hearing"]), *(row["hash"] for row in self.rows)]
        checkpoint = forgeries.carried_in(folder)[-1]
        self.note, self.key = SignedNote.parse(checkpoint["checkpoint"]), checkpoint["key"]

    def content(self, seq: int) -> Content:
        return Content.of(self.rows[seq - 1])

    def arrival(self) -> int:
        """Return the number of the entry of a registration."""
        return next(int(row["seq"]) for row in self.rows if row["kind"] == "registration.received")

    def tree(self) -> merkle.Tree:
        return merkle.Tree([bytes.fromhex(hash) for hash in self.hashes[1:]])


def opened(pages: Pages, folder: Path, **options: Any) -> Page:
    """Open the archive's page from its folder, without a network."""
    page = pages.open(**{"viewport": PHONE, "offline": True, "locale": "en"} | options)
    page.goto(f"file://{folder}/{verifier.NAME}")
    return page


def checked(page: Page, *given: Path, key: str = "") -> list[Verdict]:
    """Let the page check files, or one folder, with this key; return its verdicts."""
    if page.locator("#again").is_visible():
        page.locator("#again").click()
    page.get_by_label("Fingerprint of the hearing’s key").fill(key)
    before = page.evaluate("document.documentElement.dataset.checked")
    is_folder = len(given) == 1 and given[0].is_dir()
    page.locator("#folder" if is_folder else "#files").set_input_files(
        given[0] if is_folder else list(given)
    )
    page.wait_for_function("(old) => document.documentElement.dataset.checked !== old", arg=before)
    return verdicts(page)


def verdicts(page: Page) -> list[Verdict]:
    """Return the verdicts that the page shows."""
    found = []
    for result in page.locator(".result").all():
        reason = result.locator(".result__reason")
        said = reason.inner_text() if reason.count() else ""
        found.append((int(result.get_attribute("data-status") or -1), said))
    return found


def by_python(path: Path, key: str) -> Verdict:
    """Return the verdict of `hemicycle verify` on the same file or folder."""
    try:
        report = verify.verify_path(str(path), key)
    except verify.Unreadable:
        return verify.UNREADABLE, ""
    if report.broken is not None:
        return verify.BROKEN, re.sub(r"(cannot be read) \(.*\)$", r"\1", str(report.broken))
    return (verify.VERIFIED if report.is_trusted else verify.UNKNOWN_SIGNER), ""


def test_the_page_says_of_every_forgery_what_the_command_says(
    folder: Path, chain: Path, pages: Pages, tmp_path: Path
) -> None:
    published = json.loads(chain.read_bytes())
    changes: dict[str, Callable[[Path], object]] = {
        **forgeries.IN_FOLDERS,
        "seal of the chain": lambda changed: forgeries.seal_of_chain(changed, published),
    }
    every_key = ("", keys.fingerprint(), fingerprint(forgeries.OTHER.public_key()))
    page, said, expected = opened(pages, folder), {}, {}
    for name, change in changes.items():
        forged = tmp_path / "forged" / "archive"
        shutil.copytree(folder, forged)
        change(forged)
        for key in every_key if name in forgeries.SIGNED_WELL else every_key[1:2]:
            case = f"{name}, {key[:4] or 'no key'}"
            [(status, reason)] = checked(page, forged, key=key)
            said[case] = status, "" if status == verify.UNREADABLE else reason
            expected[case] = by_python(forged, key)
        shutil.rmtree(forged)
    assert said == expected
    statuses = {status for status, _reason in expected.values()}
    assert statuses == {0, 1, 2, 3}, "the forgeries show too little"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_page_says_of_a_zip_what_the_command_says(
    folder: Path, pages: Pages, tmp_path: Path
) -> None:
    page, said, expected = opened(pages, folder), {}, {}
    for name, more in forgeries.IN_ZIPS.items():
        path = forgeries.zip_with(folder, tmp_path / "packed", more)
        [said[name]] = checked(page, path, key=keys.fingerprint())
        expected[name] = by_python(path, keys.fingerprint())
    assert said == expected
    content = bytearray(path.read_bytes())
    for at in (50, len(content) // 2, len(content) - 30):
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :])
        [(status, _reason)] = checked(page, damaged)
        assert status in {verify.BROKEN, verify.UNREADABLE}, at


def test_a_reader_checks_an_archive_from_its_folder_without_a_network(
    folder: Path, pages: Pages
) -> None:
    page = opened(pages, folder)
    page.goto(f"file://{folder}/index.html")
    page.get_by_role("link", name="verify.html").first.click()
    assert checked(page, folder) == [(verify.UNKNOWN_SIGNER, "")]
    page.get_by_role("heading", name="Consistent, but the signer is unknown").wait_for()
    page.get_by_label("Fingerprint of the hearing’s key").fill(keys.fingerprint())
    page.get_by_role("heading", name="Verified").wait_for()
    text = page.locator(".result").inner_text()
    for part in ("What was proved", "Who witnessed it", "What was not proved", keys.fingerprint()):
        assert part in text
    page.get_by_label("Language").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.get_by_role("heading", name="What was proved").wait_for(state="detached")
    for said in page.locator("h1, .lead, h2, h3, .result li, .step p:visible").all_inner_texts():
        assert re.search("[\u0600-\u06ff]", said), said


def test_a_key_that_is_none_checks_nothing(folder: Path, pages: Pages) -> None:
    page = opened(pages, folder)
    assert checked(page, folder, key="0123") == []
    assert page.get_by_text("This is neither a fingerprint").is_visible()
    spelled = f"SHA256:{keys.fingerprint().upper()}"
    assert checked(page, folder, key=spelled) == [(verify.VERIFIED, "")]
    assert checked(page, folder, key=keys.public_pem().replace("\n", " ")) == [(0, "")]


def test_receipts_and_chain_are_checked_together(
    folder: Path, chain: Path, pages: Pages, tmp_path: Path
) -> None:
    record = Record(folder)
    seq = record.arrival()
    document = receipts.receipt(record.content(seq), record.hashes[seq - 1], keys.signing_key())
    (receipt := tmp_path / "receipt.json").write_text(json.dumps(document))
    key, page = keys.fingerprint(), opened(pages, folder)
    assert checked(page, receipt, key=key) == [(0, "")]
    assert checked(page, receipt) == [(3, "")]
    assert checked(page, receipt, chain, key=key) == [(0, ""), (0, "")]
    assert checked(page, receipt, chain, key="0" * 64)[0][0] == 1
    assert checked(page, receipt, key="0" * 64) == [
        (1, f"It is signed with another key, whose fingerprint is {key}.")
    ]
    changed = {**document, "entry": {**document["entry"], "seq": seq + 1}}
    receipt.write_text(json.dumps(changed))
    assert checked(page, receipt, key=key) == [
        (1, "The signature does not belong to this text: it has been changed.")
    ]
    receipt.write_text(json.dumps({**document, "format": "hemicycle-receipt-9"}))
    assert checked(page, receipt, key=key) == [(1, "This kind of receipt is not known here.")]
    receipt.write_text("not a receipt")
    assert checked(page, receipt) == [(2, "This is not a receipt, published chain or archive.")]


def test_a_receipt_shows_its_checkpoint_and_its_witnesses(
    folder: Path, chain: Path, pages: Pages, tmp_path: Path
) -> None:
    record, path = Record(folder), tmp_path / "receipt.json"
    seq, note = record.arrival(), record.note
    content, previous = record.content(seq), record.hashes[seq - 1]
    way = record.tree().inclusion(seq - 1)
    known = VerifierKey.of("news.example", forgeries.OTHER.public_key(), notes.COSIGNATURE)
    at = content.at // 1000

    def receipt(note: SignedNote, hashes: list[bytes] = way) -> Path:
        document = receipts.proved_receipt(content, previous, note, hashes, record.key)
        path.write_text(receipts.spelled(document))
        return path

    def cosigned(at: int, text: str = note.text) -> SignedNote:
        return note.with_signatures([notes.cosign(text, known.name, forgeries.OTHER, at)])

    page, key = opened(pages, folder), keys.fingerprint()
    page.get_by_text("Keys of witnesses").click()
    assert checked(page, receipt(cosigned(at)), key=key) == [(0, "")]
    shown = page.locator(".result")
    assert (
        "which were not checked since their keys were not given: news.example" in shown.inner_text()
    )
    page.locator("#witnesses").fill(str(known))
    expect(shown).to_contain_text(
        f"news.example, {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"
    )
    cases = {
        "later": cosigned(at + 60),
        "a clock an hour off": cosigned(at - 3600),
        "another text": cosigned(at, "another\n1\nAAAA\n"),
        "no signature of the log": SignedNote(note.text, cosigned(at).signatures[1:]),
    }
    said = {name: checked(page, receipt(case), key=key)[0] for name, case in cases.items()}
    expected = {}
    for name, case in cases.items():
        try:
            receipts.check(receipt(case).read_text(), {key}, [known])
            expected[name] = (0, "")
        except InvalidProof as error:
            expected[name] = (1, str(error))
    assert said == expected
    assert [status for status, _reason in said.values()] == [0, 1, 1, 1]
    [(status, reason)] = checked(page, receipt(note, way[::-1]), key=key)
    assert (status, reason[:34]) == (1, "The proof does not lead from the e")
    assert checked(page, receipt(note), chain, key=key) == [(0, ""), (0, "")]
    page.locator("#witnesses").fill("news.example")
    assert checked(page, receipt(note), key=key) == []


def test_two_histories_by_the_same_key_are_told_by_a_receipt(
    folder: Path, chain: Path, pages: Pages, tmp_path: Path
) -> None:
    """The histories differ after the receipt's entry; only its checkpoint covers the difference."""
    record, signer = Record(folder), keys.signing_key()
    tree = merkle.Tree([*map(bytes.fromhex, record.hashes[1:-1]), b"x" * 32])
    text = str(CheckpointText("hearing.example/h/x", tree.size, tree.root()))
    note = SignedNote(text, (notes.sign(text, "hearing.example/h/x", signer),))
    document = receipts.proved_receipt(
        record.content(1),
        record.hashes[0],
        note,
        tree.inclusion(0),
        signing.encoded(signer.public_key()),
    )
    (receipt := tmp_path / "receipt.json").write_text(receipts.spelled(document))
    page, key = opened(pages, folder), keys.fingerprint()
    assert checked(page, receipt, key=key) == [(0, "")]
    [_chain, (status, reason)] = checked(page, chain, receipt, key=key)
    assert (status, "two histories were signed" in reason) == (1, True)


def test_a_receipt_of_another_hearing_is_refused(
    folder: Path, chain: Path, pages: Pages, tmp_path: Path
) -> None:
    alien = Content("ab" * 16, 1, "speaker.inscribed", 1, 0, "", "", "", "{}")
    document = receipts.receipt(alien, genesis(alien.hearing), keys.signing_key())
    (receipt := tmp_path / "receipt.json").write_text(json.dumps(document))
    page, key = opened(pages, folder), keys.fingerprint()
    assert checked(page, receipt, key=key) == [(0, "")]
    assert checked(page, chain, receipt, key=key)[1] == (
        1,
        "The receipt and the published chain belong to different hearings.",
    )


def test_the_page_follows_a_key_that_was_renewed(
    folder: Path, witnessed: Witnessed, tmp_path: Path, pages: Pages
) -> None:
    old, new = keys.fingerprint(), witnessed.renewed_key
    written(witnessed.renewed, tmp_path / "renewed")
    written(witnessed.stolen, tmp_path / "stolen")
    page = opened(pages, folder)
    for archive in ("renewed", "archive", "stolen"):
        for key in (old, new, "0" * 64):
            path = tmp_path / archive
            assert checked(page, path, key=key) == [by_python(path, key)], (archive, key)


def test_a_browser_without_ed25519_never_says_verified(folder: Path, pages: Pages) -> None:
    page = pages.open(viewport=PHONE, locale="en")
    page.add_init_script("SubtleCrypto.prototype.importKey = async () => { throw new Error(); }")
    page.goto(f"file://{folder}/{verifier.NAME}")
    [(status, reason)] = checked(page, folder, key=keys.fingerprint())
    assert (status, reason[:37]) == (2, "This browser cannot check signatures ")
    assert not page.get_by_text("Verified", exact=True).count()


def test_a_large_file_is_read_in_pieces(folder: Path, pages: Pages) -> None:
    """The page takes a file of 3 MB for one that is too large for the memory."""
    script = (folder / verifier.NAME).read_text("utf-8")
    most, less = "MOST_AT_ONCE = 128 * 1024 * 1024", "MOST_AT_ONCE = 1024 * 1024"
    assert most in script
    (folder / verifier.NAME).write_text(script.replace(most, less), "utf-8")
    (folder / "recording.bin").write_bytes(b"sound" * 600_000)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"]["recording.bin"] = ""
    (folder / "manifest.json").write_bytes(canonical(manifest))
    end = forgeries.rewrite_record(folder)
    forgeries.sign_again(folder, manifest=forgeries.rewrite_manifest(folder), **end)
    page = opened(pages, folder, bypass_csp=True)
    assert checked(page, folder) == [(verify.UNKNOWN_SIGNER, "")]
