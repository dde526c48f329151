"""Cosignatures given after an archive was sealed are read from the published chain beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from hemicycle.hearing.setup import checkpointing
from hemicycle.record import clock, keys, portable, verify, writer
from hemicycle.record.log import checkpoints, cosigning, notes
from hemicycle.record.models import Checkpoint
from tests.outcome.archive import forgeries
from tests.outcome.archive.forgeries import OTHER, WITNESS
from tests.outcome.archive.test_verify_page import checked, opened, verdicts

if TYPE_CHECKING:
    from tests.outcome.archive.archived import Archived
    from tests.support.browser import Pages
    from tests.support.finished import Finished

pytestmark = pytest.mark.postgresql("transactions")


@pytest.fixture
def finished(published: Archived) -> Finished:
    """A hearing with a published summary."""
    return published.finished


@pytest.fixture
def folder(published: Archived, tmp_path: Path) -> Path:
    """The public's archive, sealed before any witness had seen a checkpoint."""
    return published.write(tmp_path / "archive")


@pytest.fixture
def chain(finished: Finished, client: Client, tmp_path: Path) -> Callable[[str], Path]:
    """Download the published chain as it is now into a file of the given name."""

    def download(name: str) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_bytes(client.get(f"/h/{finished.world.hearing.slug}/chain.json").content)
        return path

    return download


def cosign(made: Checkpoint) -> None:
    note = checkpoints.note_of(made)
    line = notes.cosign(note.text, WITNESS.name, OTHER, clock.now_ms() // 1000)
    cosigning.take(made.hearing, str(note.with_signatures([line])), [WITNESS])


def grow(finished: Finished) -> Checkpoint:
    """Append an entry, make a checkpoint, and return the checkpoint."""
    with writer.writing(finished.world.hearing.id, actor=finished.world.office) as record:
        record.append("record.begun", {"format": "x"})
    made = checkpointing.make_now(finished.world.hearing)
    assert made is not None
    return made


def command(folder: Path, *more: object) -> list[str]:
    return [str(folder), "--key", keys.fingerprint(), *map(str, more)]


def test_the_command_takes_them_from_the_chain(
    folder: Path,
    finished: Finished,
    chain: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    sealed = Checkpoint.objects.latest("size")
    by_witness = ("--witness", WITNESS)
    assert verify.main(command(folder, *by_witness)) == 1
    capsys.readouterr()
    assert verify.main(command(folder)) == 0
    said = capsys.readouterr().out
    assert f"did not rewrite entries 1 to {sealed.size}." in said
    assert "Witnesses may have cosigned it since. Download the published chain" in said
    before = chain("before")
    assert verify.main(command(folder, *by_witness, "--chain", before)) == 1
    assert "news.example has cosigned none of the checkpoints" in capsys.readouterr().out
    for name, cosigned in (("same", sealed), ("more", grow(finished))):
        cosign(cosigned)
        assert verify.main(command(folder, *by_witness, "--chain", chain(name))) == 0
        said = capsys.readouterr().out
        assert (
            "The published chain continues it, and leads to the checkpoint of "
            f"{cosigned.size} entries of {sealed.origin}.\n  Cosigned by news.example, "
        ) in said
        assert "did not rewrite" not in said, "a witness vouches for all entries"
    program = folder / portable.NAME
    given = command(folder, *by_witness, "--chain", chain("more"), "--json")
    done = subprocess.run(
        [sys.executable, str(program), *given], capture_output=True, text=True, check=True, cwd="/"
    )
    assert json.loads(done.stdout)["later"][-1]["witnessed"][0]["name"] == "news.example"


def test_a_chain_that_does_not_continue_the_archive_is_named(
    folder: Path,
    chain: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    genuine = chain("chain")
    document, signer = json.loads(genuine.read_bytes()), keys.signing_key()
    size = len(document["entries"])
    forged = tmp_path / "forged.json"

    def told(made: dict[str, Any], status: int, *, key: bool = True) -> str:
        forged.write_text(json.dumps(made))
        given = command(folder, "--chain", forged)
        assert verify.main(given if key else [given[0], *given[3:]]) == status
        said = capsys.readouterr()
        return said.out + said.err

    fork = forgeries.chain_anew(document, signer)
    assert f"the published chain: its entry {size} is not the one with which" in told(fork, 1)
    assert verify.main(["--fork", str(folder), str(forged), "--key", keys.fingerprint()]) == 1
    assert "entry 3 is not the same in" in capsys.readouterr().out
    elsewhere = forgeries.chain_anew(document, signer, hearing="ab" * 16)
    assert "it belongs to another hearing" in told(elsewhere, 1)
    stranger = forgeries.chain_anew(document, OTHER)
    assert "is signed with a key other than the one that you gave" in told(stranger, 1)
    broken = json.loads(genuine.read_bytes())
    broken["entries"][4]["digest"] = "0" * 64
    assert "it is not valid (hearing" in told(broken, 1)
    resealed = forgeries.chain_anew(document, OTHER)
    resealed["entries"] = document["entries"]
    seal = {name: document["seal"][name] for name in document["seal"]}
    resealed["seal"] = forgeries.signed_anew(seal, OTHER)
    assert "does not name the archive’s key" in told(resealed, 1, key=False)
    cut = json.loads(genuine.read_bytes())
    cut["entries"] = cut["entries"][:-1]
    end = {"seq": size - 1, "hash": cut["entries"][-1]["hash"]}
    cut |= {"seal": forgeries.signed_anew(cut["seal"] | end, signer), "checkpoints": []}
    assert "it is older than the archive. Download it again." in told(cut, 2)
    assert "is not a published chain" in told({"format": "x"}, 2)
    assert verify.main([str(genuine), "--chain", str(genuine)]) == 2
    assert "together with the published chain" in capsys.readouterr().err


def test_the_page_takes_them_from_the_chain(
    folder: Path,
    finished: Finished,
    chain: Callable[[str], Path],
    pages: Pages,
    tmp_path: Path,
) -> None:
    page = opened(pages, folder)
    sealed = Checkpoint.objects.latest("size")
    assert checked(page, folder, key=keys.fingerprint()) == [(0, "")]
    archive = page.locator(".result[data-kind=archive]")
    assert "choose the published chain of today too (chain.json)" in archive.inner_text()
    page.locator("#witnesses").evaluate("(field) => field.closest('details').open = true")
    page.locator("#witnesses").fill(str(WITNESS))
    expect(archive).to_contain_text("That it was seen by news.example")
    more = grow(finished)
    cosign(more)
    page.locator("#files").set_input_files(given := chain("chain"))
    expect(archive).to_contain_text(f"UTC: the first {more.size} entries")
    text = archive.inner_text()
    assert f"checkpoint of {sealed.origin} over its first {more.size} entries" in text
    for gone in ("did not rewrite entries", "That it was seen by", "choose the published chain"):
        assert gone not in text
    assert verdicts(page) == [(0, ""), (0, "")]
    fork = forgeries.chain_anew(json.loads(given.read_bytes()), keys.signing_key())
    given.write_text(json.dumps(fork))
    page.locator("#files").set_input_files(given)
    page.locator(".result--bad").wait_for()
    says = "two histories were signed. Keep both files: together they prove it."
    entry = f"Entry {sealed.size} is different in the published chain in “chain.json”"
    assert verdicts(page)[0] == (1, f"{entry}: {says}")
