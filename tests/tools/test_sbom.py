"""The bill of materials names every locked package, and advisories find the affected ones."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools.sbom import ROOT, Package, affected, bill, locked, main

if TYPE_CHECKING:
    from pathlib import Path


def advisory(name: str, ecosystem: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    kind = "SEMVER" if ecosystem == "npm" else "ECOSYSTEM"
    concerned = {
        "package": {"name": name, "ecosystem": ecosystem},
        "ranges": [{"type": kind, "events": list(events)}] if events else [],
        **more,
    }
    return {"id": "OSV-2026-1", "summary": "A fault.", "affected": [concerned]}


def found(package: Package, *known: dict[str, Any]) -> list[str]:
    return [str(finding) for finding in affected([package], list(known))]


def test_every_locked_package_is_there_once_and_the_bill_is_valid() -> None:
    packages = locked(ROOT)
    text = bill(packages)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    parts = json.loads(text)["components"]
    by_url = {part["purl"]: part for part in parts}
    assert len(by_url) == len(packages) == len(parts)
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    hls = lock["node_modules/hls.js"]["version"]
    names = {url.partition("@")[0] if "%40" not in url else url for url in by_url}
    assert {"pkg:pypi/django", "pkg:pypi/aiortc", "pkg:pypi/pytest", "pkg:npm/hls.js"} <= names
    assert by_url[f"pkg:npm/hls.js@{hls}"]["hashes"][0]["alg"] == "SHA-512"
    scopes = {part["name"]: part["scope"] for part in parts}
    assert (scopes["django"], scopes["pytest"], scopes["typescript"]) == (
        "required",
        "excluded",
        "excluded",
    )


DJANGO = Package("pypi", "django", "6.1.2")


@pytest.mark.parametrize(
    ("events", "concerned"),
    [
        (({"introduced": "0"}, {"fixed": "6.1.3"}), True),
        (({"introduced": "0"}, {"fixed": "6.1.2"}), False),
        (({"introduced": "6.1rc1"}, {"last_affected": "6.1.2"}), True),
        (({"introduced": "0"}, {"last_affected": "6.1.1"}), False),
        (({"introduced": "0"}, {"fixed": "5"}, {"introduced": "6.1"}, {"fixed": "6.1.10"}), True),
        (({"introduced": "6.1.3"},), False),
    ],
)
def test_a_range_is_read_in_the_order_of_versions(
    events: tuple[dict[str, str], ...], concerned: bool
) -> None:
    told = found(DJANGO, advisory("Django", "PyPI", *reversed(events)))
    assert told == (["django 6.1.2: OSV-2026-1 A fault."] if concerned else [])


def test_names_ecosystems_and_withdrawals_count() -> None:
    every = {"introduced": "0"}
    other = Package("npm", "@scope/django", "1.2.3-rc.1", for_developers=True)
    assert found(DJANGO, advisory("django", "npm", every)) == []
    assert found(DJANGO, advisory("django-extra", "PyPI", every)) == []
    assert found(DJANGO, advisory("django", "PyPI", every) | {"withdrawn": "2026-01-01"}) == []
    assert found(DJANGO, advisory("django", "PyPI", versions=["6.1.2"])) != []
    assert found(other, advisory("@scope/django", "npm", every, {"fixed": "1.2.3"})) == [
        "@scope/django 1.2.3-rc.1 (developers only): OSV-2026-1 A fault."
    ]


def test_the_command_compares_what_a_file_or_an_archive_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps(advisory("uvicorn", "PyPI", {"introduced": "0"})))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(file, "one.json")
    for path in (file, tmp_path / "all.zip", tmp_path):
        assert main(["--advisories", str(path)]) == 1
        assert "OSV-2026-1 A fault." in capsys.readouterr().out
    file.write_text(json.dumps([advisory("uvicorn", "PyPI", {"introduced": "99"})]))
    assert main(["--advisories", str(file), "--output", str(tmp_path / "bill.json")]) == 0
    assert json.loads((tmp_path / "bill.json").read_text())["bomFormat"] == "CycloneDX"
