"""The archive can be read without Hemicycle, and any change in it is found."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hemicycle.before.statements import actions as statements
from hemicycle.hearing.setup import toml_io
from hemicycle.outcome.archive import building, cli, export
from hemicycle.outcome.archive.file_names import safe
from hemicycle.outcome.summary import actions
from hemicycle.record import keys, portable, verify
from hemicycle.record.models import Entry
from tests.support.jobs import work_off

if TYPE_CHECKING:
    from tests.outcome.archive.archived import Archived
    from tests.support.finished import Finished

pytestmark = pytest.mark.postgresql("ordering")

ALWAYS = {
    "checkpoints.json",
    "hearing.toml",
    "index.html",
    "interventions.csv",
    "lists.csv",
    "manifest.json",
    "media.csv",
    "notes.jsonl",
    "proceedings.xml",
    "questions.csv",
    "reading.css",
    "record.jsonl",
    "registrations.csv",
    "seal.json",
    "verify.html",
    "verify.pyz",
}


@pytest.fixture
def folder(drafted: Archived, tmp_path: Path) -> Path:
    """The secretariat's archive of a hearing with a draft."""
    return drafted.write(tmp_path / "archive")


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def table(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / name).read_text("utf-8-sig"))))


def test_the_secretariats_archive_holds_everything(drafted: Archived, folder: Path) -> None:
    found = names(folder)
    handed_in = {name for name in found if name.startswith("statements/")}
    assert found - handed_in == ALWAYS | {"recommendations.csv", "summary.docx", "summary.pdf"}
    assert len(handed_in) == 7
    entries = Entry.objects.filter(hearing=drafted.world.hearing.id).count()
    report = verify.verify_export(folder)
    assert (report.holds, report.entries) == (True, entries)
    document = toml_io.loads((folder / "hearing.toml").read_bytes())
    assert document["title"] == drafted.world.hearing.title


def test_tables_tell_what_became_of_each_place(folder: Path) -> None:
    told = {row["Organization"]: row["State"] for row in table(folder, "lists.csv")}
    assert told == {
        "Estmere": "delivered",
        "Normere": "delivered",
        "Open Doors": "delivered",
        "دار الأمان": "delivered",
        "Late Voices": "not reached for lack of time",
        "Safe Harbour": "delivered",
    }
    assert {row["Seconds used"] for row in table(folder, "interventions.csv")} == {"150"}
    assert [row["Question"] for row in table(folder, "questions.csv")] == [
        "Who pays for the shelters?"
    ]
    assert len(table(folder, "registrations.csv")) == 7


def test_the_reading_copy_loads_nothing_and_leads_only_to_files_that_are_there(
    folder: Path,
) -> None:
    page = (folder / "index.html").read_text("utf-8")
    assert "<script" not in page
    links = re.findall(r'(?:href|src)="([^"#]+)"', page)
    assert {link for link in links if not (folder / link).is_file()} == set()
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    assert anchors <= set(re.findall(r'id="([^"]+)"', page))
    assert "not reached for lack of time" in page
    assert "Nobody who escapes should be prosecuted" in page


def test_the_publics_archive_holds_what_the_public_may_have(
    finished: Finished, tmp_path: Path
) -> None:
    world = finished.world
    actions.draft(hearing=world.hearing, actor=world.office)
    for name in ("Open Doors", "Late Voices"):
        statement = finished.statement(name)
        statements.set_consent(statement=statement, publish=True, actor=world.office)
    unreleased = finished.statement("Late Voices")
    unreleased.release = "embargoed"
    unreleased.save()
    made = tmp_path / "public"
    export.write_folder(world.hearing, made, public=True)
    found = names(made)
    handed_in = {name for name in found if name.startswith("statements/")}
    assert found - handed_in == ALWAYS
    assert ["open-doors" in name for name in handed_in] == [True]
    assert verify.verify_export(made).holds
    everything = "".join(
        (made / name).read_text("utf-8", errors="replace") for name in found - {"hearing.toml"}
    )
    assert "@hearing.example" not in everything
    assert "Late Voices" not in everything
    assert "Speaker of" not in everything
    assert (made / "notes.jsonl").read_bytes() == b""
    actions.publish(hearing=world.hearing, actor=world.office)
    again = tmp_path / "again"
    export.write_folder(world.hearing, again, public=True)
    assert {"summary.docx", "summary.pdf"} <= names(again)


def flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.any_database
def test_one_bit_changed_in_any_file_is_found_and_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(7)
    for name in sorted(names(folder)):
        path = folder / name
        kept = path.read_bytes()
        for _time in range(25 if kept else 0):
            path.write_bytes(flipped(kept, chance))
            assert verify.main([str(folder)]) == 1, name
            said = capsys.readouterr()
            assert said.out.startswith("Broken: ")
            if name not in {"record.jsonl", "notes.jsonl", "seal.json"}:
                assert f"file {name}: it has been changed" in said.out
        path.write_bytes(kept)
    assert verify.main([str(folder), "--key", keys.fingerprint()]) == 0


@pytest.mark.any_database
def test_each_bit_of_seal_and_manifest_counts(folder: Path) -> None:
    for name in ("seal.json", "manifest.json"):
        kept = (folder / name).read_bytes()
        for at in range(0, len(kept) * 8, 1 if name == "seal.json" else 97):
            changed = bytearray(kept)
            changed[at // 8] ^= 1 << at % 8
            (folder / name).write_bytes(bytes(changed))
            assert not verify.verify_export(folder).holds, (name, at)
        (folder / name).write_bytes(kept)


def test_a_changed_entry_is_named(folder: Path) -> None:
    record = folder / "record.jsonl"
    lines = record.read_text("utf-8").splitlines(keepends=True)
    row = json.loads(lines[9])
    lines[9] = json.dumps({**row, "at": row["at"] + 1}) + "\n"
    record.write_text("".join(lines), "utf-8")
    report = verify.verify_export(folder)
    assert report.broken is not None
    assert (report.broken.seq, report.entries) == (10, 9)


def test_a_manifest_made_anew_does_not_pass_under_the_old_seal(folder: Path) -> None:
    from hashlib import sha256

    (folder / "lists.csv").write_text("other")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["lists.csv"] = sha256(b"other").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    report = verify.verify_export(folder)
    assert str(report.broken) == "file manifest.json: it has been changed"


@pytest.mark.parametrize("name", ["statements/another.pdf", "note.txt", "statements/.hidden"])
def test_a_file_that_was_added_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"never handed in")
    assert str(verify.verify_export(folder).broken) == f"file {name}: it has been added"


def test_what_a_desktop_leaves_behind_is_named_and_breaks_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "statements" / ".DS_Store").write_bytes(b"where the icons are")
    report = verify.verify_export(folder)
    assert (report.holds, report.ignored) == (True, ("statements/.DS_Store",))
    verify.main([str(folder)])
    assert "Not part of the archive: statements/.DS_Store" in capsys.readouterr().out


def test_it_verifies_where_neither_django_nor_a_database_is(folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare" / "hemicycle" / "record"
    bare.mkdir(parents=True)
    for package in (bare, bare.parent):
        (package / "__init__.py").touch()
    source = Path(verify.__file__).parents[1]
    for name in portable.MODULES:
        (bare / name).parent.mkdir(exist_ok=True)
        (bare / name).with_name("__init__.py").touch()
        shutil.copy(source / f"{name}.py", bare / f"{name}.py")
    for name in portable.BESIDE:
        (bare.parent / name).parent.mkdir(exist_ok=True)
        (bare.parent / name).with_name("__init__.py").touch()
        shutil.copy(source.parent / f"{name}.py", bare.parent / f"{name}.py")
    script = (
        "import sys; sys.modules['django'] = None; sys.path.insert(0, sys.argv[1])\n"
        "from hemicycle.record import verify\n"
        "assert verify.__file__.startswith(sys.argv[1]), verify.__file__\n"
        "sys.exit(verify.main(sys.argv[2:]))"
    )
    trusted = ("--key", keys.fingerprint())
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "bare"), str(folder), *trusted],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Verified: ")


def test_the_command_writes_a_folder_or_a_zip(
    finished: Finished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slug = finished.world.hearing.slug
    assert cli.main([slug, "--to", str(tmp_path)]) == 0
    assert verify.verify_export(tmp_path / slug).holds
    assert cli.main([slug, "--to", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert cli.main([slug, "--to", str(tmp_path), "--zip", "--public", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["key"] == keys.fingerprint()
    with zipfile.ZipFile(told["archive"]) as packed:
        assert len(packed.namelist()) == told["files"]
        packed.extractall(tmp_path / "out")
    assert verify.verify_export(tmp_path / "out" / f"{slug}-public").holds
    assert cli.main(["no-such", "--to", str(tmp_path)]) == 1
    assert f"There are: {slug}." in capsys.readouterr().err


def test_the_office_downloads_it_as_a_zip(finished: Finished, tmp_path: Path) -> None:
    building.want(finished.world.hearing, public=False)
    work_off()
    client = finished.world.client()
    response = client.get(f"/office/{finished.world.hearing.slug}/summary/archive.zip")
    content = b"".join(response)
    assert int(response["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        packed.extractall(tmp_path)
    assert verify.verify_export(tmp_path / finished.world.hearing.slug).holds


def test_erased_words_leave_the_archive_and_it_still_verifies(
    finished: Finished, tmp_path: Path
) -> None:
    from hemicycle.record import erasure

    world = finished.world
    actions.draft(hearing=world.hearing, actor=world.office)
    erasure.erase(hearing=world.hearing.id, person=finished.person.id, actor=world.office)
    made = tmp_path / "after"
    export.write_folder(world.hearing, made, public=False)
    assert verify.verify_export(made).holds
    assert not any("open-doors" in name for name in names(made))
    assert "recruitment by traffickers" not in (made / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Open Doors", "open-doors"),
        ("Société d’État / Ünïon", "societe-detat-union"),
        ("دار الأمان", ""),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "con-"),
        ("x" * 300, "x" * 60),
        ("🙂 ok", "ok"),
    ],
)
def test_names_are_safe_on_every_system(name: str, kept: str) -> None:
    assert safe(name) == kept
