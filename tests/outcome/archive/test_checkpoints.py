"""Archives and chains contain checkpoints, with which outsiders vouch for the record."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from hemicycle.outcome.archive import export
from hemicycle.record import clock, keys, portable, verify
from hemicycle.record.log import carried, checkpoints, notes, timestamps
from hemicycle.record.log.carried import Judges
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.models import TimeStamp
from hemicycle.record.signing import fingerprint, sign
from tests.outcome.archive import forgeries
from tests.outcome.archive.archived import cosigned_and_published, written
from tests.outcome.archive.forgeries import OTHER, STRANGER, WITNESS
from tests.outcome.archive.test_verify_page import checked, opened
from tests.support.timestamp_authority import Authority, needs_openssl

if TYPE_CHECKING:
    from tests.outcome.archive.archived import Witnessed
    from tests.support.browser import Pages
    from tests.support.finished import Finished

pytestmark = pytest.mark.django_db

KNOWN = Judges((WITNESS,))


@pytest.fixture
def folder(witnessed: Witnessed, tmp_path: Path) -> Path:
    """The public's archive."""
    return written(witnessed.archive, tmp_path / "archive")


@pytest.fixture
def chain(witnessed: Witnessed, tmp_path: Path) -> Path:
    """The published chain."""
    (path := tmp_path / "chain.json").write_bytes(witnessed.chain)
    return path


def whole(folder: Path) -> CheckpointText:
    """Return the archive's own checkpoint, of all its entries."""
    return CheckpointText.parse(
        SignedNote.parse(forgeries.carried_in(folder)[-1]["checkpoint"]).text
    )


def test_archive_and_chain_say_who_cosigned_up_to_where_and_what_was_not_proved(
    folder: Path, chain: Path, witnessed: Witnessed, capsys: pytest.CaptureFixture[str]
) -> None:
    size, origin, cosigned = whole(folder).size, whole(folder).origin, witnessed.cosigned
    assert size > cosigned, "the archive's own checkpoint covers all of it"
    for where in (folder, chain):
        key = [str(where), "--key", keys.fingerprint()]
        assert verify.main([*key, "--witness", str(WITNESS)]) == 0
        said = capsys.readouterr().out
        assert f"to the checkpoint of the first {cosigned} entries of {origin}." in said
        assert f"to the checkpoint of all {size} entries of {origin}." in said
        at = datetime.fromtimestamp(witnessed.at, UTC)
        assert f"  Cosigned by news.example, {at:%Y-%m-%d %H:%M:%S} UTC." in said
        later = f"entries {cosigned + 1} to {size}"
        assert f"Not proved: that the holder of the key did not rewrite {later}." in said
        assert verify.main(key) == 0
        said = capsys.readouterr().out
        assert "The cosignature of news.example was not checked, because no key was given" in said
        assert f"did not rewrite entries 1 to {size}." in said
        stranger = VerifierKey.of("news.example", STRANGER.public_key(), notes.COSIGNATURE)
        assert verify.main([*key, "--witness", str(stranger)]) == 1
        assert "news.example has cosigned none of the checkpoints" in capsys.readouterr().out


def test_the_one_file_verifier_says_so_too(folder: Path, tmp_path: Path) -> None:
    program = tmp_path / portable.NAME
    program.write_bytes(portable.packed())
    given = [str(folder), "--key", keys.fingerprint(), "--witness", str(WITNESS)]
    command = [sys.executable, str(program), *given]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert "Cosigned by news.example, " in done.stdout
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True, cwd="/")
    assert json.loads(done.stdout)["checkpoints"][0]["witnessed"][0]["name"] == "news.example"


def test_each_wrong_checkpoint_is_named(folder: Path, tmp_path: Path) -> None:
    signer = keys.signing_key()
    own = whole(folder)
    root = (
        "the record does not lead to the root of the checkpoint of {size} entries of {origin}: the "
        "checkpoint belongs to another hearing, or the history was changed"
    )
    expected = {
        "of another hearing": root.format(size=5, origin="hearing.example/h/other"),
        "of two hearings": "it has checkpoints of two logs: "
        f"{own.origin} and hearing.example/h/other",
        "another root": root.format(size=own.size, origin=own.origin),
        "of more entries": f"the checkpoint covers {own.size + 1} entries, but the record has only "
        f"{own.size}: entries were removed from the record, or the checkpoint belongs to another "
        "hearing",
        "of no entries": "it is not a readable list of checkpoints",
        "another key": f"the checkpoint of {own.size} entries is signed with a key other than the "
        f"one that the record names: {fingerprint(OTHER.public_key())}",
        "text changed": "it is not signed by hearing.example/h/other",
        "cut": "this is not a readable signed note",
        "cut in the middle": "this is not a readable signed note",
        "another field": "it is not a readable list of checkpoints",
        "no list": "it is not a readable list of checkpoints",
        "cosigned": "",
        "cosigned an hour early": "the cosignature of news.example is older than the entry: a "
        "clock was wrong",
        "cosignature of another text": "the signature of news.example does not belong to this text",
        "cosigned by a stranger": "news.example has cosigned none of the checkpoints",
    }
    found = {}
    for name, documents in forgeries.forged_checkpoints(folder, signer).items():
        forged = tmp_path / "forged" / "archive"
        shutil.copytree(folder, forged)
        forgeries.carry(forged, documents, signer)
        broken = verify.verify_export(forged, keys.fingerprint(), KNOWN).broken
        found[name] = str(broken).removeprefix("file checkpoints.json: ") if broken else ""
        shutil.rmtree(forged)
    assert found == expected


def test_a_changed_file_of_checkpoints_is_named_by_the_manifest(folder: Path) -> None:
    path = folder / carried.NAME
    path.write_bytes(path.read_bytes()[:-30])
    assert str(verify.verify_export(folder).broken) == (
        "file checkpoints.json: it has been changed"
    )
    path.unlink()
    assert str(verify.verify_export(folder).broken) == "file checkpoints.json: it is missing"


def test_a_chain_that_was_cut_and_sealed_anew_contradicts_its_checkpoint(chain: Path) -> None:
    document = json.loads(chain.read_bytes())
    last = document["entries"][-2]
    document["entries"].pop()
    seal = {name: document["seal"][name] for name in document["seal"] if name != "signature"}
    changed = seal | {"seq": last["seq"], "hash": last["hash"]}
    del changed["key"]
    document["seal"] = sign(changed, keys.signing_key())
    chain.write_text(json.dumps(document))
    broken = str(verify.verify_chain(chain, keys.fingerprint()).broken)
    assert broken.startswith(f"the checkpoints: the checkpoint covers {last['seq'] + 1} entries")
    document["checkpoints"] = document["checkpoints"][:-1]
    chain.write_text(json.dumps(document))
    assert verify.verify_chain(chain, keys.fingerprint(), KNOWN).is_trusted
    document["checkpoints"] = "\ud800"
    chain.write_text(json.dumps(document))
    assert verify.main([str(chain)]) == 2


def test_an_archive_without_checkpoints_says_that_nobody_vouches_for_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forgeries.carry(folder, [], keys.signing_key())
    assert verify.main([str(folder), "--key", keys.fingerprint()]) == 0
    assert "no outside witness vouches for it" in capsys.readouterr().out
    assert verify.main([str(folder), "--key", keys.fingerprint(), "--witness", str(WITNESS)]) == 1


@needs_openssl
def test_a_time_stamp_is_checked_by_the_authoritys_certificate(
    finished: Finished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cosigned = cosigned_and_published(finished)
    authority, other = (Authority(tmp_path / name, name=name.title()) for name in ("one", "two"))
    message = str(checkpoints.text_of(cosigned)).encode()
    token = authority.answer(timestamps.question(message).der)
    TimeStamp.objects.create(
        hearing=cosigned.hearing,
        size=cosigned.size,
        root=cosigned.root,
        at=clock.now_ms(),
        authority="one",
        token=token,
    )
    folder = tmp_path / "archive"
    export.write_folder(finished.world.hearing, folder, public=True)
    key = [str(folder), "--key", keys.fingerprint()]
    assert verify.main(key) == 0
    assert "because no certificate was given with --tsa." in capsys.readouterr().out
    assert verify.main([*key, "--tsa", str(authority.certificate)]) == 0
    assert "according to CN=Time Authority One" in capsys.readouterr().out
    assert verify.main([*key, "--tsa", str(other.certificate)]) == 1
    assert "the time-stamping authority is not trusted here" in capsys.readouterr().out
    documents = forgeries.carried_in(folder)
    documents[-1]["token"] = documents[0].pop("token")
    forgeries.carry(folder, documents, keys.signing_key())
    assert verify.main([*key, "--tsa", str(authority.certificate)]) == 1
    assert "the time stamp belongs to another text" in capsys.readouterr().out
    del documents[-1]["token"]
    forgeries.carry(folder, documents, keys.signing_key())
    assert verify.main([*key, "--tsa", str(authority.certificate)]) == 1
    assert "none of the checkpoints has a time stamp" in capsys.readouterr().out


def test_the_page_says_of_every_checkpoint_what_the_command_says(
    folder: Path, pages: Pages, tmp_path: Path
) -> None:
    """Only the command requires a witness's signature; the page names who has not signed."""
    page, signer = opened(pages, folder), keys.signing_key()
    page.get_by_text("Keys of witnesses").click()
    page.locator("#witnesses").fill(str(WITNESS))
    said, expected = {}, {}
    for name, documents in forgeries.forged_checkpoints(folder, signer).items():
        forged = tmp_path / "forged" / "archive"
        shutil.copytree(folder, forged)
        forgeries.carry(forged, documents, signer)
        [said[name]] = checked(page, forged, key=keys.fingerprint())
        broken = verify.verify_export(forged, keys.fingerprint(), KNOWN).broken
        expected[name] = (1, str(broken)) if broken else (0, "")
        shutil.rmtree(forged)
    assert expected.pop("cosigned by a stranger")[0] == 1
    assert said.pop("cosigned by a stranger") == (0, "")
    text = page.locator(".result").inner_text()
    assert "That it was seen by news.example: it has no signature by the key" in text
    assert said == expected
    assert {status for status, _reason in said.values()} == {0, 1}


def test_the_page_shows_who_witnessed_an_archive_and_a_chain(
    folder: Path, chain: Path, witnessed: Witnessed, pages: Pages
) -> None:
    page, cosigned = opened(pages, folder), witnessed.cosigned
    size, origin = whole(folder).size, whole(folder).origin
    for given in (folder, chain):
        assert checked(page, given, key=keys.fingerprint()) == [(0, "")]
        shown = page.locator(".result")
        text = shown.inner_text()
        assert "not checked since their keys were not given: news.example" in text
        assert f"did not rewrite entries 1 to {size}: no witness" in text
        page.locator("#witnesses").evaluate("(field) => field.closest('details').open = true")
        page.locator("#witnesses").fill(str(WITNESS))
        expect(shown).to_contain_text(f"UTC: the first {cosigned} entries")
        text = shown.inner_text()
        assert f"checkpoint of {origin} over its first {size} entries" in text
        assert f"did not rewrite entries {cosigned + 1} to {size}: no witness" in text
        page.locator("#witnesses").fill("")
