"""Ways to forge an archive, all of which a verifier must refuse."""

import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemicycle.record.chain import Content, canonical, genesis, link
from hemicycle.record.log import carried, notes
from hemicycle.record.log.notes import CheckpointText, NoteSignature, SignedNote, VerifierKey
from hemicycle.record.signing import Signer, encoded, fingerprint, sign

OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


def forge_lists(folder: Path) -> None:
    """Change the name of an organization in the lists."""
    lists = folder / "lists.csv"
    lists.write_text(lists.read_text("utf-8").replace("Normere", "Sudmere"), "utf-8")


def rewrite_manifest(folder: Path) -> str:
    """Update the digests in the manifest, and return the manifest's digest."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"] = {
        name: sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]
    }
    made = canonical(manifest)
    (folder / "manifest.json").write_bytes(made)
    return sha256(made).hexdigest()


def sign_again(folder: Path, signer: Signer = OTHER, **changes: Any) -> None:
    """Sign the seal with `signer`, whose key the seal then contains."""
    seal = json.loads((folder / "seal.json").read_text("utf-8"))
    payload = {name: value for name, value in seal.items() if name not in {"key", "signature"}}
    (folder / "seal.json").write_bytes(canonical(sign(payload | changes, signer)))


def rewrite_record(folder: Path) -> dict[str, Any]:
    """Rewrite the record so that its first entry names the other key; return the end of the record.

    The archive then has no checkpoints, since none of the genuine ones matches this record.
    """
    (folder / carried.NAME).write_bytes(canonical(carried.document([])))
    lines = (folder / "record.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    body = json.loads(rows[0]["body"]) | {"key": fingerprint(OTHER.public_key())}
    rows[0]["body"] = canonical(body).decode()
    hash = genesis(rows[0]["hearing"])
    for row in rows:
        row["digest"] = Content.of(row).digest()
        row["hash"] = hash = link(hash, row["digest"])
    (folder / "record.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {"hash": hash}


def seal_of_chain(folder: Path, chain: dict[str, Any]) -> None:
    """Change the lists, and replace the seal of the archive by the public seal of the chain."""
    forge_lists(folder)
    rewrite_manifest(folder)
    (folder / "seal.json").write_bytes(canonical(chain["seal"]))


def sign_changed_lists(folder: Path) -> None:
    """Change the lists, and seal them with a key that the record does not name."""
    forge_lists(folder)
    sign_again(folder, manifest=rewrite_manifest(folder))


def forge_all(folder: Path) -> None:
    """Change the lists and the record, and seal all of it with another key."""
    forge_lists(folder)
    end = rewrite_record(folder)
    sign_again(folder, manifest=rewrite_manifest(folder), **end)


def flip(name: str, at: int = -20) -> Callable[[Path], None]:
    """Return a function that changes one bit of a file."""

    def change(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[at] ^= 1
        (folder / name).write_bytes(content)

    return change


def cut_record(folder: Path) -> None:
    """Take the last entry out of the record."""
    lines = (folder / "record.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "record.jsonl").write_bytes(b"".join(lines[:-1]))


def swap_entries(folder: Path) -> None:
    """Swap two entries."""
    lines = (folder / "record.jsonl").read_bytes().splitlines(keepends=True)
    lines[3], lines[4] = lines[4], lines[3]
    (folder / "record.jsonl").write_bytes(b"".join(lines))


def append_alien(folder: Path) -> None:
    """Append another hearing's first entry to the record."""
    row = json.loads((folder / "record.jsonl").read_text("utf-8").splitlines()[0])
    row["hearing"] = "ab" * 16
    row["digest"] = Content.of(row).digest()
    row["hash"] = link(genesis(row["hearing"]), row["digest"])
    with (folder / "record.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")


def add_note(folder: Path) -> None:
    """Add a note that no entry refers to."""
    note = {"key": "0" * 64, "salt": "00", "text": "Never said."}
    (folder / "notes.jsonl").write_text(json.dumps(note) + "\n")


def respell_manifest(folder: Path) -> None:
    """Write the manifest with spaces, and seal it with another key."""
    document = json.loads((folder / "manifest.json").read_bytes())
    spelled = json.dumps(document, indent=1).encode()
    (folder / "manifest.json").write_bytes(spelled)
    sign_again(folder, manifest=sha256(spelled).hexdigest())


def repeat_field(folder: Path) -> None:
    """Repeat a field in the seal, so that readers could disagree on what was signed."""
    text = (folder / "seal.json").read_text("utf-8")
    (folder / "seal.json").write_text(text.replace('{"at":', '{"at":1,"at":'), "utf-8")


def respell_number(folder: Path) -> None:
    """Spell a number of the seal in another way."""
    seal = json.loads((folder / "seal.json").read_text("utf-8"))
    text = canonical(seal).decode().replace(f'"seq":{seal["seq"]}', f'"seq":{seal["seq"]}.0')
    (folder / "seal.json").write_text(text, "utf-8")


def forge_lists_and_manifest(folder: Path) -> None:
    """Change the lists and the manifest, and leave the seal as it was."""
    forge_lists(folder)
    rewrite_manifest(folder)


def move_file(folder: Path) -> None:
    """Move a file into a subfolder."""
    (folder / "in").mkdir()
    (folder / "lists.csv").rename(folder / "in" / "lists.csv")


def remove(*names: str) -> Callable[[Path], None]:
    """Return a function that removes these files."""

    def change(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return change


IN_FOLDERS: dict[str, Callable[[Path], object]] = {
    "genuine": lambda folder: None,
    "left by a desktop": lambda folder: (folder / ".DS_Store").write_bytes(b"x"),
    "signed with another key": sign_changed_lists,
    "rewritten": forge_all,
    "lists changed": forge_lists,
    "manifest rewritten": forge_lists_and_manifest,
    "seal of another hearing": lambda folder: sign_again(folder, hearing="ab" * 16),
    "seal with another field": lambda folder: sign_again(folder, more=1),
    "a field twice": repeat_field,
    "a number respelled": respell_number,
    "bit of the seal": flip("seal.json"),
    "bit of the manifest": flip("manifest.json"),
    "bit of the record": flip("record.jsonl", -200),
    "bit of the lists": flip("lists.csv"),
    "bit of the page": flip("index.html"),
    "bit of a paper": flip("summary.pdf"),
    "last entry cut": cut_record,
    "entries swapped": swap_entries,
    "alien entries": append_alien,
    "a note": add_note,
    "manifest respelled": respell_manifest,
    "file added": lambda folder: (folder / "more.txt").write_text("more"),
    "file removed": remove("lists.csv"),
    "file renamed": lambda folder: (folder / "lists.csv").rename(folder / "list.csv"),
    "file moved": move_file,
    "no seal": remove("seal.json"),
    "not the manifest": remove("manifest.json"),
    "no record": remove("record.jsonl"),
    "nothing of it": remove("seal.json", "manifest.json", "record.jsonl"),
}
"""Changes to an archive's folder that need no arguments, by their description."""

SIGNED_WELL = {"genuine", "signed with another key", "rewritten"}
"""The folders that a verifier judges differently depending on the key it is given."""

IN_ZIPS: dict[str, tuple[str, ...]] = {
    "genuine": (),
    "a name twice": ("archive/lists.csv",),
    "beside": ("beside.txt",),
    "another folder": ("other/index.html",),
    "out of it": ("archive/../lists.csv",),
    "absolute": ("/lists.csv",),
}
"""Additions to a zip, by their description."""


def zip_with(folder: Path, path: Path, names: tuple[str, ...]) -> Path:
    """Return a zip file of the archive in `folder`, with further files named `names` in it."""
    packed = Path(shutil.make_archive(str(path), "zip", folder.parent, folder.name))
    with zipfile.ZipFile(packed, "a") as more:
        for name in names:
            more.writestr(name, "other")
    return packed


# ── Checkpoints that an archive carries ───────────────────────────────────────────────────────

WITNESS = VerifierKey.of("news.example", OTHER.public_key(), notes.COSIGNATURE)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def carry(folder: Path, documents: Any, signer: Signer) -> None:
    """Replace the checkpoints of an archive, and seal it with `signer`."""
    content = canonical({"format": carried.FORMAT, "checkpoints": documents})
    (folder / carried.NAME).write_bytes(content)
    sign_again(folder, signer, manifest=rewrite_manifest(folder))


def carried_in(folder: Path) -> list[dict[str, str]]:
    """Return the checkpoints that an archive carries."""
    found: list[dict[str, str]] = json.loads((folder / carried.NAME).read_bytes())["checkpoints"]
    return found


def checkpoint(
    text: CheckpointText, signer: Signer, cosigned: tuple[NoteSignature, ...] = ()
) -> dict[str, str]:
    """Return a checkpoint in the form in which archives carry it."""
    note = SignedNote(str(text), (notes.sign(str(text), text.origin, signer), *cosigned))
    return carried.spelled(note, encoded(signer.public_key()))


def forged_checkpoints(folder: Path, signer: Signer) -> dict[str, Any]:
    """Return lists of checkpoints by their fault, all sealed with the genuine key `signer`."""
    genuine = carried_in(folder)
    said = CheckpointText.parse(SignedNote.parse(genuine[-1]["checkpoint"]).text)
    rows = [json.loads(line) for line in (folder / "record.jsonl").read_text("utf-8").splitlines()]
    at = rows[said.size - 1]["at"] // 1000
    other = CheckpointText("hearing.example/h/other", 5, b"x" * 32)

    def cosigned(at: int, text: str = str(said), key: Signer = OTHER) -> list[dict[str, str]]:
        line = notes.cosign(text, WITNESS.name, key, at)
        return [checkpoint(said, signer, (line,))]

    def changed(**fields: str) -> list[dict[str, str]]:
        return [genuine[-1] | fields]

    first_line = genuine[-1]["checkpoint"].split("\n", 1)[1]
    return {
        "of another hearing": [checkpoint(other, signer)],
        "of two hearings": [*genuine, checkpoint(other, signer)],
        "another root": [checkpoint(replace(said, root=b"x" * 32), signer)],
        "of more entries": [checkpoint(replace(said, size=len(rows) + 1), signer)],
        "of no entries": [checkpoint(replace(said, size=0), signer)],
        "another key": [checkpoint(said, OTHER)],
        "text changed": changed(checkpoint=f"hearing.example/h/other\n{first_line}"),
        "cut": changed(checkpoint=genuine[-1]["checkpoint"][:-20]),
        "cut in the middle": changed(checkpoint=genuine[-1]["checkpoint"][:40]),
        "another field": changed(more="1"),
        "no list": {},
        "cosigned": cosigned(at),
        "cosigned an hour early": cosigned(at - 3600),
        "cosignature of another text": cosigned(at, "another\n1\nAAAA\n"),
        "cosigned by a stranger": cosigned(at, key=STRANGER),
    }


def chain_anew(document: dict[str, Any], signer: Signer, **changes: Any) -> dict[str, Any]:
    """Return a published chain with another third entry, and `changes` in its new seal."""
    hearing = changes.get("hearing", document["hearing"])
    rows, hash = [], genesis(hearing)
    for row in document["entries"]:
        digest = sha256(b"another").hexdigest() if row["seq"] == 3 else row["digest"]
        hash = link(hash, digest)
        rows.append({"seq": row["seq"], "digest": digest, "hash": hash})
    sealed = signed_anew(document["seal"] | {"hash": hash} | changes, signer)
    anew = {"hearing": hearing, "entries": rows, "seal": sealed, "checkpoints": []}
    return document | anew


def signed_anew(seal: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """Return the fields of a seal, signed with the key `signer` instead."""
    own = {"key", "signature"}
    return sign({name: value for name, value in seal.items() if name not in own}, signer)
