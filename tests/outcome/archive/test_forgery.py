"""Archives that were forged: each is refused, with the reason."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from hemicycle.outcome.archive import export
from hemicycle.outcome.summary import actions
from hemicycle.record import verify
from hemicycle.record.chain import canonical

if TYPE_CHECKING:
    from tests.support.finished import Finished

OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


@pytest.fixture
def folder(finished: Finished, tmp_path: Path) -> Path:
    """The public's archive of a hearing with a published summary."""
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    actions.draft(**act)
    actions.publish(**act)
    made = tmp_path / "archive"
    export.write_folder(finished.world.hearing, made, public=True)
    return made


@pytest.fixture
def key(finished: Finished, client: Client, tmp_path: Path) -> Path:
    """The key as the site publishes it."""
    path = tmp_path / "key.pem"
    path.write_bytes(client.get(f"/h/{finished.world.hearing.slug}/public-key.pem").content)
    return path


def forge_lists(folder: Path) -> str:
    """Change who spoke, make the manifest anew, and return its digest."""
    lists = folder / "lists.csv"
    lists.write_text(lists.read_text("utf-8").replace("Norwegia", "Suedia"), "utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["lists.csv"] = sha256(lists.read_bytes()).hexdigest()
    made = canonical(manifest)
    (folder / "manifest.json").write_bytes(made)
    return sha256(made).hexdigest()


def spki(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def sign_anew(folder: Path, manifest: str, changes: dict[str, Any]) -> None:
    """Sign the seal with another key, which the archive brings itself."""
    seal = json.loads((folder / "seal.json").read_text("utf-8"))
    del seal["signature"]
    seal |= {"manifest": manifest} | changes
    signature = base64.b64encode(OTHER.sign(canonical(seal))).decode()
    (folder / "seal.json").write_bytes(canonical({**seal, "signature": signature}))


def test_the_seal_of_the_chain_does_not_seal_an_archive(
    finished: Finished, folder: Path, key: Path, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    forge_lists(folder)
    chain = json.loads(client.get(f"/h/{finished.world.hearing.slug}/chain.json").content)
    (folder / "seal.json").write_bytes(canonical(chain["seal"]))
    assert verify.main([str(folder), "--key", str(key)]) == 1
    said = "file seal.json: it is the seal of a chain, not the seal of an archive"
    assert said in capsys.readouterr().out


def test_an_archive_signed_anew_with_a_key_of_its_own_is_refused(
    folder: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = base64.b64encode(spki(OTHER)).decode()
    sign_anew(folder, forge_lists(folder), {"key": own})
    assert verify.main([str(folder), "--key", str(key)]) == 1
    assert "it is signed with another key" in capsys.readouterr().out
